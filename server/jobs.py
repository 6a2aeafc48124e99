"""The timetable: what the office does by itself, as one list of (when, verb)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from server import db, departures, matches, passkeys, reminders, seals, sessions
from server.config import settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LATE_S_MAX = 3600

# Each verb may run twice, and in several processes: it takes away what has ended, renews what is old, or runs what is due once.
TIMETABLE: list[tuple[dict[str, Any], Callable[[], Awaitable[None]]]] = [
    ({"hour": 0, "minute": 5}, lambda: departures.complete(sessions.now())),
    ({"hour": 3, "minute": 10}, lambda: db.write(lambda tx: passkeys.forget(tx, sessions.now()))),
    ({"hour": 3, "minute": 20}, lambda: db.write(lambda tx: sessions.forget(tx, sessions.now()))),
    ({"hour": 3, "minute": 30}, lambda: db.write(lambda tx: seals.renew(tx, sessions.now()))),
    ({"hour": 3, "minute": 40}, lambda: db.write(lambda tx: reminders.forget(tx, sessions.now()))),
    ({"hour": 3, "minute": 50}, lambda: matches.renew(sessions.now())),
    ({"second": 0}, reminders.run),
]


def start() -> AsyncIOScheduler:
    """The running clock; `shutdown()` stops it."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    clock = AsyncIOScheduler(timezone=settings.timezone, job_defaults={"coalesce": True, "misfire_grace_time": LATE_S_MAX})
    for when, verb in TIMETABLE:
        clock.add_job(verb, "cron", **when)
    clock.start()
    return clock
