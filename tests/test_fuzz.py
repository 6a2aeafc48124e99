"""Whatever bytes come to whatever address from whomever: an answer, soon, that is no error of ours and gives away nothing.

NAOBER_FUZZ sets how many inputs (20,000, or as many as fit in a minute; `deploy/test fuzz` takes half a million), NAOBER_SEED which.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import random
import re
import string
import time
from urllib.parse import unquote, urlencode

import pytest

from server import sessions
from server.config import settings
from tests import desk
from tests.authenticator import Authenticator, invited

INPUTS = int(os.environ.get("NAOBER_FUZZ", "20000"))
A_TURN = min(INPUTS, 50_000)  # then with a fresh office: what half a million inputs have stored is no neighbourhood any more
SECONDS = 60 if "NAOBER_FUZZ" not in os.environ else float("inf")
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
AT_ONCE, ANSWER_S_MAX, REVIVE_EVERY = 4, 2, 100
SECRET = "Dit leest alleen het eigen team"
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "X")
TYPES = (
    *("application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "", "\xff", "multipart/form-data"),
    *("multipart/form-data; boundary=x", "application/json\x01", "application/octet-stream", "application/x-www-form-urlencoded; charset=x"),
)
ODD = (
    *(None, True, 0, -1, 1.5, 1e308, 2**53, 2**63, 2**64, 10**400, "", "\0", "\ud800", "x" * 3000, "é👵", [], {}, [[]], {"": {}}, "2026-02-30"),
    *("__proto__", "' OR 1=1 --", "%00", "../../etc/passwd", "1e5", "NaN", "<script>", "{{7*7}}", desk.STRANGER, "a:b", "\r\n"),
)
PIECES = (
    *(b"\0", b"\xff", b'"', b"\\", b"{", b"}", b"[" * 50, b"]", b",", b"\\ud800", b"1e999", b"-", b"\xed\xa0\x80", b"null", b"\x1f\x8b"),
    *(b"%", b"&", b"=", b"\r\n--x"),
)
HEADERS = (
    *("accept", "accept-language", "accept-encoding", "cookie", "hx-request", "hx-request-type", "hx-target", "if-none-match", "host"),
    *("content-encoding", "user-agent", "x-forwarded-for", "range", "sec-fetch-site", "origin", "transfer-encoding", "expect", "content-length"),
)
VALUES = (
    *("text/html", "*/*", "gzip", "gzip;q=0", "gzip;q=x", "en", "de,nl;q=0.1", "true", "full", "partial", "identity", "-1", "99999999999"),
    *("", "\xff\xfe", "x" * 9000, ";;;,,,", "naober=", "naober=x; naober=y", '"', "same-origin", "cross-site", "null", settings.origin),
    *("bytes=0-1", "https://evil.example"),
)


@pytest.fixture(autouse=True)
def _quiet():
    """The log lines of this many answers are not worth reading; errors are counted."""
    log = logging.getLogger("naober")
    level = log.level
    log.setLevel(logging.ERROR)
    yield
    log.setLevel(level)


class Faults(logging.Handler):
    """Errors that the office logged, by what they say."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


