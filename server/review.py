"""Review: what came in from the teams that I lead, unread first; a list at the left, the whole of one at the right, and that I have read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from server import arrivals, audit, bodies, db, entries, facts, openings, operations, people, readings, remarks, render, sessions, views, worries
from server.views import FILTERS, PAGE

if TYPE_CHECKING:
    from litestar.datastructures import FormMultiDict

    from server.access import Me
    from server.arrivals import Arrival
    from server.entries import Teller
    from server.views import Desk, View

READINGS_MAX = 500
FORM = {"upto": operations.pattern(readings.NUMBER), "record": {"type": "array", "items": operations.TEXT, "maxItems": READINGS_MAX}}
STEP = operations.form(worries.FORM, 422, required=("op", "step"), query=FILTERS)
REMARK = operations.form(remarks.FORM, 422, required=("op", "what", "upto"), query=FILTERS)
KEYS = (("j ↓", "next"), ("k ↑", "previous"), ("r", "read"), ("v", "say"), ("?", "help"))
READ = {"upto": FORM["upto"], "then": operations.pattern(people.ID)}


@get("/review", operation_class=operations.page(404, query=FILTERS))
async def list_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What came in."""
    return await _page(request, "")


@get("/review/{record:str}", operation_class=operations.page(404, query=FILTERS))
async def record_page(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """One arrival whole, with the list beside it."""
    return await _page(request, record)


@put("/review/{record:str}/reading", operation_class=operations.form(READ, required=("upto",), query=FILTERS))
async def read_one(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """I have read this arrival, as far as it had come when the page was made (`upto`); `then` is what I read next."""
    me = await people.need_lead(request)
    form = await bodies.form(request, *READ)
    then = str(form.get("then", record))
    if "then" in form and not people.ID.fullmatch(then):
        raise bodies.refused(400, "invalid", ("then", "type"))
    if not await readings.mark(me, [record], _upto(form)):
        raise bodies.refused(404, "not_found")
    return await _page(request, then)


@post("/review/readings", status_code=200, operation_class=operations.form(FORM, required=("upto",), query=("open", *FILTERS)))
async def read_many(request: Request[Any, Any, Any]) -> Response[Any]:
    """I have read these arrivals; what is not there or not mine is passed over."""
    me = await people.need_lead(request)
    form = await bodies.form(request, *FORM)
    wanted = [str(one) for one in form.getall("record", [])]
    if len(wanted) > READINGS_MAX:
        raise bodies.refused(413, "too_many", ("record", "too_long"))
    await readings.mark(me, wanted, _upto(form))
    return await _page(request, str(request.query_params.get("open", "")))


@post("/review/{record:str}/acknowledgements", status_code=200, operation_class=STEP)
async def acknowledge(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """I take a worry up, answer it, or settle it."""
    me = await people.need_lead(request)
    sent = worries.sent(await bodies.form(request, *worries.FORM))
    await worries.acknowledge(me, record, sent)
    return await _page(request, record, sent)


@post("/review/{record:str}/remarks", status_code=200, operation_class=REMARK)
async def remark(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """I ask something about it, praise it, or ask to have it mended."""
    me = await people.need_lead(request)
    form = await bodies.form(request, *remarks.FORM)
    return await _page(request, record, await remarks.make(me, record, remarks.sent(form), _upto(form)))


@post("/review/{record:str}/closure", status_code=200, operation_class=operations.form(remarks.CLOSURE, required=("remark",), query=FILTERS))
async def close(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """What I or another lead asked about it is answered."""
    me = await people.need_lead(request)
    said = str((await bodies.form(request, "remark")).get("remark", ""))
    if not people.ID.fullmatch(said):
        raise bodies.refused(400, "invalid", ("remark", "type"))
    await remarks.close(me, record, said)
    return await _page(request, record)


routes = [list_page, record_page, read_one, read_many, acknowledge, remark, close]


def _upto(form: FormMultiDict) -> int:
    upto = str(form.get("upto", ""))
    if not readings.NUMBER.fullmatch(upto):
        raise bodies.refused(400, "invalid", ("upto", "required" if not upto else "type"))
    return int(upto)


async def _page(request: Request[Any, Any, Any], record: str, sent: worries.Sent | remarks.Sent | None = None) -> Response[Any]:
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    view = views.view_of(request, me, record)
    opened, desk = await db.read(lambda tx: views.find(tx, me, view, at))
    if view.record and desk.open is None:
        raise bodies.refused(404, "not_found")
    rows = views.log(me, opened, desk, at)
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    speaker = await sessions.speaker_of(request)
    teller = entries.Teller(speaker, at, desk.known)
    context = {**_frame(me, view, desk, teller), **_lines(view, desk, teller), "open": _open(view, desk, teller, sent)}
    answer = render.page("review.html", speaker, status=422 if sent and sent.wrong else 200, here="review", **context)
    if request.method == "PUT":
        answer.headers["HX-Replace-Url"] = view.address()
    return answer


def _frame(me: Me, view: View, desk: Desk, teller: Teller) -> dict[str, Any]:
    """The filters, and how much is new among what they let through."""
    say, teams = teller.speaker.say, people.led_by(me)
    new = sum(one.fresh for one in desk.all)
    elsewhere = [say("review.elsewhere", n=desk.elsewhere)] if desk.elsewhere else []
    kinds = {"": "review.everything", **{kind: f"review.kind.{kind}" for kind in arrivals.FILTERS}}
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
    here = next((i for i, one in enumerate(desk.lines) if one is desk.open), -1)
    keys = {here + 1: "j", here - 1: "k"} if here >= 0 else {0: "j"}
    return {
        "lines": [_line(view, desk, teller, one) | {"key": keys.get(i, "")} for i, one in enumerate(desk.lines)],
        "keys": [{"key": key, "text": say(f"shortcuts.{name}")} for key, name in KEYS],
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
    late = received - entries.written(one.latest.record) > arrivals.LATE_MS
    return teller.speaker.say("review.arrived", when=teller.speaker.when(received, teller.now)) if late else ""


def _open(view: View, desk: Desk, teller: Teller, sent: Any) -> dict[str, Any] | None:
    one, whole = desk.open, desk.told
    if one is None or whole is None:
        return None
    house, names = desk.known.get(one.place), {key: str(known["fields"].get("name", "")) for key, known in desk.known.items()}
    following = next((other for other in desk.lines if other.fresh and other is not one), None)
    where = [house["fields"].get(name) for name in ("street", "city")] if house else []
    at = {name: view.address(record=f"{one.record['id']}/{name}") for name in ("reading", "acknowledgements", "remarks", "closure")}
    return {
        "id": one.record["id"],
        "place": teller.place(one),
        "where": ", ".join(part for part in where if part),
        "entry": teller.entry(whole),
        "kind": teller.speaker.say(f"kind.{whole.record['kind']}"),
        "present": teller.present(whole),
        "secrecy": teller.secrecy(whole),
        "signals": [] if whole.record["kind"] == "signal" else teller.signals(whole),
        "tasks": [] if whole.record["kind"] == "task" else teller.tasks(whole),
        "arrived": _arrived(desk, teller, whole),
        "also": [fact for part in whole.all for fact in facts.also(teller.speaker, part.record, names, teller.now)],
        "fresh": one.fresh,
        "answered": one.record["kind"] == "response",
        "said": sent is not None,
        "household": f"/households/{one.place}" if house else "",
        "network": f"/networks/{one.place}",
        "reading": at["reading"],
        "upto": one.latest.seq,
        "worry": worries.shown(teller, one, sent if isinstance(sent, worries.Sent) else None, at["acknowledgements"]),
        "remark": remarks.shown(teller, whole, desk.readers, sent if isinstance(sent, remarks.Sent) else None, at),
        "then": following.record["id"] if following else "",
        "next": view.address(record=following.record["id"]) if following else "",
    }
