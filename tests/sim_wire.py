"""One request into the real application, as a web server would make it, with each part of the answer in hand as it leaves."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from server import sessions
from server.app import app
from server.config import settings
from tests.sim_world import Wrong

GZIP = 31
PACKED = (b"content-encoding", b"gzip")


@dataclass(slots=True)
class Answer:
    """What came back, unpacked, with the cookie that was given along."""

    status: int
    body: bytes
    cookie: str = ""


Given = Callable[[Answer, bytes, bool], Awaitable[None]]


async def ask(method: str, path: str, body: bytes, token: str, given: Given, *, gzip: bool, form: bool = False, knows: str = "") -> Answer:
    """The whole answer; `given` sees each part of it at the moment it is sent, and what it raises is raised here."""
    return await _Request(body, given).answered(_scope(method, path, f"{sessions.COOKIE}={token}", gzip=gzip, form=form, knows=knows))


async def ask_unknown(path: str, body: bytes, cookie: str, given: Given, *, gzip: bool) -> Answer:
    """The same for a browser in which nobody is signed in, with the cookie that it was given before."""
    return await _Request(body, given).answered(_scope("POST", path, cookie, gzip=gzip, form=False, knows=""))


class _Request:
    def __init__(self, body: bytes, given: Given) -> None:
        self._body, self._given = body, given
        self._answer, self._packer = Answer(0, b""), None
        self._asked, self._over, self._wrong = False, asyncio.Event(), None

    async def answered(self, scope: dict[str, Any]) -> Answer:
        await app(scope, self._receive, self._send)
        if self._wrong:
            raise self._wrong
        return self._answer

    async def _receive(self) -> dict[str, Any]:
        if self._asked:
            await self._over.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._answer.status = message["status"]
            headers = [(name.lower(), value) for name, value in message["headers"]]
            packed = PACKED in headers
            self._answer.cookie = dict(headers).get(b"set-cookie", b"").decode().partition(";")[0]
            self._packer = zlib.decompressobj(GZIP) if packed else None
            return
        part, more = message.get("body", b""), message.get("more_body", False)
        part = self._packer.decompress(part) if self._packer else part
        self._answer.body += part
        try:
            await self._given(self._answer, part, more)
        except Wrong as wrong:  # the application would swallow it
            self._wrong = self._wrong or wrong
        if not more:
            self._over.set()


def _scope(method: str, path: str, cookie: str, *, gzip: bool, form: bool, knows: str) -> dict[str, Any]:
    headers = [
        (b"origin", settings.origin.encode()),
        (b"content-type", b"application/x-www-form-urlencoded" if form else b"application/json"),
        (b"cookie", cookie.encode()),
        *([(b"accept-encoding", b"gzip")] if gzip else []),
        *([(b"naober-knows", knows.encode())] if knows else []),
    ]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
