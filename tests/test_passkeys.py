"""Passkeys: the one that was made for this person on this office's page opens the door; everything that is a little different does not."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import cbor2
import pytest

from server import credentials, passkeys, sessions
from tests import desk
from tests.authenticator import BE, BS, UP, UV, Authenticator, asked, b64, enrol, enrolled, invited, question_of, raw, sign_in
from tests.desk import DAY_MS, NOW

FLIPS = 2000

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


def flipped(dice, credential, name):
    """The credential with one bit turned in this part of its response."""
    changed = bytearray(raw(credential["response"][name]))
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return {**credential, "response": {**credential["response"], name: b64(bytes(changed))}}


async def test_of_what_is_signed_no_bit_may_turn(office, client, person):
    mine, dice = await enrolled(office, client, person), random.Random(20261122)
    question = await office.write(lambda tx: passkeys.ask_to_sign_in(tx, NOW))
    credential, key = mine.use(question["options"]), raw(question["options"]["challenge"])
    public, count = (await desk.rows(office, "SELECT public_key, sign_count FROM passkey"))[0]
    assert credentials.authenticated(credential, key, bytes(public), count)
    for _ in range(FLIPS):
        broken = flipped(dice, credential, dice.choice(("clientDataJSON", "authenticatorData", "signature")))
        assert credentials.authenticated(broken, key, bytes(public), count) is None


async def test_a_turned_bit_makes_no_passkey_for_another_ceremony(office, client, person):
    """Nothing is signed while a passkey is made, so what is accepted must still say the same challenge, page, office and verified user."""
    mine, dice = Authenticator(), random.Random(20261122)
    question = await office.write(lambda tx: passkeys.ask_to_make(tx, person.person, "Samira", NOW))
    credential, key = mine.make(question["options"]), raw(question["options"]["challenge"])
    assert credentials.registered(credential, key)
    for _ in range(FLIPS):
        broken = flipped(dice, credential, dice.choice(("clientDataJSON", "attestationObject")))
        if credentials.registered(broken, key):
            assert ceremony(broken) == ceremony(credential)


def ceremony(credential):
    said = json.loads(raw(credential["response"]["clientDataJSON"]))
    data = cbor2.loads(raw(credential["response"]["attestationObject"]))["authData"]
    return said["type"], raw(said["challenge"]), said["origin"], data[:32], data[32] & (UP | UV)


async def test_two_thousand_broken_answers_are_refused_and_none_is_an_error(office, client, person):
    mine = await enrolled(office, client, person)
    dice, statuses = random.Random(7), set()
    question = await question_of(client)
    body = json.dumps({"challenge": question["challenge"], "credential": mine.use(question["options"])}).encode()
    for _ in range(FLIPS):
        broken = bytearray(body)
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        response = await client.post("/sessions", content=bytes(broken), headers={"Content-Type": "application/json"})
        statuses.add(response.status_code)
        if response.status_code == 201:
            # The one thing that nobody signs, and nobody reads either.
            assert {"authenticatorAttachment", "clientExtensionResults", "prf"} & differing(body, bytes(broken))
            client.cookies.clear()
    assert statuses <= {201, 400, 401}
    assert sessions.COOKIE not in client.cookies


def differing(one, other):
    """Names within reach of the byte in which these differ."""
    at = next(i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    return {name for name in ("authenticatorAttachment", "clientExtensionResults", "prf") if name.encode() in one[max(0, at - 40) : at + 40]}


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
