"""Hands: in whose hands a task was, one after the other, since when and through whom, as one sentence on its page on the phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, audit, bodies, db, operations, records, render, retold, sessions
from sync import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.i18n import Speaker
    from server.records import Shown
    from server.retold import Step

# Who does a task, the nearest first: as the phone says it (pwa/pages/task_rows.js).
DOERS = ("volunteer", "helper", "owner")


@dataclass(frozen=True, slots=True)
class Hand:
    """Who had a task from a moment on (a hat or a helper, '' is whoever can), and the hat through which that came."""

    who: str
    at: int
    by: str
    role: str


def hands(steps: Iterable[Step]) -> list[Hand]:
    """One after the other, from the first on; what else was changed is no change of hands."""
    found: list[Hand] = []
    for step in steps:
        who = next((str(step.fields[name]) for name in DOERS if step.fields.get(name)), "")
        if not found or found[-1].who != who:
            found.append(Hand(who, step.at, step.by, step.role))
    return found


@get("/hands/{record:str}", operation_class=operations.page(401, 404, ok=(200,)))
async def hands_page(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """Of a task that changed hands, the line of them; nothing of one that did not."""
    me, at = await sessions.need(request), sessions.now()
    found = await db.read(lambda tx: _found(tx, me, record, at)) if rules.ID.fullmatch(record) else None
    if found is None:
        raise bodies.refused(404, "not_found")
    line, known, row = found
    await db.write(lambda tx: audit.note(tx, [row]))
    speaker = await sessions.speaker_of(request)
    return render.page("hand_line.html", speaker, hands=_said(speaker, line, known))


routes = [hands_page]


async def _found(tx: Tx, me: Me, record: str, at: int) -> tuple[list[Hand], dict[str, Shown], dict[str, Any]] | None:
    opened = await access.opened(tx, me.person, at)
    task = (await records.find(tx, me, opened, [record])).get(record)
    if task is None or task["kind"] != "task":
        return None
    line = hands((await retold.find(tx, [record])).get(record, []))
    known = await records.find(tx, me, opened, {name for hand in line for name in (hand.who, hand.by)})
    return line, known, _row(me, opened, task, at)


def _row(me: Me, opened: dict[Pair, Opened], task: Shown, at: int) -> dict[str, Any]:
    """That I saw it, to the log; once an hour a session and version."""
    why, key = opened.get((task["subject"], task["topic"])), audit.hourly(at, me.session, "hands", task["id"], task["version"])
    about = {"subject": task["subject"], "topic": task["topic"], "kind": "task", "object": task["id"], "n": 1}
    ground = why.ground if why else "author"
    return audit.row(me, why.hat if why else None, at, "read", id=key, **about, ground=ground, source="page", result="ok")


def _said(speaker: Speaker, line: list[Hand], known: dict[str, Shown]) -> str:
    if len(line) < 2:  # noqa: PLR2004 - one pair of hands, or none
        return ""
    first, *rest = line
    said = [speaker.say("hands.first", name=_name(speaker, first.who, known))]
    for one in rest:
        key = "hands.then" if one.role == "office" or one.by == one.who else "hands.through"
        date = speaker.date(access.day_of(one.at))
        said.append(speaker.say(key, date=date, name=_name(speaker, one.who, known), by=_name(speaker, one.by, known)))
    return f"{', '.join(said)}."


def _name(speaker: Speaker, key: str, known: dict[str, Shown]) -> str:
    if not key:
        return speaker.say("task.anybody")
    return str(known[key]["fields"]["name"]) if key in known else speaker.say("review.unknown")
