"""Wie mag wat weten, at the table: switches read back as a sentence, a yes on a card, a withdrawal in one tap, without any network."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Browser, Page, Playwright, expect

from sync import rules
from tests.browser.conftest import SCREEN, Office
from tests.browser.test_axe import faults, go
from tests.browser.test_interrupted import LOCKED, inside, kill, reopened
from tests.browser.test_story import step_in

DRAWN = "naober-pad path"


async def test_a_resident_agrees_and_takes_it_back_while_there_is_no_network(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "samira")
    house = await first_house(page)
    await go(page, f"{house}/consents/new")
    await page.context.set_offline(True)
    await named(page)
    await page.locator('[name="topics"][value="money"]').check()
    await expect(page.locator("#sentence")).to_contain_text("over uw geld")
    await page.locator('[name="topics"][value="social"]').check()
    await expect(page.locator("#sentence")).to_contain_text("over uw contacten en uw geld")
    await expect(page.locator("#whom")).to_contain_text("Sociaal werk")
    await expect(page.locator(".other-day")).to_be_hidden()
    await page.get_by_role("button", name="Ja, dat mag").click()
    await expect(page.locator(".agreement .sentence")).to_contain_text("over uw contacten en uw geld")
    await expect(page.locator("article .chip.ochre")).to_have_text("alleen op deze telefoon")
    await page.wait_for_timeout(500)  # the page is painted anew once the line to the office has changed
    assert await faults(page) == []
    await go(page, f"{house}/visits/new")
    await expect(page.locator("#readers")).to_contain_text("leest alleen sociaal")
    await go(page, f"{house}/consents")
    await page.get_by_role("button", name="Intrekken").click()
    await expect(page.get_by_role("link", name="Opnieuw toestaan")).to_be_visible()
    await page.wait_for_timeout(500)
    assert await faults(page) == []


async def test_a_signature_survives_a_killed_browser_and_is_shown_with_the_consent_all_without_network(
    playwright: Playwright, office: Office, tmp_path: Path,
) -> None:  # fmt: skip
    profile = tmp_path / "profile"
    context = await reopened(playwright, office, profile)
    page = context.pages[0]
    await inside(page, "samira")
    await page.wait_for_timeout(1500)  # the shell is kept
    house = await first_house(page)
    await context.set_offline(True)
    await go(page, f"{house}/consents/new")
    await filled_in(page)
    await page.locator(".choices label", has_text="Ondertekend op dit scherm").click()
    await expect(page.locator("#signed-words")).to_contain_text("Mag weten wat we bespreken over uw contacten")
    await page.get_by_role("button", name="Ja, dat mag").click()
    await expect(page.locator("#wrong-signature")).to_contain_text("Er staat nog geen handtekening. Laat hieronder in het vak ondertekenen")
    await expect(page.locator('[name="topics"][value="social"]')).to_be_checked()

    signature = await drawn(page)
    await expect(page.locator("#wrong-signature")).to_have_count(0)
    await expect(page.locator("#draft")).to_have_text("concept bewaard")
    await page.wait_for_timeout(600)  # and the last stroke too
    kill(profile)

    context = await reopened(playwright, office, profile)
    page = context.pages[0]
    await context.set_offline(True)
    await page.goto("/today")
    await page.locator(LOCKED).first.click()
    await go(page, f"{house}/consents/new")
    await expect(page.locator(DRAWN)).to_have_attribute("d", signature)
    await page.get_by_role("button", name="Ja, dat mag").click()
    shown = page.locator(".agreement").get_by_role("img", name=re.compile("^Handtekening van .+, .+ 20"))
    await expect(shown.locator("path")).to_have_attribute("d", signature)
    await expect(page.locator(".agreement")).to_contain_text("Ondertekend door")
    await page.wait_for_timeout(500)
    assert await faults(page) == []
    await context.close()


async def test_clearing_the_box_empties_it_and_nobody_needs_to_sign_to_refuse(browser: Browser, office: Office) -> None:
    page = await step_in(browser, office, "samira", dark=True)
    house = await first_house(page)
    await go(page, f"{house}/consents/new")
    await filled_in(page)
    await page.locator(".choices label", has_text="Ondertekend op dit scherm").click()
    await by_finger(page)
    await expect(page.get_by_role("img", name="handtekening, ondertekend")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("button", name="Opnieuw").click()
    await expect(page.get_by_role("img", name="nog leeg")).to_be_visible()
    await expect(page.locator(DRAWN)).to_have_attribute("d", "")
    await page.get_by_role("button", name="Nee, liever niet").click()
    await expect(page.locator(".agreement")).to_contain_text("Gesproken.")


async def first_house(page: Page) -> str:
    await go(page, "/households")
    return await page.locator("#matches a.row").first.get_attribute("href") or ""


async def named(page: Page) -> None:
    """Whom it is about, and who may know it."""
    choice = page.locator("#to optgroup").first.locator("option", has_text="Sociaal werk").first
    await page.locator("#to").select_option(await choice.get_attribute("value"))
    residents = page.locator('[name="resident"][type="radio"]')
    if await residents.count():
        await residents.first.check(force=True)


async def filled_in(page: Page) -> None:
    """Whom it is about, who may know it, and what about."""
    await named(page)
    await page.locator('[name="topics"][value="social"]').check()


async def box(page: Page) -> Callable[[float, float], dict[str, float]]:
    """Gives a place on the screen for a place in the box, from 0 to 1 each way."""
    await page.locator("naober-pad svg").evaluate("(pad) => pad.scrollIntoView({block: 'center'})")
    at = await page.locator("naober-pad svg").bounding_box() or {}
    return lambda x, y: {"x": at["x"] + at["width"] * x, "y": at["y"] + at["height"] * y}


async def drawn(page: Page) -> str:
    """A signature by a finger and, once the phone was turned, by a mouse; each of its strokes lies where it was drawn."""
    await by_finger(page)
    await page.set_viewport_size({"width": SCREEN["height"], "height": SCREEN["width"]})
    await by_mouse(page)
    await page.set_viewport_size(SCREEN)
    signature = await page.locator(DRAWN).get_attribute("d") or ""
    finger, mouse = rules.strokes(signature) or []
    for at, where in ((finger[0], (60, 100)), (mouse[0], (300, 50)), (mouse[-1], (600, 150))):
        assert math.dist(at, where) < 5
    assert len(finger) > 10
    return signature


async def by_finger(page: Page) -> None:
    """A wave by one finger, while the heel of the hand rests beside it."""
    place = await box(page)
    devtools = await page.context.new_cdp_session(page)
    heel = {"id": 2, **place(0.9, 0.9)}
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"id": 1, **place(0.1, 0.5)}]})
    for step in range(1, 15):
        finger = {"id": 1, **place(0.1 + step / 25, 0.5 + 0.3 * math.sin(step / 2))}
        await devtools.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [finger, heel]})
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def by_mouse(page: Page) -> None:
    """A line that ends outside the box."""
    place = await box(page)
    await page.mouse.move(**place(0.5, 0.25))
    await page.mouse.down()
    await page.mouse.move(**place(0.8, 0.75), steps=8)
    await page.mouse.move(**place(1.2, 0.75))
    await page.mouse.up()
