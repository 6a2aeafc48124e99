"""Figures: a team's week in numbers, what was done with people beside what was done together with others, and the records behind each number.

What is counted is what the reader may see. Nobody is compared with anybody: a number says how often, and never whose it is.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, arrivals, audit, bodies, db, entries, openings, operations, people, readings, records, render, sessions, sheets, weeks
from sync import rules

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.i18n import Speaker
    from server.records import Shown
    from server.weeks import Deed

PAGE = 100
# What tells best what a record is about, the first that it has.
SAYING = ("text", "decision", "question", "why", "what", "with", "place_name")
# What opens whole at the review, as long as it is there.
WHOLE = ("visit", "contact", "discussion")

T = TypeVar("T")


@get("/figures", operation_class=operations.page(400, 404, query=("week",)))
async def figures_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The week of the teams that I lead."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    week = week_of(request, at)
    deeds, _ = await seen(me, at, (weeks.days(week), weeks.measures(weeks.EVERYTHING)), "read")
    speaker = await sessions.speaker_of(request)
    return render.page("figures.html", speaker, here="figures", **_frame(speaker, week, at), **_table(speaker, week, deeds))


@get("/figures/{what:str}", operation_class=operations.page(400, 404, query=("week", "day", "shown")))
async def behind_page(request: Request[Any, Any, Any], what: FromPath[str]) -> Response[Any]:
    """The records behind a number, the latest first."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    names, week = weeks.measures(what), week_of(request, at)
    if not names:
        raise bodies.refused(404, "not_found")
    day, asked = str(request.query_params.get("day", "")), str(request.query_params.get("shown", ""))
    if day and day not in weeks.days(week):
        raise bodies.refused(400, "week", ("day", "type"))
    shown = max(int(asked), PAGE) if readings.NUMBER.fullmatch(asked) else PAGE
    deeds, known = await seen(me, at, ([day] if day else weeks.days(week), names), "read")
    speaker = await sessions.speaker_of(request)
    left = len(deeds) - shown
    return render.page(
        "figures_behind.html", speaker, here="figures",
        title=f"{speaker.say(f'figures.{what}')}: {len(deeds)}",
        when=speaker.day(day) if day else _span(speaker, week),
        lines=[_line(speaker, me, known, one, at) for one in deeds[:shown]],
        back=_address("/figures", week=week),
        back_to=speaker.say("figures.title"),
        more={"href": _address(f"/figures/{what}", week=week, day=day, shown=str(shown + PAGE)), "text": speaker.say("figures.more", n=left)}
        if left > 0 else None,
    )  # fmt: skip


@get("/figures/week.csv", operation_class=operations.leaves("text/csv", 400, query=("week",)))
async def week_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """The table of the week, as far as it may leave the team."""
    return await openings.to_verify(request, "/figures") or sheets.as_csv(*await _leaving(request))


@get("/figures/week.xlsx", operation_class=operations.leaves(sheets.XLSX, 400, query=("week",)))
async def week_xlsx(request: Request[Any, Any, Any]) -> Response[Any]:
    """The same for a spreadsheet."""
    return await openings.to_verify(request, "/figures") or sheets.as_xlsx(*await _leaving(request))


routes = [figures_page, behind_page, week_csv, week_xlsx]


def week_of(request: Request[Any, Any, Any], at: int) -> str:
    """The week that the address names, this one when it names none; one that there is not is refused."""
    week = str(request.query_params.get("week", "")) or weeks.of(access.day_of(at))
    if not weeks.days(week):
        raise bodies.refused(400, "week", ("week", "type"))
    return week


async def seen(me: Me, at: int, wanted: tuple[list[str], list[str]], action: str) -> tuple[list[Deed], dict[str, Shown]]:
    """(the deeds on these days under these names, the records they point at); that I saw them goes into the log first."""

    async def find(tx: Tx, opened: dict[Pair, Opened]) -> tuple[list[Shown], tuple[list[Deed], dict[str, Shown]]]:
        deeds = await weeks.find(tx, me, opened, wanted, at)
        return [one.record for one in deeds], (deeds, await records.find(tx, me, opened, _pointed_at(deeds)))

    return await looked(me, at, ("figures", action), find)


async def looked(me: Me, at: int, done: tuple[str, str], find: Callable[[Tx, dict[Pair, Opened]], Awaitable[tuple[Iterable[Shown], T]]]) -> T:
    """What is found of what is open to me, once the log says that I saw the records it tells of; `done`: (page, action)."""

    async def work(tx: Tx) -> tuple[dict[Pair, Opened], Iterable[Shown], T]:
        opened = await access.opened(tx, me.person, at)
        return opened, *await find(tx, opened)

    opened, told, found = await db.read(work)
    rows = audit.seen(me, opened, Counter((one["subject"], one["topic"]) for one in told), done, at)
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    return found


