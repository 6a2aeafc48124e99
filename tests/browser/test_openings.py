"""Pages of the office behind the phone's lock: they go when it locks, come back as they were, and nobody gets round it by an address."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_interrupted import LOCKED, inside
from tests.browser.test_lock import looked_at, looked_away, nothing_of
from tests.browser.test_story import step_in

PAGES = ("/review", "/held", "/people", "/devices", "/vouching")
TYPED = "Nieuwe collega die nog niet bewaard is"


async def at_desk(browser: Browser, office: Office, path: str) -> tuple[Page, list[str]]:
    """A lead at a page of the office, and names that stand on it."""
    page = await phone(browser, office)
    await page.clock.install()
    await inside(page, "ilse")
    await page.goto(path)
    await expect(page.locator("main strong").nth(2)).to_be_visible()
    return page, await page.locator("main strong").all_inner_texts()


async def test_left_alone_it_locks_and_comes_back_as_it_was(browser: Browser, office: Office) -> None:
    page, words = await at_desk(browser, office, "/people")
    name = page.get_by_label("Naam", exact=True).first
    await name.fill(TYPED)
    await page.clock.fast_forward(190_000)
    await expect(page.locator(LOCKED)).to_be_visible()
    await nothing_of(page, [*words, TYPED])
    await page.locator(LOCKED).click()
    await expect(name).to_have_value(TYPED)
    await page.get_by_role("navigation").get_by_role("link", name=re.compile("Toe.?stellen")).click()
    await expect(page.locator("h1")).to_have_text("Toestellen")


async def test_out_of_sight_it_is_covered_and_locked(browser: Browser, office: Office) -> None:
    page, words = await at_desk(browser, office, "/review")
    await looked_away(page)
    await expect(page.locator("body")).to_have_css("opacity", "0")
    await page.clock.fast_forward(31_000)
    await looked_at(page)
    await expect(page.locator(LOCKED)).to_be_visible()
    await nothing_of(page, words)


async def test_with_the_phone_locked_no_address_shows_a_page_and_unlocking_leads_to_it(browser: Browser, office: Office) -> None:
    page, words = await at_desk(browser, office, "/review")
    await page.goto("/today")
    await page.locator(LOCKED).click()
    await expect(page.locator("h1")).to_be_visible()
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.locator('[data-act="lock"]').click()
    await expect(page.locator(LOCKED)).to_be_visible()
    await page.wait_for_timeout(500)
    for path in PAGES:
        await page.goto(path)
        await expect(page.locator(LOCKED)).to_be_visible()
        await nothing_of(page, words)
    await page.goto("/review")
    await page.locator(LOCKED).click()
    await expect(page).to_have_url(re.compile("/review$"))
    await expect(page.locator("main strong").first).to_be_visible()
    await page.go_back()
    await expect(page.locator(LOCKED)).to_be_visible()


async def test_from_an_open_phone_it_is_one_tap(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "ilse")
    await page.request.delete("/sessions/current/opening", headers={"Origin": office.origin, "Sec-Fetch-Site": "same-origin"})
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.get_by_role("link", name=re.compile("Binnen|Mensen")).first.click()
    await expect(page).to_have_url(re.compile("/(review|people)$"))
