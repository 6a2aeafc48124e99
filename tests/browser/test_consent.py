"""Wie mag wat weten, at the table: switches read back as a sentence, a yes on a card, a withdrawal in one tap, without any network."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.conftest import Office
from tests.browser.test_axe import faults, go
from tests.browser.test_story import step_in


async def test_a_resident_agrees_and_takes_it_back_while_there_is_no_network(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "samira")
    await go(page, "/households")
    house = await page.locator("#matches a.row").first.get_attribute("href") or ""
    await go(page, f"{house}/consents/new")
    await page.context.set_offline(True)
    choice = page.locator("#to optgroup").first.locator("option", has_text="Sociaal werk").first
    await page.locator("#to").select_option(await choice.get_attribute("value"))
    residents = page.locator('[name="resident"][type="radio"]')
    if await residents.count():
        await residents.first.check(force=True)
    await page.locator('[name="topics"][value="money"]').check()
    await expect(page.locator("#sentence")).to_contain_text("over uw geld")
    await page.locator('[name="topics"][value="social"]').check()
    await expect(page.locator("#sentence")).to_contain_text("over uw contacten en uw geld")
    await expect(page.locator("#whom")).to_contain_text("Sociaal werk")
    await expect(page.locator(".other-day")).to_be_hidden()
    await page.get_by_role("button", name="Ja, dat mag").click()
    await expect(page.locator(".agreement .sentence")).to_contain_text("over uw contacten en uw geld")
    await expect(page.locator("article .chip.ochre")).to_have_text("alleen op deze telefoon")
    await page.wait_for_timeout(500)  # the page is painted anew once the line to the office has changed
    assert await faults(page) == []
    await go(page, f"{house}/visits/new")
    await expect(page.locator("#readers")).to_contain_text("leest alleen sociaal")
    await go(page, f"{house}/consents")
    await page.get_by_role("button", name="Intrekken").click()
    await expect(page.get_by_role("link", name="Opnieuw toestaan")).to_be_visible()
    await page.wait_for_timeout(500)
    assert await faults(page) == []
