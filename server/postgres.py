"""PostgreSQL: an asyncpg pool; a unit that meets a conflict or a lost connection is run again, whole."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from typing import Any, TypeVar

import asyncpg

from server.tx import Tx, UnavailableError, plain

CONNECT_S_MAX = 5
STATEMENT_S_MAX = 60
LOCK_S_MAX = 10
AGAIN_S_MAX = 12
PAUSES_S = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)

WRITE = "BEGIN"
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
GONE = (
    asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError, asyncpg.InternalClientError, asyncpg.ReadOnlySQLTransactionError,
)  # fmt: skip
AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, *GONE)

T = TypeVar("T")


class PostgresTx(Tx):
    """A unit's hold on a pooled connection."""

    def __init__(self, connection: Any) -> None:
        super().__init__()
        self._connection = connection

    async def all(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.fetch(sql, *plain(args))]

    async def one(self, sql: str, *args: Any) -> tuple[Any, ...] | None:
        row = await self._connection.fetchrow(sql, *plain(args))
        return None if row is None else tuple(row)

    async def run(self, sql: str, *args: Any) -> int:
        count = (await self._connection.execute(sql, *plain(args))).rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self._connection.executemany(sql, [plain(row) for row in rows])

    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._connection.fetch(sql, *args)]


class Postgres:
    """The store behind `db` when NAOBER_DATABASE is `postgresql://…` (several hosts with target_session_attrs=primary too)."""

    def __init__(self, dsn: str, connections: int) -> None:
        self._dsn = dsn
        self._connections = connections
        self._writers = asyncio.Semaphore(max(1, connections // 2))  # they wait for each other's numbers: readers must not wait behind them
        self._pool: Any = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._pool = await asyncpg.create_pool(
            self._dsn, min_size=1, max_size=self._connections, timeout=CONNECT_S_MAX, command_timeout=STATEMENT_S_MAX,
            max_inactive_connection_lifetime=60, init=_durable, reset=_end,
            server_settings={"application_name": "naober", "jit": "off", "lock_timeout": f"{LOCK_S_MAX}s"},
        )  # fmt: skip

    async def stop(self) -> None:
        """Units already begun are finished; then every connection is closed."""
        if self._running:
            await asyncio.wait(self._running, timeout=AGAIN_S_MAX)
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._hand_in(work, WRITE)

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._hand_in(work, READ)

    async def _hand_in(self, work: Callable[[Tx], Awaitable[T]], begin: str) -> T:
        """The unit runs in a task of its own, so a caller that is cancelled never leaves half a transaction behind."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        task = loop.create_task(self._until_done(work, begin, future))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await future

    async def _until_done(self, work: Callable[[Tx], Awaitable[Any]], begin: str, future: "asyncio.Future[Any]") -> None:
        try:
            result = await self._again_and_again(work, begin, future)
        except Exception as error:  # noqa: BLE001 - it is the caller's, who awaits the future
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)

    async def _again_and_again(self, work: Callable[[Tx], Awaitable[Any]], begin: str, future: "asyncio.Future[Any]") -> Any:
        clock = asyncio.get_running_loop().time
        until, tries = clock() + AGAIN_S_MAX, 0
        while not future.cancelled():
            try:
                async with self._writers if begin == WRITE else nullcontext():
                    return await self._attempt(work, begin)
            except AGAIN as error:
                if clock() > until:
                    raise UnavailableError(f"PostgreSQL: {error!r}") from error
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1
        return None

    async def _attempt(self, work: Callable[[Tx], Awaitable[Any]], begin: str) -> Any:
        connection = await self._connection()
        try:
            await connection.execute(begin)
            result = await work(PostgresTx(connection))
            if await connection.execute("COMMIT") == "COMMIT":
                return result
        except asyncpg.ReadOnlySQLTransactionError:
            if begin == WRITE:
                await self._pool.expire_connections()  # this server was the primary once
                raise
            raise RuntimeError("this unit writes: hand it to `db.write`") from None
        except Exception as error:
            raise _spoken(error, closed=_closed(connection)) from error
        finally:
            await self._pool.release(connection)
        raise RuntimeError("a statement failed and the unit went on: catch errors around `tx.nested` only")

    async def _connection(self) -> Any:
        if self._pool is None:
            raise UnavailableError("the database is not started")
        try:
            return await self._pool.acquire(timeout=AGAIN_S_MAX)
        except OSError as error:  # TimeoutError is one
            raise asyncpg.PostgresConnectionError(str(error)) from error


def _spoken(error: Exception, *, closed: bool) -> Exception:
    """A connection that broke speaks in many ways; a statement or a lock that took too long is not tried again."""
    if isinstance(error, (TimeoutError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)):
        return UnavailableError(f"PostgreSQL took too long: {error!r}")
    return asyncpg.PostgresConnectionError(str(error)) if closed and not isinstance(error, AGAIN) else error


def _closed(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # the pool has already thrown it away
        return True


async def _durable(connection: Any) -> None:
    """Whoever set synchronous_commit to off would lose what a screen called kept."""
    await connection.execute("UPDATE pg_settings SET setting = 'on' WHERE name = 'synchronous_commit' AND setting = 'off'")


async def _end(connection: Any) -> None:
    """A connection goes back to the pool without a transaction, or not at all."""
    if connection.is_in_transaction():
        with suppress(Exception):
            await connection.execute("ROLLBACK", timeout=2)
            return
        connection.terminate()
