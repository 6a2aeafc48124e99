"""Caseload: how heavy the households of a lead's teams weigh, by the visits that are planned there, and where something is overdue (I1).

What weighs is the household and never a colleague: whose visits they are is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, bodies, carriers, db, figures, openings, operations, people, render, sessions, waits
from sync import merge, rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.i18n import Speaker
    from server.records import Shown

DAYS = 7
# From how many visits in seven days on a household weighs so much.
WEIGHTS = {"daily": 7, "weekly": 1, "rare": 0}
# Read apart: of worries there may be so many that only the newest are read, and those must not push out what is planned.
KINDS = (("household", "schedule", "escalation", "step_down", "evaluation"), ("worry", "acknowledgement"))
# What waits for a day, where that day stands, and what says that it came.
DUE = {"evaluation": ("day", "closed"), "step_down": ("check_on", "checked_on"), "escalation": ("respond_by", "answered_on")}
COLUMNS = ("homes", "worried", "escalated", "overdue")


@dataclass(slots=True)
class Home:
    """A household: its name, how many visits are planned there, whether somebody worries or it was escalated, and what is overdue since when."""

    id: str
    name: str = ""
    visits: int = 0
    worried: bool = False
    escalated: bool = False
    late: list[tuple[str, str]] = field(default_factory=list)

    @property
    def weight(self) -> str:
        """The heaviest of WEIGHTS that it reaches."""
        return next(name for name, visits in WEIGHTS.items() if self.visits >= visits)

    def counts(self, column: str) -> bool:
        """Whether it is one of those that this column counts."""
        return {"homes": True, "worried": self.worried, "escalated": self.escalated, "overdue": bool(self.late)}[column]


@get("/caseload", operation_class=operations.page(404))
async def caseload_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The households in the care of the teams that I lead, by weight."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    homes, speaker = await _seen(await people.need_lead(request), sessions.now()), await sessions.speaker_of(request)
    rows = [_row(speaker, weight, [one for one in homes if one.weight == weight]) for weight in WEIGHTS]
    heads = [speaker.say(f"caseload.{column}") for column in COLUMNS]
    return render.page("caseload.html", speaker, here="caseload", heads=heads, rows=[*rows, _row(speaker, "all", homes)])


@get("/caseload/{weight:str}", operation_class=operations.page(404, query=("only",)))
async def homes_page(request: Request[Any, Any, Any], weight: FromPath[str]) -> Response[Any]:
    """The households behind a number; what is overdue longest stands first."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    column = str(request.query_params.get("only", COLUMNS[0]))
    if weight not in {*WEIGHTS, "all"} or column not in COLUMNS:
        raise bodies.refused(404, "not_found")
    homes, speaker = await _seen(me, at), await sessions.speaker_of(request)
    found = [one for one in homes if weight in {one.weight, "all"} and one.counts(column)]
    found.sort(key=lambda one: (min((day for _, day in one.late), default=access.FOREVER), one.name))
    return render.page(
        "figures_behind.html", speaker, here="caseload",
        title=f"{speaker.say(f'caseload.{weight}')}: {len(found)}", when="" if column == COLUMNS[0] else speaker.say(f"caseload.{column}"),
        lines=[_line(speaker, one) for one in found], back="/caseload", back_to=speaker.say("caseload.title"), more=None,
    )  # fmt: skip


routes = [caseload_page, homes_page]


async def find(tx: Tx, me: Me, opened: dict[Pair, Opened], at: int) -> tuple[list[Home], list[Shown]]:
    """(every household in the care of my teams that is open to me, the records that tell it)."""
    led = {home: team for home, team in (await access.led(tx, me, at)).items() if (home, "practical") in opened}
    ids = [home.removeprefix("household:") for home in led]
    of = dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('household', 1)}", ids))  # noqa: S608  our own SQL
    subjects = {*led, *(f"resident:{resident}" for resident in of)}
    told = [merge.shown(body) for kinds in KINDS for body in await waits.read(tx, opened, subjects, kinds)]
    homes = {key: Home(key) for key in ids}
    days = [rules.day_add(access.day_of(at), n) for n in range(DAYS)]
    settled = {one["fields"]["worry"] for one in told if one["kind"] == "acknowledgement" and one["fields"]["step"] == "closed"}
    for one in told:
        key = one["subject"].partition(":")[2]
        home = homes[of.get(key, key)]
        home.name = str(one["fields"]["name"]) if one["kind"] == "household" else home.name
        home.visits += _planned(one, days, led[f"household:{home.id}"]) if one["kind"] == "schedule" else 0
        home.worried |= one["kind"] == "worry" and one["id"] not in settled
        home.escalated |= one["kind"] == "escalation" and not _came(one)
        if day := _late(one, days[0]):
            home.late.append((one["kind"], day))
    return list(homes.values()), told


async def _seen(me: Me, at: int) -> list[Home]:
    """The households; that I saw them goes into the log first."""

    async def work(tx: Tx, opened: dict[Pair, Opened]) -> tuple[list[Shown], list[Home]]:
        homes, told = await find(tx, me, opened, at)
        return told, homes

    return await figures.looked(me, at, ("caseload", "read"), work)


def _planned(one: Shown, days: list[str], team: str) -> int:
    """On how many of these days this plan brings somebody of this team's care."""
    ours = one["fields"].get("team") in {None, team} and carriers.carrier(one["fields"]) == carriers.CARE
    return sum(rules.occurs(one["fields"], day) for day in days) if ours else 0


def _came(one: Shown) -> bool:
    """Whether what it waited for came, or nobody waits any more."""
    return bool(one["fields"].get("closed") or one["fields"].get(DUE[one["kind"]][1]))


def _late(one: Shown, today: str) -> str:
    """The day that it waited for, when that is over; ''."""
    day = str(one["fields"].get(DUE[one["kind"]][0]) or "") if one["kind"] in DUE and not _came(one) else ""
    return day if day < today else ""


def _row(speaker: Speaker, weight: str, homes: list[Home]) -> dict[str, Any]:
    counts = {column: sum(one.counts(column) for one in homes) for column in COLUMNS}
    cells = [{"n": n, "href": f"/caseload/{weight}?only={column}"} for column, n in counts.items()]
    return {"name": speaker.say(f"caseload.{weight}"), "sum": weight == "all", "cells": cells}


def _line(speaker: Speaker, one: Home) -> dict[str, Any]:
    late = [speaker.say(f"caseload.late.{kind}", date=speaker.day_short(day)) for kind, day in sorted(one.late, key=lambda each: each[1])]
    states = [speaker.say(f"caseload.{name}") for name in ("worried", "escalated") if getattr(one, name)]
    name = one.name or speaker.say("review.somewhere")
    return {"text": name, "meta": " · ".join([speaker.say("caseload.visits", n=one.visits), *states, *late]), "href": f"/households/{one.id}"}