def _pointed_at(deeds: list[Deed]) -> set[str]:
    """Where it was, and of a task that was done what it was."""
    return {key for one in deeds for key in (one.home, one.record["fields"].get("task")) if key}


def counts_of(deeds: list[Deed]) -> Counter[tuple[str, str]]:
    """How many there are under each (name, day); a group and the whole week ('') are sums of these."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in deeds:
        group = next(name for name, measures in weeks.GROUPS.items() if one.what in measures)
        counts.update((name, day) for name in (one.what, group, weeks.EVERYTHING) for day in (one.day, ""))
    return counts


def _frame(speaker: Speaker, week: str, at: int) -> dict[str, Any]:
    first, last = weeks.days(week)[0], weeks.days(week)[-1]
    before, after = weeks.of(rules.day_add(first, -1)), weeks.of(rules.day_add(last, 1))
    return {
        "week": speaker.say("figures.week", n=int(week[-2:]), year=week[:4]),
        "span": _span(speaker, week),
        "previous": _address("/figures", week=before) if weeks.days(before) else "",
        "next": _address("/figures", week=after) if last < access.day_of(at) else "",
    }


def _table(speaker: Speaker, week: str, deeds: list[Deed]) -> dict[str, Any]:
    """A row for each group, for what it is the sum of, and for all together; a column for the week, and one for each day."""
    counts, days = counts_of(deeds), weeks.days(week)

    def row(what: str) -> dict[str, Any]:
        cells = [{"n": counts[what, day], "href": _address(f"/figures/{what}", week=week, day=day)} for day in ("", *days)]
        return {"what": what, "name": speaker.say(f"figures.{what}"), "cells": cells}

    return {
        "days": [speaker.day_short(day) for day in days],
        "groups": [{"sum": row(group), "rows": [row(what) for what in measures]} for group, measures in weeks.GROUPS.items()],
        "all": row(weeks.EVERYTHING),
        "any": bool(deeds),
        "files": {form: _address(f"/figures/week.{form}", week=week) for form in ("xlsx", "csv")},
    }


async def _leaving(request: Request[Any, Any, Any]) -> tuple[str, sheets.Rows]:
    """(the name of a file, its rows): what the page shows but for its sums, from which few could be reckoned."""
    me, at = await people.need_lead(request), sessions.now()
    week = week_of(request, at)
    deeds, _ = await seen(me, at, (weeks.days(week), weeks.measures(weeks.EVERYTHING)), "export")
    speaker = await sessions.speaker_of(request)
    table = _table(speaker, week, deeds)
    head = [speaker.say("figures.group"), speaker.say("figures.what"), speaker.say("figures.whole"), *table["days"]]
    rows = [
        [group["sum"]["name"], row["name"], *_hushed(speaker, [cell["n"] for cell in row["cells"]])]
        for group in table["groups"] for row in group["rows"]
    ]  # fmt: skip
    return f"{speaker.say('figures.file')}-{week}", [head, *rows]


def _hushed(speaker: Speaker, numbers: list[int]) -> list[str | int]:
    """A whole week and its days: of few only that they are few, and of their sum only that it is more when it would tell how many."""
    few, (whole, *days) = speaker.say("stuck.few", most=sheets.FEW), numbers
    rest = sum(n for n in days if n < sheets.FEW)
    sum_ = few if 0 < whole < sheets.FEW else speaker.say("figures.more_than_few", least=sheets.FEW) if 0 < rest < sheets.FEW else whole
    return [sum_, *(few if 0 < n < sheets.FEW else n for n in days)]


def _span(speaker: Speaker, week: str) -> str:
    days = weeks.days(week)
    return speaker.say("figures.span", first=speaker.day(days[0]), last=f"{speaker.day(days[-1])} {days[-1][:4]}")


def _line(speaker: Speaker, me: Me, known: dict[str, Shown], one: Deed, at: int) -> dict[str, Any]:
    """What it is in a few words, where and when; whose it is stands with the record itself."""
    mine = {hat.id for hat in me.hats}
    fields, house, task = one.record["fields"], known.get(one.home), known.get(one.record["fields"].get("task", ""))
    said = task["fields"].get("what") if task else next((fields[name] for name in SAYING if fields.get(name)), "")
    where = str(house["fields"].get("name", "")) if house else ""
    whole = one.record["kind"] in WHOLE and one.record["by"] not in mine and one.day > rules.day_add(access.day_of(at), -arrivals.DAYS)
    return {
        "text": entries.split(said)[0] if said else speaker.say(f"kind.{one.record['kind']}"),
        "meta": " · ".join(part for part in (speaker.say(f"figures.{one.what}"), where, speaker.day_short(one.day)) if part),
        "href": f"/review/{one.record['id']}" if whole else f"/households/{one.home}" if house else "",
    }


def _address(path: str, **asked: str) -> str:
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"
