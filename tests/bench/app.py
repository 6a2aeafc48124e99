"""The app itself in Chromium, before a real office with the demo neighbourhood: what its first load weighs, how soon it is there, what it holds."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Playwright, sync_playwright

from tests.bench import served
from tests.bench.filled import NURSE
from tests.bench.relay import Relay
from tests.bench.served import Office, free_port
from tests.bench.table import median

CHROMIUM = os.environ.get("NAOBER_CHROMIUM") or os.environ.get("CHROMIUM") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
SCREEN = {"width": 390, "height": 844}
NOTES = 10_000
SLOWER = 4
LINE_3G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
WAIT_S_MAX = 60
FINGER_S = 1
# A desktop's Chromium loads the pages of its own address bar in its first moments; a phone's has none, and is measured as one that is up.
REST_S = 2.5
STEP_IN, UNLOCK = '[data-act="step-in"]', '[data-act="unlock"]'
WAY = [("a[href='/households']", "/households"), ("#app a[href^='/households/0']", "/households/0"), ("#app a[href*='/visits/new']", "")]
TODAY = "#app article.next, #app ul.rows li"
# When a thing is first on the screen: the frame after it came into the page was drawn. `kept`: the last write to the outbox that is on disk.
WATCH = """(() => {
  const seen = globalThis.__seen = {};
  const marks = {lock: 'LOCK', list: 'LIST', form: 'form#visit'};
  const drawn = (name) => requestAnimationFrame(() => setTimeout(() => { seen[name] = performance.now(); }));
  new MutationObserver(() => {
    for (const [name, wanted] of Object.entries(marks)) {
      if (name in seen || !document.querySelector(wanted)) continue;
      seen[name] = null;
      drawn(name);
    }
    if (seen.form && !('after' in seen) && !document.querySelector(marks.form)) {
      seen.after = null;
      drawn('after');
    }
  }).observe(document, {subtree: true, childList: true});
  const open = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, ...more) {
    const made = open.call(this, stores, mode, ...more);
    if (mode === 'readwrite' && [stores].flat().includes('outbox')) made.addEventListener('complete', () => { seen.kept = performance.now(); });
    return made;
  };
})()""".replace("LOCK", UNLOCK).replace("LIST", TODAY)
READY = "navigator.serviceWorker.ready.then(() => 1)"
COUNTS = """(async () => {
  const {name} = (await indexedDB.databases()).find((one) => one.name.startsWith('naober-'));
  const db = await new Promise((ok) => { const asks = indexedDB.open(name); asks.onsuccess = () => ok(asks.result); });
  const count = (store) => new Promise((ok) => {
    const asks = db.transaction(store).objectStore(store).count();
    asks.onsuccess = () => ok(asks.result);
  });
  const found = [await count('filled'), await count('blobs')];
  db.close();
  return found;
})()"""


@dataclass(slots=True)
class Demo:
    """An office with the demo neighbourhood, reached through a relay that counts; it can be stopped and the address stays."""

    office: Office
    relay: Relay
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.relay.port}"


@contextlib.contextmanager
def demo(notes: int) -> Iterator[Demo]:
    """The demo, with notes added until its nurse can hold so many."""
    relay_port = free_port()
    with tempfile.TemporaryDirectory(prefix="naober-bench-") as folder:
        settings = {"NAOBER_DATABASE": f"sqlite:///{folder}/naober.db", "NAOBER_DEMO": "1", "NAOBER_ORIGIN": f"http://localhost:{relay_port}"}
        with served.office("demo", **settings) as office:
            if notes:
                command = [sys.executable, "-m", "tests.bench.filled", str(notes)]
                subprocess.run(command, check=True, cwd=served.ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
            relay = Relay(relay_port, office.port)
            relay.start()
            yield Demo(office, relay, settings)


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of the app, driven by the browser's own protocol: a test runner's helpers would be measured along with it."""

    page: Page
    devtools: CDPSession

    def go(self, url: str) -> None:
        self.devtools.send("Page.navigate", {"url": url})

    def run(self, expression: str) -> Any:
        """What it gives in the page, awaited."""
        said = self.devtools.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in said:
            raise RuntimeError(f"{expression[:80]}: {said['exceptionDetails']}")
        return said["result"].get("value")

    def tap(self, wanted: str) -> float:
        """Taps what this selector finds, once it is there; gives when, in ms since the page began."""
        self.until(f"!!document.querySelector({wanted!r})")
        return float(self.run(f"(() => {{ const at = performance.now(); document.querySelector({wanted!r}).click(); return at; }})()"))

    def seen(self, name: str) -> float:
        """When it was first drawn."""
        return float(self.until(f"__seen.{name}"))

    def until(self, wanted: str) -> Any:
        """What this expression gives, once that is something; the page itself waits, because asking again and again would slow it."""
        look = f"({wanted}) || performance.now() > end ? done({wanted} || null) : setTimeout(look, 20)"
        found = self.run(f"new Promise((done) => {{ const end = performance.now() + {WAIT_S_MAX * 1000}; const look = () => {look}; look(); }})")
        if found is None:
            raise RuntimeError(f"{wanted} did not come within {WAIT_S_MAX} s at {self.page.url}: {self.run('document.body.innerText')[:500]}")
        return found

    def slower(self, times: int) -> None:
        """As if the processor were so many times slower."""
        self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def heap_mb(self) -> float:
        """What the page's scripts hold."""
        self.devtools.send("HeapProfiler.collectGarbage")
        metrics: list[dict[str, Any]] = self.devtools.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")) / 1024 / 1024

    def filled(self) -> None:
        """Waits until every pair's history is on the phone."""
        before, until = [0, 0], time.monotonic() + WAIT_S_MAX
        while time.monotonic() < until:
            now = self.run(COUNTS)
            if now == before and now[0] and now[1] >= now[0]:
                return
            before = now
            time.sleep(1)
        raise RuntimeError(f"the history was not on the phone within {WAIT_S_MAX} s: {before}")

    def step_in(self, origin: str) -> None:
        """The demo's nurse, from her page on, until her visits of today are drawn."""
        self.go(f"{origin}/demo/{NURSE}")
        self.page.wait_for_selector(STEP_IN)
        self.run(READY)
        self.tap(STEP_IN)
        self.seen("list")


