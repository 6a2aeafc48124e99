"""Subscriptions: on which devices somebody wants to be reminded, and the office's own key pair, by which push services know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import derive_private_key, generate_private_key
from litestar import Request, delete, get, put
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from server import bodies, couriers, db, encryption, operations, sessions

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from server.access import Me
    from server.db import Tx

OWN = "vapid"


class Subscription(msgspec.Struct, forbid_unknown_fields=True):
    """What a browser gives to whoever may send it messages; base64url where it is bytes."""

    endpoint: str
    point: str
    auth: str


async def own_key(tx: Tx) -> EllipticCurvePrivateKey:
    """The office's key pair, made once: browsers take messages from nobody else."""
    # Written first, so that of two processes that begin at once both read what the first one made.
    scalar = generate_private_key(encryption.CURVE).private_numbers().private_value
    await tx.run("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", OWN, f"{scalar:064x}")
    row = await tx.one("SELECT value FROM meta WHERE name = $1", OWN)
    return derive_private_key(int(row[0], 16) if row else scalar, encryption.CURVE)


async def keep(tx: Tx, me: Me, given: Subscription, at: int) -> None:
    """Reminds this device from now on; the same browser under another name is not any more."""
    await tx.run("DELETE FROM subscription WHERE device = $1 OR endpoint = $2", me.device, given.endpoint)
    sql = "INSERT INTO subscription (device, person, endpoint, point, auth, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    await tx.run(sql, me.device, me.person, given.endpoint, given.point, given.auth, at)


async def drop(tx: Tx, device: str, endpoint: str | None = None) -> None:
    """Reminds a device no more; when `endpoint` is given, only if that is still where."""
    if await tx.run("DELETE FROM subscription WHERE device = $1 AND endpoint = coalesce($2, endpoint)", device, endpoint):
        await tx.run("DELETE FROM push WHERE device = $1", device)


async def devices(tx: Tx, person: str) -> list[str]:
    """The devices on which somebody wants to be reminded, of those that are still theirs."""
    rows = await tx.all(
        "SELECT s.device FROM subscription s JOIN device d ON d.id = s.device JOIN person p ON p.id = s.person"
        " WHERE s.person = $1 AND d.revoked_at IS NULL AND d.emptied_at IS NULL AND p.left_at IS NULL ORDER BY s.device",
        person,
    )
    return [device for (device,) in rows]


@get("/me/subscription", operation_class=operations.answer(401))
async def subscription(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """{key, on}: whose messages a browser should take, and whether this device is reminded."""
    me = await sessions.need(request)

    async def work(tx: Tx) -> dict[str, Any]:
        row = await tx.one("SELECT 1 FROM subscription WHERE device = $1", me.device)
        return {"key": bytes_to_base64url(encryption.point_of(await own_key(tx))), "on": row is not None}

    return await db.write(work)


@put("/me/subscription", status_code=204, operation_class=operations.takes(Subscription, 401))
async def subscribe(request: Request[Any, Any, Any]) -> None:
    """Reminds this device from now on."""
    me = await sessions.need(request)
    given = bodies.decoded(await bodies.read(request), Subscription)
    point, auth = _bytes(given.point), _bytes(given.auth)
    sound = {"endpoint": couriers.allowed(given.endpoint), "point": encryption.is_point(point), "auth": len(auth) == encryption.AUTH}
    if wrong := [name for name, fine in sound.items() if not fine]:
        raise bodies.refused(400, "invalid", *((name, "not_allowed") for name in wrong))
    await db.write(lambda tx: keep(tx, me, given, sessions.now()))


@delete("/me/subscription", operation_class=operations.act(401))
async def unsubscribe(request: Request[Any, Any, Any]) -> None:
    """Reminds this device no more; not being reminded already is fine."""
    me = await sessions.need(request)
    await db.write(lambda tx: drop(tx, me.device))


routes = [subscription, subscribe, unsubscribe]


def _bytes(text: str) -> bytes:
    """What this is in base64url; nothing when it is none."""
    try:
        return base64url_to_bytes(text) if text.isascii() else b""
    except ValueError:
        return b""
