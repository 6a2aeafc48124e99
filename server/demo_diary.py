"""The diary of the demo neighbourhood: what its people write down, each on a day and an hour, until the moment of planting."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from server import access
from server.config import settings
from server.demo_houses import House, Resident
from server.demo_people import Person
from sync import clock, rules

DAYS = 90
MINUTE_MS = 60_000
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: when it was written, by whom under which hat, and what; `seen` is the version its author looked at."""

    at: int
    person: Person
    hat: str
    kind: str
    record: str
    subject: str
    topic: str
    fields: dict[str, Any]
    seen: int = 0


@dataclass(slots=True)
class Diary:
    """What has been written so far; `now` in ms ends it."""

    now: int
    chance: random.Random
    entries: list[Entry] = field(default_factory=list)

    @property
    def today(self) -> str:
        """The day of the planting."""
        return access.day_of(self.now)

    def day(self, ahead: int) -> str:
        """The day so many days after today, before it when negative."""
        return rules.day_add(self.today, ahead)

    def write(self, at: int, person: Person, kind: str, about: tuple[str, str], fields: dict[str, Any], *, team: str = "", record: str = "") -> str:
        """The record's id, a new one unless `record` names it; `about` = (subject, topic). What would lie in the future is not written."""
        made = record or clock.uuid7(at, f"{self.chance.getrandbits(80):020x}")
        if at < self.now:
            self.entries.append(Entry(at, person, person.hat(team).id, kind, made, *about, fields, 1 if record else 0))
        return made


@dataclass(frozen=True, slots=True)
class Made:
    """A visit that was written down: its record, by whom for which team, when it began and when it was written."""

    record: str
    person: Person
    team: str
    at: int
    written: int

    def note(self, diary: Diary, i: int, note: tuple[Resident, str, str, str]) -> None:
        """The i-th note of this visit: (resident, topic, aspect, text)."""
        resident, topic, aspect, text = note
        fields = {"text": text, "aspect": aspect, "visit": self.record, "at": self.at}
        diary.write(self.written + (i + 1) * 100, self.person, "note", (f"resident:{resident.id}", topic), fields, team=self.team)

    def measured(self, diary: Diary, i: int, resident: Resident, what: str, values: list[int]) -> None:
        """The i-th measurement of this visit; a second value is the lower blood pressure."""
        fields = {"what": what, **dict(zip(("value", "second"), values, strict=False)), "visit": self.record, "at": self.at}
        diary.write(self.written + 1000 + i * 100, self.person, "measurement", (f"resident:{resident.id}", "body"), fields, team=self.team)


def home(house: House) -> tuple[str, str]:
    """The pair that a household's own records belong to."""
    return f"household:{house.id}", "practical"


def moment(day: str, time: str) -> int:
    """An instant in ms: this time on the wall on this day."""
    hour, minute = (int(part) for part in time.split(":"))
    at = date.fromisoformat(day)
    return int(datetime(at.year, at.month, at.day, hour, minute, tzinfo=ZoneInfo(settings.timezone)).timestamp() * 1000)


def weekday(day: str) -> str:
    """The day itself, or the Friday before it in a weekend."""
    return rules.day_add(day, -max(0, rules.weekday(day) - SATURDAY + 1))
