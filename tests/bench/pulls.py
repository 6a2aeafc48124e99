"""What one pull costs the office while the rest of its records grow a hundredfold around the same team's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from server import db, sessions
from server.config import settings
from tests.bench import neighbourhood
from tests.bench.neighbourhood import TOPICS, Phone, Team
from tests.bench.phones import EACH, Sender
from tests.bench.table import share

OURS = 4000  # of the first ten thousand records, spread evenly
FIRST_SIZE = 10_000
STEP = 5000
QUIET = 0.25  # of all times this part was quicker: on a busy machine the median tells of others
AWAY = 3000  # a number early in the office's life, for a phone that was away for long


@dataclass(slots=True)
class Planting:
    """An office that grows: the team that is measured, the others, and how many records there are."""

    ours: Team
    others: list[Team]
    at: int
    size: int = 0

    async def grow(self, size: int) -> None:
        """Plants until there are so many; the measured team's part does not grow beyond the first ten thousand."""
        while self.size < size:
            count = min(STEP, size - self.size)
            notes = list(self._notes(self.size, self.size + count))
            row = await db.read(lambda tx: tx.one("SELECT n FROM counter WHERE name = 'seq'"))
            first = int(row[0]) + 1  # type: ignore[index]  # the row is always there
            await db.write(lambda tx, notes=notes, first=first: neighbourhood.plant(tx, notes, first))
            self.size += count
        if db.engine == "postgres":  # what autovacuum does a minute later
            await db.write(lambda tx: tx.run("ANALYZE record"))

    def _notes(self, start: int, end: int) -> Iterator[tuple[dict[str, Any], Phone]]:
        for number in range(start, end):
            team = self.ours if number < FIRST_SIZE and number * OURS % FIRST_SIZE < OURS else self.others[number % len(self.others)]
            phone = team.phones[-1]
            resident = team.residents[number // 7 % len(team.residents)]
            yield neighbourhood.note(phone, resident, TOPICS[number % len(TOPICS)], number + 1, self.at), phone


async def measure(planting: Planting, times: int) -> dict[str, float]:
    """Milliseconds of four kinds of pull by the team's first member, through the application in this process."""
    from server.app import app  # noqa: PLC0415 - the settings have to be in place

    headers = {"Origin": settings.origin, "Cookie": f"{sessions.COOKIE}={planting.ours.phones[0].token}", "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.origin, headers=headers) as client:
        sender = Sender(planting.ours, planting.ours.phones[0], iter(()), planting.at)
        for _ in range(2):
            sender.hears((await _sync(client, sender)).content)
        newest = sender.cursor
        first = await _times(client, sender, None, max(5, times // 10))
        away = await _times(client, sender, str(AWAY), max(5, times // 10))
        nothing = await _times(client, sender, newest, times)
        await db.write(lambda tx: neighbourhood.write(tx, _fresh(planting), planting.ours.phones[-1].me, planting.at))
        planting.size += EACH
        return {"nothing new": nothing, "10 new": await _times(client, sender, newest, times, EACH), "after long": away, "a first pull": first}


async def _times(client: httpx.AsyncClient, sender: Sender, cursor: str | None, times: int, records: int | None = None) -> float:
    took = []
    for _ in range(times):
        sender.cursor = cursor
        began = time.perf_counter()
        answer = await _sync(client, sender)
        took.append((time.perf_counter() - began) * 1000)
        if records is not None and len(answer.json()["records"]) != records:
            raise RuntimeError(f"{len(answer.json()['records'])} records came down instead of {records}")
    return share(took, QUIET)


async def _sync(client: httpx.AsyncClient, sender: Sender) -> httpx.Response:
    answer = await client.post("/sync", content=sender.asks(0), headers={"Content-Type": "application/json"})
    return answer.raise_for_status()


def _fresh(planting: Planting) -> list[dict[str, Any]]:
    team, start = planting.ours, 900_000_000 + planting.size
    phone, of = team.phones[-1], [team.residents[i % len(team.residents)] for i in range(EACH)]
    return [neighbourhood.note(phone, resident, TOPICS[i % len(TOPICS)], start + i, planting.at) for i, resident in enumerate(of)]
