"""The last step of enrolment: one real unlock in flight mode; a passkey that opens nothing is found there, while nothing is lost."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_story import invited, settled, step_in

LOCKED = '[data-act="unlock"]'
TRIAL = "Probeer het één keer zonder bereik"
# An authenticator that gives its secret when the passkey is made, and never again.
ONLY_ONCE = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = async (asked) => {
    const found = await get(asked);
    found.getClientExtensionResults = () => ({});
    return found;
  };
}"""


async def enrolled(browser: Browser, office: Office, *, script: str = "") -> Page:
    lead = await step_in(browser, office, "ilse")
    link = await invited(lead, "Nora van Dam")
    page = await phone(browser, office)
    if script:
        await page.add_init_script(f"({script})()")
    await page.goto(link)
    await page.locator('[data-act="enrol"]').click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(TRIAL)
    return page


async def test_a_new_phone_is_unlocked_once_in_flight_mode_before_today(browser: Browser, office: Office) -> None:
    page = await enrolled(browser, office)
    main = page.locator("main")
    await page.get_by_role("button", name="Ontgrendelen").click()
    await expect(main).to_contain_text("Gelukt, maar met bereik.")
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.get_by_role("link", name="Ontgrendelen zonder bereik").click()
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Ontgrendelen").click()
    await expect(main).to_contain_text("Gelukt, zonder bereik.")
    await page.context.set_offline(False)
    await page.get_by_role("link", name="Verder").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Goede"))
    await settled(page)
    await page.get_by_role("link", name="Ik", exact=True).click()
    await expect(main).to_contain_text("Mijn telefoon")
    await expect(main).not_to_contain_text("Ontgrendelen zonder bereik")


async def test_later_is_no_trap_and_any_unlock_without_signal_will_do(browser: Browser, office: Office) -> None:
    page = await enrolled(browser, office)
    await page.get_by_role("link", name="Later").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Goede"))
    await settled(page)
    await page.get_by_role("link", name="Ik", exact=True).click()
    await expect(page.get_by_role("link", name="Ontgrendelen zonder bereik")).to_be_visible()
    await page.context.set_offline(True)
    await page.locator('[data-act="lock"]').click()
    await page.locator(LOCKED).first.click()
    await page.get_by_role("link", name="Ik", exact=True).click()
    await expect(page.locator("main")).to_contain_text("Mijn telefoon")
    await expect(page.get_by_role("link", name="Ontgrendelen zonder bereik")).to_have_count(0)


async def test_a_passkey_that_gives_its_secret_only_once_leaves_a_phone_that_keeps_nothing(browser: Browser, office: Office) -> None:
    page = await enrolled(browser, office, script=ONLY_ONCE)
    await page.get_by_role("button", name="Ontgrendelen").click()
    await expect(page.locator("main")).to_contain_text("Met deze passkey kan dit toestel niets verzegeld bewaren.")
    assert await page.evaluate("indexedDB.databases().then((all) => all.map(({name}) => name))") == ["naober"]
    await page.get_by_role("link", name="Verder").click()
    await settled(page)
    await page.get_by_role("link", name="Huishoudens").click()
    await expect(page.locator("#matches a.row").first).to_be_visible()
    await page.goto("/today")
    await expect(page).to_have_url(re.compile("/sign-in"))
