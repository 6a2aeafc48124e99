"""Arrivals: what the members of a lead's teams noted in the last thirty days, as far as the lead may see it; a visit carries its parts.

What leads said of it and what was answered hangs on it as its remarks; an answer to a lead's own question is an arrival too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import msgspec

from server import access, db, people
from server.access import Hat, Me, Opened, Pair
from server.db import Tx
from sync import clock, merge

DAYS, DAY_MS = 30, 24 * 60 * 60 * 1000
RECORDS_MAX, CONTESTED_MAX, TIES_MAX, TOLD_MAX = 3000, 300, 4, 6000
# So long after a question its answer still comes in.
REMARK_DAYS = 90
# What came in sooner than this after it was written came in at once, as far as a reader is concerned.
LATE_MS = 15 * 60 * 1000
# What a lead filters by, and the kinds of record that belong to it.
KINDS = {
    "worry": ("worry",), "answer": ("response",), "visit": ("visit",), "note": ("note", "measurement"), "contact": ("contact",),
    "signal": ("signal",), "discussion": ("discussion",), "task": ("task", "completion"),
}  # fmt: skip
NOTED = [kind for name, kinds in KINDS.items() if name not in {"worry", "answer"} for kind in kinds]
# And by what makes one urgent that is new, in this order after an open worry; what is of none comes after these.
URGENT = {"answer": 1, "signal": 2, "conflict": 3, "late": 4}
FILTERS = (*KINDS, "conflict", "late")
FILTER_OF = {kind: name for name, kinds in KINDS.items() for kind in kinds}
# The fields that tie a part to what it belongs to, directly or by way of another part.
PARTS = {"note": ("adds_to", "visit", "discussion"), "measurement": ("visit",), "task": ("visit", "discussion"), "signal": ("contact",)}


@dataclass(slots=True)
class Arrival:
    """A record as shown, the parts that came with it, and whether I still have to read any of it; `place` is a household's or a team's id.

    `change` is its last one, of `sent_at` by the phone's clock, and `remarks` are what leads said of any of it, each with the answers as its parts.
    """

    record: dict[str, Any]
    change: str
    sent_at: int
    seq: int
    team: str
    place: str
    unread: bool
    opened: Opened
    late: bool = False
    parts: list[Arrival] = field(default_factory=list)
    remarks: list[Arrival] = field(default_factory=list)

    @property
    def all(self) -> list[Arrival]:
        """Itself and its parts."""
        return [self, *self.parts] if self.parts else [self]

    @property
    def fresh(self) -> bool:
        """Whether any of it is unread."""
        return self.unread or (bool(self.parts) and any(one.unread for one in self.parts))

    @property
    def worrying(self) -> bool:
        """Whether it is a worry that nobody settled yet."""
        return self.record["kind"] == "worry" and all(part.record["fields"].get("step") != "closed" for part in self.parts)

    @property
    def latest(self) -> Arrival:
        """What came last of it."""
        return max(self.all, key=lambda one: one.seq) if self.parts else self

    @property
    def sorts(self) -> set[str]:
        """Each filter under which it is found: a visit with a signal in it under both."""
        found = {FILTER_OF.get(part.record["kind"], "") for part in self.all}
        contested = any(part.record["also"] for part in self.all)
        return found | ({"late"} if self.late else set()) | ({"conflict"} if contested else set())

    @property
    def urgency(self) -> int:
        """The lower the sooner it is read: a worry until it is settled, then what is new in the order of URGENT, then what was read."""
        if self.worrying or not self.fresh:
            return 0 if self.worrying else len(URGENT) + 2
        urgent = URGENT.keys() & self.sorts
        return min(URGENT[sort] for sort in urgent) if urgent else len(URGENT) + 1


async def come_in(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    """What is urgent first, and all of it newest first; `opened` is what access.opened gives for me."""
    remarks = await _remarks(tx, me, opened, now)
    whole = [*_together(await _single(tx, me, opened, now)), *await _worries(tx, me, opened, now), *await _answers(tx, me, remarks, now)]
    whole += await _contested(tx, me, opened, now)
    of = {part.record["id"]: one for one in whole for part in one.all}
    for remark in remarks:
        if one := of.get(remark.record["fields"]["of"]):
            one.remarks.append(remark)
    await _look_late(tx, [one for one in whole if one.fresh])
    return sorted(whole, key=lambda one: (one.urgency, -one.latest.seq))


def holding(arrivals: list[Arrival], record: str) -> Arrival | None:
    """The arrival that this record is or is part of, or None: not there, or not mine to see."""
    return next((one for one in arrivals if any(part.record["id"] == record for part in one.all)), None)


def told_of(arrivals: list[Arrival], one: Arrival | None) -> Arrival | None:
    """What a page tells when this is chosen: of an answer, what the question was about, as long as that is here."""
    if one is None or one.record["kind"] != "response":
        return one
    return next((whole for remark in one.remarks if (whole := holding(arrivals, remark.record["fields"]["of"]))), one)


def among(arrivals: list[Arrival], team: str, kind: str) -> list[Arrival]:
    """Those of this team and under this filter ('' is all)."""
    return [one for one in arrivals if (not team or one.team == team) and (not kind or kind in one.sorts)]


async def received(tx: Tx, arrivals: list[Arrival]) -> dict[str, int]:
    """Change -> when the office received it, of what came last in each of these."""
    return dict(await tx.all(f"SELECT id, received_at FROM change WHERE {db.among('id', 1)}", [one.latest.change for one in arrivals]))  # noqa: S608


def mine(me: Me, one: Arrival) -> Hat:
    """The hat under which I read this: the one that leads its author's team."""
    led = people.led_by(me)
    return next((hat for hat in led if hat.team == one.team), led[0])


