"""A link for who wants no account: planned without signal, opened by a neighbour, answered without signal, and worth nothing to who finds it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import SCREEN, Office
from tests.browser.test_axe import faults
from tests.browser.test_network import add
from tests.browser.test_story import settled, step_in

KEPT_MS = 600
LINK = re.compile(r"/l#[\w-]{22}$")


async def test_a_neighbour_without_account_does_it_and_worries_and_a_finder_of_the_link_sees_nothing(browser: Browser, office: Office) -> None:
    nurse = await step_in(browser, office, "samira")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Mevrouw De Wit").click()
    await nurse.context.set_offline(True)
    link = await planned_and_linked(nurse)
    await nurse.context.set_offline(False)
    await settled(nurse)

    riet = await somebody(browser, office)
    await riet.goto(link)
    await expect(riet.locator("article")).to_contain_text("Oogdruppels")
    assert riet.url == f"{office.origin}/l"
    await riet.get_by_role("button", name="Ja, dat doe ik").click()
    await expect(riet.locator("article")).to_contain_text("Bij:")
    await riet.evaluate("navigator.serviceWorker.ready")

    finder = await somebody(browser, office)
    await finder.goto(link)
    await expect(finder.locator("main")).to_contain_text("al in gebruik op een andere telefoon")
    assert "Oogdruppels" not in await finder.content()

    await without_signal(riet, link)
    await nurse.get_by_role("link", name="Oogdruppels").first.click()
    await expect(nurse.locator("main")).not_to_contain_text("Hij at niets")
    await riet.context.set_offline(False)
    await expect(riet.locator("main")).to_contain_text("niets meer te doen", timeout=15_000)
    assert await riet.evaluate("JSON.stringify(localStorage)") == "{}"

    await nurse.goto("/today")
    await nurse.locator('[data-act="unlock"]').first.click()
    await expect(nurse.locator("main")).to_contain_text("Hij at niets", timeout=15_000)
    await expect(nurse.locator("main")).to_contain_text("Riet van 12, helper uit de buurt")


@pytest.mark.parametrize(("language", "scheme"), [("nl-NL", "light"), ("en-GB", "dark")])
async def test_axe_finds_nothing_on_the_pages_of_a_link(browser: Browser, office: Office, language: str, scheme: str) -> None:
    nurse = await step_in(browser, office, "samira", dark=scheme == "dark")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Mevrouw De Wit").click()
    link = await planned_and_linked(nurse)
    found = await faults(nurse)
    await settled(nurse)
    await nurse.locator('header a[href^="/tasks/"]').click()
    await nurse.get_by_role("link", name="Geef een link mee").click()
    await expect(nurse.get_by_role("button", name="Maak de link")).to_be_visible()
    found += await faults(nurse)
    riet, finder = await somebody(browser, office, language, scheme), await somebody(browser, office, language, scheme)
    await riet.goto(link)
    await expect(riet.locator("article")).to_be_visible()
    found += await faults(riet)
    await riet.locator(".button.main").click()
    await riet.locator('[id^="worry-"]').click()
    await riet.locator("#send").click()
    await expect(riet.locator("#missing")).to_be_visible()
    found += await faults(riet)
    await finder.goto(link)
    await expect(finder.locator(".notice")).to_be_visible()
    assert found + await faults(finder) == []


async def planned_and_linked(nurse: Page) -> str:
    """Riet and a task for today, and the link to hand over, all without signal."""
    await nurse.get_by_role("link", name="Netwerk").click()
    await add(nurse)
    await nurse.get_by_role("link", name="Mevrouw De Wit").click()
    await nurse.get_by_role("link", name="Nieuwe taak", exact=True).click()
    await nurse.get_by_label("Wat moet er gebeuren?").fill("Oogdruppels")
    await nurse.locator(".choices label", has_text=re.compile("^Vandaag$")).click()
    await nurse.get_by_role("button", name=re.compile("^Bewaar")).click()
    await nurse.get_by_role("link", name="Geef een link mee").click()
    await nurse.locator(".choices label", has_text="Riet van 12").click()
    await nurse.get_by_role("button", name="Maak de link").click()
    link = await nurse.get_by_label("Link", exact=True).input_value()
    assert LINK.search(link)
    return link


async def without_signal(riet: Page, link: str) -> None:
    """Opened from the message again: done, and something that worries."""
    await riet.context.set_offline(True)
    await riet.goto("about:blank")
    await riet.goto(link)
    await expect(riet.locator("article")).to_contain_text("Bij:")
    await riet.get_by_role("button", name="Gedaan").click()
    await riet.get_by_role("button", name="Ik maak me zorgen").click()
    await riet.get_by_role("button", name="Verstuur").click()
    await expect(riet.locator("main")).to_contain_text("Schrijf in een paar woorden")
    await riet.get_by_label("Wat valt je op?").fill("Hij at niets.")
    await riet.wait_for_timeout(KEPT_MS)
    await riet.goto("about:blank")
    await riet.goto(link)
    await expect(riet.get_by_label("Wat valt je op?")).to_have_value("Hij at niets.")
    await riet.get_by_role("button", name="Verstuur").click()
    await expect(riet.locator("main")).to_contain_text("Bewaard")
    assert "Hij at" not in await riet.evaluate("JSON.stringify(localStorage)")


async def somebody(browser: Browser, office: Office, language: str = "nl-NL", scheme: str = "light") -> Page:
    """A phone of somebody without an account."""
    context = await browser.new_context(base_url=office.origin, viewport=SCREEN, locale=language, color_scheme=scheme, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    return await context.new_page()
