"""Files of the app in which one bit is not ours: no browser keeps them for later, and none runs them now."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import Office, free_port

BLANK = "/blank"
# What became of the version that this page asks for: `activated`, or `redundant` when the browser threw it away.
INSTALL = """async () => {
  const {installing} = await navigator.serviceWorker.register('/sw.js').then((made) => made, () => ({}));
  if (!installing) return 'redundant';
  const over = () => ['activated', 'redundant'].includes(installing.state);
  while (!over()) await new Promise((resolve) => installing.addEventListener('statechange', resolve, {once: true}));
  return installing.state;
}"""
KEEP_ALL = """async (path) => {
  const {active} = await navigator.serviceWorker.ready;
  active.postMessage('keep-all');
  for (let tries = 0; tries < 20 && !await caches.match(path); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  return Boolean(await caches.match(path));
}"""


class Line(ThreadingHTTPServer):
    """Between browser and office: in the files at `turned` the last byte comes with its lowest bit turned."""

    daemon_threads = True
    turned: tuple[str, ...]

    def __init__(self, office: Office) -> None:
        self.office, self.turned = office, ()
        super().__init__(("127.0.0.1", free_port()), Carrier)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class Carrier(BaseHTTPRequestHandler):
    server: Line

    def do_GET(self) -> None:
        if self.path == BLANK:
            status, body, kind = 200, b"<!doctype html><title>blank</title>", "text/html"
        else:
            answer = httpx.get(self.server.office.origin + self.path)
            status, body, kind = answer.status_code, answer.content, answer.headers["content-type"]
        if self.path in self.server.turned:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
async def line(office: Office) -> AsyncIterator[Line]:
    made = Line(office)
    yield made
    made.shutdown()
    made.server_close()


async def fresh(browser: Browser, line: Line, *turned: str) -> Page:
    """A browser that never was here, behind a line that turns a bit of these files."""
    line.turned = turned
    context = await browser.new_context(base_url=line.origin)
    page = await context.new_page()
    await page.goto(BLANK)
    return page


def listed(line: Line) -> tuple[list[str], list[str]]:
    """What a worker keeps at once, and what later."""
    shell = json.loads(re.match(r"self\.SHELL=(\{.*?\});\n", httpx.get(f"{line.origin}/sw.js").text)[1])
    return shell["files"], shell["later"]


async def test_a_version_with_one_bit_turned_in_any_file_is_not_kept(browser: Browser, line: Line) -> None:
    files, later = listed(line)
    assert len(files) >= 8
    assert await (await fresh(browser, line)).evaluate(INSTALL) == "activated"
    for path in files:
        page = await fresh(browser, line, path)
        assert await page.evaluate(INSTALL) == "redundant", path
        assert not await page.evaluate("caches.match('/today').then(Boolean)"), path
    for path, kept in (("", True), (later[0], False)):
        page = await fresh(browser, line, path)
        assert await page.evaluate(INSTALL) == "activated"
        assert await page.evaluate(KEEP_ALL, later[0]) is kept
        # Nor is it handed to a page that asks for it now.
        assert await page.evaluate("(path) => fetch(path).then(() => true, () => false)", later[0]) is kept


@pytest.mark.parametrize(("name", "there"), [
    ("htmx", "typeof htmx === 'object'"),
    ("app", "navigator.serviceWorker.getRegistration().then(Boolean)"),
    ("lock", "Boolean(customElements.get('naober-lock'))"),
])
async def test_a_page_does_not_run_a_script_with_one_bit_turned(browser: Browser, line: Line, name: str, there: str) -> None:
    scripts = {one.split("/")[2].split(".")[0]: one for one in listed(line)[0] if one.endswith(".js")}
    # The app would lead a new browser away from the shell.
    without = (scripts["app"],) if name == "lock" else ()
    for turned, runs in (without, True), ((*without, scripts[name]), False):
        page = await fresh(browser, line, *turned)
        await page.goto("/shell" if name == "lock" else "/sign-in")
        await page.wait_for_timeout(300)
        assert await page.evaluate(there) is runs


async def test_a_page_does_not_wear_styles_with_one_bit_turned(browser: Browser, line: Line) -> None:
    path = next(one for one in listed(line)[0] if one.endswith(".css"))
    for turned, worn in ((), True), ((path,), False):
        page = await fresh(browser, line, *turned)
        await page.goto("/sign-in")
        assert await page.evaluate("document.styleSheets.length > 0") is worn
