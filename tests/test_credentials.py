"""Credentials: for every step by which W3C Web Authentication level 3 has us check an answer, answers that break just that; all are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests import desk, test_passkeys
from tests.authenticator import AT, BE, BS, ED, UP, UV, Authenticator, asked, b64, enrol, enrolled, invited, question_of, raw, sign_in

OURS = Authenticator.origin
ELSEWHERE = "https://naober.example.org"
P384 = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
OTHER_CURVE = {-1: 2, -2: P384.x.to_bytes(48, "big"), -3: P384.y.to_bytes(48, "big")}
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
OPENS = {"prf": {"results": {"first": "c2VjcmV0"}}}

pytestmark = pytest.mark.usefixtures("clock")


class Wrong(NamedTuple):
    """An authenticator that is not as it should be, or an answer that was changed after it was given."""

    attributes: dict[str, Any]
    after: Callable[[dict[str, Any]], dict[str, Any]] = dict


def being(**attributes):
    return Wrong(attributes)


def each(name, *values):
    return [Wrong({name: value}) for value in values]


def saying(name, *values):
    return [Wrong({"client": {name: value}}) for value in values]


def spelled(change):
    return Wrong({"spelled": change})


def flags(on=0, off=0, more=b""):
    return Wrong({"shaped": lambda data: data[:32] + bytes([data[32] & ~off | on]) + data[33:] + more})


def then(**parts):
    """Other parts of the credential; None takes one away."""
    return Wrong({}, lambda one: {name: part for name, part in {**one, **parts}.items() if part is not None})


def response(**parts):
    """Other parts of its response, each what a function makes of the bytes that were there."""

    def change(one):
        said = one["response"]
        return {**one, "response": said | {name: b64(made_of(raw(said[name]))) for name, made_of in parts.items()}}

    return Wrong({}, change)


def without(name):
    return Wrong({}, lambda one: {**one, "response": {part: value for part, value in one["response"].items() if part != name}})


def attested(**parts):
    """Another attestation object around what the authenticator said; None takes a part away."""

    def change(made):
        return cbor2.dumps({name: part for name, part in {**cbor2.loads(made), **parts}.items() if part is not None})

    return response(attestationObject=change)


def signing_itself(**changes):
    """An authenticator that signs what it made with the new key, and a change to that afterwards."""
    return Wrong({"fmt": "packed"}, response(**changes).after)


BOTH = {
    "it is a public key credential": [then(type="password"), then(type=None), then(response=[]), then(response=None)],
    "its two names for itself are one": [then(rawId=b64(b"x" * 32)), then(id=None), then(rawId=None)],
    "the client data is UTF-8": [spelled(lambda said: said.decode().encode("utf-16")), spelled(lambda said: said[:-1] + b',"x":"\xff"}')],
    "the client data is JSON": [spelled(lambda said: said[:-1]), spelled(lambda said: b"[" + said + b"]"), spelled(lambda _: b"[" * 30_000)],
    "the challenge": [*saying("challenge", b64(b"x" * 32), "", None, 1), spelled(lambda said: said.replace(b'nge": "', b'nge": ".'))],
    "the origin": each("origin", ELSEWHERE, f"{OURS}/", f"{OURS}.example.org", "null", None, [OURS]),
    "not within another's page": [being(client={"crossOrigin": True}), *saying("crossOrigin", "false", 1, None)],
    "no page around it": saying("topOrigin", ELSEWHERE, OURS, None),
    "the office's own name, hashed": each("rp", ELSEWHERE.removeprefix("https://"), f"x.{Authenticator.rp}", ""),
    "somebody was there": each("flags", UV | BE | BS, 0),
    "they were verified": each("flags", UP | BE | BS, UP),
    "what cannot be copied was not copied": each("flags", UP | UV | BS),
    "what extensions say": [flags(on=ED), flags(on=ED, more=b"\xff"), flags(more=b"\xa0"), then(clientExtensionResults=OPENS), then(**OPENS)],
}
MADE = {
    "it answers create()": [without("attestationObject"), without("clientDataJSON")],
    "it says create": saying("type", "webauthn.get", "payment.get", None),
    "the attestation object is CBOR": [
        *(response(attestationObject=lambda _, other=other: other) for other in (b"", b"\xff", b"\xa0", b"\x80")),
        *(attested(**{name: other}) for name in ("fmt", "authData") for other in (None, b"x" * 36, 1)),
    ],
    "a key is in it": [being(shaped=lambda data: data[:32] + b"\x1d" + data[33:37]), being(shaped=lambda data: data[:-9]), flags(off=AT)],
    "an algorithm we offer, and a key of it": [
        *(being(public={3: alg}) for alg in (-35, -36, -47, -8, -257, -65535, 0)),
        *(being(public=other) for other in (OTHER_CURVE, OTHER_CURVE | {3: -35}, {-3: bytes(32)}, {-3: True}, {-3: b""}, {1: 4})),
        *(being(key=ED25519, public=other) for other in ({-1: 7}, {3: -7}, {-2: b"x" * 31})),
        *(being(key=RSA, public={3: alg}) for alg in (-7, -8)),
        being(key=SHORT),
    ],
    "it stays on the device": [then(clientExtensionResults={"credProps": {"rk": False}})],
    "a format we know": each("fmt", "None", "", "packed2", 0, ["none"]),
    "the statement holds": [
        *(being(fmt="packed", statement=other) for other in ({"sig": b"x"}, {"alg": -257}, {"x5c": [b"x"]})),
        *(being(statement=other) for other in ({"sig": b"x"}, {"ver": "2.0"}, {"x5c": []})),
    ],
    "what is said is what was signed": [
        signing_itself(clientDataJSON=lambda said: said + b" "),
        signing_itself(attestationObject=lambda made: made.replace(bytes(16), b"x" * 16)),
    ],
    "a name that is not too long": each("id", b"x" * 1024, b""),
}
USED = {
    "it answers get()": [without(name) for name in ("authenticatorData", "signature", "clientDataJSON")],
    "it says get": saying("type", "webauthn.create", "payment.get", None),
    "a passkey we know": each("id", b"x" * 32, b""),
    "of the person it says": [*each("user", b"somebody else", b""), without("userHandle"), response(userHandle=lambda user: user + b"\0")],
    "the authenticator's data are whole": [being(shaped=lambda data: data[:36]), being(shaped=lambda data: data + b"x"), flags(on=AT)],
    "whether it can be copied is as it was": each("flags", UP | UV),
    "the signature holds": [
        being(key=ec.generate_private_key(ec.SECP256R1())), being(key=ED25519),
        *(response(signature=change) for change in (lambda _: b"", lambda one: one[:-1], lambda one: one + b"\0", lambda one: bytes(len(one)))),
    ],
    "what is said is what was signed": [
        response(clientDataJSON=lambda said: said + b" "),
        response(authenticatorData=lambda data: data[:-1] + b"\x09"),
        response(authenticatorData=lambda data: data[:32] + bytes([data[32] & ~BS]) + data[33:]),
    ],
    "the count goes on": each("count", 0, -1),  # it is 1 when the passkey is made, and one more each time
}  # fmt: skip
# What no single answer can break: where a test tells of it.
TOLD = {
    "asked here, for this, of this person": "test_a_challenge_to_make_one_does_not_sign_in_nor_serve_somebody_else",
    "asked once": "test_a_challenge_serves_once",
    "asked just now": "test_a_challenge_lives_five_minutes",
    "new, and nobody else's": "test_a_passkey_is_made_once",
    "of somebody who works here": "test_somebody_who_left_does_not_come_in",
}


@pytest.fixture
async def person(office):
    return await desk.somebody(office, "nurse")


def rows(steps):
    return [(step, wrong) for step, wrongs in steps.items() for wrong in wrongs]


def test_as_many_steps_are_broken_as_there_are():
    assert [len(steps) for steps in (BOTH, MADE, USED, TOLD)] == [13, 10, 9, 5]
    assert [len(rows(steps)) for steps in (BOTH, MADE, USED)] == [43, 53, 27]
    assert [name for name in TOLD.values() if not hasattr(test_passkeys, name)] == []


async def test_an_answer_that_breaks_one_step_makes_no_passkey(office, client, person):
    token, accepted = await invited(office, person), []
    for step, wrong in rows(BOTH | MADE):
        question = await asked(client, token)
        answer = wrong.after(Authenticator(**wrong.attributes).make(question["options"]))
        said = await enrol(client, token, answer, question["challenge"])
        if (said.status_code, said.json().get("error", {}).get("code")) not in {(400, "not_recognised"), (400, "secret")}:
            accepted.append((step, said.text))
    assert accepted == []
    assert await desk.rows(office, "SELECT id FROM passkey") == []
    await enrolled(office, client, person)


async def test_an_answer_that_breaks_one_step_signs_nobody_in(office, client, person):
    mine, accepted = await enrolled(office, client, person, count=1, counts=True), []
    for step, wrong in rows(BOTH | USED):
        question = await question_of(client)
        answer = wrong.after(replace(mine, **wrong.attributes).use(question["options"]))
        said = await sign_in(client, mine, question, answer)
        if (said.status_code, said.json().get("error", {}).get("code")) not in {(401, "not_recognised"), (400, "secret")}:
            accepted.append((step, said.text))
    assert accepted == []
    assert (await sign_in(client, mine)).status_code == 201


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), ED25519, RSA])
@pytest.mark.parametrize("fmt", ["none", "packed"])
async def test_each_algorithm_we_offer_makes_a_passkey_and_signs_in(office, client, person, key, fmt):
    mine = await enrolled(office, client, person, key=key, fmt=fmt)
    assert (await sign_in(client, mine)).status_code == 201


async def test_those_three_algorithms_are_what_we_offer(office, client, person):
    options = (await asked(client, await invited(office, person)))["options"]
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["attestation"] == "none"


@pytest.mark.parametrize("fmt", ["android-key", "android-safetynet", "apple", "fido-u2f", "tpm"])
async def test_what_a_maker_says_unasked_counts_as_nothing_said(office, client, person, fmt):
    mine = await enrolled(office, client, person, fmt=fmt, statement={"sig": b"x", "x5c": [b"x"]})
    assert (await sign_in(client, mine)).status_code == 201


async def test_a_browser_that_says_less_than_it_may_is_believed(office, client, person):
    token = await invited(office, person)
    question = await asked(client, token)
    bare = then(clientExtensionResults={}).after(Authenticator(client={"hashAlgorithm": "none"}).make(question["options"]))
    assert (await enrol(client, token, bare, question["challenge"])).status_code == 201
    assert await desk.rows(office, "SELECT prf FROM passkey") == [(0,)]
