"""`python -m tests.bench consent`: what a consent costs the office when it changes, and a phone when it loses what it had been opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench import losing
from tests.bench.office import FLAT, database, measured_by
from tests.bench.table import Figure, show

PARTS = ["office", "phone"]
AS_A_NOTE, RAW, ENTITLED_MS, ERASED_MS = 5.0, 3.0, 1.0, 300.0


def run(parts: list[str], engines: list[str], *, quick: bool) -> None:
    """Prints a table for each engine, and one for the phone."""
    for engine in engines if "office" in parts else ():
        with database(engine) as address:
            measured = measured_by("tests.bench.withdrawals", address, quick=quick)
        show(f"Consent on {engine}, among 10,000 people", _figures(measured, engine))
    if "phone" in parts:
        lost = losing.lost(1 if quick else 3)
        show("A phone that loses a household of 2,000 records, a quarter of the speed", [
            Figure("what is gone from the disk", lost["kb"], "KB"),
            Figure("requests that bring the message", lost["requests"], goal=1),
            Figure("from the answer until it is gone from the disk", lost["ms"], "ms", ERASED_MS),
        ])  # fmt: skip


def _figures(measured: dict[str, Any], engine: str) -> Iterator[Figure]:
    sizes, covered = {int(size): each for size, each in measured["sizes"].items()}, measured["covered"]
    yield Figure("a note", covered["note"], "ms", digits=2)
    yield Figure("a withdrawal over 10,000 records", covered["withdrawal"], "ms", digits=2)
    yield Figure("  over the note", covered["withdrawal"] / covered["note"], "x", AS_A_NOTE, 2)
    for size, each in sizes.items():
        yield Figure(f"what is open to somebody ({each['pairs']} pairs), at {size:,} records", each["entitled"], "ms", *_goal(engine), digits=2)
        yield Figure("  over its bare statements", each["entitled"] / each["statements"], "x", RAW, 2)
    for what, name in (("withdrawal", "a withdrawal"), ("entitled", "what is open to somebody"), ("pull", "a pull of 10 new")):
        for size, each in sizes.items():
            yield Figure(f"{name}, at {size:,} records", each[what], "ms", digits=2)
        yield Figure("  at most over at fewest", sizes[max(sizes)][what] / sizes[min(sizes)][what], "x", FLAT, 2)


def _goal(engine: str) -> tuple[float | None]:
    return (ENTITLED_MS if engine == "sqlite" else None,)
