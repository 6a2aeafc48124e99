"""Couriers: carry a sealed message to a push service and nowhere else, in bounded time, and bring back no more than its status."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import SplitResult, urlsplit

from server.config import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where the browsers of the world let messages be brought: Chrome and Edge, Firefox, Windows, Safari.
SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com")
# The host is matched too, because what a parser takes for a host may be anything.
ADDRESS = re.compile(r"https://[a-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:[/?][\x21-\x7e]{0,1000})?")
PORT = 443
TIME_S_MAX = 10
HEAD_BYTES_MAX = 16 * 1024
BODY_BYTES_MAX = 64 * 1024

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service said: its status, and after how many seconds it wants to be asked again, if it said so."""

    status: int
    retry_s: int | None = None


def allowed(address: str) -> bool:
    """Whether messages may be brought here: to a push service that browsers use, or one that NAOBER_PUSH_HOSTS names."""
    if not ADDRESS.fullmatch(address):
        return False
    parts = urlsplit(address)
    host, _, port = parts.netloc.partition(":")
    return parts.netloc in settings.push_hosts or (int(port or PORT) == PORT and any(host == one or host.endswith(f".{one}") for one in SERVICES))


class Courier:
    """One round: its lines to each service are used again until the round is over."""

    def __init__(self) -> None:
        self._secure = ssl.create_default_context()
        self._idle: dict[str, list[Line]] = {}
        self._found: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for lines in self._idle.values():
            for line in lines:
                line[1].transport.abort()

    async def post(self, address: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """What the service said; None when nobody answered in time, or not in a way that can be read. A redirect is an answer like any other."""
        if not allowed(address):
            return None
        line: Line | None = None
        parts = urlsplit(address)
        try:
            async with asyncio.timeout(TIME_S_MAX):
                line = await self._line(parts)
                return await self._asked(line, parts, headers, body)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            if line is not None:
                line[1].transport.abort()
            return None

    async def _asked(self, line: Line, parts: SplitResult, headers: Mapping[str, str], body: bytes) -> Answer:
        reader, writer = line
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": parts.netloc, "Content-Length": str(len(body)), **headers}
        writer.write("".join([f"POST {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in sent.items()), "\r\n"]).encode() + body)
        status, said = _head(await reader.readuntil(b"\r\n\r\n"))
        length = said.get("content-length", "")
        if status not in {204, 304} and (not length.isdecimal() or int(length) > BODY_BYTES_MAX or said.get("connection", "").lower() == "close"):
            writer.transport.abort()
        else:
            await reader.readexactly(int(length or 0))
            self._idle.setdefault(parts.netloc, []).append(line)
        return Answer(status, _seconds(said.get("retry-after", "")))

    async def _line(self, parts: SplitResult) -> Line:
        idle = [one for one in self._idle.pop(parts.netloc, []) if not (one[0].at_eof() or one[1].is_closing())]
        if idle:
            self._idle[parts.netloc] = idle[:-1]
            return idle[-1]
        host = parts.hostname or ""
        at = self._found.get(parts.netloc) or await _address(parts.netloc, host, parts.port or PORT)
        self._found[parts.netloc] = at
        return await asyncio.open_connection(at, parts.port or PORT, ssl=self._secure, server_hostname=host, limit=HEAD_BYTES_MAX)


async def _address(named: str, host: str, port: int) -> str:
    """Where a host is; a name that leads into somebody's own network is refused, unless the office itself named it."""
    rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = [str(row[4][0]) for row in rows]
    if named not in settings.push_hosts and not all(map(_public, found)):
        raise OSError(f"{host} is no address of the internet")
    return found[0]


def _public(address: str) -> bool:
    at = ipaddress.ip_address(address)
    mapped = getattr(at, "ipv4_mapped", None)
    return (mapped or at).is_global


def _head(text: bytes) -> tuple[int, dict[str, str]]:
    first, *rest = text.decode("latin-1").split("\r\n")
    found = re.fullmatch(r"HTTP/1\.1 ([2-5][0-9]{2})(?: .*)?", first)
    if not found:
        raise ValueError("no answer in HTTP/1.1")
    pairs = (line.partition(":") for line in rest if line)
    return int(found[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}


def _seconds(said: str) -> int | None:
    """Retry-After is a number of seconds or a date; a date is taken for what it says on the office's clock."""
    if said.isdecimal():
        return int(said[:9])
    try:
        wanted = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return max(0, int(wanted.timestamp()) - int(time.time()))
