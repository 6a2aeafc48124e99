"""Everybody can use it: axe-core finds nothing on any page, in both themes and languages, and a keyboard is enough."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests import cast
from tests.browser.conftest import Office, phone
from tests.browser.test_story import invited, step_in

AXE = (Path(__file__).parents[1] / "phone" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
ALL = [("nl", False), ("nl", True), ("en", False), ("en", True)]
# Each language once and each theme once; NAOBER_WAYS=all: each with each.
WAYS = ALL if os.environ.get("NAOBER_WAYS") == "all" else ALL[::3]
LINK = """(path) => {
  const link = document.createElement('a');
  link.href = path;
  document.getElementById('main').append(link);
  htmx.process(link);
  link.click();
}"""


async def faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    # What lies half under the bar at this moment can be scrolled from under it: the bar is measured where it does not float.
    await page.evaluate("document.querySelectorAll('.tabs, .dock').forEach((bar) => { bar.style.position = 'static'; })")
    await page.evaluate(AXE)
    found = await page.evaluate("(rules) => axe.run(document, rules)", RULES)
    hits = [(one["id"], node) for one in found["violations"] for node in one["nodes"]]
    return [f"{page.url} {name}: {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}" for name, node in hits]


async def go(page: Page, path: str) -> None:
    """To one of the phone's own pages, as a link would."""
    await page.evaluate(LINK, path)
    await expect(page).to_have_url(re.compile(re.escape(path) + "$"))
    await expect(page.locator("#app h1")).to_be_visible()


async def speak(page: Page, language: str) -> None:
    await go(page, "/profile")
    await page.locator(f'button[lang="{language}"]').click()
    await expect(page.locator("html")).to_have_attribute("lang", language)


async def round_somebody(page: Page, name: str) -> list[str]:
    """The pages of the network of a household that has one, and of its plan, where somebody nearby may be asked."""
    await go(page, "/households")
    house = await page.locator("#matches a.row", has_text=name).first.get_attribute("href") or ""
    await go(page, house)
    plan = await page.locator('a[href^="/schedules/"]').first.get_attribute("href") or ""
    await go(page, f"{house}/network")
    helper = await page.locator('a[href^="/helpers/"]').first.get_attribute("href") or ""
    load = await page.locator('a[href*="/loads/new"]').first.get_attribute("href") or ""
    of_helper = [helper, *(helper.replace("?", f"/{page}?") for page in ("edit", "instructions/new"))]
    await go(page, f"{house}/interests")
    interest = [await page.locator(f'a[href*="{one}"]').first.get_attribute("href") or "" for one in ("/interests/new", "/edit?in=")]
    steered = await steering(page, house)
    return [f"{house}/network", f"{house}/helpers/new", f"{house}/pauses/new", load, plan, *of_helper, f"{house}/interests", *interest, *steered]


async def steering(page: Page, house: str) -> list[str]:
    """How the help in a household is steered: what is open there, each form, and one of each that waits."""
    await go(page, f"{house}/steering")
    waiting = [await one.get_attribute("href") or "" for one in await page.locator('a[href^="/steering/"]').all()]
    forms = [f"{house}/steering/new?kind={kind}" for kind in ("agenda", "escalation", "step_down", "evaluation", "deviation", "obstacle")]
    return [f"{house}/steering", *forms, *waiting]


async def who_else(page: Page, name: str) -> list[str]:
    """The pages of who is involved with somebody, and of something that is to be done there."""
    await go(page, "/households")
    house = await page.locator("#matches a.row", has_text=name).first.get_attribute("href") or ""
    await go(page, house)
    task = await page.locator('a[href^="/tasks/"]').first.get_attribute("href") or ""
    await go(page, f"{house}/involved")
    links = await page.locator('a[href*="/involved/"]').all()
    return [f"{house}/involved", *[await link.get_attribute("href") or "" for link in (links[0], links[-1])], task.partition("?")[0]]


