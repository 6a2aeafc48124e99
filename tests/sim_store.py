"""The office's own SQLite store without its threads and its disk: whoever asks drives the unit, in the same transactions, in memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from server import sqlite
from server.tx import Tx


class Inline(sqlite.Sqlite):
    """Where one thing happens after another, to hand it to a thread and back, and to the disk, costs more than to do it."""

    empty: bytes | None = None

    async def start(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None, detect_types=0, cached_statements=500)
        self._connection.executescript(sqlite.EVERY)
        if Inline.empty:
            self._connection.deserialize(Inline.empty)
        self._open = True

    def keep(self) -> None:
        """What is in it now is what every later one begins with."""
        Inline.empty = self._connection.serialize()

    async def stop(self) -> None:
        self._open = False
        self._connection.close()

    async def write(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        call = self._call(work)
        sqlite._commit_group(self._connection, [call])
        call.settle()
        return call.future.result()

    async def read(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        call = self._call(work)
        before = self._connection.total_changes
        sqlite._read(self._connection, call)
        if self._connection.total_changes != before:
            raise RuntimeError("a unit that reads wrote something")
        call.settle()
        return call.future.result()

    def _call(self, work: Callable[[Tx], Awaitable[Any]]) -> sqlite.Call:
        return sqlite.Call(work, asyncio.get_running_loop().create_future())
