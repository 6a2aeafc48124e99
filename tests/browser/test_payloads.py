"""Hostile strings in every field, in a real browser: shown as they were written, in every view, with and without network; nothing runs or leaves.

NAOBER_CORPUS sets how many strings each field gets (3), NAOBER_SEED which.
"""

from __future__ import annotations

import re
import sqlite3
import time
import uuid
from typing import Any

from playwright.async_api import Browser, Page, Request, expect

from server import render
from server.i18n import local
from sync.rules import NOT_LINE, NOT_TEXT
from tests import payloads
from tests.browser.conftest import ROOT, Office
from tests.browser.test_axe import go
from tests.browser.test_story import settled, step_in

# What our own templates are made of, and what htmx, a form in use and a page of tests add.
SOURCES = [path.read_text("utf-8") for folder in ("pwa/templates", "server/templates") for path in (ROOT / folder).glob("*.html")]
MADE_OF = "".join([*SOURCES, render.SPRITE.read_text("utf-8")])
TAGS = {*re.findall(r"<([a-z][a-z0-9-]*)", MADE_OF), "template"}
BARE = re.findall(r"\s([a-z-]+)(?=[\s>{])", " ".join(re.findall(r"<[a-z][^>]*>", MADE_OF)))
ATTRIBUTES = {*re.findall(r'[\s}]([a-zA-Z][a-zA-Z:-]*)="', MADE_OF), *BARE, "data-htmx-powered"}
SEEN = """([tags, attributes]) => {
  const all = [...document.querySelectorAll('*')];
  const addresses = all.flatMap((one) => ['href', 'src', 'action', 'formaction', 'hx-get', 'hx-post'].map((name) => one.getAttribute(name) ?? ''));
  return {
    pwn: window.pwn ?? null,
    strange: [...new Set(all.flatMap((one) => [
      ...(tags.includes(one.localName) ? [] : [one.localName]),
      ...one.getAttributeNames().filter((name) => !attributes.includes(name)).map((name) => `${one.localName} ${name}`),
    ]))],
    elsewhere: addresses.filter((address) => address && !/^(?:[/#?]|tel:|sms:)(?!\\/)/.test(address)),
    words: document.body.textContent + all.map((one) => `\\n${one.value ?? ''}`).join(''),
  };
}"""
SEND = """async (asks) => {
  const headers = {'content-type': 'application/json'};
  return (await fetch('/sync', {method: 'POST', headers, body: JSON.stringify(asks)})).json();
}"""


class Writer:
    """Somebody who writes hostile strings, past any form: the office takes them as it takes all else."""

    def __init__(self, page: Page, me: dict[str, Any]) -> None:
        self.page, self.me, self.n, self.made = page, me, 0, list[dict[str, Any]]()
        self.dealer = payloads.Dealer()

    def line(self, most: int = 120) -> str:
        return NOT_LINE.sub("", self.dealer.deal(most, line=True)).strip() or "x"

    def text(self) -> str:
        return NOT_TEXT.sub("", self.dealer.deal(2000)).strip() or "x"

    def write(self, kind: str, subject: str, fields: dict[str, Any], *, topic: str = "practical", record: str | None = None) -> str:
        self.n += 1
        made = {"id": new_id(), "kind": kind, "record": record or new_id(), "subject": subject, "topic": topic, "seen": 0, "n": self.n}
        stamp = f"{now():013d}-{self.n:04x}-{self.me['device'][-8:]}"
        self.made.append({**made, "by": self.me["hats"][0]["id"], "fields": fields, "stamp": stamp})
        return str(made["record"])

    async def hand_in(self) -> None:
        asks = {"format": 1, "device": self.me["device"], "epoch": None, "cursor": None, "entitled": None, "reads": []}
        answer = await self.page.evaluate(SEND, {**asks, "changes": self.made})
        assert [one for one in answer["results"] if one["is"] != "stored"] == []


def now() -> int:
    return time.time_ns() // 1_000_000


def new_id() -> str:
    made = uuid.uuid4().hex
    return str(uuid.UUID(f"{now():012x}7{made[:3]}8{made[3:18]}"))


def fill(writer: Writer, house: str, residents: list[str]) -> dict[str, str]:
    """Something hostile in every field of a household, and where it is to be seen."""
    home, about, today = f"household:{house}", f"resident:{residents[0]}", str(local(now())["date"])
    team, line, text = writer.me["hats"][0]["team"], writer.line, writer.text
    inside = {"entry": text()[:500], "key_safe": line(40)}
    writer.write("household", home, {"name": line(), "street": line(), "city": line(80), "phone": line(40), **inside}, record=house)
    for resident in residents:
        fields = {"household": house, "name": line(), "given": line(80), "phone": line(40)}
        writer.write("resident", f"resident:{resident}", fields, record=resident)
    plan = writer.write("schedule", home, {"what": line(), "start": today, "team": team, "resident": residents[0]})
    made = {}
    for _ in range(payloads.FIELD):
        came = {"day": today, "at": now(), "present": ["other"], "present_names": line(), "outcome": "done"}
        visit = writer.write("visit", home, came)
        for topic, aspect in (("body", "seen"), ("mind", "strength"), ("practical", "seen")):
            note = writer.write("note", about, {"text": text(), "visit": visit, "aspect": aspect}, topic=topic)
            writer.write("note", about, {"text": text(), "adds_to": note}, topic=topic)
        task = writer.write("task", home, {"what": line(300), "team": team, "visit": visit})
        writer.write("completion", home, {"task": task, "outcome": "could_not", "text": text()})
        open_task = writer.write("task", home, {"what": line(300), "team": team, "due": today})
        writer.write("contact", about, {"day": today, "way": "talk", "text": text(), "place_name": line()}, topic="social")
        whom = {"to_kind": "team", "to": team, "topics": ["body"], "since": today}
        said = {"about": "help", "answer": "yes", "how": "spoken", "purpose": line(300), "present": line(), "words": text(), "version": line(40)}
        writer.write("consent", about, {**whom, **said})
        asked = {name: text() for name in ("question", "necessity", "proportionality", "subsidiarity", "told_why")}
        writer.write("share", about, {**whom, **asked, "ground": "contract", "told": "later"})
        made |= {"visit": f"/visits/{visit}?in={house}", "task": f"/tasks/{open_task}", "done": f"/tasks/{task}"}
        made |= {"plan": f"/schedules/{plan}?in={house}", "why": f"/why/{note}?in={house}", "addition": f"/notes/{note}/additions/new?in={house}"}
    return made


