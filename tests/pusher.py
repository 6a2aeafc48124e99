"""A push service on this machine, by https with a certificate of its own: keeps messages by their topic, as RFC 8030 says, and opens them."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import secrets
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from webauthn.helpers import bytes_to_base64url

from server import encryption


@dataclass
class Browser:
    """What a browser gives to the office, and the half that it keeps."""

    private: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def given(self, endpoint: str) -> dict[str, str]:
        point = bytes_to_base64url(encryption.point_of(self.private))
        return {"endpoint": endpoint, "point": point, "auth": bytes_to_base64url(self.auth)}

    def opened(self, body: bytes) -> dict[str, Any]:
        return json.loads(opened(body, self.private, self.auth))


@dataclass
class Service:
    """What it was asked, one (path, headers, body) each; `says` gives the answer to the nth request to a path."""

    folder: Path
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)
    port: int = 0
    lines: int = 0

    def says(self, path: str, nth: int) -> bytes:
        return b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def at(self, path: str) -> str:
        return f"https://{self.host}/{path}"

    @property
    def environment(self) -> dict[str, str]:
        """For an office that brings its messages here."""
        return {"NAOBER_PUSH_HOSTS": self.host, "SSL_CERT_FILE": str(self.folder / "push.pem")}

    async def __aenter__(self) -> Self:
        certificate(self.folder / "push.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "push.pem")
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=context)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        with suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
                body = await reader.readexactly(int(headers["content-length"]))
                path = first.split(" ")[1].removeprefix("/")
                nth = sum(1 for one in self.asked if one[0] == path) if len(self.asked) < 1000 else 0
                self.asked.append((path, headers, body))
                said = self.says(path, nth)
                if b" 201 " in said[:20]:
                    self.kept[path, headers.get("topic", "")] = body
                writer.write(said)
                await writer.drain()
        writer.transport.abort()


def opened(body: bytes, private: EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """RFC 8291 from the other side."""
    salt, ours, sealed = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
    shared = private.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), ours))
    base = HKDF(SHA256(), 32, auth, b"WebPush: info\0" + encryption.point_of(private) + ours).derive(shared)
    parts = ((b"aes128gcm", 16), (b"nonce", 12))
    key, nonce = (HKDF(SHA256(), size, salt, b"Content-Encoding: " + name + b"\0").derive(base) for name, size in parts)
    text = AESGCM(key).decrypt(nonce, sealed, None)
    assert text.endswith(b"\x02")
    return text[:-1]


def certificate(path: Path) -> None:
    """A certificate for localhost with its key, in one file."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=9))
        .add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
    )  # fmt: skip
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(text + made.public_bytes(Encoding.PEM))
