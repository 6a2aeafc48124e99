"""A second passkey opens the vault that is there, the first can go without it, and a new phone begins beside the old one."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import SCREEN, Office, authenticator, phone
from tests.browser.test_story import invited, settled, step_in

LOCKED = '[data-act="unlock"]'
OPENS = 'small:text-is("opent wat op dit toestel bewaard is"):visible'
SECOND = {
    "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "usb", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True, "hasPrf": True,
}  # fmt: skip


async def to_keys(page: Page) -> None:
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.get_by_role("link", name="Mijn passkeys en een nieuwe telefoon").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Mijn passkeys")


async def begun(page: Page, link: str) -> None:
    await page.goto(link)
    await page.locator('[data-act="enrol"]').click()
    await page.get_by_role("link", name="Later").click()
    await settled(page)


async def test_a_second_passkey_opens_the_vault_and_the_first_can_go(browser: Browser, office: Office) -> None:
    link = await invited(await step_in(browser, office, "ilse"), "Nora van Dam")
    context = await browser.new_context(base_url=office.origin, viewport=SCREEN, locale="nl-NL", timezone_id="Europe/Amsterdam")
    page = await context.new_page()
    devtools, first = await authenticator(context, page)
    await begun(page, link)
    await to_keys(page)
    await expect(page.locator(OPENS)).to_have_count(1)
    await expect(page.get_by_role("button", name="Haal weg")).to_have_count(0)

    second = {}

    async def at_hand(route: Route) -> None:
        # The first has shown itself; what is made now is made by the second.
        await devtools.send("WebAuthn.setAutomaticPresenceSimulation", {**first, "enabled": False})
        second.update(await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": SECOND}))
        await route.continue_()

    await page.route("**/passkeys/challenges", at_hand)
    await page.get_by_role("button", name="Maak een passkey erbij").click()
    await expect(page.get_by_role("status").first).to_contain_text("De passkey is gemaakt.")
    await expect(page.locator(OPENS)).to_have_count(2)

    await page.get_by_role("button", name="Haal weg").first.click()
    await expect(page.get_by_role("status").first).to_contain_text("Hij opent Naober niet meer.")
    await expect(page.locator(OPENS)).to_have_count(1)
    await context.set_offline(True)
    await page.goto("/today")
    await page.locator(LOCKED).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Goede"))

    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.locator('[data-act="lock"]').click()
    await devtools.send("WebAuthn.removeVirtualAuthenticator", second)
    await devtools.send("WebAuthn.setAutomaticPresenceSimulation", {**first, "enabled": True})
    await page.locator(LOCKED).click()
    await expect(page.get_by_role("alert").filter(has_text=re.compile("afgebroken|lukte niet"))).to_be_visible(timeout=90_000)


async def test_a_new_phone_begins_beside_the_old_one_which_stays_as_it_is(browser: Browser, office: Office) -> None:
    link = await invited(await step_in(browser, office, "ilse"), "Nora van Dam")
    old = await phone(browser, office)
    await begun(old, link)
    await to_keys(old)
    await old.get_by_role("button", name="Maak een link voor mijn nieuwe telefoon").click()
    own = await old.get_by_role("textbox", name="Link").input_value()
    new = await phone(browser, office)
    await begun(new, own)
    await new.get_by_role("link", name="Huishoudens").click()
    await expect(new.locator("#matches a.row").first).to_be_visible()
    await old.goto("/today")
    await old.locator(LOCKED).click()
    await settled(old)
    await to_keys(old)
    await expect(old.locator("[data-keys-of] .row")).to_have_count(2)
    await expect(old.locator(OPENS)).to_have_count(1)
