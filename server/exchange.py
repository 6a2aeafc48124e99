"""POST /sync: a phone's outbox and cursor go up; results, the records it may hold and, when that changed, the whole entitlement come down."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec

from server import access, audit, bodies, changes, db, news, reads, sessions
from sync import rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.changes import Batch, Result
    from server.db import Tx

FORMAT = 1
CHANGES_MAX = 500
READS_MAX = 500
PAGE = 500
SCAN_MAX = 2000
DIGESTS_MAX = 200
PACKED_BYTES_MAX = bodies.MIB
CUSTODY = "device_revoked"
FIRST = re.compile(r"first-([0-9]{1,18})-([0-9]{1,18})")
PLACE = re.compile(r"[0-9]{1,18}")
ALWAYS = [name for name, kind in changes.KINDS["kinds"].items() if kind.get("first") is True]
RECENT = [name for name, kind in changes.KINDS["kinds"].items() if kind.get("first") == "recent"]
NO_STORE = {"Cache-Control": "no-store"}
FOUND = "r.id, r.subject, r.topic, r.seq, r.author, r.first"

Row = tuple[str, str, str, int, str, int]
Pairs = tuple[tuple[str, str, str | None, int, str], ...]


class Asks(msgspec.Struct, forbid_unknown_fields=True):
    """What a phone sends; changes and reads are judged one by one, so that a bad one never blocks the others."""

    format: int
    device: str
    epoch: str | None = None
    cursor: str | None = None
    entitled: str | None = None
    changes: list[Any] = []
    reads: list[Any] = []


class Entitlement(msgspec.Struct):
    """Everything that is open to somebody: pairs are [subject, topic, until or None, after which number (0: all of it), ground]."""

    digest: str
    pairs: Pairs


class Answer(msgspec.Struct):
    """What a phone gets; entitled is None when it has that already, records are as the merge writes them."""

    format: int
    epoch: str
    now: int
    results: list[changes.Result]
    entitled: Entitlement | None
    cursor: str
    more: bool
    records: list[dict[str, Any]] = []


@dataclass(slots=True)
class Place:
    """Where a phone's pull goes on: after this number; while the first pull's pages last, up to the number at which it began."""

    after: int
    upto: int | None

    @property
    def first(self) -> bool:
        """Whether only what a phone needs before history is due."""
        return self.upto is not None


@dataclass(slots=True)
class Gives:
    """An answer in the making; bodies are records in their canonical text, given a Counter of their pairs."""

    epoch: str
    cursor: str = ""
    more: bool = False
    entitled: Entitlement | None = None
    bodies: list[str] = field(default_factory=list)
    given: Counter[Pair] = field(default_factory=Counter)
    opened: dict[Pair, Opened] = field(default_factory=dict)


@post(
    "/sync", status_code=200, request_max_body_size=PACKED_BYTES_MAX, tags=["phone"], operation_class=bodies.shaped(Asks),
    responses={200: ResponseSpec(Answer, generate_examples=False, description="What became of each change, and what is new to this phone")},
)  # fmt: skip
async def sync(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One exchange with a phone; nothing is called stored before it is on the disk."""
    session = await sessions.session_from(request)
    if session is None:
        raise bodies.refused(401, "signed_out")
    asks = _asked(await bodies.read(request), session.me)
    at = sessions.now()
    if session.device_revoked:
        return await _taken_in(asks, session.me, at)
    batch, gives = await _exchanged(asks, session.me, at)
    if batch and batch.touched:
        news.look(session.me.device, range(batch.numbers, batch.numbers + len(batch.touched)))
    return _answer(request, _text(at, batch.results if batch else [], gives))


routes = [sync]


async def current_epoch(tx: Tx) -> str:
    """The id of this database's life; a restored backup begins another."""
    row = await tx.one("SELECT value FROM meta WHERE name = 'epoch'")
    if row is None:
        raise RuntimeError("table meta has no row 'epoch': run `naober migrate`")
    return str(row[0])


def digest_of(opened: dict[Pair, Opened]) -> tuple[str, Pairs]:
    """(digest, pairs) of everything that is open to somebody: ((subject, topic, until or None, after, ground), …) in one order."""
    pairs = tuple((subject, topic, why.until, why.after, why.ground) for (subject, topic), why in sorted(opened.items()))
    return _digest(pairs), pairs


@lru_cache(maxsize=DIGESTS_MAX)
def _digest(pairs: Pairs) -> str:
    """Remembered, because a phone brings the same pairs with every request and their text is long."""
    return hashlib.sha256(rules.pairs_text(pairs).encode()).hexdigest()[:32]


