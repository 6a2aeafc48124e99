"""News: a stream of server-sent events that says "there is something for you" and nothing more; what it is comes by an ordinary sync."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, get
from litestar.response import Stream

from server import access, db, errands, operations, sessions
from server.access import Me, Pair
from server.db import Tx

LOOK_S = 0.7
PING_S = 20
PAIRS_SEEN_MAX = 5000

# What came into custody, and what was decided of it: news to who answers for its author's team, and to its author.
ERRANDS = {"errand", "address"}
HELD = (
    "SELECT 'team:' || m.team, 'held', c.person, c.seq FROM change c JOIN membership m ON m.id = c.hat WHERE c.seq > $1 AND c.seq <= $2 UNION ALL"
    " SELECT 'team:' || m.team, 'held', c.person, d.seq FROM decision d JOIN change c ON c.id = d.change JOIN membership m ON m.id = c.hat"
    " WHERE d.seq > $1 AND d.seq <= $2"
)

Fresh = set[tuple[str, str, str, str]]


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody whose page is open: who, what is open to them as far as we know, and the bell that wakes their stream."""

    me: Me
    pairs: frozenset[Pair]
    bell: asyncio.Event = field(default_factory=asyncio.Event)


_listeners: set[Listener] = set()
_state: dict[str, Any] = {"wake": None, "watch": None, "seen": 0}
_by: dict[int, str] = {}


def look(device: str = "", numbers: Iterable[int] = ()) -> None:
    """Something was stored in this process: look now and not at the next turn. What a device sent itself, under these numbers, is no news to it."""
    if _state["wake"] is not None and _listeners:
        _by.update(dict.fromkeys(numbers, device))
        _state["wake"].set()


def end(device: str) -> None:
    """The streams of this device look now whether they may go on."""
    for listener in _listeners:
        if listener.me.device == device:
            listener.bell.set()


async def start() -> None:
    """Begins to watch for what any process stores; one watch a process."""
    _state["wake"] = asyncio.Event()
    _state["seen"] = await db.read(_newest)
    _state["watch"] = asyncio.create_task(_watch())


async def stop() -> None:
    """Ends the watch and every stream."""
    watch, _state["watch"], _state["wake"] = _state["watch"], None, None
    if watch is not None:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
    for listener in tuple(_listeners):
        listener.bell.set()


@get("/news", operation_class=operations.answer(401, as_="text/event-stream"))
async def news(request: Request[Any, Any, Any]) -> Stream:
    """The stream of one page; it ends when the session does."""
    me = await sessions.need(request)
    pairs = await db.read(lambda tx: _open_to(tx, me))
    return Stream(_stream(Listener(me, pairs)), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


routes = [news]


async def _stream(listener: Listener) -> AsyncIterator[bytes]:
    _listeners.add(listener)
    try:
        yield b"retry: 3000\n\n"
        while _state["watch"] is not None:
            told = await _rung(listener)
            known = await db.read(lambda tx: _still(tx, listener.me))
            if known is None or _state["watch"] is None:
                return
            listener.pairs = known
            yield b"event: news\ndata: 1\n\n" if told else b": still here\n\n"
    finally:
        _listeners.discard(listener)


async def _rung(listener: Listener) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(listener.bell.wait(), PING_S)
        listener.bell.clear()
        return True
    return False


async def _still(tx: Tx, me: Me) -> frozenset[Pair] | None:
    """What is open to them now; None when their session or device is no longer theirs."""
    return await _open_to(tx, me) if await sessions.alive(tx, me, sessions.now()) else None


async def _open_to(tx: Tx, me: Me) -> frozenset[Pair]:
    """Every pair that is open to me, and `held` of each team whose held work is mine to decide."""
    at = sessions.now()
    return frozenset([*await access.opened(tx, me.person, at), *((f"team:{team}", "held") for team in await access.custody(tx, me, at))])


async def _watch() -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_state["wake"].wait(), LOOK_S)
        _state["wake"].clear()
        if not _listeners:
            continue
        with contextlib.suppress(db.UnavailableError):
            seen, fresh = await db.read(_fresh)
            _state["seen"] = seen
            _ring(fresh)
            for number in [one for one in _by if one <= seen]:
                del _by[number]


def _ring(fresh: Fresh | None) -> None:
    for listener in _listeners:
        if fresh is None or any(_concerns(one, listener) for one in fresh):
            listener.bell.set()


def _concerns(one: tuple[str, str, str, str], listener: Listener) -> bool:
    subject, topic, author, device = one
    return device != listener.me.device and (author == listener.me.person or (subject, topic) in listener.pairs)


async def _fresh(tx: Tx) -> tuple[int, Fresh | None]:
    """The newest number, and (subject, topic, author, device) of what was stored or held since; None when that is too much to tell apart."""
    seen, newest = _state["seen"], await _newest(tx)
    if newest - seen > PAIRS_SEEN_MAX:
        return newest, None
    rows = await tx.all("SELECT subject, topic, author, seq FROM record WHERE seq > $1 AND seq <= $2", seen, newest)
    rows += await tx.all(HELD, seen, newest)
    # What a volunteer was asked to do opens with its first record: it is theirs before they hold anything of it.
    theirs = await errands.owners(tx, [key for noun, _, key in (row[0].partition(":") for row in rows) if noun in ERRANDS])
    return newest, {(row[0], row[1], theirs.get(row[0].partition(":")[2], row[2]), _by.get(row[3], "")) for row in rows}


async def _newest(tx: Tx) -> int:
    row = await tx.one("SELECT n FROM counter WHERE name = 'seq'")
    return int(row[0]) if row else 0
