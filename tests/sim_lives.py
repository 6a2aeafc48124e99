"""An office whose process ends at the await that was chosen, and begins again over what it had committed: nothing of that request runs any more.

Numbered within a request, in their order: the question as it comes in, each unit handed in and heard of, each statement (BEGIN, SAVEPOINT, COMMIT and
ROLLBACK are some) and each part of the answer; what cannot be taken back, a COMMIT and a part of the answer, counts once more when it is done. All
else that is awaited comes down to one of these.

The stores are the office's own, with their threads and their pool, on connections that count: how a unit is begun, committed and spoken of is what is
tried here, and the simulator's store in memory has nothing to leave. On SQLite a killed process leaves its files as they lie at that moment, the
write-ahead log too: they are copied in that very step, and the next life opens the copies. On PostgreSQL its sockets close, and the server rolls back
what was open. A cut of the power, which also takes what was written and not yet on the disk, is another matter.
"""

from __future__ import annotations

import asyncio
import shutil
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server import db, postgres, sqlite
from tests.sim_phones import Network, Reply
from tests.sim_wire import GZIP, PACKED

MANY = 1000
FILES = ("", "-wal", "-shm")


class Crash(BaseException):
    """What is awaited never comes: the process is gone, and nothing in it may make an answer of that."""


@dataclass(slots=True)
class Left:
    """What of an answer had left the building."""

    status: int = 0
    sent: bytes = b""
    packed: bool = False
    whole: bool = False

    def reply(self) -> Reply:
        """As its phone gets it: nothing, a beginning, or all of it."""
        if not self.status:
            return {"error": True}
        body = zlib.decompressobj(GZIP).decompress(self.sent) if self.packed else self.sent
        return {"status": self.status, "body": body.decode(), "cut": None if self.whole else len(body), "chunk": 100_000}


class Life:
    """Counts the steps of requests, and ends the process at the one that was planned; `place` is where."""

    def __init__(self) -> None:
        self.plan(0)
        self.over, self._within, self.left = False, False, Left()

    def plan(self, last: int, requests: int = MANY) -> None:
        """From now on the steps of so many requests are counted, and this one is the last; 0 is none."""
        self.steps, self.last, self.requests, self.place = 0, last, requests, ""

    def step(self, what: str) -> None:
        if self.over:
            raise Crash(what)
        if not self._within:
            return
        self.steps += 1
        if self.steps == self.last:
            self.over, self.place = True, what
            db._store.leave()
            self._loop.call_soon_threadsafe(self._ended.set)
            raise Crash(what)

    async def serve(self, app: Any, scope: Any, receive: Any, send: Any) -> None:
        """One request of a web server's, to its end or to the end of the process."""
        self._loop, self._ended, self.left = asyncio.get_running_loop(), asyncio.Event(), Left()
        asked = False

        async def hear() -> Any:
            nonlocal asked
            if not asked:  # afterwards it only waits for the phone to hang up
                self.step("the question comes in")
            asked = True
            return await receive()

        async def say(message: Any) -> None:
            self.step(f"{message['type']} leaves")
            await send(message)
            self._leaves(message)
            self.step(f"{message['type']} has left")

        self._within, self.requests = self.requests > 0, self.requests - 1
        serving, ended = asyncio.create_task(app(scope, hear, say)), asyncio.create_task(self._ended.wait())
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        self._within = False
        ended.cancel()
        if self.over:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            raise Crash(self.place)
        await serving

    def _leaves(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.left.status = message["status"]
            self.left.packed = PACKED in [(name.lower(), value) for name, value in message["headers"]]
        else:
            self.left.sent += message.get("body", b"")
            self.left.whole = not message.get("more_body", False)

    async def again(self) -> None:
        """The next life, over what the last one left."""
        await db._store.bury()
        self.over = False
        await db.start()


class Lines(Network):
    """Between phones and that office: who was asking when it ended gets what had left it."""

    life: Life

    async def carry(self, asked: Reply) -> Reply:
        try:
            return await super().carry(asked)
        except Crash:
            await self.life.again()
            await self.office.back(asked)
            return self.life.left.reply()


# The stores, and connections each of whose statements is a step


class Watched:
    """All that the connection or pool inside is, unless something below says otherwise."""

    def __init__(self, inside: Any, life: Life) -> None:
        self._inside, self._life = inside, life

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)

    def _done(self, sql: str) -> None:
        if sql == "COMMIT":
            self._life.step("COMMIT is done")


class Counted:
    """A store of which each unit is handed in and heard of."""

    def __init__(self, life: Life, *where: Any) -> None:
        super().__init__(*where)
        self._life = life

    async def write(self, work: Any) -> Any:
        return await self._heard(super().write, work)

    async def read(self, work: Any) -> Any:
        return await self._heard(super().read, work)

    async def _heard(self, hand_in: Any, work: Any) -> Any:
        self._life.step("a unit is handed in")
        result = await hand_in(work)
        self._life.step("a unit is heard of")
        return result


class SqliteLine(Watched):
    def execute(self, sql: str, *args: Any) -> Any:
        self._life.step(sql)
        cursor = self._inside.execute(sql, *args)
        self._done(sql)
        return cursor

    def executemany(self, sql: str, rows: Any) -> Any:
        self._life.step(sql)
        return self._inside.executemany(sql, rows)


class Sqlite(Counted, sqlite.Sqlite):
    def _connect(self, more: str) -> Any:
        return SqliteLine(super()._connect(more), self._life)

    def _write_loop(self, connection: Any) -> None:
        with suppress(Crash):
            super()._write_loop(connection)
        connection.close()

    def _read_loop(self, connection: Any) -> None:
        with suppress(Crash):
            super()._read_loop(connection)
        connection.close()

    def leave(self) -> None:
        for end in FILES[:2]:
            if Path(self._path + end).exists():
                shutil.copyfile(self._path + end, f"{self._path}.left{end}")

    async def bury(self) -> None:
        await self.stop()
        for end in FILES:
            Path(self._path + end).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                Path(f"{self._path}.left{end}").rename(self._path + end)


class PostgresLine(Watched):
    async def execute(self, sql: str, *args: Any, **how: Any) -> Any:
        self._life.step(sql)
        said = await self._inside.execute(sql, *args, **how)
        self._done(sql)
        return said

    async def executemany(self, sql: str, rows: Any) -> None:
        self._life.step(sql)
        await self._inside.executemany(sql, rows)

    async def fetch(self, sql: str, *args: Any) -> Any:
        self._life.step(sql)
        return await self._inside.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        self._life.step(sql)
        return await self._inside.fetchrow(sql, *args)


class Pool(Watched):
    async def acquire(self, **how: Any) -> PostgresLine:
        return PostgresLine(await self._inside.acquire(**how), self._life)

    async def release(self, line: PostgresLine) -> None:
        await self._inside.release(line._inside)


class Postgres(Counted, postgres.Postgres):
    async def start(self) -> None:
        await super().start()
        self._pool = Pool(self._pool, self._life)

    async def _until_done(self, *unit: Any) -> None:
        with suppress(Crash):
            await super()._until_done(*unit)

    def leave(self) -> None:
        self._pool.terminate()

    async def bury(self) -> None:
        await self.stop()
