"""Seeded histories of several phones against the office under test; and a fault of each sort, which the simulator must notice."""

import shutil
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server import access, changes, db, pulls, statements
from tests import simulate
from tests.sim_history import History
from tests.sim_phones import Node

ROOT = Path(__file__).parent.parent
# The same histories end in the same state on both engines; the slower one plays the first of them.
HISTORIES, AT_ONCE = (150 if db.engine == "sqlite" else 30), 30
PLANTED_SEEDS = range(1, 61)
# Histories that went wrong once: a hat that came and went while a phone was away.
FOUND = (2056,)

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="phones need Node")


@asynccontextmanager
async def phones() -> Any:
    node = Node()
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


async def first_wrong(seeds: range) -> tuple[int, str, str]:
    """(seed, kind, trace) of the first history in which something went wrong; ("", "") when none did."""
    async with phones() as node:
        for seed in seeds:
            outcome = await simulate.play(seed, node)
            if outcome.wrong:
                return seed, outcome.wrong, "\n".join(outcome.trace)
    return 0, "", ""


@pytest.mark.parametrize("first", range(1, HISTORIES + 1, AT_ONCE))
async def test_nothing_is_lost_leaked_diverged_or_purged(office, first):
    seed, kind, trace = await first_wrong(range(first, first + AT_ONCE))
    assert not kind, f"python -m tests.simulate --histories 1 --seed {seed}\n{trace}"


@pytest.mark.parametrize("seed", FOUND)
async def test_what_went_wrong_once_does_not_again(office, seed):
    _, kind, trace = await first_wrong(range(seed, seed + 1))
    assert not kind, trace


def test_a_seed_gives_the_same_history_each_time_and_with_any_number_of_processes():
    command = [sys.executable, "-m", "tests.simulate", "--histories", "3", "--seed", "9", "--jobs"]
    first, second = (subprocess.run([*command, jobs], cwd=ROOT, check=True, capture_output=True, text=True).stdout for jobs in "12")
    assert first == second
    assert first.splitlines()[-1] == "histories=3 steps=180 lost=0 leaked=0 diverged=0 unsent_purged=0"


async def test_an_office_that_gives_what_is_closed_is_caught(office, monkeypatch):
    monkeypatch.setattr(access, "opens", lambda *_: True)
    assert (await first_wrong(PLANTED_SEEDS))[1] == "leaked"


async def test_an_office_that_forgets_an_objection_is_caught(office, monkeypatch):
    told = statements.said

    async def only_yes(*asked: Any) -> Any:
        return [one for one in await told(*asked) if one.yes]

    monkeypatch.setattr(statements, "said", only_yes)
    assert (await first_wrong(PLANTED_SEEDS))[1] == "leaked"


async def test_an_office_that_calls_stored_what_it_dropped_is_caught(office, monkeypatch):
    save = changes._save

    async def but_notes(tx: Any, batch: Any) -> None:
        batch.records = {key: kept for key, kept in batch.records.items() if kept.record["kind"] != "note"}
        await save(tx, batch)

    monkeypatch.setattr(changes, "_save", but_notes)
    assert (await first_wrong(PLANTED_SEEDS))[1] == "lost"


async def test_a_pull_that_skips_one_is_caught(office, monkeypatch):
    whole = pulls.since

    async def but_one(*asked: Any) -> Any:
        return (await whole(*asked))[1:]

    monkeypatch.setattr(pulls, "since", but_one)
    assert (await first_wrong(PLANTED_SEEDS))[1] == "diverged"


async def test_a_phone_that_throws_away_what_it_had_to_send_is_caught(office, monkeypatch):
    async def spoiled(history: History) -> None:
        for device in history.world.devices.values():
            if device.open:
                await history.network.command(device, "spoil")

    monkeypatch.setattr(History, "_lock", spoiled)
    assert (await first_wrong(PLANTED_SEEDS))[1] == "unsent_purged"
