"""What phones seal to the office, as the office opens it; and what became of it, which nobody is told who hands in without unlocking."""

from __future__ import annotations

from typing import Any

import msgspec
from webauthn.helpers import base64url_to_bytes

from server import db, seals
from tests.sim_world import World, Wrong


async def begin(world: World) -> None:
    """A pair that phones seal to."""
    await db.write(lambda tx: seals.renew(tx, world.at))


async def rotate(world: World) -> None:
    """A new pair; phones learn of it when they are open and have signal."""
    await db.write(lambda tx: seals.add(tx, world.at))


async def seal(device: str) -> dict[str, str] | None:
    """What the office gives this device to seal with."""
    return await db.read(lambda tx: seals.current(tx, device))


async def opened(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes in a delivery, as they were written."""
    openers = await db.read(lambda tx: seals.openers(tx, sent["device"], {one["key"] for one in sent["sealed"]}))
    plain = [openers[one["key"]].opened(base64url_to_bytes(one["point"]), base64url_to_bytes(one["text"])) for one in sent["sealed"]]
    if None in plain:
        raise Wrong("lost", f"the office cannot open what {sent['device']} sealed to it")
    return [msgspec.json.decode(one) for one in plain if one]


async def results(world: World, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the office's books say of those it had not heard of before."""
    fresh = [one["id"] for one in written if world.changes[one["id"]].is_ is None]
    sql = f"SELECT id, is_, reason, version FROM change WHERE {db.among('id', 1)}"  # noqa: S608  our own SQL
    rows = {row[0]: dict(zip(("id", "is", "reason", "version"), row, strict=True)) for row in await db.read(lambda tx: tx.all(sql, fresh))}
    return [rows[key] for key in fresh if key in rows]
