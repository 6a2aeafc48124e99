"""Quarters: the parts of a year by which a lead looks back, as server/weeks.py has its weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync import rules

if TYPE_CHECKING:
    from server.i18n import Speaker

# How many are looked back upon.
LAST = 4


def of(day: str) -> str:
    """'2026-Q4': the quarter of a day."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def latest(day: str, n: int = LAST) -> list[str]:
    """The names of the last n quarters, this day's own the last."""
    name = of(day)
    counted = [int(name[:4]) * 4 + int(name[-1]) - 1 - back for back in reversed(range(n))]
    return [f"{one // 4}-Q{one % 4 + 1}" for one in counted]


def edges(quarter: str) -> tuple[str, str]:
    """The first and last day of a quarter."""
    year, month = int(quarter[:4]), int(quarter[-1]) * 3 - 2
    after = f"{year + 1}-01-01" if month == 10 else f"{year}-{month + 3:02}-01"  # noqa: PLR2004 - October begins the last quarter
    return f"{year}-{month:02}-01", rules.day_add(after, -1)


def named(speaker: Speaker, quarter: str) -> str:
    """'4e kwartaal 2026'."""
    return speaker.say("carriers.quarter", quarter=quarter[-1], year=quarter[:4])
