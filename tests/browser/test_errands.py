"""A task in a volunteer's hands, in real browsers: planned without signal, said yes to, done, and a worry that comes back answered."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_story import ON_PHONE, settled, step_in

WORRY = "Hij deed niet open, en de gordijnen zijn dicht."
ANSWER = "Dank je, we gaan er nu langs."


async def test_eye_drops_go_to_a_volunteer_and_a_worry_comes_back_answered(browser: Browser, office: Office) -> None:
    nurse, gerrit = await step_in(browser, office, "samira"), await step_in(browser, office, "gerrit")
    await gerrit.get_by_role("button", name="Ik houd dit voor me").click()
    await nurse.context.set_offline(True)
    await planned(nurse, "Meneer Hendriks", "Oogdruppels", "Gerrit Mulder")
    await expect(nurse.locator("main")).to_contain_text(ON_PHONE)
    await nurse.context.set_offline(False)
    await settled(nurse)

    card = gerrit.locator("article", has_text="Oogdruppels")
    await expect(card).to_contain_text("Eén druppel in elk oog.", timeout=30_000)
    await expect(card).not_to_contain_text("Hendriks")
    await card.get_by_role("button", name="Ja, dat doe ik").click()
    await settled(gerrit)
    # The first name and the street come with the yes, because it is for today.
    await expect(card.locator("dd", has_text="Elmerwaard")).to_be_visible(timeout=30_000)
    await expect(card).not_to_contain_text("Hendriks")

    await gerrit.context.set_offline(True)
    await card.get_by_role("link", name="Anders, of ik maak me zorgen").click()
    await gerrit.get_by_label("Wat wil je erover kwijt?").fill(WORRY)
    await gerrit.get_by_role("button", name="Ik maak me zorgen").click()
    await expect(gerrit.locator("main")).to_contain_text(ON_PHONE)
    await card.get_by_role("button", name="Gedaan").click()
    await gerrit.context.set_offline(False)
    await settled(gerrit)

    await nurse.locator("nav.tabs").get_by_role("link", name="Vandaag").click()
    worry = nurse.locator("a.row", has_text=WORRY)
    await expect(worry).to_contain_text("Gerrit Mulder, vrijwilliger", timeout=30_000)
    await worry.click()
    await nurse.get_by_label("Wat doe je ermee?").fill(ANSWER)
    await nurse.locator(".choices label", has_text="vindt goed dat").click()
    await nurse.get_by_role("button", name="Antwoord").click()
    await settled(nurse)
    await expect(gerrit.locator("main")).to_contain_text(ANSWER, timeout=30_000)
    await expect(gerrit.locator("main")).to_contain_text("Je zorg is ontvangen")


async def planned(nurse: Page, home: str, what: str, volunteer: str) -> None:
    """A task for today, in a volunteer's hands."""
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text=home).first.click()
    await nurse.get_by_role("link", name="Nieuwe taak").click()
    await nurse.get_by_label("Wat moet er gebeuren?").fill(what)
    await nurse.locator(".choices label", has_text="Vandaag").click()
    await nurse.get_by_text("Iemand anders doet het").click()
    await nurse.get_by_label("Wie vraag je?").select_option(label=f"{volunteer} · De Haard, vrijwillige hulp")
    await nurse.get_by_label("Hoe moet het?").fill("Eén druppel in elk oog.")
    await expect(nurse.locator("#readers")).to_contain_text(f"{volunteer} leest alleen wat er moet gebeuren")
    await nurse.get_by_role("button", name="Bewaar taak").click()
