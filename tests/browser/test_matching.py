"""Two who like the same find each other, in real browsers: noted without signal, asked one after the other, named once both said yes."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_axe import go
from tests.browser.test_story import ON_PHONE, settled, step_in


async def test_music_is_found_nearby_and_no_name_crosses_before_both_said_yes(browser: Browser, office: Office) -> None:
    nurse, ria = await step_in(browser, office, "samira"), await step_in(browser, office, "ria")
    await ria.get_by_role("button", name="Ik houd dit voor me").click()
    await ria.context.set_offline(True)
    await offered(ria)
    await ria.context.set_offline(False)
    await settled(ria)
    await nurse.context.set_offline(True)
    await noted(nurse)
    await nurse.context.set_offline(False)
    await settled(nurse)

    found = nurse.locator("article", has_text="Er is iemand gevonden")
    await expect(found).to_contain_text("Op ongeveer 100 meter", timeout=30_000)
    await expect(found).to_contain_text("Doet ook graag: muziek.")
    await expect(nurse.locator("main")).not_to_contain_text("Ria")
    await found.get_by_role("button", name="Ja, graag").click()
    await settled(nurse)

    await go(ria, "/errands")
    asked = ria.locator("article", has_text="Samen: muziek. Met iemand op ongeveer 100 meter. Wil je kennismaken?")
    await expect(asked).to_be_visible(timeout=30_000)
    await expect(ria.locator("main")).not_to_contain_text("Kuiper")
    await expect(ria.locator("main")).not_to_contain_text("Pannenkade 33")
    await asked.get_by_role("button", name="Ja, dat doe ik").click()
    await settled(ria)
    await expect(ria.locator("article", has_text="Kennismaken: muziek")).to_contain_text("Pannenkade 33, Elmerwaard", timeout=30_000)
    await expect(ria.locator("main")).not_to_contain_text("Kuiper")

    met = nurse.locator("article", has_text="Ria van Loon")
    await expect(met).to_be_visible(timeout=30_000)
    await met.get_by_role("button", name="Zet in het netwerk").click()
    await expect(nurse.locator("article", has_text="Ria van Loon")).to_contain_text("Vrijwilliger")


async def offered(ria: Page) -> None:
    await go(ria, "/offers/new")
    await ria.locator(".choices label", has_text="Muziek").click()
    await ria.locator(".choices label", has_text="In de straat").click()
    await ria.get_by_label("Vanaf welke straat?").fill("pannenkade")
    await ria.get_by_label("Plaats").fill("Elmerwaard")
    await ria.get_by_role("button", name="Bewaar").click()
    await expect(ria.locator("main")).to_contain_text(ON_PHONE)


async def noted(nurse: Page) -> None:
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Mevrouw Kuiper").first.click()
    await nurse.get_by_role("link", name="Netwerk", exact=True).click()
    await nurse.get_by_role("link", name="Samen iets doen").click()
    await nurse.locator('a[href*="/interests/new"]').click()
    await nurse.locator(".choices label", has_text="Muziek").click()
    await nurse.locator(".choices label", has_text="Akkoord").click()
    await nurse.get_by_role("button", name="Bewaar").click()
    await expect(nurse.locator("main")).to_contain_text(ON_PHONE)