def _asked(body: bytes, me: Me) -> Asks:
    asks = bodies.decoded(body, Asks, halves=True)
    if asks.format != FORMAT:
        raise bodies.refused(400, "format", ("format", "not_allowed"))
    if asks.device != me.device:
        raise bodies.refused(409, "device", ("device", "not_allowed"))
    for name, most in (("changes", CHANGES_MAX), ("reads", READS_MAX)):
        if len(getattr(asks, name)) > most:
            raise bodies.refused(413, "too_many", (name, "too_long"))
    if asks.cursor is not None and not (PLACE.fullmatch(asks.cursor) or FIRST.fullmatch(asks.cursor)):
        raise bodies.refused(400, "invalid", ("cursor", "not_allowed"))
    return asks


async def _exchanged(asks: Asks, me: Me, at: int) -> tuple[Batch | None, Gives]:
    """With something going up, all of it is one unit; otherwise only a log of what is given is written, before it is given."""

    async def both(tx: Tx) -> tuple[Batch | None, Gives]:
        batch = await changes.take(tx, asks.changes, me, now=at) if asks.changes else None
        opened = batch.opened if batch else await access.opened(tx, me.person, at)
        await reads.note(tx, asks.reads, me, at, opened)
        await _count(tx, asks, me, at)
        gives = await _pull(tx, asks, me, at, opened, batch)
        await audit.note(tx, _log(me, gives, at))
        return batch, gives

    async def down(tx: Tx) -> Gives:
        return await _pull(tx, asks, me, at, await access.opened(tx, me.person, at), None)

    if asks.changes or asks.reads:
        return await db.write(both)
    gives = await db.read(down)
    if gives.given:
        await db.write(lambda tx: audit.note(tx, _log(me, gives, at)))
    return None, gives


async def _taken_in(asks: Asks, me: Me, at: int) -> Response[bytes]:
    """A revoked device hands in what it still has, gets nothing, and is told to erase itself once nothing is left."""

    async def work(tx: Tx) -> list[Result]:
        batch = await changes.take(tx, asks.changes, me, now=at, custody=CUSTODY)
        await audit.note(tx, [audit.row(me, None, at, "refused", source="phone", result=CUSTODY)])
        return batch.results

    results = await db.write(work)
    body = msgspec.json.encode({"format": FORMAT, "now": at, "revoked": True, "results": results})
    erase = {} if asks.changes else {"Clear-Site-Data": '"cache", "storage"'}
    return Response(body, media_type="application/json", headers=NO_STORE | erase)


async def _count(tx: Tx, asks: Asks, me: Me, at: int) -> None:
    """How far this device has counted: whoever lost its storage is found out by it."""
    numbers = [one["n"] for one in asks.changes if isinstance(one, dict) and type(one.get("n")) is int and 0 < one["n"] <= rules.INT_MAX]
    highest = max(numbers, default=0)
    sql = "UPDATE device SET last_seen_at = $1, highest_n = CASE WHEN highest_n < $2 THEN $2 ELSE highest_n END WHERE id = $3"
    await tx.run(sql, at, highest, me.device)


async def _pull(tx: Tx, asks: Asks, me: Me, at: int, opened: dict[Pair, Opened], batch: Batch | None) -> Gives:
    gives = Gives(await current_epoch(tx), opened=opened)
    digest, pairs = digest_of(opened)
    if digest != asks.entitled:
        gives.entitled = Entitlement(digest, pairs)
    last = await tx.one("SELECT n FROM counter WHERE name = 'seq'")
    newest = int(last[0]) if last else 0
    place = _place(asks.cursor if asks.epoch == gives.epoch else None, newest)
    rows = await (_first(tx, me, opened, place, at) if place.first else _since(tx, me, opened, place, newest))
    full, rows = len(rows) > PAGE, rows[:PAGE]
    upto = rows[-1][3] if full else newest if place.upto is None else place.upto
    # After the last page of a first pull comes what was written while it lasted.
    gives.more = full or upto < newest
    gives.cursor = f"first-{upto}-{place.upto}" if full and place.first else str(upto)
    await _bodies(tx, rows, batch, gives)
    return gives


def _place(cursor: str | None, newest: int) -> Place:
    if cursor is None:
        return Place(0, newest)
    first = FIRST.fullmatch(cursor)
    # A cursor beyond our newest number is none of ours: it starts anew rather than skip.
    if first:
        return Place(int(first[1]), int(first[2])) if int(first[2]) <= newest else Place(0, newest)
    return Place(int(cursor), None) if int(cursor) <= newest else Place(0, newest)


