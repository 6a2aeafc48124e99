"""Obstacles: what gets stuck round the households of a lead's teams, bundled by sort, so that it can be told further without whom it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from server import access, openings, operations, people, sessions, sheets, steering
from sync import traces

if TYPE_CHECKING:
    from server.i18n import Speaker
    from server.steering import Found

SORTS = ("rule", "organisation", "waiting_list", "money", "other")


@get("/stuck/obstacles", operation_class=operations.leaves("text/csv"))
async def obstacles_file(request: Request[Any, Any, Any]) -> Response[Any]:
    """A line each, for whoever can do something about it; those that may point at somebody stay here."""
    if elsewhere := await openings.to_verify(request, "/stuck"):
        return elsewhere
    me, at = await people.need_lead(request), sessions.now()
    found = await steering.seen(me, at, "export")
    speaker = await sessions.speaker_of(request)
    return sheets.as_csv(f"{speaker.say('stuck.file')}-{access.day_of(at)}", _rows(speaker, found))


routes = [obstacles_file]


def bundled(speaker: Speaker, found: Found) -> dict[str, Any]:
    """What gets stuck, by sort: how often, in how many households where that is many, and the lines with those that stay here."""
    all_ = found.known.of("obstacle")
    staying = [one for one in all_ if _traced(found, one)]
    sorts = []
    for sort in SORTS:
        mine = [one for one in all_ if one["sort"] == sort]
        households = len({one["subject"] for one in mine})
        lines = [{"text": one["text"], "href": found.page(one), "stays": one in staying} for one in mine]
        many = str(households) if households >= sheets.FEW else speaker.say("stuck.few", most=sheets.FEW)
        name = speaker.say(f"steering.sort.{sort}")
        sorts.append({"name": name, "title": f"{name}: {len(mine)}", "n": len(mine), "households": many, "lines": lines})
    return {"sorts": [one for one in sorts if one["n"]], "stays": speaker.say("stuck.stays", n=len(staying)) if staying else ""}


def _rows(speaker: Speaker, found: Found) -> sheets.Rows:
    told = [(SORTS.index(one["sort"]), one["text"]) for one in found.known.of("obstacle") if not _traced(found, one)]
    # In the order of the alphabet: that of writing would tell more than the words.
    lines = [(speaker.say(f"steering.sort.{SORTS[sort]}"), text) for sort, text in sorted(told)]
    return [(speaker.say("field.sort"), speaker.say("field.text")), *lines]


def _traced(found: Found, one: dict[str, Any]) -> bool:
    """Whether a line may give away whom it is about."""
    home = found.home(one["subject"])
    here = [each for each in found.known.of("household") if each["id"] == home]
    who = [each for each in found.known.of("resident") if each.get("household") == home]
    names = [str(each.get(name) or "") for each in [*here, *who] for name in ("name", "given")]
    return bool(traces.traces(one["text"], names, [str(each.get("street") or "") for each in here]))
