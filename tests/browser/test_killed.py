"""Killed: the whole browser within half a second of *bewaard*, or its worker at any time; what was called saved is there, and once."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from pathlib import Path

from playwright.async_api import BrowserContext, CDPSession, Error, Page, Playwright, expect

from tests.browser.conftest import Office
from tests.browser.test_interrupted import LOCKED, inside, kill, reopened
from tests.browser.test_story import SAVED

KILLS = int(os.environ.get("NAOBER_BROWSER_KILLS", "10"))
WORKER_KILLS = int(os.environ.get("NAOBER_WORKER_KILLS", "60"))
SEED = 14
AFTER_S_MAX = 0.5
BETWEEN_S_MAX = 0.15
TRIES = 5
LOOK_S, LOOKS = 0.05, 400
START_MS_MAX = 10_000
# Polled, it would be seen a tenth of a second late: the page says so itself, in the very task that paints it.
SAYS = """(words) => new Promise((resolve) => {
  const look = () => { if (document.querySelector('main')?.textContent.includes(words)) resolve(true); };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
})"""


async def form_of(page: Page) -> str:
    """The address of the visit form of the first household in the list."""
    await page.get_by_role("link", name="Huishoudens").click()
    await page.locator("#matches a.row").first.click()
    return await page.get_by_role("link", name="Bezoek", exact=True).get_attribute("href") or ""


async def ready(context: BrowserContext, form: str) -> Page:
    """The phone after a start of its browser, unlocked, with the visit form in front; where a start hangs, its owner starts it again."""
    page = context.pages[0]
    for left in reversed(range(TRIES)):
        try:
            await page.goto(form, wait_until="commit", timeout=START_MS_MAX)
            await page.locator(LOCKED).first.click(timeout=START_MS_MAX)
            await expect(page.get_by_label("Wat gaat er goed?")).to_be_visible(timeout=START_MS_MAX)
            break
        except (AssertionError, Error):
            if not left:
                raise
    return page


async def save(page: Page, words: str) -> None:
    """Comes back at the moment at which the screen says *bewaard*."""
    await page.get_by_label("Wat gaat er goed?").fill(words)
    said = asyncio.create_task(page.evaluate(SAYS, SAVED))
    await page.get_by_role("button", name="Bewaar bezoek").click()
    await said


def copies(office: Office, words: str) -> int:
    """How many notes in the office say this."""
    with sqlite3.connect(office.folder / "naober.db") as database:
        return int(database.execute("SELECT count(*) FROM record WHERE instr(body, ?)", [words]).fetchone()[0])


async def arrived(office: Office, words: str) -> bool:
    """Whether it is in the office in the end, once."""
    for _ in range(LOOKS):
        if copies(office, words):
            break
        await asyncio.sleep(LOOK_S)
    return copies(office, words) == 1


async def test_a_browser_killed_after_bewaard_has_lost_nothing(playwright: Playwright, office: Office, tmp_path: Path) -> None:
    rng, profile, lost = random.Random(SEED), tmp_path / "profile", []
    context = await reopened(playwright, office, profile)
    await inside(context.pages[0], "samira")
    form = await form_of(context.pages[0])
    await context.close()  # Chromium writes a new cookie half a minute later, or as it ends
    context = await reopened(playwright, office, profile)
    for n in range(KILLS):
        words, offline, wait_s = f"Kaartje {SEED}-{n}.", rng.random() < 0.5, rng.uniform(0, AFTER_S_MAX)
        page = await ready(context, form)
        await context.set_offline(offline)
        await save(page, words)
        await asyncio.sleep(wait_s)
        kill(profile)
        context = await reopened(playwright, office, profile)
        await ready(context, form)
        if not await arrived(office, words):
            lost.append((words, offline, wait_s, copies(office, words)))
    await context.close()
    assert lost == []
    assert all(copies(office, f"Kaartje {SEED}-{n}.") == 1 for n in range(KILLS))


async def test_a_worker_killed_at_any_time_loses_and_doubles_nothing(playwright: Playwright, office: Office, tmp_path: Path) -> None:
    rng, saved, killed = random.Random(SEED), [], 0
    context = await reopened(playwright, office, tmp_path / "profile")
    page = context.pages[0]
    await inside(page, "samira")
    form = await form_of(page)
    devtools = await context.new_cdp_session(page)
    await devtools.send("ServiceWorker.enable")

    async def killing(devtools: CDPSession) -> None:
        nonlocal killed
        while killed < WORKER_KILLS:
            await devtools.send("ServiceWorker.stopAllWorkers")
            killed += 1
            await asyncio.sleep(rng.uniform(0, BETWEEN_S_MAX))

    killer = asyncio.create_task(killing(devtools))
    while not killer.done():
        await context.set_offline(rng.random() < 0.3)
        words = f"Sleutel {SEED}-{len(saved)}."
        await save(await ready(context, form), words)
        saved.append(words)
    await killer
    await context.set_offline(False)
    for words in saved:
        assert await arrived(office, words), (words, copies(office, words))
    assert killed == WORKER_KILLS
    await context.close()
