"""The database: `await db.write(work)` and `await db.read(work)`, where work is an async function over a `Tx`, run whole or not at all.

A unit may be run more than once (a conflict, a lost connection) and may outlive a caller who went away, so it does nothing but speak
to its tx; what the world must hear of it is said after `write` has returned.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from server.config import settings
from server.postgres import Postgres
from server.sqlite import Sqlite
from server.tx import Bridge, Tx, UnavailableError

__all__ = ["Tx", "UnavailableError", "among", "bridge", "engine", "number", "of_pairs", "pairs", "read", "ready", "start", "stop", "write"]

READY_S_MAX = 3

AMONG_SQLITE = "(SELECT value FROM json_each($n))"
AMONG_POSTGRES = "(ARRAY(SELECT jsonb_array_elements_text($n::text::jsonb)))"
PAIRS_SQLITE = (
    "(SELECT json_extract(value, '$[0]') AS subject, json_extract(value, '$[1]') AS topic, coalesce(json_extract(value, '$[2]'), 0) AS after"
    " FROM json_each($n)) AS pair"
)
PAIRS_POSTGRES = (
    "(SELECT value->>0 AS subject, value->>1 AS topic, coalesce((value->>2)::bigint, 0) AS after"
    " FROM jsonb_array_elements($n::text::jsonb)) AS pair"
)

T = TypeVar("T")

engine: Final = "sqlite" if settings.database.startswith("sqlite:") else "postgres"
bridge: Final = Bridge(engine)

_store: Sqlite | Postgres | None = None


async def start() -> None:
    """Opens what NAOBER_DATABASE names; every process does this once, before its first unit."""
    global _store  # noqa: PLW0603 - one process, one database
    store = Sqlite(settings.database.removeprefix("sqlite:///")) if engine == "sqlite" else Postgres(settings.database, settings.pool)
    await store.start()
    _store = store


async def stop() -> None:
    """Finishes what was handed in; leaves no thread and no connection."""
    global _store
    store, _store = _store, None
    if store is not None:
        await store.stop()


async def write(work: Callable[[Tx], Awaitable[T]]) -> T:
    """What the unit gives, once it is on the disk; what it raised, when nothing of it remains; `UnavailableError` when neither could be."""
    return await _started().write(work)


async def read(work: Callable[[Tx], Awaitable[T]]) -> T:
    """What the unit gives; all its statements see the same moment, and none can write."""
    return await _started().read(work)


def _started() -> Sqlite | Postgres:
    if _store is None:
        raise UnavailableError("the database is not started: `await db.start()` comes first")
    return _store


async def ready() -> bool:
    """Whether a write reaches the disk now; a server that can only be read is not ready."""

    async def beat(tx: Tx) -> None:
        await tx.run("UPDATE counter SET n = n + 1 WHERE name = 'ready'")

    try:
        await asyncio.wait_for(write(beat), READY_S_MAX)
    except (UnavailableError, TimeoutError):
        return False
    return True


async def number(tx: Tx, k: int = 1) -> int:
    """The first of k consecutive numbers; first statement of a unit that stores records, so that units commit in the order of their numbers."""
    row = await tx.one("UPDATE counter SET n = n + $1 WHERE name = 'seq' RETURNING n", k)
    if row is None:
        raise RuntimeError("table counter has no row 'seq': run `naober migrate`")
    return int(row[0]) - k + 1


def among(column: str, n: int) -> str:
    """SQL: the text column is one of the list given as argument n."""
    if engine == "sqlite":
        return column + " IN " + AMONG_SQLITE.replace("$n", f"${n}")
    return column + " = ANY" + AMONG_POSTGRES.replace("$n", f"${n}")


def pairs(n: int) -> str:
    """SQL: a table `pair(subject, topic)` of the list of [subject, topic] given as argument n, to join with."""
    if engine == "sqlite":
        return PAIRS_SQLITE.replace("$n", f"${n}")
    return PAIRS_POSTGRES.replace("$n", f"${n}")


def of_pairs(n: int, wanted: str = "TRUE") -> str:
    """SQL: a table `r` of the records of the pairs given as argument n that are as `wanted` says, found pair by pair among any number."""
    if engine == "sqlite":
        return f"{pairs(n)} JOIN record r ON r.subject = pair.subject AND r.topic = pair.topic AND r.first > pair.after AND {wanted}"
    # Without the fence PostgreSQL flattens this into a join, for which it reads the whole table once that has grown.
    of = f"SELECT * FROM record r WHERE r.subject = pair.subject AND r.topic = pair.topic AND r.first > pair.after AND {wanted} OFFSET 0"  # noqa: S608  our own SQL
    return f"{pairs(n)} CROSS JOIN LATERAL ({of}) r"
