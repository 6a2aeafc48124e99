"""Thousands of seeded histories of several phones against the real office: `python -m tests.simulate --histories N --seed S`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.sim_phones import Node

STEPS = 60
FRESH_EVERY, TELL_EVERY = 100, 500
# Answers are cut off at a chance place of their length, so the office's numbers have as many digits whatever came before.
NUMBERS_FROM = 10**9
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
KINDS = ("lost", "leaked", "diverged", "unsent_purged")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of this run alone
TRACE_LINES = 400
# Almost everything a history makes is gone by its end: Python need not look for circles more often.
RUBBISH = (100_000, 20, 50)
say = print


class Outcome(NamedTuple):
    """How one history ended: its last state in one word, or what went wrong and how it came to that."""

    seed: int
    state: str
    wrong: str
    trace: list[str]


class Clock:
    """The office's clock, in the seed's hands."""

    at = 0

    def __call__(self) -> int:
        return self.at


async def play(seed: int, node: Node, steps: int = STEPS) -> Outcome:
    """One history from its beginning to its end, in whatever database is open."""
    from server import sessions  # noqa: PLC0415 - the settings are read with the first module
    from tests.sim_history import History  # noqa: PLC0415 - as above
    from tests.sim_world import Wrong  # noqa: PLC0415 - as above

    clock, before = Clock(), sessions.now
    sessions.now = clock
    history = History(seed, node, clock)
    try:
        return Outcome(seed, await history.play(steps), "", [])
    except Wrong as wrong:
        return Outcome(seed, "", wrong.kind, [*history.world.trace, f"seed {seed}, step {history.step}: {wrong}"])
    finally:
        sessions.now = before


def main() -> int:
    """0 when nothing was lost, leaked, diverged or purged."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--also", type=int, default=0, help="so many of the first on the other engine too, where they must end the same")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the seeds; the outcome is the same for any number")
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.histories)
    if asked.share is not None:
        asyncio.run(played(seeds[asked.share :: asked.jobs], asked.steps))
        return 0
    outcomes = together(seeds, asked.steps, asked.jobs, asked.engine)
    also = together(seeds[: asked.also], asked.steps, asked.jobs, OTHER[asked.engine]) if asked.also else []
    say(_end(asked.engine, outcomes))
    if also:
        say(_end(asked.engine, outcomes[: len(also)]))
        say(_end(OTHER[asked.engine], also))
    found = Counter(one.wrong for one in [*outcomes, *also] if one.wrong)
    say(last_line(asked.histories, asked.histories * asked.steps, found))
    return 1 if found or also != outcomes[: len(also)] else 0


def _end(engine: str, outcomes: list[Outcome]) -> str:
    states = hashlib.sha256("".join(one.state for one in outcomes).encode())
    return f"seeds {outcomes[0].seed} to {outcomes[-1].seed} end in state {states.hexdigest()[:16]} on {engine}"


def last_line(histories: int, steps: int, found: Counter[str]) -> str:
    return " ".join([f"histories={histories}", f"steps={steps}", *(f"{kind}={found[kind]}" for kind in KINDS)])


def together(seeds: range, steps: int, jobs: int, engine: str) -> list[Outcome]:
    """These histories in the order of their seeds, whoever played them."""
    asked = ["--seed", seeds.start, "--histories", len(seeds), "--steps", steps, "--jobs", jobs]
    with tempfile.TemporaryDirectory(prefix="naober-simulate-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as somebody else
        told = Progress()
        with ThreadPoolExecutor(jobs) as pool:
            shares = list(pool.map(lambda share: told.hear(_share([*asked, "--share", share], engine, folder)), range(jobs)))
    outcomes = sorted(one for share in shares for one in share)
    if [one.seed for one in outcomes] != list(seeds):
        raise RuntimeError("a process that plays histories ended before its time: see above")
    return outcomes


def _share(asked: list[Any], engine: str, folder: str) -> subprocess.Popen[str]:
    """A process that plays its share of the seeds, on a database of its own, and says each outcome in a line."""
    around = [sys.executable, "-m", "tests.postgres"] if engine == "postgresql" else []
    settings = {"NAOBER_LOG_LEVEL": "error", "TMPDIR": folder, "NAOBER_DATABASE": f"sqlite:///{folder}/naober.db"}
    command = [*around, sys.executable, "-m", "tests.simulate", *map(str, asked)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})


class Progress:
    """Counts what all processes have played, and shows at once what went wrong."""

    def __init__(self) -> None:
        self._played, self._began = 0, time.monotonic()

    def hear(self, process: subprocess.Popen[str]) -> list[Outcome]:
        heard = []
        with process:
            for line in process.stdout or ():
                heard.append(Outcome(*json.loads(line)))
                self._played += 1
                if heard[-1].wrong:
                    say("\n".join(heard[-1].trace[-TRACE_LINES:]), flush=True)
                if self._played % TELL_EVERY == 0:
                    say(f"{self._played} histories, {self._played / (time.monotonic() - self._began):.1f} a second", flush=True)
        return heard


# In each of the processes


async def played(seeds: Iterable[int], steps: int) -> None:
    """Plays these seeds in the database that NAOBER_DATABASE names, SQLite's in memory, and says each outcome in a line of JSON."""
    from server import db, render  # noqa: PLC0415 - the settings are read with the first module
    from tests.sim_phones import Node  # noqa: PLC0415 - as above

    # Nobody opens what a page links to; to pack all of it costs as much as twenty histories.
    render.use_assets("/assets/{}".format, str)
    node = Node()
    await node.start()
    gc.freeze()
    gc.set_threshold(*RUBBISH)
    try:
        for n, seed in enumerate(seeds):
            if n % FRESH_EVERY == 0:
                await _fresh()
            outcome = await play(seed, node, steps)
            say(json.dumps(outcome), flush=True)
            if outcome.wrong:
                await node.stop()
                node = Node()
                await node.start()
    finally:
        await node.stop()
        await db.stop()


async def _fresh() -> None:
    """An empty database on SQLite; on PostgreSQL the same one goes on, whatever happened in it: histories never meet."""
    from server import db  # noqa: PLC0415 - the settings are read with the first module
    from server.migrations import migrate  # noqa: PLC0415 - as above
    from tests.sim_store import Inline  # noqa: PLC0415 - as above

    await db.stop()
    if db.engine == "sqlite":
        db.Sqlite = Inline  # type: ignore[misc] - the office's own, without its threads
    await db.start()
    if not Inline.empty:
        await migrate()
        await db.write(lambda tx: tx.run("UPDATE counter SET n = $1 WHERE name = 'seq' AND n < $1", NUMBERS_FROM))
        if isinstance(db._store, Inline):
            db._store.keep()


if __name__ == "__main__":
    sys.exit(main())
