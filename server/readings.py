"""Readings: that a lead has read what came in, each version of each part of it, once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from server import access, arrivals, changes, db, news, sessions
from sync import clock

if TYPE_CHECKING:
    from server.access import Me
    from server.arrivals import Arrival
    from server.db import Tx

# How far what came in had come when a page was made.
NUMBER = re.compile(r"[0-9]{1,18}")


async def mark(me: Me, wanted: list[str], upto: int) -> bool:
    """Whether any of these is mine to read; every unread part of them up to this number now has my reading."""

    async def unread(tx: Tx) -> tuple[bool, list[Arrival]]:
        at = sessions.now()
        found = await arrivals.come_in(tx, me, await access.opened(tx, me.person, at), at)
        whole = [one for one in (arrivals.holding(found, record) for record in dict.fromkeys(wanted)) if one]
        return bool(whole), [part for one in whole for part in one.all if part.unread and part.seq <= upto]

    any_mine, parts = await db.read(unread)
    if parts:
        at = sessions.now()
        made = [_reading(me, one, at) for one in {part.record["id"]: part for part in parts}.values()]
        # A reading that exists already is refused as another body of the same id: it has been read, which is all that was asked.
        await db.write(lambda tx: changes.apply(tx, made, me, now=at, source="page"))
        news.look()
    return any_mine


def _reading(me: Me, one: Arrival, at: int) -> dict[str, Any]:
    record = one.record
    what = {"kind": "reading", "subject": record["subject"], "topic": record["topic"]}
    ids = arrivals.reading_ids(record["id"], record["version"], me.person)
    fields = {"of": record["id"], "at": at}
    return changes.make(arrivals.mine(me, one), what, fields, ids=ids, stamp=clock.tick(None, at, me.device), n=1)
