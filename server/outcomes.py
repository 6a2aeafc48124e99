"""Outcomes: what people near the households of a lead's teams say of themselves, the first time beside the last, whoever helped them (H6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, bodies, figures, openings, operations, people, records, render, sessions, waits
from sync import merge

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.i18n import Speaker
    from server.records import Shown

# What somebody gives a figure from nought to ten, and which way is better: more of what they can bear, less of what they carry.
RATED = {"strength": 1, "burden": -1}
COLUMNS = ("better", "same", "worse")


@dataclass(frozen=True, slots=True)
class Course:
    """Somebody's first and last word of themselves: who (a helper or resident), at which household."""

    whose: str
    home: str
    first: Shown
    last: Shown

    def column(self, what: str) -> str:
        """How it went with this."""
        gained = RATED[what] * (self.last["fields"][what] - self.first["fields"][what])
        return "better" if gained > 0 else "worse" if gained < 0 else "same"


@get("/outcomes", operation_class=operations.page(404))
async def outcomes_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """With how many it went better, the same and worse."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    courses, _ = await _seen(await people.need_lead(request), sessions.now())
    speaker = await sessions.speaker_of(request)
    rows = [_row(speaker, what, courses) for what in RATED] if courses else []
    return render.page("outcomes.html", speaker, here="outcomes", heads=[speaker.say(f"outcomes.{one}") for one in COLUMNS], rows=rows)


@get("/outcomes/{what:str}", operation_class=operations.page(404, query=("only",)))
async def courses_page(request: Request[Any, Any, Any], what: FromPath[str]) -> Response[Any]:
    """Who is behind a number, and what they said; who said it last stands first."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    column = str(request.query_params.get("only", COLUMNS[0]))
    if what not in RATED or column not in COLUMNS:
        raise bodies.refused(404, "not_found")
    courses, known = await _seen(me, at)
    speaker = await sessions.speaker_of(request)
    found = sorted((one for one in courses if one.column(what) == column), key=lambda one: one.last["fields"]["day"], reverse=True)
    return render.page(
        "figures_behind.html", speaker, here="outcomes",
        title=f"{speaker.say(f'load.{what}')}: {len(found)}", when=speaker.say(f"outcomes.{column}"),
        lines=[_line(speaker, known, one, what) for one in found], back="/outcomes", back_to=speaker.say("outcomes.title"), more=None,
    )  # fmt: skip


routes = [outcomes_page, courses_page]


async def find(tx: Tx, me: Me, opened: dict[Pair, Opened], at: int) -> tuple[list[Course], dict[str, Shown], list[Shown]]:
    """(everybody who said it twice or more, who they are and where, what they said) at the households in the care of my teams."""
    told = [merge.shown(body) for body in await waits.read(tx, opened, {*await access.led(tx, me, at)}, ("load",))]
    said: dict[tuple[str, str], list[Shown]] = {}
    for one in sorted(told, key=lambda one: (one["fields"]["day"], one["at"], one["id"])):
        said.setdefault((one["fields"]["whose"], one["subject"].partition(":")[2]), []).append(one)
    courses = [Course(*of, all_[0], all_[-1]) for of, all_ in said.items() if len(all_) > 1]
    return courses, await records.find(tx, me, opened, {key for one in courses for key in (one.whose, one.home)}), told


async def _seen(me: Me, at: int) -> tuple[list[Course], dict[str, Shown]]:
    """The courses, and who and where; that I saw them goes into the log first."""

    async def work(tx: Tx, opened: dict[Pair, Opened]) -> tuple[list[Shown], tuple[list[Course], dict[str, Shown]]]:
        courses, known, told = await find(tx, me, opened, at)
        return told, (courses, known)

    return await figures.looked(me, at, ("outcomes", "read"), work)


def _row(speaker: Speaker, what: str, courses: list[Course]) -> dict[str, Any]:
    counts = Counter(one.column(what) for one in courses)
    cells = [{"n": counts[column], "href": f"/outcomes/{what}?only={column}"} for column in COLUMNS]
    return {"name": speaker.say(f"load.{what}"), "cells": cells}


def _line(speaker: Speaker, known: dict[str, Shown], one: Course, what: str) -> dict[str, Any]:
    name, house = (str(known[key]["fields"].get("name", "")) if key in known else "" for key in (one.whose, one.home))
    before, after = one.first["fields"], one.last["fields"]
    first, last = (speaker.day_short(said["day"]) for said in (before, after))
    moved = speaker.say("outcomes.moved", before=before[what], after=after[what], first=first, last=last)
    meta = f"{house} · {moved}" if house != name else moved
    return {"text": name or speaker.say("review.somewhere"), "meta": meta, "href": f"/households/{one.home}/network"}
