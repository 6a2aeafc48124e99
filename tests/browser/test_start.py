"""The start: the lock page is there before the app is, is the one the app draws, and keeps a tap that comes early."""

from __future__ import annotations

import asyncio
import contextlib
import re

import pytest
from playwright.async_api import Browser, Route, expect

from server import assets
from tests.browser.conftest import Office, phone
from tests.browser.test_interrupted import LOCKED
from tests.browser.test_story import settled, step_in

NAMES = {"nl": "Ontgrendelen", "en": "Unlock"}


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_the_lock_page_does_not_wait_for_the_app(browser: Browser, office: Office, language: str) -> None:
    page = await phone(browser, office, language=language)
    await page.route(re.compile(r"/assets/(app|htmx)\.\w+\.js$"), lambda route: route.abort())
    await page.add_init_script(f"localStorage.setItem('naober-lock', '{language} passkey')")
    await page.goto("/today")
    await expect(page.locator(LOCKED)).to_have_text(NAMES[language])
    await expect(page.locator("h1")).to_be_visible()


async def test_who_never_was_here_sees_no_lock(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    await page.route(re.compile(r"/assets/app\.\w+\.js$"), lambda route: route.abort())
    await page.goto("/today")
    await expect(page.locator(LOCKED)).to_have_count(0)


async def test_the_lock_page_of_the_shell_is_the_one_that_the_app_draws(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "samira")
    await page.evaluate("localStorage.removeItem('naober-lock')")
    await page.reload()
    await expect(page.locator(LOCKED)).to_be_visible()
    drawn = await page.locator("#app").evaluate("(app) => app.outerHTML")
    brought = await page.locator('[data-lock="nl demo"]').evaluate("(template) => template.innerHTML")
    assert plain(drawn) == plain(brought)


async def test_a_tap_before_the_app_is_there_opens_the_vault_once_it_is(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "samira")
    await page.close()
    later = await page.context.browser.new_context(
        storage_state=await page.context.storage_state(indexed_db=True), base_url=office.origin, service_workers="block"
    )
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    page = await later.new_page()
    await page.route(re.compile(r"/assets/app\.\w+\.js$"), hold)
    await page.goto("/today", wait_until="commit")
    await page.locator(LOCKED).click()
    held.set()
    await settled(page)


def plain(page: str) -> list[str]:
    """Its tags, without what htmx notes on them, and its words."""
    return re.findall(r"<[^>]+>|[^<\s][^<]*", re.sub(r' data-htmx-powered="\w*"', "", page))


async def test_pages_that_come_later_are_asked_for_again_after_a_failure_and_kept_for_without_network(browser: Browser, office: Office) -> None:
    page = await phone(browser, office)
    late = re.compile(r"/assets/later\.\w+\.js$")
    await page.context.route(late, lambda route: route.abort())
    await page.goto("/demo/samira")
    await page.locator('[data-act="step-in"]').click()
    await settled(page)
    await page.get_by_role("link", name="Huishoudens", exact=True).click()
    await expect(page.locator("h1")).to_have_text("Deze bladzijde is er nog niet")
    await page.context.unroute(late)
    for _ in range(5):  # as somebody would: tap again
        await page.get_by_role("link", name="Huishoudens", exact=True).click()
        with contextlib.suppress(AssertionError):
            await expect(page.locator("#matches a.row").first).to_be_visible(timeout=2000)
            break
    await expect(page.locator("#matches a.row").first).to_be_visible()
    for _ in range(100):
        if await page.evaluate(f"caches.match('{assets.url('later.js')}').then(Boolean)"):
            break
        await page.wait_for_timeout(50)
    else:
        raise AssertionError("pages that came later are not kept")
    await office.stop()
    await page.reload()
    await page.locator(LOCKED).click()
    await page.get_by_role("link", name="Huishoudens", exact=True).click()
    await expect(page.locator("#matches a.row").first).to_be_visible()
