"""One simulated neighbourhood: who works where, what residents said, and what the office must have by what it answered."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sync import clock
from tests import model

NOW = 1_795_341_600_000  # Sunday 22 November 2026, 11:00 in Amsterdam
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
ZONE = ZoneInfo("Europe/Amsterdam")
CANARY = re.compile(r"zq[0-9a-f]{12}k")
TOPICS = ("practical", "body", "mind", "society", "social", "money", "safety")
KINDS = {"care": ("nurse", "nurse", "nurse", "lead"), "welfare": ("outreach", "outreach", "lead"), "volunteers": ("volunteer", "volunteer", "lead")}
# An office has the same organisations in every history: everybody knows the colleagues of all of them.
ORGANISATIONS = {clock.uuid7(NOW, f"{n:019x}0"): kind for n, kind in enumerate(KINDS, 1)}


class Wrong(AssertionError):  # noqa: N818 - it is what the simulator finds, not an error of its own
    """Something that must be true always was not; kind is lost, leaked, diverged or unsent_purged."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


@dataclass(slots=True)
class Change:
    """A change as it went over the wire, and what the office said of it."""

    id: str
    body: dict[str, Any]
    person: str
    device: str
    is_: str | None = None
    reason: str | None = None
    version: int | None = None
    at: int = 0
    """When it came in, if it was held; `seq` and `last`: the numbers under which it came into custody, and of what last happened to it there."""
    seq: int = 0
    last: int = 0
    decided: list[tuple[str, str, str]] = field(default_factory=list)
    """(what, in which words, by whom) of each decision on it."""


@dataclass(slots=True)
class Record:
    """A record that the office has: its place, its first author, and when it was first stored."""

    id: str
    kind: str
    subject: str
    topic: str
    author: str
    first: int


@dataclass(slots=True)
class Device:
    """A phone in somebody's hand."""

    name: str
    person: str
    device: str
    token: str
    skew: int = 0
    hats: list[str] = field(default_factory=list)
    open: bool = True
    revoked: bool = False
    erased: bool = False
    knows: str = ""
    """Up to which edition its app says that it knows the kinds."""
    saved: dict[str, str] = field(default_factory=dict)
    """Change -> canary of everything this phone called saved."""


@dataclass(slots=True)
class Link:
    """What somebody without an account was sent: the link's record, and what became of it by what the office answered."""

    record: str
    household: str
    tasks: list[str]
    until: str
    revoked: bool = False
    browser: str | None = None
    agreed: bool = False
    """Whether anybody ever said yes by it; `told`: every canary that the office gave; `kept`, `taken`: by browser, what was answered and taken in."""
    told: set[str] = field(default_factory=set)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)


def day_of(at: int) -> str:
    return _day(at // HOUR_MS)


@cache
def _day(hour: int) -> str:
    """Days begin at a whole hour."""
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(ZONE).date().isoformat()


@cache
def day_add(day: str, days: int) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=days)).date().isoformat()


