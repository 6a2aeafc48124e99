"""POST /sync: a phone's outbox and cursor go up; results, the records it may hold and, when that changed, the whole entitlement come down."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec

from server import access, audit, bodies, changes, custody, db, devices, holdings, news, operations, pulls, reads, sessions
from sync import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Me, Opened, Pair
    from server.batches import Kept
    from server.changes import Batch, Result
    from server.db import Tx

FORMAT = 1
CHANGES_MAX = 500
READS_MAX = 500
HELD_MAX = 500
DIGESTS_MAX = 200
PACKED_BYTES_MAX = bodies.MIB
CUSTODY = "device_revoked"
NEXT = (operations.leads_to("SyncSync", {"epoch": "epoch", "cursor": "cursor", "entitled": "entitled/digest"}),)
CURSOR = {"pattern": f"^({pulls.PLACE.pattern}|{pulls.FIRST.pattern})$"}
NO_STORE = {"Cache-Control": "no-store"}

Pairs = tuple[tuple[str, str, str | None, int, str], ...]


class Asks(msgspec.Struct, forbid_unknown_fields=True):
    """What a phone sends; changes and reads are judged one by one, so that a bad one never blocks the others.

    held: [change, number of the last decision it knows of, or 0] of what it knows to be held.
    """

    format: Annotated[int, operations.exactly(FORMAT)]
    device: str
    epoch: str | None = None
    cursor: Annotated[str | None, msgspec.Meta(extra_json_schema=CURSOR)] = None
    entitled: str | None = None
    changes: Annotated[list[Any], operations.at_most(CHANGES_MAX)] = []
    reads: Annotated[list[Any], operations.at_most(READS_MAX)] = []
    held: Annotated[list[Any], operations.at_most(HELD_MAX)] = []


class Entitlement(msgspec.Struct):
    """Everything that is open to somebody: pairs are [subject, topic, until or None, after which number (0: all of it), ground].

    hats: all that were ever theirs; what was written under them is their own.
    """

    digest: str
    pairs: Pairs
    hats: list[str]


class Answer(msgspec.Struct):
    """What a phone gets; entitled is None when it has that already, records are as the merge writes them.

    results: of each change that was sent, and of those asked after under `held` that a lead has decided since.
    """

    format: int
    epoch: str
    now: int
    results: list[changes.Result]
    entitled: Entitlement | None
    cursor: str
    more: bool
    records: list[dict[str, Any]] = []


class TakenIn(msgspec.Struct):
    """What a phone gets that was revoked: what became of what it handed in."""

    format: int
    now: int
    revoked: bool
    results: list[changes.Result]


@dataclass(slots=True)
class Gives:
    """An answer in the making; bodies are records in their canonical text, given a Counter of their pairs."""

    epoch: str
    cursor: str = ""
    more: bool = False
    entitled: Entitlement | None = None
    confirms: str = ""
    results: list[Result] = field(default_factory=list)
    decided: list[Result] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    given: Counter[Pair] = field(default_factory=Counter)
    opened: dict[Pair, Opened] = field(default_factory=dict)


@post(
    "/sync", status_code=200, request_max_body_size=PACKED_BYTES_MAX, tags=["phone"], operation_class=operations.takes(Asks, 401, 409, links=NEXT),
    responses={200: ResponseSpec(Answer | TakenIn, generate_examples=False, description="What became of each change, and what is new to this phone")},
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
    batch, gives = await _exchanged(asks, session.me, at, devices.word(request.headers))
    if batch and batch.rows:
        news.look(session.me.device, range(batch.numbers, batch.numbers + len(batch.results)))
    return _answer(request, _text(at, gives))


routes = [sync]


async def current_epoch(tx: Tx) -> str:
    """The id of this database's life; a restored backup begins another."""
    row = await tx.one("SELECT value FROM meta WHERE name = 'epoch'")
    if row is None:
        raise RuntimeError("table meta has no row 'epoch': run `naober migrate`")
    return str(row[0])


