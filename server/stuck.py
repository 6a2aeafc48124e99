"""Stuck: what waits too long round the households of a lead's teams, most urgent first, and how soon a signal was followed by contact and help.

Nobody is compared with anybody: what is counted waits for a team, and behind each number stands what it counts, as far as the lead may see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from server import access, entries, obstacles, openings, operations, people, render, roster, sessions, steering, waits
from sync import rules

if TYPE_CHECKING:
    from server.access import Me
    from server.i18n import Speaker
    from server.steering import Found
    from server.waits import Norm, Wait

BACK_DAYS, AHEAD_DAYS = 7, 6
STEPS = ("contact", "help")
# After every day.
LAST = "9999"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: what, where and since when; `since` puts it in its place."""

    text: str
    meta: str
    href: str
    since: str


@get("/stuck", operation_class=operations.page(404))
async def stuck_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What waits round the households of the teams that I lead."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    found = await steering.seen(me, at, "read")
    speaker = await sessions.speaker_of(request)
    told = {"groups": _groups(speaker, found, at), "teams": _teams(speaker, me, found, at), **obstacles.bundled(speaker, found)}
    return render.page("stuck.html", speaker, here="stuck", **told)


routes = [stuck_page]


def _groups(speaker: Speaker, found: Found, at: int) -> list[dict[str, Any]]:
    """What waits, by what it waits for, most urgent first; in each what waits longest."""
    today = access.day_of(at)
    groups = {
        "escalations": _escalations(speaker, found, today),
        "worries": _worries(speaker, found, at),
        "signals": _signals(speaker, found, at),
        "uncovered": _uncovered(speaker, found, today),
        "step_downs": _step_downs(speaker, found, today),
        "evaluations": _evaluations(speaker, found, today),
    }
    return [
        {"id": name, "n": len(lines), "title": speaker.say(f"stuck.{name}", n=len(lines)), "lines": sorted(lines, key=lambda one: one.since)}
        for name, lines in groups.items()
    ]  # fmt: skip


def _escalations(speaker: Speaker, found: Found, today: str) -> list[Line]:
    """Nobody answered, and the day is over."""
    waiting = [one for one in found.known.of("escalation") if not one.get("closed") and not one.get("answered_on")]
    late = [(speaker.say(f"steering.recipient.{one['recipient']}"), one) for one in waiting if one.get("respond_by", today) < today]
    return [_line(speaker, found, one, "respond_by", f"{whom}: {entries.split(one['question'])[0]}") for whom, one in late]


def _step_downs(speaker: Speaker, found: Found, today: str) -> list[Line]:
    due = [one for one in found.known.of("step_down") if not one.get("checked_on") and one.get("check_on", "9") <= today]
    return [_line(speaker, found, one, "check_on", entries.split(one["why"])[0]) for one in due]


def _evaluations(speaker: Speaker, found: Found, today: str) -> list[Line]:
    due = [one for one in found.known.of("evaluation") if not one.get("closed") and one["day"] <= today]
    return [_line(speaker, found, one, "day", speaker.say("due.evaluation")) for one in due]


def _line(speaker: Speaker, found: Found, one: dict[str, Any], name: str, text: str) -> Line:
    """Something that steers the help, by the day it waits for."""
    meta = f"{found.place(one['subject'])} · {speaker.say(f'stuck.{name}', date=speaker.day_short(one[name]))}"
    return Line(text, meta, found.page(one), one[name])


def _worries(speaker: Speaker, found: Found, at: int) -> list[Line]:
    """Nobody took it up yet."""
    heard = {one["worry"] for one in found.known.of("acknowledgement")}
    lines = []
    for one in found.known.of("worry"):
        if one["id"] not in heard:
            meta = f"{found.place(one['subject'])} · {speaker.when(one['at'], at)}"
            lines.append(Line(entries.split(one["text"])[0], meta, f"/review/{one['id']}", access.day_of(one["at"])))
    return lines


def _signals(speaker: Speaker, found: Found, at: int) -> list[Line]:
    """Nobody was in contact since."""
    return [_signal(speaker, found, one, at) for one in found.waits if one.contact is None]


def _signal(speaker: Speaker, found: Found, one: Wait, at: int) -> Line:
    late = one.late(found.norms[found.teams[one.home]], at)
    steps = [_step(speaker, one, name, late=name in late, at=at) for name in STEPS]
    meta = " · ".join([found.place(one.signal["subject"]), speaker.when(one.at, at), *steps])
    return Line(entries.split(one.signal["fields"]["text"])[0], meta, f"/households/{one.home}", access.day_of(one.at))


def _step(speaker: Speaker, one: Wait, name: str, *, late: bool, at: int) -> str:
    """'contact na 1 werkdag', 'wacht 4 werkdagen op hulp (later dan afgesproken)'."""
    until = getattr(one, name)
    said = speaker.say(f"stuck.{name}_{'waits' if until is None else 'after'}", n=one.days(until, at))
    return f"{said} ({speaker.say('stuck.late')})" if late else said


def _uncovered(speaker: Speaker, found: Found, today: str) -> list[Line]:
    """Turns of last week and the week to come to which nobody said yes, and what is to be done some day and is nobody's."""
    days = [rules.day_add(today, n) for n in range(-BACK_DAYS, AHEAD_DAYS + 1)]
    turns = [one for one in roster.turns_of(found.known, days) if one.open]
    answered = {one["task"] for one in found.known.of("completion")}
    some_day = [one for one in found.known.of("task") if not one.get("due") and one["id"] not in answered and not found.known.name(one)]
    whenever = speaker.say("task.whenever")
    return [
        *(Line(f"{one.what} · {one.place}", _when(speaker, one), one.href, one.day) for one in turns),
        *(Line(f"{one['what']} · {found.place(one['subject'])}", whenever, f"/tasks/{one['id']}", LAST) for one in some_day),
    ]


def _when(speaker: Speaker, turn: roster.Turn) -> str:
    return f"{speaker.day_short(turn.day)} · {speaker.say(f'roster.state.{turn.state}')}"


def _teams(speaker: Speaker, me: Me, found: Found, at: int) -> list[dict[str, Any]]:
    """Of each team how soon contact and help followed, against what it agreed on, with the signals that this counts."""
    names = {hat.team: hat.team_name for hat in people.led_by(me)}
    teams: list[dict[str, Any]] = []
    for team, norm in sorted(found.norms.items(), key=lambda one: names.get(one[0], "")):
        mine = [one for one in found.waits if found.teams[one.home] == team]
        cells = [_cell(speaker, mine, name, norm, at) for name in STEPS]
        lines = [_signal(speaker, found, one, at) for one in reversed(mine)]
        title = speaker.say("stuck.counted", n=len(mine), team=names.get(team, ""))
        teams.append({"name": names.get(team, ""), "cells": cells, "lines": lines, "title": title})
    return teams


def _cell(speaker: Speaker, mine: list[Wait], name: str, norm: Norm, at: int) -> dict[str, str]:
    """The median of those who had it, how many wait, and how many are or were later than agreed."""
    median = waits.middle(one.days(until, at) for one in mine if (until := getattr(one, name)) is not None)
    late = sum(name in one.late(norm, at) for one in mine)
    return {
        "middle": speaker.say("stuck.days", n=median) if median is not None else "–",
        "waiting": str(sum(getattr(one, name) is None for one in mine)),
        "late": speaker.say("stuck.of_norm", late=late, n=getattr(norm, name)),
    }
