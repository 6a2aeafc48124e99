"""The same day in Firefox ESR, spoken to by Marionette, its own protocol: not run by default, as `python -m tests.forensics --browser firefox` does.

Firefox has no virtual authenticator that gives a vault its key, so this is somebody of the demo.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.demo_people import BY_KEY
from tests.browser import leaky
from tests.browser.conftest import Office, free_port
from tests.browser.test_axe import LINK
from tests.browser.workday import CHOOSE, EMPTY, KEPT_MS, STEM, Day, plant
from tests.forensics import search

WAIT_S_MAX = 30.0
SETTLED_MS = 8000  # several times what PREFERENCES says of its session
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False, "browser.sessionstore.interval": 2000, "intl.accept_languages": "nl",
    "datareporting.policy.dataSubmissionEnabled": False,
}  # fmt: skip
LINKS = "() => [...document.querySelectorAll('#app main a[href^=\"/\"]')].map((link) => link.getAttribute('href'))"
FIELDS = f"""() => [...document.querySelectorAll(`{EMPTY}`)].map((field, n) => {{
  if (!field.checkVisibility()) return null;
  field.dataset.nth = n;
  return `[data-nth="${{n}}"]`;
}}).filter(Boolean)"""
OPEN = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"


class Firefox:
    """One window; what it is asked has the names that Playwright gives it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, origin: str) -> None:
        self.reader, self.writer, self.origin, self.n = reader, writer, origin, 0

    async def ask(self, name: str, **given: Any) -> Any:
        self.n += 1
        asked = json.dumps([0, self.n, name, given])
        self.writer.write(f"{len(asked)}:{asked}".encode())
        _, _, error, said = await self.heard()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return said and said.get("value")

    async def heard(self) -> Any:
        size = int((await self.reader.readuntil(b":"))[:-1])
        return json.loads(await self.reader.readexactly(size))

    async def goto(self, address: str) -> None:
        await self.ask("WebDriver:Navigate", url=address if "://" in address else self.origin + address)

    async def evaluate(self, function: str, *given: Any) -> Any:
        return await self.ask("WebDriver:ExecuteScript", script=f"return ({function})(...arguments)", args=list(given), sandbox=None)

    async def find(self, selector: str) -> str:
        end = asyncio.get_running_loop().time() + WAIT_S_MAX
        while not await self.evaluate("(selector) => document.querySelector(selector)?.checkVisibility()", selector):
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(f"{selector} is not on {await self.evaluate('() => document.body.innerText')}")
            await asyncio.sleep(0.1)
        return str((await self.ask("WebDriver:FindElement", using="css selector", value=selector))[ELEMENT])

    async def click(self, selector: str) -> None:
        await self.ask("WebDriver:ElementClick", id=await self.find(selector))

    async def fill(self, selector: str, text: str) -> None:
        await self.ask("WebDriver:ElementSendKeys", id=await self.find(selector), text=text)

    async def wait_for_timeout(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)

    async def shows(self, words: str) -> None:
        end = asyncio.get_running_loop().time() + WAIT_S_MAX
        while words not in (seen := await self.evaluate("() => document.body.innerText")):
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(f"{words!r} is not in {seen!r}")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def firefox(day: Day, origin: str) -> AsyncIterator[Firefox]:
    """A window whose browser is killed at the end, if it is still there."""
    for name in ("tmp", "home", "profile"):
        (day.folder / name).mkdir(parents=True, exist_ok=True)
    port = free_port()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in {**PREFERENCES, "marionette.port": port}.items()]
    (day.profile / "user.js").write_text("\n".join(lines))
    homes = {**os.environ, "TMPDIR": str(day.folder / "tmp"), "HOME": str(day.folder / "home")}
    command = ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(day.profile)]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=homes, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        window = Firefox(*await connected(port), origin)
        await window.heard()
        await window.ask("WebDriver:NewSession")
        yield window
        window.writer.close()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(200):
        try:
            return await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        except OSError:
            await asyncio.sleep(0.2)
    raise TimeoutError("Firefox does not answer")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nao", ignore_cleanup_errors=True) as made:
        yield Path(made)


