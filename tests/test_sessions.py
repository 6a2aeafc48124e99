"""Sessions: who is signed in, on which device, for how long; ended means ended, at once and everywhere."""

from __future__ import annotations

import functools
import operator
import re
from pathlib import Path

import pytest

from server import sessions
from tests import desk
from tests.authenticator import Authenticator, asked, enrol, enrolled, invited, question_of, raw, sign_in
from tests.desk import DAY_MS, NOW

MADE_UP = "A" * 43

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def person(office):
    return await desk.somebody(office, "nurse")


def cookie_of(response):
    (line,) = response.headers.get_list("set-cookie")
    return line


def test_office_and_phone_mean_the_same_lease():
    days = re.search(r"LEASE_MS = (\d+) \* 24 \* 3600 \* 1000;", Path("pwa/lease.js").read_text("utf-8"))
    assert days
    assert int(days[1]) * DAY_MS == sessions.LEASE_MS


async def test_a_phone_hears_how_soon_the_strictest_of_its_organisations_wants_it_locked(office, client, person):
    browser = await desk.signed_in(client, person)
    assert (await browser.get("/me")).json()["lock"] == {"idle": None, "hidden": None}
    other = await desk.team(office, "welfare")
    await desk.hat(office, person.person, other, "outreach")
    await desk.run(office, "UPDATE organisation SET idle_s = 120")
    await desk.run(office, "UPDATE organisation SET idle_s = 60, hidden_s = 10 WHERE id = $1", other.organisation)
    assert (await browser.get("/me")).json()["lock"] == {"idle": 60, "hidden": 10}


async def status(browser, path="/me"):
    return (await browser.get(path)).status_code


async def test_the_cookie_is_for_this_office_only_and_no_script_reads_it(office, client, person):
    response = await sign_in(client, await enrolled(office, client, person))
    name, *flags = [part.strip() for part in cookie_of(response).split(";")]
    assert re.fullmatch(rf"{sessions.COOKIE}=[A-Za-z0-9_-]{{43}}", name)
    assert {flag.lower() for flag in flags} == {"httponly", "path=/", "samesite=strict", f"max-age={sessions.LIFE_MS // 1000}"}
    assert response.headers["cache-control"] == "no-store"


def test_over_https_the_cookie_is_bound_to_the_host(monkeypatch):
    class Https:
        secure = True

    monkeypatch.setattr(sessions, "settings", Https)
    assert sessions._cookie("x", 1).secure is True


async def test_the_table_does_not_hold_what_the_cookie_holds(office, client, person):
    response = await sign_in(client, await enrolled(office, client, person))
    token = cookie_of(response).partition("=")[2].partition(";")[0]
    assert token not in repr(await desk.rows(office, "SELECT * FROM session"))
    assert sessions._hash(token) in repr(await desk.rows(office, "SELECT token_hash FROM session"))


async def test_a_cookie_brought_along_is_not_made_a_session(office, client, person):
    """Session fixation: what somebody planted in a browser is worth nothing after its owner signed in."""
    mine = await enrolled(office, client, person)
    joost = await desk.somebody(office, "nurse", person.team, name="Joost")
    for planted in (MADE_UP, joost.token):
        client.cookies.clear()
        client.cookies.set(sessions.COOKIE, planted)
        response = await sign_in(client, mine)
        assert planted not in cookie_of(response)
        stolen = await desk.signed_in(client, joost)
        stolen.cookies.set(sessions.COOKIE, planted)
        assert await status(stolen) == 401


async def test_a_cookie_brought_to_an_invitation_is_not_made_a_session_either(office, client, person):
    joost = await desk.somebody(office, "nurse", person.team, name="Joost")
    for planted in (MADE_UP, joost.token):
        token = await invited(office, person)
        question = await asked(client, token)
        client.cookies.set(sessions.COOKIE, planted)
        response = await enrol(client, token, Authenticator().make(question["options"]), question["challenge"])
        assert response.status_code == 201
        assert planted not in cookie_of(response)
        stolen = await desk.signed_in(client, joost)
        stolen.cookies.set(sessions.COOKIE, planted)
        assert await status(stolen) == 401
        client.cookies.clear()


