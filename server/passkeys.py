"""Passkeys: what shows that this person holds this device. Challenges live five minutes and serve once (W3C WebAuthn level 3)."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec
from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialHint,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server import bodies, credentials
from server.config import settings
from sync import clock

if TYPE_CHECKING:
    from server.db import Tx

CHALLENGE_MS = 5 * 60 * 1000
CHALLENGES_MAX = 20_000
CREDENTIAL_ID_MAX = 1023
BYTES_MAX = 64 * 1024
# One salt for the whole app: every passkey gives other bytes for it, and signing in without a name needs it before anyone is known.
SALT = bytes_to_base64url(hashlib.sha256(b"naober/vault/v1").digest())


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a browser sends back: the challenge's id, the credential as its toJSON() without prf results, the device it was signed in on before."""

    challenge: str
    credential: dict[str, Any]
    device: str | None = None


class Question(TypedDict):
    """A challenge by its id, and the options for navigator.credentials, in JSON form."""

    challenge: str
    options: dict[str, Any]


class TooManyChallengesError(RuntimeError):
    """More challenges are open than this office gives out at once; waiting five minutes always helps."""


def answer(body: bytes) -> Answer:
    """The body as an `Answer`; a 400 when it is something else, or brings prf results, which are key material: then nothing of it is taken."""
    if carries_secret(bodies.decoded(body, dict)):
        raise bodies.refused(400, "secret", ("credential.clientExtensionResults.prf.results", "not_allowed"))
    return bodies.decoded(body, Answer)


async def ask_to_make(tx: Tx, person: str, name: str, now: int, *, visit: str, purpose: str = "make") -> Question:
    """{challenge: id, options} for navigator.credentials.create, in JSON form; options ask for the vault's prf bytes too. `visit`: see visits.py."""
    known = await tx.all("SELECT credential_id FROM passkey WHERE person = $1", person)
    challenge = secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=settings.domain,
        rp_name="Naober",
        user_id=person.encode(),
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        timeout=CHALLENGE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        supported_pub_key_algs=credentials.ALGORITHMS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for (one,) in known],
        hints=[PublicKeyCredentialHint.CLIENT_DEVICE],
    )
    return {"challenge": await _keep(tx, challenge, _for(purpose, visit), person, now), "options": _with_salt(options, credProps=True)}


async def ask_to_sign_in(tx: Tx, now: int, *, visit: str) -> Question:
    """{challenge: id, options} for navigator.credentials.get: no names, whoever's passkey lies on the device may answer."""
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=settings.domain,
        challenge=challenge,
        timeout=CHALLENGE_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return {"challenge": await _keep(tx, challenge, _for("sign_in", visit), None, now), "options": _with_salt(options)}


async def make(tx: Tx, person: str, answer: Answer, now: int, *, visit: str, purpose: str = "make", name: str = "") -> str | None:
    """The id of the passkey now kept for this person, or None when the answer does not hold; the challenge is spent either way."""
    challenge = await _spend(tx, answer.challenge, _for(purpose, visit), person, now)
    found = challenge and credentials.registered(answer.credential, challenge)
    if not found:
        return None
    credential_id = bytes_to_base64url(found.credential_id)
    if len(found.credential_id) > CREDENTIAL_ID_MAX or await tx.one("SELECT id FROM passkey WHERE credential_id = $1", credential_id):
        return None
    passkey = clock.uuid7(now, secrets.token_hex(10))
    await tx.run(
        "INSERT INTO passkey (id, person, credential_id, public_key, sign_count, prf, name, created_at, last_used_at, synced)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        *(passkey, person, credential_id, found.credential_public_key, found.sign_count, int(credentials.can_prf(answer.credential)), name, now, now),
        credentials.synced(found),
    )
    return passkey


async def recognise(tx: Tx, answer: Answer, now: int, *, visit: str) -> str | None:
    """The person whose passkey gave this answer, or None, without saying which of the checks said no; the challenge is spent either way."""
    challenge = await _spend(tx, answer.challenge, _for("sign_in", visit), None, now)
    known = await tx.one(
        "SELECT k.id, k.person, k.public_key, k.sign_count, k.synced FROM passkey k JOIN person p ON p.id = k.person"
        " WHERE k.credential_id = $1 AND p.left_at IS NULL",
        str(answer.credential.get("id", "")).replace("\0", ""),
    )
    if not challenge or not known:
        return None
    passkey, person, public_key, count, synced = known
    found = credentials.authenticated(answer.credential, challenge, bytes(public_key), int(count))
    # Whether a passkey may be copied is settled when it is made (W3C 6.1.3); unknown of those from before this was kept.
    if not found or not credentials.belongs_to(answer.credential, person) or synced not in (None, credentials.synced(found)):
        return None
    sql = "UPDATE passkey SET sign_count = $1, last_used_at = $2, synced = $3 WHERE id = $4"
    # Whoever took the passkey away meanwhile was first.
    return str(person) if await tx.run(sql, found.new_sign_count, now, credentials.synced(found), passkey) == 1 else None


async def forget(tx: Tx, now: int) -> None:
    """Takes away challenges that have ended."""
    await tx.run("DELETE FROM challenge WHERE expires_at <= $1", now)


def carries_secret(body: object) -> bool:
    """Whether prf results stand anywhere in this body."""
    if isinstance(body, dict):
        prf = body.get("prf")
        return (isinstance(prf, dict) and "results" in prf) or any(carries_secret(one) for one in body.values())
    return isinstance(body, list) and any(carries_secret(one) for one in body)


def _with_salt(options: Any, **more: Any) -> dict[str, Any]:
    # webauthn 3.0.1 has no argument for extensions; Chromium refuses to sign in when it is asked for credProps.
    return {**options_to_json_dict(options), "extensions": {"prf": {"eval": {"first": SALT}}, **more}}


def _for(purpose: str, visit: str) -> str:
    """What a challenge serves for, and in whose browser only."""
    return f"{purpose} {visit}"


async def _keep(tx: Tx, challenge: bytes, purpose: str, person: str | None, now: int) -> str:
    await tx.run("DELETE FROM challenge WHERE expires_at <= $1", now)
    open_now = await tx.one("SELECT count(*) FROM challenge")
    if open_now and open_now[0] >= CHALLENGES_MAX:
        message = f"{CHALLENGES_MAX} challenges are open; each closes within five minutes"
        raise TooManyChallengesError(message)
    key = clock.uuid7(now, secrets.token_hex(10))
    await tx.run(
        "INSERT INTO challenge (id, challenge, purpose, person, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, NULL)",
        *(key, bytes_to_base64url(challenge), purpose, person, now + CHALLENGE_MS),
    )
    return key


async def _spend(tx: Tx, key: str, purpose: str, person: str | None, now: int) -> bytes | None:
    key = key.replace("\0", "")
    spent = await tx.run("UPDATE challenge SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $3", now, key, now)
    row = await tx.one("SELECT challenge, purpose, person FROM challenge WHERE id = $1", key) if spent else None
    return base64url_to_bytes(row[0]) if row and (row[1], row[2]) == (purpose, person) else None
