"""Every bit of an answer about a passkey, turned: what is signed is refused, what nobody signs says nothing else, and none is an error.

`NAOBER_FLIPS=100000` turns so many bits of answers by ever new keys, and a sixth as many at each of the office's own doors.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import secrets

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from server import credentials, sessions
from tests import desk
from tests.authenticator import UP, UV, Authenticator, asked, b64, cose, enrol, enrolled, invited, question_of, raw, sign_in

FLIPS = int(os.environ.get("NAOBER_FLIPS", "6000"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
AT_THE_DOOR = FLIPS // 6
ASK_AGAIN_EVERY = 4  # a question serves once: each time it may serve again costs a write to the disk
RSA = rsa.generate_private_key(65537, 2048)
KEYS = (lambda: ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate, lambda: RSA)
NOBODY = b64(b"somebody")

pytestmark = pytest.mark.usefixtures("clock")


def questions(**being):
    """An authenticator with a key of each algorithm in turn, and a question to it, without end."""
    for make in itertools.cycle(KEYS):
        yield Authenticator(key=make(), **being), {"challenge": b64(secrets.token_bytes(32)), "user": {"id": NOBODY}}


def turned(credential, *names):
    """The credential for every bit of these parts of its response, with that bit turned."""
    for name in names:
        whole = raw(credential["response"][name])
        for at in range(len(whole) * 8):
            part = bytearray(whole)
            part[at // 8] ^= 1 << at % 8
            yield {**credential, "response": {**credential["response"], name: b64(bytes(part))}}


def accepted(rounds):
    """(how many bits were turned, the pairs of an answer and its turned self that were accepted all the same)."""
    tried, taken = 0, []
    for sound, holds, names in rounds:
        assert holds(sound)
        broken = list(turned(sound, *names))
        taken += [(sound, one) for one in broken if holds(one)]
        tried += len(broken)
        if tried >= FLIPS:
            return tried, taken
    raise AssertionError("there are always more questions")


def signing_in():
    for mine, question in questions():
        key, challenge = cbor2.dumps(cose(mine.key)), raw(question["challenge"])
        parts = ("clientDataJSON", "authenticatorData", "signature")
        yield mine.use(question), lambda one, challenge=challenge, key=key: credentials.authenticated(one, challenge, key, 0), parts


def making(fmt):
    for mine, question in questions(fmt=fmt):
        challenge = raw(question["challenge"])
        yield mine.make(question), lambda one, challenge=challenge: credentials.registered(one, challenge), ("clientDataJSON", "attestationObject")


def test_of_an_answer_that_signs_in_no_bit_may_turn():
    tried, taken = accepted(signing_in())
    assert tried >= FLIPS
    assert taken == []


def test_of_a_passkey_that_signs_for_itself_no_bit_may_turn():
    tried, taken = accepted(making("packed"))
    assert tried >= FLIPS
    assert taken == []


def test_what_nobody_signed_still_answers_the_same_question_on_the_same_page_by_a_verified_person():
    """Of a passkey that comes with nobody's word, a turned bit in its name, key or count makes another passkey, of the same person's making."""
    tried, taken = accepted(making("none"))
    assert tried >= FLIPS
    assert 0 < len(taken) < tried // 2
    assert [broken for sound, broken in taken if ceremony(broken) != ceremony(sound)] == []


def ceremony(credential):
    said = json.loads(raw(credential["response"]["clientDataJSON"]))
    data = cbor2.loads(raw(credential["response"]["attestationObject"]))["authData"]
    own_page = said.get("crossOrigin", False) is False and "topOrigin" not in said
    return said["type"], said["challenge"], said["origin"], own_page, data[:32], data[32] & (UP | UV)


# At the doors, any bit of the whole body


@pytest.fixture
async def person(office):
    return await desk.somebody(office, "nurse")


def with_a_bit_turned(dice, body):
    broken = bytearray(body)
    broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
    return bytes(broken)


async def ask_again(office, n=0):
    if n % ASK_AGAIN_EVERY == 0:
        await desk.run(office, "UPDATE challenge SET used_at = NULL")


def meaning(body):
    """What the office reads of an answer that signs in: letters of base64 that say the same bytes say the same."""
    answer = json.loads(body)
    one = answer["credential"]
    names = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
    return answer["challenge"], one["id"], one["type"], [raw(one["response"][name]) for name in names], answer.get("device")


async def test_a_bit_turned_anywhere_in_a_sign_in_is_refused_unless_it_says_the_same(office, client, person):
    mine, dice, statuses = await enrolled(office, client, person), random.Random(SEED), set()
    question = await question_of(client)
    body = json.dumps({"challenge": question["challenge"], "credential": mine.use(question["options"])}).encode()
    for n in range(AT_THE_DOOR):
        broken = with_a_bit_turned(dice, body)
        await ask_again(office, n)
        response = await client.post("/sessions", content=broken, headers={"Content-Type": "application/json"})
        statuses.add(response.status_code)
        if response.status_code == 201:
            assert meaning(broken) == meaning(body)
            client.cookies.delete(sessions.COOKIE)
    assert statuses <= {201, 400, 401}
    assert {400, 401} <= statuses
    assert sessions.COOKIE not in client.cookies
    await ask_again(office)
    assert (await sign_in(client, mine, question, json.loads(body)["credential"])).status_code == 201


async def test_a_bit_turned_anywhere_in_a_first_sign_in_makes_no_passkey_of_another_ceremony(office, client, person):
    dice, statuses, token = random.Random(SEED), set(), await invited(office, person)
    question = await asked(client, token)
    sound = Authenticator().make(question["options"])
    body = json.dumps({"challenge": question["challenge"], "credential": sound}).encode()
    for n in range(AT_THE_DOOR):
        broken = with_a_bit_turned(dice, body)
        await ask_again(office, n)
        response = await client.post(f"/invitations/{token}/passkey", content=broken, headers={"Content-Type": "application/json"})
        statuses.add(response.status_code)
        if response.status_code == 201:
            assert ceremony(json.loads(broken)["credential"]) == ceremony(sound)
            assert await desk.rows(office, "SELECT person FROM passkey") == [(person.person,)]
            await desk.run(office, "DELETE FROM passkey")
            await desk.run(office, "UPDATE invitation SET used_at = NULL")
            client.cookies.delete(sessions.COOKIE)
    assert statuses == {201, 400}
    await ask_again(office)
    assert (await enrol(client, token, sound, question["challenge"])).status_code == 201
