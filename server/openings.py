"""Openings: the office's own pages are open on a device only while its phone is unlocked and somebody touches it, as the phone's own pages are.

Signing in opens them. After that the phone does, with the proof that lies in its vault; touching a page keeps them open, locking closes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, post, put
from litestar.response import Redirect

from server import bodies, db, operations, seals, sessions

if TYPE_CHECKING:
    from server.access import Me
    from server.db import Tx


# For so long a file leaves the office after whoever asks for it showed that the device is theirs, as long as a phone shows what is veiled.
VERIFIED_MS = 180_000


class Key(msgspec.Struct, forbid_unknown_fields=True):
    """What a phone's vault holds for this: the pair that it seals to, and its proof, base64url.

    verified: whether whoever holds the device showed just now that it is theirs.
    """

    seal: str
    proof: str
    verified: bool = False


async def reader(request: Request[Any, Any, Any]) -> Me | None:
    """Who is asking, or None: nobody, or somebody whose phone is locked."""
    me = await sessions.me_from(request)
    return me if me and await opened(request) else None


async def need(request: Request[Any, Any, Any]) -> Me:
    """Who is asking; nobody is a 401, and so is somebody whose phone is locked."""
    me = await sessions.need(request)
    if not await opened(request):
        raise bodies.refused(401, "locked")
    return me


async def opened(request: Request[Any, Any, Any]) -> bool:
    """Whether the office's pages are open on the device that asks."""
    found = await sessions.session_from(request)
    return found is not None and found.open_until > sessions.now()


async def to_open(request: Request[Any, Any, Any]) -> Response[Any]:
    """The way to the lock page of the phone that asks, and back to this page; a stranger's leads to signing in."""
    if await sessions.me_from(request) is None:
        return sessions.to_sign_in(request)
    page = request.url.path.split("/")[1]
    address = f"/today?to={quote(f'/{page}', safe='/')}"
    if "hx-request" in request.headers:
        return Response("", status_code=204, headers={"HX-Redirect": address})
    return Redirect(address, status_code=303)


async def to_verify(request: Request[Any, Any, Any], page: str) -> Response[Any] | None:
    """None for who showed a short while ago that the device is theirs: a file goes to nobody else, also from a page that is open. Anybody else who is
    signed in is led to the lock page of their phone, and back to this page of the office, where it can be had then.
    """
    found = await sessions.session_from(request)
    if found is None or sessions.now() - found.verified_at < VERIFIED_MS:
        return None
    week = str(request.query_params.get("week", ""))
    return Redirect(f"/today?to={quote(f'{page}?week={week}' if week else page, safe='/')}&for=file", status_code=303)


@post("/sessions/current/opening", status_code=204, operation_class=operations.takes(Key, 401))
async def begin(request: Request[Any, Any, Any]) -> None:
    """My phone was unlocked: its vault gave the proof."""
    me = await sessions.need(request)
    key = bodies.decoded(await bodies.read(request), Key)

    async def work(tx: Tx) -> bool:
        right = await seals.proves(tx, me.device, key.seal, key.proof)
        if right:
            await _open(tx, me)
        if right and key.verified:
            await tx.run("UPDATE session SET verified_at = $1 WHERE token_hash = $2", sessions.now(), me.session)
        return right

    if not await db.write(work):
        raise bodies.refused(403, "forbidden", ("proof", "not_allowed"))


@put("/sessions/current/opening", status_code=204, operation_class=operations.act(401))
async def keep(request: Request[Any, Any, Any]) -> None:
    """Somebody touched a page of the office that is open."""
    me = await need(request)
    await db.write(lambda tx: _open(tx, me))


@delete("/sessions/current/opening", status_code=204, operation_class=operations.act(401))
async def end(request: Request[Any, Any, Any]) -> None:
    """My phone is being locked: the office's pages are closed with it."""
    me = await sessions.need(request)
    at = sessions.now()

    async def work(tx: Tx) -> None:
        await tx.run("UPDATE session SET open_until = 0 WHERE token_hash = $1", me.session)
        await tx.run("UPDATE device SET locked_at = $1 WHERE id = $2", at, me.device)

    await db.write(work)


routes = [begin, keep, end]


async def _open(tx: Tx, me: Me) -> None:
    """In this session, for as long as the phone may lie untouched."""
    idle_s = (await sessions.lock_of(tx, me))["idle"] or sessions.IDLE_S
    await tx.run("UPDATE session SET open_until = $1 WHERE token_hash = $2", sessions.now() + idle_s * 1000, me.session)
