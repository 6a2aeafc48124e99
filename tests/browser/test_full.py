"""A full phone, by the browser's own quota: what was typed is kept by making room, or stays on the screen until there is room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page, Playwright, expect

from tests.browser.conftest import Office
from tests.browser.test_interrupted import LOCKED, inside, reopened
from tests.browser.test_killed import form_of
from tests.browser.test_story import SAVED, settled

FULL = "Niet bewaard: deze telefoon is vol."
LONG = "Ze vertelde over de markt van vroeger. " * 250
ROOM, STEP = 250_000, 4096
VISITS_MAX, STEPS_MAX = 20, 100
# The store that Chromium is changing to, as Firefox and Safari have long had: what is erased gives its room back at once.
SQLITE = ("--enable-features=IdbSqliteBackingStore,IdbSqliteOnDiskRollout",)
LINE = "Oudere notities van hier staan niet op deze telefoon: hij was vol."
HELD = """async () => {
  const done = (asked) => new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  const {name} = (await indexedDB.databases()).find(({name}) => name.startsWith('naober-'));
  const db = await done(indexedDB.open(name));
  const [blobs, filled] = await Promise.all(['blobs', 'filled'].map((store) => done(db.transaction(store).objectStore(store).getAll())));
  db.close();
  return {blobs: blobs.length, whole: filled.filter(({short}) => !short).length, short: filled.filter(({short}) => short).length};
}"""
RESERVED = """async () => {
  const folder = await navigator.storage.getDirectory();
  return folder.getFileHandle('reserve').then((file) => file.getFile()).then(({size}) => size > 0, () => false);
}"""
# To make room the whole history is looked through.
SAVED_MS_MAX, LOOK_MS = 20_000, 250


async def saved(page: Page) -> bool:
    """Presses the button: whether it is kept, or there is no room."""
    main = page.locator("main")
    # What the last press said is not the answer to this one.
    await page.evaluate("document.querySelector('main .notice.alarm')?.setAttribute('data-old', '')")
    await page.get_by_role("button", name="Bewaar bezoek").click()
    await expect(main.get_by_text(SAVED).or_(main.locator(".notice.alarm:not([data-old])", has_text=FULL)).first).to_be_visible(timeout=SAVED_MS_MAX)
    return await main.get_by_text(SAVED).count() > 0


async def reserved(page: Page) -> None:
    """Waits until room is kept free."""
    for _ in range(SAVED_MS_MAX // LOOK_MS):
        if await page.evaluate(RESERVED):
            return
        await page.wait_for_timeout(LOOK_MS)
    raise AssertionError("no room is kept free")


async def used(context: BrowserContext, office: Office) -> tuple[CDPSession, int]:
    """How many bytes Chromium counts, by a page that stays open beside the phone's own."""
    devtools = await context.new_cdp_session(await context.new_page())
    found: dict[str, Any] = await devtools.send("Storage.getUsageAndQuota", {"origin": office.origin})
    return devtools, int(found["usage"])


async def room(devtools: CDPSession, office: Office, for_bytes: int, *, beyond: int | None = None) -> None:
    """So many bytes are left from now on, beyond what is used or another number."""
    found: dict[str, Any] = await devtools.send("Storage.getUsageAndQuota", {"origin": office.origin})
    size = (int(found["usage"]) if beyond is None else beyond) + for_bytes
    await devtools.send("Storage.overrideQuotaForOrigin", {"origin": office.origin, "quotaSize": size})


async def test_the_quota_met_in_the_middle_of_a_day_loses_nothing(playwright: Playwright, office: Office, tmp_path: Path) -> None:
    context = await reopened(playwright, office, tmp_path / "profile")
    await inside(context.pages[0], "samira")
    form = await form_of(context.pages[0])
    await context.close()
    # Chromium asks for the room that is left as it opens a database, and goes by that for half a minute: the quota is set before.
    context = await reopened(playwright, office, tmp_path / "profile")
    page, other = context.pages[0], await context.new_page()
    devtools = await context.new_cdp_session(other)

    await room(devtools, office, ROOM)
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
        await room(devtools, office, step * STEP)
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


async def test_a_phone_full_of_history_saves_visits_by_making_room(playwright: Playwright, office: Office, tmp_path: Path) -> None:
    context = await reopened(playwright, office, tmp_path / "profile", SQLITE)
    page = context.pages[0]
    await inside(page, "samira")
    form = await form_of(page)
    await settled(page)
    before = await page.evaluate(HELD)
    # What lies in a database that was not opened yet is not counted.
    _, bytes_ = await used(context, office)
    await context.close()
    context = await reopened(playwright, office, tmp_path / "profile", SQLITE)
    page = context.pages[0]
    devtools, _ = await used(context, office)
    await room(devtools, office, ROOM, beyond=bytes_)
    held = before
    for visit in range(VISITS_MAX):
        await page.goto(form)
        await page.locator(LOCKED).first.click()
        await page.get_by_label("Wat gaat er goed?").fill(f"Bezoek {visit}. {LONG}")
        assert await saved(page), f"no room was made for visit {visit}"
        # What is kept free for this moment is given up at once, and kept free once more when the oldest has made way.
        await reserved(page)
        held = await page.evaluate(HELD)
        if held["short"]:
            break
    else:
        raise AssertionError("the quota was never met")
    assert held["whole"] + held["short"] == before["whole"]
    assert held["blobs"] < before["blobs"]
    await devtools.send("Storage.overrideQuotaForOrigin", {"origin": office.origin})
    await page.get_by_role("link", name="Ik", exact=True).click()
    await settled(page)
    await expect(page.locator("main")).to_contain_text("Alles wat je schreef is ontvangen.")
    # Its own household is in front, and is asked for.
    assert (await page.evaluate(HELD))["short"] > held["short"] // 2, "all history came back at once"
    await without_history(page, context)
    assert (await page.evaluate(HELD))["short"] < held["short"]
    await context.close()


async def without_history(page: Page, context: BrowserContext) -> None:
    """A household of which history made way says so without a connection, and has it back when it is opened with one."""
    await page.get_by_role("link", name="Huishoudens").click()
    await page.locator("#matches a.row").first.wait_for()
    houses = [await row.get_attribute("href") for row in await page.locator("#matches a.row").all()]
    await context.set_offline(True)
    for house in houses:
        await page.locator(f'#matches a.row[href="{house}"]').click()
        await page.locator("#line").wait_for()
        if await page.get_by_text(LINE).count():
            break
        await page.get_by_role("link", name="Huishoudens").first.click()
    else:
        raise AssertionError("no household says that its history made way")
    await context.set_offline(False)
    await page.get_by_role("link", name="Huishoudens").first.click()
    await page.locator(f'#matches a.row[href="{house}"]').click()
    await expect(page.get_by_text(LINE)).to_have_count(0)
    await expect(page.locator("#line")).to_be_visible()
