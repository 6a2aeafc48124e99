"""Thousands of seeded histories of several phones against the real office: `python -m tests.simulate --histories N --seed S`."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sim_phones import Node

STEPS = 60
FRESH_EVERY = 500
KINDS = ("lost", "leaked", "diverged", "unsent_purged")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a file of this run alone, in a folder of its own
TRACE_LINES = 400
say = print


class Clock:
    """The office's clock, in the seed's hands."""

    at = 0

    def __call__(self) -> int:
        return self.at


async def play(seed: int, node: Node, steps: int = STEPS) -> tuple[str, Any]:
    """(final state, None) of one history, or ('', what went wrong)."""
    from server import sessions  # noqa: PLC0415 - the settings are read with the first module
    from tests.sim_history import History  # noqa: PLC0415 - as above
    from tests.sim_world import Wrong  # noqa: PLC0415 - as above

    clock, before = Clock(), sessions.now
    sessions.now = clock
    history = History(seed, node, clock)
    try:
        return await history.play(steps), None
    except Wrong as wrong:
        wrong.trace = [*history.world.trace, f"seed {seed}, step {history.step}: {wrong}"]
        return "", wrong
    finally:
        sessions.now = before


async def many(seeds: range, steps: int, fresh: Callable[[], Any]) -> tuple[Counter[str], int, str]:
    """How often each thing went wrong, how many steps that took, and all final states in one word."""
    from tests.sim_phones import Node  # noqa: PLC0415 - the settings are read with the first module

    found: Counter[str] = Counter()
    node, states, began = Node(), hashlib.sha256(), time.monotonic()
    await node.start()
    for n, seed in enumerate(seeds):
        if n % FRESH_EVERY == 0:
            await fresh()
        state, wrong = await play(seed, node, steps)
        states.update(state.encode())
        if wrong:
            found[wrong.kind] += 1
            say("\n".join(wrong.trace[-TRACE_LINES:]))
            await node.stop()
            node = Node()
            await node.start()
        if (n + 1) % 100 == 0:
            say(f"{n + 1} histories, {(n + 1) / (time.monotonic() - began):.1f} a second, {dict(found) or 'nothing wrong'}")
    await node.stop()
    return found, len(seeds) * steps, states.hexdigest()[:16]


def last_line(histories: int, steps: int, found: Counter[str]) -> str:
    return " ".join([f"histories={histories}", f"steps={steps}", *(f"{kind}={found[kind]}" for kind in KINDS)])


async def on_sqlite(seeds: range, steps: int, folder: Path) -> tuple[Counter[str], int, str]:
    from server import db  # noqa: PLC0415 - the settings are read with the first module
    from server.migrations import migrate  # noqa: PLC0415 - as above

    file, empty = folder / "naober.db", folder / "empty.db"

    async def fresh() -> None:
        await db.stop()
        if not empty.exists():
            await db.start()
            await migrate()
            await db.stop()
            file.rename(empty)
        for old in folder.glob("naober.db*"):
            old.unlink()
        shutil.copyfile(empty, file)
        await db.start()

    try:
        return await many(seeds, steps, fresh)
    finally:
        await db.stop()


async def on_postgres(seeds: range, steps: int) -> tuple[Counter[str], int, str]:
    """On one database, whatever happened in it: histories never meet."""
    from server import db  # noqa: PLC0415 - the settings are read with the first module
    from server.migrations import migrate  # noqa: PLC0415 - as above

    async def fresh() -> None:
        await db.stop()
        await db.start()
        await migrate()

    try:
        return await many(seeds, steps, fresh)
    finally:
        await db.stop()


def main() -> int:
    """0 when nothing was lost, leaked, diverged or purged."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    if asked.engine == "postgresql" and "/naober_test" not in os.environ.get("NAOBER_DATABASE", ""):
        return subprocess.run([sys.executable, "-m", "tests.postgres", sys.executable, "-m", "tests.simulate", *sys.argv[1:]], check=False).returncode
    os.environ.setdefault("NAOBER_LOG_LEVEL", "error")
    seeds = range(asked.seed, asked.seed + asked.histories)
    if asked.engine == "postgresql":
        found, steps, state = asyncio.run(on_postgres(seeds, asked.steps))
    else:
        with tempfile.TemporaryDirectory(prefix="naober-simulate-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
            os.environ["NAOBER_DATABASE"] = f"sqlite:///{folder}/naober.db"
            found, steps, state = asyncio.run(on_sqlite(seeds, asked.steps, Path(folder)))
    say(f"seeds {seeds.start} to {seeds.stop - 1} end in state {state}")
    say(last_line(asked.histories, steps, found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
