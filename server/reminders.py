"""Reminders of tasks in volunteers' hands: the evening before, on the day and after it; and when nobody said a word, the household's team hears.

Each slot is run once, however many processes look: its row and the messages it gives are written in one unit, and the row's key is the slot.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server import access, db, errands, push, sessions
from server.config import settings
from sync import merge, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.access import Opened, Pair
    from server.db import Tx
    from server.errands import Errand

# Hours of the office's own clock. Nobody is disturbed from the first to the second; what falls there waits.
QUIET_FROM, QUIET_UNTIL = 21, 8
EVENING, MORNING, LATE_EVENING = time(18), time(9), time(20)
BEFORE, AFTER, UNHEARD = timedelta(hours=-2), timedelta(hours=2), timedelta(hours=3)
HOUR_MS = 60 * 60 * 1000
# An office that was down runs what it missed for so long; an evening's slots wait out the night.
MISSED_MS, KEPT_MS, AT_ONCE = 12 * HOUR_MS, 30 * 24 * HOUR_MS, 200


@dataclass(frozen=True, slots=True)
class Slot:
    """One moment of an errand's day. eve, day and after go to the volunteer; no_yes and no_word to the household's team."""

    errand: str
    day: str
    kind: str
    due_at: int

    @property
    def id(self) -> str:
        """The same for whoever looks."""
        return errands.derived(self.errand, f"reminder {self.errand} {self.kind} {self.day}")


async def run() -> None:
    """Runs what is due, and hands over what is on its way; never at night."""
    at = sessions.now()
    if quiet(at):
        return
    slots = await db.read(lambda tx: due(tx, at))
    for first in range(0, len(slots), AT_ONCE):
        await db.write(partial(remind, slots=slots[first : first + AT_ONCE], at=at))
    await push.hand_over()


async def due(tx: Tx, at: int) -> list[Slot]:
    """Every slot that is due and was not run, those of one volunteer together."""
    day = access.day_of(at)
    near = [rules.day_add(day, step) for step in (-1, 0, 1)]
    everywhere = sorted(await errands.everywhere(tx), key=lambda errand: (errand.hat, errand.id))
    found = [slot for errand in everywhere for one in near if errand.falls_on(one) for slot in slots_of(errand, one)]
    mine = {slot.id: slot for slot in found if at - MISSED_MS < slot.due_at <= at}
    done = await tx.all(f"SELECT id FROM reminder WHERE {db.among('id', 1)}", list(mine))  # noqa: S608  our own SQL
    gone = {key for (key,) in done}
    return [slot for key, slot in mine.items() if key not in gone]


def slots_of(errand: Errand, day: str) -> Iterator[Slot]:
    """The slots of one of its days, each at the moment at which people may be disturbed; none that fell due before the task was there."""
    clock = errand.rule.get("time")
    start = moment(day, time.fromisoformat(clock) if clock else MORNING)
    eve = moment(rules.day_add(day, -1), EVENING)
    asked = start + AFTER if clock else moment(day, EVENING)
    wanted = [("eve", eve), ("day", start + BEFORE if clock else start)]
    wanted += [("after", asked), ("no_word", max(moment(day, LATE_EVENING), start + UNHEARD))] if errand.accepted else [("no_yes", eve)]
    began = int(errand.id.replace("-", "")[:12], 16)
    for kind, when in wanted:
        told = awake(when)
        at = int(told.timestamp() * 1000)
        if at >= began and not (kind == "day" and told > start):
            yield Slot(errand.id, day, kind, at)


async def remind(tx: Tx, slots: list[Slot], at: int) -> None:
    """Runs these slots, each unless somebody did already: whoever is to hear of it has a message on its way."""
    opened: dict[str, dict[Pair, Opened]] = {}
    for slot in slots:
        sql = "INSERT INTO reminder (id, errand, day, kind, due_at, by, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING"
        if await tx.run(sql, slot.id, slot.errand, slot.day, slot.kind, slot.due_at, push.WORKER, at):
            for person in await _whom(tx, slot, at, opened):
                await push.tell(tx, person, slot.id, slot.due_at, at)


async def forget(tx: Tx, at: int) -> None:
    """Takes away what was run a month ago."""
    await tx.run("DELETE FROM reminder WHERE due_at <= $1", at - KEPT_MS)


def moment(day: str, clock: time) -> datetime:
    """An hour of the office's clock on a day, in summer and in winter."""
    return datetime.combine(datetime.fromisoformat(day), clock, ZoneInfo(settings.timezone))


def awake(when: datetime) -> datetime:
    """The same moment, or the morning after when it falls in the night."""
    if when.hour < QUIET_UNTIL:
        return datetime.combine(when, time(QUIET_UNTIL), when.tzinfo)
    return datetime.combine(when + timedelta(days=1), time(QUIET_UNTIL), when.tzinfo) if when.hour >= QUIET_FROM else when


def quiet(at: int) -> bool:
    """Whether it is night in the office's time zone."""
    now = datetime.fromtimestamp(at / 1000, ZoneInfo(settings.timezone))
    return awake(now) != now


async def _whom(tx: Tx, slot: Slot, at: int, opened: dict[str, dict[Pair, Opened]]) -> list[str]:
    """Who hears of it; nobody when it was answered, or is in other hands by now."""
    errand = await errands.find(tx, slot.errand)
    holder = await errands.holder(tx, slot.errand)
    if errand is None or holder is None or await _answered(tx, errand, slot.day):
        return []
    if slot.kind == "no_yes":
        return [] if errand.accepted else await _team(tx, errand, at)
    if slot.kind == "no_word":
        return await _team(tx, errand, at)
    # To find is to be allowed: who may not hold the errand today is not told of it.
    if holder not in opened:
        opened[holder] = await access.opened(tx, holder, at)
    return [holder] if (f"errand:{errand.id}", "practical") in opened[holder] else []


async def _answered(tx: Tx, errand: Errand, day: str) -> bool:
    """Whether somebody said how it went, the volunteer or a colleague; of a task that repeats, on this day."""
    sql = "SELECT body FROM record WHERE subject = $1 AND topic = 'practical' AND kind = 'completion'"
    found = [merge.shown(json.loads(body))["fields"] for (body,) in await tx.all(sql, f"household:{errand.household}")]
    given = [one for one in found if one["task"] == errand.task and one.get("undone") is not True]
    return any(not errand.repeats or one.get("day") == day for one in given)


async def _team(tx: Tx, errand: Errand, at: int) -> list[str]:
    """Whoever owns the task and the leads of the teams it is of, among those who come there; where nobody leads, all of them."""
    row = await tx.one("SELECT body FROM record WHERE id = $1", errand.task)
    task = merge.shown(json.loads(row[0]))["fields"] if row else {}
    there = await access.team_of(tx, errand.household, at)
    ours = [(person, hat) for person, hat in there if task.get("team") in {None, hat.team}] or there
    first = [person for person, hat in ours if hat.role == "lead" or hat.id == task.get("owner")]
    return sorted({*first} or {person for person, _ in ours})
