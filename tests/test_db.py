"""Units of work: whole or not at all, for whoever fails, waits, goes away or comes at the same time."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import threading
import time
from contextlib import suppress
from contextvars import ContextVar

import asyncpg
import pytest

from server import db, tables

PULLS = int(os.environ.get("NAOBER_PULLS", "2000"))
WRITERS = 32
KEEP = "INSERT INTO meta (name, value) VALUES ($1, $2)"
RECORD = (
    "INSERT INTO record (id, kind, subject, topic, version, first, seq, author, body)"
    " VALUES ($1, 'note', 'resident:mo', 'body', 1, $2, $2, 'ines', '{}')"
)
PAGE = 500
AFTER = f"SELECT seq FROM record WHERE seq > $1 ORDER BY seq LIMIT {PAGE}"  # noqa: S608 - our own SQL


def keep(name, value="kept"):
    """A unit that keeps one fact."""
    return lambda tx: tx.run(KEEP, name, value)


async def pulled(tx, after):
    """(numbers after this one, the newest number given out), at one moment."""
    newest = (await tx.one("SELECT n FROM counter WHERE name = 'seq'"))[0]
    return [seq for (seq,) in await tx.all(AFTER, after)], newest


async def kept():
    async def work(tx):
        return {name for (name,) in await tx.all("SELECT name FROM meta WHERE name <> 'epoch'")}

    return await db.read(work)


async def test_a_unit_gives_its_result_and_is_kept(office):
    async def work(tx):
        await tx.run(KEEP, "tea", "yes")
        return await tx.one("SELECT value FROM meta WHERE name = $1", "tea")

    assert await office.write(work) == ("yes",)
    assert await kept() == {"tea"}


async def test_a_unit_that_raises_leaves_nothing(office):
    async def work(tx):
        await tx.run(KEEP, "tea", "yes")
        raise ValueError("spilled")

    with pytest.raises(ValueError, match="spilled"):
        await office.write(work)
    assert await kept() == set()


async def test_units_that_fail_do_not_harm_those_they_share_a_commit_with(office):
    async def work(tx, i):
        await tx.run(KEEP, f"unit {i:02}", "kept")
        if i % 3 == 0:
            raise ValueError(i)
        if i % 3 == 1:
            await tx.run(KEEP, f"unit {i:02}", "twice")  # the engine itself refuses
        return i

    results = await asyncio.gather(*(office.write(lambda tx, i=i: work(tx, i)) for i in range(60)), return_exceptions=True)
    assert [r for r in results if isinstance(r, int)] == list(range(2, 60, 3))
    assert await kept() == {f"unit {i:02}" for i in range(2, 60, 3)}


async def test_an_inner_unit_that_fails_undoes_itself_only(office):
    async def inner(tx):
        await tx.run(KEEP, "inner", "no")
        await tx.run(KEEP, "outer", "twice")

    async def work(tx):
        await tx.run(KEEP, "outer", "yes")
        for _ in range(2):
            with suppress(sqlite3.IntegrityError, asyncpg.UniqueViolationError):
                await tx.nested(inner)
        await tx.nested(keep("second inner"))
        return await tx.nested(lambda tx: tx.nested(keep("innermost")))

    assert await office.write(work) == 1
    assert await kept() == {"outer", "second inner", "innermost"}


async def test_a_reading_unit_sees_one_moment_and_cannot_write(office):
    async def work(tx):
        before = await tx.all("SELECT name FROM meta")
        began.set()
        time.sleep(0.1) if db.engine == "sqlite" else await asyncio.sleep(0.1)  # noqa: ASYNC251 - on SQLite a unit has its own thread
        return before == await tx.all("SELECT name FROM meta")

    began = threading.Event()
    reading = asyncio.create_task(office.read(work))
    while not began.is_set():  # noqa: ASYNC110 - set by a thread
        await asyncio.sleep(0.001)
    await office.write(keep("meanwhile"))
    assert not reading.done()
    assert await reading
    with pytest.raises((sqlite3.OperationalError, RuntimeError)):
        await office.read(keep("by a reader"))


async def test_both_engines_give_back_the_same_values(office):
    values = ["café 👵🏽 'quoted' \\ \"double\"", 2**53 + 1, -(2**63), b"\x00\xff", None]

    async def work(tx):
        key = tables.Passkey(
            id="k", person="ines", credential_id=values[0], public_key=values[3], sign_count=values[1], prf=values[2], name="", created_at=0,
        )  # fmt: skip
        await tx.piccolo(tables.Person.insert(tables.Person(id="ines", name="Ines", language="nl", word="bewoner", created_at=0)))
        await tx.piccolo(tables.Passkey.insert(key))
        sql = "SELECT credential_id, sign_count, prf, public_key, last_used_at FROM passkey WHERE id = $1"
        return await tx.one(sql, "k"), await tx.piccolo(tables.Passkey.select(tables.Passkey.public_key, tables.Passkey.person.name))

    row, dicts = await office.write(work)
    assert row == tuple(values)
    assert dicts == [{"public_key": b"\x00\xff", "person.name": "Ines"}]


async def test_lists_are_one_argument(office):
    async def work(tx):
        await tx.many(KEEP, [("a", "1"), ("b", "2"), ("c\"'", "3")])
        listed = "SELECT value FROM meta WHERE " + db.among("name", 1)  # noqa: S608 - our own SQL
        paired = "SELECT topic FROM " + db.pairs(2) + " JOIN meta ON name = subject WHERE value = $1"  # noqa: S608 - our own SQL
        rows = sorted(await tx.all(listed, ["b", "c\"'", "d"]))
        return rows, await tx.all(paired, "1", [["a", "body"], ["b", "mind"]]), await tx.all(listed, [])

    assert await office.write(work) == ([("2",), ("3",)], [("body",)], [])


async def test_counts_of_rows_are_the_same(office):
    async def work(tx):
        await tx.many(KEEP, [("a", "1"), ("b", "1")])
        return await tx.run("UPDATE meta SET value = '2' WHERE value = '1'"), await tx.run("DELETE FROM meta WHERE name = 'zz'")

    assert await office.write(work) == (2, 0)


async def test_a_piccolo_query_runs_in_a_unit_only(office):
    with pytest.raises(RuntimeError, match=r"tx\.piccolo"):
        await tables.Person.select()


async def test_a_unit_sees_its_callers_context(office):
    asked_by = ContextVar("asked_by")
    asked_by.set("ines")

    async def work(_tx):
        return asked_by.get()

    assert (await office.write(work), await office.read(work)) == ("ines", "ines")


async def test_numbers_are_consecutive_and_a_failed_unit_leaves_no_hole_in_use(office):
    async def fails(tx):
        await db.number(tx, 5)
        raise ValueError

    assert await office.write(lambda tx: db.number(tx, 3)) == 1
    with pytest.raises(ValueError):  # noqa: PT011 - bare on purpose
        await office.write(fails)
    assert await office.write(db.number) == 4


async def test_two_hundred_callers_who_go_away_leave_no_half_pair_no_lock_and_no_thread(office):
    dice = random.Random(20261122)
    threads = threading.active_count()

    async def pair(tx, i):
        await tx.run(KEEP, f"{i} left", "half")
        await tx.run(KEEP, f"{i} right", "half")

    tasks = [asyncio.create_task(office.write(lambda tx, i=i: pair(tx, i))) for i in range(200)]
    for task in dice.sample(tasks, 200):
        await asyncio.sleep(dice.random() * 0.002)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(office.write(keep(f"later {i}")) for i in range(30)))
    names = await kept()
    assert all((f"{i} left" in names) == (f"{i} right" in names) for i in range(200))
    assert {f"later {i}" for i in range(30)} <= names
    assert threading.active_count() == threads
    await office.stop()
    assert threading.active_count() == 1


async def test_stop_finishes_what_was_handed_in_and_refuses_what_comes_after(office):
    tasks = [asyncio.create_task(office.write(keep(f"unit {i}"))) for i in range(50)]
    await asyncio.sleep(0)
    await office.stop()
    await asyncio.gather(*tasks)
    with pytest.raises(db.UnavailableError):
        await office.write(keep("too late"))
    await office.start()
    assert len(await kept()) == 50


async def test_ready_writes(office):
    assert await office.ready()
    await office.stop()
    assert not await office.ready()


async def test_a_cursor_that_follows_the_numbers_never_skips_a_row(office):
    """As a sync does, readers move on to the newest number given out; whoever commits later with a lower number would be lost to them."""
    done = asyncio.Event()
    written = 0

    async def store(tx, writer, i):
        first = await db.number(tx, 2)
        await tx.many(RECORD, [(f"{writer} {i} {k}", first + k) for k in range(2)])
        if i % 7 == 3:
            raise ValueError("changed my mind")

    async def writer(name):
        nonlocal written
        i = 0
        while not done.is_set():
            i += 1
            # A database that is slow says so, has written nothing, and is asked again.
            with suppress(ValueError, db.UnavailableError):
                await office.write(lambda tx, i=i: store(tx, name, i))
                written += 2

    async def reader(pulls):
        cursor, seen = 0, []
        for _ in range(pulls):
            rows, newest = await office.read(lambda tx, after=cursor: pulled(tx, after))
            seen += rows
            cursor = rows[-1] if len(rows) == PAGE else newest
        return seen

    writers = [asyncio.create_task(writer(name)) for name in range(WRITERS)]
    readers = await asyncio.gather(*(reader(PULLS // 4) for _ in range(4)))
    done.set()
    await asyncio.gather(*writers)
    stored = [seq for (seq,) in await office.read(lambda tx: tx.all("SELECT seq FROM record ORDER BY seq"))]
    assert len(stored) == written > 0
    for seen in readers:
        assert seen == stored[: len(seen)]
