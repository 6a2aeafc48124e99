"""The office's own pages behind the phone's lock: open after signing in, after unlocking and while somebody touches them, and closed otherwise."""

from __future__ import annotations

import pytest

from server import seals
from tests import desk
from tests.desk import NOW, STRANGER

pytestmark = pytest.mark.usefixtures("clock")

MINUTE_MS = 60_000
PAGES = ("/review", "/roster", "/held", "/people", "/devices", "/vouching")


@pytest.fixture
async def ilse(office):
    await office.write(lambda tx: seals.renew(tx, NOW))
    return await desk.somebody(office, "lead", name="Ilse")


@pytest.fixture
async def browser(client, ilse):
    return await desk.signed_in(client, ilse)


async def opened(browser):
    """Whether the pages of the office are shown; all of them are, or none."""
    found = {(await browser.get(path)).status_code for path in PAGES}
    assert len(found) == 1
    return found == {200}


async def key_of(office, me):
    found = await office.read(lambda tx: seals.current(tx, me.device))
    return {"seal": found["id"], "proof": found["proof"]}


async def test_they_are_open_for_three_minutes_after_signing_in_unless_somebody_touches_them(browser, clock):
    clock.at += 2 * MINUTE_MS
    assert await opened(browser)
    assert (await browser.put("/sessions/current/opening")).status_code == 204
    clock.at += 2 * MINUTE_MS
    assert await opened(browser)
    clock.at += MINUTE_MS
    assert not await opened(browser)


async def test_looking_at_them_does_not_keep_them_open(browser, clock):
    for _ in range(3):
        assert await opened(browser)
        clock.at += MINUTE_MS
    assert not await opened(browser)


async def test_once_closed_touching_does_not_open_them(browser, clock):
    clock.at += 4 * MINUTE_MS
    assert (await browser.put("/sessions/current/opening")).status_code == 401
    assert not await opened(browser)


async def test_locking_closes_them_and_the_open_vault_opens_them(office, browser, ilse):
    assert (await browser.delete("/sessions/current/opening")).status_code == 204
    assert not await opened(browser)
    assert (await browser.post("/sessions/current/opening", json=await key_of(office, ilse))).status_code == 204
    assert await opened(browser)


async def test_nothing_but_this_devices_own_proof_opens_them(office, client, browser, ilse):
    other = await key_of(office, await desk.somebody(office, "lead", ilse.team))
    mine = await key_of(office, ilse)
    await browser.delete("/sessions/current/opening")
    for key in (other, {**mine, "proof": "A" * 43}, {**mine, "seal": STRANGER}, {**mine, "proof": ""}, {**mine, "proof": "é"}):
        assert (await browser.post("/sessions/current/opening", json=key)).status_code == 403
    assert (await client.post("/sessions/current/opening", json=mine)).status_code == 401
    assert not await opened(browser)


async def test_who_only_has_the_cookie_of_a_locked_phone_is_not_given_the_proof(browser):
    assert "seal" in (await browser.get("/me")).json()
    await browser.delete("/sessions/current/opening")
    assert "seal" not in (await browser.get("/me")).json()
    assert "seal" not in (await browser.put("/me", json={"language": "nl"})).json()


async def test_signing_in_is_offered_to_a_locked_phone_and_not_the_way_round_it(browser):
    assert (await browser.get("/sign-in?to=/review")).status_code == 303
    await browser.delete("/sessions/current/opening")
    assert (await browser.get("/sign-in?to=/review")).status_code == 200


async def test_an_organisation_may_want_it_sooner(office, browser, ilse, clock):
    await desk.run(office, "UPDATE organisation SET idle_s = 60 WHERE id = $1", ilse.team.organisation)
    await browser.put("/sessions/current/opening")
    clock.at += MINUTE_MS - 1
    assert await opened(browser)
    clock.at += 1
    assert not await opened(browser)


async def test_to_a_locked_phone_a_page_shows_the_lock_and_comes_back_to_it(browser, client, clock):
    clock.at += 4 * MINUTE_MS
    assert (await browser.get("/review?team=x")).headers["location"] == "/today?to=/review"
    part = await browser.get(f"/devices/{STRANGER}", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (204, "/today?to=/devices")
    assert (await client.get("/review")).headers["location"] == "/sign-in?to=/review"


async def test_what_is_sent_from_a_page_that_closed_meanwhile_is_refused_with_what_to_do(browser, clock):
    clock.at += 4 * MINUTE_MS
    answer = await browser.post("/people", data={"name": "Nieuw"}, headers={"Accept": "text/html", "HX-Request": "true"})
    assert answer.status_code == 401
    assert "Naober is op slot. Ontgrendel" in answer.text


async def test_the_phone_itself_works_on_while_they_are_closed(office, client, browser, ilse, clock):
    clock.at += 4 * MINUTE_MS
    phone = await desk.phone(client, ilse)
    await phone.sync()
    assert (await browser.get("/me")).status_code == 200


FILES = ("/figures/week.csv", "/figures/week.xlsx", "/themes.csv", "/themes.xlsx", "/stuck/obstacles")


@pytest.mark.parametrize("path", FILES)
async def test_a_file_goes_only_to_who_showed_just_now_that_the_device_is_theirs(office, browser, ilse, clock, path):
    assert (await browser.get(path)).status_code == 200
    for _ in range(2):
        clock.at += 2 * MINUTE_MS
        await browser.put("/sessions/current/opening")
    assert await opened(browser)
    assert (await browser.get(path)).status_code == 303
    key = await key_of(office, ilse)
    assert (await browser.post("/sessions/current/opening", json=key)).status_code == 204
    assert (await browser.get(path)).status_code == 303
    assert (await browser.post("/sessions/current/opening", json={**key, "verified": True, "proof": "A" * 43})).status_code == 403
    assert (await browser.get(path)).status_code == 303
    assert (await browser.post("/sessions/current/opening", json={**key, "verified": True})).status_code == 204
    assert (await browser.get(path)).status_code == 200
    clock.at += 3 * MINUTE_MS
    assert (await browser.get(path)).status_code == 303


async def test_of_a_file_that_did_not_go_the_log_says_nothing_and_the_way_to_it_leads_back(office, browser, clock):
    clock.at += 2 * MINUTE_MS
    await browser.put("/sessions/current/opening")
    clock.at += 2 * MINUTE_MS
    went = "SELECT count(*) FROM log WHERE action = 'export'"
    answer = await browser.get("/figures/week.csv?week=2026-W47")
    assert answer.headers["location"] == "/today?to=/figures%3Fweek%3D2026-W47&for=file"
    assert await office.read(lambda tx: tx.one(went)) == (0,)
    # Where nothing of Naober is kept, signing in once more shows it.
    assert (await browser.get("/sign-in?to=/figures%3Fweek%3D2026-W47")).status_code == 303
    assert (await browser.get("/sign-in?to=/figures%3Fweek%3D2026-W47&for=file")).status_code == 200
    assert (await browser.get("/sign-in?to=/figures%3Fweek%3D//elsewhere.example")).status_code == 200
