"""Themes: what a lead's teams signalled, got stuck on and asked help for, quarter by quarter, so that what comes back can be taken up together (I2).

Of a theme that came up in few households a file that leaves the team says only that they are few.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, bodies, changes, db, entries, figures, openings, operations, people, quarters, records, render, sessions, sheets, weeks
from sync import merge

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.i18n import Speaker
    from server.records import Shown

# Kind -> (the field that names its themes, the beginning of their words, the themes).
OF_KIND: dict[str, tuple[str, str, tuple[str, ...]]] = {
    kind: (field, words, tuple(changes.KINDS["kinds"][kind]["fields"][field]["of"]))
    for kind, field, words in (("signal", "lens", "lens"), ("obstacle", "sort", "steering.sort"), ("escalation", "reasons", "steering.reasons"))
}
KIND_OF = {theme: kind for kind, (_, _, themes) in OF_KIND.items() for theme in themes}


@dataclass(frozen=True, slots=True)
class Found:
    """A record that says its day, in which quarter, under which themes, and at which household or of which team."""

    record: Shown
    quarter: str
    themes: tuple[str, ...]
    place: str


@get("/themes", operation_class=operations.page(404))
async def themes_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """How often each theme came up in the last quarters."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    found, _ = await _seen(me, at, "read")
    speaker, when = await sessions.speaker_of(request), quarters.latest(access.day_of(at))
    counts = Counter((theme, one.quarter) for one in found for theme in one.themes)
    groups = [
        {"name": speaker.say(f"themes.{kind}"), "rows": [_row(speaker, theme, when, counts) for theme in themes]}
        for kind, (_, _, themes) in OF_KIND.items()
    ]  # fmt: skip
    heads = [quarters.named(speaker, one) for one in reversed(when)]
    files = {form: f"/themes.{form}" for form in ("xlsx", "csv")}
    return render.page("themes.html", speaker, here="themes", heads=heads, groups=groups, any=bool(found), files=files)


@get("/themes/{theme:str}", operation_class=operations.page(404, query=("quarter",)))
async def behind_page(request: Request[Any, Any, Any], theme: FromPath[str]) -> Response[Any]:
    """The records behind a number, the latest first."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    quarter = str(request.query_params.get("quarter", "")) or quarters.latest(access.day_of(at))[-1]
    if theme not in KIND_OF or quarter not in quarters.latest(access.day_of(at)):
        raise bodies.refused(404, "not_found")
    found, known = await _seen(me, at, "read")
    speaker = await sessions.speaker_of(request)
    lines = [_line(speaker, known, one) for one in found if theme in one.themes and one.quarter == quarter]
    return render.page(
        "figures_behind.html", speaker, here="themes", title=f"{_name(speaker, theme)}: {len(lines)}", when=quarters.named(speaker, quarter),
        lines=lines, back="/themes", back_to=speaker.say("themes.title"), more=None,
    )  # fmt: skip


@get("/themes.csv", operation_class=operations.leaves("text/csv"))
async def themes_csv(request: Request[Any, Any, Any]) -> Response[Any]:
    """The table, as far as it may leave the team."""
    return await openings.to_verify(request, "/themes") or sheets.as_csv(*await _leaving(request))


@get("/themes.xlsx", operation_class=operations.leaves(sheets.XLSX))
async def themes_xlsx(request: Request[Any, Any, Any]) -> Response[Any]:
    """The same for a spreadsheet."""
    return await openings.to_verify(request, "/themes") or sheets.as_xlsx(*await _leaving(request))


routes = [themes_page, behind_page, themes_csv, themes_xlsx]


async def find(tx: Tx, me: Me, opened: dict[Pair, Opened], at: int) -> list[Found]:
    """What my teams wrote of these kinds in the last quarters, as far as it is open to me, the latest first."""
    today = access.day_of(at)
    when = quarters.latest(today)
    dated = db.of_pairs(1, f"r.day BETWEEN $2 AND $3 AND {db.among('r.kind', 4)}")
    rows = await tx.all(
        f"SELECT r.body FROM {dated}",  # noqa: S608  our own SQL
        *(weeks.pairs(me, opened), quarters.edges(when[0])[0], quarters.edges(when[-1])[1], list(OF_KIND)),
    )
    ours = await weeks.hats(tx, me)
    all_ = [one for one in (merge.shown(msgspec.json.decode(body)) for (body,) in rows) if one["by"] in ours]
    homes = await weeks.homes(tx, all_)
    found = [Found(one, quarters.of(one["fields"]["day"]), _themes(one), homes.get(one["subject"], one["id"])) for one in all_]
    return sorted((one for one in found if one.themes), key=lambda one: (one.record["fields"]["day"], one.record["id"]), reverse=True)


async def _seen(me: Me, at: int, action: str) -> tuple[list[Found], dict[str, Shown]]:
    """(what was found, the households it was at); that I saw it goes into the log first."""

    async def work(tx: Tx, opened: dict[Pair, Opened]) -> tuple[list[Shown], tuple[list[Found], dict[str, Shown]]]:
        found = await find(tx, me, opened, at)
        return [one.record for one in found], (found, await records.find(tx, me, opened, {one.place for one in found}))

    return await figures.looked(me, at, ("themes", action), work)


async def _leaving(request: Request[Any, Any, Any]) -> tuple[str, sheets.Rows]:
    """(the name of a file, its rows)."""
    me, at = await people.need_lead(request), sessions.now()
    found, _ = await _seen(me, at, "export")
    speaker, when = await sessions.speaker_of(request), quarters.latest(access.day_of(at))[::-1]

    def cell(theme: str, quarter: str) -> str | int:
        places = [one.place for one in found if theme in one.themes and one.quarter == quarter]
        return speaker.say("stuck.few", most=sheets.FEW) if 0 < len({*places}) < sheets.FEW else len(places)

    head = [speaker.say("figures.group"), speaker.say("themes.theme"), *(quarters.named(speaker, one) for one in when)]
    rows = [[speaker.say(f"themes.{KIND_OF[one]}"), _name(speaker, one), *(cell(one, quarter) for quarter in when)] for one in KIND_OF]
    return f"{speaker.say('themes.file')}-{access.day_of(at)}", [head, *rows]


def _themes(one: Shown) -> tuple[str, ...]:
    """One or more; none when it names none."""
    said = one["fields"].get(OF_KIND[one["kind"]][0]) or ()
    return (said,) if isinstance(said, str) else tuple(said)


def _name(speaker: Speaker, theme: str) -> str:
    return speaker.say(f"{OF_KIND[KIND_OF[theme]][1]}.{theme}")


def _row(speaker: Speaker, theme: str, when: list[str], counts: Counter[tuple[str, str]]) -> dict[str, Any]:
    cells = [{"n": counts[theme, quarter], "href": f"/themes/{theme}?quarter={quarter}"} for quarter in reversed(when)]
    return {"name": _name(speaker, theme), "cells": cells}


def _line(speaker: Speaker, known: dict[str, Shown], one: Found) -> dict[str, Any]:
    fields, house = one.record["fields"], known.get(one.place) if one.place != one.record["id"] else None
    where = str(house["fields"].get("name", "")) if house else str(fields.get("place_name", ""))
    text = str(fields.get("text") or fields.get("question") or "")
    meta = " · ".join(part for part in (where, speaker.day_short(fields["day"])) if part)
    return {"text": entries.split(text)[0], "meta": meta, "href": f"/households/{one.place}" if house else ""}
