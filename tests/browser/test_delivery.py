"""What waits on a locked phone reaches the office without its owner; and a phone that was taken away goes, locked as it is."""

from __future__ import annotations

import sqlite3

from playwright.async_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.conftest import Office, phone
from tests.browser.test_interrupted import LOCKED, inside, kill, reopened, to_form

NOTE = "Op slot en toch binnen"
SOON_S = 20


async def wrote(page: Page) -> None:
    """A visit without signal, by whoever is in."""
    await page.wait_for_timeout(1500)  # the shell is kept, and what to seal to has come
    await page.context.set_offline(True)
    await to_form(page)
    await page.get_by_label("Wat gaat er goed?").fill(NOTE)
    await page.get_by_role("button", name="Bewaar bezoek").click()
    await expect(page.locator("main")).to_contain_text("alleen op deze telefoon")


async def lock(page: Page) -> None:
    await page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Ik").click()
    await page.locator('[data-act="lock"]').click()
    await expect(page.locator(LOCKED).first).to_be_visible()


def there(office: Office) -> list[tuple[str, str]]:
    """(what became of it, its reason) of the changes in the office that hold the note."""
    with sqlite3.connect(office.folder / "naober.db") as book:
        return book.execute("SELECT is_, coalesce(reason, '') FROM change WHERE body LIKE ?", (f"%{NOTE}%",)).fetchall()


async def arrived(page: Page, office: Office) -> list[tuple[str, str]]:
    """The same, once they are there."""
    for _ in range(SOON_S * 5):
        if there(office):
            break
        await page.wait_for_timeout(200)
    return there(office)


async def revoke(office: Office) -> None:
    with sqlite3.connect(office.folder / "naober.db") as book:
        book.execute("UPDATE device SET revoked_at = 1 WHERE person = (SELECT id FROM person WHERE name LIKE 'Samira%')")


async def left_here(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("(async () => (await indexedDB.databases()).map(({name}) => name))()")
    return found


async def test_what_a_locked_phone_holds_is_handed_in_when_the_line_comes_back(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    await inside(page, "samira")
    await wrote(page)
    await lock(page)
    assert there(office) == []
    await page.context.set_offline(False)
    assert await arrived(page, office) == [("stored", "")]
    await expect(page.locator(LOCKED)).to_be_visible()
    await page.locator(LOCKED).click()
    await expect(page.locator("#connection")).to_have_text("alles ontvangen", timeout=15_000)
    assert there(office) == [("stored", "")]


async def test_after_the_browser_was_killed_it_is_handed_in_from_the_lock_page(playwright: Playwright, office: Office, tmp_path) -> None:
    profile = tmp_path / "profile"
    context: BrowserContext = await reopened(playwright, office, profile)
    await inside(context.pages[0], "samira")
    await wrote(context.pages[0])
    kill(profile)
    context = await reopened(playwright, office, profile)
    page = context.pages[0]
    await page.goto("/today")
    await expect(page.locator(LOCKED)).to_be_visible()
    assert await arrived(page, office) == [("stored", "")]
    await context.close()


async def test_a_locked_phone_that_was_taken_away_hands_in_erases_itself_and_says_so(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    await inside(page, "samira")
    await wrote(page)
    await lock(page)
    await revoke(office)
    await page.context.set_offline(False)
    assert await arrived(page, office) == [("held", "device_revoked")]
    await expect(page.locator("main")).to_contain_text("Dit toestel is ingetrokken")
    assert [name for name in await left_here(page) if name.startswith("naober-")] == []
    assert await page.evaluate("(async () => (await caches.keys()).length)()") == 0


async def test_on_a_phone_that_two_people_share_only_the_one_taken_away_goes(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    await inside(page, "joost")
    await to_form(page)
    await page.get_by_label("Wat gaat er goed?").fill("Half geschreven door Joost")
    await expect(page.locator("#draft")).to_have_text("concept bewaard")
    await inside(page, "samira")
    await wrote(page)
    await lock(page)
    await expect(page.locator(LOCKED)).to_have_count(2)
    await revoke(office)
    await page.context.set_offline(False)
    assert await arrived(page, office) == [("held", "device_revoked")]
    await expect(page.locator("main")).to_contain_text("Dit toestel is ingetrokken")
    await expect(page.locator(LOCKED)).to_have_count(1)
    await page.locator(LOCKED).click()
    await to_form(page)
    await expect(page.get_by_label("Wat gaat er goed?")).to_have_value("Half geschreven door Joost")
