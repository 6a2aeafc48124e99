"""Wiped: the browser threw away all it kept; at the next start its owner reads what became of it, and their lead sees it among the devices."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_interrupted import to_form
from tests.browser.test_story import ON_PHONE, SAVED, invited, settled, step_in

# What browsers take when room runs short; a person who clears everything takes the cookies along.
EVICTED = "indexeddb,cache_storage,local_storage,service_workers,file_systems"


async def visit(page: Page, words: str) -> None:
    await page.get_by_role("link", name="Vandaag", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Goede"))
    await to_form(page)
    await page.get_by_label("Wat gaat er goed?").fill(words)
    await page.get_by_role("button", name="Bewaar bezoek").click()
    await expect(page.locator("main")).to_contain_text(SAVED)


@pytest.mark.parametrize(("types", "said", "seen"), [
    (EVICTED, "Je browser heeft weggegooid wat hier van Naober stond.", "de browser gooide alles weg"),
    ("all", "Was je op dit toestel al eerder bezig (Chrome, Linux)?", "misschien door de browser leeggemaakt"),
], ids=["evicted", "cleared"])  # fmt: skip
async def test_a_wiped_browser_is_noticed_at_the_next_start(browser: Browser, office: Office, types: str, said: str, seen: str) -> None:
    lead = await step_in(browser, office, "ilse")
    page = await phone(browser, office)
    await page.goto(await invited(lead, "Nora van Dam"))
    await page.locator('[data-act="enrol"]').click()
    await settled(page)
    await visit(page, "Dit kwam nog binnen.")
    await settled(page)
    await page.context.set_offline(True)
    await visit(page, "Dit niet meer.")
    await expect(page.locator("main")).to_contain_text(ON_PHONE)

    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Storage.clearDataForOrigin", {"origin": office.origin, "storageTypes": types})
    await page.context.set_offline(False)
    await page.goto("/today")
    await page.locator('[data-act="sign-in"]').click()
    await settled(page)
    main = page.locator("main")
    await expect(main).to_contain_text(said)
    await expect(main).to_contain_text("Wat je daarna schreef en nog niet verstuurd was, is weg")
    await page.get_by_role("link", name="Huishoudens").click()
    await page.locator("#matches a.row").first.click()
    await expect(page.locator("main")).to_contain_text("Dit kwam nog binnen.")
    await page.get_by_role("link", name="Vandaag", exact=True).click()
    await lead.goto("/devices")
    await expect(lead.locator("section", has_text="Nora van Dam")).to_contain_text(seen)
    await page.get_by_role("button", name="Gelezen, haal weg").click()
    await expect(page.locator("main")).not_to_contain_text(said)
    await page.reload()
    await page.locator('[data-act="unlock"]').first.click()
    await settled(page)
    await expect(page.locator("main")).not_to_contain_text(said)
