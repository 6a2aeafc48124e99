"""A phone that is left alone: covered while nobody looks, warned before it locks, locked in time in every tab, and nothing behind the lock."""

from __future__ import annotations

import sqlite3

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_interrupted import LOCKED, inside, to_form

TYPED = "Ze wil graag weer eens naar de markt, als haar knie het"
SEEN = """(seen) => {
  Object.defineProperty(document, 'hidden', {value: !seen, configurable: true});
  Object.defineProperty(document, 'visibilityState', {value: seen ? 'visible' : 'hidden', configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SOON = "Naober gaat zo op slot"


async def at_work(browser: Browser, office: Office) -> Page:
    """A nurse with a half-written visit, whose clocks we set."""
    page = await phone(browser, office)
    await page.clock.install()
    await inside(page, "samira")
    await to_form(page)
    await page.get_by_label("Wat gaat er goed?").fill(TYPED)
    return page


async def asleep(page: Page, seconds: int) -> None:
    """The phone slept: its clock went on, and no timer ran."""
    await page.clock.set_system_time(await page.evaluate("Date.now()") / 1000 + seconds)


async def looked_away(page: Page) -> None:
    await page.evaluate(f"({SEEN})(false)")


async def looked_at(page: Page) -> None:
    await page.evaluate(f"({SEEN})(true)")


async def nothing_of(page: Page, words: list[str]) -> None:
    """None of these words in what stands in the page, its title or its address."""
    whole = await page.evaluate("document.documentElement.outerHTML + document.title + decodeURIComponent(location.href)")
    assert [one for one in words if one in whole] == []


async def test_left_alone_it_warns_and_locks_and_what_was_typed_is_there_again(browser: Browser, office: Office) -> None:
    page = await at_work(browser, office)
    await page.clock.fast_forward(160_000)
    await expect(page.locator("#alert")).to_contain_text(SOON)
    await page.get_by_label("Wat gaat er goed?").press("End")
    await expect(page.locator("#alert")).not_to_contain_text(SOON)
    await page.clock.fast_forward(170_000)
    await expect(page.get_by_label("Wat gaat er goed?")).to_be_visible()
    await page.clock.fast_forward(20_000)
    await expect(page.locator(LOCKED)).to_be_visible()
    await expect(page.locator("main")).to_contain_text("omdat je even weg was")
    await nothing_of(page, [TYPED, SOON])
    await page.locator(LOCKED).click()
    await expect(page.get_by_label("Wat gaat er goed?")).to_have_value(TYPED)


async def test_out_of_sight_it_is_covered_and_after_half_a_minute_locked(browser: Browser, office: Office) -> None:
    page = await at_work(browser, office)
    await looked_away(page)
    await expect(page.locator("body")).to_have_css("opacity", "0")
    await page.clock.fast_forward(25_000)
    await looked_at(page)
    await expect(page.locator("body")).to_have_css("opacity", "1")
    await expect(page.get_by_label("Wat gaat er goed?")).to_have_value(TYPED)
    await looked_away(page)
    await asleep(page, 31)
    await looked_at(page)
    await expect(page.locator(LOCKED)).to_be_visible()
    await expect(page.locator("body")).to_have_css("opacity", "1")
    await nothing_of(page, [TYPED])


async def test_where_an_organisation_wants_it_sooner_it_locks_sooner(browser: Browser, office: Office) -> None:
    with sqlite3.connect(office.folder / "naober.db") as there:
        there.execute("UPDATE organisation SET idle_s = 60")
    page = await at_work(browser, office)
    await page.clock.fast_forward(50_000)
    await expect(page.get_by_label("Wat gaat er goed?")).to_have_value(TYPED)
    await page.clock.fast_forward(11_000)
    await expect(page.locator(LOCKED)).to_be_visible()


async def test_a_tap_that_comes_too_late_does_nothing_but_lock(browser: Browser, office: Office) -> None:
    page = await at_work(browser, office)
    await asleep(page, 200)
    await page.get_by_role("button", name="Bewaar bezoek").dispatch_event("click")
    await expect(page.locator(LOCKED)).to_be_visible()
    await page.locator(LOCKED).click()
    await expect(page.get_by_label("Wat gaat er goed?")).to_have_value(TYPED)


async def test_behind_the_lock_no_address_and_no_way_back_shows_anything(browser: Browser, office: Office) -> None:
    page = await at_work(browser, office)
    await page.go_back()
    await page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Huishoudens").click()
    await expect(page.locator("#matches a.row").first).to_be_visible()
    words = [TYPED, *await page.locator("#matches a.row strong").all_inner_texts()]
    assert len(words) > 5
    at = page.url
    await page.clock.fast_forward(190_000)
    await expect(page.locator(LOCKED)).to_be_visible()
    await page.go_back()
    await expect(page.locator(LOCKED)).to_be_visible()
    await nothing_of(page, words)
    for path in (at, "/today", "/tasks", "/households", "/contacts", "/profile", "/profile/phone"):
        await page.goto(path)
        await expect(page.locator(LOCKED)).to_be_visible()
        await nothing_of(page, words)


async def test_one_tab_that_locks_locks_the_other_and_one_at_work_keeps_both_open(browser: Browser, office: Office) -> None:
    page = await at_work(browser, office)
    other = await page.context.new_page()
    await other.goto("/today")
    await other.locator(LOCKED).click()
    await expect(other.locator("h1")).to_be_visible()
    await looked_away(page)
    for _ in range(12):
        await page.clock.fast_forward(20_000)
        await other.locator("h1").click()
        await expect(page.get_by_label("Wat gaat er goed?")).to_have_value(TYPED)
    await looked_away(other)
    await page.clock.fast_forward(31_000)
    await expect(page.locator(LOCKED)).to_be_visible()
    await expect(other.locator(LOCKED)).to_be_visible(timeout=1000)


async def test_out_of_touch_for_more_than_a_week_it_shows_nothing_until_it_has_spoken_to_the_office(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    await page.clock.install()
    await inside(page, "samira")
    await expect(page.locator("main strong").nth(3)).to_be_visible()
    shown = await page.locator("main strong").all_inner_texts()
    await page.context.set_offline(True)
    await asleep(page, 8 * 24 * 3600)
    await page.reload()
    await page.locator(LOCKED).click()
    await expect(page.locator("h1")).to_have_text("Te lang zonder contact")
    await page.get_by_role("button", name="Maak contact").click()
    await expect(page.get_by_role("alert").filter(has_text="geen verbinding")).to_be_visible()
    await nothing_of(page, shown)
    await page.context.set_offline(False)
    # With signal it makes contact by itself, and the button may be gone before anybody taps it.
    await page.evaluate("document.querySelector('[data-act=sync]')?.click()")
    await expect(page.locator("#connection")).to_have_text("alles ontvangen", timeout=15_000)
    await expect(page.locator("h1")).not_to_have_text("Te lang zonder contact")
