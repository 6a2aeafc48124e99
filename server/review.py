"""Review: what came in from the teams that I lead, unread first; a list at the left, the whole of one at the right, and that I have read it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from server import access, arrivals, audit, bodies, custody, db, entries, openings, operations, people, readings, records, render, sessions, worries
from sync import clock

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.arrivals import Arrival
    from server.db import Tx
    from server.entries import Teller
    from server.worries import Sent

PAGE = 50
READINGS_MAX = 500
HOUR_MS = 60 * 60 * 1000
# What came in sooner than this after it was written came in at once, as far as a reader is concerned.
LATE_MS = 15 * 60 * 1000
NUMBER = re.compile(r"[0-9]{1,18}")
FILTERS = ("team", "kind", "unread", "shown")
FORM = {"upto": operations.pattern(NUMBER), "record": {"type": "array", "items": operations.TEXT, "maxItems": READINGS_MAX}}
STEP = operations.form(worries.FORM, 422, required=("op", "step"), query=FILTERS)


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows, all of it in its address: the filters, how many lines, and the record that is open."""

    team: str = ""
    kind: str = ""
    unread: str = ""
    shown: int = PAGE
    record: str = ""

    def address(self, **other: Any) -> str:
        """The address of this view, or of one that differs from it in these."""
        view = replace(self, **other)
        asked = {"team": view.team, "kind": view.kind, "unread": view.unread, "shown": str(view.shown) if view.shown != PAGE else ""}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/review{f'/{view.record}' if view.record else ''}{f'?{query}' if query else ''}"


@dataclass(slots=True)
class Desk:
    """What was found for a view: everything of these filters, the lines shown, the open one, how much is new elsewhere or held, what tells them."""

    all: list[Arrival]
    lines: list[Arrival]
    open: Arrival | None
    received: dict[str, int]
    elsewhere: int
    held: tuple[int, int]
    known: dict[str, records.Shown]


