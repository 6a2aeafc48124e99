"""An office that is killed in the middle of its work: what it acknowledged is there, what it did not can be sent again, and is there once.

NAOBER_KILLS sets how often (50), NAOBER_SEED which moments.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import sqlite3
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from server import cli, db
from server.config import settings
from server.postgres import Postgres
from server.sqlite import Sqlite
from tests import desk

KILLS = int(os.environ.get("NAOBER_KILLS", "50"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
OFFICES, WRITERS, CHANGES_MAX = 3, 4, 25
ALIVE_S_MAX = 0.7
HEARD = 0.7  # of all lives end after every writer was told something, the others at any moment
START_S_MAX = 60
ROOT = Path(__file__).parent.parent
HEADERS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(eq=False)
class Writer:
    """Somebody's phone: what waits on it, and what it was told is stored."""

    me: desk.Me
    house: desk.House
    waiting: list[dict[str, Any]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, port: int, dice: random.Random) -> None:
        """Pushes until nobody answers any more."""
        cookies = {"naober": self.me.token}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=HEADERS, cookies=cookies, timeout=30, trust_env=False) as client:
            with suppress(httpx.TransportError):
                while True:
                    await self.push(client, dice)

    async def push(self, client: httpx.AsyncClient, dice: random.Random) -> None:
        if not self.waiting:
            self.waiting = [desk.note(self.me, self.house, f"Regel {self.me.n}") for _ in range(dice.randint(1, CHANGES_MAX))]
        response = await client.post("/sync", json={"format": 1, "device": self.me.device, "changes": self.waiting})
        if response.status_code == 503:  # the database was away: the phone tries again
            await asyncio.sleep(0.05)
            return
        results = response.json()["results"]
        assert [one["id"] for one in results] == [one["id"] for one in self.waiting]
        assert {one["is"] for one in results} <= {"stored", "known"}
        self.told |= {one["record"] for one in self.waiting}
        self.waiting = []
        self.heard.set()


@dataclass(eq=False)
class Office:
    """A real `naober serve` with a database, and its writers."""

    address: str
    port: int
    writers: list[Writer]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await naober("serve", NAOBER_DATABASE=self.address, NAOBER_PORT=str(self.port))

    async def answers(self) -> None:
        until = asyncio.get_running_loop().time() + START_S_MAX
        while asyncio.get_running_loop().time() < until:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                await writer.wait_closed()
                return
            assert self.process.returncode is None, "naober serve ended by itself"
            await asyncio.sleep(0.02)
        raise AssertionError("naober serve does not answer")

    async def live(self, dice: random.Random) -> None:
        """One life: started, pushed at, killed; now and then before it is quite awake."""
        await self.start()
        if dice.random() < 0.1:
            await asyncio.sleep(dice.uniform(0, 2))
        else:
            await self.answers()
            for writer in self.writers:
                writer.heard.clear()
            pushing = [asyncio.create_task(writer.write(self.port, dice)) for writer in self.writers]
            if dice.random() < HEARD:
                async with asyncio.timeout(START_S_MAX):
                    await asyncio.gather(*(writer.heard.wait() for writer in self.writers))
            await asyncio.sleep(dice.uniform(0.02, ALIVE_S_MAX))
            self.process.kill()
            await asyncio.gather(*pushing)
        await self.end()

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def rest(self) -> None:
        """What still waits is sent, with nobody killed meanwhile."""
        await self.start()
        await self.answers()
        async with asyncio.timeout(START_S_MAX):
            for writer in self.writers:
                cookies = {"naober": writer.me.token}
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=HEADERS, cookies=cookies, trust_env=False) as client:
                    while writer.waiting:
                        await writer.push(client, random.Random(SEED))
        await self.end()


