"""Losses: a browser that threw away what it kept comes back with nothing, as another device; the office says what it had, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.db import Tx

RANGES_MAX = 5


async def note(tx: Tx, new: str, person: str, name: str, before: str | None, at: int) -> None:
    """A browser signs in without anything of this person's: `before` is the device it was a moment ago, by its cookie, and that is empty now.

    Where the cookie is gone too, the one of the same name that was seen last may be. What never said whether it keeps anything had nothing to lose.
    """
    which, what = ("id = $3", before) if before else ("name = $3", name)
    lost = await tx.one(
        "SELECT id FROM device WHERE person = $1 AND id <> $2 AND persisted IS NOT NULL AND revoked_at IS NULL AND emptied_at IS NULL"  # noqa: S608
        f" AND {which} ORDER BY last_seen_at DESC, id DESC LIMIT 1",
        *(person, new, what),
    )
    if lost:
        await tx.run("UPDATE device SET emptied_at = $1, sure = $2, instead = $3 WHERE id = $4", at, int(before is not None), new, lost[0])


async def left(tx: Tx, device: str, at: int) -> None:
    """Everything was taken off this device by intent: its owner left it, or it was revoked."""
    sql = "UPDATE device SET emptied_at = $1, sure = 1, instead = NULL WHERE id = $2 AND (emptied_at IS NULL OR instead IS NOT NULL)"
    await tx.run(sql, at, device)


async def of(tx: Tx, person: str, device: str) -> dict[str, Any] | None:
    """What was lost where this device now stands: {name, sure, last, missing, numbers}, or None."""
    row = await tx.one("SELECT id, name, sure, highest_n FROM device WHERE person = $1 AND instead = $2 AND emptied_at IS NOT NULL", person, device)
    return {"name": row[1], "sure": row[2] == 1, **await extent(tx, row[0], row[3])} if row else None


async def extent(tx: Tx, device: str, highest: int) -> dict[str, Any]:
    """{last: when its last change came in, or None; missing: how many it had numbered by then that never came; numbers: which, as '3, 8–12'}."""
    rows = await tx.all("SELECT n, received_at FROM change WHERE device = $1 ORDER BY n", device)
    gaps, next_n = [], 1
    for n, _ in [*rows, (highest + 1, 0)]:
        if n > next_n:
            gaps.append((next_n, n - 1))
        next_n = max(next_n, n + 1)
    shown = [f"{first}–{last}" if last > first else str(first) for first, last in gaps[:RANGES_MAX]]
    return {
        "last": max((at for _, at in rows), default=None),
        "missing": sum(last - first + 1 for first, last in gaps),
        "numbers": ", ".join([*shown, *(["…"] if len(gaps) > RANGES_MAX else [])]),
    }
