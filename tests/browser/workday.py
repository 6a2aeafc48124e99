"""A working day on one phone whose browser writes to a folder of ours: every page, something in every field, without signal too."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import BrowserContext, Page, Playwright, Response, expect

from server.changes import KINDS
from tests.browser.conftest import CHROMIUM, FLAGS, SCREEN, Office
from tests.browser.test_axe import go
from tests.browser.test_consent import DRAWN, by_finger

# Every word that may not be found begins so, and has an end of its own. It has no digits: a form asks about what looks like a number of somebody.
STEM = "kanariëvogel"
LETTERS = "bcdfghjkmnpqrstvwxyz"
CANARY = re.compile(f"{STEM}[{LETTERS}]{{4}}")
KEPT_MS = 450  # a draft is kept a moment after the last letter
EMPTY = "input:is([type=text],[type=tel],[type=search],:not([type])):not([readonly]):not([maxlength='7']):not([maxlength='3']), textarea"

WATCH = """(() => {
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength)));
  const tell = (what, bytes) => { if (bytes?.byteLength === 32) keyMade(what, text(bytes)); };
  const subtle = SubtleCrypto.prototype;
  const {importKey, deriveKey, deriveBits, generateKey, decrypt, encrypt, exportKey} = subtle;
  const bare = async (key) => tell('key', await exportKey.call(crypto.subtle, 'raw', key).catch(() => null));
  subtle.importKey = function (format, data, ...rest) { tell('imported', data); return importKey.call(this, format, data, ...rest); };
  subtle.deriveKey = async function (how, base, type, extractable, uses) {
    await bare(await deriveKey.call(this, how, base, type, true, uses));
    return deriveKey.call(this, how, base, type, extractable, uses);
  };
  subtle.deriveBits = async function (...given) { const bits = await deriveBits.apply(this, given); tell('bits', bits); return bits; };
  subtle.generateKey = async function (type, extractable, uses) {
    const key = await generateKey.call(this, type, true, uses);
    await bare(key);
    return key;
  };
  subtle.decrypt = async function (...given) { const plain = await decrypt.apply(this, given); tell('unwrapped', plain); return plain; };
  subtle.encrypt = function (how, key, data) { tell('wrapped', data); return encrypt.call(this, how, key, data); };
  for (const act of ['get', 'create']) {
    const was = CredentialsContainer.prototype[act];
    CredentialsContainer.prototype[act] = async function (asked) {
      const credential = await was.call(this, asked);
      tell('prf', credential?.getClientExtensionResults?.().prf?.results?.first);
      return credential;
    };
  }
})();"""
CHOOSE = """() => {
  for (const group of document.querySelectorAll('fieldset:not(:has(:checked))')) group.querySelector('[type=radio], [type=checkbox]')?.click();
  for (const list of document.querySelectorAll('form select')) {
    list.selectedIndex = Math.min(1, list.options.length - 1);
    list.dispatchEvent(new Event('change', {bubbles: true}));
  }
}"""
# A browser that was killed has lost its virtual authenticator: the finger is played by what it gave before.
FINGER = """CredentialsContainer.prototype.get = async () => {
  const first = Uint8Array.from(atob(await fingerOf()), (one) => one.charCodeAt(0)).buffer;
  return {getClientExtensionResults: () => ({prf: {results: {first}}})};
};"""


@dataclass
class Day:
    """What was planted, typed and made on the phone, and where its browser writes."""

    folder: Path
    keys: dict[str, set[bytes]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)  # in what the office sent
    typed: list[str] = field(default_factory=list)
    signature: str = ""
    n: int = 0

    def word(self) -> str:
        """One that stands nowhere else."""
        self.n += 1
        return canary(100_000 + self.n)

    def key_made(self, what: str, text: str) -> None:
        self.keys.setdefault(what, set()).add(base64.b64decode(text))

    async def heard(self, answer: Response) -> None:
        if "/sync" in answer.url:
            with suppress(Exception):  # of an answer that was cut off there is no body
                self.words |= set(CANARY.findall((await answer.body()).decode()))

    def as_it_lies(self, moment: str) -> Path:
        """A copy of all that the browser has written until now."""
        copy = self.folder.parent / moment
        shutil.copytree(self.folder, copy, symlinks=True, ignore_dangling_symlinks=True, ignore=shutil.ignore_patterns("Singleton*"))
        return copy

    @property
    def profile(self) -> Path:
        return self.folder / "profile"


def canary(n: int) -> str:
    """The stem with a number in letters."""
    size = len(LETTERS)
    return STEM + "".join(LETTERS[n // size**at % size] for at in (3, 2, 1, 0))


def plant(office: Office) -> int:
    """Puts a word of its own into every text of every record, and into every name; how many."""
    n = 0
    texts = {(kind, name) for kind, spec in KINDS["kinds"].items() for name, one in spec["fields"].items() if one["type"] in {"line", "text"}}
    with sqlite3.connect(office.folder / "naober.db", timeout=10) as there:
        for record, kind, body in there.execute("SELECT id, kind, body FROM record").fetchall():
            made = json.loads(body)
            for name, values in made["fields"].items():
                if (kind, name) in texts:
                    for change, value in values.items():
                        n += 1
                        values[change] = f"{value} {canary(n)}"
            there.execute("UPDATE record SET body = ? WHERE id = ?", (json.dumps(made, ensure_ascii=False, separators=(",", ":")), record))
        # Not into those of the demo's people, who are nobody: the buttons that open their vaults bear them.
        for noun in ("organisation", "team"):
            for key, name in there.execute(f"SELECT id, name FROM {noun}").fetchall():  # noqa: S608 - one of two
                n += 1
                there.execute(f"UPDATE {noun} SET name = ? WHERE id = ?", (f"{name} {canary(n)}", key))  # noqa: S608 - the same
    return n


@asynccontextmanager
async def browser_of(playwright: Playwright, origin: str, day: Day) -> AsyncIterator[Page]:
    """The phone's browser, all of whose files come under the day's folder."""
    for name in ("tmp", "home"):
        (day.folder / name).mkdir(parents=True, exist_ok=True)
    homes = {**os.environ, "TMPDIR": str(day.folder / "tmp"), "HOME": str(day.folder / "home"), "XDG_CACHE_HOME": str(day.folder / "home")}
    context = await playwright.chromium.launch_persistent_context(
        day.profile, executable_path=CHROMIUM, args=FLAGS, base_url=origin, viewport=SCREEN, locale="nl-NL", env=homes,
        timezone_id="Europe/Amsterdam", has_touch=True, is_mobile=True,
    )  # fmt: skip
    await context.expose_function("keyMade", day.key_made)
    await context.add_init_script(WATCH)
    context.on("response", day.heard)
    yield context.pages[0]
    with suppress(Exception):
        await context.close()


async def by_the_same_finger(context: BrowserContext, day: Day) -> None:
    await context.expose_function("fingerOf", lambda: base64.b64encode(next(iter(day.keys["prf"]))).decode())
    await context.add_init_script(FINGER)


async def write(page: Page, day: Day) -> int:
    """Something of its own into every field that takes text, and a choice wherever one is asked; how many fields there were."""
    before = len(day.typed)
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    await page.evaluate(CHOOSE)
    for place in await page.locator(EMPTY).all():
        if await place.is_visible():
            day.typed.append(day.word())
            await place.fill(f"Ze zei {day.typed[-1]}")
    if len(day.typed) > before:
        await page.wait_for_timeout(KEPT_MS)
    return len(day.typed) - before


async def sign(page: Page, day: Day) -> None:
    """A signature, on the form on the screen."""
    await page.locator(".choices label", has_text="Ondertekend op dit scherm").click()
    await by_finger(page)
    await page.wait_for_timeout(KEPT_MS)
    day.signature = await page.locator(DRAWN).get_attribute("d") or ""


async def pages_of(page: Page, nth: int = 0) -> list[str]:
    """Every kind of page that the phone draws, about the nth household in the list."""
    await go(page, "/households")
    house = await page.locator("#matches a.row").nth(nth).get_attribute("href") or ""
    await go(page, house)
    links = [await link.get_attribute("href") or "" for link in await page.locator("main a").all()]
    kinds = {re.sub(r"[0-9a-f-]{36}", "", path): path for path in links if path.startswith("/")}
    visit = next((path for path in links if path.startswith("/visits/")), "/visits/new")
    await go(page, visit)
    links = [await link.get_attribute("href") or "" for link in await page.locator("main a").all()]
    kinds |= {re.sub(r"[0-9a-f-]{36}", "", path): path for path in links if path.startswith("/")}
    await go(page, "/tasks?whose=team")
    task = await page.locator('main a[href^="/tasks/"]').first.get_attribute("href") or ""
    own = ["/today", "/today?whose=team", "/households", "/households/new", "/tasks", task, "/contacts", "/contacts/new", "/visits/new"]
    own += ["/profile", "/profile/phone", "/profile/leaving", house, visit, f"{house}/edit", f"{house}/consents", f"{house}/shares"]
    own += [f"{house}/{noun}/new" for noun in ("visits", "tasks", "schedules", "residents", "consents", "shares")]
    return list(dict.fromkeys([*own, *kinds.values()]))


async def look(page: Page, day: Day, paths: list[str]) -> list[str]:
    """Goes to each page and leaves something half written in each of its fields; gives those that have any."""
    forms = []
    for path in paths:
        await go(page, path)
        if await write(page, day):
            forms.append(path)
    return forms


async def hand_in(page: Page, day: Day, forms: list[str]) -> None:
    """Fills in each form once more and presses its button, whatever comes of it."""
    for path in forms:
        await go(page, path)
        await write(page, day)
        if path.endswith("/consents/new"):
            await sign(page, day)
        button = page.locator(".dock button, form:not([role=search]) button.main").first
        if await button.count():
            await button.click()
            await page.wait_for_timeout(200)
            # What is being saved leads on once it is, also when that takes longer.
            await expect(page.locator(".htmx-request")).to_have_count(0)