def reading_ids(record: str, version: int, person: str) -> tuple[str, str]:
    """(change, record) of this person's reading of this version: the same every time, so that reading twice is once."""
    return _id_of("change", record, version, person), _id_of("reading", record, version, person)


def _id_of(what: str, record: str, version: int, person: str) -> str:
    name = f"{what} {record} {version} {person}"
    return clock.uuid7(int(record[:8] + record[9:13], 16), hashlib.sha256(name.encode()).hexdigest()[:20])


async def _single(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    floor = clock.uuid7(now - DAYS * DAY_MS, "0" * 20)
    members = await people.members(tx, me, access.day_of(now - DAYS * DAY_MS))
    homes = await _homes(tx, {subject for subject, _ in opened})
    rows = await tx.all(
        f"SELECT id, subject, topic, version, first, seq, body FROM record WHERE {db.among('author', 1)} AND {db.among('kind', 2)}"  # noqa: S608  our own SQL
        " AND id > $3 ORDER BY seq DESC LIMIT $4",
        *(sorted({person for _, person, _ in members}), NOTED, floor, RECORDS_MAX),
    )
    read = {key for (key,) in await tx.all("SELECT id FROM record WHERE author = $1 AND kind = 'reading' AND id > $2", me.person, floor)}
    team_of = {hat: team for hat, _, team in members}
    found = []
    for key, subject, topic, version, first, seq, body in rows:
        shown, last, sent = _told(body)
        if access.opens(opened, (subject, topic), first) and shown["by"] in team_of:
            unread = _id_of("reading", key, version, me.person) not in read
            found.append(Arrival(shown, last, sent, seq, team_of[shown["by"]], _place(subject, homes), unread, opened[subject, topic]))
    return found


async def _worries(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    """What worries anybody about a household in the care of a team that I lead, whoever wrote it and when, with what was done about it."""
    team_of = {home: team for home, team in (await access.led(tx, me, now)).items() if (home, "practical") in opened}
    rows = await tx.all(
        "SELECT id, subject, topic, version, first, seq, author, body FROM record"  # noqa: S608  our own SQL
        f" WHERE {db.among('subject', 1)} AND topic = 'practical' AND kind IN ('worry', 'acknowledgement') ORDER BY seq",
        list(team_of),
    )
    read = await _read_of(tx, {_id_of("reading", row[0], row[3], me.person) for row in rows})
    whole: dict[str, Arrival] = {}
    for key, subject, topic, version, first, seq, author, body in rows:
        shown, last, sent = _told(body)
        unread = author != me.person and _id_of("reading", key, version, me.person) not in read
        one = Arrival(shown, last, sent, seq, team_of[subject], _place(subject, {}), unread, opened[subject, topic])
        if access.opens(opened, (subject, topic), first) and shown["kind"] == "worry":
            whole[key] = one
        elif (of := whole.get(shown["fields"].get("worry"))) and of.record["subject"] == subject:
            of.parts.append(one)
    floor = clock.uuid7(now - DAYS * DAY_MS, "0" * 20)
    return [one for one in whole.values() if one.worrying or one.record["id"] > floor]


async def _read_of(tx: Tx, readings: set[str]) -> set[str]:
    return {key for (key,) in await tx.all(f"SELECT id FROM record WHERE {db.among('id', 1)}", sorted(readings))}  # noqa: S608  our own SQL


async def _remarks(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    """What I and the members of my teams said of what came in, oldest first, each with the answers to it as its parts."""
    team_of = {person: team for _, person, team in await people.members(tx, me, access.day_of(now - REMARK_DAYS * DAY_MS))}
    rows = await tx.all(
        "SELECT id, subject, topic, version, first, seq, author, body FROM record"  # noqa: S608  our own SQL
        f" WHERE {db.among('author', 1)} AND kind IN ('remark', 'response') AND id > $2 ORDER BY first",
        *(sorted({me.person, *team_of}), clock.uuid7(now - REMARK_DAYS * DAY_MS, "0" * 20)),
    )
    homes = await _homes(tx, {row[1] for row in rows})
    read = await _read_of(tx, {_id_of("reading", row[0], row[3], me.person) for row in rows})
    thread: dict[str, Arrival] = {}
    for key, subject, topic, version, first, seq, author, body in rows:
        if not access.opens(opened, (subject, topic), first):
            continue
        shown, last, sent = _told(body)
        unread = author != me.person and shown["kind"] == "response" and _id_of("reading", key, version, me.person) not in read
        team = team_of.get(shown["fields"].get("asked", author), "")
        one = Arrival(shown, last, sent, seq, team, _place(subject, homes), unread, opened[subject, topic])
        if shown["kind"] == "remark":
            thread[key] = one
        elif (of := thread.get(shown["fields"]["to"])) and (of.record["subject"], of.record["topic"]) == (subject, topic):
            thread[key] = of
            of.parts.append(one)
    return [one for key, one in thread.items() if one.record["id"] == key]


async def _answers(tx: Tx, me: Me, remarks: list[Arrival], now: int) -> list[Arrival]:
    """What was answered to what I asked, or to what a lead asked who leads here no more; a compliment asks nothing."""
    others, own = await people.leads_beside(tx, me, access.day_of(now)), {hat.id for hat in me.hats}
    floor = clock.uuid7(now - DAYS * DAY_MS, "0" * 20)
    return [
        replace(part, team=one.team, remarks=[one])
        for one in remarks
        if one.record["fields"]["what"] != "compliment" and one.record["by"] not in others
        for part in one.parts
        if part.record["by"] not in own and (part.unread or part.record["id"] > floor)
    ]


async def _contested(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    """Where two people wrote different facts of a household in the care of a team that I lead, or of who lives there, until somebody chose."""
    led = {home.removeprefix("household:"): team for home, team in (await access.led(tx, me, now)).items()}
    residents = await tx.all(f"SELECT id, household FROM resident WHERE {db.among('household', 1)}", list(led))  # noqa: S608  our own SQL
    team_of = {key: led[home] for key, home in [*residents, *((home, home) for home in led)]}
    rows = await tx.all(
        "SELECT id, subject, topic, version, first, seq, body FROM record WHERE version > 1 AND kind IN ('household', 'resident')"  # noqa: S608
        f" AND {db.among('id', 1)} ORDER BY seq DESC LIMIT $2",
        *(list(team_of), CONTESTED_MAX),
    )
    read = await _read_of(tx, {_id_of("reading", row[0], row[3], me.person) for row in rows})
    found = []
    for key, subject, topic, version, first, seq, body in rows:
        shown, last, sent = _told(body)
        if shown["also"] and access.opens(opened, (subject, topic), first):
            unread, place = _id_of("reading", key, version, me.person) not in read, _place(subject, dict(residents))
            found.append(Arrival(shown, last, sent, seq, team_of[key], place, unread, opened[subject, topic]))
    return found


async def _look_late(tx: Tx, fresh: list[Arrival]) -> None:
    at = await received(tx, fresh)
    for one in fresh:
        one.late = at.get(one.latest.change, 0) - one.latest.sent_at > LATE_MS


async def _homes(tx: Tx, subjects: set[str]) -> dict[str, str]:
    residents = sorted({subject.removeprefix("resident:") for subject in subjects if subject.startswith("resident:")})
    return dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", residents))  # noqa: S608  our own SQL


@lru_cache(maxsize=TOLD_MAX)  # a page tells mostly what the one before did, and nobody changes any of it
def _told(body: str) -> tuple[dict[str, Any], str, int]:
    """(a record as shown, the change that was its last, when that was written by its phone's clock)."""
    record = msgspec.json.decode(body)
    writes, shown = record["writes"], merge.shown(record)
    if len(writes) == 1:
        return shown, next(iter(writes)), shown["at"]
    last = max(writes, key=lambda change: int(writes[change]["version"]))
    return shown, last, int((clock.parse(writes[last]["stamp"]) or {"ms": 0})["ms"])


def _place(subject: str, homes: dict[str, str]) -> str:
    kind, _, key = subject.partition(":")
    return homes.get(key, key) if kind == "resident" else key


def _together(single: list[Arrival]) -> list[Arrival]:
    """Parts go under the visit or contact they were written with; one whose whole is not here, or is another's, stands by itself."""
    known = {one.record["id"]: one for one in single}
    whole: list[Arrival] = []
    for one in single:
        of = _whole(one, known)
        (whole if of is one else of.parts).append(one)
    for one in whole:
        one.parts.sort(key=lambda part: part.record["stamp"])
    return whole


def _whole(one: Arrival, known: dict[str, Arrival]) -> Arrival:
    """What this belongs to in the end: an addition to a note of a visit belongs to the visit. Ties in a circle, or too many, tie nothing."""
    of = one
    for _ in range(TIES_MAX):
        fields, ties = of.record["fields"], PARTS.get(of.record["kind"], ())
        own = [tie for name in ties if (tie := known.get(fields.get(name))) and tie.record["by"] == one.record["by"]]
        if not own:
            return of
        of = own[0]
    return one
