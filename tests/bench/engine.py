"""One engine's part of the office bench, in a process of its own because settings are read once; prints one line of JSON."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from dataclasses import dataclass
from typing import Any

import httpx

from server import db, sessions
from server.config import settings
from server.migrations import migrate
from tests.bench import load, neighbourhood, raw, served
from tests.bench.neighbourhood import Team
from tests.bench.phones import EACH, Sender, senders
from tests.bench.pulls import Planting, measure
from tests.bench.table import median, share

CONNECTIONS = 16
TEAMS, PEOPLE, HOMES = 8, 2, 30
BLOCK = 100_000_000  # each run numbers its notes from a multiple of this


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    each: int
    replayed: int
    pulls: int
    records: tuple[int, ...]


FULL = Size(625, 1600, 100, (10_000, 100_000, 1_000_000))
QUICK = Size(60, 480, 30, (10_000, 100_000))


async def main(size: Size) -> dict[str, Any]:
    """Everything measured on the engine that NAOBER_DATABASE names."""
    await db.start()
    await migrate()
    teams = await db.write(lambda tx: neighbourhood.settle(tx, sessions.now(), teams=TEAMS, people=PEOPLE, homes=HOMES))
    await db.stop()
    syncs = await over_http(teams, size.each)
    syncs |= await by_driver(teams, size.replayed)
    await db.start()
    planting = Planting(teams[0], teams[1:], sessions.now())
    pulls = {}
    for records in size.records:
        await planting.grow(records)
        pulls[records] = await measure(planting, size.pulls)
    await db.stop()
    return {"syncs": syncs, "pulls": pulls}


async def over_http(teams: list[Team], each: int) -> dict[str, Any]:
    """Syncs a second against the office in a process of its own, what one took, and what the office then holds in memory."""
    crowd = senders(teams, sessions.now(), BLOCK)
    with served.office() as office:
        began = office.processor_s
        done = await load.run(crowd, office.port, each)
        memory, busy = office.memory_mb, office.processor_s - began
    sent = sum(sender.sent for sender in crowd)
    received = sum(sender.received for sender in crowd)
    stored = await notes_stored()
    if stored != sent:
        raise RuntimeError(f"{sent} notes were sent and called stored, {stored} are there")
    if received != sent:  # each note is its colleague's to read
        raise RuntimeError(f"{sent} notes were sent, {received} came down to a colleague")
    count = len(done.each_ms)
    waits = {"median_ms": median(done.each_ms), "p99_ms": share(done.each_ms, 0.99), "busy_ms": busy * 1000 / count}
    return {"a_second": count / done.seconds, "memory_mb": memory, "syncs": count, **waits}


async def by_driver(teams: list[Team], count: int) -> dict[str, float]:
    """The same requests a second when only their statements are run."""
    requests = await rehearsed(senders(teams, sessions.now(), 2 * BLOCK), count)
    gc.disable()
    seconds = await raw.replay(requests, CONNECTIONS)
    gc.enable()
    return {"raw_a_second": len(requests) / seconds}


async def rehearsed(crowd: list[Sender], count: int) -> list[list[raw.Unit]]:
    """The units of work that so many requests make, each with its statements; the database is as before."""
    from server.app import app  # noqa: PLC0415 - the settings have to be in place

    requests: list[list[raw.Unit]] = []
    async with raw.Rehearsal() as rehearsal, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.origin) as client:
        for sender in crowd:
            for _ in range(3):
                await _sync(client, sender, 0)
        for number in range(count):
            rehearsal.units = []
            await _sync(client, crowd[number % len(crowd)], EACH)
            requests.append(rehearsal.units)
    return requests


async def notes_stored() -> int:
    """How many notes the database holds now."""
    await db.start()
    row = await db.read(lambda tx: tx.one("SELECT count(*) FROM record WHERE kind = 'note'"))
    await db.stop()
    return int(row[0]) if row else 0


async def _sync(client: httpx.AsyncClient, sender: Sender, changes: int) -> None:
    headers = {"Origin": settings.origin, "Cookie": f"{sessions.COOKIE}={sender.phone.token}", "Content-Type": "application/json"}
    answer = await client.post("/sync", content=sender.asks(changes), headers=headers)
    sender.hears(answer.raise_for_status().content, counted=changes > 0)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(QUICK if "--quick" in sys.argv else FULL))))
