"""What lies in the memory of every process of a browser: of a phone that is open, that was locked, and whose page is gone."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.async_api import Browser

from server.demo_people import BY_KEY
from tests.browser.bare import BarePage, Pipe, chromium
from tests.browser.conftest import Office
from tests.browser.test_axe import LINK
from tests.browser.test_story import invited, step_in
from tests.browser.workday import CHOOSE, KEPT_MS, canary, plant
from tests.memory import CHARSETS, Process, found, processes

COLUMNS = ("key", "half", *(f"{how} {charset}" for how in ("read", "typed") for charset in CHARSETS))
HOUSES = int(os.environ.get("NAOBER_MEMORY", "2"))
# The browser clears its memory within 20 s; on a machine with more to do it may be longer.
LOOK_S, LOOKS_MAX = 3, 30
LABELS = ("records", "blobs", "outbox", "drafts", "meta", "reads", "tags")
HERE = "(path) => location.pathname + location.search === path && document.querySelector('#app h1')"
SETTLED = "() => document.querySelector('#connection')?.textContent === 'alles ontvangen'"
HOUSEHOLDS = "() => [...document.querySelectorAll('#matches a.row')].map((row) => row.getAttribute('href'))"
SLOT = """() => new Promise((resolve) => {
  indexedDB.open('naober').onsuccess = ({target: {result: store}}) => {
    store.transaction('slots').objectStore('slots').getAll().onsuccess = ({target}) => { store.close(); resolve(target.result[0]); };
  };
})"""
# A passkey's secret leaves the page under a mask, so that looking for it leaves no copy of it; what held it is kept, to see that it was wiped.
MASK = bytes(range(165, 197))
MASKED = f"""globalThis.given = [];
for (const act of ['get', 'create']) {{
  const was = CredentialsContainer.prototype[act];
  CredentialsContainer.prototype[act] = async function (asked) {{
    const credential = await was.call(this, asked);
    const first = credential.getClientExtensionResults().prf?.results?.first;
    if (first) given.push(new Uint8Array(first));
    if (first) globalThis.masked = Array.from(given.at(-1), (byte, at) => byte ^ {list(MASK)}[at]);
    return credential;
  }};
}}"""
NOTE_CLEARED = """() => {
  const was = performance.measureUserAgentSpecificMemory;
  performance.measureUserAgentSpecificMemory = async function () {
    const measured = await was.call(this);
    globalThis.cleared = true;
    return measured;
  };
}"""
WIPED = "() => given.length > 0 && given.every((secret) => secret.every((byte) => byte === 0))"
AUTHENTICATOR = {
    "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True, "hasPrf": True,
}  # fmt: skip


@dataclass
class Watch:
    """A browser's first process, and what is looked for."""

    first: int
    keys: Mapping[str, bytes] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def look(self, moment: str) -> dict[Process, Counter[str]]:
        """What lies in which process, those with nothing left out; as a table too, which is worth reading."""
        seen = {one: counts for one in processes(self.first) if (counts := found(one.pid, self.keys, self.typed))}
        print(f"\n{moment:<16}" + "".join(f"{name:>17}" for name in COLUMNS))  # noqa: T201
        for one, counts in seen.items():
            print(f"{one.what:<16}" + "".join(f"{of(counts, name):>17}" for name in COLUMNS))  # noqa: T201
        return seen


def of(counts: Mapping[str, int], what: str) -> int:
    return sum(n for name, n in counts.items() if name.startswith(what))


def whole(seen: Mapping[Process, Counter[str]]) -> set[str]:
    """The keys of which at least one copy lies in any process."""
    return {name.removeprefix("key ") for counts in seen.values() for name in counts if name.startswith("key ")}


def keys_of(slot: Mapping[str, str], secret: bytes) -> dict[str, bytes]:
    """Every key of a vault, made once more out of what lies on the disk and the secret that opens it."""
    wrapping, wrapped = derived(secret, plain(slot["salt_key"]), "naober vault 1"), plain(slot["wrapped"])
    root = AESGCM(wrapping).decrypt(wrapped[:12], wrapped[12:], b"root")
    text = base64.urlsafe_b64encode(secret)[:42]
    return {"root": root, "secret": secret, "secret as text": text, "wrapping": wrapping, **{label: derived(root, b"", label) for label in LABELS}}


def derived(key: bytes, salt: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, salt, info.encode()).derive(key)


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# With the demo's own key, which is no secret, at full size only.
WAYS = ("demo", "passkey") if "NAOBER_MEMORY" in os.environ else ("passkey",)


@pytest.fixture
def profile() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nao", ignore_cleanup_errors=True) as made:
        yield Path(made)


