"""Figures: a lead looks at the team's week on a phone, goes back a week, and opens a number; the picture draws what the table says."""

from __future__ import annotations

import re
import sqlite3

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_story import step_in

OF_WEEK = re.compile(r"/figures\?week=20\d\d-W\d\d$")


async def test_a_lead_goes_back_a_week_and_opens_a_number(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/roster")
    await lead.get_by_role("link", name="Cijfers").click()
    await expect(lead.get_by_role("heading", name="Cijfers")).to_be_visible()
    await lead.get_by_role("link", name="Vorige week").click()
    await expect(lead).to_have_url(OF_WEEK)
    row = lead.get_by_role("row", name=re.compile("^Bezoeken"))
    await expect(lead.locator("counts-picture canvas")).to_be_visible()
    assert await drawn(lead) == await told(lead)
    whole = row.get_by_role("link").first
    number = await whole.inner_text()
    await whole.click()
    await expect(lead.get_by_role("heading", name=f"Bezoeken: {number}")).to_be_visible()
    await expect(lead.locator("ul.rows > li")).to_have_count(int(number))
    await lead.get_by_role("link", name="Cijfers").click()
    await expect(row).to_be_visible()


async def test_a_file_asks_once_more_whose_device_it_is(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/figures")
    await lead.get_by_role("link", name="Vorige week").click()
    await expect(lead).to_have_url(OF_WEEK)
    with sqlite3.connect(office.folder / "naober.db") as connection:  # three minutes later
        connection.execute("UPDATE session SET verified_at = 0")
    await lead.get_by_role("link", name="CSV").click()
    await expect(lead.get_by_text("Voordat er een bestand uit Naober gaat")).to_be_visible()
    await lead.get_by_role("button", name="Ontgrendelen").click()
    await expect(lead).to_have_url(OF_WEEK)
    async with lead.expect_download() as coming:
        await lead.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"[a-z-]+-20\d\d-W\d\d\.csv", (await coming.value).suggested_filename)
    await expect(lead).to_have_url(OF_WEEK)


async def test_before_and_after_is_drawn_as_its_table_says(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/outcomes")
    await expect(lead.locator("counts-picture canvas")).to_be_visible()
    rows = await lead.locator("#counts tbody tr").all()
    assert await drawn(lead) == [[int(text) for text in await row.locator("td").all_inner_texts()] for row in rows]


async def drawn(lead: Page) -> list[list[int]]:
    """The numbers that the picture was made of."""
    return await lead.evaluate("document.querySelector('counts-picture').plot.data.slice(1).map((all) => all.map((n) => n ?? 0))")


async def told(lead: Page) -> list[list[int]]:
    """Those of the sums in the table, day by day."""
    rows = await lead.locator("tbody:not(:last-child) > .sum").all()
    return [[int(text) for text in (await row.locator("td").all_inner_texts())[1:]] for row in rows]
