"""SQLite: one durable writer thread that commits units in groups, and a few readers with connections of their own."""

import asyncio
import contextvars
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from server.tx import Tx, UnavailableError, plain, question_marks

BUSY_MS_MAX = 5_000
GROUP_MAX = 64
WAITING_MAX = 2_000
READERS = 3

T = TypeVar("T")

EVERY = f"""
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;
    PRAGMA busy_timeout = {BUSY_MS_MAX}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
"""
WRITER = "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000;"
READER = "PRAGMA query_only = ON; PRAGMA cache_size = -4000;"


class SqliteTx(Tx):
    """A unit's hold on a thread's connection; nothing here ever waits, so a thread can drive a unit to its end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection

    async def all(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(question_marks(sql), plain(args)).fetchall()

    async def one(self, sql: str, *args: Any) -> tuple[Any, ...] | None:
        rows = self._connection.execute(question_marks(sql), plain(args)).fetchall()
        return rows[0] if rows else None

    async def run(self, sql: str, *args: Any) -> int:
        return max(0, self._connection.execute(question_marks(sql), plain(args)).rowcount)

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(question_marks(sql), [plain(row) for row in rows])

    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        cursor = self._connection.execute(sql, tuple(args))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(slots=True, eq=False)
class Call:
    """One unit on its way: what to do, and where its result is awaited."""

    work: Callable[[Tx], Awaitable[Any]]
    future: "asyncio.Future[Any]"
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    result: Any = None
    error: BaseException | None = None

    def drive(self, connection: sqlite3.Connection) -> None:
        """Runs the unit from start to end in this thread."""
        try:
            self.result = self.context.run(_drive, self.work, SqliteTx(connection))
        except Exception as error:
            self.error = error
            raise
        except BaseException as error:
            self.error = RuntimeError(f"a unit of work ended with {error!r}")  # the thread goes on
            raise self.error from error

    def settle(self) -> None:
        if not self.future.done():
            self.future.set_result(self.result) if self.error is None else self.future.set_exception(self.error)


def _drive(work: Callable[[Tx], Awaitable[Any]], tx: Tx) -> Any:
    steps = work(tx).__await__()
    try:
        next(steps)
    except StopIteration as end:
        return end.value
    steps.close()
    raise RuntimeError("a unit of work awaits nothing but its tx: fetch, sleep and publish outside of it")


class Sqlite:
    """The store behind `db` when NAOBER_DATABASE is `sqlite:///path`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._inbox: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._asked: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open = False

    async def start(self) -> None:
        Path(self._path).touch(mode=0o600)  # noqa: ASYNC240 - once, before anybody waits
        writer = self._connect(WRITER)
        self._open = True
        self._spawn("naober-writer", self._write_loop, writer)
        for number in range(READERS):
            self._spawn(f"naober-reader-{number}", self._read_loop, self._connect(READER))

    def _connect(self, more: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, detect_types=0, check_same_thread=False, cached_statements=500)
        connection.executescript(EVERY + more)
        return connection

    def _spawn(self, name: str, loop: Callable[[sqlite3.Connection], None], connection: sqlite3.Connection) -> None:
        thread = threading.Thread(target=loop, args=(connection,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    async def stop(self) -> None:
        """Units already handed in are finished; then every thread and connection is gone."""
        self._open = False
        self._inbox.put(None)
        for _ in range(READERS):
            self._asked.put(None)
        while any(thread.is_alive() for thread in self._threads):  # noqa: ASYNC110 - a thread cannot set an asyncio.Event
            await asyncio.sleep(0.005)
        self._threads.clear()

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._hand_in(self._inbox, work)

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._hand_in(self._asked, work)

    async def _hand_in(self, line: "queue.SimpleQueue[Call | None]", work: Callable[[Tx], Awaitable[T]]) -> T:
        if not self._open:
            raise UnavailableError("the database is not started")
        if line.qsize() > WAITING_MAX:
            raise UnavailableError(f"{WAITING_MAX} units are waiting already")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        line.put(Call(work, future))
        return await future

    def _write_loop(self, connection: sqlite3.Connection) -> None:
        while first := self._inbox.get():
            group, more = _group(first, self._inbox)
            _commit_group(connection, group)
            _settle(group)
            if not more:
                break
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def _read_loop(self, connection: sqlite3.Connection) -> None:
        while call := self._asked.get():
            _read(connection, call)
            _settle([call])
        connection.close()


def _group(first: Call, inbox: "queue.SimpleQueue[Call | None]") -> tuple[list[Call], bool]:
    """The units that share the next commit, and whether more may follow."""
    group = [first]
    with suppress(queue.Empty):
        while len(group) < GROUP_MAX:
            call = inbox.get_nowait()
            if call is None:
                return group, False
            group.append(call)
    return group, True


def _commit_group(connection: sqlite3.Connection, group: list[Call]) -> None:
    """One transaction and one fsync for the whole group; nothing is answered before it is on the disk."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for call in group:
            if not call.future.cancelled():
                _unit(connection, call)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for call in group:
            call.error = call.error or _spoken(error)


def _unit(connection: sqlite3.Connection, call: Call) -> None:
    """A failing unit undoes itself and nobody else, unless SQLite gave up the whole transaction (disk full)."""
    connection.execute("SAVEPOINT unit")
    try:
        call.drive(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise sqlite3.OperationalError(f"the transaction was lost: {error}") from error
        connection.execute("ROLLBACK TO unit")
    connection.execute("RELEASE unit")


def _read(connection: sqlite3.Connection, call: Call) -> None:
    """All statements of a reading unit see one moment."""
    if call.future.cancelled():
        return
    with suppress(Exception):
        connection.execute("BEGIN")
        call.drive(connection)
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _spoken(error: sqlite3.Error) -> Exception:
    passing = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR"))
    return UnavailableError(f"SQLite: {error}") if passing else error


def _settle(calls: list[Call]) -> None:
    def settle() -> None:
        for call in calls:
            call.settle()

    with suppress(RuntimeError):  # the loop that asked has ended: nobody waits
        calls[0].future.get_loop().call_soon_threadsafe(settle)
