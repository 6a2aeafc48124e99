"""Errands: the tasks in volunteers' hands, as their table holds them, and the days on which they need the address; access alone decides by it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server import db
from sync import clock, rules

if TYPE_CHECKING:
    from server.db import Tx

# What somebody did not get round to can be answered for so long after its day; the address is gone by then.
LATE_DAYS = 7
COLUMNS = (
    "e.id, e.task, e.hat, m.team, e.household, e.resident, e.rule, e.accepted, p.confidential_at FROM errand e"
    " JOIN membership m ON m.id = e.hat JOIN person p ON p.id = m.person"
)
WHEN = ("due", "time", "weekdays", "every_days", "until", "skipped")


@dataclass(frozen=True, slots=True)
class Errand:
    """One task in the hands of one volunteer's hat: of which household (or only this resident of it), when, and whether they said yes.

    `promised`: that they keep to themselves what they hear and see; before that nobody is told a name or an address.
    """

    id: str
    task: str
    hat: str
    team: str
    household: str
    resident: str | None
    rule: dict[str, Any]
    accepted: bool
    promised: bool = True

    @property
    def until(self) -> str | None:
        """The last day on which it can be seen and answered; None while no end is known."""
        last = self.rule.get("until") if self.repeats else self.rule.get("due") or self.rule.get("door")
        return rules.day_add(last, LATE_DAYS) if last else None

    def falls_on(self, day: str) -> bool:
        """Whether it is to be done on this day."""
        return rules.occurs({"start": self.rule.get("due"), **self.rule}, day)

    @property
    def repeats(self) -> bool:
        """Whether it is to be done more than once."""
        return bool(self.rule.get("weekdays") or self.rule.get("every_days"))

    def at_door(self, day: str) -> str | None:
        """Until when the address is needed that is needed today: from the day before to the day after; None when it is not.

        To make a first appointment with somebody they were matched with it is needed until the day that the rule names.
        """
        if not (self.accepted and self.promised):
            return None
        if door := self.rule.get("door"):
            return str(door) if day <= door else None
        near = [other for other in (rules.day_add(day, step) for step in (1, 0, -1)) if self.falls_on(other)]
        return rules.day_add(near[0], 1) if near else None


def key_of(task: str, hat: str) -> str:
    """The id of the errand that a task is in the hands of a hat: the same every time, and another for another hat."""
    return derived(task, f"errand {task} {hat}")


def derived(of: str, name: str) -> str:
    """An id that the office gives to what follows from the thing `of`: as old as that, and the same every time."""
    return clock.uuid7(int(of.replace("-", "")[:12], 16), hashlib.sha256(name.encode()).hexdigest()[:20])


def rule_of(fields: dict[str, Any]) -> dict[str, Any]:
    """When a task is to be done, of its fields."""
    return {name: fields[name] for name in WHEN if fields.get(name) is not None}


async def in_hands(tx: Tx, person: str) -> list[Errand]:
    """The errands that somebody was asked to do and did not refuse, as long as they are theirs; a hat that was renewed keeps them."""
    return await _found(tx, "m.person = $1 AND e.closed = 0", person)


async def at(tx: Tx, household: str) -> list[Errand]:
    """The errands of a household that are in anybody's hands."""
    return await _found(tx, "e.household = $1 AND e.closed = 0", household)


async def everywhere(tx: Tx) -> list[Errand]:
    """Every errand that is in anybody's hands."""
    return await _found(tx, "e.closed = $1", 0)


async def find(tx: Tx, key: str) -> Errand | None:
    """The errand of this id, in whoever's hands it is or was."""
    return next(iter(await _found(tx, "e.id = $1", key)), None)


async def owners(tx: Tx, keys: list[str]) -> dict[str, str]:
    """Errand -> in whose hands it is or was, of those of these ids that there are."""
    sql = f"SELECT e.id, m.person FROM errand e JOIN membership m ON m.id = e.hat WHERE {db.among('e.id', 1)}"  # noqa: S608  our own SQL
    return dict(await tx.all(sql, keys)) if keys else {}


async def holder(tx: Tx, key: str) -> str | None:
    """The person in whose hands this errand is; None when it is in nobody's any more."""
    row = await tx.one("SELECT m.person FROM errand e JOIN membership m ON m.id = e.hat WHERE e.id = $1 AND e.closed = 0", key)
    return str(row[0]) if row else None


async def _found(tx: Tx, wanted: str, asked: Any) -> list[Errand]:
    rows = await tx.all(f"SELECT {COLUMNS} WHERE {wanted} ORDER BY e.id", asked)
    return [
        Errand(key, task, hat, team, household, resident, json.loads(rule), bool(accepted), promised is not None)
        for key, task, hat, team, household, resident, rule, accepted, promised in rows
    ]  # fmt: skip
