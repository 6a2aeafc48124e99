"""What consent costs in the office: to withdraw one, to know what is open to somebody, and a pull, while the office grows a hundredfold."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg

from server import (
    access,
    changes,
    consents,  # noqa: F401 - what follows from a consent's record
    db,
    sessions,
)
from server.config import settings
from server.db import Tx
from server.migrations import migrate
from tests.bench import neighbourhood, raw
from tests.bench.neighbourhood import SINCE, TOPICS, Phone, Team, an_id
from tests.bench.pulls import Planting, measure
from tests.bench.table import share

PEOPLE = 10_000
HOMES = 67  # 400 pairs: a household is one pair, its resident one for each topic
COVERED = 10_000
QUIET = 0.25  # of all times this part was quicker: on a busy machine the median tells of others
STEP = 2500
_numbers = count(50_000_000)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    times: int
    records: tuple[int, ...]


FULL = Size(40, (10_000, 100_000, 1_000_000))
QUICK = Size(15, (10_000, 100_000))


async def main(size: Size) -> dict[str, Any]:
    """Everything measured on the engine that NAOBER_DATABASE names."""
    await db.start()
    await migrate()
    at = sessions.now()
    teams = await db.write(lambda tx: neighbourhood.settle(tx, at, teams=3, people=2, homes=HOMES))
    await _crowd(at)
    planting = Planting(teams[0], teams[1:], at)
    found = {}
    for records in size.records:
        await planting.grow(records)
        pulled = await measure(planting, size.times)
        found[records] = {"pull": pulled["10 new"], **await costs(teams, at, size.times)}
    covered = await _covered(teams[0], at, size.times)
    await db.stop()
    return {"sizes": found, "covered": covered}


async def costs(teams: list[Team], at: int, times: int) -> dict[str, float]:
    """Milliseconds of a withdrawal, a note, `access.entitled` and its bare statements; and of how many pairs that speaks."""
    phone, resident, other = teams[0].phones[0], teams[0].residents[0], teams[1].phones[0]
    spoken = await _spoken(phone, resident, other.me.person, at, times)
    withdrawals, notes = iter(spoken), iter(_note(phone, resident, at) for _ in range(times))
    withdrawn, noted = await in_turn(times, lambda: _take(phone, next(withdrawals), at), lambda: _take(phone, next(notes), at))
    pairs = await db.read(lambda tx: access.entitled(tx, phone.me.person, at))
    async with bare(lambda tx: access.entitled(tx, phone.me.person, at)) as alone:
        known, asked = await in_turn(times * 5, lambda: db.read(lambda tx: _timed(tx, phone.me.person, at)), alone)
    return {"withdrawal": withdrawn, "note": noted, "entitled": known, "statements": asked, "pairs": len(pairs)}


async def _covered(team: Team, at: int, times: int) -> dict[str, float]:
    """The same of a consent that speaks of ten thousand records: as many notes of one resident."""
    phone, resident = team.phones[0], team.residents[0]
    for start in range(0, COVERED, STEP):
        notes = [(neighbourhood.note(phone, resident, TOPICS[n % len(TOPICS)], next(_numbers), at), phone) for n in range(start, start + STEP)]
        row = await db.read(lambda tx: tx.one("SELECT n FROM counter WHERE name = 'seq'"))
        await db.write(lambda tx, notes=notes, first=int(row[0]) + 1 if row else 1: neighbourhood.plant(tx, notes, first))
    spoken = iter(await _spoken(phone, resident, an_id("person", 3), at, times))
    withdrawn, noted = await in_turn(times, lambda: _take(phone, next(spoken), at), lambda: _take(phone, _note(phone, resident, at), at))
    return {"withdrawal": withdrawn, "note": noted}


# What is measured


async def _take(phone: Phone, change: dict[str, Any], at: int) -> float:
    """Milliseconds until this one change is on the disk."""
    began = time.perf_counter()
    batch = await db.write(lambda tx: changes.take(tx, [change], phone.me, now=at))
    took = (time.perf_counter() - began) * 1000
    if batch.results[0].is_ != "stored":
        raise RuntimeError(f"not stored: {batch.results[0]}")
    return took


async def _timed(tx: Tx, person: str, at: int) -> float:
    """Milliseconds of `access.entitled` inside a unit: how a unit comes to a thread is measured elsewhere."""
    began = time.perf_counter()
    await access.entitled(tx, person, at)
    return (time.perf_counter() - began) * 1000


@contextlib.asynccontextmanager
async def bare(work: Callable[[Tx], Awaitable[object]]) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """Milliseconds of the statements of a unit that only reads, by the driver alone."""
    unit = raw.Unit(writes=False)
    await db.read(lambda tx: work(raw.Scribe(tx, unit)))
    postgres = await asyncpg.connect(settings.database, server_settings={"jit": "off"}) if db.engine == "postgres" else None
    sqlite = None if postgres else raw._sqlite()
    statements = [(method, sql if postgres else raw.question_marks(sql), args) for method, sql, args in unit.statements]

    async def run() -> float:
        began = time.perf_counter()
        if sqlite:
            raw._run_sqlite(sqlite, statements)
        for method, sql, args in statements if postgres else ():
            await raw._run_postgres(postgres, method, sql, args)
        return (time.perf_counter() - began) * 1000

    yield run
    if postgres:
        await postgres.close()
    if sqlite:
        sqlite.close()


async def in_turn(times: int, one: Callable[[], Awaitable[float]], other: Callable[[], Awaitable[float]]) -> tuple[float, float]:
    """Both by turns, so that what else the machine does falls on both."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        took[0].append(await one())
        took[1].append(await other())
    return share(took[0], QUIET), share(took[1], QUIET)