async def test_who_is_not_let_in_gets_no_cookie_and_ends_nobodys_session(office, client, person):
    browser, mine = await desk.signed_in(client, person), Authenticator(user=person.person.encode())
    response = await sign_in(browser, mine)
    assert (response.status_code, response.headers.get_list("set-cookie")) == (401, [])
    assert await status(browser) == 200


async def test_what_lets_somebody_in_cannot_be_guessed(office, client, person):
    """256 bits each, of which every one may be either: an invitation, a session, a question to a passkey."""
    drawn = {
        "invitation": [await invited(office, person) for _ in range(40)],
        "session": [await office.write(lambda tx: sessions.start(tx, person.person, person.device, NOW)) for _ in range(40)],
        "question": [(await question_of(client))["options"]["challenge"] for _ in range(40)],
    }
    for name, texts in drawn.items():
        numbers = [int.from_bytes(raw(text), "big") for text in texts]
        assert {len(raw(text)) for text in texts} == {32}, name
        assert functools.reduce(operator.or_, numbers) == 2**256 - 1, name
        assert functools.reduce(operator.and_, numbers) == 0, name


async def test_signing_in_again_ends_the_session_that_was_there(office, client, person):
    mine = await enrolled(office, client, person)
    tokens = [cookie_of(await sign_in(client, mine)).partition("=")[2].partition(";")[0] for _ in range(2)]
    assert tokens[0] != tokens[1]
    old = await desk.signed_in(client, person)
    old.cookies.set(sessions.COOKIE, tokens[0])
    assert await status(old) == 401
    assert await status(client) == 200


async def test_signing_out_works_at_once_for_every_request(office, client, person):
    browser, other_tab = await desk.signed_in(client, person), await desk.signed_in(client, person)
    assert await status(browser) == await status(other_tab) == 200
    response = await browser.delete("/sessions/current")
    assert (response.status_code, "max-age=0" in cookie_of(response).lower()) == (204, True)
    assert await status(other_tab) == 401
    asks = {"format": 1, "device": person.device, "pairs": []}
    assert [(await other_tab.post(path, json=asks)).status_code for path in ("/sync", "/sync/history")] == [401, 401]
    assert await desk.log(office, "sign_out", "person", "device") == [(person.person, person.device)]


async def test_signing_out_twice_or_as_nobody_is_fine(client, person):
    browser = await desk.signed_in(client, person)
    said = [await browser.delete("/sessions/current"), await browser.delete("/sessions/current"), await client.delete("/sessions/current")]
    assert [one.status_code for one in said] == [204] * 3


async def test_a_session_ends_after_seven_days_of_silence(client, person, clock):
    browser = await desk.signed_in(client, person)
    clock.at += 7 * DAY_MS - 1
    assert await status(browser) == 200
    clock.at += 7 * DAY_MS
    assert await status(browser) == 401


async def test_who_comes_every_day_stays_signed_in_for_ninety_days(client, person, clock):
    browser = await desk.signed_in(client, person)
    days = 0
    while await status(browser) == 200:
        clock.at += DAY_MS
        days += 1
    assert days == 90


async def test_a_busy_hour_writes_the_session_once(office, client, person, clock):
    browser = await desk.signed_in(client, person)
    clock.at += sessions.RENEW_AFTER_MS + 1
    ends = set()
    for _ in range(3):
        await status(browser)
        clock.at += 1000
        ends |= {row[0] for row in await desk.rows(office, "SELECT expires_at FROM session WHERE person = $1", person.person)}
    assert len(ends) == 1


async def test_sessions_that_ended_long_ago_are_cleared_away(office, client, person, clock):
    await office.write(lambda tx: sessions.forget(tx, NOW + 14 * DAY_MS - 1))
    assert len(await desk.rows(office, "SELECT 1 FROM session")) == 1
    await office.write(lambda tx: sessions.forget(tx, NOW + 14 * DAY_MS))
    assert await desk.rows(office, "SELECT 1 FROM session") == []


