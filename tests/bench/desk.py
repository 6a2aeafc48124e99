"""The first page of what came in, of ten thousand that nobody read, beside its statements alone; in a process of its own, one line of JSON."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Sequence
from typing import Any

from server import access, db, sessions, views
from server.access import Me
from server.app import sweep_seldom
from server.migrations import migrate
from sync import clock
from tests.bench import neighbourhood, raw
from tests.bench.neighbourhood import TOPICS, Team, an_id
from tests.bench.withdrawals import bare, in_turn

OPEN, TIMES, QUICK = 10_000, 40, 10
LEAD = 5_000_000


class Counted(raw.Scribe):
    """A unit of work that also counts the rows it was given."""

    rows = 0

    async def all(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        found = await super().all(sql, *args)
        self.rows += len(found)
        return found


async def main(times: int) -> dict[str, float]:
    """Everything measured on the engine that NAOBER_DATABASE names."""
    await db.start()
    await migrate()
    at = sessions.now()
    (team,) = await db.write(lambda tx: neighbourhood.settle(tx, at, teams=1, people=4, homes=60))
    lead = await a_lead(at)
    await unread(team, OPEN, at)
    sweep_seldom()  # as the office does when it starts
    found = await costs(lead, times, at)
    await db.stop()
    return found


async def a_lead(at: int) -> Me:
    """Who leads the first team."""
    person, hat = an_id("person", LEAD), an_id("hat", LEAD)
    await db.write(lambda tx: tx.run("INSERT INTO person (id, name, language, word, created_at) VALUES ($1, 'Ilse', 'nl', 'client', $2)", person, at))
    sql = "INSERT INTO membership (id, person, team, role, since) VALUES ($1, $2, $3, 'lead', '2000-01-01')"
    await db.write(lambda tx: tx.run(sql, hat, person, an_id("team", 1)))
    return Me(person, an_id("device", LEAD), "bench", "nl", await db.read(lambda tx: access.hats(tx, person, at)))


async def unread(team: Team, count: int, at: int) -> None:
    """So many notes of the last days that nobody read."""
    notes = []
    for number in range(1, count + 1):
        ids = (clock.uuid7(at - number * 1000, secrets.token_hex(10)), clock.uuid7(at - number * 1000, secrets.token_hex(10)))
        phone, resident = team.phones[number % len(team.phones)], team.residents[number // 7 % len(team.residents)]
        notes.append((neighbourhood.note(phone, resident, TOPICS[number % len(TOPICS)], number, at, ids=ids), phone))
    row = await db.read(lambda tx: tx.one("SELECT n FROM counter WHERE name = 'seq'"))
    await db.write(lambda tx: neighbourhood.plant(tx, notes, int(row[0]) + 1))  # type: ignore[index]  # the row is always there
    if db.engine == "postgres":
        await db.write(lambda tx: tx.run("ANALYZE record"))


async def costs(lead: Me, times: int, at: int) -> dict[str, float]:
    """Milliseconds of the page and of its statements alone, the rows it read, and the records it shows."""
    counted: list[tuple[int, int]] = []

    async def page(tx: db.Tx) -> None:
        scribe = Counted(tx, raw.Unit(writes=False))
        _, desk = await views.find(scribe, lead, views.View(), at)
        counted.append((scribe.rows, sum(len(one.all) for one in desk.lines)))

    async def timed() -> float:
        began = time.perf_counter()
        await db.read(lambda tx: views.find(tx, lead, views.View(), at))
        return (time.perf_counter() - began) * 1000

    await db.read(page)
    async with bare(lambda tx: views.find(tx, lead, views.View(), at)) as alone:
        page_ms, sql_ms = await in_turn(times, timed, alone)
    (rows, shown), = counted
    return {"page_ms": page_ms, "sql_ms": sql_ms, "rows": rows, "shown": shown}


def _run(arguments: Sequence[str]) -> None:
    print(json.dumps(asyncio.run(main(QUICK if "--quick" in arguments else TIMES))))


if __name__ == "__main__":
    _run(sys.argv[1:])
