"""One tap away: without signal the steps of the reporting code are there and keep what is written; a liaison is noted in three taps."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_story import settled, step_in

WORDS = "Een blauwe plek op haar arm, en zij keek naar hem."
BACK = """() => {
  Object.defineProperty(document, 'hidden', {value: false, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


# This browser has nothing to call with, and would wait for it.
NO_DIALLER = "() => document.addEventListener('click', (event) => { if (event.target.closest('a[href^=tel]')) event.preventDefault(); })"


class Taps:
    """Counts them."""

    n = 0

    async def on(self, what: Locator) -> None:
        self.n += 1
        await what.click()


async def at_de_wit(browser: Browser, office: Office) -> Page:
    nurse = await step_in(browser, office, "samira")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Mevrouw De Wit").click()
    await expect(nurse.get_by_role("link", name="Veiligheid")).to_be_visible()
    await nurse.context.set_offline(True)
    return nurse


async def test_without_signal_the_steps_are_two_taps_away_and_what_was_written_outlives_a_restart(browser: Browser, office: Office) -> None:
    nurse, taps = await at_de_wit(browser, office), Taps()
    house, main = nurse.url, nurse.locator("main")
    await taps.on(nurse.get_by_role("link", name="Veiligheid"))
    await expect(nurse.get_by_role("link", name="0800-2000")).to_have_attribute("href", "tel:08002000")
    await taps.on(nurse.locator("summary", has_text="1. Wat valt je op?"))
    assert taps.n <= 2
    await expect(main).to_contain_text("Zet op een rij wat je zag en hoorde")
    await nurse.get_by_role("link", name=re.compile("^Schrijf op.*Wat valt je op")).click()
    await expect(main).to_contain_text("Dit lees alleen jij, op deze telefoon.")
    await nurse.get_by_label("Wat zag of hoorde je, en wanneer?").fill(WORDS)
    await nurse.get_by_role("button", name="Bewaar").click()
    await expect(main).to_contain_text("Stap bewaard. Nu nog alleen op deze telefoon.")
    assert WORDS not in await nurse.content()

    await nurse.reload()
    await nurse.locator('[data-act="unlock"]').first.click()
    await expect(main).to_contain_text("Er is 1 stap opgeschreven.")
    await nurse.get_by_role("button", name="Lees wat over veiligheid gaat").click()
    await expect(main).to_contain_text(WORDS)
    assert await nurse.title() == "Naober"

    await nurse.context.set_offline(False)
    await expect(main).to_contain_text("vastgehouden", timeout=15_000)
    await nurse.goto(house)
    await nurse.locator('[data-act="unlock"]').first.click()
    await expect(nurse.get_by_role("heading", level=1)).to_have_text("Mevrouw De Wit")
    assert WORDS not in await nurse.content()


async def test_a_liaison_takes_three_taps_without_signal(browser: Browser, office: Office) -> None:
    nurse, taps = await at_de_wit(browser, office), Taps()
    await taps.on(nurse.get_by_role("link", name="Afgestemd", exact=True))
    await taps.on(nurse.locator(".choices label", has_text="Joost van Dalen"))
    await taps.on(nurse.get_by_role("button", name="Bewaar"))
    assert taps.n == 3
    main = nurse.locator("main")
    await expect(main).to_contain_text("Bewaard dat je afstemde. Nu nog alleen op deze telefoon.")
    await expect(nurse.locator(".line li").first).to_contain_text("Afgestemd met Joost van Dalen")
    await nurse.context.set_offline(False)
    await settled(nurse)


async def test_who_comes_back_from_a_call_stands_where_it_is_noted(browser: Browser, office: Office) -> None:
    nurse = await at_de_wit(browser, office)
    call = nurse.get_by_role("link", name="Bel Anja de Wit").first
    assert re.fullmatch(r"tel:\d+", await call.get_attribute("href") or "")
    await nurse.evaluate(NO_DIALLER)
    await call.click()
    await nurse.evaluate(BACK)
    await expect(nurse.get_by_role("heading", level=1)).to_have_text("Afgestemd")
    await expect(nurse.get_by_label("Anja de Wit", exact=False)).to_be_checked()
    await expect(nurse.get_by_label("Gebeld")).to_be_checked()
    await nurse.get_by_role("button", name="Bewaar").click()
    await expect(nurse.locator(".line li").first).to_contain_text("Afgestemd met Anja de Wit")
