"""Worries at the desk: what a lead does about what somebody near a household saw, by the rules of the phone (pwa/pages/worries.js)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server import access, arrivals, bodies, changes, db, errands, news, operations, people, sessions
from sync import clock, rules

if TYPE_CHECKING:
    from litestar.datastructures import FormMultiDict

    from server.access import Me
    from server.arrivals import Arrival
    from server.db import Tx
    from server.entries import Teller

STEPS = ("taken_up", "advice", "closed")
TEXT_MAX = 2000
FORM = {
    "op": operations.pattern(people.ID), "step": {"enum": [*STEPS]}, "agreed": operations.TEXT, "text": {"type": "string", "maxLength": TEXT_MAX},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """One step as it was sent, and the name of the message that says what is wrong with it."""

    op: str
    step: str
    text: str
    agreed: bool
    wrong: str


def sent(form: FormMultiDict) -> Sent:
    """What stands in the form; a step that is none, or no id, was never on the page."""
    op, step = (str(form.get(name, "")) for name in ("op", "step"))
    if not people.ID.fullmatch(op) or step not in STEPS:
        raise bodies.refused(400, "invalid", ("step" if people.ID.fullmatch(op) else "op", "not_allowed"))
    text = str(form.get("text", "")).replace("\r\n", "\n").strip()
    return Sent(op, step, text, bool(form.get("agreed")), _wrong(step, text))


async def acknowledge(me: Me, record: str, step: Sent) -> None:
    """Writes this step with a worry of mine, once however often it is sent; nothing while something is wrong with it."""

    async def find(tx: Tx) -> Arrival | None:
        found = await arrivals.come_in(tx, me, await access.opened(tx, me.person, at), at)
        return next((one for one in found if one.record["id"] == record and one.record["kind"] == "worry"), None)

    at = sessions.now()
    one = await db.read(find)
    if one is None:
        raise bodies.refused(404, "not_found")
    if not step.wrong:
        change = _change(me, one, step, at)
        await db.write(lambda tx: changes.apply(tx, [change], me, now=at, source="page"))
        news.look()


def shown(teller: Teller, one: Arrival, step: Sent | None, action: str) -> dict[str, Any]:
    """What was done about it and the form for the next step; nothing of what is no worry."""
    if one.record["kind"] != "worry":
        return {}
    kept = step if step and step.wrong else None
    return {
        "action": action,
        "steps": teller.steps(one),
        "closed": not one.worrying,
        "taken": bool(one.parts),
        "hears": bool(one.record["fields"].get("volunteer")),
        "op": kept.op if kept else clock.uuid7(teller.now, secrets.token_hex(10)),
        "text": kept.text if kept else "",
        "agreed": bool(kept and kept.agreed),
        "errors": [{"field": "text", "message": teller.speaker.say(kept.wrong)}] if kept else [],
        "saved": bool(step and not step.wrong),
    }


def _change(me: Me, one: Arrival, step: Sent, at: int) -> dict[str, Any]:
    fields = {"worry": one.record["id"], "step": step.step, "at": at} | ({"text": step.text} if step.text else {})
    agreed = {"agreed": True} if step.text and step.agreed else {}
    what = {"kind": "acknowledgement", "subject": one.record["subject"], "topic": "practical"}
    ids = (errands.derived(step.op, f"acknowledgement {step.op} {me.person}"), step.op)
    return changes.make(arrivals.mine(me, one), what, fields | agreed, ids=ids, stamp=clock.tick(None, at, me.device), n=1)


def _wrong(step: str, text: str) -> str:
    """The message of why this is no answer, or ''."""
    if rules.NOT_TEXT.search(text):
        return "wrong.bad_text"
    if len(text) > TEXT_MAX:
        return "wrong.too_long"
    return "worry.words" if step == "advice" and not text else ""
