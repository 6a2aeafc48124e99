"""Weeks: what the teams that a lead leads did in one, with people and together with others; each deed is a record, and nobody's are counted apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, db, entries, i18n, people, records
from sync import clock, merge, rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.records import Shown

FORM = re.compile("20[0-9]{2}-W[0-9]{2}")
DAYS, DAY_MS = 7, 24 * 60 * 60 * 1000
# What is counted, by the kind of record that tells of it: what was done with people, and what was done together with others.
GROUPS: dict[str, dict[str, str]] = {
    "people": {"visits": "visit", "contacts": "contact"},
    "together": {
        "tuned": "liaison", "discussed": "discussion", "explained": "instruction", "answered": "response", "told": "acknowledgement",
        "asked": "escalation", "handed": "step_down", "carried": "completion",
    },
}  # fmt: skip
EVERYTHING = "all"
MEASURES = {name: kind for group in GROUPS.values() for name, kind in group.items()}
OF_KIND = {kind: name for name, kind in MEASURES.items()}
# Kinds that may say no day of their own, as the index `record_undated` names them; when it was they say to the millisecond.
UNDATED = "('acknowledgement', 'completion', 'escalation', 'response', 'step_down')"
# A record's id is made when its page is opened, which may be so long before it is written.
OPEN_DAYS = 8


@dataclass(frozen=True, slots=True)
class Deed:
    """A record that counts: under which name, on which day, and at which household ('' when it was at none)."""

    record: Shown
    what: str
    day: str
    home: str


def of(day: str) -> str:
    """'2026-W48': the week of a day."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


def days(week: str) -> list[str]:
    """Its days from Monday on; none when there is no such week."""
    if not FORM.fullmatch(week):
        return []
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[-2:]), 1).isoformat()
    except ValueError:
        return []
    return [rules.day_add(monday, n) for n in range(DAYS)]


def measures(what: str) -> list[str]:
    """The names that are counted under this one: its own, those of a group, or all; none when nothing is called so."""
    return [*GROUPS[what]] if what in GROUPS else [*MEASURES] if what == EVERYTHING else [what] if what in MEASURES else []


async def find(tx: Tx, me: Me, opened: dict[Pair, Opened], wanted: tuple[list[str], list[str]], at: int) -> list[Deed]:
    """Every deed on these days under these names (`wanted` is both), the latest first; `opened` is what access.opened gives for me."""
    when, names = wanted
    led = await access.led(tx, me, at)
    rows = await _read(tx, me, opened, when, [MEASURES[name] for name in names])
    all_ = [merge.shown(msgspec.json.decode(body)) for (body,) in rows]
    tasks = await records.find(tx, me, opened, [one["fields"]["task"] for one in all_ if one["kind"] == "completion"])
    at_home, ours = await homes(tx, all_), await hats(tx, me)
    found = []
    for one in all_:
        home = at_home.get(one["subject"], "")
        counts = _carried(one, tasks) and one["subject"] in led if one["kind"] == "completion" else one["by"] in ours and _done(one)
        if counts and _day(one) in when:
            found.append(Deed(one, OF_KIND[one["kind"]], _day(one), home))
    return sorted(found, key=lambda deed: (deed.day, entries.written(deed.record), deed.record["id"]), reverse=True)


async def _read(tx: Tx, me: Me, opened: dict[Pair, Opened], when: list[str], kinds: list[str]) -> list[tuple[Any, ...]]:
    dated = db.of_pairs(1, f"r.day BETWEEN $2 AND $3 AND {db.among('r.kind', 4)}")
    undated = db.of_pairs(1, f"r.day IS NULL AND r.kind IN {UNDATED} AND r.id BETWEEN $5 AND $6 AND {db.among('r.kind', 4)}")
    first, last = (_noon(day) for day in (when[0], when[-1]))
    ids = [clock.uuid7(first - OPEN_DAYS * DAY_MS, "0" * 20), clock.uuid7(last + 2 * DAY_MS, "f" * 20)]
    return await tx.all(
        f"SELECT r.body FROM {dated} UNION ALL SELECT r.body FROM {undated}",  # noqa: S608  our own SQL
        *(pairs(me, opened), when[0], when[-1], kinds, *ids),
    )


def pairs(me: Me, opened: dict[Pair, Opened]) -> list[list[Any]]:
    """Those of households, residents and the teams that I lead, as db.of_pairs takes them."""
    teams = {f"team:{hat.team}" for hat in people.led_by(me)}
    return [[*pair, why.after] for pair, why in opened.items() if pair[0] in teams or pair[0].startswith(("household:", "resident:"))]


async def hats(tx: Tx, me: Me) -> set[str]:
    """Every hat there ever was in a team that I lead: what was done under it the team did."""
    rows = await tx.all(f"SELECT id FROM membership WHERE {db.among('team', 1)}", [hat.team for hat in people.led_by(me)])  # noqa: S608  our own SQL
    return {hat for (hat,) in rows}


async def homes(tx: Tx, all_: list[Shown]) -> dict[str, str]:
    """Subject -> household, of those that are at one."""
    subjects = {one["subject"] for one in all_}
    residents = sorted(one.removeprefix("resident:") for one in subjects if one.startswith("resident:"))
    rows = await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", residents)  # noqa: S608  our own SQL
    own = {one: one.removeprefix("household:") for one in subjects if one.startswith("household:")}
    return own | {f"resident:{resident}": home for resident, home in rows}


def _done(one: Shown) -> bool:
    """A closed door is no visit."""
    return bool(one["fields"].get("outcome", "done") == "done")


def _carried(one: Shown, tasks: dict[str, Shown]) -> bool:
    """Whether a helper or volunteer did a task, by the rule of the roster."""
    fields = one["fields"]
    task = tasks[fields["task"]]["fields"] if fields["task"] in tasks else {}
    near = any(each.get(name) for each in (fields, task) for name in ("helper", "volunteer"))
    return near and _done(one) and fields.get("undone") is not True


def _day(one: Shown) -> str:
    """The day it says; otherwise that of when it was."""
    return str(one["fields"].get("day") or access.day_of(entries.written(one)))


def _noon(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=i18n.ZONE).timestamp() * 1000)
