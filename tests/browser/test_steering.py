"""Steering: a nurse without signal steps down, is asked for no names in what gets stuck, and the lead finds at the desk what waits and is stuck."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office
from tests.browser.test_story import settled, step_in

ON_PHONE = re.compile("Nu nog alleen op deze telefoon")


async def test_without_signal_the_help_is_steered_and_the_desk_sees_what_is_stuck(browser: Browser, office: Office) -> None:
    nurse = await step_in(browser, office, "samira")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Hendriks").click()
    await nurse.context.set_offline(True)
    await nurse.get_by_role("link", name="Hoe nu verder").click()
    main = nurse.locator("main")
    await expect(main).to_contain_text("Opgeschaald: antwoord afwachten")

    await begin(nurse, "Afschalen")
    await nurse.get_by_label("Waar gaat het om?").select_option(index=1)
    await expect(nurse.get_by_text("Ja, vanaf vandaag uit de planning")).to_be_hidden()
    await choose(nurse, "Stoppen", "Niets meer nodig")
    await expect(nurse.get_by_text("Ja, vanaf vandaag uit de planning")).to_be_visible()
    await nurse.get_by_label("Waarom kan dit?").fill("Hij spuit zelf.")
    await nurse.get_by_role("button", name="Bewaar", exact=True).click()
    await expect(main).to_contain_text(ON_PHONE)

    await begin(nurse, "Hier loopt het vast")
    await choose(nurse, "Een wachtlijst")
    await nurse.get_by_label("Wat loopt er vast?").fill("De wachtlijst voor meneer Hendriks is lang.")
    await expect(nurse.locator("#warn-text")).to_contain_text("Hier lijkt een naam te staan")
    await nurse.get_by_label("Wat loopt er vast?").fill("Voor een duivenmaatje is er een lange wachtlijst.")
    await expect(nurse.locator("#warn-text")).to_be_hidden()
    await nurse.get_by_role("button", name="Bewaar", exact=True).click()
    await expect(main).to_contain_text("Voor een duivenmaatje is er een lange wachtlijst.")

    await nurse.context.set_offline(False)
    await settled(nurse)
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/roster")
    await lead.get_by_role("link", name="Wat loopt vast").click()
    await expect(lead.get_by_role("heading", name="1 keer opgeschaald, zonder antwoord")).to_be_visible()
    await lead.locator("summary", has_text="Een wachtlijst").click()
    await expect(lead.locator("main")).to_contain_text("Voor een duivenmaatje")
    async with lead.expect_download() as given:
        await lead.get_by_role("link", name="Download zonder namen").click()
    text = (await (await given.value).path()).read_text("utf-8-sig")
    assert "Voor een duivenmaatje" in text
    assert "Hendriks" not in text


async def begin(nurse: Page, kind: str) -> None:
    await nurse.get_by_role("link", name=re.compile(f"^{kind}")).first.click()
    await expect(nurse.locator("form#steering")).to_be_visible()


async def choose(nurse: Page, *choices: str) -> None:
    for choice in choices:
        await nurse.locator(".choices label", has_text=re.compile(f"^{choice}$")).click()
