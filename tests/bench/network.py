"""`python -m tests.bench network`: how soon the page of a network is drawn, with a dozen people and sixty tasks, at a quarter of the speed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import app, served
from tests.bench.table import Figure, median, show

HELPERS, TASKS = 12, 60
TIMES = 9
GOAL_MS = 150
# From the tap until the frame after the picture came into the page was drawn.
TAPPED = """new Promise((done) => {
  const began = performance.now();
  new MutationObserver((_, watch) => {
    if (!document.querySelector('.rings svg')) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  }).observe(document, {subtree: true, childList: true});
  document.querySelector("#app a[href$='/network']").click();
})"""


def run() -> None:
    """Draws it some times, each time from the household's page."""
    with app.demo(0) as there, tempfile.TemporaryDirectory(prefix="naober-profile-") as profile, sync_playwright() as play:
        command = [sys.executable, "-m", "tests.bench.around", str(HELPERS), str(TASKS)]
        made = subprocess.run(command, check=True, cwd=served.ROOT, env={**os.environ, **there.settings}, capture_output=True, text=True)
        with app.browser(play, Path(profile)) as screen:
            screen.step_in(there.origin)
            screen.filled()
            drawn = _drawn(screen, f"/households/{made.stdout.strip()}")
    show(f"The network of a household, {HELPERS} people and {TASKS} tasks, a quarter of the speed", [
        Figure("from the tap until the picture is drawn", median(drawn), "ms", GOAL_MS),
        Figure("... the fastest", min(drawn), "ms"),
        Figure("... the slowest", max(drawn), "ms"),
    ])  # fmt: skip


def _drawn(screen: app.Screen, house: str) -> list[float]:
    screen.tap("#app a[href='/households']")
    screen.tap(f"#app a[href='{house}']")
    found = []
    for _ in range(TIMES):
        screen.until("!!document.querySelector(\"#app a[href$='/network']\") && !document.querySelector('.rings')")
        screen.slower(app.SLOWER)
        found.append(float(screen.run(TAPPED)))
        screen.slower(1)
        screen.tap(f"#app .back[href='{house}']")
    return found