async def test_a_page_that_leaves_things_behind_is_found_out(folder: Path) -> None:
    day = Day(folder / "phone")
    with leaky.served() as origin:
        async with firefox(day, origin) as page:
            await leaky.used(page, origin)
            await page.wait_for_timeout(SETTLED_MS)
            await page.ask("Marionette:Quit", flags=["eAttemptQuit"])
    hits = search(day.folder, [*leaky.WORDS.values(), leaky.KEY])
    told = {place: sorted({(hit.file, hit.form) for hit in hits if hit.word == word}) for place, word in [*leaky.WORDS.items(), ("key", "32 bytes")]}
    print(json.dumps(told, indent=1))  # noqa: T201 - what Firefox keeps, and where, is worth reading
    assert {place for place, found in told.items() if not found} == set()


async def test_a_working_day_leaves_no_word_and_no_key_on_the_disk(office: Office, folder: Path) -> None:
    plant(office)
    day = Day(folder / "phone")
    async with firefox(day, office.origin) as page:
        await page.goto("/demo/samira")
        await page.click('[data-act="step-in"]')
        await page.shows("alles ontvangen")
        await page.wait_for_timeout(2000)
        forms = [path for path in await pages_of(page) if await written(page, day, path)]
        await office.stop()
        for path in forms:
            await written(page, day, path)
            if await page.evaluate("() => Boolean(document.querySelector('.dock button'))"):
                await page.click(".dock button")
                await page.wait_for_timeout(300)
        await written(page, day, forms[-1])
        await page.wait_for_timeout(SETTLED_MS)
        moments = [day.as_it_lies("running")]
        await go(page, "/profile")
        await page.click('[data-act="lock"]')
        await page.find('[data-act="unlock"]')
        await page.wait_for_timeout(SETTLED_MS)
        moments.append(day.as_it_lies("locked"))
    moments.append(day.as_it_lies("killed"))
    secret = hashlib.sha256(f"naober demo {BY_KEY['samira'].id}".encode()).digest()
    print(f"{len(day.typed)} typed on {len(forms)} forms")  # noqa: T201 - as above
    assert len(day.typed) >= 60
    assert [hit for moment in moments for hit in search(moment, [STEM, secret])] == []


async def go(page: Firefox, path: str) -> None:
    await page.evaluate(LINK, path)
    end = path.partition("?")[0]
    for _ in range(100):
        if await page.evaluate("(end) => location.pathname === end && Boolean(document.querySelector('#app h1'))", end):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{path} does not come")


async def pages_of(page: Firefox) -> list[str]:
    """As in workday.py, about the first household."""
    await go(page, "/households")
    house = next(path for path in await page.evaluate(LINKS) if re.fullmatch(r"/households/[0-9a-f-]{36}", path))
    await go(page, house)
    kinds = {re.sub(r"[0-9a-f-]{36}", "", path): path for path in await page.evaluate(LINKS)}
    new = [f"{house}/{noun}/new" for noun in ("visits", "tasks", "schedules", "residents", "consents", "shares")]
    own = ["/today", "/households", "/households/new", "/tasks", "/contacts", "/contacts/new", "/profile", f"{house}/edit", *new]
    return list(dict.fromkeys([*own, *(path for path in kinds.values() if not path.startswith("/devices"))]))


async def written(page: Firefox, day: Day, path: str) -> int:
    await go(page, path)
    await page.evaluate(OPEN)
    await page.evaluate(CHOOSE)
    fields = await page.evaluate(FIELDS)
    for selector in fields:
        day.typed.append(day.word())
        await page.fill(selector, f"Ze zei {day.typed[-1]}")
    await page.wait_for_timeout(KEPT_MS if fields else 0)
    return len(fields)
