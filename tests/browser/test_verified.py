"""A finger that is not known: no passkey is made with it, the vault stays shut, and it signs nobody in."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from server import visits
from tests.browser.conftest import SCREEN, Office, authenticator
from tests.browser.test_interrupted import LOCKED
from tests.browser.test_story import invited, settled, step_in

AGAIN = "Je hebt het afgebroken."
TRIES = 3
# Chromium verifies for the passkeys of a phone whatever is asked, so what is asked is looked at too.
OVERHEARD = """
  for (const name of ['create', 'get']) {
    const was = navigator.credentials[name].bind(navigator.credentials);
    navigator.credentials[name] = (asked) => {
      overheard((asked.publicKey.authenticatorSelection ?? asked.publicKey).userVerification);
      return was(asked);
    };
  }
"""


async def refused(page: Page, act: str) -> None:
    """This many taps, and each time it is said that nothing came of it."""
    for _ in range(TRIES):
        await page.locator(act).first.click()
        await expect(page.locator("body")).to_contain_text(AGAIN)
        await expect(page.locator(act).first).to_be_enabled()


async def locked(page: Page) -> None:
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.locator('[data-act="lock"]').click()
    await expect(page.locator(LOCKED).first).to_be_visible()


async def test_whom_the_phone_does_not_know_it_does_not_let_in(browser: Browser, office: Office) -> None:
    link = await invited(await step_in(browser, office, "ilse"), "Nora van Dam")
    context = await browser.new_context(base_url=office.origin, viewport=SCREEN, locale="nl-NL", timezone_id="Europe/Amsterdam")
    asked: list[str] = []

    def overheard(verification: str) -> None:
        asked.append(verification)

    await context.expose_function("overheard", overheard)
    await context.add_init_script(OVERHEARD)
    page = await context.new_page()
    devtools, strange = await authenticator(context, page, verified=False)
    await page.goto(link)
    await refused(page, '[data-act="enrol"]')
    assert await devtools.send("WebAuthn.getCredentials", strange) == {"credentials": []}
    await devtools.send("WebAuthn.removeVirtualAuthenticator", strange)

    devtools, known = await authenticator(context, page)
    await page.locator('[data-act="enrol"]').click()
    await settled(page)
    await locked(page)
    await page.locator(LOCKED).first.click()
    await settled(page)

    await locked(page)
    (passkey,) = (await devtools.send("WebAuthn.getCredentials", known))["credentials"]
    await devtools.send("WebAuthn.removeVirtualAuthenticator", known)
    devtools, strange = await authenticator(context, page, verified=False)
    await devtools.send("WebAuthn.addCredential", {**strange, "credential": passkey})
    await refused(page, LOCKED)
    await context.clear_cookies()
    await page.goto("/sign-in")
    await refused(page, '[data-act="sign-in"]')
    assert [one["name"] for one in await context.cookies()] == [visits.COOKIE]
    assert asked == ["required"] * (3 * TRIES + 2)
