"""A software authenticator: makes and uses passkeys as a phone does (resident, verified user, prf), from JSON to JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from server import invitations, sessions
from server.config import settings

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
EDDSA, ES256, RS256 = -8, -7, -257


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One phone's secure element, and the browser in front of it; the attributes are what a test may set wrong."""

    origin: str = settings.origin
    rp: str = settings.domain
    flags: int = UP | UV | BE | BS
    counts: bool = False
    count: int = 0
    client: dict[str, Any] = field(default_factory=dict)
    spelled: Callable[[bytes], bytes] = bytes  # what becomes of the client data, and of the authenticator's, before they are signed
    shaped: Callable[[bytes], bytes] = bytes
    public: dict[int, Any] = field(default_factory=dict)
    fmt: str = "none"
    statement: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.create(options).toJSON() gives, without prf results."""
        self.user = raw(options["user"]["id"])
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose(self.key) | self.public)
        said, data = self._said("webauthn.create", options["challenge"]), self.shaped(self._data(AT) + attested)
        own = {"alg": cose(self.key)[3], "sig": self._signed(data, said)} if self.fmt == "packed" else {}
        response = {
            "clientDataJSON": b64(said),
            "attestationObject": b64(cbor2.dumps({"fmt": self.fmt, "attStmt": own | self.statement, "authData": data})),
            "transports": ["internal"],
        }
        return self._credential(response, {"credProps": {"rk": True}, "prf": {"enabled": True}})

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.get(options).toJSON() gives, without prf results."""
        self.count += self.counts
        said, data = self._said("webauthn.get", options["challenge"]), self.shaped(self._data())
        response = {
            "clientDataJSON": b64(said),
            "authenticatorData": b64(data),
            "signature": b64(self._signed(data, said)),
            "userHandle": b64(self.user),
        }
        return self._credential(response, {"prf": {}})

    def prf(self, salt: str) -> str:
        """The bytes that open a vault, the same for every use of this passkey with this salt."""
        salted = hashlib.sha256(b"WebAuthn PRF\0" + raw(salt)).digest()
        return b64(hmac.new(self.secret, salted, hashlib.sha256).digest())

    def _said(self, kind: str, challenge: str) -> bytes:
        return self.spelled(json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **self.client}).encode())

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + bytes([self.flags | more]) + struct.pack(">I", self.count)

    def _signed(self, data: bytes, said: bytes) -> bytes:
        signed = data + hashlib.sha256(said).digest()
        ways = {ES256: [ec.ECDSA(hashes.SHA256())], RS256: [padding.PKCS1v15(), hashes.SHA256()], EDDSA: []}
        return self.key.sign(signed, *ways[cose(self.key)[3]])

    def _credential(self, response: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
        about = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "authenticatorAttachment": "platform"}
        return {**about, "response": response, "clientExtensionResults": results}


def cose(key: Any) -> dict[int, Any]:
    """The public half of this key, in the numbers of COSE."""
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes_raw()}
    numbers = public.public_numbers()
    if isinstance(public, rsa.RSAPublicKey):
        return {1: 3, 3: RS256, -1: numbers.n.to_bytes(public.key_size // 8, "big"), -2: numbers.e.to_bytes(3, "big")}
    return {1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


# The two ceremonies over HTTP


async def invited(office, me, at=None):
    return await office.write(lambda tx: invitations.create_invitation(tx, me.person, None, at or sessions.now()))


async def asked(client, token):
    response = await client.post(f"/invitations/{token}/challenges")
    assert response.status_code == 201
    return response.json()


async def enrol(client, token, credential, challenge, **more):
    return await client.post(f"/invitations/{token}/passkey", json={"challenge": challenge, "credential": credential, **more})


async def enrolled(office, client, me, **wrong):
    """An authenticator that holds this person's passkey."""
    mine, token = Authenticator(**wrong), await invited(office, me)
    question = await asked(client, token)
    response = await enrol(client, token, mine.make(question["options"]), question["challenge"])
    assert response.status_code == 201, response.text
    client.cookies.clear()
    return mine


async def question_of(client):
    response = await client.post("/sessions/challenges")
    assert response.status_code == 201
    return response.json()


async def sign_in(client, mine, question=None, credential=None, **more):
    question = question or await question_of(client)
    answer = {"challenge": question["challenge"], "credential": credential or mine.use(question["options"]), **more}
    return await client.post("/sessions", json=answer)
