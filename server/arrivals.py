"""Arrivals: what the members of a lead's teams noted in the last thirty days, as far as the lead may see it; a visit carries its parts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from server import access, db, people
from server.access import Hat, Me, Opened, Pair
from server.db import Tx
from sync import clock, merge

DAYS = 30
DAY_MS = 24 * 60 * 60 * 1000
RECORDS_MAX = 3000
# What a lead filters by, and the kinds of record that belong to it.
KINDS = {
    "worry": ("worry",),
    "visit": ("visit",),
    "note": ("note", "measurement"),
    "contact": ("contact",),
    "signal": ("signal",),
    "task": ("task", "completion"),
}
NOTED = [kind for kinds in KINDS.values() for kind in kinds if kind != "worry"]
# The fields that tie a part to what it belongs to, directly or by way of another part.
PARTS = {"note": ("adds_to", "visit"), "measurement": ("visit",), "task": ("visit",), "signal": ("contact",)}
TIES_MAX = 4


@dataclass(slots=True)
class Arrival:
    """A record as shown, the parts that came with it, and whether I still have to read any of it; `place` is a household's or a team's id."""

    record: dict[str, Any]
    change: str
    seq: int
    team: str
    place: str
    unread: bool
    opened: Opened
    parts: list[Arrival] = field(default_factory=list)

    @property
    def all(self) -> list[Arrival]:
        """Itself and its parts."""
        return [self, *self.parts]

    @property
    def fresh(self) -> bool:
        """Whether any of it is unread."""
        return any(one.unread for one in self.all)

    @property
    def worrying(self) -> bool:
        """Whether it is a worry that nobody settled yet."""
        return self.record["kind"] == "worry" and all(part.record["fields"].get("step") != "closed" for part in self.parts)

    @property
    def latest(self) -> Arrival:
        """What came last of it."""
        return max(self.all, key=lambda one: one.seq)


async def come_in(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    """Worries first until they are settled, then what is unread, and all of it newest first; `opened` is what access.opened gives for me."""
    whole = [*_together(await _single(tx, me, opened, now)), *await _worries(tx, me, opened, now)]
    return sorted(whole, key=lambda one: (not one.worrying, not one.fresh, -one.latest.seq))


def holding(arrivals: list[Arrival], record: str) -> Arrival | None:
    """The arrival that this record is or is part of, or None: not there, or not mine to see."""
    return next((one for one in arrivals if any(part.record["id"] == record for part in one.all)), None)


def among(arrivals: list[Arrival], team: str, kind: str) -> list[Arrival]:
    """Those of this team and this kind ('' is all); a visit with a signal in it is found under both."""
    kinds = KINDS.get(kind, ())
    return [
        one
        for one in arrivals
        if (not team or one.team == team) and (not kind or any(part.record["kind"] in kinds for part in one.all))
    ]  # fmt: skip


async def received(tx: Tx, arrivals: list[Arrival]) -> dict[str, int]:
    """Change -> when the office received it, of what came last in each of these."""
    rows = await tx.all(f"SELECT id, received_at FROM change WHERE {db.among('id', 1)}", [one.latest.change for one in arrivals])  # noqa: S608
    return dict(rows)


def mine(me: Me, one: Arrival) -> Hat:
    """The hat under which I read this: the one that leads its author's team."""
    led = people.led_by(me)
    return next((hat for hat in led if hat.team == one.team), led[0])


def reading_ids(record: str, version: int, person: str) -> tuple[str, str]:
    """(change, record) of this person's reading of this version: the same every time, so that reading twice is once."""
    ms = int(record.replace("-", "")[:12], 16)
    change, reading = (hashlib.sha256(f"{what} {record} {version} {person}".encode()).hexdigest() for what in ("change", "reading"))
    return clock.uuid7(ms, change[:20]), clock.uuid7(ms, reading[:20])


