"""A lead asks and the answer comes back: written without signal, read at the desk by keyboard, answered without signal, settled."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_axe import faults
from tests.browser.test_story import settled, step_in

SOON_MS = 10_000
WIDE = {"width": 1280, "height": 900}


async def write(nurse: Page, text: str) -> None:
    """A visit with one note at the first front door of the list, without signal."""
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row").first.click()
    await nurse.context.set_offline(True)
    await nurse.get_by_role("link", name="Bezoek", exact=True).click()
    await nurse.get_by_label("Wat gaat er goed?").fill(text)
    await nurse.get_by_role("button", name="Bewaar bezoek").click()
    await expect(nurse.locator("main")).to_contain_text("Bezoek bewaard.")
    await nurse.context.set_offline(False)
    await settled(nurse)


async def test_a_question_and_its_answer_go_there_and_back(browser: Browser, office: Office) -> None:
    nurse, lead = await step_in(browser, office, "samira"), await step_in(browser, office, "ilse")
    await write(nurse, "Zong vanmorgen bij het wassen.")
    await lead.set_viewport_size(WIDE)
    await lead.goto("/review?kind=visit")
    await lead.locator("#list a.arrival", has_text="Zong vanmorgen").click()
    await expect(lead.locator("#record-title")).to_be_focused()
    await lead.keyboard.press("v")
    await expect(lead.get_by_label(re.compile("^Iets zeggen tegen Samira"))).to_be_focused()
    await lead.keyboard.type("jkr: wat zong zij?")
    await lead.get_by_role("button", name="Vraag", exact=True).click()
    await expect(lead.locator(".record")).to_contain_text("Verstuurd.")
    await expect(lead.locator(".record")).to_contain_text("Dit heb je gelezen.")
    assert "kind=visit" in lead.url
    assert await faults(lead) == []

    await nurse.get_by_role("link", name="Vandaag", exact=True).click()
    asked = nurse.locator('a[href^="/remarks/"]').first
    await expect(asked).to_contain_text("Ilse Brouwer vraagt iets", timeout=SOON_MS)
    await nurse.context.set_offline(True)
    await asked.click()
    await expect(nurse.locator("blockquote")).to_contain_text("jkr: wat zong zij?")
    assert await faults(nurse) == []
    await nurse.get_by_label("Je antwoord").fill("Een lied van vroeger.")
    await nurse.get_by_role("button", name="Antwoord").click()
    await expect(nurse.locator("main")).to_contain_text("Nu nog alleen op deze telefoon.")
    await nurse.context.set_offline(False)
    await settled(nurse)

    await lead.goto("/review?kind=answer")
    answer = lead.locator("#list a.arrival.fresh", has_text="Een lied van vroeger.")
    await expect(answer).to_contain_text("Antwoord op je vraag", timeout=SOON_MS)
    await answer.click()
    await expect(lead.locator(".record")).to_contain_text("Zong vanmorgen bij het wassen.")
    await lead.get_by_role("button", name=re.compile("^Afgerond")).click()
    await expect(lead.get_by_role("button", name=re.compile("^Afgerond"))).to_have_count(0)


async def test_the_desk_is_read_by_keyboard_and_who_wants_none_of_it_puts_the_keys_out(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    await lead.set_viewport_size(WIDE)
    await lead.goto("/review?kind=visit")
    first, second = [await lead.locator("#list a.arrival").nth(n).get_attribute("href") or "" for n in range(2)]
    await lead.keyboard.press("j")
    await expect(lead).to_have_url(re.compile(re.escape(first)))
    await lead.keyboard.press("j")
    await expect(lead).to_have_url(re.compile(re.escape(second)))
    await lead.keyboard.press("k")
    await expect(lead).to_have_url(re.compile(re.escape(first)))
    await expect(lead.locator("#record-title")).to_be_focused()
    await lead.keyboard.press("r")
    await expect(lead).to_have_url(re.compile(re.escape(second)))
    await expect(lead.locator("#record-title")).to_be_focused()
    await lead.keyboard.press("?")
    await lead.get_by_label("Toetsen gebruiken").uncheck()
    await lead.locator("#record-title").focus()
    await lead.keyboard.press("r")
    await lead.wait_for_timeout(300)
    await expect(lead).to_have_url(re.compile(re.escape(second)))
    assert await faults(lead) == []
