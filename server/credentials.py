"""Credentials: what a browser answers about a passkey, held against the steps of section 7 of W3C Web Authentication level 3."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    parse_cbor,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import CredentialDeviceType
from webauthn.registration.verify_registration_response import VerifiedRegistration

from server.config import settings

EDDSA, ES256, RS256 = COSEAlgorithmIdentifier.EDDSA, COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256
ALGORITHMS = [EDDSA, ES256, RS256]
RSA_BITS_MIN = 2048
# Formats in which only a maker's certificate shows that what is said of the authenticator is so.
BY_MAKERS = {"android-key", "android-safetynet", "apple", "fido-u2f", "tpm"}


def registered(credential: dict[str, Any], challenge: bytes) -> VerifiedRegistration | None:
    """What a browser says it made, or None when a step of W3C 7.1 says no."""
    if not _on_our_own_page(credential, challenge) or _result(credential, "credProps").get("rk") is False:
        return None
    try:
        found = verify_registration_response(
            credential=_without_makers_word(credential),
            expected_challenge=challenge,
            expected_rp_id=settings.domain,
            expected_origin=settings.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        return found if _will_serve(found.credential_public_key) else None
    except Exception:  # noqa: BLE001  hostile bytes make the parsers below it raise almost anything; each of them means no
        return None


def authenticated(credential: dict[str, Any], challenge: bytes, public_key: bytes, count: int) -> VerifiedAuthentication | None:
    """What a browser signed with a passkey of this key and count, or None when a step of W3C 7.2 says no."""
    if not _on_our_own_page(credential, challenge):
        return None
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.domain,
            expected_origin=settings.origin,
            credential_public_key=public_key,
            # Synced passkeys stay at 0, which the library accepts; a count that stands still or goes back it refuses.
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  as above
        return None


def belongs_to(credential: dict[str, Any], person: str) -> bool:
    """Whether the authenticator keeps this credential as this person's."""
    try:
        return base64url_to_bytes(credential["response"]["userHandle"]) == person.encode()
    except (KeyError, TypeError, ValueError):
        return False


def can_prf(credential: dict[str, Any]) -> bool:
    """Whether this credential can open a vault."""
    return _result(credential, "prf").get("enabled") is True


def synced(found: VerifiedRegistration | VerifiedAuthentication) -> int:
    """1 when copies of the credential may be kept elsewhere, otherwise 0."""
    return int(found.credential_device_type == CredentialDeviceType.MULTI_DEVICE)


def _on_our_own_page(credential: dict[str, Any], challenge: bytes) -> bool:
    # webauthn 3.0.1 accepts crossOrigin: true, that is: asked from a frame in somebody else's page; other encodings than UTF-8; and a challenge
    # with anything between its characters.
    try:
        said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]).decode("utf-8-sig"))
    except (KeyError, TypeError, ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or said.get("challenge") != bytes_to_base64url(challenge):
        return False
    return said.get("crossOrigin", False) is False and "topOrigin" not in said


def _without_makers_word(credential: dict[str, Any]) -> dict[str, Any]:
    # Nobody asked for it, some password managers send it, and webauthn 3.0.1 refuses what it does not know the maker of: as good as none.
    response = credential["response"]
    said = parse_cbor(base64url_to_bytes(response["attestationObject"]))
    if said["fmt"] not in BY_MAKERS:
        return credential
    plain = encode_cbor({**said, "fmt": "none", "attStmt": {}})
    return {**credential, "response": {**response, "attestationObject": bytes_to_base64url(plain)}}


def _will_serve(key: bytes) -> bool:
    # webauthn 3.0.1 also keeps what no signature can be held against, with which nobody could sign in, and RSA keys that are too short.
    said = decode_credential_public_key(key)
    made = decoded_public_key_to_cryptography(said)
    if isinstance(made, EllipticCurvePublicKey):
        return said.alg == ES256 and isinstance(made.curve, SECP256R1)
    if isinstance(made, RSAPublicKey):
        return said.alg == RS256 and made.key_size >= RSA_BITS_MIN
    return isinstance(made, Ed25519PublicKey)


def _result(credential: dict[str, Any], extension: str) -> dict[str, Any]:
    results = credential.get("clientExtensionResults")
    said = results.get(extension) if isinstance(results, dict) else None
    return said if isinstance(said, dict) else {}
