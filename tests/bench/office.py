"""`python -m tests.bench office`: how fast the office is on each engine, beside the raw driver."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from tests import postgres
from tests.bench.served import ROOT
from tests.bench.table import Figure, show

TWICE = 2.0
WORST = 10.0
FLAT = 1.3
MEMORY_MB = 150
DESK, ROWS = 3.0, 10.0
PARTS = ["syncs", "review"]


def run(parts: list[str], engines: list[str], *, quick: bool) -> None:
    """Measures one engine after the other and prints a table for each."""
    for engine in engines:
        if "syncs" in parts:
            with database(engine) as address:
                measured = measured_by("tests.bench.engine", address, quick=quick)
            show(f"The office on {engine}", _figures(measured))
        if "review" in parts:
            with database(engine) as address:
                measured = measured_by("tests.bench.desk", address, quick=quick)
            show(f"What came in, on {engine}", _of_the_desk(measured))


@contextlib.contextmanager
def database(engine: str) -> Iterator[str]:
    """The address of an empty one of this engine, gone after the block."""
    if engine == "postgresql":
        with postgres.cluster() as address:
            yield address
    else:
        with tempfile.TemporaryDirectory(prefix="naober-bench-") as folder:
            yield f"sqlite:///{folder}/naober.db"


def measured_by(module: str, address: str, *, quick: bool) -> dict[str, Any]:
    """What this module prints on that database, in a process of its own because settings are read once."""
    command = [sys.executable, "-m", module, *(["--quick"] if quick else [])]
    own = {name: value for name, value in os.environ.items() if not name.startswith("NAOBER_")}
    environment = {**own, "NAOBER_DATABASE": address, "NAOBER_LOG_LEVEL": "error", "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _of_the_desk(measured: dict[str, Any]) -> Iterator[Figure]:
    yield Figure("the first page, of 10,000 that nobody read", measured["page_ms"], "ms", digits=1)
    yield Figure("its statements by the raw driver", measured["sql_ms"], "ms", digits=1)
    yield Figure("the driver is faster by", measured["page_ms"] / measured["sql_ms"], "x", DESK, 2)
    yield Figure("rows read for each record shown", measured["rows"] / measured["shown"], "x", ROWS, 1)


def _figures(measured: dict[str, Any]) -> Iterator[Figure]:
    syncs, pulls = measured["syncs"], measured["pulls"]
    yield Figure("syncs a second, each 10 notes up and 10 down, 16 connections", syncs["a_second"])
    yield Figure("the same statements by the raw driver", syncs["raw_a_second"])
    yield Figure("the driver is faster by", syncs["raw_a_second"] / syncs["a_second"], "x", TWICE, 2)
    yield Figure("processor time of the office for one", syncs["busy_ms"], "ms", digits=2)
    yield Figure("a sync, median", syncs["median_ms"], "ms", digits=1)
    yield Figure("a sync, the slowest of a hundred (p99)", syncs["p99_ms"], "ms", digits=1)
    yield Figure("p99 over median", syncs["p99_ms"] / syncs["median_ms"], "x", WORST, 1)
    yield Figure(f"memory after {syncs['syncs']:,} syncs", syncs["memory_mb"], "MB", MEMORY_MB)
    for what in next(iter(pulls.values())):
        took = {int(size): each[what] for size, each in pulls.items()}
        for size, ms in took.items():
            yield Figure(f"a pull, {what}, at {size:,} records", ms, "ms", digits=2)
        yield Figure("  slowest over fastest", max(took.values()) / min(took.values()), "x", FLAT, 2)
