"""Tasks in volunteers' hands: the office makes of a task what its volunteer may hold, and of their answers what the household's team reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from server import access, addresses, changes, errands
from sync import merge

if TYPE_CHECKING:
    from server.access import Hat
    from server.changes import Batch, Result
    from server.db import Tx
    from server.errands import Errand

TOLD = ("what", "instructions", "call", "call_phone", *errands.WHEN)
COMPLETIONS = ("done", "could_not")


async def said(_tx: Tx, _batch: Batch, _change: dict[str, Any], _hat: Hat) -> Result | None:
    """Whoever may write here may write this."""
    return None


async def assign(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a task: whoever was asked to do it, and nobody else, holds what there is to do."""
    if "volunteer" not in record["fields"]:
        return
    fields = merge.shown(record)["fields"]
    await _hand_over(tx, record, fields, fields.get("volunteer") or "", batch.now)
    await _reopen(tx, batch)


async def _hand_over(tx: Tx, record: dict[str, Any], fields: dict[str, Any], hat: str, now: int) -> None:
    await tx.run("UPDATE errand SET closed = 1 WHERE task = $1 AND hat <> $2 AND closed = 0", record["id"], hat)
    if not await tx.one("SELECT id FROM membership WHERE id = $1 AND role = 'volunteer'", hat):
        return
    household, key = record["subject"].removeprefix("household:"), errands.key_of(record["id"], hat)
    await tx.run(
        "INSERT INTO errand (id, task, hat, household, resident, rule, accepted, closed) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)"
        " ON CONFLICT (id) DO UPDATE SET resident = excluded.resident, rule = excluded.rule, closed = 0",
        *(key, record["id"], hat, household, fields.get("resident"), json.dumps(errands.rule_of(fields))),
    )
    errand = await errands.find(tx, key)
    if errand:
        told = {name: fields.get(name) for name in TOLD}
        await addresses.by_office(tx, "errand", f"errand:{key}", errands.derived(key, f"told {key}"), told, now)
        await addresses.write(tx, errand, now)
        await _asking(tx, errand, {}, now)


async def hear(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a volunteer's answer the household's own records say it: yes or no to the asking, what was done, and what worries them."""
    errand = await errands.find(tx, record["subject"].removeprefix("errand:"))
    if errand is None:
        return
    fields = merge.shown(record)["fields"]
    if fields["answer"] in COMPLETIONS:
        await _complete(tx, errand, record["id"], fields, batch.now)
    elif fields["answer"] == "worried":
        await _worry(tx, errand, record["id"], fields, batch.now)
    elif fields.get("undone") is not True:
        await _agree(tx, errand, fields, batch.now)
    await _reopen(tx, batch)


async def answer_worry(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After an acknowledgement the volunteer who worried hears of it; what it says they hear only when the resident agreed to that."""
    fields = merge.shown(record)["fields"]
    worry = await _read(tx, fields["worry"], "worry", record["subject"])
    if worry and worry.get("volunteer") and worry.get("task") and worry.get("answer"):
        key = errands.key_of(worry["task"], worry["volunteer"])
        text = fields.get("text") if fields.get("agreed") is True else None
        told = {"to": worry["answer"], "step": fields["step"], "text": text, "at": batch.now}
        await _reply(tx, key, record["id"], told, batch.now)


async def _complete(tx: Tx, errand: Errand, answer: str, fields: dict[str, Any], now: int) -> None:
    told = {"task": errand.task, "outcome": fields["answer"], "volunteer": errand.hat, **_some(fields, "day", "text", "at", "undone")}
    await addresses.by_office(tx, "completion", f"household:{errand.household}", errands.derived(answer, f"completion {answer}"), told, now)


async def _worry(tx: Tx, errand: Errand, answer: str, fields: dict[str, Any], now: int) -> None:
    task = await _read(tx, errand.task, "task", f"household:{errand.household}") or {}
    told = {"text": fields.get("text") or "…", "task": errand.task, "volunteer": errand.hat, "answer": answer}
    told |= _some(fields, "day", "at") | _some(task, "visit")
    await addresses.by_office(tx, "worry", f"household:{errand.household}", errands.derived(answer, f"worry {answer}"), told, now)
    await _reply(tx, errand.id, answer, {"to": answer, "step": "received", "at": now}, now)


async def _agree(tx: Tx, errand: Errand, fields: dict[str, Any], now: int) -> None:
    """Who says no has nothing more of it on their phone, and the task is free; who then says yes after all has it, unless somebody else was asked."""
    yes, home = fields["answer"] == "accepted", f"household:{errand.household}"
    await _asking(tx, errand, {"answer": "yes" if yes else "no", "answered_at": fields.get("at") or now}, now)
    asked = (await _read(tx, errand.task, "task", home) or {}).get("volunteer")
    if asked in {None, errand.hat}:
        await addresses.by_office(tx, "task", home, errand.task, {"volunteer": errand.hat if yes else None}, now)
        await tx.run("UPDATE errand SET accepted = $1 WHERE id = $2", int(yes), errand.id)


async def _asking(tx: Tx, errand: Errand, answer: dict[str, Any], now: int) -> None:
    told = {"plan": errand.task, "outcome": "asked", "volunteer": errand.hat, "way": "app", "at": now, **answer}
    await addresses.by_office(tx, "asking", f"household:{errand.household}", errands.derived(errand.id, f"asking {errand.id}"), told, now)


async def _reply(tx: Tx, errand: str, of: str, told: dict[str, Any], now: int) -> None:
    await addresses.by_office(tx, "reply", f"errand:{errand}", errands.derived(of, f"reply {of}"), _some(told, *told), now)


async def _read(tx: Tx, key: str, kind: str, subject: str) -> dict[str, Any] | None:
    """What a record says now, when it is of this kind and about this."""
    row = await tx.one("SELECT body FROM record WHERE id = $1 AND kind = $2 AND subject = $3", key, kind, subject)
    return dict(merge.shown(json.loads(row[0]))["fields"]) if row else None


async def _reopen(tx: Tx, batch: Batch) -> None:
    """Whoever writes may be the volunteer themselves."""
    batch.opened = await access.opened(tx, batch.me.person, batch.now)
    batch.reopened = True


def _some(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: fields[name] for name in names if fields.get(name) is not None}


changes.HOOKS["task"] = (said, assign)
changes.HOOKS["answer"] = (said, hear)
changes.HOOKS["acknowledgement"] = (said, answer_worry)
