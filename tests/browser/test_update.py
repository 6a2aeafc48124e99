"""A new version of the app: it waits, says so, and takes over in every tab at once, with what was half written and what was not yet sent."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Office
from tests.browser.test_interrupted import LOCKED, to_form
from tests.browser.test_story import ON_PHONE, SAVED, settled, step_in

HALF = "Halverwege de zin kwam er een nieuwe"
VERSION = "9.9.9"


def newer(folder: Path) -> Path:
    """The project as its next version would be: another version number, another style, another message."""
    root = folder / "next"
    for part in ("server", "pwa", "sync"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    version = root / "server" / "__init__.py"
    version.write_text(version.read_text("utf-8").replace("0.1.0", VERSION), "utf-8")
    style = root / "pwa" / "css" / "button.css"
    style.write_text(style.read_text("utf-8") + "@layer components { .button { letter-spacing: .001em; } }\n", "utf-8")
    return root


async def caches(page: Page) -> list[str]:
    return await page.evaluate("caches.keys().then((names) => names.filter((name) => name.startsWith('shell-')))")


async def test_an_update_waits_and_takes_over_in_every_tab_without_losing_a_word(browser: Browser, office: Office) -> None:
    first = await step_in(browser, office, "samira")
    await first.evaluate("navigator.serviceWorker.ready.then(() => null)")
    before = await caches(first)
    second = await first.context.new_page()
    await second.goto("/today")
    await second.locator(LOCKED).first.click()
    await settled(second)

    await office.stop()
    await first.context.set_offline(True)
    await to_form(second)
    await second.get_by_label("Wat gaat er goed?").fill("Nog niet verstuurd.")
    await second.get_by_role("button", name="Bewaar bezoek").click()
    await expect(second.locator("main")).to_contain_text(f"{SAVED} {ON_PHONE}")
    await to_form(first)
    await first.get_by_label("Wat gaat er goed?").fill(HALF)

    office.root = newer(office.folder)
    await office.start()
    await first.context.set_offline(False)
    await first.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)")
    await expect(first.locator("#update")).to_contain_text("Er is een nieuwe versie.", timeout=15_000)
    await expect(first.get_by_label("Wat gaat er goed?")).to_have_value(HALF)
    await first.locator('[data-act="update"]').click()

    for page in (first, second):
        await page.locator(LOCKED).first.click()
        await settled(page)
    assert await caches(first) != before
    assert len(await caches(first)) == 1
    await expect(first.get_by_label("Wat gaat er goed?")).to_have_value(HALF)
    await second.get_by_role("link", name="Ik", exact=True).click()
    await expect(second.locator("main")).to_contain_text("Alles wat je schreef is ontvangen.")
    await expect(second.locator("main")).to_contain_text(f"Naober {VERSION}")