class World:
    """The facts (`facts` is a world of tests/model.py) and what follows from them."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.seed, self.at, self.numbers, self._ids = seed, NOW, 0, 0
        self.salt = hashlib.sha256(f"naober {seed}".encode()).hexdigest()[:12]
        self.facts: dict[str, Any] = {"organisations": dict(ORGANISATIONS), "teams": {}, "residents": {}}
        self.facts |= {name: [] for name in ("hats", "left", "care", "statements", "errands")}
        self.people: list[str] = []
        self.hats: dict[str, list[Any]] = {}
        self.cares: dict[str, list[Any]] = {}
        self.households: list[str] = []
        self.devices: dict[str, Device] = {}
        self.records: dict[str, Record] = {}
        self.changes: dict[str, Change] = {}
        self.canaries: dict[str, set[str]] = defaultdict(set)
        self.words: dict[str, set[str]] = {}  # what a lead asked or noted -> of which changes
        self.tokens: dict[str, str] = {}  # hash -> token of each link that anybody made
        self.links: dict[str, Link] = {}  # token -> link
        self.handled = self.learned = 0
        self.trace: list[str] = []
        self._known: dict[tuple[str, str], dict[tuple[str, str], model.Way]] = {}
        self._begin()

    def new(self) -> str:
        """An id of this history: the same every time the seed is played."""
        self._ids += 1
        return clock.uuid7(NOW - DAY_MS, f"{self.salt}{self._ids:07x}0")

    def canary(self) -> str:
        """A text that is nowhere else."""
        self._ids += 1
        return f"zq{hashlib.sha256(f'{self.salt} {self._ids}'.encode()).hexdigest()[:12]}k"

    @property
    def day(self) -> str:
        return day_of(self.at)

    # Who may hold what

    def changed(self) -> None:
        """The facts are others now."""
        self._known.clear()

    def opened(self, person: str, day: str | None = None) -> dict[tuple[str, str], model.Way]:
        """(subject, topic) -> way, by the rules of tests/model.py; the best of each pair is found without asking every pair of ways."""
        key = (person, day or self.day)
        if key not in self._known:
            ways: dict[tuple[str, str], set[model.Way]] = defaultdict(set)
            for hat in model.worn(self.facts, key[1]):
                if hat.person == person:
                    found = model.around(self.facts, hat) | model.held(self.facts, hat, key[1]) | model.reviewed(self.facts, hat, key[1])
                    for way in found | model.entrusted(self.facts, hat, key[1]):
                        ways[way[:2]].add(way)
            self._known[key] = {pair: model.best(found, next(iter(found))) for pair, found in ways.items()}
        return self._known[key]

    def may_hold(self, person: str, record: Record) -> bool:
        if person in self.facts["left"]:
            return False
        way = self.opened(person).get((record.subject, record.topic))
        return record.author == person or (way is not None and record.first > way.after)

    # Facts that change

    def hire(self, hat: str, person: str, team: str, role: str, since: str, until: str | None) -> None:
        self.hats[hat] = [person, team, role, since, until]
        self.facts["hats"].append(self.hats[hat])
        self.changed()

    def care(self, care: str, household: str, team: str, since: str, until: str | None) -> None:
        self.cares[care] = [household, team, since, until]
        self.facts["care"].append(self.cares[care])
        self.changed()

    def stored(self, change: Change, person: str) -> None:
        """The office stored this change: the record is there from now on."""
        body = change.body
        if body["record"] in self.records:
            return
        self.numbers += 1
        self.records[body["record"]] = Record(body["record"], body["kind"], body["subject"], body["topic"], person, self.numbers)

    def held(self, change: Change) -> None:
        """The office keeps this change for a lead."""
        self.handled += 1
        change.at, change.seq, change.last = self.at, self.handled, self.handled

    def said(self, change: Change) -> None:
        """A consent, an objection, a share or its withdrawal was stored."""
        body, fields = change.body, change.body["fields"]
        if fields.get("withdrawn") is True:
            for one in self.facts["statements"]:
                if one["record"] == body["record"]:
                    one["withdrawn"] = True
        if "to" in fields:
            self.facts["statements"].append({
                "record": body["record"], "n": self.records[body["record"]].first, "resident": body["subject"].partition(":")[2],
                "kind": fields.get("about", "share"), "answer": fields.get("answer", "yes"), "to": f"{fields['to_kind']}:{fields['to']}",
                "topics": fields["topics"], "since": fields["since"], "until": fields.get("until"), "before": bool(fields.get("before")),
                "withdrawn": fields.get("withdrawn") is True,
            })  # fmt: skip
        self.changed()

    # How it begins

    def _begin(self) -> None:
        rng, facts = self.rng, self.facts
        organisations = rng.sample(list(ORGANISATIONS), rng.choice((2, 3)))
        if not set(organisations[:1]) & set(list(ORGANISATIONS)[:2]):
            organisations.reverse()
        for n in range(rng.choice((2, 3, 3))):
            facts["teams"][self.new()] = organisations[n % len(organisations)]
        teams = list(facts["teams"])
        self.people = [self.new() for _ in range(rng.randint(2, 5))]
        for n, person in enumerate(self.people):
            for team in rng.sample(teams, 1 if rng.random() < 0.8 else 2):
                role = rng.choice(KINDS[ORGANISATIONS[facts["teams"][teams[0] if n == 0 else team]]])
                until = day_add(self.day, rng.randint(0, 6)) if rng.random() < 0.1 else None
                self.hire(self.new(), person, teams[0] if n == 0 else team, role, "2000-01-01", until)
                if n == 0:
                    break
        for _ in range(rng.randint(2, 4)):
            household = self.new()
            self.households.append(household)
            for _ in range(rng.choice((1, 1, 2))):
                facts["residents"][self.new()] = household
            for team in rng.sample(teams, rng.choice((1, 1, 2))):
                until = day_add(self.day, rng.randint(0, 6)) if rng.random() < 0.2 else None
                self.care(self.new(), household, team, "2000-01-01", until)

    def subjects(self) -> list[str]:
        """Everything that can have records."""
        places = [f"household:{one}" for one in self.households] + [f"resident:{one}" for one in self.facts["residents"]]
        return places + [f"team:{one}" for one in self.facts["teams"]] + sorted({record.subject for record in self.records.values()} - set(places))

    def tell(self, text: str) -> None:
        self.trace.append(text)
