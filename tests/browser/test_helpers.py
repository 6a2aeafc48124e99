"""Somebody worries: a volunteer says so on their phone, the lead sees it first at the desk within a second, and what they answer comes back."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_axe import faults
from tests.browser.test_links import planned_and_linked, somebody
from tests.browser.test_story import SECOND_MS, settled, step_in

LEAST = "Hij deed niet open."


async def ask(nurse: Page, volunteer: str) -> None:
    """The nurse asks a volunteer to do something tomorrow at the first front door of the list."""
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Mevrouw De Wit").first.click()
    await nurse.get_by_role("link", name="Taak").first.click()
    await nurse.get_by_label("Wat moet er gebeuren?").fill("Warm eten brengen")
    await nurse.locator(".choices label", has_text=re.compile("^Morgen$")).click()
    await nurse.locator("summary", has_text="Iemand anders doet het").click()
    await nurse.get_by_label("Wie vraag je?").select_option(label=f"{volunteer} · De Haard, vrijwillige hulp")
    await nurse.get_by_role("button", name="Bewaar taak").click()


async def test_a_worry_is_first_at_the_desk_and_its_answer_comes_back(browser: Browser, office: Office) -> None:
    nurse = await step_in(browser, office, "samira")
    lead = await step_in(browser, office, "ilse")
    await ask(nurse, "Gerrit Mulder")
    await settled(nurse)
    gerrit = await step_in(browser, office, "gerrit")
    await lead.goto("/review")
    await worry(gerrit)
    await answered(lead)
    assert await faults(lead) == []
    await expect(gerrit.locator("main")).to_contain_text("Dank je, wij bellen zijn dochter.", timeout=5 * SECOND_MS)


async def test_a_neighbour_says_yes_by_a_link_a_volunteer_worries_and_the_lead_answers(browser: Browser, office: Office) -> None:
    nurse, lead = await step_in(browser, office, "samira"), await step_in(browser, office, "ilse")
    await lead.goto("/review")
    await nurse.context.set_offline(True)
    await ask(nurse, "Gerrit Mulder")
    link = await planned_and_linked(nurse)
    await nurse.context.set_offline(False)
    await settled(nurse)
    riet, gerrit = await somebody(browser, office), await step_in(browser, office, "gerrit")
    await riet.goto(link)
    await riet.get_by_role("button", name="Ja, dat doe ik").click()
    await expect(riet.locator("main")).to_contain_text("Verstuurd.")
    await worry(gerrit)
    await answered(lead)
    await expect(gerrit.locator("main")).to_contain_text("Dank je, wij bellen zijn dochter.", timeout=5 * SECOND_MS)
    await nurse.locator('header a[href^="/tasks/"]').click()
    await expect(nurse.locator("main")).to_contain_text("Riet van 12")
    await expect(nurse.locator("main")).to_contain_text(re.compile("Riet van 12.*ja", re.DOTALL | re.IGNORECASE))


async def worry(gerrit: Page) -> None:
    """A volunteer's first task: they say yes, and then that something is wrong."""
    await gerrit.get_by_role("button", name="Ik houd dit voor me").click()
    card = gerrit.locator("article", has_text="Warm eten brengen")
    await card.get_by_role("button", name=re.compile("^Ja, dat doe ik")).click()
    await card.get_by_role("link", name=re.compile("maak me zorgen")).click()
    await gerrit.get_by_label("Wat wil je erover kwijt?").fill(LEAST)
    await gerrit.get_by_role("button", name="Ik maak me zorgen").click()


async def answered(lead: Page) -> None:
    """The lead reads of it first, and answers."""
    first = lead.locator("#list li").first
    await expect(first).to_contain_text(LEAST, timeout=3 * SECOND_MS)
    await expect(first).to_contain_text("Gerrit Mulder")
    await first.get_by_role("link").click()
    await lead.get_by_label("Wat doe je ermee?").fill("Dank je, wij bellen zijn dochter.")
    await lead.locator(".choices label", has_text="dat de vrijwilliger dit leest").click()
    await lead.get_by_role("button", name="Antwoord", exact=True).click()
    await expect(lead.locator("main")).to_contain_text("Wie zich zorgen maakte leest dit.")
    await expect(lead.get_by_label("Wat doe je ermee?")).to_have_value("")