@pytest.mark.parametrize("token", ["", "x", "A" * 42, "A" * 44, MADE_UP, "' OR 1=1 --", "é" * 43])
async def test_a_cookie_that_is_none_is_nobody(client, person, token):
    response = await client.get("/me", headers={"Cookie": f"{sessions.COOKIE}={token}".encode()})
    assert response.status_code == 401


async def test_a_device_stays_the_same_device_through_every_sign_in(office, client, person):
    mine = await enrolled(office, client, person)
    first = (await sign_in(client, mine)).json()["device"]
    assert (await sign_in(client, mine, device=first)).json()["device"] == first
    assert (await sign_in(client, mine)).json()["device"] != first


async def test_nobody_takes_over_anothers_device_or_a_revoked_one(office, client, person):
    mine = await enrolled(office, client, person)
    joost = await desk.somebody(office, "nurse", person.team, name="Joost")
    await desk.run(office, "UPDATE device SET revoked_at = 1 WHERE id = $1", person.device)
    for claimed in (joost.device, person.device, "x", "\0", ""):
        assert (await sign_in(client, mine, device=claimed)).json()["device"] != claimed


async def test_an_invitation_serves_once(office, client, person):
    token = await invited(office, person)
    first, second = await asked(client, token), await asked(client, token)
    assert (await enrol(client, token, Authenticator().make(first["options"]), first["challenge"])).status_code == 201
    late = await enrol(client, token, Authenticator().make(second["options"]), second["challenge"])
    assert (late.status_code, late.json()["error"]["code"]) == (410, "invitation_used")
    assert (await client.post(f"/invitations/{token}/challenges")).status_code == 410
    assert len(await desk.rows(office, "SELECT 1 FROM passkey")) == 1


async def test_an_invitation_lives_a_day_and_a_newer_one_closes_it(office, client, person, clock):
    old = await invited(office, person)
    new = await invited(office, person)
    assert (await client.post(f"/invitations/{old}/challenges")).json()["error"]["code"] == "invitation_expired"
    question = await asked(client, new)
    clock.at += DAY_MS
    late = await enrol(client, new, Authenticator().make(question["options"]), question["challenge"])
    assert (late.status_code, late.json()["error"]["code"]) == (410, "invitation_expired")


async def test_an_invitation_nobody_made_is_not_there(client):
    said = [await client.post(f"/invitations/{token}/challenges") for token in (MADE_UP, "x", "A" * 500)]
    assert [one.status_code for one in said] == [404] * 3


async def test_me_says_who_i_am_and_nothing_of_others(office, client, person):
    await desk.somebody(office, "nurse", name="Joost")
    me = (await (await desk.signed_in(client, person)).get("/me")).json()
    assert (me["person"], me["device"], me["name"]) == (person.person, person.device, "Samira")
    assert [(hat["id"], hat["role"]) for hat in me["hats"]] == [(person.hat, "nurse")]
    assert "Joost" not in str(me)


async def test_i_choose_my_language_and_my_word_and_nothing_else(office, client, person):
    browser = await desk.signed_in(client, person)
    await office.write(lambda tx: tx.run("UPDATE person SET confidential_at = NULL"))
    assert (await browser.put("/me", json={"language": "en", "word": "inhabitant"})).json()["language"] == "en"
    assert (await browser.get("/me")).json()["confidential"] is False
    assert (await browser.put("/me", json={"confidential": True})).json()["confidential"] is True
    for wishes in ({"language": "de"}, {"role": "lead"}, {"person": person.person}, {"name": "Chef"}, {"word": 5}, {"confidential": False}):
        response = await browser.put("/me", json=wishes)
        assert (response.status_code, [one["field"] for one in response.json()["error"]["fields"]]) == (400, list(wishes))
    assert await desk.rows(office, "SELECT name, language, word FROM person WHERE id = $1", person.person) == [("Samira", "en", "inhabitant")]


async def test_every_sign_in_is_logged(office, client, person):
    mine = await enrolled(office, client, person)
    await sign_in(client, mine)
    await question_of(client)
    assert sorted(await desk.log(office, "sign_in", "person", "source")) == [(person.person, "invitation"), (person.person, "passkey")]
