"""A real office with the demo neighbourhood, and phones: Chromium at 390x844, each with a store and an authenticator of its own."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Playwright, async_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("NAOBER_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
SCREEN = {"width": 390, "height": 844}
START_S_MAX = 40.0
POLICY = re.compile(r"Content Security Policy|requires 'Trusted\w+'")


@dataclass
class Office:
    """A Naober server of its own: its address, its folder, and the means to stop, kill and start it again."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None
    root: Path = ROOT

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    async def start(self) -> None:
        environment = {
            **os.environ, "NAOBER_DATABASE": f"sqlite:///{self.folder}/naober.db", "NAOBER_ORIGIN": self.origin,
            "NAOBER_PORT": str(self.port), "NAOBER_DEMO": "1", "PYTHONPATH": str(self.root),
        }
        with (self.folder / "office.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.cli", "demo", env=environment, cwd=self.folder, stdout=log, stderr=log,
            )
        await self._answering()

    async def _answering(self) -> None:
        end = asyncio.get_running_loop().time() + START_S_MAX
        while asyncio.get_running_loop().time() < end:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(urllib.request.urlopen, f"{self.origin}/ready", None, 2)
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"the office did not answer within {START_S_MAX} s:\n{(self.folder / 'office.log').read_text()[-2000:]}")

    async def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process and self.process.returncode is None:
            self.process.send_signal(how)
            await self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo neighbourhood, planted once: what every office of these tests begins with."""
    folder = tmp_path_factory.mktemp("neighbourhood")

    async def plant() -> None:
        office = Office(folder, free_port())
        await office.start()
        await office.stop()

    asyncio.run(plant())
    return folder


@pytest.fixture
async def office(tmp_path: Path, neighbourhood: Path) -> AsyncIterator[Office]:
    for file in neighbourhood.glob("naober.db*"):
        shutil.copy(file, tmp_path)
    office = Office(tmp_path, free_port())
    await office.start()
    yield office
    await office.stop()


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest.fixture
def violations() -> list[str]:
    """What any page said of being kept from something by its policy; a test that means it empties the list."""
    return []


@pytest.fixture
async def browser(playwright: Playwright, violations: list[str]) -> AsyncIterator[Browser]:
    def note(message: ConsoleMessage) -> None:
        if POLICY.search(message.text):
            violations.append(message.text)

    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    browser.on("context", lambda context: context.on("console", note))
    yield browser
    await browser.close()
    assert violations == []


async def phone(browser: Browser, office: Office, *, language: str = "nl-NL", dark: bool = False, prf: bool = True) -> Page:
    """A phone nobody has used yet, with an authenticator that knows its finger."""
    context = await browser.new_context(
        base_url=office.origin, viewport=SCREEN, locale=language, timezone_id="Europe/Amsterdam",
        color_scheme="dark" if dark else "light", has_touch=True, is_mobile=True, device_scale_factor=2,
    )
    page = await context.new_page()
    await authenticator(context, page, prf=prf)
    return page


async def authenticator(context: BrowserContext, page: Page, *, prf: bool = True, verified: bool = True) -> tuple[CDPSession, dict[str, str]]:
    """The authenticator of this page: where it is managed, and its name there."""
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": verified, "automaticPresenceSimulation": True, "hasPrf": prf,
    }})
    return devtools, made
