"""Many phones at once against an office over HTTP: each on a connection of its own, one request after another."""

from __future__ import annotations

import asyncio
import time
import zlib
from dataclasses import dataclass, field

from server import sessions
from tests.bench.phones import Sender

GZIP = 31


@dataclass(slots=True)
class Line:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes

    async def post(self, body: bytes) -> bytes:
        """The body of the answer to POST /sync; anything but 200 raises."""
        self.writer.write(self.head % len(body) + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer = await self.reader.readexactly(length)
        if b" 200 " not in head[:20]:
            raise RuntimeError(f"the office answered {head[:40]!r} {answer[:200]!r}")
        return zlib.decompress(answer, GZIP) if b"content-encoding: gzip" in head else answer


@dataclass(slots=True)
class Run:
    """How a run went: seconds in all, milliseconds of each request."""

    seconds: float = 0.0
    each_ms: list[float] = field(default_factory=list)


async def run(senders: list[Sender], port: int, each: int) -> Run:
    """Every phone finds its place, then all do `each` requests at once, and those are measured; what is left is fetched afterwards."""
    lines = [await _open(sender, port) for sender in senders]
    await _fetch_all(senders, lines, counted=False)
    done, began = Run(), time.perf_counter()
    await asyncio.gather(*(_talk(sender, line, each, done) for sender, line in zip(senders, lines, strict=True)))
    done.seconds = time.perf_counter() - began
    await _fetch_all(senders, lines, counted=True)
    for line in lines:
        line.writer.close()
    return done


async def _open(sender: Sender, port: int) -> Line:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /sync HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\nCookie: {sessions.COOKIE}={sender.phone.token}\r\n"
        "Content-Type: application/json\r\nAccept-Encoding: gzip, deflate, br\r\nContent-Length: %d\r\n\r\n"
    )
    return Line(reader, writer, head.encode())


async def _fetch_all(senders: list[Sender], lines: list[Line], *, counted: bool) -> None:
    for sender, line in zip(senders, lines, strict=True):
        before: str | None = ""
        while before != sender.cursor:
            before = sender.cursor
            sender.hears(await line.post(sender.asks(0)), counted=counted)


async def _talk(sender: Sender, line: Line, each: int, done: Run) -> None:
    for _ in range(each):
        body = sender.asks()
        began = time.perf_counter()
        answer = await line.post(body)
        done.each_ms.append((time.perf_counter() - began) * 1000)
        sender.hears(answer)
