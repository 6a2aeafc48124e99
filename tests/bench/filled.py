"""Adds notes by a colleague until the demo's nurse can hold so many: `python -m tests.bench.filled 10000`, on the database of NAOBER_DATABASE.

With `one` behind the number so many come to a single resident, and that resident's household is said too.
"""

from __future__ import annotations

import asyncio
import sys

from server import access, db, sessions
from server.access import Me
from server.db import Tx
from server.demo_people import BY_KEY
from tests.bench import neighbourhood
from tests.bench.neighbourhood import TOPICS, Phone

NURSE, COLLEAGUE = "samira", "joost"
STEP_MS = 900_000


async def main(wanted: int, *, one: bool) -> None:
    """Says on one line how many notes there were and are, and behind which front door."""
    await db.start()
    there, made, homes = await db.write(lambda tx: fill(tx, wanted, one=one))
    await db.stop()
    print(there, there + made, *homes)


async def fill(tx: Tx, wanted: int, *, one: bool = False) -> tuple[int, int, list[str]]:
    """(notes that were open to the nurse, notes added, the household of the one), spread over her team's residents and the topics she reads."""
    at = sessions.now()
    opened = await access.opened(tx, BY_KEY[NURSE].id, at)
    of = [subject.removeprefix("resident:") for subject, topic in opened if subject.startswith("resident:") and topic == "body"]
    of = sorted(of)[:1] if one else of
    rows = await tx.all("SELECT subject, topic FROM record WHERE kind = 'note'")
    there = sum((subject, topic) in opened and (not one or subject == f"resident:{of[0]}") for subject, topic in rows)
    homes = [str(home) for (home,) in await tx.all("SELECT household FROM resident WHERE id = $1", of[0])] if one else []
    writer = BY_KEY[COLLEAGUE]
    phone = Phone(Me(writer.id, writer.device, "", "nl", await access.hats(tx, writer.id, at)), "")
    row = await tx.one("SELECT n FROM counter WHERE name = 'seq'")
    notes = (
        (neighbourhood.note(phone, of[i % len(of)], TOPICS[i // len(of) % len(TOPICS)], neighbourhood.SPARE + i, at - i * STEP_MS), phone)
        for i in range(wanted - there)
    )
    return there, await neighbourhood.plant(tx, notes, (int(row[0]) if row else 0) + 1), homes


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), one="one" in sys.argv[2:]))
