"""Bugs in the phone, as data for tests/planted.py."""

from __future__ import annotations

from tests.planted_office import Bug

PHONE = [
    # Who reads along, as the phone tells it
    Bug(
        "the phone tells that a lead reads what was said of safety to one of the team", "pwa/pages/access.js",
        " || topic === 'safety') return false", ") return false",
        "tests/phone/readers.test.js",
    ),
    Bug(
        "the phone tells that a team reads which is there by a resident's word only", "pwa/pages/statements.js",
        "  for (const team of mine) here.delete(team);\n", "  for (const team of mine) here.add(team);\n",
        "tests/phone/consents.test.js",
    ),
    # Behind a second look
    Bug(
        "the code of a key safe is shown to whoever holds the phone", "pwa/pages/veil.js",
        "  if (!env.phone.verified()) return {open: false, code: '', also: []};\n", "",
        "tests/phone/veil.test.js",
    ),
    Bug(
        "the code of a key safe stands in the form in which it is changed", "pwa/pages/page.js",
        "    delete one.fields[name];\n", "",
        "tests/phone/veil.test.js",
    ),
    Bug(
        "what a second look showed stays on the screen", "pwa/phone.js",
        "    this.env.sleep(VERIFIED_MS).then(() => { if (this.verifiedAt === at) this.veil(); });\n", "",
        "tests/phone/veil.test.js",
    ),
    # What is written on the phone
    Bug(
        "the same form sent twice is two effects", "pwa/outbox.js",
        "if (before.length) return {changes: before, again: true};", "",
        "tests/phone/outbox.test.js",
    ),
    Bug(
        "two tabs give out the same number", "pwa/outbox.js",
        "const when = [['meta', 'clock', 't', at.t]];", "const when = [];",
        "tests/phone/outbox.test.js",
    ),
    Bug(
        "a draft stays behind after it was sent", "pwa/outbox.js",
        "const drop = draft ? ", "const drop = false ? ",
        "tests/phone/outbox.test.js",
    ),
    Bug(
        "what waited for thirty days is let go unsent", "pwa/outbox.js",
        "['outbox', {only: RECEIVED}, 'r', SETTLE]", "['outbox', undefined, undefined, SETTLE]",
        "tests/phone/outbox.test.js",
    ),
    Bug(
        "a change without an answer counts as received", "pwa/outbox.js",
        "const r = ANSWER[result?.is];", "const r = ANSWER[result?.is] ?? RECEIVED;",
        "tests/phone/outbox.test.js",
    ),
    Bug(
        "after a restore nothing is offered again", "pwa/exchange.js",
        "step.put.push(...put, ['meta'", "step.put.push(['meta'",
        "tests/phone/exchange.test.js",
    ),
    Bug(
        "a revoked phone erases itself before everything is handed in", "pwa/exchange.js",
        "if (!sent.length) throw new Trouble('revoked');", "throw new Trouble('revoked');",
        "tests/phone/exchange.test.js",
    ),
    Bug(
        "a revoked phone that is locked erases what never was sealed", "pwa/delivery.js",
        "if (revoked && taken.every(Boolean) && waits.every((row) => 'h' in row)) await", "if (revoked) await",
        "tests/phone/delivery.test.js",
    ),
    Bug(
        "a revoked phone has the browser forget another's beside it", "pwa/delivery.js",
        "const alone = !await", "const alone = true || !await",
        "tests/phone/delivery.test.js",
    ),
    Bug(
        "what the office could not open counts as handed in", "pwa/delivery.js",
        "store.put(taken ? {...bare, h: null} : bare);", "store.put({...bare, h: null});",
        "tests/phone/delivery.test.js",
    ),
    Bug(
        "a phone does not say that it has erased", "pwa/exchange.js",
        "if (gone.length) this.again = true;", "",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "what is no longer entitled stays on the disk", "pwa/exchange.js",
        "step.drop.push(...erasing.drop);", "",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "a tab that came too late moves the cursor back", "pwa/exchange.js",
        ", when: [['meta', 'cursor', 't', at.t]]};", "};",
        "tests/phone/exchange.test.js",
    ),
    Bug(
        "the log of what was read goes up with every sync", "pwa/exchange.js",
        "drop: read.drop", "drop: []",
        "tests/phone/exchange.test.js",
    ),
    Bug(
        "what is on its way goes up once more", "pwa/exchange.js",
        "BYTES, sent.at(-1).row.n)", "BYTES)",
        "tests/phone/pushing.test.js",
    ),
    Bug(
        "a request that follows stands where the one before it stood", "pwa/exchange.js",
        "at: {...at, t: (at.t ?? 0) + 1, epoch, cursor}", "at",
        "tests/phone/pushing.test.js",
    ),
    Bug(
        "a wrong clock stays wrong", "pwa/exchange.js",
        "    await this.correct(answer.ahead);\n", "",
        "tests/phone/exchange.test.js",
    ),
    Bug(
        "a revoked phone stops before everything is handed in", "pwa/exchange.js",
        "if (!sent.length) throw new Trouble('revoked');", "throw new Trouble('revoked');",
        "tests/phone/exchange.test.js",
    ),
    Bug(
        "leaving a device drops what was never sent", "pwa/phone.js",
        "if (!unsent && await outbox.count())", "if (false)",
        "tests/phone/outbox.test.js",
    ),
    # What lies on the phone
    Bug(
        "a step may be lost in a power cut", "pwa/store.js",
        "{durability: 'strict'}", "{durability: 'relaxed'}",
        "tests/phone/store.test.js",
    ),
    Bug(
        "half a step is written", "pwa/store.js",
        "        transaction.abort();\n", "",
        "tests/phone/store.test.js",
    ),
    Bug(
        "a step whose ground has moved is written all the same", "pwa/store.js",
        "if (!holds) return;", "",
        "tests/phone/store.test.js",
    ),
    Bug(
        "another tab does not notice a step", "pwa/store.js",
        "          turn(transaction);\n", "",
        "tests/phone/store.test.js",
    ),
    Bug(
        "a sealed row is not bound to its place", "pwa/vault.js",
        "{name: 'AES-GCM', iv, additionalData: utf8.encode(aad)}", "{name: 'AES-GCM', iv}",
        "tests/phone/vault.test.js",
    ),
    Bug(
        "a sealed row is not bound to its version", "pwa/shelf.js",
        "return JSON.stringify([label, id, version, FORMAT]);", "return JSON.stringify([label, id, FORMAT]);",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "a nonce is used twice", "pwa/vault.js",
        "    const iv = this.random(IV);\n    return join", "    const iv = new Uint8Array(IV);\n    return join",
        "tests/phone/vault.test.js",
    ),
    Bug(
        "a locked vault keeps its key", "pwa/vault.js",
        "    const open = this.opened();\n    this.root = null;\n", "    const open = this.opened();\n",
        "tests/phone/vault.test.js",
    ),
    Bug("a vault that locks leaves its keys lying in memory", "pwa/vault.js", "    if (open) this.sweep();\n", "", "tests/phone/vault.test.js"),
    Bug(
        "who comes too late opens a phone that should be locked", "pwa/idle.js",
        "if (!this.due()) this.touched", "if (true) this.touched",
        "tests/phone/idle.test.js",
    ),
    Bug(
        "a clock that is put back keeps a phone open", "pwa/idle.js",
        "if (at.now < this.last.now - BACK_MS) return 0;", "",
        "tests/phone/idle.test.js",
    ),
    Bug(
        "a phone out of touch goes on showing what it holds", "pwa/routes.js",
        "if (env.phone.lapsed() && (", "if (false && (",
        "tests/phone/lease.test.js",
    ),
    Bug(
        "a clock put back gives a lease more days", "pwa/phone.js",
        "used: Math.max(slot.used, this.env.now())", "used: this.env.now()",
        "tests/phone/lease.test.js",
    ),
    Bug(
        "a period that ended is still shown", "pwa/shelf.js",
        "return state !== undefined || rules.may_hold(", "return true || rules.may_hold(",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "what I wrote goes with a withdrawal", "pwa/shelf.js",
        "filter((record) => this.isMine(record, mine))", "filter(() => false)",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "what I wrote again goes with a withdrawal, and what I wrote first comes back", "pwa/shelf.js",
        "if (this.isMine(record, mine)) newest(kept, record);\n", "if (false) newest(kept, record);\n",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "yesterday's list is shown today", "pwa/shelf.js",
        "if (this.firstSeen.day === day &&", "if (this.firstSeen.day &&",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "an unsent edit counts as a version of the office", "pwa/shelf.js",
        "made.version = row.r === RECEIVED ? version : base?.version ?? 0;", "made.version = version;",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "a change that came back is laid over its record for ever", "pwa/shelf.js",
        "return base ? row.r !== RETURNED : change.seen === 0;", "return true;",
        "tests/phone/shelf.test.js",
    ),
    Bug(
        "the worker keeps more than the shell", "pwa/sw.js",
        "} else if (files.includes(pathname) || later.includes(pathname)) {", "} else {",
        "tests/phone/sw.test.js",
    ),
    Bug(
        "a new version comes without the pages that come later", "pwa/sw.js",
        "self.registration.active ? [...files, ...later] : files", "files",
        "tests/phone/sw.test.js",
    ),
    Bug(
        "an old shell is never cleared away", "pwa/sw.js",
        "name.startsWith('shell-') && name !== NAME", "false",
        "tests/phone/sw.test.js",
    ),
    Bug(
        "the worker keeps a file in which somebody changed a byte", "pwa/sw.js",
        "{integrity: digests[path]}", "{integrity: ''}",
        "tests/phone/sw.test.js",
    ),
    Bug(
        "the worker answers another site's request", "pwa/sw.js",
        "request.method !== 'GET' || origin !== self.location.origin", "request.method !== 'GET'",
        "tests/phone/sw.test.js",
    ),
]