class Fuzz:
    """Makes requests out of those that would be fine, and judges the answers."""

    def __init__(self, app, litestar, people, houses, token):
        self.app, self.people, self.houses, self.token = app, people, houses, token
        self.dice = random.Random(SEED)
        # Each method of an address counts once; those that bring something count five times.
        every = [(route.path, method) for route in litestar.routes for method in sorted(getattr(route, "methods", ())) if method != "OPTIONS"]
        self.routes = [one for one in every for _ in range(5 if one[1] in {"POST", "PUT"} else 1)]
        self.faults, self.count, self.statuses = [], 0, {}

    def request(self):
        """(who, method, path, query, headers, body): a sound one, harmed up to four times."""
        dice = self.dice
        who = dice.choice(self.people)
        template, method = dice.choice(self.routes)
        path = re.sub(r"\{[^}]*\}", lambda _: self.part(), template)
        headers = {"content-type": "application/json", "origin": settings.origin, "cookie": f"naober={who.token}" if who else ""}
        body, query = self.sound(template, who, headers), ""
        for _ in range(dice.choice((0, 1, 1, 2, 3, 4))):
            harm = dice.randrange(8)
            if harm == 0:
                method = dice.choice(METHODS)
            elif harm == 1:
                path = self.harmed_path(path)
            elif harm == 2:
                name, value = dice.choice(("language", "to", "team", "kind", "before", "q", "")), str(dice.choice(ODD))
                query = urlencode({name: value.encode("utf-8", "replace")[:500]})
            elif harm == 3:
                headers[dice.choice(HEADERS)] = dice.choice(VALUES)
            elif harm == 4:
                headers["content-type"] = dice.choice(TYPES)
            elif harm == 5:
                body = gzip.compress(body, 1)
                headers["content-encoding"] = "gzip"
            else:
                body = self.harmed(body)
        return who, method, path, query, headers, body

    def part(self):
        """What may stand in a place of an address."""
        house = self.dice.choice(self.houses)
        return self.dice.choice((house.id, house.resident, self.token, desk.STRANGER, "x", "%00", "%ff", "..", "é", "a" * 300, "%ed%a0%80", "0", "-"))

    def sound(self, template, who, headers):
        """A body that this address would take."""
        me, house, dice = who or self.people[0], self.dice.choice(self.houses), self.dice
        if template == "/sync":
            kinds = (desk.note, desk.task, desk.visit)
            sent = [self.odd_change(dice.choice(kinds)(me, house)) for _ in range(dice.randrange(4))]
            reads = [{"id": desk.new(), "at": desk.NOW, "subject": house.about, "what": "visit"}]
            asks = {"format": 1, "device": me.device, "epoch": None, "cursor": dice.choice((None, "0", "first-0-9", "7")), "entitled": "x"}
            return json.dumps({**asks, "changes": sent, "reads": reads}).encode()
        if template == "/sync/history":
            return json.dumps({"format": 1, "device": me.device, "pairs": [[house.about, "body"], [house.subject, "practical"], ["x", "y"]]}).encode()
        if template in {"/sessions", "/invitations/{token:str}/passkey"}:
            phone, question = Authenticator(id=b"x", user=me.person.encode()), {"challenge": "eA", "user": {"id": "eA"}}
            credential = phone.use(question) if template == "/sessions" else phone.make(question)
            return json.dumps({"challenge": desk.new(), "credential": credential, "device": None}).encode()
        if template == "/me":
            return b'{"language": "nl", "word": "client"}'
        headers["content-type"] = "application/x-www-form-urlencoded"
        return urlencode({"name": "Mo", "phone": "", "team": me.team.id, "role": "nurse", "op": desk.new(), "person": me.person}).encode()

    def odd_change(self, change):
        if self.dice.random() < 0.5:
            where = change if self.dice.random() < 0.7 else change["fields"]
            where[self.dice.choice([*where, "role"])] = self.dice.choice(ODD)
        return change

    def harmed(self, body):
        dice, at = self.dice, self.dice.randrange(len(body) + 1)
        how = dice.randrange(6)
        if how == 0:
            return body[:at]
        if how == 1:
            return body[:at] + dice.choice(PIECES) + body[at:]
        if how == 2 and body:
            return body[: at - 1] + bytes([dice.randrange(256)]) + body[at:]
        if how == 3:
            return body[at:] + body[:at]
        if how == 4:
            return body.replace(dice.choice((b'"', b":", b"1", b"null", b"[")), dice.choice(PIECES), dice.choice((1, -1)))
        return bytes(dice.randrange(256) for _ in range(dice.randrange(200)))

    def harmed_path(self, path):
        dice = self.dice
        at = dice.randrange(len(path) + 1)
        longer = path[:at] + dice.choice(string.printable) + path[at:]
        return dice.choice((path + "/", "/" + path, path[:at], longer, path.upper(), "", "/*", path + "%00"))

    async def ask(self):
        """One request and what is wrong with its answer."""
        asked = who, method, path, query, headers, body = self.request()
        began = time.monotonic()
        try:
            async with asyncio.timeout(5 * ANSWER_S_MAX):
                status, answer, starts = await asgi(self.app, method, path, query, headers, body)
        except TimeoutError:
            status, answer, starts = 0, b"", 0
        seconds = time.monotonic() - began
        self.count += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        stranger = who is None or who is self.people[-1]
        wrong = {
            "an error of ours": status >= 500 or status == 0, "too slow": seconds > ANSWER_S_MAX, "begun twice": starts != 1,
            "a secret": stranger and SECRET.encode() in answer and SECRET.encode() not in body, "another shape": not shaped(status, headers, answer),
        }  # fmt: skip
        found = [name for name, is_so in wrong.items() if is_so]
        if found:
            self.faults.append((found, status, f"{seconds:.1f}s", method, path, query, headers, body[:400], answer[:200]))
        return asked


