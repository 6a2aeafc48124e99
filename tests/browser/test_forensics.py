"""What a browser's folder holds after a working day: no word of it, in no way of writing, and no key; and that a leaky page would be found out."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Playwright, expect

from tests.browser import leaky
from tests.browser.conftest import Office, authenticator
from tests.browser.test_axe import go
from tests.browser.test_interrupted import LOCKED, inside, kill
from tests.browser.test_story import invited, settled, step_in
from tests.browser.workday import STEM, Day, browser_of, by_the_same_finger, canary, hand_in, look, pages_of, plant, write
from tests.forensics import search

HOUSES = int(os.environ.get("NAOBER_FORENSICS", "1"))
WRITTEN_MS = 3500  # Chromium writes its sessions down a few seconds later
WIPED_MS = 4000
SEALED = """async () => {
  const found = [];
  for (const {name} of await indexedDB.databases()) {
    const open = await new Promise((resolve) => { indexedDB.open(name).onsuccess = ({target}) => resolve(target.result); });
    for (const store of open.objectStoreNames) {
      const rows = await new Promise((resolve) => {
        open.transaction(store).objectStore(store).getAll().onsuccess = ({target}) => resolve(target.result);
      });
      for (const row of rows) {
        if (row.wrapped) found.push(btoa(row.wrapped));
        for (const value of Object.values(row)) {
          if (value instanceof Uint8Array) found.push(btoa(String.fromCharCode(...value.subarray(0, 32))));
        }
      }
    }
    open.close();
  }
  return found;
}"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, because Chromium makes a socket in it."""
    with tempfile.TemporaryDirectory(prefix="nao") as made:
        yield Path(made)


async def test_a_page_that_leaves_things_behind_is_found_out_wherever_it_leaves_them(playwright: Playwright, folder: Path) -> None:
    day = Day(folder / "phone")
    with leaky.served() as origin:
        async with browser_of(playwright, origin, day) as page:
            await leaky.used(page, origin)
            await page.wait_for_timeout(WRITTEN_MS)
    hits = search(day.folder, [*leaky.WORDS.values(), leaky.KEY])
    where = {place: {(hit.file.split("/")[2], hit.form) for hit in hits if hit.word == word} for place, word in leaky.WORDS.items()}
    where["key"] = {(hit.file.split("/")[2], hit.form) for hit in hits if hit.word == f"{len(leaky.KEY)} bytes"}
    assert {place: one for place, one in leaky.LIES.items() if one not in where[place]} == {}


async def test_a_working_day_leaves_no_word_and_no_key_on_the_disk(playwright: Playwright, browser: Browser, office: Office, folder: Path) -> None:
    plant(office)
    lead = await step_in(browser, office, "ilse")
    link = await invited(lead, f"Nora {canary(99_999)}")
    day = Day(folder / "phone")
    async with browser_of(playwright, office.origin, day) as page:
        await authenticator(page.context, page)
        await page.goto(link)
        await page.locator('[data-act="enrol"]').click()
        await settled(page)
        await page.wait_for_timeout(1500)  # the shell is kept
        moments = [*await at_work(page, day), *await locked_and_killed(page, day)]
    async with browser_of(playwright, office.origin, day) as page:
        await by_the_same_finger(page.context, day)
        await page.goto("/today")
        await unlock(page)
        await half_written(page, day)
    moments.append(day.as_it_lies("closed"))
    assert len(day.words | set(day.typed)) >= 200
    assert len(day.typed) >= 60
    assert {"prf", "imported", "key", "wrapped"} <= set(day.keys)
    keys = set().union(*day.keys.values())
    assert [hit for moment in moments for hit in search(moment, [STEM, day.signature, *keys])] == []


async def at_work(page: Page, day: Day) -> list[Path]:
    for house in range(HOUSES):
        forms = await look(page, day, await pages_of(page, house))
        await page.context.set_offline(True)
        await hand_in(page, day, forms)
        await page.context.set_offline(False)
        await settled(page)
    await half_written(page, day)
    return [day.as_it_lies("running")]


async def locked_and_killed(page: Page, day: Day) -> list[Path]:
    await go(page, "/profile")
    await page.locator('[data-act="lock"]').click()
    await expect(page.locator(LOCKED)).to_be_visible()
    await page.wait_for_timeout(WRITTEN_MS)
    locked = day.as_it_lies("locked")
    await unlock(page)
    await half_written(page, day)
    kill(day.profile)
    return [locked, day.as_it_lies("killed")]


async def unlock(page: Page) -> None:
    await page.locator(LOCKED).click()
    await expect(page.locator(LOCKED)).to_have_count(0)


async def half_written(page: Page, day: Day) -> None:
    """A form that is left open long enough for the browser to take note of it."""
    await go(page, "/contacts/new")
    await write(page, day)
    await page.wait_for_timeout(WRITTEN_MS)


async def test_of_who_left_nothing_stays_on_the_phone_and_who_comes_next_leaves_no_word(playwright: Playwright, office: Office, folder: Path) -> None:
    plant(office)
    day = Day(folder / "phone")
    async with browser_of(playwright, office.origin, day) as page:
        await inside(page, "samira")
        await half_written(page, day)
        rows = await page.evaluate(SEALED)
        sealed = [base64.b64decode(one) for one in rows[:: len(rows) // 15]]
        before = day.as_it_lies("before")
        await go(page, "/profile/leaving")
        await page.locator('[data-act="leave"]').click()
        await page.wait_for_url("**/sign-in")
        await page.wait_for_timeout(WIPED_MS)
        after = day.as_it_lies("after")
        await inside(page, "ilse")
        for path in ("/people", "/review", "/held", "/devices"):
            await page.goto(path)
            await page.locator("main h1").wait_for()
            await write(page, day)
        await page.goto("/review")
        await page.locator("#list a.arrival").first.click()
        await page.wait_for_timeout(WRITTEN_MS)
    last = day.as_it_lies("last")
    assert len(sealed) >= 15
    assert search(before / "profile" / "Default" / "IndexedDB", sealed)
    assert search(after, sealed) == set()
    assert search(last, [STEM, *sealed]) == set()
