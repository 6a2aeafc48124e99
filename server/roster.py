"""Roster: who does what in the week to come round the households of a lead's teams, what nobody does yet, and how the network is doing.

A lead of volunteers sees of their volunteers on which days they do something or were asked to, and nothing of what it is or for whom.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get

from server import access, audit, carriers, db, errands, openings, operations, people, records, render, sessions
from sync import merge, rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.i18n import Speaker

DAYS, BACK_DAYS, DAY_MS = 7, 30, 24 * 60 * 60 * 1000
RECORDS_MAX = 5000
# What somebody says of themselves, of ten: from here on they carry much.
BURDEN_MUCH = 7
# So many turns in one week is much for one person.
TURNS_MUCH = 4
KINDS = ("household", "task", "completion", "asking", "helper", "load", "worry", "acknowledgement")
STEP, SIDE, TOP, STACK_MAX = 50, 36, 30, 6


@dataclass(frozen=True, slots=True)
class Turn:
    """One day on which something is to be done: what and where ('' when that is not ours to see), by whom, and how far that is."""

    day: str
    what: str
    place: str
    who: str
    state: str  # yes, asked, refused or nobody
    href: str
    near: bool = True  # whether it is a helper's or a volunteer's, and not a colleague's

    @property
    def open(self) -> bool:
        """Whether nobody said yes."""
        return self.state != "yes"


@dataclass(slots=True)
class Known:
    """What was found for the viewer, by kind, and every colleague that is pointed at by the id of their hat."""

    by_kind: dict[str, list[records.Shown]]
    people: dict[str, records.Shown]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The fields of each record of this kind, with its id and subject."""
        return [{"at": one["at"], **one["fields"], "id": one["id"], "subject": one["subject"]} for one in self.by_kind.get(kind, [])]

    def name(self, fields: dict[str, Any]) -> str:
        """Of the helper, volunteer or colleague these fields name; ''."""
        helper = next((one["name"] for one in self.of("helper") if one["id"] == fields.get("helper")), "")
        hat = self.people.get(fields.get("volunteer") or fields.get("owner") or "")
        return str(helper or (hat["fields"]["name"] if hat else ""))

    def place(self, subject: str) -> str:
        """What a household is called; ''."""
        return next((str(one["name"]) for one in self.of("household") if one["subject"] == subject), "")


@get("/roster", operation_class=operations.page(404))
async def roster_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The week to come, of the teams that I lead."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    known, theirs, rows = await db.read(lambda tx: _found(tx, me, at))
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    speaker = await sessions.speaker_of(request)
    today = access.day_of(at)
    days = [rules.day_add(today, n) for n in range(DAYS)]
    turns = sorted([*turns_of(known, days), *_lent(speaker, theirs, days)], key=lambda one: (one.day, not one.open, one.who, one.what))
    carried = carriers.table(speaker, await db.read(lambda tx: carriers.find(tx, me, at)), today)
    told = {**_week(speaker, turns, days), **_told(speaker, known, theirs, turns, at)}
    return render.page("roster.html", speaker, here="roster", quarters=carried, **told)


routes = [roster_page]


async def _found(tx: Tx, me: Me, at: int) -> tuple[Known, dict[str, tuple[str, list[errands.Errand]]], list[dict[str, Any]]]:
    """(what is known of the households in the care of my teams, my volunteers by hat with their errands, rows for the log)."""
    opened = await access.opened(tx, me.person, at)
    subjects = [home for home in await access.led(tx, me, at) if (home, "practical") in opened]
    rows = await tx.all(
        f"SELECT subject, topic, first, body FROM record WHERE {db.among('subject', 1)} AND topic = 'practical' AND {db.among('kind', 2)}"  # noqa: S608
        " ORDER BY seq DESC LIMIT $3",
        *(subjects, list(KINDS), RECORDS_MAX),
    )
    by_kind: dict[str, list[records.Shown]] = {}
    for subject, topic, first, body in rows:
        if access.opens(opened, (subject, topic), first):
            shown = merge.shown(msgspec.json.decode(body))
            by_kind.setdefault(shown["kind"], []).append(shown)
    hats = {one["fields"].get(name) for all_ in by_kind.values() for one in all_ for name in ("owner", "volunteer")}
    known = Known(by_kind, await records.find(tx, me, opened, [hat for hat in hats if hat]))
    return known, await _volunteers(tx, [hat.team for hat in people.led_by(me)], at), _log(me, opened, by_kind, at)


