"""What is about safety, in a real browser: an open phone shows that there is something, and what it is after one more touch, offline too."""

from __future__ import annotations

import os
import subprocess
import sys

from playwright.async_api import Browser, expect

from tests.browser.conftest import ROOT, SCREEN, Office, authenticator
from tests.browser.test_story import invited, settled, step_in

WORDS = "Ze durft niet naar huis zolang hij er is."
VEILED = "Ontgrendel nog een keer om het te lezen."
CANCELLED = "Je hebt het afgebroken. Tik nog eens om te ontgrendelen."
OPEN = "Lees wat over veiligheid gaat"
# A resident lets this nurse know about her safety, and somebody else writes down what she says.
TOLD = """
import asyncio, secrets, sys
from server import access, changes, consents, db, sessions  # consents open what they say
from sync import clock

async def told(tx, words):
    at = sessions.now()
    person, team = await tx.one("SELECT m.person, m.team FROM membership m JOIN person p ON p.id = m.person WHERE p.name = 'Nora van Dam'")
    sql = "SELECT r.id, r.household FROM resident r JOIN care c ON c.household = r.household WHERE c.team = $1 ORDER BY r.id LIMIT 1"
    resident, household = await tx.one(sql, team)
    yes = {"about": "secrecy", "answer": "yes", "to_kind": "person", "to": person, "topics": ["safety"], "since": access.day_of(at)}
    yes |= {"how": "spoken", "words": "Nora mag het weten."}
    made = []
    for n, (kind, topic, fields) in enumerate([("consent", "practical", yes), ("note", "safety", {"text": words, "aspect": "seen", "at": at})], 1):
        ids = [clock.uuid7(at, secrets.token_hex(10)) for _ in range(2)]
        what = {"kind": kind, "subject": f"resident:{resident}", "topic": topic}
        made.append(changes.make(access.OFFICE.hats[0], what, fields, ids=ids, stamp=clock.tick(None, at, "00000000"), n=n))
    results = await changes.apply(tx, made, access.OFFICE, now=at)
    assert [one.is_ for one in results] == ["stored", "stored"], results
    return household

async def main():
    await db.start()
    print(await db.write(lambda tx: told(tx, sys.argv[1])))
    await db.stop()

asyncio.run(main())
"""


def tell(office: Office) -> str:
    """The household behind whose door this was said."""
    settings = {"NAOBER_DATABASE": f"sqlite:///{office.folder}/naober.db", "NAOBER_ORIGIN": office.origin, "PYTHONPATH": str(ROOT)}
    said = subprocess.run([sys.executable, "-c", TOLD, WORDS], env={**os.environ, **settings}, check=True, stdout=subprocess.PIPE, text=True)
    return said.stdout.strip()


async def test_safety_is_read_after_one_more_touch(browser: Browser, office: Office) -> None:
    lead = await step_in(browser, office, "ilse")
    link = await invited(lead, "Nora van Dam")
    household = tell(office)
    context = await browser.new_context(base_url=office.origin, viewport=SCREEN, locale="nl-NL", has_touch=True, is_mobile=True)
    nurse = await context.new_page()
    devtools, finger = await authenticator(context, nurse)
    await nurse.goto(link)
    await nurse.locator('[data-act="enrol"]').click()
    await nurse.get_by_role("link", name="Later").click()
    await settled(nurse)
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator(f"a[href='/households/{household}']").first.click()
    main = nurse.locator("main")
    await expect(main).to_contain_text(VEILED)
    assert WORDS not in await nurse.content()

    await nurse.context.set_offline(True)
    await nurse.get_by_role("button", name=OPEN).click()
    await expect(main).to_contain_text(WORDS)
    await expect(nurse.get_by_role("button", name=OPEN)).to_have_count(0)

    # Somebody else picks it up, half open as it lies there.
    await nurse.get_by_role("link", name="Ik", exact=True).click()
    await nurse.get_by_role("button", name="Op slot").click()
    await nurse.locator('[data-act="unlock"]').first.click()
    await nurse.get_by_role("link", name="Huishoudens").click()
    await nurse.locator(f"a[href='/households/{household}']").first.click()
    await expect(main).to_contain_text(VEILED)
    await devtools.send("WebAuthn.setUserVerified", {**finger, "isUserVerified": False})
    await nurse.get_by_role("button", name=OPEN).click()
    await expect(nurse.locator("#alert")).to_have_text(CANCELLED)
    assert WORDS not in await nurse.content()
