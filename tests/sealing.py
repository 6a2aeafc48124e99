"""The phone's half of sealing, for tests in Python: what POST /outbox takes, made from a change and from what GET /me gave."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync import merge


def sealed(change: Any, seal: dict[str, str], device: str) -> dict[str, str]:
    """One change, under an ephemeral key of its own."""
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(seal["key"])))
    key = HKDF(SHA256(), 32, _bytes(seal["proof"]), b"naober outbox 1 " + point).derive(shared)
    nonce = secrets.token_bytes(12)
    text = nonce + AESGCM(key).encrypt(nonce, merge.text(change).encode() + b"  ", f"{seal['id']} {device}".encode())
    return {"key": seal["id"], "point": _text(point), "text": _text(text)}


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
