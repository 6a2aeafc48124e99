"""The inbox of held work in words: who wrote what, when, why it is held, and what may be done with it. What a lead may not read is not told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server import access, audit, custody, db, entries, records, render, sessions
from server.arrivals import Arrival
from server.changes import KINDS
from server.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar import Request, Response

    from server.access import Me, Opened, Pair
    from server.custody import Bundle, Decided, Held
    from server.db import Tx
    from server.entries import Teller

PAGE = 50
LATE_MS = 15 * 60 * 1000
# What an entry of the timeline can tell, and the two whose parts it tells with them.
# Of a task that somebody else is to do, an entry tells too little.
TASK = frozenset({"what", "resident", "due", "time", "team", "owner", "visit"})
TOLD = {"visit", "note", "measurement", "task", "completion", "contact", "signal"}
WHOLE = {"visit", "contact"}


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a decision, for the line above the list; `typed` is given back when another decision came before."""

    what: str
    touched: int
    refused: list[str]
    left: int
    before: Decided | None
    typed: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A form that could not be taken: of which change, for which decision, with what was typed and why not."""

    change: str
    what: str
    typed: str
    why: str


@dataclass(slots=True)
class Found:
    """Everything that the page tells, with what it is told by: id -> record, id -> name, resident -> household."""

    all: list[Bundle]
    opened: dict[Pair, Opened]
    known: dict[str, records.Shown] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)


async def page(
    request: Request[Any, Any, Any], me: Me, *, said: Said | None = None, trouble: Trouble | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    """The inbox as it is now; what of it is shown goes into the log first."""
    at = sessions.now()
    found = await db.read(lambda tx: _found(tx, me, at))
    wait, kept = ([one for one in found.all if one.kept is kept] for kept in (False, True))
    shown, aside = wait[:PAGE], kept[:PAGE]
    rows = [_row(me, one, at) for bundle in shown + aside for one in bundle.all]
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    speaker = await sessions.speaker_of(request)
    teller = entries.Teller(speaker, at, found.known)
    cards = [(one, _card(teller, found, one, trouble)) for one in shown]
    left = len(wait) + len(kept) - len(shown) - len(aside)
    context = {
        "count": speaker.say("held.count", n=len(wait)) if wait else "",
        "groups": _groups(teller, found, cards),
        "kept": [_card(teller, found, one, trouble) for one in aside],
        "more": speaker.say("held.more", n=left) if left else "",
        "notice": _notice(teller, said) if said else None,
    }
    return render.page("held.html", speaker, status=status, here="held", **context)


async def _found(tx: Tx, me: Me, at: int) -> Found:
    opened = await access.opened(tx, me.person, at)
    found = Found(await custody.bundles(tx, me, opened, at), opened)
    every = [one for bundle in found.all for one in bundle.all]
    residents = sorted({one.change["subject"].removeprefix("resident:") for one in every if (one.change["subject"], "practical") in opened})
    found.homes = dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", residents))  # noqa: S608  our own SQL
    arrivals = [one for bundle in found.all for one in _arrivals(found, bundle)]
    pointed = {value for one in every for fields in [one.change["fields"]] for value in _ids(one.change["kind"], fields)}
    found.known = await records.find(tx, me, opened, entries.pointed_at(arrivals) | pointed | {_place(found, one) for one in every})
    found.names = await _names(tx, pointed) | {key: name for key, one in found.known.items() if (name := _name(one))}
    return found


def _name(record: records.Shown) -> str:
    fields = record["fields"]
    return str(fields.get("name") or (record["kind"] != "remark" and fields.get("what")) or fields.get("text") or "")


def _ids(kind: str, fields: dict[str, Any]) -> Iterable[str]:
    known = KINDS["kinds"][kind]["fields"]
    for name, value in fields.items():
        if known[name]["type"] == "id" and value:
            yield value
        elif known[name]["type"] == "ids":
            yield from value or []


async def _names(tx: Tx, ids: set[str]) -> dict[str, str]:
    """Who-is-who: the names of people, teams and organisations among these."""
    sql = " UNION ".join(f"SELECT id, name FROM {table} WHERE {db.among('id', 1)}" for table in ("person", "team", "organisation"))  # noqa: S608
    return dict(await tx.all(sql, sorted(ids)))


def _place(found: Found, one: Held) -> str:
    kind, _, key = one.change["subject"].partition(":")
    return found.homes.get(key, "") if kind == "resident" else key


def _groups(teller: Teller, found: Found, cards: list[tuple[Bundle, dict[str, Any]]]) -> list[dict[str, Any]]:
    """By household where that may be shown, and everything else together; in the order of what waits longest."""
    groups: dict[str, dict[str, Any]] = {}
    for bundle, card in cards:
        house = teller.known.get(_place(found, bundle.head))
        team = bundle.head.change["subject"].startswith("team:")
        name = house["fields"].get("name") if house else bundle.head.hat.team_name if team else None
        groups.setdefault(str(name or ""), {"place": name or teller.speaker.say("held.elsewhere"), "cards": []})["cards"].append(card)
    return list(groups.values())


def _card(teller: Teller, found: Found, bundle: Bundle, trouble: Trouble | None) -> dict[str, Any]:
    head, say = bundle.head, teller.speaker.say
    mine = trouble if trouble and trouble.change in {one.id for one in bundle.all} else None
    hidden = [one for one in bundle.all if not one.readable]
    takes = bundle.takes
    return {
        "id": head.id,
        "upto": bundle.last,
        "name": head.name,
        "role": say(f"role.{head.role}"),
        "tone": entries.TONES.get(head.role, "plain"),
        "kind": say(f"kind.{head.change['kind']}"),
        "when": _when(teller, head),
        "entries": [_entry(teller, one) for one in _arrivals(found, bundle)],
        "facts": [_facts(teller, found, bundle, one) for one in bundle.all if one.readable and not _told(one)],
        "hidden": say("held.hidden", n=len(hidden)) if hidden else "",
        "reasons": list(dict.fromkeys(say(f"held.reason.{one.reason}", name=one.name) for one in bundle.all)),
        "takes": bool(takes),
        "not_taken": say("held.not_taken" if not takes else "held.partly", n=len(bundle.all) - len(takes)) if len(takes) < len(bundle.all) else "",
        "gone": say("held.gone", name=head.name) if head.gone else "",
        "kept": _kept(teller, bundle) if bundle.kept else None,
        "open": mine.what if mine else "",
        "typed": mine.typed if mine else "",
        "errors": [{"field": f"{mine.what}-{head.id}", "message": say(f"held.wrong.{mine.what}" if mine.why == "required" else f"why.{mine.why}")}]
        if mine
        else [],
    }


def _when(teller: Teller, head: Held) -> str:
    """'geschreven gisteren 10:00 · binnen vandaag 09:00', the second only when that was well after."""
    written, late = head.written_at, head.received_at - head.written_at > LATE_MS
    said = teller.speaker.say("waiting.written", when=teller.speaker.when(written, teller.now))
    return f"{said} · {teller.speaker.say('review.arrived', when=teller.speaker.when(head.received_at, teller.now))}" if late else said


def _kept(teller: Teller, bundle: Bundle) -> dict[str, str] | None:
    decided = bundle.head.decided
    return {"why": decided.text, "by": _by(teller, decided)} if decided else None


def _by(teller: Teller, decided: Decided) -> str:
    return f"{decided.name}, {teller.speaker.when(decided.at, teller.now)}"


def _told(one: Held) -> bool:
    """Whether an entry can tell it: it has what its kind would be nothing without."""
    kind, fields = one.change["kind"], one.change["fields"]
    beyond = kind == "task" and not TASK.issuperset(fields)
    return kind in TOLD and not beyond and all(fields.get(name) is not None for name in KINDS["kinds"][kind]["required"])


def _arrivals(found: Found, bundle: Bundle) -> list[Arrival]:
    """What of it an entry can tell: a visit or contact with its parts as one, everything else by itself."""
    single = [_arrival(found, one) for one in bundle.all if one.readable and _told(one)]
    whole = next((one for one in single if one.record["kind"] in WHOLE and one.record["id"] == bundle.head.change["record"]), None)
    if whole is None:
        return single
    whole.parts = [one for one in single if one is not whole]
    return [whole]


def _arrival(found: Found, one: Held) -> Arrival:
    opened = found.opened.get(one.pair) or access.Opened(None, one.hat, "custody")
    return Arrival(custody.shown(one), one.id, one.written_at, one.seq, one.hat.team, _place(found, one), unread=False, opened=opened)


def _entry(teller: Teller, one: Arrival) -> dict[str, Any]:
    whole = one.record["kind"] in WHOLE
    return {
        **teller.entry(one),
        "present": teller.present(one) if whole else "",
        "secrecy": teller.secrecy(one),
        "signals": teller.signals(one) if whole else [],
        "tasks": teller.tasks(one) if whole else [],
    }


def _facts(teller: Teller, found: Found, bundle: Bundle, one: Held) -> dict[str, Any]:
    """Its fields in words, under a title where the card's own does not say it all."""
    change = one.change
    kind = teller.speaker.say(f"kind.{change['kind']}")
    about = found.names.get(change["record"], "")
    said = facts(teller.speaker, change["kind"], change["fields"], found.names, teller.now)
    secrecy = entries.secrecy(teller.speaker, {change["topic"], *change["fields"].get("topics", [])})
    title = "" if one is bundle.head and not about else " · ".join(part for part in (kind, about) if part)
    return {"title": title, "facts": said, "secrecy": secrecy}


