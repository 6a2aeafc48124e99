"""The network of a household as a file, on a phone: after one more touch it lies in the folder of what was saved, and the page stands as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.conftest import Office
from tests.browser.test_axe import go
from tests.browser.test_story import step_in


async def test_after_one_more_touch_the_network_is_a_file(browser: Browser, office: Office) -> None:
    nurse = await step_in(browser, office, "samira")
    await go(nurse, "/households")
    house = await nurse.locator("#matches a.row", has_text="De Wit").first.get_attribute("href") or ""
    await go(nurse, f"{house}/network")
    await expect(nurse.get_by_role("link", name="Bewaar het bestand")).to_have_count(0)
    await nurse.get_by_role("button", name="Ontgrendel nog een keer").click()
    async with nurse.expect_download() as begun:
        await nurse.get_by_role("link", name="Bewaar het bestand").click()
    saved = await begun.value
    assert saved.suggested_filename == "netwerk.json"
    told = json.loads(Path(await saved.path()).read_text("utf-8"))
    names = [one["resource"]["name"][0]["text"] for one in told["entry"]]
    assert names == ["Mevrouw De Wit", "Anja de Wit", "Corrie van 16", "Gerrit Mulder"]
    await expect(nurse).to_have_url(re.compile(f"{house}/network$"))
    await expect(nurse.get_by_role("heading", name="Wie is er om mevrouw De Wit heen?")).to_be_visible()