async def sign_in(page: BarePage, browser: Browser, office: Office, way: str) -> None:
    if way == "demo":
        await page.goto(f"{office.origin}/demo/samira")
        await page.click('[data-act="step-in"]')
    else:
        await page.ask("Page.enable")
        await page.ask("Page.addScriptToEvaluateOnNewDocument", source=MASKED)
        await page.ask("WebAuthn.enable")
        await page.ask("WebAuthn.addVirtualAuthenticator", options=AUTHENTICATOR)
        await page.goto(await invited(await step_in(browser, office, "ilse"), "Nora van Dam"))
        await page.click('[data-act="enrol"]')
        await page.holds(HERE, "/profile/trial")
        await go(page, "/today")
    await page.holds(SETTLED)


async def secret_of(page: BarePage, way: str) -> bytes:
    if way == "demo":
        return hashlib.sha256(f"naober demo {BY_KEY['samira'].id}".encode()).digest()
    assert await page.evaluate(WIPED)
    return bytes(a ^ b for a, b in zip(await page.evaluate("() => masked"), MASK, strict=True))


async def go(page: BarePage, path: str) -> None:
    await page.evaluate(LINK, path)
    await page.holds(HERE, path)


async def work(page: BarePage, watch: Watch) -> None:
    """Reads about households, keeps a contact and leaves another half written."""
    await go(page, "/households")
    for path in (await page.evaluate(HOUSEHOLDS))[:HOUSES]:
        await go(page, path)
    for n in (1, 2):
        await go(page, "/contacts/new")
        watch.typed.append(canary(100_000 + n))
        await page.fill("main textarea", f"Ze zei {watch.typed[-1]}")
        await page.evaluate(CHOOSE)
        await asyncio.sleep(2 * KEPT_MS / 1000)
        if n == 1:
            await page.click(".dock button")
            await page.holds("() => location.pathname !== '/contacts/new'")
            await page.holds(SETTLED)


async def lock(page: BarePage) -> None:
    await go(page, "/profile")
    await page.click('[data-act="lock"]')
    await page.holds("() => document.querySelector('[data-act=\"unlock\"]')")


async def cleared(page: BarePage) -> None:
    """The browser was asked to clear its memory once the phone was locked, and did."""
    for _ in range(LOOKS_MAX):
        if await page.evaluate("() => globalThis.cleared"):
            return
        await asyncio.sleep(LOOK_S)
    raise TimeoutError("nobody had the browser clear its memory")


async def left_of(watch: Watch, ours: set[str]) -> set[str]:
    """Which of these keys lie there whole once the browser had its time to clear its memory."""
    left = ours
    for _ in range(LOOKS_MAX):
        left = ours & whole(watch.look("locked"))
        if not left:
            break
        await asyncio.sleep(LOOK_S)
    return left


async def closed(pipe: Pipe, page: BarePage, pid: int) -> None:
    """Another tab keeps the browser there; the process of this one ends a moment later."""
    await pipe.page()
    await page.close()
    for _ in range(300):
        if not Path(f"/proc/{pid}").exists():
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the page's process did not end")


@pytest.mark.parametrize("way", WAYS)
async def test_a_locked_phone_holds_no_key_and_without_its_page_no_word(browser: Browser, office: Office, profile: Path, way: str) -> None:
    plant(office)
    async with chromium(profile) as (pipe, first):
        page, watch = await pipe.page(), Watch(first)
        await sign_in(page, browser, office, way)
        await lock(page)
        await page.click('[data-act="unlock"]')
        await page.holds(SETTLED)
        await work(page, watch)
        watch.keys = keys_of(await page.evaluate(SLOT), await secret_of(page, way))
        open_now = watch.look("open")
        assert whole(open_now) >= {"root", *LABELS}
        # Of what a passkey gives no text is made: nobody can wipe a text.
        assert "secret as text" not in whole(open_now)
        [its] = [one for one, counts in open_now.items() if one.what == "renderer" and of(counts, "key")]
        assert min(of(open_now[its], "read"), of(open_now[its], "typed")) > 0
        await page.evaluate(NOTE_CLEARED)
        await lock(page)
        watch.look("just locked")
        await cleared(page)
        # What a passkey gives comes through a buffer of the browser's own, which nobody wipes while both ends of it are there.
        assert await left_of(watch, set(watch.keys) - ({"secret"} if way == "passkey" else set())) == set()
        await closed(pipe, page, its.pid)
        left = watch.look("its page is gone")
        assert whole(left) == set()
        assert [one for one in left if one.what == "renderer"] == []