def _notice(teller: Teller, said: Said) -> dict[str, Any]:
    """What happened, what did not and why; when it had been decided before, what that was."""
    say = teller.speaker.say
    if not said.touched and not said.refused:
        before = said.before
        lines = [say(f"held.before.{before.what}", who=_by(teller, before))] if before else [say("held.nothing")]
        return {"tone": "ochre", "lines": lines, "typed": said.typed}
    lines = [say(f"held.done.{said.what}", n=said.touched)] if said.touched else []
    lines += [say("held.back", n=len(said.refused)), *dict.fromkeys(say(f"reason.{why}") for why in said.refused)] if said.refused else []
    lines += [say("held.left", n=said.left)] if said.left else []
    return {"tone": "ochre" if said.refused or said.left else "moss", "lines": lines, "typed": ""}


def _row(me: Me, one: Held, at: int) -> dict[str, Any]:
    """What this page shows of one change, to the log once an hour a session and state."""
    change, key = one.change, audit.hourly(at, me.session, one.id, one.last, one.readable)
    about = {"subject": change["subject"], "topic": change["topic"], "kind": change["kind"], "object": change["record"], "n": 1}
    more = {"id": key, "responsible": one.person, "ground": "custody", "source": "page", "result": "ok" if one.readable else "withheld"}
    return audit.row(me, one.hat, at, "read", **about, **more)
