"""What is about safety, and the code of a key safe, in a real browser: an open phone shows that it is there, and what it is after one more touch."""

from __future__ import annotations

import os
import subprocess
import sys

from playwright.async_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import ROOT, SCREEN, Office, authenticator
from tests.browser.test_story import invited, settled, step_in

WORDS = "Ze durft niet naar huis zolang hij er is."
VEILED = "Ontgrendel nog een keer om het te lezen."
CANCELLED = "Je hebt het afgebroken. Tik nog eens om te ontgrendelen."
OPEN = "Lees wat over veiligheid gaat"
CODE = "K4711"
SHOW = "Toon de code van de sleutelkluis"
# A resident lets this nurse know about her safety, and somebody else writes down what she says, and the code of her key safe.
TOLD = """
import asyncio, secrets, sys
from server import access, changes, consents, db, sessions  # consents open what they say
from sync import clock

async def told(tx, words, code):
    at = sessions.now()
    person, team = await tx.one("SELECT m.person, m.team FROM membership m JOIN person p ON p.id = m.person WHERE p.name = 'Nora van Dam'")
    sql = "SELECT r.id, r.household FROM resident r JOIN care c ON c.household = r.household WHERE c.team = $1 ORDER BY r.id LIMIT 1"
    resident, household = await tx.one(sql, team)
    yes = {"about": "secrecy", "answer": "yes", "to_kind": "person", "to": person, "topics": ["safety"], "since": access.day_of(at)}
    yes |= {"how": "spoken", "words": "Nora mag het weten."}
    note = {"text": words, "aspect": "seen", "at": at}
    (seen,) = await tx.one("SELECT version FROM record WHERE id = $1", household)
    her, home = f"resident:{resident}", f"household:{household}"
    said = [("consent", her, "practical", yes), ("note", her, "safety", note), ("household", home, "practical", {"key_safe": code})]
    made = []
    for n, (kind, subject, topic, fields) in enumerate(said, 1):
        new = [clock.uuid7(at, secrets.token_hex(10)) for _ in range(2)]
        ids = (new[0], household if kind == "household" else new[1])
        what = {"kind": kind, "subject": subject, "topic": topic}
        more = {"stamp": clock.tick(None, at, "00000000"), "n": n, "seen": seen if kind == "household" else 0}
        made.append(changes.make(access.OFFICE.hats[0], what, fields, ids=ids, **more))
    results = await changes.apply(tx, made, access.OFFICE, now=at)
    assert [one.is_ for one in results] == ["stored"] * 3, results
    return household

async def main():
    await db.start()
    print(await db.write(lambda tx: told(tx, *sys.argv[1:])))
    await db.stop()

asyncio.run(main())
"""


def tell(office: Office) -> str:
    """The household behind whose door this was said."""
    settings = {"NAOBER_DATABASE": f"sqlite:///{office.folder}/naober.db", "NAOBER_ORIGIN": office.origin, "PYTHONPATH": str(ROOT)}
    said = subprocess.run([sys.executable, "-c", TOLD, WORDS, CODE], env={**os.environ, **settings}, check=True, stdout=subprocess.PIPE, text=True)
    return said.stdout.strip()


async def at_the_door(browser: Browser, office: Office) -> tuple[Page, str, CDPSession, dict[str, str]]:
    """A nurse on the page of that household, its address, and her finger; her clocks are ours."""
    lead = await step_in(browser, office, "ilse")
    link = await invited(lead, "Nora van Dam")
    household = tell(office)
    context = await browser.new_context(base_url=office.origin, viewport=SCREEN, locale="nl-NL", has_touch=True, is_mobile=True)
    nurse = await context.new_page()
    await nurse.clock.install()
    devtools, finger = await authenticator(context, nurse)
    await nurse.goto(link)
    await nurse.locator('[data-act="enrol"]').click()
    await nurse.get_by_role("link", name="Later").click()
    await settled(nurse)
    await to(nurse, household)
    await expect(nurse.locator("main")).to_contain_text(VEILED)
    return nurse, household, devtools, finger


async def to(nurse: Page, household: str) -> None:
    await nurse.get_by_role("link", name="Huishoudens").last.click()
    await nurse.locator(f"a[href='/households/{household}']").first.click()


async def handed_over(nurse: Page, household: str, devtools: CDPSession, finger: dict[str, str]) -> None:
    """Somebody else picks it up, half open as it lies there."""
    await nurse.get_by_role("link", name="Ik", exact=True).click()
    await nurse.get_by_role("button", name="Op slot").click()
    await nurse.locator('[data-act="unlock"]').first.click()
    await to(nurse, household)
    await expect(nurse.locator("main")).to_contain_text(VEILED)
    await devtools.send("WebAuthn.setUserVerified", {**finger, "isUserVerified": False})


async def past(nurse: Page) -> None:
    """The three minutes are over, and somebody touched the phone meanwhile."""
    await nurse.clock.fast_forward(100_000)
    await nurse.locator("h1").click()
    await nurse.clock.fast_forward(85_000)


async def test_safety_is_read_after_one_more_touch_and_leaves_the_screen(browser: Browser, office: Office) -> None:
    nurse, household, devtools, finger = await at_the_door(browser, office)
    main = nurse.locator("main")
    assert WORDS not in await nurse.content()
    await nurse.context.set_offline(True)
    await nurse.get_by_role("button", name=OPEN).click()
    await expect(main).to_contain_text(WORDS)
    await expect(nurse.get_by_role("button", name=OPEN)).to_have_count(0)
    await past(nurse)
    await expect(main).to_contain_text(VEILED)
    assert WORDS not in await nurse.content()
    await handed_over(nurse, household, devtools, finger)
    await nurse.get_by_role("button", name=OPEN).click()
    await expect(nurse.locator("#alert")).to_have_text(CANCELLED)
    assert WORDS not in await nurse.content()


async def test_the_code_of_a_key_safe_is_shown_after_one_more_touch_and_leaves_the_screen(browser: Browser, office: Office) -> None:
    nurse, household, devtools, finger = await at_the_door(browser, office)
    main = nurse.locator("main")
    assert CODE not in await nurse.content()
    await nurse.context.set_offline(True)
    await nurse.get_by_role("button", name=SHOW).click()
    await expect(main).to_contain_text(CODE)
    await nurse.locator(".topics summary").click()
    await nurse.get_by_role("link", name="Wijzig huishouden").click()
    await expect(nurse.get_by_label("Code van de sleutelkluis")).to_have_value("")
    assert CODE not in await nurse.content()
    await nurse.get_by_role("link", name="terug").click()
    await expect(main).to_contain_text(CODE)
    await past(nurse)
    await expect(nurse.get_by_role("button", name=SHOW)).to_be_visible()
    assert CODE not in await nurse.content()
    await handed_over(nurse, household, devtools, finger)
    await nurse.get_by_role("button", name=SHOW).click()
    await expect(nurse.locator("#alert")).to_have_text(CANCELLED)
    assert CODE not in await nurse.content()
