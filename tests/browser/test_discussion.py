"""Overleg: a nurse without signal notes a huddle and who does what; her colleague has both as soon as there is signal, the lead too."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.browser.conftest import Office
from tests.browser.test_story import settled, step_in

DECIDED = "Voortaan bellen wij eerst de dochter."
AGREED = "Dochter van meneer bellen"


async def test_without_signal_a_huddle_is_noted_and_a_colleague_has_it_and_the_task(browser: Browser, office: Office) -> None:
    nurse = await step_in(browser, office, "samira")
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator("#matches a.row", has_text="Hendriks").click()
    await nurse.context.set_offline(True)
    await nurse.get_by_role("link", name="Hoe nu verder").click()
    await nurse.get_by_role("link", name=re.compile("^Overleg")).click()

    aloud = nurse.locator("#aloud")
    await expect(aloud).to_be_hidden()
    await nurse.get_by_label("Iemand anders").fill("wijkagent")
    await expect(nurse.locator("#cover")).to_contain_text("Naober weet niet wat wijkagent mag lezen.")
    await nurse.locator(".choices label", has_text="Zonder naam besproken").click()
    await nurse.locator("summary", has_text="Vraag en gezamenlijk beeld").click()
    await nurse.get_by_label("Wat was de vraag?").fill("Waarom doet meneer Hendriks niet open?")
    await expect(aloud).to_contain_text("In ‘De vraag’ lijkt een naam te staan.")
    await nurse.get_by_label("Wat was de vraag?").fill("Waarom doet hij niet open?")
    await expect(aloud).to_contain_text("De vraag: Waarom doet hij niet open?")

    await nurse.locator(".choices label", has_text="Joost van Dalen").click()
    await nurse.get_by_label("Wat is er besloten?").fill(DECIDED)
    await nurse.get_by_label("Wat moet er gebeuren?").first.fill(AGREED)
    await nurse.get_by_label("Wie doet het?").first.select_option(label="Joost van Dalen")
    await nurse.get_by_role("button", name="Bewaar", exact=True).click()
    main = nurse.locator("main")
    await expect(main).to_contain_text("Overleg bewaard. Nu nog alleen op deze telefoon.")
    await expect(nurse.locator(".line li").first).to_contain_text(DECIDED)

    await nurse.context.set_offline(False)
    await settled(nurse)
    joost = await step_in(browser, office, "joost")
    await joost.get_by_role("link", name="Taken").click()
    await joost.get_by_role("link", name=re.compile(AGREED)).click()
    await joost.get_by_role("link", name=re.compile("Hendriks")).first.click()
    await expect(joost.locator(".line")).to_contain_text(DECIDED)
