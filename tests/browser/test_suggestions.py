"""An idea: a volunteer has one without signal, the lead answers at the desk, and the volunteer reads it."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.conftest import Office
from tests.browser.test_story import settled, step_in

WORDS = "Graag een kaartje bij het adres."


async def test_an_idea_had_without_signal_is_answered_at_the_desk_and_the_answer_comes_back(browser: Browser, office: Office) -> None:
    gerrit = await step_in(browser, office, "gerrit")
    await gerrit.context.set_offline(True)
    await gerrit.get_by_role("link", name="Idee over dit scherm?").click()
    main = gerrit.locator("main")
    await expect(main).to_contain_text("Over: Mijn taken")
    await gerrit.get_by_label("Wat kan beter, of handiger?").fill(WORDS)
    await gerrit.get_by_role("button", name="Bewaar idee").click()
    await expect(main).to_contain_text("Idee bewaard. Nu nog alleen op deze telefoon.")
    await gerrit.context.set_offline(False)
    await settled(gerrit)

    noor = await step_in(browser, office, "noor")
    await noor.goto("/suggestions")
    idea = noor.locator("article", has_text=WORDS)
    await expect(idea).to_contain_text("Gerrit Mulder, vrijwilliger bij De Haard, vrijwillige hulp · Mijn taken")
    await idea.get_by_label("Wat doe je ermee, of waarom niet?").fill("Dat gaan we doen.")
    await idea.get_by_role("button", name="Verstuur").click()
    await expect(noor.locator("main")).to_contain_text("Verstuurd.")

    await expect(main).to_contain_text("Dat gaan we doen.", timeout=15_000)
    await expect(main).to_contain_text("Iemand van je team, teamleider")
