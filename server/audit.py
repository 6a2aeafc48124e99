"""The append-only log of who read or changed what of whom (the fields of NEN 7513), without any content."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from sync import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.access import Hat, Me, Opened, Pair
    from server.db import Tx

HOUR_MS = 60 * 60 * 1000
FIELDS = (
    *("at", "person", "hat", "responsible", "role", "organisation", "device", "action", "subject", "topic"),
    *("kind", "object", "n", "ground", "source", "result"),
)
_INSERT = (
    f"INSERT INTO log (id, {', '.join(FIELDS)}) VALUES ({', '.join(f'${i}' for i in range(1, len(FIELDS) + 2))})"  # noqa: S608  our own names
    " ON CONFLICT (id) DO NOTHING"
)


async def note(tx: Tx, rows: Iterable[dict[str, Any]]) -> None:
    """Writes log rows; each is a dict of FIELDS (missing ones are empty) and may bring its own `id`: the same id twice is one row."""
    await tx.many(_INSERT, [(row.get("id") or _id(row["at"]), *map(row.get, FIELDS)) for row in rows])


def row(me: Me, hat: Hat | None, at: int, action: str, **more: Any) -> dict[str, Any]:
    """One log row of what this person does under this hat; `more`: subject, topic, kind, object, n, ground, source, result."""
    return {
        "at": at,
        "person": me.person,
        "hat": hat.id if hat else None,
        "responsible": me.person,
        "role": hat.role if hat else None,
        "organisation": hat.organisation if hat else None,
        "device": me.device,
        "action": action,
        **more,
    }


def seen(me: Me, opened: Mapping[Pair, Opened], counts: Mapping[Pair, int], done: tuple[str, str], at: int) -> list[dict[str, Any]]:
    """That I saw so much of each pair; once an hour a session. `done`: (page, action)."""
    rows, (page, action) = [], done
    for (subject, topic), n in counts.items():
        why = opened[subject, topic]
        about = {"subject": subject, "topic": topic, "n": n, "ground": why.ground, "source": "page", "result": "ok"}
        rows.append(row(me, why.hat, at, action, id=hourly(at, me.session, page, action, subject, topic, n), **about))
    return rows


def hourly(at: int, *what: object) -> str:
    """An id that is the same for the same within an hour, so that what is looked at again is one row."""
    hour = at // HOUR_MS
    return clock.uuid7(hour * HOUR_MS, hashlib.sha256(" ".join(map(str, [*what, hour])).encode()).hexdigest()[:20])


def _id(at: int) -> str:
    return clock.uuid7(at, secrets.token_hex(10))
