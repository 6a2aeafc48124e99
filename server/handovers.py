"""Handovers: everything that waits for somebody, by front door, and how it goes into other hands; nothing is left in nobody's unseen."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, changes, db, i18n, matches
from sync import clock, merge, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Me, Opened, Pair
    from server.db import Tx

# Every field that says who a thing waits for. It is passed on; or the name is taken off it, and whoever comes there asks somebody else.
OWNERS = {
    ("schedule", "who"): "passed",
    ("task", "owner"): "passed",
    ("remark", "asked"): "passed",
    ("task", "volunteer"): "freed",
    ("helper", "volunteer"): "ended",
    ("match", "volunteer"): "ended",  # by matches.settle, which names people to each other
}
KINDS = ("schedule", "task", "helper", "remark")
THINGS = ("schedule", "task", "remark")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that waits for somebody: its record, what it says now, and the household (or team) where it is."""

    record: dict[str, Any]
    fields: dict[str, Any]
    first: int
    home: str

    @property
    def kind(self) -> str:
        """What it is."""
        return str(self.record["kind"])

    @property
    def pair(self) -> Pair:
        """Whom and what it is about."""
        return self.record["subject"], self.record["topic"]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who goes, from the teams that they leave, with every hat that they have or had there."""

    person: str
    name: str
    hats: frozenset[str]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A colleague who may take over, by their hat in a team, and what is open to them today."""

    person: str
    name: str
    hat: str
    team: str
    language: str
    opened: dict[Pair, Opened] = field(repr=False)

    def takes(self, things: Iterable[Thing]) -> bool:
        """Whether all of it is open to them; a question that they may not read is settled, and does not keep the rest from them."""
        return all(one.kind == "remark" or access.opens(self.opened, one.pair, one.first) for one in things)


async def leaver(tx: Tx, person: str, name: str, teams: Iterable[str]) -> Leaver:
    """Somebody with all the hats that they have, or had before, in these teams."""
    mine = sorted(set(teams))
    rows = await tx.all(f"SELECT id FROM membership WHERE person = $1 AND {db.among('team', 2)}", person, mine)  # noqa: S608  our own SQL
    return Leaver(person, name, frozenset(hat for (hat,) in rows), tuple(mine))


async def find(tx: Tx, who: Leaver, day: str, opened: dict[Pair, Opened] | None = None) -> list[Thing]:
    """All that waits for them on this day or later, as far as it is `opened`; wherever it is, when that is not said, for the office's own hand."""
    subjects = None if opened is None else sorted({subject for subject, _ in opened})
    names = [who.person, *sorted(who.hats)]
    like = " OR ".join(f"body LIKE ${n}" for n in range(2, len(names) + 2))
    of = f" AND {db.among('subject', len(names) + 2)}" if subjects is not None else ""
    rows = await tx.all(
        f"SELECT subject, topic, first, body FROM record WHERE {db.among('kind', 1)} AND ({like}){of} ORDER BY id",  # noqa: S608  our own SQL
        *(list(KINDS), *(f"%{one}%" for one in names), *([subjects] if subjects is not None else ())),
    )
    open_ = [row for row in rows if opened is None or access.opens(opened, (row[0], row[1]), row[2])]
    found = [(first, msgspec.json.decode(body)) for *_, first, body in open_]
    shown = [(first, record, merge.shown(record)) for first, record in found]
    theirs = [one for one in shown if _theirs(who, one[2])]
    subjects = sorted({record["subject"] for _, record, _ in theirs})
    answered = await _answered(tx, subjects)
    asking = await _worn_in(tx, who)
    live = [one for one in theirs if _waits(one[2], day, answered, asking)]
    homes = dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", [one.partition(":")[2] for one in subjects]))  # noqa: S608
    return [Thing(record, one["fields"], first, homes.get(key, key)) for first, record, one in live if (key := record["subject"].partition(":")[2])]


