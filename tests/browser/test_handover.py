"""Handing over, in real browsers: Samira leaves, a colleague who was out of reach has her work, and her own phone is empty."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.browser.conftest import Office
from tests.browser.test_story import settled, step_in

VAULTS = "indexedDB.databases().then((all) => all.filter(({name}) => name !== 'naober').length)"


async def test_samira_leaves_and_joost_has_her_work(browser: Browser, office: Office) -> None:
    samira = await step_in(browser, office, "samira")
    joost = await step_in(browser, office, "joost")
    lead = await step_in(browser, office, "ilse")
    await joost.context.set_offline(True)

    await lead.goto("/people")
    await lead.locator("li", has_text="Samira").get_by_role("link", name=re.compile("Gaat weg")).click()
    await expect(lead.locator("h1")).to_have_text("Samira El Amrani gaat weg")
    lead.on("dialog", lambda dialog: dialog.accept())
    await lead.get_by_role("button", name="Draag over").click()
    await expect(lead.get_by_role("alert").first).to_contain_text("Mevrouw Yılmaz: Kies wie dit overneemt.")
    await lead.get_by_label("Wie neemt het werk over?").select_option("Joost van Dalen")
    await lead.get_by_label(re.compile("Mevrouw Pinas")).select_option("Marleen Hoekstra")
    await lead.get_by_role("button", name="Draag over").click()
    await expect(lead.locator("main")).to_contain_text("Alles is overgedragen.")

    await expect(samira.locator("main")).to_contain_text("Dit toestel is ingetrokken.", timeout=5000)
    assert await samira.evaluate(VAULTS) == 0

    await joost.context.set_offline(False)
    await settled(joost)
    asked = joost.get_by_role("link", name=re.compile("Ilse Brouwer vraagt iets"))
    # At the same instant he is asked to answer what Samira was asked about Mrs De Wit, in whichever order.
    await expect(asked).to_have_count(2)
    await asked.filter(has_not_text="Mevrouw De Wit").click()
    main = joost.locator("main")
    await expect(main).to_contain_text(re.compile("Je neemt werk over van Samira El Amrani: .* bij 7 voordeuren"))
    await joost.get_by_label("Je antwoord").fill("Gezien.")
    await joost.get_by_role("button", name="Antwoord").click()
    await expect(main).to_contain_text("Je antwoord is bewaard.")
    await lead.goto("/review")
    await expect(lead.locator("main")).to_contain_text("Antwoord op je vraag")
