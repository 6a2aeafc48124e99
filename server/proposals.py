"""Proposals: what one lead may not do alone. It happens when a second lead of the team says yes within a day, and never by a word of who asked it or
of who gets it; each step is in the log. Which acts these are, the nouns say in ACTS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import access, audit, bodies, db, openings, operations, render, sessions

if TYPE_CHECKING:
    from server.access import Hat, Me
    from server.db import Tx
    from server.i18n import Speaker

OPEN_MS = 24 * 60 * 60 * 1000
SHOWN_MS = 30 * OPEN_MS
SHOWN_MAX = 200
ID = re.compile(r"[0-9a-f-]{36}")
COLUMNS = (
    "q.id, q.act, q.team, q.by, b.name, q.whom, q.told, q.at, q.ends_at, q.answer, a.name, q.answered_at"
    " FROM proposal q JOIN person b ON b.id = q.by LEFT JOIN person a ON a.id = q.answered_by"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was asked, by whom and for whom, until when it can be answered, and the answer."""

    id: str
    act: str
    team: str
    by: str
    by_name: str
    whom: str
    told: dict[str, str]
    at: int
    ends_at: int
    answer: str | None
    answered_by: str | None
    answered_at: int | None


# What happens after a second yes.
Act = Callable[["Tx", Proposal, int], Awaitable[None]]
ACTS: dict[str, Act] = {}


async def propose(tx: Tx, me: Me, hat: Hat, act: str, whom: str, told: dict[str, str], now: int) -> bool:
    """Asks this under the id of whom it is about, once however often it is sent; False when the team has nobody else who could say yes."""
    if not await _leads(tx, hat.team, {me.person, whom}, now):
        return False
    asked = await tx.run(
        "INSERT INTO proposal (id, act, team, by, whom, told, at, ends_at) VALUES ($1, $2, $3, $4, $1, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        *(whom, act, hat.team, me.person, json.dumps(told), now, now + OPEN_MS),
    )
    if asked:
        await audit.note(tx, [audit.row(me, hat, now, "proposed", kind=act, object=whom, source="page", result="ok")])
    return True


async def answer(tx: Tx, me: Me, key: str, said: str, now: int) -> tuple[Proposal, str] | None:
    """(the proposal, '' or why it may not be answered like this); None when there is none of that name for me. Of two at once the first counts."""
    one = await _find(tx, me, key)
    if one is None:
        return None
    if wrong := await _wrong(tx, me, one, said, now):
        return one, wrong
    sql = "UPDATE proposal SET answer = $1, answered_by = $2, answered_at = $3 WHERE id = $4 AND answer IS NULL"
    if await tx.run(sql, said, me.person, now, key) != 1:
        return await _find(tx, me, key) or one, "settled"
    if said == "yes":
        await ACTS[one.act](tx, one, now)
    await audit.note(tx, [audit.row(me, _hat(me, one.team), now, f"proposal_{said}", kind=one.act, object=one.whom, source="page", result="ok")])
    return one, ""


async def waiting(tx: Tx, me: Me, now: int) -> int:
    """How many of my teams' proposals can still be answered."""
    sql = f"SELECT count(*) FROM proposal WHERE {db.among('team', 1)} AND answer IS NULL AND ends_at > $2"  # noqa: S608  our own SQL
    row = await tx.one(sql, list(_teams(me)), now)
    return int(row[0]) if row else 0


@get("/people/proposals", operation_class=operations.page(404))
async def proposals_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What waits for a second lead in my teams, and what became of what was asked lately."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    return await _page(request, await _need(request))


@post("/people/proposals/{proposal:str}/confirmation", status_code=200, operation_class=operations.act(401, 404, 409, ok=200))
async def confirm(request: Request[Any, Any, Any], proposal: FromPath[str]) -> Response[Any]:
    """Yes: it happens."""
    return await _answered(request, proposal, "yes")


@post("/people/proposals/{proposal:str}/refusal", status_code=200, operation_class=operations.act(401, 404, 409, ok=200))
async def refuse(request: Request[Any, Any, Any], proposal: FromPath[str]) -> Response[Any]:
    """No, also by who asked it: nothing happens."""
    return await _answered(request, proposal, "no")


