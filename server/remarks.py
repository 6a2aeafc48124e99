"""Remarks at the desk: what a lead asks, praises or wants mended of what a member of their team wrote; the original stays as it is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from server import access, arrivals, bodies, changes, db, entries, errands, news, operations, people, readings, sessions
from sync import clock, rules

if TYPE_CHECKING:
    from litestar.datastructures import FormMultiDict

    from server.access import Me, Pair
    from server.arrivals import Arrival
    from server.db import Tx
    from server.entries import Teller

WHATS = ("question", "compliment", "correction")
# What has its own answer, or was written by nobody of the team.
NONE_OF = ("worry", "response")
TEXT_MAX = 2000
# Of a visit the most private part is what a remark is about unless the lead says otherwise: so nobody reads more by it.
PRIVATE = ("safety", "body", "mind", "money", "social", "society", "practical")
FORM = {
    **dict.fromkeys(("op", "of", "asked"), operations.pattern(people.ID)),
    "what": {"enum": [*WHATS]}, "text": {"type": "string", "maxLength": TEXT_MAX}, "upto": operations.pattern(readings.NUMBER),
}  # fmt: skip
CLOSURE = {"remark": operations.pattern(people.ID)}


@dataclass(frozen=True, slots=True)
class Sent:
    """One remark as it was sent: of which part, asked to whom ('' is its author), and the name of the message that says what is wrong with it."""

    op: str
    what: str
    of: str
    asked: str
    text: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may be asked, and which of its pairs are open to them today."""

    person: str
    name: str
    reads: frozenset[Pair]


def sent(form: FormMultiDict) -> Sent:
    """What stands in the form; what is no remark, or no id, was never on the page."""
    op, what, of, asked = (str(form.get(name, "")) for name in ("op", "what", "of", "asked"))
    wrong = [name for name in ("op", "of", "asked") if (name in form or name == "op") and not people.ID.fullmatch(str(form.get(name, "")))]
    if wrong or what not in WHATS:
        raise bodies.refused(400, "invalid", (wrong[0] if wrong else "what", "not_allowed"))
    text = str(form.get("text", "")).replace("\r\n", "\n").strip()
    return Sent(op, what, of, asked, text, _wrong(what, text))


async def make(me: Me, record: str, said: Sent, upto: int) -> Sent:
    """Writes this remark, once however often it is sent, and has read what it is about; not while something is wrong with it, which is given back."""
    at = sessions.now()
    one, readers = await db.read(lambda tx: _found(tx, me, record, at))
    part = next((part for part in one.all if part.record["id"] == said.of), None) if said.of else private(one)
    if part is None:
        raise bodies.refused(404, "not_found")
    asked = next((reader for reader in readers if not said.asked or reader.person == said.asked), None)
    if not said.wrong and (asked is None or _pair(part) not in asked.reads):
        said = replace(said, wrong="review.cannot_read")
    if asked and not said.wrong:
        change = _change(me, one, part, asked, said, at)
        await db.write(lambda tx: changes.apply(tx, [change], me, now=at, source="page"))
        await readings.mark(me, [record], upto)
        news.look()
    return said


async def close(me: Me, record: str, remark: str) -> None:
    """That a remark of this arrival asks nothing more; what is not there, or is settled, is passed over."""
    at = sessions.now()

    async def find(tx: Tx) -> tuple[Arrival | None, Arrival | None]:
        found = await arrivals.come_in(tx, me, await access.opened(tx, me.person, at), at)
        one = arrivals.holding(found, record)
        return one, next((said for said in one.remarks if said.record["id"] == remark), None) if one else None

    one, said = await db.read(find)
    if one is None:
        raise bodies.refused(404, "not_found")
    if said and not said.record["fields"].get("closed"):
        key = errands.derived(remark, f"closed {remark} {me.person}")
        what = {name: said.record[name] for name in ("kind", "subject", "topic")}
        stamp, seen = clock.tick(None, at, me.device), said.record["version"]
        change = changes.make(arrivals.mine(me, one), what, {"closed": True}, ids=(key, remark), stamp=stamp, n=1, seen=seen)
        await db.write(lambda tx: changes.apply(tx, [change], me, now=at, source="page"))
        news.look()


async def readers_of(tx: Tx, one: Arrival, me: Me, at: int) -> list[Reader]:
    """Its author first; where part of it is closed to them, or they left, whoever else of their team reads any of it."""
    pairs = {_pair(part) for part in one.all}
    row = await tx.one("SELECT p.id, p.name FROM membership m JOIN person p ON p.id = m.person WHERE m.id = $1", one.record["by"])
    if row is None:
        return []
    author = await _reader(tx, str(row[0]), str(row[1]), pairs, at)
    if author.reads == pairs:
        return [author]
    mates = await tx.all(
        "SELECT DISTINCT p.id, p.name FROM membership m JOIN person p ON p.id = m.person WHERE m.team = $1 AND p.left_at IS NULL AND m.since <= $2"
        " AND (m.until IS NULL OR m.until >= $2) AND p.id NOT IN ($3, $4) ORDER BY p.name, p.id",
        *(one.team, access.day_of(at), author.person, me.person),
    )
    others = [await _reader(tx, person, name, pairs, at) for person, name in mates]
    return [author, *(other for other in others if other.reads)]


