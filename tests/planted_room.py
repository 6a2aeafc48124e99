"""Bugs in making room on a full phone, as data for tests/planted.py."""

from __future__ import annotations

from tests.planted_office import Bug

ROOM = [
    Bug(
        "a full phone drops the newest first", "pwa/oldest.js",
        "(a.age < b.age ? -1 : 1)", "(a.age < b.age ? 1 : -1)",
        "tests/phone/room.test.js",
    ),
    Bug(
        "a full phone drops what was never sent", "pwa/oldest.js",
        "return row.r === RECEIVED && at <", "return at <",
        "tests/phone/room.test.js",
    ),
    Bug(
        "a full phone drops what an unsent change lies on", "pwa/oldest.js",
        "!ids.some((id) => mine.has(id))", "true",
        "tests/phone/room.test.js",
    ),
    Bug(
        "a pair that made way still counts as whole", "pwa/room.js",
        "[...drop, ['filled', {only: p}]]", "drop",
        "tests/phone/room.test.js",
    ),
    Bug(
        "a pair of which a part made way while it came in counts as whole", "pwa/history.js",
        "    when.push(...begun.get(p));\n", "",
        "tests/phone/room.test.js",
    ),
    Bug(
        "a full phone fetches at once what it dropped", "pwa/room.js",
        "return short === this.env.today() ? 'waits' : 'short';", "return 'short';",
        "tests/phone/room.test.js",
    ),
    Bug(
        "a full phone drops more and more for nothing", "pwa/room.js",
        "    this.restsUntil = this.env.now() + REST_MS;\n", "",
        "tests/phone/room.test.js",
    ),
    Bug(
        "what I wrote of a pair that made way does not come back when it closes", "pwa/shelf.js",
        "!found[3 * n + 2].some(({short}) => !short)", "!found[3 * n + 2].length",
        "tests/phone/room.test.js",
    ),
    Bug(
        "what was kept free for a full phone is not kept free once more", "pwa/room.js",
        "    await this.kept();\n", "",
        "tests/phone/reserve.test.js",
    ),
]
