"""A phone in Chromium whose person loses a household: how many requests bring the message, and how soon all of it is gone from the disk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import served
from tests.bench.app import SLOWER, Demo, Screen, browser, demo
from tests.bench.table import median

LOST = 2000
YESTERDAY = "2000-01-01"
# `answered`: the first answer is in; `erased`: the step that erases blobs and rows is on the disk; `syncs`: how many were asked by then.
WATCH = """(() => {
  const seen = globalThis.__lost = {syncs: 0};
  const ask = globalThis.fetch;
  globalThis.fetch = async (path, ...more) => {
    const sync = new URL(path.url ?? path, location.href).pathname === '/sync';
    if (sync && !seen.erased) seen.syncs += 1;
    const answer = await ask(path, ...more);
    if (sync) seen.answered ??= performance.now();
    return answer;
  };
  const open = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, ...more) {
    const made = open.call(this, stores, mode, ...more);
    const erases = mode === 'readwrite' && [stores].flat().includes('blobs');
    if (erases) made.addEventListener('complete', () => { seen.erased ??= performance.now(); });
    return made;
  };
})()"""
HELD = """(async () => {
  const {name} = (await indexedDB.databases()).find((one) => one.name.startsWith('naober-'));
  const db = await new Promise((ok) => { const asks = indexedDB.open(name); asks.onsuccess = () => ok(asks.result); });
  const count = (store) => new Promise((ok) => {
    const asks = db.transaction(store).objectStore(store).getAll();
    asks.onsuccess = () => ok(asks.result.reduce((sum, {s}) => sum + s.byteLength, 0));
  });
  const found = await count('blobs') + await count('records');
  db.close();
  return found;
})()"""


def lost(times: int) -> dict[str, float]:
    """Requests, milliseconds from the answer until the step that erases is on the disk, and by how many KB the store shrank."""
    found = [_once() for _ in range(times)]
    return {name: median(one[name] for one in found) for name in found[0]}


def _once() -> dict[str, float]:
    with demo(0) as there, tempfile.TemporaryDirectory(prefix="naober-profile-", ignore_cleanup_errors=True) as profile, sync_playwright() as play:
        household = _planted(there)
        with browser(play, Path(profile)) as screen:
            screen.step_in(there.origin)
            screen.filled()
            before = screen.run(HELD)
            _end_care(there, household)
            requests, ms = _told(screen)
            return {"requests": requests, "ms": ms, "kb": (before - screen.run(HELD)) / 1024}


def _told(screen: Screen) -> tuple[float, float]:
    screen.run(WATCH)
    screen.slower(SLOWER)
    screen.run("window.dispatchEvent(new Event('online'))")
    took = float(screen.until("__lost.erased && __lost.erased - __lost.answered"))
    screen.slower(1)
    return float(screen.run("__lost.syncs")), took


def _planted(there: Demo) -> str:
    """The household behind whose door the records are."""
    command = [sys.executable, "-m", "tests.bench.filled", str(LOST), "one"]
    said = subprocess.run(command, check=True, cwd=served.ROOT, env={**os.environ, **there.settings}, stdout=subprocess.PIPE, text=True).stdout
    return said.split()[-1]


def _end_care(there: Demo, household: str) -> None:
    """Nobody comes there any more, from this moment on."""
    path = there.settings["NAOBER_DATABASE"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as office, office:
        office.execute("UPDATE care SET until = ? WHERE household = ?", (YESTERDAY, household))
