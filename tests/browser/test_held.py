"""What was held finds its way: the lead sees it arrive, asks or takes it in, and the author's phone says so."""

from __future__ import annotations

import asyncio
import re
import sqlite3

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_axe import faults
from tests.browser.test_story import settled, step_in

SOON_MS = 10_000


def end_care(office: Office, household: str) -> None:
    """The care relation with this household ended yesterday, while nobody's phone had signal."""
    with sqlite3.connect(office.folder / "naober.db", timeout=10) as database:
        database.execute("UPDATE care SET since = '2000-01-01', until = date('now', '-1 day') WHERE household = ?", (household,))


async def write(nurse: Page, text: str) -> None:
    """A visit with one note, at the household on the screen."""
    await nurse.get_by_role("link", name="Bezoek", exact=True).click()
    await nurse.get_by_label("Wat gaat er goed?").fill(text)
    await nurse.get_by_role("button", name="Bewaar bezoek").click()
    await expect(nurse.locator("main")).to_contain_text("Bezoek bewaard.")


async def held(browser: Browser, office: Office, *texts: str) -> Page:
    """A nurse whose visits, one for each text, came in when the care relation had ended; she looks at Ik."""
    nurse = await step_in(browser, office, "samira")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row").first.click()
    await expect(nurse.get_by_role("link", name="Bezoek", exact=True)).to_be_visible()
    await nurse.context.set_offline(True)
    for text in texts:
        await write(nurse, text)
    await asyncio.to_thread(end_care, office, re.findall("/households/([0-9a-f-]+)", nurse.url)[0])
    await nurse.get_by_role("link", name="Ik", exact=True).click()
    await nurse.context.set_offline(False)
    await expect(nurse.locator("#waiting")).to_contain_text("vastgehouden", timeout=SOON_MS)
    return nurse


async def test_what_was_held_is_asked_about_and_its_author_hears_it(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/held")
    await expect(lead.locator("main")).to_contain_text("Er wacht niets op je.")
    nurse = await held(browser, office, "Zingt weer.")
    await expect(lead.locator("#held-list")).to_contain_text("Zingt weer.", timeout=SOON_MS)

    await lead.locator("summary", has_text="Vraag door").click()
    await lead.get_by_role("button", name="Stuur terug met deze vraag").click()
    await expect(lead.locator(".hint.wrong")).to_have_text("Schrijf wat je wilt weten.")
    assert await faults(lead) == []
    await lead.get_by_label(re.compile("^Je vraag aan")).fill("Wie was erbij?")
    await lead.evaluate("document.body.dispatchEvent(new Event('naober:news'))")
    await lead.wait_for_timeout(500)
    await expect(lead.get_by_label(re.compile("^Je vraag aan"))).to_have_value("Wie was erbij?")
    await lead.get_by_role("button", name="Stuur terug met deze vraag").click()
    await expect(lead.locator("main")).to_contain_text("Teruggestuurd.")

    await expect(nurse.locator("#waiting")).to_contain_text("Je teamleider vraagt: “Wie was erbij?”", timeout=SOON_MS)
    assert await faults(nurse) == []
    await nurse.get_by_role("button", name=re.compile("^Gelezen, haal weg")).click()
    await expect(nurse.locator("#waiting")).to_contain_text("Alles wat je schreef is ontvangen.")


async def test_what_was_held_is_taken_in_and_its_author_hears_that_too(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/review")
    nurse = await held(browser, office, "Zingt weer.")
    await lead.get_by_role("link", name=re.compile("vastgehouden")).click(timeout=SOON_MS)
    await lead.get_by_role("button", name=re.compile("^Neem op in het dossier")).first.click()
    await expect(lead.locator("main")).to_contain_text("opgenomen in het dossier")
    await lead.get_by_role("link", name="Binnengekomen").last.click()
    await expect(lead.get_by_role("heading", level=1)).to_have_text("Binnengekomen")
    await expect(nurse.locator("#waiting")).to_contain_text("Alles wat je schreef is ontvangen.", timeout=SOON_MS)
    await settled(nurse)