async def _since(tx: Tx, me: Me, opened: dict[Pair, Opened], place: Place, newest: int) -> list[Row]:
    """What changed after this place and is open to me or mine, oldest first; a short way is walked, over a long one each pair is asked."""
    if newest - place.after <= SCAN_MAX:
        rows = await tx.all(f"SELECT {FOUND} FROM record r WHERE r.seq > $1 AND r.seq <= $2 ORDER BY r.seq", place.after, newest)  # noqa: S608
        return [row for row in rows if row[4] == me.person or access.opens(opened, (row[1], row[2]), row[5])]
    in_order = "ORDER BY r.seq LIMIT $3"
    by_pair = await tx.all(f"SELECT {FOUND} FROM {db.of_pairs(1, 'r.seq > $2')} {in_order}", _pairs(opened), place.after, PAGE + 1)  # noqa: S608
    own = await tx.all(f"SELECT {FOUND} FROM record r WHERE r.author = $1 AND r.seq > $2 {in_order}", me.person, place.after, PAGE + 1)  # noqa: S608
    return _in_order([*by_pair, *own])


async def _first(tx: Tx, me: Me, opened: dict[Pair, Opened], place: Place, at: int) -> list[Row]:
    """What a phone needs before any history, and what I wrote where nothing is open to me any more."""
    within, in_order = "r.seq > $3 AND r.seq <= $4", "ORDER BY r.seq LIMIT $5"
    pairs, limits = _pairs(opened), (place.after, place.upto, PAGE + 1)
    of = db.of_pairs(1, f"{db.among('r.kind', 2)} AND {within}")
    always = await tx.all(f"SELECT {FOUND} FROM {of} {in_order}", pairs, ALWAYS, *limits)  # noqa: S608  our own SQL
    of, yesterday = db.of_pairs(1, f"r.day >= $2 AND {within}"), rules.day_add(access.day_of(at), -1)
    recent = await tx.all(f"SELECT {FOUND} FROM {of} {in_order}", pairs, yesterday, *limits)  # noqa: S608  our own SQL
    own = await tx.all(
        f"SELECT {FOUND} FROM record r LEFT JOIN {db.pairs(1)} ON pair.subject = r.subject AND pair.topic = r.topic"  # noqa: S608  our own SQL
        f" AND r.first > pair.after WHERE r.author = $2 AND pair.subject IS NULL AND {within} {in_order}",
        *(pairs, me.person, *limits),
    )
    return _in_order([*always, *recent, *own])


def _pairs(opened: dict[Pair, Opened]) -> list[list[str | int]]:
    return [[*pair, why.after] for pair, why in opened.items()]


def _in_order(rows: Iterable[Any]) -> list[Row]:
    return sorted({row[0]: row for row in rows}.values(), key=lambda row: row[3])[: PAGE + 1]


async def _bodies(tx: Tx, rows: list[Row], batch: Batch | None, gives: Gives) -> None:
    """A record that only this request changed stays away: the phone makes it itself, with the version in the result."""
    touched = batch.touched if batch else {}
    wanted = [row for row in rows if not (row[0] in touched and touched[row[0]].before <= touched[row[0]].seen and not touched[row[0]].bounded)]
    texts = dict(await tx.all(f"SELECT id, body FROM record WHERE {db.among('id', 1)}", [row[0] for row in wanted])) if wanted else {}  # noqa: S608
    gives.bodies = [texts[row[0]] for row in wanted]
    gives.given = Counter((row[1], row[2]) for row in wanted)


def _log(me: Me, gives: Gives, at: int) -> list[dict[str, Any]]:
    """One row for each pair of which something is given, with how much and on what ground."""
    rows = []
    for (subject, topic), n in gives.given.items():
        why = gives.opened.get((subject, topic))
        ground = why.ground if why else "author"
        more = {"subject": subject, "topic": topic, "n": n, "ground": ground, "source": "sync", "result": "ok"}
        rows.append(audit.row(me, why.hat if why else None, at, "given", **more))
    return rows


def _text(at: int, results: list[Result], gives: Gives) -> bytes:
    head = msgspec.json.encode(Answer(FORMAT, gives.epoch, at, results, gives.entitled, gives.cursor, gives.more))
    return head.removesuffix(b"]}") + ",".join(gives.bodies).encode() + b"]}"


def _answer(request: Request[Any, Any, Any], body: bytes) -> Response[bytes]:
    if len(body) < bodies.GZIP_FROM_BYTES or not bodies.takes_gzip(request):
        return Response(body, media_type="application/json", headers=NO_STORE)
    packed = gzip.compress(body, compresslevel=5, mtime=0)
    return Response(packed, media_type="application/json", headers=NO_STORE | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
