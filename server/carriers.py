"""Carriers: who carried the lines of the plans, quarter by quarter, recounted from their changes; whether care gave way to what is nearer (H7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, db, quarters, retold
from sync import merge, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Me
    from server.db import Tx
    from server.i18n import Speaker
    from server.retold import Step

CARRIERS = ("self", "network", "neighbourhood", "formal")
CARE = "formal"
# How many records are looked back upon at most.
RECORDS_MAX = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A plan or task with all that it ever said, and the day on which it was done, when once is enough."""

    steps: list[Step]
    done: str | None = None

    def then(self, day: str) -> dict[str, Any] | None:
        """What it said at the end of this day; None before it was written."""
        return next((step.fields for step in reversed(self.steps) if access.day_of(step.at) <= day), None)

    def lasts(self, fields: dict[str, Any]) -> tuple[str, str]:
        """(first, last) day of what these fields say: a plan from its start, a task from when it was written until it is done."""
        start, often = fields.get("start"), bool(fields.get("weekdays") or fields.get("every_days"))
        last = fields.get("until") or access.FOREVER
        if not often:
            last = min(last, start) if start else self.done or access.FOREVER
        return start or access.day_of(self.steps[0].at), last


def carrier(fields: dict[str, Any]) -> str:
    """By what was said; otherwise what a helper or volunteer does is the network's, and the rest is care: the rule of pwa/pages/carriers.js."""
    return str(fields.get("carrier") or ("network" if fields.get("helper") or fields.get("volunteer") else CARE))


def by_quarter(lines: Iterable[Line], when: Iterable[str]) -> dict[str, Counter[str]]:
    """Quarter ('2026-Q4') -> how many lines each carrier had, of those that ran on any day of it, as they stood at its end."""
    all_ = list(lines)
    return {quarter: Counter(carrier(fields) for fields in (_in(line, quarter) for line in all_) if fields) for quarter in when}


def shifts(lines: Iterable[Line], when: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Quarter -> (how many lines went from care to somebody nearer in it, how many went to care), first and last of the quarter compared."""
    all_, found = list(lines), {}
    for quarter in when:
        moves = Counter(_move(line, quarter) for line in all_)
        found[quarter] = (moves["nearer"], moves["care"])
    return found


async def find(tx: Tx, me: Me, at: int) -> list[Line]:
    """Every line, as far back as there is, of the households in the care of the teams that I lead, as far as they are open to me."""
    opened = await access.opened(tx, me.person, at)
    subjects = [home for home in await access.led(tx, me, at) if (home, "practical") in opened]
    rows = await tx.all(
        f"SELECT id, kind, subject, topic, first, body FROM record WHERE {db.among('subject', 1)} AND topic = 'practical'"  # noqa: S608  our own SQL
        " AND kind IN ('schedule', 'task', 'completion') ORDER BY seq DESC LIMIT $2",
        *(subjects, RECORDS_MAX),
    )
    open_ = [row for row in rows if access.opens(opened, (row[2], row[3]), row[4])]
    answers = [merge.shown(msgspec.json.decode(row[5])) for row in open_ if row[1] == "completion"]
    given = [(one["fields"]["task"], int(one["fields"].get("at") or one["at"])) for one in answers if _counts(one["fields"])]
    done = {task: access.day_of(at) for task, at in sorted(given, key=lambda one: -one[1])}
    steps = await retold.find(tx, [row[0] for row in open_ if row[1] != "completion"])
    return [Line(all_, done.get(key)) for key, all_ in steps.items()]


def table(speaker: Speaker, lines: list[Line], today: str) -> dict[str, Any] | None:
    """The last quarters in which there was a line, the newest first, with a column for each carrier in their order; None without any."""
    when = quarters.latest(today)
    counts, moved = by_quarter(lines, when), shifts(lines, when)
    rows = [
        {"name": quarters.named(speaker, one), "cells": [counts[one][who] for who in CARRIERS], "nearer": moved[one][0], "care": moved[one][1]}
        for one in reversed(when) if counts[one]
    ]  # fmt: skip
    return {"carriers": [speaker.say(f"carrier.{one}") for one in CARRIERS], "rows": rows} if rows else None


def _counts(fields: dict[str, Any]) -> bool:
    return fields.get("outcome") == "done" and fields.get("undone") is not True


def _in(line: Line, quarter: str) -> dict[str, Any] | None:
    """What a line said at the end of a quarter on any day of which it ran; None when it did not."""
    first, last = quarters.edges(quarter)
    fields = line.then(last)
    if fields is None:
        return None
    begins, ends = line.lasts(fields)
    return fields if begins <= last and ends >= first else None


def _move(line: Line, quarter: str) -> str:
    """'nearer' when care gave it to somebody else in this quarter, 'care' the other way round, '' otherwise."""
    after = _in(line, quarter)
    if not after:
        return ""
    before = line.then(rules.day_add(quarters.edges(quarter)[0], -1)) or line.steps[0].fields
    was, is_ = carrier(before) == CARE, carrier(after) == CARE
    return "" if was == is_ else "care" if is_ else "nearer"