@contextlib.contextmanager
def browser(play: Playwright, profile: Path) -> Iterator[Screen]:
    """Chromium at the size of a phone on this profile, with the watch in every page."""
    context = play.chromium.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=FLAGS, viewport=SCREEN, locale="nl-NL", timezone_id="Europe/Amsterdam", has_touch=True, is_mobile=True
    )
    page = context.pages[0] if context.pages else context.new_page()
    devtools = context.new_cdp_session(page)
    for domain in ("Page", "Performance", "Network"):
        devtools.send(f"{domain}.enable")
    devtools.send("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    try:
        yield Screen(page, devtools)
    finally:
        context.close()


def sizes() -> dict[str, float]:
    """Requests and packed bytes until the app is there and its service worker holds all it needs."""
    with demo(0) as there, _profile() as profile, sync_playwright() as play, browser(play, profile) as screen:
        screen.go(there.origin)
        screen.page.wait_for_url("**/sign-in")
        screen.run(READY)
        _still(there.relay)
        asked = there.relay.asked
        return {"requests": len(asked), "kb": sum(one.down - one.head for one in asked) / 1024, "kb_sent": sum(one.down for one in asked) / 1024}


def starts(times: int) -> dict[str, float]:
    """Milliseconds of an offline cold start at a quarter of the speed, of saving there, and the heap, with ten thousand notes on the phone."""
    with demo(NOTES) as there, _profile() as profile, sync_playwright() as play:
        with browser(play, profile) as screen:
            screen.step_in(there.origin)
            screen.filled()
        there.office.stop()
        found: dict[str, list[float]] = {}
        for _ in range(times):
            with browser(play, profile) as screen:
                found.setdefault("at_once", []).append(_opened(screen, there)["start"])
            with browser(play, profile) as screen:
                time.sleep(REST_S)
                for name, value in _start(screen, there).items():
                    found.setdefault(name, []).append(value)
        return {name: median(values) for name, values in found.items()}


def slow_line() -> dict[str, float]:
    """Milliseconds from the tap that signs in until today's visits are drawn, on a new phone, a 3G line and a quarter of the speed."""
    with demo(NOTES) as there, _profile() as profile, sync_playwright() as play, browser(play, profile) as screen:
        screen.go(f"{there.origin}/demo/{NURSE}")
        screen.page.wait_for_selector(STEP_IN)
        screen.run(READY)
        screen.devtools.send("Network.emulateNetworkConditions", LINE_3G)
        screen.slower(SLOWER)
        began = screen.tap(STEP_IN)
        listed = screen.seen("list") - began
        screen.filled()
        return {"today": listed, "whole": float(screen.run("performance.now()")) - began}


def _start(screen: Screen, there: Demo) -> dict[str, float]:
    found = _opened(screen, there)
    kept, shown = _save(screen)
    screen.slower(1)
    return {**found, "save": kept, "saved_and_shown": shown, "heap": screen.heap_mb()}


def _opened(screen: Screen, there: Demo) -> dict[str, float]:
    """Until the lock page is drawn, from the key to today's list, and both together."""
    screen.slower(SLOWER)
    screen.go(f"{there.origin}/today")
    lock = screen.seen("lock")
    time.sleep(FINGER_S)
    began = screen.tap(UNLOCK)
    listed = screen.seen("list") - began
    return {"lock": lock, "list": listed, "start": lock + listed}


def _save(screen: Screen) -> tuple[float, float]:
    """From the tap until what was written is on disk, and until the next page is drawn."""
    for link, leads in WAY:
        screen.tap(link)
        screen.until(f"location.pathname.startsWith('{leads}')")
    screen.seen("form")
    screen.run("document.querySelector('#strength').value = 'Liep vanochtend zelf naar de brievenbus, en terug.'")
    time.sleep(0.5)
    screen.run("delete __seen.kept")
    began = screen.tap("button[form=visit]")
    shown = screen.seen("after") - began
    return screen.seen("kept") - began, shown


def _still(relay: Relay) -> None:
    """Until nothing was asked for a second."""
    before = -1
    while before != sum(one.down for one in relay.asked):
        before = sum(one.down for one in relay.asked)
        time.sleep(1)


@contextlib.contextmanager
def _profile() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="naober-profile-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
