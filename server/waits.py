"""Waits: how long it took from a signal about somebody to the first contact with them, and to the first help, in working days.

When something happened two clocks tell, and a phone's may be wrong. The stamp of its first write counts, but never after the office received it, and
never before the office had last heard of that device: what was written by then came along then. So of a clock that is a day ahead the receipt counts,
of one that is a day behind the delivery before, and what was written without signal keeps its own hour. What is told of somebody before the signal
about them is no answer to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, db
from sync import merge, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Opened, Pair
    from server.db import Tx
    from server.records import Shown

# What a team promises when it agreed on nothing else: so many working days to the first contact, and to the first help.
CONTACT_DAYS, HELP_DAYS = 2, 10
WINDOW_DAYS = 90
DAY_MS = 24 * 60 * 60 * 1000
RECORDS_MAX = 5000
SATURDAY = 5
# What may come after a signal.
MET = ("contact", "visit", "completion")


@dataclass(frozen=True, slots=True)
class Norm:
    """How many working days a team takes at most."""

    contact: int = CONTACT_DAYS
    help: int = HELP_DAYS


@dataclass(frozen=True, slots=True)
class Wait:
    """A signal about somebody, when it was, and when contact and help first followed; None: not yet."""

    signal: Shown
    home: str
    at: int
    contact: int | None
    help: int | None

    def days(self, until: int | None, now: int) -> int:
        """Working days from the signal until then, or until now."""
        return working_days(access.day_of(self.at), access.day_of(until or now))

    def late(self, norm: Norm, now: int) -> list[str]:
        """What is, or came, later than the norm: contact, help."""
        return [name for name in ("contact", "help") if self.days(getattr(self, name), now) > getattr(norm, name)]


def working_days(first: str, last: str) -> int:
    """How many days from Monday to Friday come after the first day, up to and including the last."""
    days, day = 0, first
    while day < last:
        day = rules.day_add(day, 1)
        days += rules.weekday(day) < SATURDAY
    return days


def middle(numbers: Iterable[int]) -> int | None:
    """The median; of two in the middle the longer, for who waited is not rounded away; None of nothing."""
    ordered = sorted(numbers)
    return ordered[len(ordered) // 2] if ordered else None


async def norms(tx: Tx, teams: Iterable[str]) -> dict[str, Norm]:
    """Team -> what it agreed on."""
    rows = await tx.all(f"SELECT id, contact_days, help_days FROM team WHERE {db.among('id', 1)}", sorted(teams))  # noqa: S608  our own SQL
    return {team: Norm(contact or CONTACT_DAYS, helped or HELP_DAYS) for team, contact, helped in rows}


async def find(tx: Tx, opened: dict[Pair, Opened], homes: dict[str, str], now: int) -> list[Wait]:
    """Every wait of the last ninety days, longest ago first; `homes`: resident -> household, of those who are asked about."""
    signals = await read(tx, opened, {f"resident:{one}" for one in homes}, ("signal",))
    about = {_home(homes, one) for one in signals}
    whom = {f"household:{home}" for home in about} | {f"resident:{one}" for one, home in homes.items() if home in about}
    bodies = signals + await read(tx, opened, whom, MET)
    at = await happened(tx, bodies)
    met: dict[str, list[tuple[int, Shown]]] = {}
    for record in map(merge.shown, bodies):
        met.setdefault(_home(homes, record), []).append((at[record["id"]], record))
    waits = [_wait(home, when, one, all_) for home, all_ in met.items() for when, one in all_ if one["kind"] == "signal"]
    return sorted((one for one in waits if one.at > now - WINDOW_DAYS * DAY_MS), key=lambda one: one.at)


async def read(tx: Tx, opened: dict[Pair, Opened], subjects: set[str], kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """The records of these kinds about these subjects that are open, the newest of them when there are many."""
    rows = await tx.all(
        f"SELECT subject, topic, first, body FROM record WHERE {db.among('subject', 1)} AND {db.among('kind', 2)}"  # noqa: S608  our own SQL
        " ORDER BY seq DESC LIMIT $3",
        *(sorted(subjects), list(kinds), RECORDS_MAX),
    )
    return [msgspec.json.decode(body) for subject, topic, first, body in rows if access.opens(opened, (subject, topic), first)]


async def happened(tx: Tx, bodies: list[dict[str, Any]]) -> dict[str, int]:
    """Record -> when it was first written, in ms, by the rule above."""
    first = {_made(body): body for body in bodies}
    before = "SELECT p.received_at FROM change p WHERE p.device = c.device AND p.n < c.n AND p.received_at < c.received_at ORDER BY p.n DESC LIMIT 1"
    rows = await tx.all(f"SELECT c.id, c.received_at, ({before}) FROM change c WHERE {db.among('c.id', 1)}", sorted(first))  # noqa: S608  our own SQL
    bounds = {change: (heard or 0, received) for change, received, heard in rows}
    found = {}
    for change, body in first.items():
        stamped = int(merge.shown(body)["at"])
        heard, received = bounds.get(change, (0, stamped))
        found[body["id"]] = min(max(stamped, heard), received)
    return found


def _made(body: dict[str, Any]) -> str:
    """The change that made a record."""
    return str(min(body["writes"], key=lambda change: int(body["writes"][change]["version"])))


def _home(homes: dict[str, str], record: Shown) -> str:
    noun, _, key = record["subject"].partition(":")
    return homes[key] if noun == "resident" else str(key)


def _wait(home: str, at: int, signal: Shown, met: list[tuple[int, Shown]]) -> Wait:
    who = signal["subject"].removeprefix("resident:")
    after = [(when, one) for when, one in met if when >= at and _about(one, who)]
    helped = [when for when, one in after if _helps(one)]
    spoken = [when for when, one in after if one["kind"] == "contact" and one["id"] != signal["fields"].get("contact")]
    return Wait(signal, home, at, min([*spoken, *helped], default=None), min(helped, default=None))


def _about(one: Shown, who: str) -> bool:
    """Whether it is about this resident, or about the household as a whole."""
    return bool(one["subject"] == f"resident:{who}" or (one["subject"].startswith("household:") and one["fields"].get("resident") in {None, who}))


def _helps(one: Shown) -> bool:
    """Whether somebody was there, or a task was done."""
    fields = one["fields"]
    done = fields.get("outcome", "done") == "done" and not fields.get("undone")
    return one["kind"] in {"visit", "completion"} and done