async def naober(verb: str, **env: str) -> asyncio.subprocess.Process:
    quiet = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "server.cli", verb, cwd=ROOT, env={**plain, **env}, **quiet)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def addresses(folder: Path) -> list[str]:
    """A migrated database for each office; on PostgreSQL they all share one, as they may."""
    if db.engine == "sqlite":
        made = [f"sqlite:///{folder}/office-{i}.db" for i in range(OFFICES)]
        assert await (await naober("migrate", NAOBER_DATABASE=made[0])).wait() == 0
        for other in made[1:]:
            shutil.copyfile(path(made[0]), path(other))
        return made
    admin = await asyncpg.connect(settings.database.replace("/naober_test", "/postgres"))
    await admin.execute("DROP DATABASE IF EXISTS naober_test_kill WITH (FORCE)")
    await admin.execute("CREATE DATABASE naober_test_kill")
    await admin.close()
    made = [settings.database.replace("/naober_test", "/naober_test_kill")] * OFFICES
    assert await (await naober("migrate", NAOBER_DATABASE=made[0])).wait() == 0
    return made


def path(address: str) -> str:
    return address.removeprefix("sqlite:///")


async def with_store(address: str, work: Any) -> Any:
    """What `work` gives with this database in this process."""
    store = Sqlite(path(address)) if db.engine == "sqlite" else Postgres(address, 4)
    await store.start()
    try:
        return await work(store)
    finally:
        await store.stop()


async def staffed(store: Any) -> list[Writer]:
    team = await desk.team(store)
    house = await desk.household(store, team)
    return [Writer(await desk.somebody(store, "nurse", team), house) for _ in range(WRITERS)]


async def test_nothing_that_was_acknowledged_is_lost_and_nothing_is_there_twice(tmp_path):
    print(f"NAOBER_SEED={SEED} NAOBER_KILLS={KILLS}")  # noqa: T201 - shown when it fails
    offices = [Office(address, free_port(), await with_store(address, staffed)) for address in await addresses(tmp_path)]
    shares = [KILLS // OFFICES + (i < KILLS % OFFICES) for i in range(OFFICES)]

    async def lives(office: Office, count: int, seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(count):
            await office.live(dice)
        await office.rest()

    try:
        await asyncio.gather(*(lives(office, count, SEED + i) for i, (office, count) in enumerate(zip(offices, shares, strict=True))))
    finally:
        await asyncio.gather(*(office.end() for office in offices if office.process))
    for office in offices:
        await with_store(office.address, lambda store, office=office: whole(store, office))
    assert sum(len(writer.told) for office in offices for writer in office.writers) >= 20 * KILLS


async def test_an_office_that_is_asked_to_stop_waits_for_nobody_who_only_listens(tmp_path):
    address = (await addresses(tmp_path))[0]
    office = Office(address, free_port(), await with_store(address, staffed))
    await office.start()
    try:
        await office.answers()
        cookies, base = {"naober": office.writers[0].me.token}, f"http://127.0.0.1:{office.port}"
        async with (
            httpx.AsyncClient(base_url=base, headers=HEADERS, cookies=cookies, timeout=30, trust_env=False) as client,
            client.stream("GET", "/news") as stream,
        ):
            said = stream.aiter_raw()
            assert await anext(said) == b"retry: 3000\n\n"
            office.process.terminate()
            async with asyncio.timeout(cli.GRACE_S - 1):
                assert [part async for part in said] == []
                await office.process.wait()
    finally:
        await office.end()


async def whole(store: Any, office: Office) -> None:
    """Everything acknowledged is there, with one record, one change and one log row; and nothing that nobody sent."""
    for writer in office.writers:
        assert writer.waiting == []
        me = writer.me
        records = dict(await desk.rows(store, "SELECT id, version FROM record WHERE author = $1", me.person))
        assert set(records) == writer.told
        assert set(records.values()) <= {1}
        changes = [key for (key,) in await desk.rows(store, "SELECT record FROM change WHERE person = $1 AND is_ = 'stored'", me.person)]
        logged = [key for (key,) in await desk.rows(store, "SELECT object FROM log WHERE person = $1 AND action = 'write'", me.person)]
        assert sorted(changes) == sorted(logged) == sorted(writer.told)
        (count,) = (await desk.rows(store, "SELECT highest_n FROM device WHERE id = $1", me.device))[0]
        assert count == len(writer.told)
    numbers = [seq for (seq,) in await desk.rows(store, "SELECT seq FROM record ORDER BY seq")]
    (newest,) = (await desk.rows(store, "SELECT n FROM counter WHERE name = 'seq'"))[0]
    assert numbers[-1] <= newest
    if db.engine == "sqlite":
        with sqlite3.connect(path(office.address)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
