"""Seals: the office's key pairs, to whose public half a phone seals what it writes, so that it can be handed in without any key of the phone's.

ECDH on P-256, HKDF-SHA-256, AES-256-GCM. A device's proof, given to it when somebody signs in there and kept in its vault, goes into every key it
derives: what opens here was sealed by that device. The newest pair seals; older ones open for a year what was written under them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, EllipticCurvePublicKey, derive_private_key, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn.helpers import bytes_to_base64url

from sync import clock

if TYPE_CHECKING:
    from server.db import Tx

NEW_AFTER_MS = 30 * 24 * 60 * 60 * 1000
KEPT_MS = 365 * 24 * 60 * 60 * 1000
LENGTH, NONCE = 32, 12
LABEL = b"naober outbox 1 "
CURVE = SECP256R1()


class Opener:
    """Opens what one device sealed to one pair; keys are derived once for each ephemeral key, of which a phone makes one an unlocking."""

    def __init__(self, seal: str, scalar: bytes, secret: bytes, device: str) -> None:
        self._private = derive_private_key(int.from_bytes(scalar), CURVE)
        self._proof, self._bound = _proof(secret, device), f"{seal} {device}".encode()
        self._keys: dict[bytes, AESGCM] = {}

    def opened(self, ephemeral: bytes, sealed: bytes) -> bytes | None:
        """The plain bytes; None when it was not sealed by this device to this pair, or is damaged."""
        try:
            key = self._keys.get(ephemeral) or self._keys.setdefault(ephemeral, self._derived(ephemeral))
            return key.decrypt(sealed[:NONCE], sealed[NONCE:], self._bound)
        except (InvalidTag, ValueError):
            return None

    def _derived(self, ephemeral: bytes) -> AESGCM:
        shared = self._private.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(CURVE, ephemeral))
        return AESGCM(HKDF(SHA256(), LENGTH, self._proof, LABEL + ephemeral).derive(shared))


async def current(tx: Tx, device: str) -> dict[str, str] | None:
    """{id, key, proof} with which this device seals: the newest pair's public point and what shows who sealed, base64url; None without a pair."""
    row = await tx.one("SELECT id, scalar, secret FROM seal ORDER BY id DESC LIMIT 1")
    if row is None:
        return None
    point = derive_private_key(int.from_bytes(bytes(row[1])), CURVE).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {"id": row[0], "key": bytes_to_base64url(point), "proof": bytes_to_base64url(_proof(bytes(row[2]), device))}


async def openers(tx: Tx, device: str, wanted: set[str]) -> dict[str, Opener]:
    """What opens things sealed by this device to these pairs, by the id of the pair; those that are no more are not in it."""
    rows = await tx.all("SELECT id, scalar, secret FROM seal")
    return {row[0]: Opener(row[0], bytes(row[1]), bytes(row[2]), device) for row in rows if row[0] in wanted}


async def proves(tx: Tx, device: str, seal: str, proof: str) -> bool:
    """Whether this is what this device was given for this pair: only an open vault holds it."""
    row = await tx.one("SELECT secret FROM seal WHERE id = $1", seal)
    return row is not None and hmac.compare_digest(bytes_to_base64url(_proof(bytes(row[0]), device)).encode(), proof.encode("utf-8", "replace"))


async def renew(tx: Tx, at: int) -> None:
    """A new pair when the newest is a month old, or when there is none; what is older than a year opens nothing any more."""
    newest = await tx.one("SELECT max(created_at) FROM seal")
    if not newest or newest[0] is None or newest[0] <= at - NEW_AFTER_MS:
        await add(tx, at)
    await tx.run("DELETE FROM seal WHERE created_at <= $1", at - KEPT_MS)


async def add(tx: Tx, at: int) -> None:
    """A new pair; phones seal to it from their next unlocking with signal."""
    scalar = generate_private_key(CURVE).private_numbers().private_value.to_bytes(LENGTH)
    values: tuple[Any, ...] = (clock.uuid7(at, secrets.token_hex(10)), scalar, secrets.token_bytes(LENGTH), at)
    await tx.run("INSERT INTO seal (id, scalar, secret, created_at) VALUES ($1, $2, $3, $4)", *values)


def _proof(secret: bytes, device: str) -> bytes:
    return hmac.digest(secret, device.encode(), hashlib.sha256)
