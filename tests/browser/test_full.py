"""A full phone, by the browser's own quota in the middle of a day: what was typed stays on the screen, and is kept once there is room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page, Playwright, expect

from tests.browser.conftest import Office
from tests.browser.test_interrupted import LOCKED, inside, reopened
from tests.browser.test_killed import form_of
from tests.browser.test_story import SAVED, settled

FULL = "Niet bewaard: deze telefoon is vol."
LONG = "Ze vertelde over de markt van vroeger. " * 250
ROOM, STEP = 250_000, 4096
VISITS_MAX, STEPS_MAX = 20, 100


async def saved(page: Page) -> bool:
    """Presses the button: whether it is kept, or there is no room."""
    main = page.locator("main")
    # What the last press said is not the answer to this one.
    await page.evaluate("document.querySelector('main .notice.alarm')?.setAttribute('data-old', '')")
    await page.get_by_role("button", name="Bewaar bezoek").click()
    await expect(main.get_by_text(SAVED).or_(main.locator(".notice.alarm:not([data-old])", has_text=FULL)).first).to_be_visible()
    return await main.get_by_text(SAVED).count() > 0


async def test_the_quota_met_in_the_middle_of_a_day_loses_nothing(playwright: Playwright, office: Office, tmp_path: Path) -> None:
    context = await reopened(playwright, office, tmp_path / "profile")
    await inside(context.pages[0], "samira")
    form = await form_of(context.pages[0])
    await context.close()
    # Chromium asks for the room that is left as it opens a database, and goes by that for half a minute: the quota is set before.
    context = await reopened(playwright, office, tmp_path / "profile")
    page, other = context.pages[0], await context.new_page()
    devtools = await context.new_cdp_session(other)

    async def room(for_bytes: int) -> None:
        used: dict[str, Any] = await devtools.send("Storage.getUsageAndQuota", {"origin": office.origin})
        await devtools.send("Storage.overrideQuotaForOrigin", {"origin": office.origin, "quotaSize": int(used["usage"]) + for_bytes})

    await room(ROOM)
    words = ""
    for visit in range(VISITS_MAX):
        await page.goto(form)
        await page.locator(LOCKED).first.click()
        words = f"Bezoek {visit}. {LONG}"
        await page.get_by_label("Wat gaat er goed?").fill(words)
        if not await saved(page):
            break
    else:
        raise AssertionError("the quota was never met")
    for step in range(STEPS_MAX):
        await expect(page.get_by_label("Wat gaat er goed?")).to_have_value(words)
        await room(step * STEP)
        if await saved(page):
            break
    else:
        raise AssertionError("it was never kept")
    assert step > 0
    await devtools.send("Storage.overrideQuotaForOrigin", {"origin": office.origin})
    await page.get_by_role("link", name="Ik", exact=True).click()
    await page.locator("main").get_by_text("Alles wat je schreef is ontvangen.").or_(page.locator('[data-act="sync"]')).first.wait_for()
    await settled(page)
    await expect(page.locator("main")).to_contain_text("Alles wat je schreef is ontvangen.")
    await context.close()