def digest_of(opened: dict[Pair, Opened], hats: Iterable[str]) -> tuple[str, Pairs]:
    """(digest, pairs) of everything that is open to somebody: ((subject, topic, until or None, after, ground), …) in one order.

    Their hats are in the digest too: one that came and went between two exchanges opens nothing any more, but what was written under it is theirs.
    """
    pairs = tuple((subject, topic, why.until, why.after, why.ground) for (subject, topic), why in sorted(opened.items()))
    return _digest(pairs, tuple(hats)), pairs


@lru_cache(maxsize=DIGESTS_MAX)
def _digest(pairs: Pairs, hats: tuple[str, ...]) -> str:
    """Remembered, because a phone brings the same pairs with every request and their text is long."""
    return hashlib.sha256(" ".join([rules.pairs_text(pairs), *hats]).encode()).hexdigest()[:32]


def _asked(body: bytes, me: Me) -> Asks:
    asks = bodies.decoded(body, Asks, halves=True)
    if asks.format != FORMAT:
        raise bodies.refused(400, "format", ("format", "not_allowed"))
    if asks.device != me.device:
        raise bodies.refused(409, "device", ("device", "not_allowed"))
    for name, most in (("changes", CHANGES_MAX), ("reads", READS_MAX), ("held", HELD_MAX)):
        if len(getattr(asks, name)) > most:
            raise bodies.refused(413, "too_many", (name, "too_long"))
    if asks.cursor is not None and not (pulls.PLACE.fullmatch(asks.cursor) or pulls.FIRST.fullmatch(asks.cursor)):
        raise bodies.refused(400, "invalid", ("cursor", "not_allowed"))
    return asks


async def _exchanged(asks: Asks, me: Me, at: int, word: devices.Word) -> tuple[Batch | None, Gives]:
    """With something going up, all of it is one unit; otherwise only a log of what is given is written, before it is given."""

    async def both(tx: Tx) -> tuple[Batch | None, Gives]:
        batch = await changes.take(tx, asks.changes, me, now=at) if asks.changes else None
        opened = batch.opened if batch else await access.opened(tx, me.person, at)
        await reads.note(tx, asks.reads, me, at, opened)
        await devices.hear(tx, me.device, at, word, devices.highest(asks.changes))
        gives = await _pull(tx, asks, me, at, opened, (batch, word.knows))
        await _note(tx, me, gives, at)
        return batch, gives

    async def down(tx: Tx) -> tuple[Gives, bool]:
        return await _pull(tx, asks, me, at, await access.opened(tx, me.person, at), (None, word.knows)), await devices.unheard(tx, me.device, word)

    async def noted(tx: Tx) -> None:
        await _note(tx, me, gives, at)
        await devices.hear(tx, me.device, at, word)

    if asks.changes or asks.reads:
        return await db.write(both)
    gives, unheard = await db.read(down)
    if gives.given or gives.confirms or gives.decided or unheard:
        await db.write(noted)
    return None, gives


async def _note(tx: Tx, me: Me, gives: Gives, at: int) -> None:
    """What is given goes into the log, and on the list of what this device holds; what it has confirmed to be gone comes off it."""
    await audit.note(tx, _log(me, gives, at))
    await holdings.given(tx, me.device, gives.given, at, knows=gives.entitled is None or not gives.given)
    if gives.confirms:
        await holdings.confirmed(tx, me.device, gives.confirms, gives.opened, at)


async def _taken_in(asks: Asks, me: Me, at: int) -> Response[bytes]:
    """A revoked device hands in what it still has and gets nothing; it hears that it was revoked, and erases itself once nothing is left."""

    async def work(tx: Tx) -> list[Result]:
        batch = await changes.take(tx, asks.changes, me, now=at, custody=CUSTODY)
        await audit.note(tx, [audit.row(me, None, at, "refused", source="phone", result=CUSTODY)])
        return batch.results

    results = await db.write(work)
    news.look()
    body = msgspec.json.encode(TakenIn(FORMAT, at, revoked=True, results=results))
    return Response(body, media_type="application/json", headers=NO_STORE)


