"""Somebody nearby: a nurse without signal adds who is there, turns the picture round, plans, and asks or skips with one tap."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_story import settled, step_in

ON_PHONE = re.compile("Nu nog alleen op deze telefoon")


async def test_without_signal_somebody_is_added_drawn_asked_and_the_next_time_skipped(browser: Browser, office: Office) -> None:
    nurse = await step_in(browser, office, "samira")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Mevrouw De Wit").click()
    await nurse.context.set_offline(True)
    await nurse.get_by_role("link", name="Netwerk", exact=True).click()
    await expect(nurse.get_by_role("img", name=re.compile("Om mevrouw De Wit heen staan 4 mensen"))).to_be_visible()
    await add(nurse)
    main = nurse.locator("main")
    await expect(main).to_contain_text(ON_PHONE)
    await expect(nurse.get_by_role("img", name=re.compile("5 mensen.*In de straat: .*Riet van 12"))).to_be_visible()
    await expect(nurse.locator(".week li", has_text="zondag")).to_contain_text("Riet")

    await plan(nurse, "Naar de bridgemiddag rijden")
    await expect(main).to_contain_text("Kan iemand dichtbij dit doen?")
    await nurse.get_by_role("button", name="Vraag Riet van 12").click()
    await expect(main).to_contain_text("Riet van 12 is gevraagd")
    await nurse.get_by_role("button", name="Zei ja").click()
    await expect(main).to_contain_text("Riet van 12: ja")

    await plan(nurse, "Koffie")
    await nurse.locator("section.card").get_by_role("button", name="Sla over").click()
    await expect(main).to_contain_text("Niet gevraagd")
    await expect(nurse.get_by_role("heading", name="Kan iemand dichtbij dit doen?")).to_have_count(0)

    await nurse.context.set_offline(False)
    await settled(nurse)


async def add(nurse: Page) -> None:
    """A neighbour, who agreed, on Sundays."""
    await nurse.get_by_role("link", name="Zet iemand erbij").click()
    await nurse.get_by_label("Naam", exact=True).fill("Riet van 12")
    for choice in ("Buur", "In de straat", "Rijden", "zo", "Akkoord"):
        await nurse.locator(".choices label", has_text=re.compile(f"^{choice}$")).click()
    await nurse.get_by_role("button", name="Bewaar", exact=True).click()


async def plan(nurse: Page, what: str) -> None:
    """Once, today: back to the household, and on from there."""
    await nurse.get_by_role("link", name="Mevrouw De Wit").click()
    await nurse.get_by_role("link", name="Plannen").click()
    await nurse.get_by_label("Wat gaan we doen?").fill(what)
    await nurse.get_by_role("button", name="Bewaar planning").click()
