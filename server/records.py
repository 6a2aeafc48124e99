"""Records by id, as a page shows them, for whoever may hold them: of the others nothing, as if they were not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, db
from sync import merge

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx

Shown = dict[str, Any]


async def find(tx: Tx, me: Me, opened: dict[Pair, Opened], ids: Iterable[str]) -> dict[str, Shown]:
    """Id -> shown record (a household, resident or hat has one under its own id), of those that are open to me or that I wrote."""
    rows = await tx.all(f"SELECT id, subject, topic, author, first, body FROM record WHERE {db.among('id', 1)}", sorted(set(ids)))  # noqa: S608  our own SQL
    return {
        key: merge.shown(msgspec.json.decode(body))
        for key, subject, topic, author, first, body in rows
        if access.opens(opened, (subject, topic), first) or author == me.person
    }  # fmt: skip