@get("/review", operation_class=operations.page(404, query=FILTERS))
async def list_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What came in."""
    return await _page(request, "")


@get("/review/{record:str}", operation_class=operations.page(404, query=FILTERS))
async def record_page(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """One arrival whole, with the list beside it."""
    return await _page(request, record)


@put("/review/{record:str}/reading", operation_class=operations.form({"upto": FORM["upto"]}, required=("upto",), query=FILTERS))
async def read_one(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """I have read this arrival, as far as it had come when the page was made (`upto`)."""
    me = await people.need_lead(request)
    upto, _ = await _sent(request, "upto")
    if not await readings.mark(me, [record], upto):
        raise bodies.refused(404, "not_found")
    return await _page(request, record)


@post("/review/readings", status_code=200, operation_class=operations.form(FORM, required=("upto",), query=("open", *FILTERS)))
async def read_many(request: Request[Any, Any, Any]) -> Response[Any]:
    """I have read these arrivals; what is not there or not mine is passed over."""
    me = await people.need_lead(request)
    upto, wanted = await _sent(request, *FORM)
    if len(wanted) > READINGS_MAX:
        raise bodies.refused(413, "too_many", ("record", "too_long"))
    await readings.mark(me, wanted, upto)
    return await _page(request, str(request.query_params.get("open", "")))


@post("/review/{record:str}/acknowledgements", status_code=200, operation_class=STEP)
async def acknowledge(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """I take a worry up, answer it, or settle it."""
    me = await people.need_lead(request)
    sent = worries.sent(await bodies.form(request, *worries.FORM))
    await worries.acknowledge(me, record, sent)
    return await _page(request, record, sent)


routes = [list_page, record_page, read_one, read_many, acknowledge]


async def _sent(request: Request[Any, Any, Any], *names: str) -> tuple[int, list[str]]:
    """(upto, records) of a form with these fields."""
    form = await bodies.form(request, *names)
    upto = str(form.get("upto", ""))
    if not NUMBER.fullmatch(upto):
        raise bodies.refused(400, "invalid", ("upto", "required" if not upto else "type"))
    return int(upto), [str(one) for one in form.getall("record", [])]


async def _page(request: Request[Any, Any, Any], record: str, sent: Sent | None = None) -> Response[Any]:
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    view = _view(request, me, record)
    opened, desk = await db.read(lambda tx: _found(tx, me, view, at))
    if view.record and desk.open is None:
        raise bodies.refused(404, "not_found")
    rows = _log(me, opened, desk, at)
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    speaker = await sessions.speaker_of(request)
    teller = entries.Teller(speaker, at, desk.known)
    context = {**_frame(me, view, desk, teller), **_lines(view, desk, teller), "open": _open(view, desk, teller, sent)}
    return render.page("review.html", speaker, status=422 if sent and sent.wrong else 200, here="review", **context)


def _view(request: Request[Any, Any, Any], me: Me, record: str) -> View:
    """The view of this address; a filter that means nothing to me filters nothing."""
    asked = {name: str(request.query_params.get(name, "")) for name in FILTERS}
    return View(
        team=asked["team"] if asked["team"] in {hat.team for hat in people.led_by(me)} else "",
        kind=asked["kind"] if asked["kind"] in arrivals.KINDS else "",
        unread="1" if asked["unread"] == "1" else "",
        shown=min(max(int(asked["shown"]), PAGE), arrivals.RECORDS_MAX) if NUMBER.fullmatch(asked["shown"]) else PAGE,
        record=record if people.ID.fullmatch(record) else "" if not record else "-",
    )


async def _found(tx: Tx, me: Me, view: View, at: int) -> tuple[dict[Pair, Opened], Desk]:
    opened = await access.opened(tx, me.person, at)
    everything = await arrivals.come_in(tx, me, opened, at)
    wanted = arrivals.among(everything, view.team, view.kind)
    lines = [one for one in wanted if one.fresh or not view.unread][: view.shown]
    chosen = arrivals.holding(everything, view.record) if view.record else None
    told = lines + ([chosen] if chosen else [])
    known = await records.find(tx, me, opened, entries.pointed_at(told))
    elsewhere = sum(one.fresh for one in everything) - sum(one.fresh for one in wanted)
    return opened, Desk(wanted, lines, chosen, await arrivals.received(tx, told), elsewhere, await custody.count(tx, me, at), known)


def _log(me: Me, opened: dict[Pair, Opened], desk: Desk, at: int) -> list[dict[str, Any]]:
    """What this page shows, to the log: of the open one each record, of the list how much of each pair; once an hour a session and state."""
    pairs: dict[Pair, list[Arrival]] = {}
    for part in (part for one in desk.lines for part in one.all):
        pairs.setdefault((part.record["subject"], part.record["topic"]), []).append(part)
    listed = [_row(me, opened, parts[0].record, max(part.seq for part in parts), at, object=None, n=len(parts)) for parts in pairs.values()]
    whole = desk.open.all if desk.open else []
    return listed + [_row(me, opened, part.record, part.seq, at, object=part.record["id"], kind=part.record["kind"], n=1) for part in whole]


def _row(me: Me, opened: dict[Pair, Opened], record: records.Shown, seq: int, at: int, **more: Any) -> dict[str, Any]:
    why = opened[record["subject"], record["topic"]]
    hour = at // HOUR_MS
    name = f"{me.session} {record['subject']} {record['topic']} {more['object']} {more['n']} {seq} {hour}"
    key = clock.uuid7(hour * HOUR_MS, hashlib.sha256(name.encode()).hexdigest()[:20])
    about = {"subject": record["subject"], "topic": record["topic"], "ground": why.ground, "source": "page", "result": "ok"}
    return audit.row(me, why.hat, at, "read", id=key, **about, **more)


def _frame(me: Me, view: View, desk: Desk, teller: Teller) -> dict[str, Any]:
    """The filters, and how much is new among what they let through."""
    say, teams = teller.speaker.say, people.led_by(me)
    new = sum(one.fresh for one in desk.all)
    elsewhere = [say("review.elsewhere", n=desk.elsewhere)] if desk.elsewhere else []
    kinds = {"": "review.everything", **{kind: f"review.kind.{kind}" for kind in arrivals.KINDS}}
    names = {"": say("review.all_teams"), **{hat.team: hat.team_name for hat in teams}}
    return {
        "count": " · ".join([say("review.new", n=new) if new else say("review.none_new"), *elsewhere]),
        "teams": [_choice(view, name, team=team) for team, name in names.items()] if len(teams) > 1 else [],
        "kinds": [_choice(view, say(key), kind=kind) for kind, key in kinds.items()],
        "unread": {"href": view.address(unread="" if view.unread else "1", record="", shown=PAGE), "here": bool(view.unread)},
        "held": say("held.link", n=desk.held[0]) if desk.held[0] else say("held.aside") if desk.held[1] else "",
        "address": view.address(),
        "back": view.address(record=""),
    }


def _choice(view: View, text: str, **asked: str) -> dict[str, Any]:
    ((name, value),) = asked.items()
    return {"text": text, "href": view.address(**asked, record="", shown=PAGE), "here": getattr(view, name) == value}


def _lines(view: View, desk: Desk, teller: Teller) -> dict[str, Any]:
    left = sum(one.fresh or not view.unread for one in desk.all) - len(desk.lines)
    fresh = [one.record["id"] for one in desk.lines if one.fresh]
    filters = view.address(record="").removeprefix("/review")
    bulk = f"/review/readings{filters}{'&' if filters else '?'}open={view.record}"
    say = teller.speaker.say
    return {
        "lines": [_line(view, desk, teller, one) for one in desk.lines],
        "more": {"href": view.address(shown=view.shown + PAGE), "text": say("review.more", n=left)} if left > 0 else None,
        "fresh": fresh,
        "upto": max((one.latest.seq for one in desk.all), default=0),
        "bulk": {"action": bulk, "text": say("review.read_all", n=len(fresh))} if fresh else None,
        "empty": say("review.empty_unread" if view.unread else "review.empty"),
    }


def _line(view: View, desk: Desk, teller: Teller, one: Arrival) -> dict[str, Any]:
    entry = teller.entry(one)
    return {
        **{name: entry[name] for name in ("title", "strong", "at", "role", "name", "organisation", "tone")},
        "href": view.address(record=one.record["id"]),
        "here": desk.open is not None and desk.open.record["id"] == one.record["id"],
        "fresh": one.fresh,
        "place": teller.place(one),
        "chips": teller.chips(one),
        "excerpt": teller.excerpt(one),
        "arrived": _arrived(desk, teller, one),
    }


def _arrived(desk: Desk, teller: Teller, one: Arrival) -> str:
    """'binnen vandaag 16:40', when that was well after it was written."""
    received = desk.received.get(one.latest.change, 0)
    late = received - entries.written(one.latest.record) > LATE_MS
    return teller.speaker.say("review.arrived", when=teller.speaker.when(received, teller.now)) if late else ""


def _open(view: View, desk: Desk, teller: Teller, sent: Sent | None) -> dict[str, Any] | None:
    one = desk.open
    if one is None:
        return None
    entry, house = teller.entry(one), desk.known.get(one.place)
    following = next((other for other in desk.lines if other.fresh and other is not one), None)
    where = [house["fields"].get(name) for name in ("street", "city")] if house else []
    return {
        "id": one.record["id"],
        "place": teller.place(one),
        "where": ", ".join(part for part in where if part),
        "entry": entry,
        "kind": teller.speaker.say(f"kind.{one.record['kind']}"),
        "present": teller.present(one),
        "secrecy": teller.secrecy(one),
        "signals": [] if one.record["kind"] == "signal" else teller.signals(one),
        "tasks": [] if one.record["kind"] == "task" else teller.tasks(one),
        "arrived": _arrived(desk, teller, one),
        "fresh": one.fresh,
        "household": f"/households/{one.place}" if house else "",
        "network": f"/networks/{one.place}",
        "reading": view.address(record=f"{one.record['id']}/reading"),
        "upto": one.latest.seq,
        "worry": worries.shown(teller, one, sent, view.address(record=f"{one.record['id']}/acknowledgements")),
        "next": view.address(record=following.record["id"]) if following else "",
    }