# What it is measured on


async def _crowd(at: int) -> None:
    """Ten thousand people of other teams, with a household in care for each ten of them."""
    organisation = an_id("organisation", 1)
    people = [an_id("person", 1_000_000 + n) for n in range(PEOPLE)]
    teams = [an_id("team", 1_000_000 + n) for n in range(PEOPLE // 10)]
    homes = [an_id("household", 1_000_000 + n) for n in range(PEOPLE // 10)]
    hats = [(an_id("hat", 1_000_000 + n), person, teams[n // 10], SINCE) for n, person in enumerate(people)]
    care = [(an_id("care", 1_000_000 + n), home, teams[n], SINCE) for n, home in enumerate(homes)]
    residents = [(an_id("resident", 1_000_000 + n), home) for n, home in enumerate(homes)]
    for sql, rows in (
        ("INSERT INTO team (id, organisation, name) VALUES ($1, $2, 'Team')", [(team, organisation) for team in teams]),
        ("INSERT INTO person (id, name, language, word, created_at) VALUES ($1, 'Collega', 'nl', 'client', $2)", [(one, at) for one in people]),
        ("INSERT INTO membership (id, person, team, role, since) VALUES ($1, $2, $3, 'nurse', $4)", hats),
        ("INSERT INTO household (id) VALUES ($1)", [(home,) for home in homes]),
        ("INSERT INTO resident (id, household) VALUES ($1, $2)", residents),
        ("INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, NULL)", care),
    ):
        await db.write(lambda tx, sql=sql, rows=rows: tx.many(sql, rows))


def _note(phone: Phone, resident: str, at: int) -> dict[str, Any]:
    return neighbourhood.note(phone, resident, "body", next(_numbers), at)


async def _spoken(phone: Phone, resident: str, whom: str, at: int, times: int) -> list[dict[str, Any]]:
    """Consents to somebody elsewhere, on the disk; gives their withdrawals."""
    made = []
    for number in (next(_numbers) for _ in range(times)):
        fields = {"about": "secrecy", "answer": "yes", "to_kind": "person", "to": whom, "topics": list(TOPICS), "since": SINCE, "before": True}
        grant = _of_consent(phone, resident, number, at, {**fields, "how": "spoken"})
        await _take(phone, grant, at)
        ended = _of_consent(phone, resident, number, at, {"withdrawn": True}) | {"id": an_id("change", next(_numbers)), "seen": 1}
        made.append(ended)
    return made


def _of_consent(phone: Phone, resident: str, number: int, at: int, fields: dict[str, Any]) -> dict[str, Any]:
    note = neighbourhood.note(phone, resident, "practical", number, at)
    return {**note, "kind": "consent", "n": next(_numbers), "fields": fields}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(QUICK if "--quick" in sys.argv else FULL))))
