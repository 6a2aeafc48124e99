"""Chromium spoken to over its own pipe, with nothing switched on that keeps what a page sent or showed: Playwright has every answer kept."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.browser.conftest import CHROMIUM, FLAGS, SCREEN

WAIT_S_MAX = 30.0
SHOWN = "(selector) => Boolean(document.querySelector(selector)?.checkVisibility())"


class Pipe:
    """The browser: asked by name, `session` says of which of its pages."""

    def __init__(self, out: int, back: asyncio.StreamReader) -> None:
        self.out, self.back, self.n = out, back, 0

    async def ask(self, name: str, session: str = "", **given: Any) -> Any:
        self.n += 1
        asked = {"id": self.n, "method": name, "params": given, **({"sessionId": session} if session else {})}
        os.write(self.out, json.dumps(asked).encode() + b"\0")
        while True:
            said = json.loads((await asyncio.wait_for(self.back.readuntil(b"\0"), WAIT_S_MAX))[:-1])
            if said.get("id") == self.n:
                break
        if "error" in said:
            raise RuntimeError(f"{name}: {said['error']['message']}")
        return said["result"]

    async def page(self) -> BarePage:
        target = (await self.ask("Target.createTarget", url="about:blank"))["targetId"]
        return BarePage(self, target, (await self.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"])


class BarePage:
    """One tab."""

    def __init__(self, pipe: Pipe, target: str, session: str) -> None:
        self.pipe, self.target, self.session = pipe, target, session

    async def ask(self, name: str, **given: Any) -> Any:
        return await self.pipe.ask(name, self.session, **given)

    async def goto(self, address: str) -> None:
        await self.ask("Page.navigate", url=address)
        await self.holds("(address) => location.href === address && document.readyState === 'complete'", address)

    async def evaluate(self, function: str, *given: Any) -> Any:
        call = f"({function})(...{json.dumps(given)})"
        said = await self.ask("Runtime.evaluate", expression=call, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in said:
            raise RuntimeError(said["exceptionDetails"]["exception"].get("description", "a page failed"))
        return said["result"].get("value")

    async def holds(self, function: str, *given: Any) -> None:
        """Waits until the page answers yes."""
        end = asyncio.get_running_loop().time() + WAIT_S_MAX
        while True:
            try:
                if await self.evaluate(f"(...given) => Boolean(({function})(...given))", *given):
                    return
            except RuntimeError:  # between two documents there is nothing to ask
                pass
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(f"{function} {given} does not hold in {await self.evaluate('() => document.body.innerText')}")
            await asyncio.sleep(0.1)

    async def click(self, selector: str) -> None:
        await self.holds(SHOWN, selector)
        await self.evaluate("(selector) => document.querySelector(selector).click()", selector)

    async def fill(self, selector: str, text: str) -> None:
        await self.holds(SHOWN, selector)
        await self.evaluate("(selector) => document.querySelector(selector).focus()", selector)
        await self.ask("Input.insertText", text=text)

    async def close(self) -> None:
        await self.pipe.ask("Target.closeTarget", targetId=self.target)


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[tuple[Pipe, int]]:
    """A browser without a window, and the id of its first process; it is killed at the end."""
    (its_in, out), (back, its_out) = os.pipe(), os.pipe()

    def three_and_four() -> None:
        os.dup2(os.dup(its_in), 3)
        os.dup2(os.dup(its_out), 4)

    size = "--window-size={width},{height}".format(**SCREEN)
    command = [CHROMIUM, *FLAGS, "--headless=new", "--remote-debugging-pipe", "--accept-lang=nl-NL", size, f"--user-data-dir={profile}"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, stdout=quiet, stderr=quiet, start_new_session=True, close_fds=False, preexec_fn=three_and_four,
    )
    os.close(its_in)
    os.close(its_out)
    reader = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(back, "rb"))
    try:
        yield Pipe(out, reader), process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        os.close(out)
