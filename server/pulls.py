"""Pulls: which records a phone has not seen, at what cost however many are stored; a page at a time, never past one that is still to come."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server import access, changes, db
from sync import rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx

PAGE = 500
SCAN_MAX = 2000
FIRST = re.compile(r"first-([0-9]{1,18})-([0-9]{1,18})")
PLACE = re.compile(r"[0-9]{1,18}")
ALWAYS = [name for name, kind in changes.KINDS["kinds"].items() if kind.get("first") is True]
# The edition of sync/kinds.json in which a kind came: an app that does not know it yet gets none of it, and asks for all once it does.
SINCE = {name: kind.get("since", 1) for name, kind in changes.KINDS["kinds"].items()}
FOUND = "r.id, r.subject, r.topic, r.seq, r.author, r.first"

Row = tuple[str, str, str, int, str, int]


@dataclass(slots=True)
class Place:
    """Where a phone's pull goes on: after this number; while the first pull's pages last, up to the number at which it began."""

    after: int
    upto: int | None

    @property
    def first(self) -> bool:
        """Whether only what a phone needs before history is due."""
        return self.upto is not None


def unknown(knows: int) -> list[str]:
    """The kinds that an app of this edition does not know."""
    return [name for name, since_ in SINCE.items() if since_ > knows]


def known(n: int, strange: list[str]) -> str:
    """SQL: of a record `r`, that its kind is none of those given as argument n; nothing when there are none."""
    return f" AND NOT {db.among('r.kind', n)}" if strange else ""


def place_of(cursor: str | None, newest: int) -> Place:
    """Where a cursor points; without one, the beginning of a first pull up to the newest number."""
    if cursor is None:
        return Place(0, newest)
    page = FIRST.fullmatch(cursor)
    # A cursor beyond our newest number is none of ours: it starts anew rather than skip.
    if page:
        return Place(int(page[1]), int(page[2])) if int(page[2]) <= newest else Place(0, newest)
    return Place(int(cursor), None) if int(cursor) <= newest else Place(0, newest)


async def since(tx: Tx, me: Me, opened: dict[Pair, Opened], place: Place, newest: int, strange: list[str]) -> list[Row]:
    """What changed after this place and is open to me or mine, oldest first; a short way is walked, over a long one each pair is asked.

    `strange`: kinds that the app does not know, of which nothing is given.
    """
    more = [strange] if strange else []
    if newest - place.after <= SCAN_MAX:
        short = f"SELECT {FOUND} FROM record r WHERE r.seq > $1 AND r.seq <= $2{known(3, strange)} ORDER BY r.seq"  # noqa: S608  our own SQL
        rows = await tx.all(short, place.after, newest, *more)
        return [row for row in rows if row[4] == me.person or access.opens(opened, (row[1], row[2]), row[5])]
    in_order = "ORDER BY r.seq LIMIT $3"
    of = db.of_pairs(1, f"r.seq > $2{known(4, strange)}")
    by_pair = await tx.all(f"SELECT {FOUND} FROM {of} {in_order}", _pairs(opened), place.after, PAGE + 1, *more)  # noqa: S608  our own SQL
    mine = f"SELECT {FOUND} FROM record r WHERE r.author = $1 AND r.seq > $2{known(4, strange)} {in_order}"  # noqa: S608  our own SQL
    own = await tx.all(mine, me.person, place.after, PAGE + 1, *more)
    return _in_order([*by_pair, *own])


async def first(tx: Tx, me: Me, opened: dict[Pair, Opened], place: Place, at: int, strange: list[str]) -> list[Row]:
    """What a phone needs before any history, and what I wrote where nothing is open to me any more."""
    within, in_order = "r.seq > $3 AND r.seq <= $4", "ORDER BY r.seq LIMIT $5"
    pairs, limits = _pairs(opened), (place.after, place.upto, PAGE + 1)
    of = db.of_pairs(1, f"{db.among('r.kind', 2)} AND {within}")
    always = await tx.all(f"SELECT {FOUND} FROM {of} {in_order}", pairs, [kind for kind in ALWAYS if kind not in strange], *limits)  # noqa: S608
    of, yesterday = db.of_pairs(1, f"r.day >= $2 AND {within}{known(6, strange)}"), rules.day_add(access.day_of(at), -1)
    more = [strange] if strange else []
    recent = await tx.all(f"SELECT {FOUND} FROM {of} {in_order}", pairs, yesterday, *limits, *more)  # noqa: S608  our own SQL
    mine = await tx.all("SELECT DISTINCT subject, topic FROM record WHERE author = $1", me.person)
    closed = [[*pair, 0] for pair in mine if pair not in opened or opened[pair].after]
    of = db.of_pairs(1, f"r.author = $2 AND {within}{known(6, strange)}")
    own = await tx.all(f"SELECT {FOUND} FROM {of} {in_order}", closed, me.person, *limits, *more) if closed else []  # noqa: S608  our own SQL
    return _in_order([*always, *recent, *own])


def _pairs(opened: dict[Pair, Opened]) -> list[list[str | int]]:
    return [[*pair, why.after] for pair, why in opened.items()]


def _in_order(rows: Iterable[Any]) -> list[Row]:
    return sorted({row[0]: row for row in rows}.values(), key=lambda row: row[3])[: PAGE + 1]
