"""The office's side of the comparison with peers: makes the database that NAOBER_DATABASE names, then takes commands as lines of JSON.

First line out: {cookie}. Then for each line {op, …} in, one out: seed and add take the harness's notes, count says how many notes are
stored, withdraw ends the care for one client's household. The office itself is another process and the real one: `python -m server.cli serve`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from datetime import datetime
from typing import Any

from server import access, db, sessions
from server.migrations import migrate
from sync import clock
from tests.bench import neighbourhood
from tests.bench.neighbourhood import Phone, Team

CLIENTS = 40
COLLEAGUES = 13  # the nurse herself, and the harness's twelve authors
DAY_MS = 24 * 60 * 60 * 1000
TOPIC = {"lichamelijk": "body", "mentaal": "mind", "wonen": "practical", "financien": "society", "participatie": "social"}


async def main() -> None:
    """Serves until its input ends."""
    await db.start()
    await migrate()
    (team,) = await db.write(lambda tx: neighbourhood.settle(tx, sessions.now(), people=COLLEAGUES, homes=CLIENTS))
    say({"cookie": {"name": sessions.COOKIE, "value": team.phones[0].token}})
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        try:
            say({"is": await answer(team, asked)})
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the answer
            say({"problem": repr(problem)})
    await db.stop()


async def answer(team: Team, asked: dict[str, Any]) -> int:
    """What one command gives."""
    if asked["op"] in {"seed", "add"}:
        return await store(team, asked["notes"])
    if asked["op"] == "withdraw":
        yesterday = access.day_of(sessions.now() - DAY_MS)
        household = neighbourhood.an_id("household", number_of(asked["client"]))
        return await db.write(lambda tx: tx.run("UPDATE care SET until = $1 WHERE household = $2", yesterday, household))
    row = await db.read(lambda tx: tx.one("SELECT count(*) FROM record WHERE kind = 'note'"))
    return int(row[0]) if row else 0


async def store(team: Team, notes: list[dict[str, Any]]) -> int:
    """The notes through the one door for writes, each under the hat of its author."""
    by_author: dict[Phone, list[dict[str, Any]]] = {}
    for note in notes:
        phone = team.phones[1 + int(note["author"].removeprefix("mw-"))]
        by_author.setdefault(phone, []).append(as_change(phone, team, note, len(by_author.get(phone, ())) + 1))
    for phone, written in by_author.items():
        await db.write(lambda tx, phone=phone, written=written: neighbourhood.write(tx, written, phone.me, sessions.now()))
    return len(notes)


def as_change(phone: Phone, team: Team, note: dict[str, Any], n: int) -> dict[str, Any]:
    """A note of the harness as a change: its domain is our topic, and what it has beside its text has no field here."""
    at = round(datetime.fromisoformat(note["created_at"]).timestamp() * 1000)
    # The change has an id of its own, as random as the record's, or the comparison of sizes would be unfair.
    ids = (clock.uuid7(at, hashlib.sha256(note["id"].encode()).hexdigest()[:20]), note["id"])
    resident = team.residents[number_of(note["client"]) - 1]
    return neighbourhood.note(phone, resident, TOPIC[note["domain"]], n, at, text=note["text"], ids=ids)


def number_of(client: str) -> int:
    """'cl-0007' is resident 8: the harness counts from nought."""
    return int(client.removeprefix("cl-")) + 1


def say(what: dict[str, Any]) -> None:
    """One line out."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