async def receivers(tx: Tx, who: Leaver, at: int, day: str) -> list[Receiver]:
    """Who may take over: everybody else who is in one of these teams, today and on the day that they are gone."""
    today = access.day_of(at)
    rows = await tx.all(
        f"SELECT p.id, p.name, m.id, m.team, p.language FROM membership m JOIN person p ON p.id = m.person WHERE {db.among('m.team', 1)}"  # noqa: S608
        " AND m.role <> 'volunteer' AND p.left_at IS NULL AND p.id <> $2 AND m.since <= $3 AND (m.until IS NULL OR m.until >= $4)"
        " ORDER BY p.name, m.id",
        *(list(who.teams), who.person, today, max(today, day)),
    )
    first: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        first.setdefault(row[0], row)
    return [Receiver(person, row[1], row[2], row[3], row[4], await access.opened(tx, person, at)) for person, row in first.items()]


async def pass_on(tx: Tx, me: Me, who: Leaver, given: list[tuple[Thing, Receiver]], at: int) -> None:
    """Each thing into the hands of its receiver, written by me; in one batch, so that all of it happens or nothing."""
    sent = [change for thing, receiver in given for change in _passed(me, who, thing, receiver, at)]
    await _write(tx, me, sent, at, "page")


async def tell(tx: Tx, me: Me, who: Leaver, given: list[tuple[Thing, Receiver]], at: int) -> None:
    """Asks each receiver on their phone whether they saw what they took over, in their language; the team may read it, so it names no resident."""
    sent = []
    for receiver in {one.person: one for _, one in given if one.person != me.person}.values():
        theirs = [thing for thing, one in given if one.person == receiver.person]
        say = i18n.speaker(receiver.language).say
        text = say("departure.told", name=who.name, what=counts(receiver.language, theirs), doors=doors(receiver.language, theirs))
        hat = next(hat for hat in me.hats if hat.role == "lead" and hat.team == receiver.team)
        what = {"kind": "remark", "subject": f"team:{hat.team}", "topic": "practical"}
        fields = {"of": max(who.hats), "asked": receiver.person, "what": "question", "text": text, "at": at}
        sent.append(changes.make(hat, what, fields, ids=(_id(at), _id(at)), stamp=clock.tick(None, at, me.device), n=1))
    await _write(tx, me, sent, at, "page")


def counts(language: str, things: Iterable[Thing]) -> str:
    """'2 afspraken in het schema, 1 taak' of these things, in this language."""
    say, kinds = i18n.speaker(language).say, [one.kind for one in things]
    return ", ".join(say(f"departure.n.{kind}", n=kinds.count(kind)) for kind in THINGS if kind in kinds)


def doors(language: str, things: Iterable[Thing]) -> str:
    """'4 voordeuren': how many these things are at."""
    return i18n.speaker(language).say("departure.doors", n=len({one.home for one in things}))


async def release(tx: Tx, who: Leaver, at: int) -> None:
    """Takes their name off whatever still waits for them, with the office's own hand: whoever comes there finds it in nobody's hands."""
    today = access.day_of(at)
    for (interest,) in await tx.all("SELECT DISTINCT interest FROM match WHERE person = $1 AND ended_at IS NULL ORDER BY interest", who.person):
        await matches.settle(tx, interest, at)
    sent = []
    for one in await find(tx, who, today):
        fields = _freed(who, one, today)
        what = {name: one.record[name] for name in ("kind", "subject", "topic")}
        ids, stamp = (_id(at), one.record["id"]), clock.tick(None, at, access.OFFICE.device)
        sent.append(changes.make(access.OFFICE.hats[0], what, fields, ids=ids, stamp=stamp, n=1, seen=one.record["version"]))
    await _write(tx, access.OFFICE, sent, at, "office")


def _theirs(who: Leaver, shown: dict[str, Any]) -> bool:
    """Whether any field that says who it waits for names them."""
    kind, fields, names = shown["kind"], shown["fields"], {who.person, *who.hats}
    said = (fields.get(name) for of, name in OWNERS if of == kind)
    return any(names.intersection(value if isinstance(value, list) else [value]) for value in said if value)


