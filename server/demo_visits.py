"""Rounds through the demo neighbourhood: what the team planned in a household, and the visits that left notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from server.demo_diary import DAYS, MINUTE_MS, Diary, Made, home, moment
from server.demo_houses import House, Plan
from server.demo_notes import CARE, Pen
from server.demo_people import BY_KEY, Person, members
from sync import rules

STAND_IN_CHANCE = 0.22
MEASURE_CHANCE = 0.4
AWAY_CHANCE = 0.025
COMPANY_CHANCE = 0.24
BACK_TO_BASE = 0.3
DONE_TODAY_MAX = 2
# Nobody has written down yet what began less than this ago.
FRESH_MS = 40 * MINUTE_MS
# How far a value wanders between two visits, in the units of sync/rules; and what it cannot exceed.
SPREAD = {"blood_pressure": 7, "pulse": 5, "temperature": 3, "weight": 6, "glucose": 14, "oxygen": 1, "pain": 0.6}
MOST = {"oxygen": 100, "pain": 10}


@dataclass(slots=True)
class Round:
    """A plan of a household with its visits, told from the first to the last."""

    diary: Diary
    house: House
    plan: Plan
    pen: Pen
    schedule: str = ""
    rule: dict[str, Any] = field(default_factory=dict)
    series: list[float] = field(default_factory=list)

    def planned(self) -> None:
        """The team's lead plans it, the day before it begins."""
        lead = BY_KEY["ilse" if self.plan.team == CARE else "karin"]
        start = self.diary.day(max(self.plan.start, 1 - DAYS))
        if isinstance(self.plan.days, list):
            start = rules.next_occurrence({"start": start, "weekdays": self.plan.days}, start, 7) or start
        who = [BY_KEY[key].hat(self.plan.team).id for key in self.plan.who]
        self.rule = {"what": self.plan.what, "team": lead.team.id, "who": who, "start": start, "time": self.plan.time, **self.plan.rule()}
        self.rule |= self._resident()
        at = moment(rules.day_add(start, -1), "16:00") + self.diary.chance.randrange(50 * MINUTE_MS)
        self.schedule = self.diary.write(at, lead, "schedule", home(self.house), self.rule)
        self.series = [float(value) for _, _, value, _ in self.house.measures]

    def visited(self) -> None:
        """So many visits as left notes, spread over the days on which it falls; and today's, when there was time to write it down."""
        if not self.plan.visits:
            return
        days = rules.occurrences(self.rule, self.diary.day(-DAYS), self.diary.day(-1))
        count = min(self.plan.visits, len(days))
        chosen = [days[int((i + self.diary.chance.random()) * len(days) / count)] for i in range(count)]
        for day in dict.fromkeys(chosen):
            self._visit(day)
        if self._was_today():
            self._visit(self.diary.today)

    def _was_today(self) -> bool:
        today, who = self.diary.today, self.plan.who[0]
        busy = sum(entry.kind == "visit" and entry.fields["day"] == today and entry.person.key == who for entry in self.diary.entries)
        over = moment(today, self.plan.time) + FRESH_MS < self.diary.now
        return busy < DONE_TODAY_MAX and over and rules.occurs(self.rule, today)

    def _visit(self, day: str) -> None:
        chance, person = self.diary.chance, self._person(day)
        at = moment(day, self.plan.time) + chance.randrange(-4, 14) * MINUTE_MS
        written = at + chance.randrange(15, 26) * MINUTE_MS
        fields = {"day": day, "at": at, "schedule": self.schedule, **self._resident()}
        away = day < self.diary.today and not self.house.residents[0].home and chance.random() < AWAY_CHANCE
        fields |= {"outcome": "not_home"} if away else {"outcome": "done", **self._present()}
        record = self.diary.write(written, person, "visit", home(self.house), fields, team=self.plan.team)
        made = Made(record, person, self.plan.team, at, written)
        part = (_number(day) - _number(self.diary.day(-DAYS))) / DAYS
        for i, note in enumerate([self.pen.away()] if away else self.pen.notes(part)):
            made.note(self.diary, i, note)
        if self.plan.team == CARE and not away:
            self._measured(made)

    def _person(self, day: str) -> Person:
        """Who planned to go, or now and then a colleague."""
        person = BY_KEY[self.plan.who[0]]
        stand_in = day < self.diary.today and self.diary.chance.random() < STAND_IN_CHANCE
        return self.diary.chance.choice(members(self.plan.team, person.role)) if stand_in else person

    def _resident(self) -> dict[str, str]:
        return {"resident": self.house.residents[0].id} if len(self.house.residents) == 1 else {}

    def _present(self) -> dict[str, Any]:
        resident, *others = self.house.residents
        if others:
            return {"present": ["resident", "partner" if "en mevrouw" in self.house.name else "family"]}
        if self.diary.chance.random() > COMPANY_CHANCE:
            return {"present": ["resident"]}
        other, name = self.diary.chance.choice([("family", resident.helper), ("neighbour", resident.neighbour)])
        return {"present": ["resident", other], "present_names": name}

    def _measured(self, made: Made) -> None:
        """Each value wanders around where it began, and comes back."""
        for i, (resident, what, base, second) in enumerate(self.house.measures):
            self.series[i] += (base - self.series[i]) * BACK_TO_BASE + self.diary.chance.gauss(0, SPREAD[what])
            value = max(0, min(round(self.series[i]), MOST.get(what, 3 * base)))
            low = [] if second is None else [second + round((value - base) / 3) + self.diary.chance.randrange(-4, 5)]
            if self.diary.chance.random() < MEASURE_CHANCE:
                made.measured(self.diary, i, resident, what, [value, *low])


def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal()
