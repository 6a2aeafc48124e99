"""Vouchings: somebody who lost their phone gets in again by two people, a lead who invites and a colleague beside them; by less, nobody."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import httpx
import pytest

from server import vouchings
from tests import authenticator, desk
from tests.authenticator import Authenticator
from tests.desk import DAY_MS, NOW

WRONG = "00000000"

pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Place:
    """Samira has a passkey and lost the phone it lies on; Ilse leads the team, Joost is a colleague of the same organisation."""

    samira: desk.Me
    ilse: desk.Me
    joost: desk.Me
    lead: httpx.AsyncClient
    colleague: httpx.AsyncClient
    old: Authenticator


@pytest.fixture
async def place(office, client):
    ilse = await at_work(office, "lead", name="Ilse")
    samira = await desk.somebody(office, "nurse", ilse.team, name="Samira El Amrani")
    joost = await at_work(office, "nurse", await desk.team(office, "care", ilse.team.organisation), name="Joost")
    old = await authenticator.enrolled(office, client, samira)
    return Place(samira, ilse, joost, await desk.signed_in(client, ilse), await desk.signed_in(client, joost), old)


async def at_work(office, *args, **more):
    """Somebody who has worked here for as long as it takes."""
    me = await desk.somebody(office, *args, **more)
    await desk.run(office, "UPDATE device SET created_at = $1 WHERE id = $2", NOW - vouchings.KNOWN_MS, me.device)
    return me


async def invited(place, whom=None):
    """The token of the link that the lead gets for Samira, or for somebody else."""
    made = await place.lead.post(f"/people/{(whom or place.samira).person}/invitations")
    assert made.status_code == 201
    return re.search(r"/invitations/([A-Za-z0-9_-]{43})", made.text)[1]


async def code_on(client, token):
    """What the page behind the link shows."""
    page = await client.get(f"/invitations/{token}")
    assert page.status_code == 200
    assert "data-token" not in page.text
    return "".join(re.search(r'class="digits">(\d{4}) (\d{4})<', page.text).groups())


async def confirm(browser, place, code):
    return await browser.post("/vouchings", data={"code": code, "person": place.samira.person})


async def vouched(place, client):
    token = await invited(place)
    assert (await confirm(place.colleague, place, await code_on(client, token))).status_code == 201
    return token


async def recovered(client, *tokens):
    """The answers to new passkeys made with the links at once, and what holds them."""
    asked = [(token, Authenticator(), await authenticator.asked(client, token)) for token in tokens]
    made = (authenticator.enrol(client, token, mine.make(one["options"]), one["challenge"]) for token, mine, one in asked)
    return await asyncio.gather(*made), [mine for _, mine, _ in asked]


async def test_a_lead_alone_gets_no_further_than_the_code(client, place):
    token = await invited(place)
    code = await code_on(client, token)
    assert (await client.post(f"/invitations/{token}/challenges")).json()["error"]["code"] == "invitation_waiting"
    refused = await client.post(f"/invitations/{token}/passkey", json={"challenge": "x", "credential": {}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "invitation_waiting")
    assert (await confirm(place.lead, place, code)).status_code == 422
    assert "data-token" not in (await client.get(f"/invitations/{token}")).text


async def test_a_colleague_sees_whose_it_is_and_who_invited_and_after_their_word_the_passkey_can_be_made(office, client, place):
    code = await code_on(client, token := await invited(place))
    asked = await place.colleague.post("/vouchings", data={"code": f"{code[:4]} {code[4:]}"})
    assert asked.status_code == 200
    for fact in ("Uitgenodigd door Ilse.", "Staat Samira El Amrani nu voor je?"):
        assert fact in asked.text
    assert "data-token" not in (await client.get(f"/invitations/{token}")).text
    assert (await confirm(place.colleague, place, code)).status_code == 201
    page = (await client.get(f"/invitations/{token}")).text
    assert "Joost heeft bevestigd" in page
    assert f'data-token="{token}"' in page
    assert (await recovered(client, token))[0][0].status_code == 201
    for action, by in (("invited", place.ilse), ("vouched", place.joost), ("recovered", place.samira)):
        assert await desk.log(office, action, "person", "object") == [(by.person, place.samira.person)]


async def test_what_was_seen_is_what_is_confirmed(client, place):
    token = await invited(place)
    other = {"code": await code_on(client, token), "person": place.ilse.person}
    assert (await place.colleague.post("/vouchings", data=other)).status_code == 422
    assert "data-token" not in (await client.get(f"/invitations/{token}")).text


async def test_whom_the_organisation_does_not_know_learns_nothing_from_a_right_code(office, client, place):
    code = await code_on(client, token := await invited(place))
    await desk.run(office, "UPDATE device SET created_at = 0 WHERE person = $1", place.samira.person)
    others = {
        "herself, in another session": await desk.signed_in(client, place.samira),
        "another organisation": await desk.signed_in(client, await at_work(office, "lead")),
        "new this week": await desk.signed_in(client, await desk.somebody(office, "nurse", place.samira.team)),
        "who invited": place.lead,
    }
    for who, browser in others.items():
        said = [await browser.post("/vouchings", data={"code": one}) for one in (code, WRONG)]
        texts = [answer.text.replace(code, WRONG) for answer in said]
        assert [answer.status_code for answer in said] == [422, 422], who
        assert texts[0] == texts[1], who
        assert "Samira" not in texts[0], who
        assert (await confirm(browser, place, code)).status_code == 422, who
    assert "data-token" not in (await client.get(f"/invitations/{token}")).text


async def test_a_volunteer_and_who_left_vouch_for_nobody(office, client, place):
    code, team = await code_on(client, await invited(place)), await desk.team(office, "volunteers", place.samira.team.organisation)
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE person = $1", place.joost.person)
    for browser in (await desk.signed_in(client, await at_work(office, "volunteer", team)), place.colleague):
        assert (await browser.get("/vouching")).status_code == 404
        assert (await confirm(browser, place, code)).status_code == 404


async def test_a_phone_that_is_locked_vouches_for_nobody(office, client, place):
    code = await code_on(client, await invited(place))
    await desk.run(office, "UPDATE session SET open_until = 0 WHERE person = $1", place.joost.person)
    assert (await confirm(place.colleague, place, code)).status_code == 401
    assert (await place.colleague.get("/vouching")).headers["location"] == "/today?to=/vouching"


async def test_a_recovery_ends_after_half_an_hour_whether_anybody_vouched_or_not(office, client, place, clock):
    code = await code_on(client, token := await invited(place))
    await desk.run(office, desk.UNLOCKED)
    clock.at = NOW + vouchings.LIFE_MS
    assert (await confirm(place.colleague, place, code)).status_code == 422
    clock.at -= 1
    assert (await confirm(place.colleague, place, code)).status_code == 201
    assert (await client.get(f"/invitations/{token}")).status_code == 200
    clock.at += 1
    page = await client.get(f"/invitations/{token}")
    assert page.status_code == 410
    assert "een half uur" in page.text
    assert (await client.post(f"/invitations/{token}/challenges")).json()["error"]["code"] == "invitation_expired"


async def test_the_code_of_a_recovery_that_ended_is_a_wrong_code(office, client, place):
    code = await code_on(client, await invited(place))
    await invited(place)
    wrong, ended = [await place.colleague.post("/vouchings", data={"code": one}) for one in (WRONG, code)]
    assert (ended.status_code, ended.text.replace(code, WRONG)) == (wrong.status_code, wrong.text)
    assert await desk.rows(office, "SELECT tries FROM guess WHERE person = $1", place.joost.person) == [(2,)]


async def test_a_link_serves_once(client, place):
    token = await vouched(place, client)
    assert (await recovered(client, token))[0][0].status_code == 201
    client.cookies.clear()
    assert (await client.post(f"/invitations/{token}/challenges")).json()["error"]["code"] == "invitation_used"


async def test_five_wrong_codes_in_ten_minutes_are_all_that_anybody_may_type(office, client, place, clock):
    code = await code_on(client, await invited(place))
    assert (await place.colleague.post("/vouchings", data={"code": "1234"})).status_code == 422  # not even a code
    said = await asyncio.gather(*(place.colleague.post("/vouchings", data={"code": WRONG}) for _ in range(9)))
    assert sorted(answer.status_code for answer in said) == [422] * 5 + [429] * 4
    assert (await confirm(place.colleague, place, code)).status_code == 429
    clock.at = NOW + vouchings.WRONG_MS
    await desk.run(office, desk.UNLOCKED)
    assert (await confirm(place.colleague, place, code)).status_code == 201


async def test_a_right_code_is_no_try(client, place):
    code = await code_on(client, await invited(place))
    for _ in range(8):
        assert (await place.colleague.post("/vouchings", data={"code": code})).status_code == 200


async def test_twenty_wrong_codes_close_the_recovery_and_nobody_elses_and_a_new_one_can_be_made(office, client, place):
    token, elsewhere = await invited(place), await desk.somebody(office, "lead")
    stranger = await desk.somebody(office, "nurse", elsewhere.team)
    await authenticator.enrolled(office, client, stranger)
    there = await (await desk.signed_in(client, elsewhere)).post(f"/people/{stranger.person}/invitations")
    for _ in range(4):
        browser = await desk.signed_in(client, await desk.somebody(office, "nurse", place.samira.team))
        assert (await client.get(f"/invitations/{token}")).status_code == 200
        for _ in range(5):
            await browser.post("/vouchings", data={"code": WRONG})
    assert (await client.get(f"/invitations/{token}")).status_code == 410
    other = re.search(r"/invitations/([A-Za-z0-9_-]{43})", there.text)[1]
    assert (await client.get(f"/invitations/{other}")).status_code == 200
    await vouched(place, client)


async def test_of_two_who_confirm_at_once_one_is_written_down(office, client, place):
    code, femke = await code_on(client, await invited(place)), await at_work(office, "nurse", place.samira.team)
    both = [await desk.worn(office, me) for me in (place.joost, femke)]
    found = [await office.read(lambda tx, me=me: vouchings.find(tx, me, code, NOW)) for me in both]
    said = await asyncio.gather(*(office.write(lambda tx, me=me: vouchings.vouch(tx, me, found[0], NOW)) for me in both))
    assert (found[0], sorted(said)) == (found[1], [False, True])
    first = both[said.index(True)].person
    assert await desk.rows(office, "SELECT by FROM vouching") == await desk.log(office, "vouched", "person") == [(first,)]


async def test_of_two_who_make_a_passkey_at_once_one_has_it(office, client, place):
    token = await vouched(place, client)
    answers, phones = await recovered(client, token, token)
    assert sorted(answer.status_code for answer in answers) == [201, 410]
    client.cookies.clear()
    signed = [(await authenticator.sign_in(client, mine)).status_code for mine in phones]
    assert [answer.status_code == 201 for answer in answers] == [status == 201 for status in signed]
    assert await desk.rows(office, "SELECT count(*) FROM passkey WHERE person = $1", place.samira.person) == [(1,)]


async def test_the_passkeys_of_before_sign_nobody_in_and_those_of_others_do(office, client, place):
    other = await authenticator.enrolled(office, client, place.joost)
    assert (await authenticator.sign_in(client, place.old)).status_code == 201
    client.cookies.clear()
    (answer,), (new,) = await recovered(client, await vouched(place, client))
    assert answer.status_code == 201
    client.cookies.clear()
    assert [(await authenticator.sign_in(client, mine)).status_code for mine in (place.old, new, other)] == [401, 201, 201]


async def test_the_devices_of_before_are_revoked_and_what_they_hold_unsent_comes_into_custody(office, client, place):
    house = await desk.household(office, place.samira.team)
    phone = await desk.phone(client, place.samira)
    await phone.pull()
    (answer,), _ = await recovered(client, await vouched(place, client))
    new = answer.json()["device"]
    assert await desk.rows(office, "SELECT id FROM device WHERE person = $1 AND revoked_at IS NULL", place.samira.person) == [(new,)]
    handed = await phone.post(desk.note(place.samira, house))
    assert desk.said(handed.json()["results"]) == [("held", "device_revoked")]
    assert "records" not in handed.json()
    assert (await phone.client.get("/me")).status_code == 401
    assert place.samira.device in [one for (one,) in await desk.log(office, "device_revoked", "object")]
    assert (await place.colleague.get("/me")).status_code == 200


async def test_until_the_passkey_is_made_the_old_phone_goes_on(client, place):
    await vouched(place, client)
    phone = await desk.phone(client, place.samira)
    assert (await phone.post()).status_code == 200
    assert (await authenticator.sign_in(client, place.old)).status_code == 201


async def test_a_passkey_that_does_not_hold_takes_nothing_away(office, client, place):
    token = await vouched(place, client)
    refused = await client.post(f"/invitations/{token}/passkey", json={"challenge": "x", "credential": {}})
    assert refused.status_code == 400
    assert (await authenticator.sign_in(client, place.old)).status_code == 201
    assert await desk.rows(office, "SELECT count(*) FROM device WHERE person = $1 AND revoked_at IS NOT NULL", place.samira.person) == [(0,)]


async def test_a_first_invitation_needs_nobody_else(office, client, place):
    tess = await desk.somebody(office, "nurse", place.ilse.team, name="Tess")
    token = await invited(place, tess)
    assert f'data-token="{token}"' in (await client.get(f"/invitations/{token}")).text
    assert (await recovered(client, token))[0][0].status_code == 201


async def test_a_first_link_that_the_lead_kept_opens_nothing_once_there_is_a_passkey(office, client, place):
    tess = await desk.somebody(office, "nurse", place.ilse.team, name="Tess")
    token = await invited(place, tess)
    question = await authenticator.asked(client, token)
    await authenticator.enrolled(office, client, tess)
    await desk.run(office, "UPDATE invitation SET expires_at = $1 WHERE used_at IS NULL", NOW + DAY_MS)
    assert (await client.get(f"/invitations/{token}")).status_code == 410
    late = await authenticator.enrol(client, token, Authenticator().make(question["options"]), question["challenge"])
    assert late.status_code == 410


async def test_neither_table_holds_a_code(office, client, place):
    code = await code_on(client, await invited(place))
    assert code not in str(await desk.rows(office, "SELECT * FROM vouching")) + str(await desk.rows(office, "SELECT * FROM invitation"))
