"""Runs the comparison of tests/bench/peers (Node and Chromium) and reads what it measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.app import CHROMIUM
from tests.bench.served import ROOT
from tests.bench.table import median

FOLDER = ROOT / "tests" / "bench" / "peers"
NODE = os.environ.get("NAOBER_NODE") or "node"
OURS, PLAIN, CRYPT, POUCH = "naober", "floor-idb", "floor-crypt", "pouchdb"
OTHERS = ["rxdb-dexie", "yjs", "automerge", "cht-style"]


@dataclass(frozen=True, slots=True)
class Runs:
    """Every repetition's results: {operation: {ms, ok, net, …}}, by adapter."""

    rows: list[dict[str, Any]]

    def of(self, adapter: str, operation: str) -> list[dict[str, Any]]:
        """What this adapter's operation gave in each repetition; empty when it has no such operation."""
        return [row["res"][operation] for row in self.rows if row["spec"] == adapter and operation in row["res"]]

    def ms(self, adapter: str, operation: str) -> float | None:
        """Milliseconds, the median of the repetitions."""
        found = self.of(adapter, operation)
        return median(one["ms"] for one in found) if found else None

    def net(self, adapter: str, operation: str, *names: str) -> float:
        """The sum of these counts at the proxy (requests, upRaw, downRaw, headUp, headDown, …), the median of the repetitions."""
        return median(sum(one["net"][name] for name in names) for one in self.of(adapter, operation))

    def wrong(self) -> list[str]:
        """Errors, and operations after which counts differed."""
        said = [f"{row['spec']}: {row['err'].splitlines()[0]}" for row in self.rows if row["err"]]
        for row in self.rows:
            differing = [name for name, one in row["res"].items() if isinstance(one, dict) and one.get("ok") is False]
            said += [f"{row['spec']}: counts differ after {name}" for name in differing]
        return said


def run(adapters: list[str], scenarios: list[str], reps: int, *, link: str = "none", cpu: int = 1) -> Runs:
    """Measures these adapters round robin; raises when the harness cannot run."""
    _installed()
    with tempfile.TemporaryDirectory(prefix="naober-peers-") as folder:
        out = Path(folder) / "results.jsonl"
        chosen = ["--adapters", ",".join(adapters), "--scenarios", ",".join(scenarios), "--reps", str(reps), "--link", link, "--cpu", str(cpu)]
        own = {name: value for name, value in os.environ.items() if not name.startswith("NAOBER_")}
        environment = {**own, "CHROMIUM": CHROMIUM, "NAOBER_PYTHON": sys.executable}
        command = [NODE, "run.mjs", "--out", str(out), *chosen]
        done = subprocess.run(command, cwd=FOLDER, env=environment, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode or not out.exists():
            raise RuntimeError(f"the harness ended with {done.returncode}: {done.stdout[-2000:]}")
        return Runs([json.loads(line) for line in out.read_text("utf-8").splitlines()])


def _installed() -> None:
    """The packages of the peers, as locked."""
    lock, stamp = FOLDER / "package-lock.json", FOLDER / "node_modules" / "naober.stamp"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True, stdin=subprocess.DEVNULL)
    stamp.write_bytes(lock.read_bytes())