def _waits(shown: dict[str, Any], day: str, answered: set[str], asking: set[str]) -> bool:
    """Whether it is still to be done: not over by the calendar, done or answered; a question only while the team asks it that they leave."""
    kind, fields = shown["kind"], shown["fields"]
    if kind == "remark":
        return fields["what"] != "compliment" and not fields.get("closed") and shown["id"] not in answered and shown["by"] in asking
    often = bool(fields.get("weekdays") or fields.get("every_days"))
    if kind == "task" and not often:
        return shown["id"] not in answered
    last = fields.get("until") if often or kind == "helper" else fields.get("start")
    return not last or last >= day


async def _answered(tx: Tx, subjects: list[str]) -> set[str]:
    """The tasks and remarks of these subjects that have their answer."""
    rows = await tx.all(f"SELECT body FROM record WHERE {db.among('subject', 1)} AND kind IN ('completion', 'response')", subjects)  # noqa: S608  our own SQL
    all_ = [merge.shown(msgspec.json.decode(body))["fields"] for (body,) in rows]
    return {str(one.get("task") or one.get("to")) for one in all_ if not one.get("undone")}


async def _worn_in(tx: Tx, who: Leaver) -> set[str]:
    """Every hat that anybody has or had in the teams that they leave."""
    rows = await tx.all(f"SELECT id FROM membership WHERE {db.among('team', 1)}", list(who.teams))  # noqa: S608  our own SQL
    return {hat for (hat,) in rows}


def _passed(me: Me, who: Leaver, one: Thing, receiver: Receiver, at: int) -> list[dict[str, Any]]:
    what = {name: one.record[name] for name in ("kind", "subject", "topic")}
    hat = next(hat for hat in me.hats if hat.role == "lead" and hat.team in who.teams)
    said: dict[str, Any] = {"stamp": clock.tick(None, at, me.device), "n": _number(one.record, me.device), "seen": one.record["version"]}
    if one.kind == "schedule":
        going = [receiver.hat if hat_ in who.hats else hat_ for hat_ in one.fields["who"]]
        return [changes.make(hat, what, {"who": list(dict.fromkeys(going))}, ids=(_id(at), one.record["id"]), **said)]
    if one.kind == "task":
        return [changes.make(hat, what, {"owner": receiver.hat}, ids=(_id(at), one.record["id"]), **said)]
    # What was asked of somebody stands as it was asked: it is settled, and asked anew of whoever takes over and may read it.
    settled = changes.make(hat, what, {"closed": True}, ids=(_id(at), one.record["id"]), **said)
    if one.pair not in receiver.opened:
        return [settled]
    asked = {name: one.fields[name] for name in ("of", "what", "text") if name in one.fields} | {"asked": receiver.person, "at": at}
    return [settled, changes.make(hat, what, asked, ids=(_id(at), _id(at)), stamp=said["stamp"], n=1)]


def _number(record: dict[str, Any], device: str) -> int:
    """Not below any number that this device wrote in the record before, or what it writes now would come before that."""
    wrote = [int(write["n"]) for write in record["writes"].values() if write["device"] == device]
    return max([1, *wrote, *(int(reach.get(f"n:{device}", 1)) for reach in record.get("past", {}).values())])


def _freed(who: Leaver, one: Thing, today: str) -> dict[str, Any]:
    """What takes their name off it."""
    if one.kind == "schedule":
        return {"who": [hat for hat in one.fields["who"] if hat not in who.hats] or None}
    if one.kind == "helper":
        return {"until": rules.day_add(today, -1)}
    if one.kind == "remark":
        return {"closed": True}
    return {name: None for name in ("owner", "volunteer") if one.fields.get(name) in who.hats}


async def _write(tx: Tx, me: Me, sent: list[dict[str, Any]], at: int, source: str) -> None:
    """Through the one door; what it does not take undoes all of it."""
    results = await changes.apply(tx, sent, me, now=at, source=source) if sent else []
    wrong = [f"{one.is_} {one.reason}" for one in results if one.is_ != "stored"]
    if wrong:
        raise ValueError(f"a caseload was not passed on: {', '.join(wrong)}")


def _id(at: int) -> str:
    return clock.uuid7(at, secrets.token_hex(10))