async def _pull(tx: Tx, asks: Asks, me: Me, at: int, opened: dict[Pair, Opened], heard: tuple[Batch | None, int]) -> Gives:
    """What is new to this phone; `heard`: what it handed in with this request, and which kinds its app knows."""
    batch, strange = heard[0], pulls.unknown(heard[1])
    gives = Gives(await current_epoch(tx), opened=opened)
    hats = await access.ever_worn(tx, me.person)
    digest, pairs = digest_of(opened, hats)
    if digest != asks.entitled:
        gives.entitled = Entitlement(digest, pairs, hats)
    elif await holdings.unconfirmed(tx, me.device, digest):
        gives.confirms = digest
    last = await tx.one("SELECT n FROM counter WHERE name = 'seq'")
    newest = int(last[0]) if last else 0
    place = pulls.place_of(asks.cursor if asks.epoch == gives.epoch else None, newest)
    rows = await (pulls.first(tx, me, opened, place, at, strange) if place.first else pulls.since(tx, me, opened, place, newest, strange))
    full, rows = len(rows) > pulls.PAGE, rows[: pulls.PAGE]
    upto = rows[-1][3] if full else newest if place.upto is None else place.upto
    # After the last page of a first pull comes what was written while it lasted.
    gives.more = full or upto < newest
    gives.cursor = f"first-{upto}-{place.upto}" if full and place.first else str(upto)
    await _bodies(tx, rows, batch, gives, place)
    await _decided(tx, asks, me, batch, gives)
    return gives


async def _decided(tx: Tx, asks: Asks, me: Me, batch: Batch | None, gives: Gives) -> None:
    """What leads decided of what is held, also of what is sent once more because the first answer was lost."""
    sent = batch.results if batch else []
    asked = {one[0]: one[1] for one in asks.held if isinstance(one, list) and [*map(type, one)] == [str, int] and rules.ID.fullmatch(one[0])}
    asked |= {one.id: 0 for one in sent if one.is_ == "held" or one.reason == "returned"}
    gives.decided = await custody.news(tx, me, asked.items()) if asked else []
    later = {one.id: one for one in gives.decided}
    gives.results = [later.pop(one.id, one) for one in sent]
    gives.results += later.values()


async def _bodies(tx: Tx, rows: list[pulls.Row], batch: Batch | None, gives: Gives, place: pulls.Place) -> None:
    """What a phone makes itself stays away: it has the version in the result."""
    touched = batch.touched if batch else {}
    wanted = [row for row in rows if not (row[0] in touched and _made_there(touched[row[0]], place))]
    texts = dict(await tx.all(f"SELECT id, body FROM record WHERE {db.among('id', 1)}", [row[0] for row in wanted])) if wanted else {}  # noqa: S608
    gives.bodies = [texts[row[0]] for row in wanted]
    gives.given = Counter((row[1], row[2]) for row in wanted)


def _made_there(kept: Kept, place: pulls.Place) -> bool:
    """Whether only this request changed the record, as it was written, and the phone had been given what lay under it."""
    return kept.before <= kept.seen and not kept.bounded and kept.number <= place.after


def _log(me: Me, gives: Gives, at: int) -> list[dict[str, Any]]:
    """One row for each pair of which something is given, with how much and on what ground; and one for each decision."""
    rows = []
    for (subject, topic), n in gives.given.items():
        why = gives.opened.get((subject, topic))
        ground = why.ground if why else "author"
        more = {"subject": subject, "topic": topic, "n": n, "ground": ground, "source": "sync", "result": "ok"}
        rows.append(audit.row(me, why.hat if why else None, at, "given", **more))
    about = {"kind": "decision", "n": 1, "ground": "author", "source": "sync"}
    return rows + [audit.row(me, None, at, "given", object=one.id, result=one.reason or one.is_, **about) for one in gives.decided]


def _text(at: int, gives: Gives) -> bytes:
    head = msgspec.json.encode(Answer(FORMAT, gives.epoch, at, gives.results, gives.entitled, gives.cursor, gives.more))
    return head.removesuffix(b"]}") + ",".join(gives.bodies).encode() + b"]}"


def _answer(request: Request[Any, Any, Any], body: bytes) -> Response[bytes]:
    if len(body) < bodies.GZIP_FROM_BYTES or not bodies.takes_gzip(request):
        return Response(body, media_type="application/json", headers=NO_STORE)
    packed = gzip.compress(body, compresslevel=5, mtime=0)
    return Response(packed, media_type="application/json", headers=NO_STORE | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
