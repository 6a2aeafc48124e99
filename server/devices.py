"""Devices: a browser that keeps somebody's work. It stays the same device through every sign-in, so that its changes stay one count."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sync import clock, rules

if TYPE_CHECKING:
    from server.db import Tx

BROWSERS = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))


async def settle(tx: Tx, person: str, claimed: str | None, user_agent: str, at: int) -> str:
    """The device this person signs in on: the claimed one when it is theirs and not revoked, otherwise a new one."""
    if claimed and await seen(tx, claimed, person, at):
        return claimed
    made = clock.uuid7(at, secrets.token_hex(10))
    await tx.run(
        "INSERT INTO device (id, person, name, created_at, last_seen_at, revoked_at, highest_n, persisted)"
        " VALUES ($1, $2, $3, $4, $5, NULL, 0, NULL)",
        *(made, person, described(user_agent), at, at),
    )
    return made


async def seen(tx: Tx, device: str, person: str, at: int) -> bool:
    """Notes that the device was here now; False when it is not this person's, or revoked."""
    sql = "UPDATE device SET last_seen_at = $1 WHERE id = $2 AND person = $3 AND revoked_at IS NULL"
    return await tx.run(sql, at, device.replace("\0", ""), person) == 1


async def counted(tx: Tx, device: str, sent: list[Any], at: int) -> None:
    """How far this device has counted, by the changes it sent: whoever lost its storage is found out by it."""
    numbers = [one["n"] for one in sent if isinstance(one, dict) and type(one.get("n")) is int and 0 < one["n"] <= rules.INT_MAX]
    highest = max(numbers, default=0)
    sql = "UPDATE device SET last_seen_at = $1, highest_n = CASE WHEN highest_n < $2 THEN $2 ELSE highest_n END WHERE id = $3"
    await tx.run(sql, at, highest, device)


def described(user_agent: str) -> str:
    """'Chrome, Android': enough to tell one's own devices apart, and no more."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
