"""The door: what every request meets before the application, and what every answer carries out: headers, the log line, and never a 500."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from server import bodies, errors
from server.config import settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types naober default"
)
# A browser may be led to show anything as a page, also JSON and what was refused: all answers are dressed alike.
ALWAYS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"permissions-policy", b"bluetooth=(), camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), payment=(), serial=(), usb=()"),
    *([(b"strict-transport-security", b"max-age=63072000; includeSubDomains")] if settings.secure else []),
]
SAFE = {"GET", "HEAD", "OPTIONS"}
HEADERS_MAX = 100
PACK_FROM_BYTES = 700
# As long as a phone waits before it takes the line for broken.
BODY_S_MAX = 60

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

log = logging.getLogger("naober")


class Door:
    """An ASGI application around another."""

    def __init__(self, inside: Any) -> None:
        self._inside = inside

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Lets a request in, unless another site's page sent it, and sees its answer out."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        answer = Answer(scope, send)
        if not _from_here(scope):
            await answer.refuse(403, "cross_site")
        elif not _readable(scope):
            await answer.refuse(400, "bad_text")
        else:
            await self._answered(scope, receive, answer)
        answer.note()

    async def _answered(self, scope: Any, receive: Any, answer: Answer) -> None:
        try:
            await self._inside(scope, _in_time(receive), answer.send)
        except Exception as error:
            log.exception("answer failed: %s", type(error).__name__, exc_info=settings.log_level == "debug")
            if not answer.status:
                await answer.refuse(503, "busy")


class Answer:
    """One answer on its way out."""

    def __init__(self, scope: Any, send: Send) -> None:
        self._scope, self._send = scope, send
        self._began = time.monotonic()
        self._page: Any = None
        self.status = 0

    async def send(self, message: Any) -> None:
        """Adds our headers where the answer begins, and packs what is a page."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._dressed(list(message.get("headers", [])))}
            if self._to_pack(message["headers"]):
                self._page = message
                return
        elif self._page is not None:
            first, self._page = self._page, None
            await self._packed(first, message)
            return
        await self._send(message)

    def _to_pack(self, headers: list[tuple[bytes, bytes]]) -> bool:
        there = dict(headers)
        takes = b"gzip" in dict(self._scope["headers"]).get(b"accept-encoding", b"").replace(b"gzip;q=0", b"")
        return takes and there.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in there

    async def _packed(self, first: Any, message: Any) -> None:
        """A page comes in one piece; a longer one goes out as it is."""
        body, headers = message.get("body", b""), first["headers"]
        if not message.get("more_body") and len(body) >= PACK_FROM_BYTES:
            body = gzip.compress(body, compresslevel=6, mtime=0)
            headers = [(name, value) for name, value in headers if name not in {b"content-length", b"vary"}]
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"), (b"content-length", str(len(body)).encode())]
        await self._send({**first, "headers": headers})
        await self._send({**message, "body": body})

    async def refuse(self, status: int, code: str) -> None:
        """Answers by itself, in the shape of server/errors.py."""
        accepted = dict(self._scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        body = json.dumps({"error": {"code": code, "message": errors.words(code, accepted), "fields": []}}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def note(self) -> None:
        """One line: what was asked by its pattern, never by its address, and how it ended."""
        handler = self._scope.get("route_handler")
        route = next(iter(sorted(handler.paths)), "") if handler is not None else ""
        level = logging.WARNING if self.status >= 500 else logging.INFO  # noqa: PLR2004 - server errors
        log.log(level, "answered", extra={
            "method": self._scope["method"], "route": route, "status": self.status, "ms": round((time.monotonic() - self._began) * 1000),
        })  # fmt: skip

    def _dressed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _ in headers}
        ours = [*ALWAYS, *([(b"cache-control", b"no-store")] if b"cache-control" not in there else [])]
        return headers + [(name, value) for name, value in ours if name not in there]


class AsJson(logging.Formatter):
    """A log line as one JSON object; nothing anybody wrote is ever in it."""

    EXTRA = ("method", "route", "status", "ms")

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower(), "event": record.getMessage()}
        line |= {name: getattr(record, name) for name in self.EXTRA if hasattr(record, name)}
        if record.exc_info and record.exc_info[1]:
            frame = record.exc_info[1].__traceback__
            while frame and frame.tb_next:
                frame = frame.tb_next
            line["place"] = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
        return json.dumps(line)


def start_logging() -> None:
    """Structured lines to standard error, from the level in the settings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson())
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(settings.log_level.upper())


def _in_time(receive: Receive) -> Receive:
    """What comes in, of which the last byte comes within a minute of the first question for it; who dribbles keeps nothing waiting for longer."""
    until, whole = None, False

    async def received() -> Any:
        nonlocal until, whole
        until = until or asyncio.get_running_loop().time() + BODY_S_MAX
        try:
            async with asyncio.timeout_at(None if whole else until):
                message = await receive()
        except TimeoutError as error:
            raise bodies.refused(408, "slow") from error
        whole = whole or not message.get("more_body")
        return message

    return received


def _from_here(scope: Any) -> bool:
    """Whether a request that changes something comes from a page of ours: browsers say so, and nobody else's page can lie about it."""
    if scope["method"] in SAFE:
        return True
    said = dict(scope["headers"])
    origin, site = said.get(b"origin"), said.get(b"sec-fetch-site")
    return (origin or site) is not None and origin in {None, settings.origin.encode()} and site in {None, b"same-origin", b"none"}


def _readable(scope: Any) -> bool:
    """Addresses and headers are text; what is not, nobody needs to parse."""
    if len(scope["headers"]) > HEADERS_MAX or "\0" in scope["path"]:
        return False
    try:
        scope["path"].encode()
        scope["query_string"].decode("ascii")
        for name, value in scope["headers"]:
            name.decode("ascii")
            value.decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return False
    return True
