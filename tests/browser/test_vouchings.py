"""A lost phone: the lead invites, a colleague confirms, the day is there again; and the old phone, locked in a drawer, hands in and goes."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_axe import faults
from tests.browser.test_delivery import arrived, left_here, lock, wrote
from tests.browser.test_story import invited, settled, step_in

NAME = "Nora van Dam"
WRONG = "0000 0000"


async def enrolled(page: Page, link: str) -> None:
    await page.goto(link)
    await page.locator('[data-act="enrol"]').click()
    await settled(page)


async def recovery(lead: Page) -> str:
    """The link for a phone that was lost."""
    await lead.goto("/people")
    row = lead.locator("li", has_text=NAME)
    await row.get_by_role("button", name=re.compile("^Toestel kwijt")).click()
    await expect(row).to_contain_text("iemand anders dan jij")
    return await row.get_by_label("Link").input_value()


async def confirmed(colleague: Page, code: str) -> None:
    """Through the phone's own page, as a hand does."""
    await colleague.get_by_role("link", name="Ik", exact=True).click()
    await colleague.get_by_role("link", name=re.compile("Bevestig een collega")).click()
    await colleague.get_by_label("Code van acht cijfers").fill(WRONG)
    await colleague.get_by_role("button", name="Kijk van wie").click()
    await expect(colleague.get_by_role("alert").first).to_contain_text("Deze code klopt niet")
    assert await faults(colleague) == []
    await colleague.get_by_label("Code van acht cijfers").fill(code)
    await colleague.get_by_role("button", name="Kijk van wie").click()
    await expect(colleague.locator("main")).to_contain_text(f"Staat {NAME} nu voor je?")
    assert await faults(colleague) == []
    await colleague.get_by_role("button", name="Ja, bevestig").click()
    await expect(colleague.get_by_role("status").first).to_contain_text(f"Bevestigd. {NAME} kan nu")


async def test_a_lost_phone_is_replaced_by_two_people_and_hands_in_what_it_held(browser: Browser, office: Office) -> None:
    lead, colleague = await step_in(browser, office, "ilse"), await step_in(browser, office, "joost")
    old, new = await phone(browser, office), await phone(browser, office)
    await enrolled(old, await invited(lead, NAME))
    await wrote(old)
    await lock(old)

    await new.goto(await recovery(lead))
    code = await new.locator(".digits").inner_text()
    await expect(new.locator('[data-act="enrol"]')).to_have_count(0)
    assert await faults(new) == []
    await confirmed(colleague, code)
    # It looks by itself.
    await expect(new.locator("main")).to_contain_text("heeft bevestigd dat jij het bent", timeout=8000)
    await new.locator('[data-act="enrol"]').click()
    await new.get_by_role("link", name="Later").click()
    await expect(new.get_by_role("heading", level=1)).to_have_text(re.compile("^Goede"))
    await settled(new)
    await new.get_by_role("link", name="Huishoudens").click()
    await expect(new.locator("#matches a.row").first).to_be_visible()

    await old.context.set_offline(False)
    assert await arrived(old, office) == [("held", "device_revoked")]
    await expect(old.locator("main")).to_contain_text("Dit toestel is ingetrokken")
    assert [name for name in await left_here(old) if name.startswith("naober-")] == []
    await expect(new.locator("#connection")).to_have_text(re.compile("alles ontvangen"))
