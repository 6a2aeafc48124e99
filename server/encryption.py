"""Encryption: a message that only one browser can read (RFC 8291, 8188), and the office's word that it is the sender (RFC 8292)."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import ECDH, ECDSA, SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn.helpers import bytes_to_base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

CURVE = SECP256R1()
POINT, AUTH, SALT, KEY, NONCE, HALF = 65, 16, 16, 16, 12, 32
RECORD = 4096
# The octet behind the text of a last record.
END = b"\x02"
# Push services take a word of at most a day; half of it leaves room for clocks that differ.
WORD_S = 12 * 60 * 60


def sealed(text: bytes, point: bytes, auth: bytes, *, private: EllipticCurvePrivateKey | None = None, salt: bytes | None = None) -> bytes:
    """The body of one message, for the browser whose point and secret these are; key pair and salt are new each time."""
    mine, salted = private or generate_private_key(CURVE), salt or secrets.token_bytes(SALT)
    ours = point_of(mine)
    shared = mine.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(CURVE, point))
    base = _derived(auth, shared, b"WebPush: info\0" + point + ours, 32)
    key = _derived(salted, base, b"Content-Encoding: aes128gcm\0", KEY)
    nonce = _derived(salted, base, b"Content-Encoding: nonce\0", NONCE)
    return salted + RECORD.to_bytes(4) + bytes([POINT]) + ours + AESGCM(key).encrypt(nonce, text + END, None)


def authorization(private: EllipticCurvePrivateKey, service: str, subject: str, now: int) -> str:
    """The header that tells a push service (its origin) who sends, for twelve hours from now (ms)."""
    claims = {"aud": service, "exp": now // 1000 + WORD_S, "sub": subject}
    said = ".".join(_part(json.dumps(one, separators=(",", ":")).encode()) for one in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(private.sign(said.encode(), ECDSA(SHA256())))
    return f"vapid t={said}.{_part(r.to_bytes(HALF) + s.to_bytes(HALF))}, k={_part(point_of(private))}"


def point_of(private: EllipticCurvePrivateKey) -> bytes:
    """The public half, as browsers and push services write it."""
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def is_point(point: bytes) -> bool:
    """Whether this is the public half of some key pair."""
    try:
        EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError:
        return False
    return len(point) == POINT


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def _part(value: bytes) -> str:
    return bytes_to_base64url(value)
