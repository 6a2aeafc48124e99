"""`python -m tests.bench phone`: the app's size, start and memory, and its sync beside PouchDB, the encrypted floor and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench import app, harness
from tests.bench.harness import CRYPT, OTHERS, OURS, PLAIN, POUCH, Runs
from tests.bench.table import Figure, show

KB = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """How much to measure: once each, or several times; beside PouchDB, or beside all."""

    quick: bool
    everybody: bool

    @property
    def others(self) -> list[str]:
        """The adapters beside ours and the floors."""
        return [POUCH, *OTHERS] if self.everybody else [POUCH]


def run(parts: list[str], wish: Wish) -> None:
    """Measures the parts one after another, each with its table; counts that differ end it."""
    for part in parts:
        PARTS[part](wish)


def sizes(_: Wish) -> None:
    """The first load of the whole app, with all that its service worker fetches ahead."""
    found = app.sizes()
    show("First load of the whole app", [
        Figure("requests", found["requests"], goal=12),
        Figure("packed", found["kb"], "KB", 100, 1),
        Figure("with headers", found["kb_sent"], "KB", digits=1),
    ])  # fmt: skip


def start(wish: Wish) -> None:
    """An offline cold start and a visit written there."""
    found = app.starts(2 if wish.quick else 5)
    show("Offline cold start, 10,000 notes on the phone, a quarter of the speed", [
        Figure("lock screen drawn", found["lock"], "ms"),
        Figure("from the key to today's list drawn", found["list"], "ms"),
        Figure("both", found["start"], "ms", 600),
        Figure("... in the very moment that the browser itself starts", found["at_once"], "ms"),
        Figure("a visit with a note: from the tap until it is on disk", found["save"], "ms", 50),
        Figure("... and until the next page is drawn", found["saved_and_shown"], "ms"),
        Figure("JavaScript heap", found["heap"], "MB", 60, 1),
    ])  # fmt: skip


def peers(wish: Wish) -> None:
    """Pulls and pushes on a fast line: everything sealed, and the real office behind it."""
    runs = _checked(harness.run([PLAIN, CRYPT, OURS, *wish.others], ["1k", "10k", "crash"], 1 if wish.quick else 3))
    show("Beside the others, on a fast line (milliseconds; x: ours over theirs)", [*_ours(runs), *_ratios(runs, wish.others)])


def line(wish: Wish) -> None:
    """A 3G line and a processor at a quarter of its speed."""
    others = wish.others if wish.everybody else []
    runs = _checked(harness.run([PLAIN, OURS, *others], ["10k", "today"], 1 if wish.quick else 2, link="3g", cpu=app.SLOWER))
    found = app.slow_line()
    whole, floor = runs.ms(OURS, "pull_10k") or 0, runs.ms(PLAIN, "pull_10k") or 1
    show("On a 3G line, a quarter of the speed", [
        Figure("the whole pull of 10,000", whole / KB, "s", digits=1),
        Figure("the plain floor's", floor / KB, "s", digits=1),
        Figure("ours over the floor's", whole / floor, "x", 1.1, 2),
        *(Figure(f"{other}'s", (runs.ms(other, "pull_10k") or 0) / KB, "s", digits=1) for other in others),
        Figure("what today needs is on the phone", (runs.ms(OURS, "today") or 0) / KB, "s", digits=1),
        Figure("in the app: from signing in to today's visits drawn", found["today"] / KB, "s", 3, 1),
    ])  # fmt: skip


PARTS: dict[str, Callable[[Wish], None]] = {"sizes": sizes, "start": start, "peers": peers, "line": line}


def _ours(runs: Runs) -> Iterator[Figure]:
    for what, operation in (("pull of 1,000", "pull_1k"), ("pull of 10,000", "pull_10k"), ("push of 1,000", "push_1000")):
        yield Figure(f"first {what}" if "pull" in what else what, runs.ms(OURS, operation) or 0, "ms")
    yield Figure("newest 50 of one resident, first time", runs.ms(OURS, "read50_first_10k") or 0, "ms", digits=1)
    yield Figure("a note recorded offline", (runs.ms(OURS, "record_100") or 0) / 100, "ms", digits=1)
    yield Figure("nothing new: requests", runs.net(OURS, "nochange_10k", "requests"), goal=1)
    yield Figure("nothing new: up, with headers", runs.net(OURS, "nochange_10k", "upRaw", "headUp") / 1024, "KB", 1, 2)
    yield Figure("nothing new: down, with headers", runs.net(OURS, "nochange_10k", "downRaw", "headDown") / 1024, "KB", 1, 2)
    yield Figure("killed half-way: fetched twice", 100 * max(0.0, *(one["twiceShare"] for one in runs.of(OURS, "crash_resume"))), "%", 20, 1)


def _ratios(runs: Runs, others: list[str]) -> Iterator[Figure]:
    for adapter in (PLAIN, CRYPT, *others):
        yield from _ratio(runs, adapter, "first pull of 1,000", "pull_1k", None)
        yield from _ratio(runs, adapter, "first pull of 10,000", "pull_10k", 1.0)
        yield from _ratio(runs, adapter, "push of 1,000", "push_1000", 0.5 if adapter == POUCH else None)
        yield from _ratio(runs, adapter, "newest 50 of one resident", "read50_first_10k", None)


def _ratio(runs: Runs, adapter: str, what: str, operation: str, goal: float | None) -> Iterator[Figure]:
    ours, theirs = runs.ms(OURS, operation), runs.ms(adapter, operation)
    if ours is not None and theirs:
        yield Figure(f"{what}, over {adapter} ({theirs:,.0f} ms)", ours / theirs, "x", goal, 2)


def _checked(runs: Runs) -> Runs:
    wrong = runs.wrong()
    if wrong:
        raise RuntimeError("\n".join(wrong))
    return runs