routes = [proposals_page, confirm, refuse]


async def _answered(request: Request[Any, Any, Any], key: str, said: str) -> Response[Any]:
    me = await _need(request)
    found = await db.write(lambda tx: answer(tx, me, key, said, sessions.now())) if ID.fullmatch(key) else None
    if found is None:
        raise bodies.refused(404, "not_found")
    return await _page(request, me, answered=(*found, said))


async def _need(request: Request[Any, Any, Any]) -> Me:
    me = await openings.need(request)
    if not _teams(me):
        raise bodies.refused(404, "not_found")
    return me


async def _wrong(tx: Tx, me: Me, one: Proposal, said: str, now: int) -> str:
    if one.answer:
        return "settled"
    if one.ends_at <= now:
        return "late"
    if said == "yes" and me.person in {one.by, one.whom}:
        return "own"
    # Whoever asked it leads this team no more: then it is nobody's wish.
    return "left" if said == "yes" and one.by not in await _leads(tx, one.team, set(), now) else ""


async def _leads(tx: Tx, team: str, but: set[str], now: int) -> set[str]:
    """Who leads a team today, without these."""
    rows = await tx.all(
        "SELECT m.person FROM membership m JOIN person p ON p.id = m.person WHERE m.team = $1 AND m.role = 'lead' AND p.left_at IS NULL"
        " AND m.since <= $2 AND (m.until IS NULL OR m.until >= $2)",
        *(team, access.day_of(now)),
    )
    return {person for (person,) in rows} - but


async def _find(tx: Tx, me: Me, key: str) -> Proposal | None:
    row = await tx.one(f"SELECT {COLUMNS} WHERE q.id = $1 AND {db.among('q.team', 2)}", key, list(_teams(me)))
    return _made(row) if row else None


def _made(row: tuple[Any, ...]) -> Proposal:
    key, act, team, by, by_name, whom, told, *rest = row
    return Proposal(key, act, team, by, by_name, whom, json.loads(told), *rest)


def _teams(me: Me) -> dict[str, str]:
    """Team -> its name, of those that I lead."""
    return {hat.team: hat.team_name for hat in me.hats if hat.role == "lead"}


def _hat(me: Me, team: str) -> Hat | None:
    return next((hat for hat in me.hats if hat.role == "lead" and hat.team == team), None)


async def _page(request: Request[Any, Any, Any], me: Me, answered: tuple[Proposal, str, str] | None = None) -> Response[Any]:
    speaker, now = await sessions.speaker_of(request), sessions.now()
    sql = f"SELECT {COLUMNS} WHERE {db.among('q.team', 1)} AND q.at > $2 ORDER BY q.at DESC, q.id LIMIT $3"
    found = [_made(row) for row in await db.read(lambda tx: tx.all(sql, list(_teams(me)), now - SHOWN_MS, SHOWN_MAX))]
    open_ = [one for one in found if not one.answer and one.ends_at > now]
    done, wrong = "", ""
    if answered:
        one, why, said = answered
        key = f"settled.{one.answer}" if why == "settled" else why
        wrong = speaker.say(f"proposal.wrong.{key}", by=one.answered_by or "") if why else ""
        done = "" if why else speaker.say(f"proposal.done.{said}", name=one.told["name"])
    return render.page(
        "proposals.html",
        speaker,
        status=409 if wrong else 200,
        here="people",
        done=done,
        wrong=wrong,
        waiting=[_shown(speaker, me, one, now) for one in open_],
        past=[_shown(speaker, me, one, now) for one in found if one not in open_],
    )


def _shown(speaker: Speaker, me: Me, one: Proposal, now: int) -> dict[str, Any]:
    state = f"state.{one.answer or 'late'}"
    return {
        "id": one.id,
        "name": one.told["name"],
        "title": speaker.say(f"proposal.act.{one.act}", name=one.told["name"], team=_teams(me)[one.team]),
        "asked": speaker.say("proposal.asked", by=one.by_name, when=speaker.when(one.at, now), until=speaker.when(one.ends_at, now)),
        "mine": me.person in {one.by, one.whom},
        "state": speaker.say(f"proposal.{state}", by=one.answered_by or "", when=speaker.when(one.answered_at or one.ends_at, now)),
    }
