"""The raw driver beside the office: the statements that real requests make are written down, then run again without the office around them."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import asyncpg

from server import db, sqlite
from server.config import settings
from server.postgres import READ, WRITE, PostgresTx
from server.tx import Tx, plain, question_marks

T = TypeVar("T")
Statement = tuple[str, str, Any]


@dataclass(slots=True)
class Unit:
    """One unit of work: whether it writes, and its statements as (method, SQL, arguments)."""

    writes: bool
    statements: list[Statement] = field(default_factory=list)


class Scribe(Tx):
    """A tx that writes down what is asked of it."""

    def __init__(self, inner: Tx, unit: Unit) -> None:
        super().__init__()
        self._inner, self._unit = inner, unit

    async def all(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        self._unit.statements.append(("all", sql, plain(args)))
        return await self._inner.all(sql, *args)

    async def one(self, sql: str, *args: Any) -> tuple[Any, ...] | None:
        self._unit.statements.append(("one", sql, plain(args)))
        return await self._inner.one(sql, *args)

    async def run(self, sql: str, *args: Any) -> int:
        self._unit.statements.append(("run", sql, plain(args)))
        return await self._inner.run(sql, *args)

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        rows = [plain(row) for row in rows]
        self._unit.statements.append(("many", sql, rows))
        await self._inner.many(sql, rows)

    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        raise NotImplementedError("a sync uses no Piccolo queries")


class Rehearsal:
    """A store in which everything happens in one transaction that is taken back at the end: the database stays as it was."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self._inner: Tx | None = None
        self._connection: Any = None

    async def __aenter__(self) -> Self:
        self._before, db._store = db._store, self  # type: ignore[assignment]
        if db.engine == "sqlite":
            self._connection = _sqlite()
            self._connection.execute("BEGIN")
            self._inner = sqlite.SqliteTx(self._connection)
        else:
            self._connection = await asyncpg.connect(settings.database)
            await self._connection.execute(WRITE)
            self._inner = PostgresTx(self._connection)
        return self

    async def __aexit__(self, *_: object) -> None:
        db._store = self._before
        if db.engine == "sqlite":
            self._connection.execute("ROLLBACK")
            self._connection.close()
        else:
            await self._connection.close()

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._play(work, writes=True)

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._play(work, writes=False)

    async def _play(self, work: Callable[[Tx], Awaitable[T]], *, writes: bool) -> T:
        unit = Unit(writes)
        self.units.append(unit)
        return await work(Scribe(self._inner, unit))


async def replay(requests: list[list[Unit]], connections: int) -> float:
    """Seconds for these requests (units each) by the driver alone: same transactions, same durability."""
    if db.engine == "sqlite":
        return await asyncio.to_thread(_replay_sqlite, requests, connections)
    return await _replay_postgres(requests, connections)


def _replay_sqlite(requests: list[list[Unit]], together: int) -> float:
    """One connection; as many writing units share a commit as there are connections, which is the best a single writer can do."""
    connection = _sqlite()
    units = [unit for request in requests for unit in request]
    writing, reading = (
        [[(method, question_marks(sql), args) for method, sql, args in unit.statements] for unit in units if unit.writes is writes]
        for writes in (True, False)
    )
    began = time.perf_counter()
    for start in range(0, max(len(writing), len(reading)), together):
        connection.execute("BEGIN")
        for unit in reading[start : start + together]:
            _run_sqlite(connection, unit)
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        for unit in writing[start : start + together]:
            connection.execute("SAVEPOINT unit")
            _run_sqlite(connection, unit)
            connection.execute("RELEASE unit")
        connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def _run_sqlite(connection: sqlite3.Connection, statements: list[Statement]) -> None:
    for method, sql, args in statements:
        if method == "many":
            connection.executemany(sql, args)
        else:
            connection.execute(sql, args).fetchall()


async def _replay_postgres(requests: list[list[Unit]], connections: int) -> float:
    pool = [await asyncpg.connect(settings.database, server_settings={"jit": "off"}) for _ in range(connections)]
    left = iter(requests)

    async def work(connection: Any) -> None:
        for units in left:
            for unit in units:
                await connection.execute(WRITE if unit.writes else READ)
                for method, sql, args in unit.statements:
                    await _run_postgres(connection, method, sql, args)
                await connection.execute("COMMIT")

    began = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in pool))
    seconds = time.perf_counter() - began
    for connection in pool:
        await connection.close()
    return seconds


async def _run_postgres(connection: Any, method: str, sql: str, args: Any) -> None:
    if method == "many":
        await connection.executemany(sql, args)
    elif method == "run":
        await connection.execute(sql, *args)
    else:
        await (connection.fetch if method == "all" else connection.fetchrow)(sql, *args)


def _sqlite() -> sqlite3.Connection:
    connection = sqlite3.connect(settings.database.removeprefix("sqlite:///"), isolation_level=None, cached_statements=500, check_same_thread=False)
    connection.executescript(sqlite.EVERY + sqlite.WRITER)
    return connection
