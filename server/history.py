"""POST /sync/history: the records of whole pairs as a stream of blobs, which a phone seals as they come, without reading them."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from server import access, audit, bodies, changes, db, devices, exchange, holdings, operations, pulls, sessions
from server.access import Me, Opened, Pair
from server.db import Tx

PAIRS_MAX = 2000
PAIRS_AT_ONCE = 40
BLOB_RECORDS = 250
GZIP_LEVEL = 1
LINES = "application/x-ndjson"
NONE: list[str] = []


class Asks(msgspec.Struct, forbid_unknown_fields=True):
    """The pairs [subject, topic] that this phone has not filled."""

    format: Annotated[int, operations.exactly(exchange.FORMAT)]
    device: str
    pairs: Annotated[list[tuple[str, str]], operations.at_most(PAIRS_MAX)]


@dataclass(slots=True)
class Part:
    """What one unit of reading found: the pairs in their order, their records newest first, what I wrote of closed ones, and how far it looked."""

    pairs: list[Pair]
    opened: dict[Pair, Opened]
    records: dict[Pair, list[str]]
    own: dict[Pair, list[str]]
    upto: int


@post(
    "/sync/history", status_code=200, request_max_body_size=exchange.PACKED_BYTES_MAX, tags=["phone"],
    operation_class=operations.takes(Asks, 401, 409),
    responses={200: ResponseSpec(str, generate_examples=False, media_type=LINES, description="Lines of header TAB array of records LF")},
)  # fmt: skip
async def history(request: Request[Any, Any, Any]) -> Stream:
    """Lines of `header TAB array LF`, a pair at a time in the order asked for; what is not open is answered with `gone` and what I wrote of it."""
    me = await sessions.need(request)
    asks = bodies.decoded(await bodies.read(request), Asks)
    if asks.format != exchange.FORMAT:
        raise bodies.refused(400, "format", ("format", "not_allowed"))
    if asks.device != me.device:
        raise bodies.refused(409, "device", ("device", "not_allowed"))
    if len(asks.pairs) > PAIRS_MAX:
        raise bodies.refused(413, "too_many", ("pairs", "too_long"))
    packed = bodies.takes_gzip(request)
    headers = exchange.NO_STORE | ({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if packed else {})
    lines = _lines(me, [(subject, topic) for subject, topic in asks.pairs], pulls.unknown(devices.word(request.headers).knows))
    return Stream(_gzipped(lines) if packed else lines, media_type=LINES, headers=headers)


routes = [history]


async def _lines(me: Me, pairs: list[Pair], strange: list[str] = NONE) -> AsyncIterator[bytes]:
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        asked, at = pairs[start : start + PAIRS_AT_ONCE], sessions.now()
        part = await db.read(lambda tx, asked=asked, at=at: _part(tx, me, asked, at, strange))  # type: ignore[misc]
        if part is None:
            return
        rows = _log(me, part, at)
        if rows:
            await db.write(lambda tx, rows=rows, part=part, at=at: _note(tx, me, part, rows, at))  # type: ignore[misc]
        yield b"".join(_line(part, pair, i) for pair in part.pairs for i in range(_blobs(part, pair)))


async def _note(tx: Tx, me: Me, part: Part, rows: list[dict[str, Any]], at: int) -> None:
    await audit.note(tx, rows)
    await holdings.given(tx, me.device, [pair for pair, records in part.records.items() if records], at, knows=False)


async def _part(tx: Tx, me: Me, pairs: list[Pair], at: int, strange: list[str]) -> Part | None:
    """Session and entitlement are asked anew for every part: what was withdrawn meanwhile is not given any more; None when I am not here any more."""
    if not await sessions.alive(tx, me, at):
        return None
    opened = await access.opened(tx, me.person, at)
    wanted = [[*pair, opened[pair].after] for pair in dict.fromkeys(pairs) if pair in opened]
    row = await tx.one("SELECT n FROM counter WHERE name = 'seq'")
    part = Part(list(dict.fromkeys(pairs)), opened, {pair: [] for pair in pairs if pair in opened}, {}, int(row[0]) if row else 0)
    found = await tx.all(
        f"SELECT r.subject, r.topic, r.body FROM {db.of_pairs(1, 'TRUE' + pulls.known(2, strange))}"  # noqa: S608  our own SQL
        " ORDER BY r.subject, r.topic, r.seq DESC",
        *(wanted, *([strange] if strange else [])),
    )
    for subject, topic, body in found:
        part.records[subject, topic].append(body)
    await _own(tx, me, part, strange)
    return part


async def _own(tx: Tx, me: Me, part: Part, strange: list[str]) -> None:
    """What I wrote myself where nothing, or only later things, are open to me."""
    closed = [
        [*pair, 0]
        for pair in part.pairs
        if changes.SUBJECT.fullmatch(pair[0]) and changes.NAME.fullmatch(pair[1]) and (pair not in part.opened or part.opened[pair].after)
    ]  # fmt: skip
    if not closed:
        return
    of = db.of_pairs(1, f"r.author = $2{pulls.known(3, strange)}")
    sql = f"SELECT r.subject, r.topic, r.first, r.body FROM {of} ORDER BY r.subject, r.topic, r.seq DESC"  # noqa: S608  our own SQL
    for subject, topic, first, body in await tx.all(sql, closed, me.person, *([strange] if strange else [])):
        if (subject, topic) not in part.opened:
            part.own.setdefault((subject, topic), []).append(body)
        elif first <= part.opened[subject, topic].after:
            part.records[subject, topic].append(body)


def _blobs(part: Part, pair: Pair) -> int:
    return max(1, -(-len(part.records.get(pair, ())) // BLOB_RECORDS))


def _line(part: Part, pair: Pair, i: int) -> bytes:
    subject, topic = pair
    if pair not in part.records:
        own = ",".join(part.own.get(pair, ())).encode()
        return msgspec.json.encode({"subject": subject, "topic": topic, "gone": True}) + b"\t[" + own + b"]\n"
    records = part.records[pair][i * BLOB_RECORDS : (i + 1) * BLOB_RECORDS]
    last = i + 1 == _blobs(part, pair)
    header = {"subject": subject, "topic": topic, "part": i, "last": last, "n": len(records), "upto": part.upto}
    return msgspec.json.encode(header) + b"\t[" + ",".join(records).encode() + b"]\n"


def _log(me: Me, part: Part, at: int) -> list[dict[str, Any]]:
    rows = []
    for (subject, topic), records in part.records.items():
        why = part.opened[subject, topic]
        if records:
            more = {"subject": subject, "topic": topic, "n": len(records), "ground": why.ground, "source": "history", "result": "ok"}
            rows.append(audit.row(me, why.hat, at, "given", **more))
    for (subject, topic), records in part.own.items():
        more = {"subject": subject, "topic": topic, "n": len(records), "ground": "author", "source": "history", "result": "ok"}
        rows.append(audit.row(me, None, at, "given", **more))
    return rows


async def _gzipped(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, wbits=bodies.GZIP)
    async for line in lines:
        yield packer.compress(line) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