def private(one: Arrival) -> Arrival:
    """The most private part of it."""
    return min(one.all, key=lambda part: PRIVATE.index(part.record["topic"]))


def shown(teller: Teller, one: Arrival, readers: list[Reader], said: Sent | None, at: dict[str, str]) -> dict[str, Any]:
    """What was said of it, and the form to say more; `at`: where its forms go."""
    kept = said if said and said.wrong else None
    return {
        "action": at["remarks"],
        "closure": at["closure"],
        "threads": [_thread(teller, remark) for remark in one.remarks],
        "form": _form(teller, one, readers, kept) if readers else None,
        "saved": bool(said and not said.wrong),
    }


def _form(teller: Teller, one: Arrival, readers: list[Reader], kept: Sent | None) -> dict[str, Any]:
    say, author = teller.speaker.say, readers[0]
    whole = author.reads == {_pair(part) for part in one.all}
    able = [reader for reader in readers if reader.reads]
    of, asked = (kept.of if kept else private(one).record["id"]), (kept.asked if kept else (able[0].person if able else ""))
    return {
        "title": say("review.remark", name=author.name),
        "op": kept.op if kept else clock.uuid7(teller.now, secrets.token_hex(10)),
        "text": kept.text if kept else "",
        "errors": [{"field": "remark", "message": say(kept.wrong)}] if kept else [],
        "gone": "" if whole else say("review.author_gone" if not author.reads else "review.author_partly", name=author.name),
        "parts": [{"value": part.record["id"], "text": _about(teller, part), "chosen": part.record["id"] == of} for part in one.all],
        "people": [] if whole else [{"value": one.person, "text": one.name, "chosen": one.person == asked} for one in able],
        "able": bool(able),
        "whats": [{"value": what, "text": say(f"today.remark.{what}")} for what in WHATS],
    }


def _about(teller: Teller, part: Arrival) -> str:
    """'Lichaam · Wond 2 cm.', or 'Bezoek' of what has no words of its own."""
    record, say = part.record, teller.speaker.say
    words = entries.split(str(record["fields"].get("text") or ""))[0]
    return " · ".join([say(f"topic.{record['topic']}") if record["kind"] == "note" else say(f"kind.{record['kind']}"), *([words] if words else [])])


def _thread(teller: Teller, remark: Arrival) -> dict[str, Any]:
    fields = remark.record["fields"]
    return {
        "id": remark.record["id"],
        "chip": teller.remark(remark.record),
        "text": fields.get("text", ""),
        "hand": teller.hand(remark.record),
        "open": fields["what"] != "compliment" and not fields.get("closed"),
        "responses": [{"text": part.record["fields"]["text"], "hand": teller.hand(part.record), "fresh": part.unread} for part in remark.parts],
    }


async def _found(tx: Tx, me: Me, record: str, at: int) -> tuple[Arrival, list[Reader]]:
    """What a remark is about, by the arrival that stands on the page, and who may be asked."""
    found = await arrivals.come_in(tx, me, await access.opened(tx, me.person, at), at)
    one = arrivals.told_of(found, arrivals.holding(found, record))
    if one is None or one.record["kind"] in NONE_OF:
        raise bodies.refused(404, "not_found")
    return one, await readers_of(tx, one, me, at)


async def _reader(tx: Tx, person: str, name: str, pairs: set[Pair], at: int) -> Reader:
    return Reader(person, name, frozenset(pairs.intersection(await access.opened(tx, person, at))))


def _change(me: Me, one: Arrival, part: Arrival, asked: Reader, said: Sent, at: int) -> dict[str, Any]:
    fields = {"of": part.record["id"], "asked": asked.person, "what": said.what, "at": at} | ({"text": said.text} if said.text else {})
    what = {"kind": "remark", "subject": part.record["subject"], "topic": part.record["topic"]}
    ids = (errands.derived(said.op, f"remark {said.op} {me.person}"), said.op)
    return changes.make(arrivals.mine(me, one), what, fields, ids=ids, stamp=clock.tick(None, at, me.device), n=1)


def _pair(part: Arrival) -> Pair:
    return part.record["subject"], part.record["topic"]


def _wrong(what: str, text: str) -> str:
    """The message of why this is no remark, or ''."""
    if rules.NOT_TEXT.search(text):
        return "wrong.bad_text"
    if len(text) > TEXT_MAX:
        return "wrong.too_long"
    return "" if text or what == "compliment" else "review.words"
