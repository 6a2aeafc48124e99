"""Reckoning: whether what a resident likes and what a volunteer offers fit together, and whom to propose first; pure, in metres as the crow flies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

# How far somebody goes: in their street, in the neighbourhood, or further on foot or by bicycle. Who did not say goes about the neighbourhood.
REACH = {"street": 300, "neighbourhood": 1500, "further": 5000}
USUAL = "neighbourhood"
# No nearer than this is told of anybody: what is rounded finer would point at a door.
STEP = 100

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody likes to do, on which weekdays (none: any), how far, and from where (x, y in metres; None: nobody knows where)."""

    likes: tuple[str, ...]
    weekdays: tuple[int, ...]
    near: str | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Fit:
    """What two wishes have in common, and how far apart they are, rounded."""

    likes: tuple[str, ...]
    weekdays: tuple[int, ...]
    metres: int


def wish(fields: Mapping[str, object], place: Place | None) -> Wish:
    """The wish that an interest or an offer tells of."""
    likes, days, near = (fields.get(name) for name in ("likes", "weekdays", "near"))
    return Wish(tuple(likes) if isinstance(likes, list) else (), tuple(days) if isinstance(days, list) else (), str(near) if near else None, place)


def fit(one: Wish, other: Wish) -> Fit | None:
    """What they have in common: at least one thing they like and one weekday, not further than either goes; None when that is not so."""
    if one.place is None or other.place is None:
        return None
    metres = math.dist(one.place, other.place)
    likes = tuple(like for like in one.likes if like in other.likes)
    days = tuple(day for day in one.weekdays if day in other.weekdays) if one.weekdays and other.weekdays else one.weekdays or other.weekdays
    no_day = bool(one.weekdays and other.weekdays and not days)
    if not likes or no_day or metres > min(REACH[near or USUAL] for near in (one.near, other.near)):
        return None
    return Fit(likes, days, rounded(metres))


def rounded(metres: float) -> int:
    """So many metres as may be told."""
    return max(STEP, int(metres / STEP + 0.5) * STEP)


def in_turn(fits: Mapping[str, Fit], asked: Mapping[str, int], whose: Mapping[str, str]) -> list[str]:
    """Offers by id, the nearest first, then those of whoever was asked least (`asked`: person -> times, `whose`: offer -> person)."""
    return sorted(fits, key=lambda offer: (fits[offer].metres, asked.get(whose[offer], 0), offer))
