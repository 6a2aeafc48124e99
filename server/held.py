"""Held work: what a lead does with each change that was held: into the file, back to its author with a question, or aside with a reason.

What a lead may see and take is said in custody.py. A decision is made once, on the page as it was shown (`upto`): whoever taps twice, or comes
after another lead, is told what was decided before, and nothing happens again.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import access, audit, bodies, changes, custody, db, inbox, news, openings, operations, people, sessions
from sync import clock, rules

if TYPE_CHECKING:
    from server.access import Me
    from server.custody import Bundle, Decided, Held
    from server.db import Tx

TEXT_MAX = 1000
NUMBER = re.compile(r"[0-9]{1,18}")
FORM = {"upto": operations.pattern(NUMBER), "text": operations.TEXT}
LOGGED = {"returned": "returned", "kept": "kept_aside"}
# A front door is taken in before who lives there, and both before what was seen there.
ORDER = {"household": 0, "resident": 1}


@dataclass(slots=True)
class Outcome:
    """What came of a decision: how many changes it touched, why the file did not take some, how many stay held; `before`: it had been decided."""

    touched: int = 0
    refused: list[str] = field(default_factory=list)
    left: int = 0
    before: Decided | None = None


async def take(tx: Tx, me: Me, bundle: Bundle, upto: int, at: int) -> Outcome:
    """Takes into the file what I may of it; each change as it was written, under its author's name, role, organisation, device and time."""
    parts = sorted((one for one in bundle.takes if one.last <= upto), key=lambda one: (ORDER.get(one.change["kind"], 2), one.change["n"]))
    numbers, outcome = await db.number(tx, 2 * len(bundle.all)), Outcome(left=len(bundle.all))
    for i, one in enumerate(parts):
        opened = await access.opened(tx, me.person, at) | ({one.pair: one.ground} if one.ground else {})
        by = replace(me, hats=(one.hat,))
        (result,) = await changes.take_in(tx, [one.change], by, custody.author(one), opened, now=at, numbers=numbers + i)
        if result.is_ == "held":
            continue
        outcome.left -= 1
        if result.is_ == "refused":
            outcome.refused.append(result.reason or "shape")
        else:
            outcome.touched += 1
        what = "returned" if result.is_ == "refused" else "taken"
        await _decide(tx, me, one, what, "", seq=numbers + len(bundle.all) + i, at=at)
    return outcome


async def put(tx: Tx, me: Me, bundle: Bundle, upto: int, what: str, text: str, at: int) -> Outcome:
    """Sends it back to its author with this question (`returned`), or keeps it aside for this reason (`kept`)."""
    parts = [one for one in bundle.all if one.last <= upto]
    numbers = await db.number(tx, len(parts) or 1)
    for i, one in enumerate(parts):
        if what == "returned":
            await tx.run("UPDATE change SET is_ = 'refused', reason = 'returned', seq = NULL WHERE id = $1", one.id)
        await _decide(tx, me, one, what, text, seq=numbers + i, at=at)
        more = {"responsible": one.person, "ground": "custody", "source": "page", "result": one.reason}
        await audit.note(tx, [audit.row(me, one.hat, at, LOGGED[what], **_about(one), **more)])
    return Outcome(touched=len(parts), left=len(bundle.all) - len(parts))


@get("/held", operation_class=operations.page(404))
async def held_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What waits for me, oldest first, and below it what was kept aside."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    return await inbox.page(request, await people.need_lead(request))


@post("/held/{change:str}/acceptance", status_code=200, operation_class=operations.form(FORM, required=("upto",)))
async def accept(request: Request[Any, Any, Any], change: FromPath[str]) -> Response[Any]:
    """Into the file."""
    return await _decided(request, change, "taken")


@post("/held/{change:str}/return", status_code=200, operation_class=operations.form(FORM, 422, required=("upto",)))
async def send_back(request: Request[Any, Any, Any], change: FromPath[str]) -> Response[Any]:
    """Back to its author, with a question."""
    return await _decided(request, change, "returned")


@post("/held/{change:str}/keeping", status_code=200, operation_class=operations.form(FORM, 422, required=("upto",)))
async def keep(request: Request[Any, Any, Any], change: FromPath[str]) -> Response[Any]:
    """Aside, for a reason."""
    return await _decided(request, change, "kept")


routes = [held_page, accept, send_back, keep]


async def _decided(request: Request[Any, Any, Any], change: str, what: str) -> Response[Any]:
    me = await people.need_lead(request)
    form = await bodies.form(request, "upto", "text")
    upto, typed = str(form.get("upto", "")), str(form.get("text", "")).replace("\r\n", "\n").strip()
    if not NUMBER.fullmatch(upto):
        raise bodies.refused(400, "invalid", ("upto", "required" if not upto else "type"))
    if not rules.ID.fullmatch(change):
        raise bodies.refused(404, "not_found")
    wrong = "" if what == "taken" else _wrong(typed)
    outcome = await db.write(lambda tx: _work(tx, me, change, int(upto), "" if wrong else what, typed))
    if outcome is None:
        raise bodies.refused(404, "not_found")
    if wrong and not outcome.before:
        return await inbox.page(request, me, trouble=inbox.Trouble(change, what, typed, wrong), status=422)
    if outcome.touched or outcome.refused:
        news.look()
    return await inbox.page(request, me, said=inbox.Said(what, outcome.touched, outcome.refused, outcome.left, outcome.before, typed))


async def _work(tx: Tx, me: Me, change: str, upto: int, what: str, text: str) -> Outcome | None:
    """The decision in its unit of work; None when there is nothing of that name for me. Without `what`, only whether it is still to be decided."""
    at = sessions.now()
    # Taken first, so that of two leads at once the second sees what the first has done.
    await db.number(tx, 1)
    held = await custody.find(tx, me, change, at)
    if held is None:
        return None
    opened = await access.opened(tx, me.person, at)
    bundle = next((whole for whole in await custody.bundles(tx, me, opened, at, held.person) if any(one.id == held.id for one in whole.all)), None)
    if held.is_ != "held" or held.last > upto or bundle is None:
        return Outcome(before=held.decided)
    if what == "taken":
        return await take(tx, me, bundle, upto, at)
    return await put(tx, me, bundle, upto, what, text, at) if what else Outcome()


def _wrong(text: str) -> str:
    """Why this is no question and no reason, or ''."""
    if not text:
        return "required"
    if rules.NOT_TEXT.search(text):
        return "bad_text"
    return "too_long" if len(text) > TEXT_MAX else ""


async def _decide(tx: Tx, me: Me, one: Held, what: str, text: str, *, seq: int, at: int) -> None:
    sql = "INSERT INTO decision (id, change, seq, at, person, hat, what, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    await tx.run(sql, clock.uuid7(at, secrets.token_hex(10)), one.id, seq, at, me.person, one.hat.id, what, text)


def _about(one: Held) -> dict[str, Any]:
    change = one.change
    return {"subject": change["subject"], "topic": change["topic"], "kind": change["kind"], "object": change["record"], "n": 1}
