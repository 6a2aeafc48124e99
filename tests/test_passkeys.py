"""Passkeys: the one that was made for this person on this office's page opens the door; everything that is a little different does not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from server import passkeys
from tests import desk
from tests.authenticator import BE, BS, UP, UV, Authenticator, asked, b64, enrol, enrolled, invited, question_of, raw, sign_in
from tests.desk import DAY_MS, NOW

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def person(office):
    return await desk.somebody(office, "nurse")


def refused(response):
    return (response.status_code, response.json()["error"]["code"], "set-cookie" in response.headers)


REFUSED = (401, "not_recognised", False)


async def test_an_invitation_makes_a_passkey_and_the_passkey_signs_in(office, client, person):
    mine, token = Authenticator(), await invited(office, person)
    question = await asked(client, token)
    options = question["options"]
    assert (options["rp"]["name"], raw(options["user"]["id"]).decode()) == ("Naober", person.person)
    assert options["authenticatorSelection"] == {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert options["extensions"]["prf"]["eval"]["first"] == passkeys.SALT
    response = await enrol(client, token, mine.make(options), question["challenge"])
    assert (response.status_code, response.json()["person"]) == (201, person.person)
    assert [prf for (prf,) in await desk.rows(office, "SELECT prf FROM passkey")] == [1]
    client.cookies.clear()
    assert (await client.get("/me")).status_code == 401
    response = await sign_in(client, mine)
    assert (response.status_code, response.json()["salt"]) == (201, passkeys.SALT)
    assert (await client.get("/me")).json()["person"] == person.person
    assert mine.prf(passkeys.SALT) == mine.prf(passkeys.SALT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://naober.example.org"}, {"rp": "naober.example.org"}, {"flags": UP | BE | BS}, {"flags": UV | BE | BS},
        {"client": {"crossOrigin": True}}, {"client": {"topOrigin": "https://naober.example.org"}}, {"client": {"type": "payment.get"}},
        {"client": {"challenge": b64(b"x" * 32)}}, {"client": {"crossOrigin": "false"}}, {"client": {"origin": None}},
        {"user": b"somebody else"}, {"user": b""},
    ],
)  # fmt: skip
async def test_an_answer_that_is_a_little_different_does_not_sign_in(office, client, person, wrong):
    mine = await enrolled(office, client, person)
    for name, value in wrong.items():
        setattr(mine, name, value)
    assert refused(await sign_in(client, mine)) == REFUSED
    assert await desk.rows(office, "SELECT count(*) FROM session WHERE device <> $1", person.device) == [(1,)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://naober.example.org"}, {"rp": "naober.example.org"}, {"flags": UP}, {"flags": UV}, {"client": {"crossOrigin": True}},
        {"client": {"topOrigin": "x"}}, {"client": {"type": "webauthn.get"}}, {"client": {"challenge": b64(b"x" * 32)}}, {"id": b"x" * 1024},
    ],
)  # fmt: skip
async def test_an_answer_that_is_a_little_different_makes_no_passkey_and_leaves_the_invitation_open(office, client, person, wrong):
    token = await invited(office, person)
    question = await asked(client, token)
    response = await enrol(client, token, Authenticator(**wrong).make(question["options"]), question["challenge"])
    assert refused(response) == (400, "not_recognised", False)
    assert await desk.rows(office, "SELECT id FROM passkey") == []
    question = await asked(client, token)
    assert (await enrol(client, token, Authenticator().make(question["options"]), question["challenge"])).status_code == 201


async def test_a_passkey_that_is_not_ours_and_a_wrong_signature_look_the_same(office, client, person):
    mine = await enrolled(office, client, person)
    stranger = Authenticator(user=mine.user)
    forger = Authenticator(id=mine.id, user=mine.user)
    said = [await sign_in(client, stranger), await sign_in(client, forger)]
    assert [refused(one) for one in said] == [REFUSED] * 2
    assert said[0].content == said[1].content
    assert said[0].headers.keys() == said[1].headers.keys()


WRONG = ({"id": b"nobody"}, {"key": Authenticator().key}, {"user": b"somebody else"}, {"flags": UP | BE | BS}, {"count": 0}, {"rp": "x"})


async def test_nobody_hears_why_they_are_not_let_in(office, client, person, clock):
    mine = await enrolled(office, client, person, count=1, counts=True)
    said = [await sign_in(client, replace(mine, **wrong)) for wrong in WRONG]
    spent = await question_of(client)
    said.append(await sign_in(client, mine, {**spent, "challenge": "nobody's question"}))
    said.append(await sign_in(client, replace(mine, id=b"x"), spent))
    said.append(await sign_in(client, mine, spent))
    late = await question_of(client)
    clock.at += passkeys.CHALLENGE_MS
    said.append(await sign_in(client, mine, late))
    await desk.run(office, "UPDATE person SET left_at = $1", NOW)
    said.append(await sign_in(client, mine))
    assert {refused(one) for one in said} == {REFUSED}
    assert len({(one.content, tuple(sorted(one.headers.items()))) for one in said}) == 1


async def test_a_challenge_serves_once(office, client, person):
    mine = await enrolled(office, client, person)
    question = await question_of(client)
    answer = mine.use(question["options"])
    assert (await sign_in(client, mine, question, answer)).status_code == 201
    client.cookies.clear()
    assert refused(await sign_in(client, mine, question, answer)) == REFUSED
    assert refused(await sign_in(client, mine, question)) == REFUSED


async def test_a_wrong_answer_spends_its_challenge(office, client, person):
    mine = await enrolled(office, client, person)
    question = await question_of(client)
    assert refused(await sign_in(client, mine, question, Authenticator(id=mine.id, user=mine.user).use(question["options"]))) == REFUSED
    assert refused(await sign_in(client, mine, question)) == REFUSED


async def test_a_challenge_lives_five_minutes(office, client, person, clock):
    mine = await enrolled(office, client, person)
    question = await question_of(client)
    clock.at += passkeys.CHALLENGE_MS
    assert refused(await sign_in(client, mine, question)) == REFUSED


async def test_a_challenge_to_make_one_does_not_sign_in_nor_serve_somebody_else(office, client, person):
    mine = await enrolled(office, client, person)
    joost = await desk.somebody(office, "nurse", person.team, name="Joost")
    his, again = await invited(office, joost), await invited(office, person)
    question = await asked(client, again)
    assert refused(await sign_in(client, mine, question)) == REFUSED
    question = await asked(client, again)
    assert (await enrol(client, his, Authenticator().make(question["options"]), question["challenge"])).status_code == 400
    question = await question_of(client)
    options = {**question["options"], "user": {"id": b64(joost.person.encode())}}
    assert (await enrol(client, his, Authenticator().make(options), question["challenge"])).status_code == 400


async def test_a_passkey_is_made_once(office, client, person):
    mine = await enrolled(office, client, person)
    joost = await desk.somebody(office, "nurse", person.team, name="Joost")
    token = await invited(office, joost)
    question = await asked(client, token)
    assert refused(await enrol(client, token, mine.make(question["options"]), question["challenge"])) == (400, "not_recognised", False)


async def test_a_count_that_stands_still_or_goes_back_is_a_copy(office, client, person):
    mine = await enrolled(office, client, person, counts=True)
    assert (await sign_in(client, mine)).status_code == 201
    client.cookies.clear()
    mine.count -= 1
    assert refused(await sign_in(client, mine)) == REFUSED


async def test_somebody_who_left_does_not_come_in(office, client, person):
    mine = await enrolled(office, client, person)
    await desk.run(office, "UPDATE person SET left_at = $1 WHERE id = $2", NOW, person.person)
    assert refused(await sign_in(client, mine)) == REFUSED


@pytest.mark.parametrize("place", ["clientExtensionResults", "response", "top"])
async def test_key_material_is_not_taken(office, client, person, place):
    mine = await enrolled(office, client, person)
    question = await question_of(client)
    credential = mine.use(question["options"])
    secret = {"prf": {"enabled": True, "results": {"first": mine.prf(passkeys.SALT)}}}
    (credential if place == "top" else credential[place]).update(secret)
    response = await sign_in(client, mine, question, credential)
    assert refused(response) == (400, "secret", False)
    assert (await sign_in(client, mine, question)).status_code == 201  # nothing of it was taken, the challenge neither


@pytest.mark.parametrize("name", ["challenge", "device", "id", "\ud800"])
async def test_half_a_character_is_no_answer(office, client, person, name):
    mine = await enrolled(office, client, person)
    question = await question_of(client)
    answer = {"challenge": question["challenge"], "credential": mine.use(question["options"]), "device": person.device}
    (answer["credential"] if name == "id" else answer)[name] = "\ud800"
    response = await client.post("/sessions", content=json.dumps(answer), headers={"Content-Type": "application/json"})
    assert response.status_code == 400


async def test_more_challenges_than_there_is_room_for_are_refused_and_old_ones_make_room(office, client, monkeypatch, clock):
    monkeypatch.setattr(passkeys, "CHALLENGES_MAX", 3)
    said = [(await client.post("/sessions/challenges")).status_code for _ in range(4)]
    assert said == [201, 201, 201, 503]
    clock.at += passkeys.CHALLENGE_MS
    assert (await client.post("/sessions/challenges")).status_code == 201


async def test_challenges_that_ended_are_cleared_away(office, client):
    await question_of(client)
    await office.write(lambda tx: passkeys.forget(tx, NOW + DAY_MS))
    assert await desk.rows(office, "SELECT id FROM challenge") == []


# Copies, and counts


async def test_a_synced_passkey_counts_nothing_and_may_be_copied_today_and_not_tomorrow(office, client, person):
    mine = await enrolled(office, client, person)
    for flags in (UP | UV | BE | BS, UP | UV | BE, UP | UV | BE | BS):
        mine.flags = flags
        assert (await sign_in(client, mine)).status_code == 201
    assert await desk.rows(office, "SELECT sign_count, synced FROM passkey") == [(0, 1)]


async def test_a_passkey_of_one_device_does_not_become_one_that_is_copied(office, client, person):
    mine = await enrolled(office, client, person, flags=UP | UV)
    assert await desk.rows(office, "SELECT synced FROM passkey") == [(0,)]
    for flags in (UP | UV | BE, UP | UV | BE | BS):
        assert refused(await sign_in(client, replace(mine, flags=flags))) == REFUSED
    assert (await sign_in(client, mine)).status_code == 201


async def test_of_a_passkey_from_before_this_was_kept_the_next_sign_in_tells(office, client, person):
    mine = await enrolled(office, client, person, flags=UP | UV)
    await desk.run(office, "UPDATE passkey SET synced = NULL")
    assert (await sign_in(client, mine)).status_code == 201
    client.cookies.clear()
    assert refused(await sign_in(client, replace(mine, flags=UP | UV | BE))) == REFUSED


async def test_a_passkey_that_begins_to_count_goes_on_counting(office, client, person):
    mine = await enrolled(office, client, person)
    assert (await sign_in(client, replace(mine, count=7))).status_code == 201
    client.cookies.clear()
    for count in (0, 6, 7):
        assert refused(await sign_in(client, replace(mine, count=count))) == REFUSED
    assert (await sign_in(client, replace(mine, count=8))).status_code == 201
