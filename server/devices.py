"""Devices: a browser that keeps somebody's work. It stays the same device through every sign-in, so that its changes stay one count."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server import losses
from sync import clock, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.db import Tx

BROWSERS = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))


@dataclass(frozen=True, slots=True)
class Word:
    """What a phone says of itself beside its request: whether its browser promised to keep what it holds, how far it has counted its changes, and
    up to which edition of sync/kinds.json it knows the kinds: an app of before this was asked knows those of the first.
    """

    persisted: int | None = None
    made: int = 0
    knows: int = 1


def word(headers: Mapping[str, str]) -> Word:
    """Read from the headers of a request; what is none of it is not read."""
    persisted, made, knows = (headers.get(f"naober-{name}", "") for name in ("persisted", "made", "knows"))
    return Word(
        int(persisted) if re.fullmatch("[01]", persisted) else None,
        int(made) if re.fullmatch("[1-9][0-9]{0,14}", made) else 0,
        int(knows) if re.fullmatch("[1-9][0-9]{0,3}", knows) else 1,
    )


async def unheard(tx: Tx, device: str, said: Word) -> bool:
    """Whether the office does not know this yet, or takes the device to be locked or empty."""
    known = await tx.one("SELECT persisted, highest_n, locked_at, emptied_at FROM device WHERE id = $1", device)
    return known is not None and (said.persisted not in {None, known[0]} or said.made > known[1] or known[2:] != (None, None))


async def hear(tx: Tx, device: str, at: int, said: Word, highest: int = 0) -> None:
    """Notes what it says of itself, and how far it has counted: whoever lost its storage is found out by it."""
    await tx.run(
        "UPDATE device SET last_seen_at = $1, highest_n = CASE WHEN highest_n < $2 THEN $2 ELSE highest_n END, persisted = coalesce($3, persisted),"
        " locked_at = NULL, emptied_at = NULL WHERE id = $4",
        *(at, max(highest, said.made), said.persisted, device),
    )


async def settle(tx: Tx, person: str, claimed: str | None, user_agent: str, at: int, *, before: str | None = None) -> str:
    """The device this person signs in on: the claimed one when it is theirs and not revoked, otherwise a new one; `before`: theirs, by the cookie."""
    if claimed and await seen(tx, claimed, person, at):
        return claimed
    made = clock.uuid7(at, secrets.token_hex(10))
    await tx.run(
        "INSERT INTO device (id, person, name, created_at, last_seen_at, revoked_at, highest_n, persisted)"
        " VALUES ($1, $2, $3, $4, $5, NULL, 0, NULL)",
        *(made, person, described(user_agent), at, at),
    )
    if claimed is None:
        await losses.note(tx, made, person, described(user_agent), before, at)
    return made


async def seen(tx: Tx, device: str, person: str, at: int) -> bool:
    """Notes that the device was here now; False when it is not this person's, or revoked."""
    sql = "UPDATE device SET last_seen_at = $1, emptied_at = NULL WHERE id = $2 AND person = $3 AND revoked_at IS NULL"
    return await tx.run(sql, at, device.replace("\0", ""), person) == 1


def highest(sent: list[Any]) -> int:
    """How far a device has counted, by the changes it sent."""
    return max((one["n"] for one in sent if isinstance(one, dict) and type(one.get("n")) is int and 0 < one["n"] <= rules.INT_MAX), default=0)


def described(user_agent: str) -> str:
    """'Chrome, Android': enough to tell one's own devices apart, and no more."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
