"""Whether what lies on a phone stays there: asked of the browser, said to its owner and to their lead; Safari on iOS keeps nothing in a tab."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import SCREEN, Office, authenticator
from tests.browser.test_interrupted import inside
from tests.browser.test_story import invited, settled, step_in

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1"
UNKEPT = "de browser mag weggooien wat erop staat"


async def my_phone(page: Page) -> None:
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.get_by_role("link", name="Mijn telefoon").click()


async def test_a_browser_that_promises_nothing_is_said_to_its_owner_and_their_lead(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "samira")
    await my_phone(page)
    await expect(page.locator("main")).to_contain_text(re.compile("Je browser mag weggooien wat hier staat.*Zet Naober op je beginscherm"))
    lead = await step_in(browser, office, "ilse")
    await lead.goto("/devices")
    theirs = lead.locator("section", has_text="Samira").locator("li", has_text=UNKEPT)
    await expect(theirs).to_have_count(1)

    context = page.context
    devtools = await context.browser.new_browser_cdp_session()
    here = (await (await context.new_cdp_session(page)).send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
    await devtools.send("Browser.grantPermissions", {"origin": office.origin, "permissions": ["durableStorage"], "browserContextId": here})
    await inside(page, "samira")
    await my_phone(page)
    await expect(page.locator("main")).to_contain_text("Ja. Je browser heeft beloofd te bewaren wat hier staat")
    await lead.reload()
    await expect(theirs).to_have_count(0)


async def test_safari_in_a_tab_keeps_nothing_and_says_where_it_would(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    link = await invited(lead, "Nora van Dam")
    context = await browser.new_context(base_url=office.origin, viewport=SCREEN, locale="nl-NL", user_agent=IPHONE, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await authenticator(context, page)
    await page.goto(link)
    await page.locator('[data-act="enrol"]').click()
    await settled(page)
    await expect(page.locator("main")).to_contain_text("Zet Naober op je beginscherm")
    assert await page.evaluate("indexedDB.databases().then((all) => all.map(({name}) => name))") in ([], ["naober"])
    await page.goto("/today")
    await expect(page).to_have_url(re.compile("/sign-in"))
