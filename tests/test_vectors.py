"""The test vectors of W3C Web Authentication level 3 at the office's own doors: each gets the verdict that our rules give it, for no other reason."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cbor2
import pytest

from server import credentials, passkeys, visits
from tests import desk
from tests.authenticator import UV, Authenticator, b64, enrol, invited, sign_in
from tests.desk import NOW

CASES = json.loads((Path(__file__).parent / "cases" / "webauthn.json").read_text("utf-8"))
VECTORS = {one["name"]: one for one in CASES["vectors"]}
VISIT = "v" * 22
# Our rules that a vector can break. What is said of who made the authenticator is none of them: we ask for no attestation.
UNVERIFIED = "nobody was verified by finger, face or code"
FRAMED = "asked from a page within somebody else's"
NOT_OFFERED = "an algorithm we do not offer: of elliptic curves P-256 and Ed25519 only"
# {vector: (rules it breaks when it is made, rules it breaks when it signs in)}; none broken is accepted.
VERDICTS: dict[str, tuple[set[str], set[str]]] = {
    "none-es256": ({UNVERIFIED}, {UNVERIFIED}),
    "packed-self-es256": (set(), {UNVERIFIED}),
    "none-es256-crossOrigin": ({FRAMED}, {FRAMED}),
    "none-es256-topOrigin": ({FRAMED, UNVERIFIED}, {FRAMED}),
    "none-es256-long-credential-id": ({UNVERIFIED}, set()),
    "packed-es256": (set(), set()),
    "packed-es384": ({NOT_OFFERED, UNVERIFIED}, {NOT_OFFERED}),
    "packed-es512": ({NOT_OFFERED}, {NOT_OFFERED, UNVERIFIED}),
    "packed-rs256": (set(), {UNVERIFIED}),
    "packed-eddsa": ({UNVERIFIED}, {UNVERIFIED}),
    "packed-ed448": ({NOT_OFFERED, UNVERIFIED}, {NOT_OFFERED}),
    "tpm-es256": (set(), set()),
    "android-key-es256": (set(), {UNVERIFIED}),
    "apple-es256": ({UNVERIFIED}, {UNVERIFIED}),
    "fido-u2f-es256": ({UNVERIFIED}, {UNVERIFIED}),
}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(autouse=True)
def there(monkeypatch):
    """The office stands where the vectors were made."""
    monkeypatch.setattr(credentials, "settings", replace(credentials.settings, origin=CASES["origin"]))


@pytest.fixture
async def person(office):
    return await desk.somebody(office, "nurse")


@pytest.fixture
def unverified(monkeypatch):
    """The office as it would be if it let in whom nobody verified."""
    for name in ("verify_registration_response", "verify_authentication_response"):
        lenient = functools.partial(getattr(credentials, name))
        monkeypatch.setattr(credentials, name, lambda lenient=lenient, **asked: lenient(**{**asked, "require_user_verification": False}))


async def planted(office, client, vector, ceremony, purpose, person=None):
    """The id of a challenge that says what the vector answers to, asked for in this browser."""
    client.cookies.set(visits.COOKIE, VISIT)
    key, text = desk.new(), b64(bytes.fromhex(vector[ceremony]["challenge"]))
    purpose = f"{purpose} {hashlib.sha256(VISIT.encode()).hexdigest()}"
    sql = "INSERT INTO challenge (id, challenge, purpose, person, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, NULL)"
    await desk.run(office, sql, key, text, purpose, person, NOW + passkeys.CHALLENGE_MS)
    return key


def credential(vector, ceremony, **more):
    said = {name: b64(bytes.fromhex(value)) for name, value in vector[ceremony].items() if name != "challenge"}
    key = b64(bytes.fromhex(vector["credential_id"]))
    return {"id": key, "rawId": key, "type": "public-key", "response": {**said, **more}, "clientExtensionResults": {}}


def public_key(vector):
    data = cbor2.loads(bytes.fromhex(vector["registration"]["attestationObject"]))["authData"]
    return data[55 + len(vector["credential_id"]) // 2 :]


async def made(office, client, person, vector):
    token = await invited(office, person)
    challenge = await planted(office, client, vector, "registration", "make", person.person)
    return await enrol(client, token, credential(vector, "registration"), challenge)


async def used(office, client, person, vector):
    sql = "INSERT INTO passkey (id, person, credential_id, public_key, sign_count, prf, name, created_at) VALUES ($1, $2, $3, $4, 0, 0, '', 0)"
    answer = credential(vector, "authentication", userHandle=b64(person.person.encode()))
    await desk.run(office, sql, desk.new(), person.person, answer["id"], public_key(vector))
    return await sign_in(client, None, {"challenge": await planted(office, client, vector, "authentication", "sign_in")}, answer)


def broken(vector, ceremony):
    """The rules that this vector breaks, read from its own bytes."""
    said = vector[ceremony]
    data = bytes.fromhex(said.get("authenticatorData", "")) or cbor2.loads(bytes.fromhex(said["attestationObject"]))["authData"]
    client_data, alg = json.loads(bytes.fromhex(said["clientDataJSON"])), cbor2.loads(public_key(vector))[3]
    rules = {UNVERIFIED: not data[32] & UV, FRAMED: client_data["crossOrigin"], NOT_OFFERED: alg not in credentials.ALGORITHMS}
    return {rule for rule, breaks in rules.items() if breaks}


def test_there_are_fifteen_and_each_has_a_verdict_by_rules_it_really_breaks():
    assert len(VECTORS) == 15
    assert {name: (broken(one, "registration"), broken(one, "authentication")) for name, one in VECTORS.items()} == VERDICTS


async def test_a_vector_makes_a_passkey_when_it_breaks_no_rule(office, client, person):
    said = {name: (await made(office, client, person, VECTORS[name])).status_code for name in VERDICTS}
    assert said == {name: 400 if rules else 201 for name, (rules, _) in VERDICTS.items()}
    kept = {(key, bytes(public)) for key, public in await desk.rows(office, "SELECT credential_id, public_key FROM passkey")}
    accepted = [VECTORS[name] for name, (rules, _) in VERDICTS.items() if not rules]
    assert kept == {(b64(bytes.fromhex(one["credential_id"])), public_key(one)) for one in accepted}


async def test_a_vector_signs_in_when_it_breaks_no_rule(office, client, person):
    said = {name: (await used(office, client, person, VECTORS[name])).status_code for name in VERDICTS}
    assert said == {name: 401 if rules else 201 for name, (_, rules) in VERDICTS.items()}


@pytest.mark.usefixtures("unverified")
async def test_what_is_refused_for_want_of_verification_is_refused_for_nothing_else(office, client, person):
    makes = [name for name, (rules, _) in VERDICTS.items() if rules == {UNVERIFIED}]
    uses = [name for name, (_, rules) in VERDICTS.items() if rules == {UNVERIFIED}]
    assert {(await made(office, client, person, VECTORS[name])).status_code for name in makes} == {201}
    await desk.run(office, "DELETE FROM passkey")
    assert {(await used(office, client, person, VECTORS[name])).status_code for name in uses} == {201}


@pytest.mark.parametrize("case", CASES["prf"]["results"])
def test_the_authenticator_of_our_tests_gives_the_bytes_that_open_a_vault_as_written_there(case):
    mine = Authenticator(secret=bytes.fromhex(CASES["prf"]["secret"]))
    assert mine.prf(b64(bytes.fromhex(case["salt"]))) == b64(bytes.fromhex(case["gives"]))