async def _single(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    floor = clock.uuid7(now - DAYS * DAY_MS, "0" * 20)
    members = await _members(tx, me, now)
    residents = sorted({subject.removeprefix("resident:") for subject, _ in opened if subject.startswith("resident:")})
    homes = dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", residents))  # noqa: S608  our own SQL
    rows = await tx.all(
        f"SELECT id, subject, topic, version, first, seq, body FROM record WHERE {db.among('author', 1)} AND {db.among('kind', 2)}"  # noqa: S608  our own SQL
        " AND id > $3 ORDER BY seq DESC LIMIT $4",
        *(sorted({person for _, person, _ in members}), NOTED, floor, RECORDS_MAX),
    )
    read = {key for (key,) in await tx.all("SELECT id FROM record WHERE author = $1 AND kind = 'reading' AND id > $2", me.person, floor)}
    team_of = {hat: team for hat, _, team in members}
    found = []
    for key, subject, topic, version, first, seq, body in rows:
        shown, last = _told(body)
        if access.opens(opened, (subject, topic), first) and shown["by"] in team_of:
            unread = reading_ids(key, version, me.person)[1] not in read
            found.append(Arrival(shown, last, seq, team_of[shown["by"]], _place(subject, homes), unread, opened[subject, topic]))
    return found


async def _worries(tx: Tx, me: Me, opened: dict[Pair, Opened], now: int) -> list[Arrival]:
    """What worries anybody about a household in the care of a team that I lead, whoever wrote it and when, with what was done about it."""
    team_of = {home: team for home, team in (await access.led(tx, me, now)).items() if (home, "practical") in opened}
    rows = await tx.all(
        "SELECT id, subject, topic, version, first, seq, author, body FROM record"  # noqa: S608  our own SQL
        f" WHERE {db.among('subject', 1)} AND topic = 'practical' AND kind IN ('worry', 'acknowledgement') ORDER BY seq",
        list(team_of),
    )
    read = await _read_of(tx, {reading_ids(row[0], row[3], me.person)[1] for row in rows})
    whole: dict[str, Arrival] = {}
    for key, subject, topic, version, first, seq, author, body in rows:
        shown, last = _told(body)
        unread = author != me.person and reading_ids(key, version, me.person)[1] not in read
        one = Arrival(shown, last, seq, team_of[subject], _place(subject, {}), unread, opened[subject, topic])
        if access.opens(opened, (subject, topic), first) and shown["kind"] == "worry":
            whole[key] = one
        elif (of := whole.get(shown["fields"].get("worry"))) and of.record["subject"] == subject:
            of.parts.append(one)
    floor = clock.uuid7(now - DAYS * DAY_MS, "0" * 20)
    return [one for one in whole.values() if one.worrying or one.record["id"] > floor]


async def _read_of(tx: Tx, readings: set[str]) -> set[str]:
    """Those of these readings that there are."""
    return {key for (key,) in await tx.all(f"SELECT id FROM record WHERE {db.among('id', 1)}", sorted(readings))}  # noqa: S608  our own SQL


def _told(body: bytes) -> tuple[dict[str, Any], str]:
    """(a record as shown, the change that was its last)."""
    record = msgspec.json.decode(body)
    return merge.shown(record), max(record["writes"], key=lambda change: int(record["writes"][change]["version"]))


async def _members(tx: Tx, me: Me, now: int) -> list[tuple[Any, ...]]:
    """(hat, person, team) of everybody else who was in a team that I lead while what is shown was written."""
    return await tx.all(
        f"SELECT id, person, team FROM membership WHERE {db.among('team', 1)} AND person <> $2 AND (until IS NULL OR until >= $3)",  # noqa: S608
        *([hat.team for hat in people.led_by(me)], me.person, access.day_of(now - DAYS * DAY_MS)),
    )


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
        ties = (known.get(of.record["fields"].get(name)) for name in PARTS.get(of.record["kind"], ()))
        tie = next((tie for tie in ties if tie and tie.record["by"] == one.record["by"]), None)
        if tie is None:
            return of
        of = tie
    return one
