"""A line between browser and office that counts what goes over it: requests by their path, and every byte that comes back."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass, field

REQUEST = re.compile(rb"(?:^|\r\n\r\n|\})(GET|POST|PUT|DELETE) (/[^ ?]*)[^ ]* HTTP/1\.1\r\n")


@dataclass(slots=True)
class Asked:
    """One request, and the bytes of its answer; `head` of them are headers."""

    method: str
    path: str
    down: int = 0
    head: int = 0


@dataclass(slots=True)
class Relay:
    """Counts between two ports of this machine, in a thread of its own."""

    port: int
    office_port: int
    asked: list[Asked] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def start(self) -> None:
        """Listens until the process ends."""
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait()

    def _run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", self.port))
        ready.set()
        self._loop.run_forever()

    async def _meet(self, browser_in: asyncio.StreamReader, browser_out: asyncio.StreamWriter) -> None:
        try:
            office_in, office_out = await asyncio.open_connection("127.0.0.1", self.office_port)
        except OSError:
            browser_out.close()
            return
        latest: list[Asked] = []
        await asyncio.gather(self._up(browser_in, office_out, latest), self._down(office_in, browser_out, latest))

    async def _up(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, latest: list[Asked]) -> None:
        while data := await _read(source):
            for method, path in REQUEST.findall(data):
                latest[:] = [Asked(method.decode(), path.decode())]
                self.asked += latest
            target.write(data)
        target.close()

    async def _down(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, latest: list[Asked]) -> None:
        while data := await _read(source):
            if latest:
                latest[0].head += 0 if latest[0].down else data.find(b"\r\n\r\n") + 4
                latest[0].down += len(data)
            target.write(data)
        target.close()


async def _read(source: asyncio.StreamReader) -> bytes:
    try:
        return await source.read(65536)
    except ConnectionError:
        return b""
