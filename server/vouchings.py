"""Vouchings: who lost their phone gets in by a lead's link only after a colleague beside them has typed the code that it shows."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from server import access, audit, bodies, db, openings, operations, people, render, sessions

if TYPE_CHECKING:
    from server.access import Me
    from server.db import Tx

LIFE_MS = 30 * 60 * 1000
WRONG_MAX = 5
WRONG_MS = 10 * 60 * 1000
# Wrong codes typed in an organisation count for each recovery that is open in it; at this many it closes.
WRONG_OF_ONE_MAX = 20
# A lead can add somebody who does not exist; who vouches has been at work for this long, known to colleagues.
KNOWN_MS = 7 * 24 * 60 * 60 * 1000
CODE = re.compile(r"[0-9]{8}")
FORM = {"code": {"type": "string", "pattern": r"^[\s-]*([0-9][\s-]*){8}$"}, "person": operations.TEXT}
STATUS = {"vouched": 201, "wrong": 422, "incomplete": 422, "often": 429}


def code(token: str) -> str:
    """The eight digits of an invitation: they follow from its token, so that they show to who holds the link and lie nowhere."""
    return f"{int.from_bytes(hashlib.sha256(f'code {token}'.encode()).digest()) % 10**8:08d}"


def organisations(me: Me) -> list[str]:
    """Where I may vouch for somebody; a volunteer does nowhere."""
    return sorted({hat.organisation for hat in me.hats if hat.role in access.PROFESSIONALS})


async def ask(tx: Tx, invitation: str, token: str, organisation: str) -> None:
    """From now on this invitation (its token's hash) waits for somebody of the organisation to vouch."""
    sql = "INSERT INTO vouching (invitation, code_hash, organisation, tries, by, at) VALUES ($1, $2, $3, 0, NULL, NULL)"
    await tx.run(sql, invitation, _hash(code(token)), organisation)


async def find(tx: Tx, me: Me, typed: str, now: int) -> dict[str, str] | None:
    """{invitation, person, name, by, organisation} of the recovery that shows this code and that I may vouch for, or None."""
    rows = await tx.all(
        "SELECT i.token_hash, i.person, p.name, b.name, v.organisation FROM vouching v JOIN invitation i ON i.token_hash = v.invitation"  # noqa: S608  our own SQL
        f" JOIN person p ON p.id = i.person JOIN person b ON b.id = i.by WHERE v.code_hash = $1 AND {db.among('v.organisation', 2)}"
        " AND i.used_at IS NULL AND i.expires_at > $3 AND p.left_at IS NULL AND (v.by IS NULL OR v.by = $4) AND i.person <> $4 AND i.by <> $4"
        " AND EXISTS (SELECT 1 FROM device d WHERE d.person = $4 AND d.created_at <= $5)",
        *(_hash(typed), organisations(me), now, me.person, now - KNOWN_MS),
    )
    # Of two that happen to show the same digits nobody can say whose they are.
    return dict(zip(("invitation", "person", "name", "by", "organisation"), rows[0], strict=True)) if len(rows) == 1 else None


async def vouch(tx: Tx, me: Me, found: dict[str, str], now: int) -> bool:
    """I say that it is really them; False when somebody else was first."""
    sql = "UPDATE vouching SET by = $1, at = $2 WHERE invitation = $3 AND (by IS NULL OR by = $1)"
    if await tx.run(sql, me.person, now, found["invitation"]) != 1:
        return False
    hat = next(hat for hat in me.hats if hat.organisation == found["organisation"])
    await audit.note(tx, [audit.row(me, hat, now, "vouched", object=found["person"], source="page", result="ok")])
    return True


async def recover(tx: Tx, person: str, passkey: str, now: int) -> list[str]:
    """The devices that are revoked because this passkey is the only one from now on; what they hold unsent they may still hand in."""
    await tx.run("DELETE FROM passkey WHERE person = $1 AND id <> $2", person, passkey)
    devices = [str(one) for (one,) in await tx.all("SELECT id FROM device WHERE person = $1 AND revoked_at IS NULL ORDER BY id", person)]
    await tx.run("UPDATE device SET revoked_at = $1 WHERE person = $2 AND revoked_at IS NULL", now, person)
    return devices


@get("/vouching", operation_class=operations.page(404))
async def vouching_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Where a colleague's code is typed."""
    me = await openings.reader(request)
    return await _page(request, me, "empty") if me else await openings.to_open(request)


@post("/vouchings", operation_class=operations.form(FORM, 422, 429, required=("code",), ok=(200, 201)))
async def make_vouching(request: Request[Any, Any, Any]) -> Response[Any]:
    """Shows whom a code belongs to; sent again with who that is, it vouches for them."""
    me = await openings.need(request)
    if not organisations(me):
        raise bodies.refused(404, "not_found")
    form = await bodies.form(request, *FORM)
    typed, person = re.sub(r"[\s-]", "", str(form.get("code", ""))), str(form.get("person", ""))
    if not CODE.fullmatch(typed):
        return await _page(request, me, "incomplete", typed=typed[: len("1234 5678")])
    state, found = await db.write(lambda tx: _answer(tx, me, typed, person, sessions.now()))
    return await _page(request, me, state, found, typed=typed)


routes = [vouching_page, make_vouching]


async def _answer(tx: Tx, me: Me, typed: str, person: str, now: int) -> tuple[str, dict[str, str] | None]:
    """(found, vouched, wrong or often; whom it is about)."""
    if not await _may_try(tx, me, now):
        return "often", None
    found = await find(tx, me, typed, now)
    if found is None or person not in {"", found["person"]} or (person and not await vouch(tx, me, found, now)):
        await _count(tx, me, now)
        return "wrong", None
    await tx.run("UPDATE guess SET tries = tries - 1 WHERE person = $1", me.person)
    return "vouched" if person else "found", found


async def _may_try(tx: Tx, me: Me, now: int) -> bool:
    """Counts a try before it is looked at, so that many at once are no more than so many after each other."""
    sql = (
        "INSERT INTO guess (person, tries, at) VALUES ($1, 1, $2) ON CONFLICT (person) DO UPDATE"
        " SET tries = CASE WHEN guess.at <= $3 THEN 1 ELSE guess.tries + 1 END, at = $2 WHERE guess.at <= $3 OR guess.tries < $4"
    )
    return await tx.run(sql, me.person, now, now - WRONG_MS, WRONG_MAX) == 1


async def _count(tx: Tx, me: Me, now: int) -> None:
    """A wrong code, for every recovery for which it could have been meant."""
    opened = "SELECT token_hash FROM invitation WHERE used_at IS NULL AND expires_at > $2"
    waiting = f"by IS NULL AND {db.among('organisation', 1)} AND invitation IN ({opened})"
    await tx.run(f"UPDATE vouching SET tries = tries + 1 WHERE {waiting}", organisations(me), now)  # noqa: S608  our own SQL
    await tx.run(
        "UPDATE invitation SET expires_at = $1 WHERE used_at IS NULL AND expires_at > $1"
        " AND token_hash IN (SELECT invitation FROM vouching WHERE by IS NULL AND tries >= $2)",
        *(now, WRONG_OF_ONE_MAX),
    )
    await audit.note(tx, [audit.row(me, None, now, "refused", source="vouching", result="wrong_code")])


async def _page(request: Request[Any, Any, Any], me: Me, state: str, found: dict[str, str] | None = None, *, typed: str = "") -> Response[Any]:
    if not organisations(me):
        raise bodies.refused(404, "not_found")
    speaker, lead = await sessions.speaker_of(request), bool(people.led_by(me))
    shown = {"name": "", "by": "", "person": "", **(found or {})}
    return render.page("vouching.html", speaker, status=STATUS.get(state, 200), here="vouching", lead=lead, state=state, typed=typed, **shown)


def _hash(typed: str) -> str:
    return hashlib.sha256(typed.encode()).hexdigest()
