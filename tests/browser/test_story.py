"""The one story everything hangs on, in real browsers: a visit recorded without signal reaches the team lead."""

from __future__ import annotations

import re

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Office, phone

SAVED = "Bezoek bewaard."
ON_PHONE = "Nu nog alleen op deze telefoon."
RECEIVED = "Het kantoor heeft het ontvangen."
ALL = "alles ontvangen"
SECOND_MS = 1000


async def step_in(browser: Browser, office: Office, person: str, **how: object) -> Page:
    """A phone on which this person of the demo neighbourhood has stepped in, with all that today needs."""
    page = await phone(browser, office, **how)  # type: ignore[arg-type]
    await page.goto(f"/demo/{person}")
    await page.locator('[data-act="step-in"]').click()
    await expect(page.locator("#connection")).to_have_text(re.compile(f"{ALL}|everything received"), timeout=20_000)
    return page


async def invited(lead: Page, name: str) -> str:
    """The link with which somebody new in this lead's team makes a passkey."""
    await lead.goto("/people")
    await lead.get_by_label("Naam", exact=True).fill(name)
    await lead.get_by_label("Wijkverpleegkundige").check()
    await lead.get_by_role("button", name="Zet erbij").click()
    row = lead.locator("li", has_text=name)
    await row.get_by_role("button", name=re.compile("^Nodig uit")).click()
    return await row.get_by_label("Link").input_value()


async def settled(page: Page, text: str = ALL) -> None:
    await expect(page.locator("#connection")).to_have_text(text, timeout=15_000)


def context_of(page: Page) -> BrowserContext:
    return page.context


async def test_a_visit_recorded_without_signal_reaches_the_lead_and_a_colleague(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    link = await invited(lead, "Nora van Dam")
    await lead.goto("/review")

    nurse = await phone(browser, office)
    await nurse.goto(link)
    await nurse.locator('[data-act="enrol"]').click()
    await nurse.get_by_role("link", name="Later").click()
    await expect(nurse.get_by_role("heading", level=1)).to_have_text(re.compile("^Goede"))
    await settled(nurse)

    await nurse.context.set_offline(True)
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row").first.click()
    await expect(nurse.get_by_role("link", name="Bezoek", exact=True)).to_be_visible()
    house = await nurse.get_by_role("heading", level=1).inner_text()
    await nurse.get_by_role("link", name="Bezoek", exact=True).click()
    await record(nurse)
    await expect(nurse.locator("main")).to_contain_text(f"{SAVED} {ON_PHONE}")
    await expect(nurse.locator(".line")).to_contain_text("alleen op deze telefoon")

    await nurse.context.set_offline(False)
    await expect(nurse.locator("main")).to_contain_text(f"{SAVED} {RECEIVED}", timeout=10_000)
    await expect(lead.locator("main")).to_contain_text("Liep zelf naar de deur", timeout=3 * SECOND_MS)
    await read_by(lead, house)

    colleague = await step_in(browser, office, "joost")
    await colleague.goto("/today")
    await colleague.locator('[data-act="unlock"]').first.click()
    await colleague.get_by_role("link", name="Huishoudens").click()
    await colleague.get_by_role("link", name=re.compile(re.escape(house))).first.click()
    await expect(colleague.locator(".line")).to_contain_text("Liep zelf naar de deur")


async def record(nurse: Page) -> None:
    """A visit with a strength, a topic, two measurements and a follow-up."""
    await nurse.locator(".choices label", has_text="Familie").click()
    await nurse.get_by_label("Wat gaat er goed?").fill("Liep zelf naar de deur.")
    await nurse.locator("summary", has_text="Lichaam").click()
    await nurse.locator("#text_body").fill("Wond 2 cm, rustig. <b>Verband</b> gewisseld.")
    await nurse.locator("summary", has_text="Metingen").click()
    await nurse.get_by_label(re.compile("^Bovendruk")).fill("138")
    await nurse.get_by_label(re.compile("^Onderdruk")).fill("82")
    await nurse.get_by_label(re.compile("^Temperatuur")).fill("47,2")
    await expect(nurse.locator("#warn-temperature")).to_have_text("Dat is erg hoog. Klopt dat?")
    await nurse.locator("summary", has_text="Vervolg").click()
    await nurse.get_by_label("Wat moet er gebeuren?").fill("Verband bestellen")
    await nurse.get_by_role("button", name="Bewaar bezoek").click()


async def read_by(lead: Page, house: str) -> None:
    """The lead opens the newest, sees whose hand wrote it, and marks it read."""
    await lead.locator("#list a", has_text="Liep zelf naar de deur").first.click()
    shown = lead.locator("main")
    await expect(shown).to_contain_text("Nora van Dam")
    await expect(shown).to_contain_text(house)
    await expect(shown).to_contain_text("138/82")
    await lead.get_by_role("button", name=re.compile("^Gelezen")).first.click()
    await expect(lead.locator("main")).to_contain_text("Gelezen")


async def test_a_contact_on_a_bench_takes_six_taps_without_signal(browser: Browser, office: Office) -> None:
    worker = await step_in(browser, office, "youssef")
    await worker.context.set_offline(True)
    taps = 0

    async def tap(what: object) -> None:
        nonlocal taps
        taps += 1
        await what.click()  # type: ignore[attr-defined]

    await tap(worker.get_by_role("link", name="Buurtcontact").first)
    await tap(worker.locator(".choices label", has_text="Park"))
    await tap(worker.locator(".choices label", has_text="Gesprek"))
    await tap(worker.get_by_label("Wat wil je onthouden?"))
    await worker.keyboard.type("Twee mannen op het bankje willen wel helpen in de moestuin.")
    await tap(worker.get_by_role("button", name="Bewaar contact"))
    assert taps <= 6
    await expect(worker.locator("main")).to_contain_text(f"Buurtcontact bewaard. {ON_PHONE}")
    await worker.context.set_offline(False)
    await settled(worker)


async def test_nobody_elsewhere_holds_any_of_it(browser: Browser, office: Office) -> None:
    elsewhere = await step_in(browser, office, "bram")
    await elsewhere.get_by_role("link", name="Huishoudens").click()
    await expect(elsewhere.locator("main")).to_contain_text("Huishoudens")
    assert await elsewhere.locator("#matches a.row").count() == 0