async def _volunteers(tx: Tx, teams: list[str], at: int) -> dict[str, tuple[str, list[errands.Errand]]]:
    """Hat -> (name, errands) of every volunteer in these teams."""
    rows = await tx.all(
        f"SELECT m.id, m.person, p.name FROM membership m JOIN person p ON p.id = m.person WHERE {db.among('m.team', 1)} AND m.role = 'volunteer'"  # noqa: S608
        " AND p.left_at IS NULL AND m.since <= $2 AND (m.until IS NULL OR m.until >= $2) ORDER BY p.name, m.id",
        *(teams, access.day_of(at)),
    )
    return {hat: (name, [one for one in await errands.in_hands(tx, person) if one.hat == hat]) for hat, person, name in rows}


def _log(me: Me, opened: dict[Pair, Opened], by_kind: dict[str, list[records.Shown]], at: int) -> list[dict[str, Any]]:
    """That I saw so much of each household; once an hour a session."""
    counts = Counter((one["subject"], "practical") for all_ in by_kind.values() for one in all_)
    return audit.seen(me, opened, counts, ("roster", "read"), at)


def turns_of(known: Known, days: list[str]) -> list[Turn]:
    """Each of these days on which a task is still to be done."""
    answers = [one for one in known.of("completion") if not one.get("undone")]
    answered = {one["task"] for one in answers} | {(one["task"], one.get("day")) for one in answers}
    asked: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(known.of("asking"), key=lambda one: one.get("at") or 0):
        asked.setdefault(one["plan"], []).append(one)
    found = []
    for task in known.of("task"):
        often = task.get("weekdays") or task.get("every_days")
        for day in days if task.get("due") else ():
            if rules.occurs({**task, "start": task["due"]}, day) and ((task["id"], day) if often else task["id"]) not in answered:
                told: dict[str, Any] = {"what": task["what"], "place": known.place(task["subject"]), "href": f"/tasks/{task['id']}"}
                told["near"] = bool(task.get("helper") or task.get("volunteer"))
                found.append(Turn(day, who=known.name(task), state=_state(task, asked.get(task["id"], [])), **told))
    return found


def _state(task: dict[str, Any], asked: list[dict[str, Any]]) -> str:
    """Whether anybody said yes to a task: a helper or colleague whose name stands with it did."""
    if task.get("helper") or (task.get("owner") and not task.get("volunteer")):
        return "yes"
    last: dict[str, Any] = next((one for one in reversed(asked) if not task.get("volunteer") or one.get("volunteer") == task["volunteer"]), {})
    if task.get("volunteer"):
        return "yes" if last.get("answer") == "yes" else "asked"
    return "refused" if last.get("answer") == "no" else "asked" if last.get("outcome") == "asked" and not last.get("answer") else "nobody"


def _lent(speaker: Speaker, theirs: dict[str, tuple[str, list[errands.Errand]]], days: list[str]) -> list[Turn]:
    """The days on which my volunteers do something for somebody: only that it is so."""
    return [
        Turn(day, speaker.say("roster.errand"), "", name, "yes" if one.accepted else "asked", "")
        for name, all_ in theirs.values() for one in all_ for day in days
        if rules.occurs({"start": one.rule.get("due"), **one.rule}, day)
    ]  # fmt: skip


