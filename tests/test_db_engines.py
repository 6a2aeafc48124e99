"""Units of work, what each engine does in its own way: SQLite's one writer, PostgreSQL's conflicts and lost connections."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress

import asyncpg
import pytest

from server import db, postgres
from server.config import settings
from tests.test_db import KEEP, keep, kept

if db.engine == "sqlite":

    async def test_a_unit_that_waits_for_anything_else_is_refused(office):
        async def work(tx):
            await tx.run(KEEP, "tea", "yes")
            await asyncio.sleep(0)

        with pytest.raises(RuntimeError, match="awaits nothing but its tx"):
            await office.write(work)
        assert await kept() == set()

    async def test_a_unit_that_leaves_altogether_does_not_take_the_writer_with_it(office):
        async def work(_tx):
            raise SystemExit(1)

        with pytest.raises(RuntimeError, match="SystemExit"):
            await office.write(work)
        await office.write(keep("after"))

    async def test_a_locked_file_is_said_in_time_and_harms_nobody_later(office):
        await office.write(lambda tx: tx.run("PRAGMA busy_timeout = 50"))
        other = sqlite3.connect(settings.database.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        since = time.monotonic()
        results = await asyncio.gather(*(office.write(keep(f"locked {i}")) for i in range(6)), return_exceptions=True)
        assert all(isinstance(result, db.UnavailableError) for result in results)
        assert not await office.ready()
        assert time.monotonic() - since < 2
        other.execute("ROLLBACK")
        other.close()
        await office.write(keep("free"))
        assert await kept() == {"free"}

    async def test_every_connection_is_durable_and_checks_references(office):
        async def work(tx):
            names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
            return [(await tx.one(f"PRAGMA {name}"))[0] for name in names]

        assert await office.write(work) == await office.read(work) == ["wal", 2, 1, 1]


if db.engine == "postgres":

    async def test_a_conflict_runs_the_whole_unit_again(office):
        tries = []

        async def work(tx):
            await tx.run(KEEP, "tea", "yes")
            tries.append(1)
            if len(tries) < 3:
                raise (asyncpg.SerializationError if len(tries) == 1 else asyncpg.DeadlockDetectedError)("try again")

        await office.write(work)
        assert len(tries) == 3
        assert await kept() == {"tea"}

    async def test_lost_connections_are_not_noticed_by_callers(office):
        admin = await asyncpg.connect(settings.database)
        for i in range(5):
            units = [asyncio.create_task(office.write(keep(f"{i} {k}"))) for k in range(20)]
            await asyncio.sleep(0.004)
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'naober'")
            results = await asyncio.gather(*units, return_exceptions=True)
            # a commit whose answer was lost is run again: the unit itself must know that twice is once
            assert {repr(result) for result in results if result != 1 and not isinstance(result, asyncpg.UniqueViolationError)} == set()
        await admin.close()
        assert len(await kept()) == 100

    async def test_a_server_that_is_no_longer_the_primary_is_left(office):
        async def demote(tx):
            await tx.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

        await asyncio.gather(*(office.read(demote) for _ in range(30)))
        assert await office.write(keep("found the primary")) == 1

    async def test_an_error_that_was_swallowed_is_not_called_kept(office):
        async def work(tx):
            await tx.run(KEEP, "tea", "yes")
            with suppress(asyncpg.UniqueViolationError):
                await tx.run(KEEP, "tea", "twice")

        with pytest.raises(RuntimeError, match=r"tx\.nested"):
            await office.write(work)
        assert await kept() == set()

    async def test_a_lock_held_by_somebody_else_is_said_in_time(office, monkeypatch):
        monkeypatch.setattr(postgres, "LOCK_S_MAX", 1)
        await office.stop()
        await office.start()
        admin = await asyncpg.connect(settings.database)
        async with admin.transaction():
            await admin.execute("UPDATE counter SET n = n WHERE name = 'seq'")
            with pytest.raises(db.UnavailableError):
                await office.write(db.number)
        await admin.close()
        assert await office.write(db.number) == 1

    async def test_commits_are_durable_even_where_the_server_says_otherwise(office):
        admin = await asyncpg.connect(settings.database)
        await admin.execute("ALTER DATABASE naober_test SET synchronous_commit = off")
        await admin.close()
        await office.stop()
        await office.start()
        assert await office.read(lambda tx: tx.one("SHOW synchronous_commit")) == ("on",)
