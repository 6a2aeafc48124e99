"""Views: what a lead looks at in what came in, all of it in the address; what is found for it, and what of that goes into the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from server import access, arrivals, audit, custody, entries, people, readings, records, remarks

if TYPE_CHECKING:
    from litestar import Request

    from server.access import Me, Opened, Pair
    from server.arrivals import Arrival
    from server.db import Tx

PAGE = 50
FILTERS = ("team", "kind", "unread", "shown")


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
    """What was found for a view: everything of these filters, the lines shown, the open one, what its page tells (of an answer what the question
    was about), whom one may ask, how much is new elsewhere or held, what tells them.
    """

    all: list[Arrival]
    lines: list[Arrival]
    open: Arrival | None
    told: Arrival | None
    readers: list[remarks.Reader]
    received: dict[str, int]
    elsewhere: int
    held: tuple[int, int]
    known: dict[str, records.Shown]


def view_of(request: Request[Any, Any, Any], me: Me, record: str) -> View:
    """The view of this address; a filter that means nothing to me filters nothing."""
    asked = {name: str(request.query_params.get(name, "")) for name in FILTERS}
    return View(
        team=asked["team"] if asked["team"] in {hat.team for hat in people.led_by(me)} else "",
        kind=asked["kind"] if asked["kind"] in arrivals.FILTERS else "",
        unread="1" if asked["unread"] == "1" else "",
        shown=min(max(int(asked["shown"]), PAGE), arrivals.RECORDS_MAX) if readings.NUMBER.fullmatch(asked["shown"]) else PAGE,
        record=record if people.ID.fullmatch(record) else "" if not record else "-",
    )


async def find(tx: Tx, me: Me, view: View, at: int) -> tuple[dict[Pair, Opened], Desk]:
    """(what is open to me, what is found for this view)."""
    opened = await access.opened(tx, me.person, at)
    everything = await arrivals.come_in(tx, me, opened, at)
    wanted = arrivals.among(everything, view.team, view.kind)
    lines = [one for one in wanted if one.fresh or not view.unread][: view.shown]
    chosen = arrivals.holding(everything, view.record) if view.record else None
    whole = arrivals.told_of(everything, chosen)
    readers = await remarks.readers_of(tx, whole, me, at) if whole and whole.record["kind"] not in remarks.NONE_OF else []
    told = lines + [one for one in (chosen, whole) if one]
    known = await records.find(tx, me, opened, entries.pointed_at(told))
    elsewhere = sum(one.fresh for one in everything) - sum(one.fresh for one in wanted)
    received = await arrivals.received(tx, told)
    return opened, Desk(wanted, lines, chosen, whole, readers, received, elsewhere, await custody.count(tx, me, at), known)


def log(me: Me, opened: dict[Pair, Opened], desk: Desk, at: int) -> list[dict[str, Any]]:
    """What this page shows, to the log: of the open one each record, of the list how much of each pair; once an hour a session and state."""
    pairs: dict[Pair, list[Arrival]] = {}
    for part in (part for one in desk.lines for part in one.all):
        pairs.setdefault((part.record["subject"], part.record["topic"]), []).append(part)
    listed = [_row(me, opened, parts[0].record, max(part.seq for part in parts), at, object=None, n=len(parts)) for parts in pairs.values()]
    whole = [*desk.told.all, *(said for remark in desk.told.remarks for said in remark.all)] if desk.told else []
    return listed + [_row(me, opened, part.record, part.seq, at, object=part.record["id"], kind=part.record["kind"], n=1) for part in whole]


def _row(me: Me, opened: dict[Pair, Opened], record: records.Shown, seq: int, at: int, **more: Any) -> dict[str, Any]:
    why = opened[record["subject"], record["topic"]]
    key = audit.hourly(at, me.session, record["subject"], record["topic"], more["object"], more["n"], seq)
    about = {"subject": record["subject"], "topic": record["topic"], "ground": why.ground, "source": "page", "result": "ok"}
    return audit.row(me, why.hat, at, "read", id=key, **about, **more)
