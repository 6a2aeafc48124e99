"""What a bench prints: one row a figure, with what was wanted beside what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured; `goal` is the most it may be (None: only told), `digits` how it is written."""

    what: str
    measured: float
    unit: str = ""
    goal: float | None = None
    digits: int = 0
    least: bool = False

    @property
    def fine(self) -> bool | None:
        """Whether the goal is met, or None when there is none."""
        if self.goal is None:
            return None
        return self.measured >= self.goal if self.least else self.measured <= self.goal

    def cells(self) -> tuple[str, str, str, str]:
        """The row as texts: what, goal, measured, verdict."""
        goal = "" if self.goal is None else f"{'>=' if self.least else '<='} {self._number(self.goal)}"
        return self.what, goal, self._number(self.measured), {None: "", True: "ok", False: "not yet"}[self.fine]

    def _number(self, value: float) -> str:
        return f"{value:,.{self.digits}f} {self.unit}".rstrip()


def show(title: str, figures: Iterable[Figure]) -> None:
    """Prints the rows under a title, in columns."""
    rows = [("", "goal", "measured", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    print(f"\n{title}")
    for row in rows:
        print("  " + f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip(), flush=True)


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return share(values, 0.5)


def share(values: Iterable[float], part: float) -> float:
    """The value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
