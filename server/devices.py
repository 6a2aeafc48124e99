"""Devices: a browser that keeps somebody's work. It stays the same device through every sign-in, so that its changes stay one count."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sync import clock

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


def described(user_agent: str) -> str:
    """'Chrome, Android': enough to tell one's own devices apart, and no more."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