def _week(speaker: Speaker, turns: list[Turn], days: list[str]) -> dict[str, Any]:
    """The week as a picture and as a table."""
    of_day = {day: [one for one in turns if one.day == day] for day in days}
    squares = [
        {"x": STEP * i + (STEP - SIDE) // 2, "y": (top := TOP + j * (SIDE + 4)), "middle": STEP * i + STEP // 2, "base": top + 24, "open": one.open}
        for i, day in enumerate(days) for j, one in enumerate(of_day[day][:STACK_MAX])
    ]  # fmt: skip
    tall = min(max((len(all_) for all_ in of_day.values()), default=0), STACK_MAX)
    said = [speaker.say("roster.day", day=speaker.day(day), n=len(of_day[day]), open=sum(one.open for one in of_day[day])) for day in days]
    whose = sorted({one.who for one in turns if one.who}) + ([""] if any(not one.who for one in turns) else [])
    return {
        "squares": squares, "width": STEP * DAYS, "height": TOP + max(tall, 1) * (SIDE + 4), "side": SIDE, "picture": " ".join(said),
        "days": [{"text": text, "short": text.split()[0], "middle": STEP * i + STEP // 2} for i, text in enumerate(map(speaker.day_short, days))],
        "people": [
            {"name": who or speaker.say("roster.nobody"), "days": [[_cell(speaker, one) for one in of_day[day] if one.who == who] for day in days]}
            for who in whose
        ],
    }  # fmt: skip


def _cell(speaker: Speaker, one: Turn) -> dict[str, Any]:
    return {"text": one.what, "place": one.place, "state": speaker.say(f"roster.state.{one.state}"), "open": one.open, "href": one.href}


def _told(
    speaker: Speaker, known: Known, theirs: dict[str, tuple[str, list[errands.Errand]]], turns: list[Turn], at: int,
) -> dict[str, Any]:  # fmt: skip
    """The numbers and what is behind each: uncovered turns, open worries with their age, who carries much, who was never asked, what was carried."""
    uncovered = [one for one in turns if one.open]
    groups = {
        "uncovered": [(f"{one.what} · {one.place}" if one.place else f"{one.what} · {one.who}", _when(speaker, one), one.href) for one in uncovered],
        "worries": _worries(speaker, known, at),
        "much": _much(speaker, known, turns),
        "unasked": _unasked(speaker, known, theirs),
        "carried": _carried(speaker, known, at),
    }
    return {
        "groups": [
            {
                "id": name, "n": len(lines), "title": speaker.say(f"roster.{name}", n=len(lines)),
                "lines": [{"text": text, "meta": meta, "href": href} for text, meta, href in lines],
            }
            for name, lines in groups.items()
        ],
    }  # fmt: skip


def _when(speaker: Speaker, one: Turn) -> str:
    return f"{speaker.day_short(one.day)} · {speaker.say(f'roster.state.{one.state}')}"


def _worries(speaker: Speaker, known: Known, at: int) -> list[tuple[str, str, str]]:
    closed = {one["worry"] for one in known.of("acknowledgement") if one["step"] == "closed"}
    found = sorted((one for one in known.of("worry") if one["id"] not in closed), key=lambda one: one["at"])
    return [
        (one["text"], f"{known.place(one['subject'])} · {speaker.say('roster.age', n=max(0, (at - one['at']) // DAY_MS))}", f"/review/{one['id']}")
        for one in found
    ]


def _much(speaker: Speaker, known: Known, turns: list[Turn]) -> list[tuple[str, str, str]]:
    """Who said that much comes at them, and who has many turns in one week."""
    latest: dict[str, dict[str, Any]] = {}
    for load in sorted(known.of("load"), key=lambda one: (one.get("day") or "", one["at"])):
        latest[load["whose"]] = load
    burdened = [
        (one["name"], speaker.say("roster.burden", n=latest[one["id"]]["burden"]), f"/helpers/{one['id']}")
        for one in known.of("helper") if (latest.get(one["id"], {}).get("burden") or 0) >= BURDEN_MUCH
    ]  # fmt: skip
    many = Counter(one.who for one in turns if one.who and one.near)
    return burdened + [(who, speaker.say("roster.turns", n=n), "") for who, n in sorted(many.items()) if n >= TURNS_MUCH]


def _unasked(speaker: Speaker, known: Known, theirs: dict[str, tuple[str, list[errands.Errand]]]) -> list[tuple[str, str, str]]:
    """Helpers of these households, and volunteers of mine, who were never asked for anything."""
    asked = {one.get(name) for one in [*known.of("asking"), *known.of("task")] for name in ("helper", "volunteer")}
    helpers = [one for one in known.of("helper") if one["relation"] != "contact" and not asked & {one["id"], one.get("volunteer") or one["id"]}]
    of = {name: speaker.say(f"relation.{name}") for name in {one["relation"] for one in helpers}}
    lines = sorted((one["name"], f"{of[one['relation']]} · {known.place(one['subject'])}", f"/helpers/{one['id']}") for one in helpers)
    return lines + [(name, speaker.say("role.volunteer"), "") for name, all_ in theirs.values() if not all_]


def _carried(speaker: Speaker, known: Known, at: int) -> list[tuple[str, str, str]]:
    """What helpers and volunteers did in the last thirty days."""
    tasks = {one["id"]: one for one in known.of("task")}
    done = [one for one in known.of("completion") if one["outcome"] == "done" and not one.get("undone") and one["at"] > at - BACK_DAYS * DAY_MS]
    lines = []
    for one in sorted(done, key=lambda one: -one["at"]):
        task = tasks.get(one["task"], {})
        if one.get("helper") or one.get("volunteer") or task.get("helper"):
            who = known.name(one) or known.name(task)
            lines.append((str(task.get("what") or speaker.say("task.some")), f"{who} · {speaker.when(one['at'], at)}", f"/tasks/{one['task']}"))
    return lines