class Watch:
    """What pages show and ask for while hostile strings stand in them."""

    def __init__(self, office: Office) -> None:
        self.office, self.words, self.asked = office, set[str](), list[str]()

    def over(self, page: Page) -> None:
        page.context.on("request", self.note)

    def note(self, request: Request) -> None:
        if not request.url.startswith((self.office.origin, "blob:")):
            self.asked.append(request.url)

    async def look(self, page: Page) -> None:
        found = await page.evaluate(SEEN, [sorted(TAGS), sorted(ATTRIBUTES)])
        words = found.pop("words")
        self.words |= {one for one in payloads.PAYLOADS if one in words}
        assert found == {"pwn": None, "strange": [], "elsewhere": []}, page.url


async def test_hostile_strings_are_words_in_every_view_with_and_without_network(browser: Browser, office: Office) -> None:
    watch = Watch(office)
    colleague = await step_in(browser, office, "samira")
    house = (await first_house(colleague)).removeprefix("/households/")
    writer = Writer(colleague, await colleague.evaluate("fetch('/me').then((one) => one.json())"))
    with sqlite3.connect(office.folder / "naober.db") as db:
        residents = [row[0] for row in db.execute("SELECT id FROM resident WHERE household = ?", (house,))]
        db.execute("UPDATE person SET name = ? WHERE id = ?", (writer.line(), writer.me["person"]))
    made = fill(writer, house, residents)
    await writer.hand_in()
    await on_the_phone(browser, office, watch, f"/households/{house}", [*made.values(), *(f"/residents/{one}/edit?in={house}" for one in residents)])
    await in_the_office(browser, office, watch, writer)
    assert watch.asked == []
    assert len(watch.words) > 10 * payloads.FIELD


async def first_house(page: Page) -> str:
    await page.get_by_role("link", name="Huishoudens").click()
    return await page.locator("#matches a.row").first.get_attribute("href") or ""


async def on_the_phone(browser: Browser, office: Office, watch: Watch, house: str, pages: list[str]) -> None:
    """Every view of the phone, and a draft; then all of it again without network."""
    phone = await step_in(browser, office, "samira")
    watch.over(phone)
    await go(phone, house)
    await expect(phone.locator(f'a[href="{pages[0]}"]').first).to_be_attached(timeout=15_000)
    await phone.locator('[data-act="verify"]').first.click()
    await expect(phone.locator("dd strong")).to_be_visible()
    pages = [house, *pages, *(f"{house}/{one}" for one in ("edit", "consents", "consents/new", "shares", "shares/new", "visits/new", "tasks/new"))]
    pages += ["/today", "/today?whose=team", "/households", "/tasks", "/tasks?whose=team", "/contacts", "/contacts/new", "/profile", "/profile/phone"]
    pages += [f"{house}/schedules/new", f"{house}/residents/new", "/visits/new", "/households/new", "/profile/leaving"]
    for offline in (False, True):
        await phone.context.set_offline(offline)
        for path in pages:
            await go(phone, path)
            await watch.look(phone)
        if not offline:
            await half_written(phone, house)
            await watch.look(phone)
    await phone.context.set_offline(False)


async def half_written(phone: Page, house: str) -> None:
    """A draft of hostile strings stands there again, as it was typed."""
    dealer = payloads.Dealer(payloads.SEED + 1)
    await go(phone, f"{house}/visits/new")
    typed = dealer.deal(200, line=True)
    await phone.get_by_label("Wat gaat er goed?").fill(typed)
    await phone.wait_for_timeout(1500)
    await go(phone, house)
    await go(phone, f"{house}/visits/new")
    await expect(phone.get_by_label("Wat gaat er goed?")).to_have_value(typed)
    await phone.get_by_role("button", name="Bewaar bezoek").click()
    await settled(phone)


async def in_the_office(browser: Browser, office: Office, watch: Watch, writer: Writer) -> None:
    lead = await step_in(browser, office, "ilse")
    watch.over(lead)
    for path in ("/people", "/review", "/held", "/devices", "/nowhere", "/sign-in?to=javascript:window.pwn=1"):
        await lead.goto(path)
        await watch.look(lead)
    await lead.goto("/people")
    await lead.get_by_label("Naam", exact=True).fill(writer.line())
    await lead.get_by_label("Wijkverpleegkundige").check()
    await lead.get_by_role("button", name="Zet erbij").click()
    await expect(lead.locator(".notice.moss").first).to_be_visible()
    await watch.look(lead)
    for place in range(payloads.FIELD):
        await lead.goto("/review")
        await lead.locator("#list a.arrival").nth(place).click()
        await expect(lead.locator("#record-title")).to_be_visible()
        await watch.look(lead)
