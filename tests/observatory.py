"""MDN's HTTP Observatory over a real office, by https: `python -m tests.observatory`.

It needs npm, and weighs too much (195 packages) for the lock. The office has a name under .dev, all of which browsers reach by https only; who
hosts Naober under such a name, or on their list (hstspreload.org), gets these five points too. `--name localhost` shows it without.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.bench.served import free_port

PACKAGE = "@mdn/mdn-http-observatory@1.4.8"
SCORE = Path(__file__).parent / "observatory.mjs"
ROOT = Path(__file__).parent.parent
LEAST = 145
START_S_MAX = 30
# A row of Chromium's transport_security_state_static.json, in the shape in which the scanner fetches it.
PRELOADED = {"dev": {"includeSubDomains": True, "includeSubDomainsForPinning": True, "mode": "force-https"}}
OFFICE = """
import asyncio, sys, uvicorn
from server import db
from server.migrations import migrate
async def begin():
    await db.start()
    await migrate()
    await db.stop()
asyncio.run(begin())
https = {"ssl_keyfile": "key.pem", "ssl_certfile": "cert.pem"}
uvicorn.run("server.app:app", host="127.0.0.1", port=int(sys.argv[1]), server_header=False, log_level="error", **https)
"""


def main() -> int:
    """0 when the way in has at least 145 points, or as many as can be had without the list of browsers."""
    parser = argparse.ArgumentParser(prog="python -m tests.observatory", description=__doc__)
    parser.add_argument("--name", default="naober.dev")
    name = parser.parse_args().name
    with tempfile.TemporaryDirectory(prefix="naober-observatory-") as made:
        folder = Path(made)
        _scanner(folder)
        _certificate(folder, name)
        plain, port = free_port(), free_port()
        threading.Thread(target=_led(plain, f"https://{name}:{port}").serve_forever, daemon=True).start()
        settings = {"NAOBER_ORIGIN": f"https://{name}:{port}", "NAOBER_DATABASE": f"sqlite:///{folder}/naober.db", "NAOBER_LOG_LEVEL": "error"}
        command = [sys.executable, "-c", OFFICE, str(port)]
        with subprocess.Popen(command, cwd=folder, env={**os.environ, **settings, "PYTHONPATH": str(ROOT)}) as office:
            try:
                _wait(port)
                points = _scored(folder, name, plain, port)
            finally:
                office.terminate()
    return 0 if points >= LEAST - 5 * (name == "localhost") else 1


def _scanner(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("the Observatory needs npm: install Node with it")
    # Its own script would fetch these two lists.
    subprocess.run([npm, "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE], cwd=folder, check=True)
    lists = folder / "node_modules" / "@mdn" / "mdn-http-observatory" / "conf"
    (lists / "hsts-preload.json").write_text(json.dumps(PRELOADED))
    (lists / "tld-list.json").write_text("[]")
    shutil.copy(SCORE, folder)


def _certificate(folder: Path, name: str) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(whose, whose, key.public_key(), 1, now, now + dt.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)


def _led(port: int, origin: str) -> ThreadingHTTPServer:
    """What stands before an office at the address without https: it leads on to the one with."""

    class Leads(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(308)
            self.send_header("location", origin + self.path)
            self.end_headers()

        do_OPTIONS = do_GET  # noqa: N815 - the name of the method of HTTP

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return ThreadingHTTPServer(("127.0.0.1", port), Leads)


def _wait(port: int) -> None:
    end, anybody = time.monotonic() + START_S_MAX, ssl._create_unverified_context()  # noqa: S323 - our own office on this machine
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"https://127.0.0.1:{port}/ready", context=anybody)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"the office did not answer within {START_S_MAX} s")


def _scored(folder: Path, name: str, plain: int, port: int) -> int:
    """Points of the way in; what gave or cost any is said."""
    settings = {**os.environ, "NODE_EXTRA_CA_CERTS": str(folder / "cert.pem")}
    command = [shutil.which("node") or "node", SCORE.name, name, str(plain), str(port)]
    said = subprocess.run(command, cwd=folder, env=settings, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(said, end="")  # noqa: T201 - a command's own words
    return int(said.split()[-1])


if __name__ == "__main__":
    raise SystemExit(main())