@pytest.mark.parametrize(("language", "dark"), WAYS)
async def test_axe_finds_nothing_on_the_phone(browser: Browser, office: Office, language: str, dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    page = await step_in(browser, office, "samira", dark=dark)
    await speak(page, language)
    found = await faults(page)
    await go(page, "/households")
    house = await page.locator("#matches a.row").first.get_attribute("href") or ""
    await go(page, await page.locator("#matches a.row", has_text="De Wit").first.get_attribute("href") or "")
    found += await faults(page)
    await page.locator('[data-act="verify"]').first.click()
    await expect(page.locator("dd strong")).to_have_text("7153")
    found += await faults(page)
    await go(page, house)
    found += await faults(page)
    around = [*await round_somebody(page, "Vos"), *await who_else(page, "De Wit")]
    await go(page, house)
    visit = await page.locator('.line a[href^="/visits/"]').first.get_attribute("href") or ""
    plans = await page.locator('a[href^="/schedules/"]').all()
    pages = ["/today", "/today?whose=team", "/households", "/households/new", "/tasks", "/tasks?whose=team", "/contacts", "/contacts/new", visit]
    pages += [f"{house}/{noun}/new" for noun in ("visits", "tasks", "schedules", "residents", "measurements", "liaisons", "discussions")]
    pages += [f"{house}/steps", f"{house}/steps/new?step=weigh", f"{house}/steps/new?step=talk"]
    pages += [f"{house}/edit", "/visits/new", "/profile/leaving", "/profile/phone", "/profile/calendar", "/profile/trial", "/profile/suggestions"]
    pages += ["/agenda", "/profile/suggestions/new", f"/why/{visit.removeprefix('/visits/')}"]
    pages += [f"{house}/{page}" for page in ("consents", "consents/new", "shares", "shares/new")]
    pages += [await plan.get_attribute("href") or "" for plan in plans[:1]]
    pages += around
    await go(page, "/today")
    pages += [await one.get_attribute("href") or "" for one in await page.locator('a[href^="/remarks/"]').all()]
    for path in pages:
        await go(page, path)
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found += await faults(page)
    await go(page, "/profile")
    await page.locator('[data-act="lock"]').click()
    await expect(page.locator('[data-act="unlock"]').first).to_be_visible()
    found += await faults(page)
    assert found == []


@pytest.mark.parametrize(("language", "dark"), WAYS)
async def test_axe_finds_nothing_on_a_volunteer_s_phone(browser: Browser, office: Office, language: str, dark: bool) -> None:  # noqa: FBT001 - as above
    page, found = await step_in(browser, office, "gerrit", dark=dark), []
    await speak(page, language)
    await expect(page).to_have_url(re.compile("saved=language$"))
    for path in ("/errands", "/offers", "/offers/new"):
        await go(page, path)
        found += await faults(page)
    assert found == []


@pytest.mark.parametrize(("language", "dark"), WAYS)
async def test_axe_finds_nothing_in_the_office(browser: Browser, office: Office, language: str, dark: bool) -> None:  # noqa: FBT001 - as above
    stranger = await phone(browser, office, language=f"{language}-NL", dark=dark)
    found = []
    for path in ("/sign-in", "/demo", "/demo/samira", "/invitations/" + "x" * 43):
        await stranger.goto(path)
        found += await faults(stranger)
    lead = await step_in(browser, office, "ilse", dark=dark)
    await speak(lead, language)
    await lead.wait_for_timeout(300)
    link = await invited(lead, f"Nieuw {language} {dark}") if language == "nl" else ""
    found += await faults(lead)
    people = ("/people", f"/people/{cast.NURSE.id}/departure", "/people/proposals")
    figures = ("/figures", "/figures/all", "/caseload", "/outcomes", "/themes")
    office = (*people, "/review", "/roster", "/stuck", *figures, "/suggestions", "/held", "/devices", "/passkeys")
    for path in (*office, *([link] if link else [])):
        await lead.goto(path)
        found += await faults(lead)
    await lead.goto("/review")
    await lead.locator("#list a.arrival").first.click()
    await expect(lead.locator("h2").first).to_be_visible()
    found += await faults(lead)
    await lead.set_viewport_size({"width": 1280, "height": 900})
    await lead.keyboard.press("?")
    found += await faults(lead)
    assert found == []
