"""POST /outbox: what phones hand in without being unlocked, each change sealed to the office when it was written. What it holds nobody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import msgspec
from litestar import Request, post
from litestar.exceptions import HTTPException
from webauthn.helpers import base64url_to_bytes

from server import access, audit, bodies, changes, db, devices, exchange, news, operations, seals, sessions

if TYPE_CHECKING:
    from server.db import Tx

FORMAT = 1


class Sealed(msgspec.Struct, forbid_unknown_fields=True):
    """One change: the pair it was sealed to, the phone's ephemeral point, and nonce with ciphertext; the last two base64url."""

    key: str
    point: str
    text: str


class Delivery(msgspec.Struct, forbid_unknown_fields=True):
    """What waits on a device, oldest first; nothing at all asks whether the device was revoked."""

    format: Annotated[int, operations.exactly(FORMAT)]
    device: str
    sealed: Annotated[list[Sealed], operations.at_most(exchange.CHANGES_MAX)] = []


class Taken(TypedDict):
    """Of each change whether the office has it now, and whether the device was revoked; `now` in ms."""

    format: int
    now: int
    taken: list[bool]
    revoked: bool


@post("/outbox", status_code=200, tags=["phone"], operation_class=operations.takes(Delivery, 404, session=False))
async def hand_in(request: Request[Any, Any, Any]) -> Taken:
    """Takes in what opens. It needs no session: who sealed it shows in that it opens, and twice is once."""
    asked = bodies.decoded(await bodies.read(request), Delivery)
    if asked.format != FORMAT:
        raise bodies.refused(400, "format", ("format", "not_allowed"))
    if len(asked.sealed) > exchange.CHANGES_MAX:
        raise bodies.refused(413, "too_many", ("sealed", "too_long"))
    opened = await db.read(lambda tx: _opened(tx, asked))
    found, at = [change for change in opened if change is not None], sessions.now()
    if not found:
        return {"format": FORMAT, "now": at, "taken": [False for _ in opened], "revoked": await _revoked_by_session(request, asked.device)}
    revoked, results = await db.write(lambda tx: _taken(tx, asked.device, found, at))
    news.look()
    said = iter(results)
    taken = [change is not None and _here(next(said)) for change in opened]
    return {"format": FORMAT, "now": at, "taken": taken, "revoked": revoked}


routes = [hand_in]


async def _opened(tx: Tx, asked: Delivery) -> list[Any]:
    """The change in each that this device sealed; None for what does not open or holds no change: its phone has it still."""
    openers = await seals.openers(tx, asked.device, {one.key for one in asked.sealed}) if asked.sealed else {}
    plain = [openers[one.key].opened(_bytes(one.point), _bytes(one.text)) if one.key in openers else None for one in asked.sealed]
    return [_change(text) if text else None for text in plain]


def _change(plain: bytes) -> Any:
    try:
        bodies.check(plain)
        return bodies.decoded(plain, dict, halves=True)
    except HTTPException:
        return None


async def _taken(tx: Tx, device: str, found: list[Any], at: int) -> tuple[bool, list[changes.Result]]:
    """Through the one door, as its author; whether the device was revoked, which puts all of it into custody, and what became of each."""
    row = await tx.one("SELECT d.person, d.revoked_at, p.language FROM device d JOIN person p ON p.id = d.person WHERE d.id = $1", device)
    if row is None:
        raise bodies.refused(404, "not_found")
    person, revoked_at, language = row
    me = access.Me(person, device, "", language, await access.hats(tx, person, at))
    batch = await changes.take(tx, found, me, now=at, source="sealed", custody=exchange.CUSTODY if revoked_at else None)
    if revoked_at:
        await audit.note(tx, [audit.row(me, None, at, "refused", source="sealed", result=exchange.CUSTODY)])
    else:
        await devices.hear(tx, device, at, devices.Word(), devices.highest(found))
    return revoked_at is not None, batch.results


def _here(result: changes.Result) -> bool:
    """Whether the office has it: what it refuses only its author has, whose phone keeps it until they are told why; what a lead sent back is here."""
    return result.is_ != "refused" or result.reason == "returned"


async def _revoked_by_session(request: Request[Any, Any, Any], device: str) -> bool:
    session = await sessions.session_from(request)
    return session is not None and session.device_revoked and session.me.device == device


def _bytes(text: str) -> bytes:
    try:
        return base64url_to_bytes(text)
    except ValueError:
        return b""
