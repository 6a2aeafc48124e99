"""What a unit of work holds in its hands: one connection inside one transaction, the same on both engines."""

import json
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar

from piccolo.engine.base import BaseAtomic, BaseBatch, Engine
from piccolo.query.base import Query
from piccolo.querystring import QueryString

T = TypeVar("T")


class UnavailableError(Exception):
    """The database did not answer in time, is locked or is gone: nothing was written, trying again later is right."""


class Tx(ABC):
    """SQL with `$1` placeholders; values are text, whole numbers, bytes or None; a list is handed over as JSON text."""

    def __init__(self) -> None:
        self._depth = 0

    @abstractmethod
    async def all(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        """Every row, as tuples."""

    @abstractmethod
    async def one(self, sql: str, *args: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""

    @abstractmethod
    async def run(self, sql: str, *args: Any) -> int:
        """How many rows the statement touched."""

    @abstractmethod
    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """The same statement for every row."""

    @abstractmethod
    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        """Every row by column name, as Piccolo expects them; placeholders are the engine's own."""

    async def nested(self, work: Callable[["Tx"], Awaitable[T]]) -> T:
        """What the inner unit gives; when it raises, only what it did itself is undone and the outer unit may go on."""
        self._depth += 1
        name = f"inner_{self._depth}"
        await self.run(f"SAVEPOINT {name}")
        try:
            result = await work(self)
        except Exception:
            await self.run(f"ROLLBACK TO SAVEPOINT {name}")
            raise
        finally:
            self._depth -= 1
        await self.run(f"RELEASE SAVEPOINT {name}")
        return result

    async def piccolo(self, query: Query[Any, Any]) -> Any:
        """What a Piccolo query gives when it runs on this very connection: `await tx.piccolo(Person.select())`."""
        with self.shared():
            return await query.run()

    def shared(self) -> "_Shared":
        """Inside this `with`, Piccolo's own machinery (migrations) works on this connection."""
        return _Shared(self)


class _Shared:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def __enter__(self) -> None:
        self._token = _current.set(self._tx)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


_current: ContextVar[Tx | None] = ContextVar("tx", default=None)


class Bridge(Engine[Any]):
    """Piccolo's schema and query builder on our connections, without its engines (see `Tx.piccolo`)."""

    current_transaction: ContextVar[Any] = ContextVar("no transaction of Piccolo's own", default=None)

    def __init__(self, engine_type: str) -> None:
        super().__init__(engine_type=engine_type, min_version_number=0)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[dict[str, Any]]:  # noqa: ARG002, FBT001, FBT002 - Piccolo's signature
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._tx().dicts(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[dict[str, Any]]:  # noqa: ARG002, FBT001, FBT002 - Piccolo's signature
        return await self._tx().dicts(ddl, ())

    def _tx(self) -> Tx:
        tx = _current.get()
        if tx is None:
            raise RuntimeError("a Piccolo query runs inside a unit of work only: `await tx.piccolo(query)`")
        return tx

    def transaction(self, *_: Any, **__: Any) -> AbstractAsyncContextManager[None]:
        """The unit of work is the transaction already."""
        return nullcontext()

    def get_version_sync(self) -> float:
        return float(".".join(sqlite3.sqlite_version.split(".")[:2])) if self.engine_type == "sqlite" else 0.0

    async def get_version(self) -> float:
        return self.get_version_sync()

    async def prep_database(self) -> None:
        """Nothing to prepare: no extension is used."""

    async def batch(self, query: Query[Any, Any], batch_size: int = 100, node: str | None = None) -> BaseBatch:
        raise NotImplementedError("read in pages instead: a unit of work is short")

    def atomic(self) -> BaseAtomic:
        raise NotImplementedError("a unit of work is atomic already")


def plain(args: Sequence[Any]) -> Sequence[Any]:
    """Lists become JSON text, everything else stays: both drivers then take the same values."""
    if list not in map(type, args):
        return args
    return [json.dumps(arg) if type(arg) is list else arg for arg in args]


@lru_cache(maxsize=1000)
def question_marks(sql: str) -> str:
    """The statement with SQLite's placeholders: `$1` is `?1`."""
    return re.sub(r"\$(\d+)", r"?\1", sql)
