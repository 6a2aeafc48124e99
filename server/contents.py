"""Contents: what is on a device, for when it is lost: of whom and about what, behind which lock, and when it was last heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, audit, bodies, db, entries, openings, operations, people, records, render, revocations, sessions

if TYPE_CHECKING:
    from server.access import Me, Pair
    from server.db import Tx
    from server.i18n import Speaker
    from server.records import Shown

SIGNS = {"seen": "clock", "lock": "lock", "sealed": "key-round", "erased": "check", "closes": "calendar-days", "revoked": "x", "report": "megaphone"}
# A breach of personal data is reported within so long of its discovery (GDPR, article 33).
REPORT_MS = 72 * 60 * 60 * 1000


@dataclass(slots=True)
class Contents:
    """A device as the office knows it, the pairs it was given and never said to have erased, and the records that name them to whoever asks."""

    id: str
    person: str
    owner: str
    name: str
    created_at: int
    revoked_at: int | None
    erased_at: int | None
    locked_at: int | None
    seen_at: int = 0
    pairs: list[Pair] = field(default_factory=list)
    homes: dict[str, str] = field(default_factory=dict)
    known: dict[str, Shown] = field(default_factory=dict)


async def find(tx: Tx, me: Me, device: str, now: int) -> Contents | None:
    """The contents of a device of mine or of somebody in a team that I lead; who it names to me is logged."""
    if await revocations.find(tx, me, device, now) is None:
        return None
    row = await tx.one(
        "SELECT d.id, d.person, p.name, d.name, d.created_at, d.revoked_at, CASE WHEN d.sure = 1 THEN d.emptied_at END, d.locked_at, d.last_seen_at"
        " FROM device d JOIN person p ON p.id = d.person WHERE d.id = $1",
        device,
    )
    held = await tx.all("SELECT subject, topic, since FROM holding WHERE device = $1 AND gone_at IS NULL ORDER BY subject, topic", device)
    if row is None:
        return None
    *known, last = row
    found = Contents(*known)
    found.pairs = [(subject, topic) for subject, topic, _ in held]
    # A phone that only asks is noted down once an hour: what it was given last is contact too.
    found.seen_at = max([found.created_at, last or 0, *(since for *_, since in held)])
    ids = [subject.partition(":")[2] for subject, _ in found.pairs]
    found.homes = dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", ids))  # noqa: S608  our own SQL
    opened = await access.opened(tx, me.person, now)
    found.known = await records.find(tx, me, opened, [*ids, *found.homes.values()])
    hats = people.led_by(me) if found.person != me.person else ()
    about = {"source": "page", "result": "ok", "n": 1, "object": device, "kind": "holding"}
    named = [{"subject": one["subject"], "topic": one["topic"], **about} for one in found.known.values()]
    await audit.note(tx, [audit.row(me, hats[0] if hats else None, now, "given", **one) for one in named])
    return found


@get("/devices/{device:str}", operation_class=operations.page(404))
async def contents_page(request: Request[Any, Any, Any], device: FromPath[str]) -> Response[Any]:
    """What a breach report asks, on one page."""
    me = await openings.reader(request)
    if me is None:
        return await openings.to_open(request)
    now = sessions.now()
    found = await db.write(lambda tx: find(tx, me, device, now))
    if found is None:
        raise bodies.refused(404, "not_found")
    speaker = await sessions.speaker_of(request)
    houses, closed = _houses(found, speaker)
    counts = {"houses": len(houses) + closed, "residents": len({subject for subject, _ in found.pairs if subject.startswith("resident:")})}
    shown: dict[str, Any] = {"facts": _facts(found, speaker, now), "houses": houses, "closed": closed, "counts": counts}
    shown |= {"name": found.name or speaker.say("devices.unknown"), "owner": "" if found.person == me.person else found.owner}
    shown |= {"id": device, "revoked": bool(found.revoked_at), "lead": bool(people.led_by(me)), "here": "devices"}
    return render.page("contents.html", speaker, **shown)


routes = [contents_page]


def _facts(found: Contents, speaker: Speaker, now: int) -> list[dict[str, str]]:
    """[{sign, name, text}]: last contact, the lock, how it is sealed, when it closes by itself, what was done, and until when to report it."""

    def when(at: int) -> str:
        return speaker.when(at, now)

    said = [("seen", when(found.seen_at)), ("lock", _lock(found, speaker, now)), ("sealed", speaker.say("contents.sealed.text"))]
    if found.erased_at:
        said.append(("erased", when(found.erased_at)))
    else:
        said.append(("closes", when(found.seen_at + sessions.LEASE_MS)))
    if found.revoked_at:
        said += [("revoked", when(found.revoked_at)), ("report", speaker.say("contents.report.text", when=when(found.revoked_at + REPORT_MS)))]
    return [{"sign": SIGNS[name], "name": speaker.say(f"contents.{name}"), "text": text} for name, text in said]


def _lock(found: Contents, speaker: Speaker, now: int) -> str:
    if found.locked_at and found.locked_at >= found.seen_at:
        return speaker.say("contents.lock.closed", when=speaker.when(found.locked_at, now))
    return speaker.say("contents.lock.open", when=speaker.when(found.seen_at, now))


def _houses(found: Contents, speaker: Speaker) -> tuple[list[dict[str, Any]], int]:
    """[{name, people, topics}] by household, and how many there are whose name is not open to who asks."""
    placed = [(_home(found, subject), subject, topic) for subject, topic in found.pairs if subject.partition(":")[0] in {"household", "resident"}]
    named, closed = [], 0
    for home, rows in groupby(sorted(placed), lambda row: row[0]):
        of_home = list(rows)
        if home not in found.known:
            closed += 1
            continue
        residents = sorted({_name(found, subject) for _, subject, _ in of_home if subject.startswith("resident:")} - {""})
        topics = [speaker.say(f"topic.{topic}") for topic in entries.TOPICS if any(topic == other for *_, other in of_home)]
        named.append({"name": found.known[home]["fields"].get("name", ""), "people": ", ".join(residents), "topics": ", ".join(topics)})
    return sorted(named, key=lambda house: str(house["name"])), closed


def _home(found: Contents, subject: str) -> str:
    noun, _, key = subject.partition(":")
    return key if noun == "household" else found.homes.get(key, key)


def _name(found: Contents, subject: str) -> str:
    known = found.known.get(subject.partition(":")[2])
    return str(known["fields"].get("name", "")) if known else ""