def shaped(status, headers, answer):
    """Every refusal that is no page has the one shape."""
    if not 400 <= status < 500 or not answer or not answer.startswith(b"{"):
        return True
    return set(json.loads(answer).get("error", {})) == {"code", "message", "fields"}


async def asgi(app, method, path, query, headers, body):
    """(status, body, how often it began), as a server would hand it over."""
    sent, ended = [], asyncio.Event()
    parts = [{"type": "http.request", "body": body[: len(body) // 2], "more_body": True}, {"type": "http.request", "body": body[len(body) // 2 :]}]

    async def receive():
        if parts:
            return parts.pop(0)
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode("utf-8", "replace"), "query_string": query.encode("ascii", "replace"), "root_path": "",
        "headers": raw, "client": ("127.0.0.1", 5), "server": ("localhost", 8000), "extensions": {}, "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    starts = [message for message in sent if message["type"] == "http.response.start"]
    whole = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return (starts[0]["status"] if starts else 0), whole, len(starts)


@pytest.fixture
async def fuzz(office, client):
    from server.app import app, litestar  # noqa: PLC0415 - as in conftest

    nurse = await desk.somebody(office, "nurse")
    lead, volunteer = await desk.somebody(office, "lead", nurse.team), await desk.somebody(office, "volunteer")
    elsewhere = await desk.somebody(office, "nurse", name="Bram")
    houses = [await desk.household(office, nurse.team), await desk.household(office)]
    sent = [*(desk.note(nurse, houses[0], SECRET) for _ in range(5)), desk.task(nurse, houses[0], SECRET)]
    await desk.hand_in(office, nurse, *sent, at=sessions.now())
    return Fuzz(app, litestar, [nurse, lead, volunteer, None, elsewhere], houses, await invited(office, nurse))


@pytest.mark.parametrize("turn", range(max(1, INPUTS // A_TURN)))
async def test_no_bytes_make_the_office_stumble_wait_or_tell(office, fuzz, turn):
    print(f"NAOBER_SEED={SEED} NAOBER_FUZZ={INPUTS}, turn {turn}")  # noqa: T201 - shown when it fails
    fuzz.dice.seed(SEED + turn)
    faults, until = Faults(), time.monotonic() + SECONDS
    logging.getLogger("naober").addHandler(faults)

    async def work():
        while fuzz.count < A_TURN and time.monotonic() < until and len(fuzz.faults) < 5:
            await fuzz.ask()
            if fuzz.count % REVIVE_EVERY == 0:  # some of it signs people out, or takes their device away
                await desk.run(office, "UPDATE session SET revoked_at = NULL")
                await desk.run(office, "UPDATE device SET revoked_at = NULL")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    logging.getLogger("naober").removeHandler(faults)
    print(fuzz.count, fuzz.statuses)  # noqa: T201 - shown when it fails
    assert fuzz.faults == []
    assert faults.said == []
    assert fuzz.count >= min(A_TURN, 2000)
    assert {200, 400, 401, 403, 404, 405} <= set(fuzz.statuses)
