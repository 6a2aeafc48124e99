"""What every answer carries: each route, file and refusal, read as a browser reads it, in an office that people reach by https as well."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from server import assets, bodies
from server.config import settings
from server.door import Door
from tests import desk, test_matrix, test_tidy
from tests.authenticator import enrolled, sign_in

ROOT = Path(__file__).parent.parent
HTTPS = "https://naober.example.nl"
YEAR_S = 31_536_000
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
STATUSES = {200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 413, 415, 503}
EXACTLY = {
    "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp",
}  # fmt: skip
NOBODY = ("base-uri", "default-src", "form-action", "frame-ancestors")
OURSELVES = {"connect-src", "manifest-src", "script-src", "style-src", "worker-src"}

pytestmark = pytest.mark.usefixtures("clock")

# What this htmx is told: it asks nowhere else, takes no other extension, knows its own names only, and adds no styles. It has no cache of pages.
LOCKED = {"mode": "same-origin", "extensions": "naober", "prefix": "", "includeIndicatorCSS": False}


class Noted:
    """An application, how each of its answers began (method, path, status, headers), and the pages with htmx."""

    def __init__(self, inside):
        self.inside, self.began, self.pages = inside, [], []

    async def __call__(self, scope, receive, send):
        async def noting(message):
            if message["type"] == "http.response.start":
                headers = [(name.decode().lower(), value.decode()) for name, value in message["headers"]]
                self.began.append((scope["method"], scope["path"], message["status"], headers))
            if b'src="/assets/htmx.' in (body := message.get("body", b"")):
                self.pages.append(body.decode())
            await send(message)

        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.inside(scope, receive, noting)


@pytest.fixture
def noted(client, monkeypatch):
    made = client._transport.app = Noted(client._transport.app)
    monkeypatch.setattr(test_matrix, "app", made)
    return made


async def test_every_answer_is_dressed(office, client, noted):
    world = await test_matrix.a_world(office)
    lead = await desk.signed_in(client, world.people["lead"])
    for route in test_matrix.routes():
        for name in ("nobody", "lead"):
            await test_matrix.asked(client, world, route, name, "own")
        path = re.sub(r"\{\w+:\w+\}", "x", route.split(" ")[1])
        for method in METHODS if path != "/news" else METHODS[1:]:
            for accept in ("text/html", "*/*"):
                await lead.request(method, path, headers={"Accept": accept})
    await refused(client)
    await files(client)
    await ways_in_and_out(office, client)
    await (await desk.signed_in(client, world.people["nurse"])).get("/me")
    assert {status for _, _, status, _ in noted.began} >= STATUSES
    assert [problem for one in noted.began for problem in problems(*one)] == []
    assert len(noted.pages) > len(test_matrix.FILES)
    assert [page for page in noted.pages if locked(page) != LOCKED] == []


async def refused(client):
    """What goes wrong before a route is found, and within one."""
    json_ = {"Content-Type": "application/json"}
    await client.get("/nowhere")
    await client.get("/%00")
    await client.get("/health", headers={f"x-{i}": "1" for i in range(101)})
    await client.post("/sync", headers={"Origin": "https://evil.example"})
    await client.post("/sessions", content=b" " * (bodies.MIB + 1), headers=json_)
    for body in (b"x", b"\xff", b"[" * 99):
        await client.post("/sessions", content=body, headers=json_)

    async def broken(*_):
        raise ValueError

    noted = client._transport.app
    working, noted.inside = noted.inside, Door(broken)
    await client.get("/today")
    noted.inside = working


async def files(client):
    for path, one in assets._by_path().items():
        await client.get(path)
        assert (await client.get(path, headers={"If-None-Match": one.tag})).status_code == 304
    await client.get("/assets/nowhere.js")


async def ways_in_and_out(office, client):
    mine = await enrolled(office, client, await desk.somebody(office, "nurse"))
    assert (await sign_in(client, mine)).status_code == 201
    await client.delete("/sessions/current")


def problems(method, path, status, headers):
    """What is not as it must be in one answer."""
    said, where = dict(headers), f"{method} {path} {status}"
    names = [name for name, _ in headers if name != "set-cookie"]
    wrong = [f"{name}: {said.get(name)}" for name, value in EXACTLY.items() if said.get(name) != value]
    wrong += [f"{name} twice" for name in set(names) if names.count(name) > 1]
    wrong += [f"policy: {one}" for one in policy_faults(said.get("content-security-policy", ""))]
    wrong += [f"{one} is allowed" for one in ("camera", "geolocation", "microphone") if f"{one}=()" not in said.get("permissions-policy", "")]
    wrong += [name for name in ("server", "x-powered-by") if name in said]
    wrong += [f"cookie: {one}" for name, one in headers if name == "set-cookie" and cookie_faults(one)]
    strict = re.fullmatch(r"max-age=(\d+); includeSubDomains(; preload)?", said.get("strict-transport-security", ""))
    if settings.secure and not (strict and int(strict[1]) >= YEAR_S):
        wrong.append("not strictly by https")
    return [f"{where}: {one}" for one in wrong]


def locked(page):
    """What a page tells htmx about what is locked."""
    said = re.findall(r"""<meta name="htmx-config" content='([^']*)'>""", page)
    return {name: value for name, value in json.loads(said[0]).items() if name in LOCKED} if len(said) == 1 else None


def policy_faults(policy):
    """What a policy leaves open: nothing by default, scripts and styles from here only, no exceptions."""
    parts = [part.split() for part in policy.split(";")]
    said = {part[0]: part[1:] for part in parts if part}
    open_ = [name for name in NOBODY if said.get(name) != ["'none'"]] + [name for name in OURSELVES if said.get(name) != ["'self'"]]
    open_ += [name for name in said if name.endswith("-src") and name not in {*OURSELVES, "default-src", "img-src"}]
    loose = [word for words in said.values() for word in words if "unsafe" in word or "*" in word or "http" in word or "data:" in word]
    typed = said.get("require-trusted-types-for") == ["'script'"] and said.get("trusted-types") == ["naober", "default"]
    return open_ + loose + ([] if typed else ["trusted types"]) + (["a directive twice"] if len(said) != len(parts) else [])


def cookie_faults(cookie):
    """A cookie is for this host, out of reach of scripts, and stays away when another site asks."""
    name, *wanted = (cookie.partition("=")[0], "httponly", "samesite=strict", "path=/", *(["secure"] if settings.secure else []))
    said = {part.strip().lower() for part in cookie.split(";")[1:]}
    sound = set(wanted) <= said and not any(part.startswith("domain") for part in said)
    return not sound or name.startswith("__Host-") != settings.secure


def test_every_answer_is_dressed_where_people_come_by_https_too():
    command = [sys.executable, "-m", "pytest", "-q", __file__, "-k", "not https"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "NAOBER_ORIGIN": HTTPS}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    "harm",
    [
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'"), ("default-src 'none'", "default-src 'self'"), ("; form-action 'none'", ""),
        ("style-src 'self'", "style-src 'self' https://evil.example"), ("img-src 'self'", "img-src *"), ("; trusted-types naober default", ""),
        ("default-src 'none'", "default-src 'none'; default-src *"), ("; require-trusted-types-for 'script'", ""),
    ],
)  # fmt: skip
def test_a_looser_policy_would_be_seen(harm):
    from server.door import POLICY  # noqa: PLC0415 - only here it is not read from an answer

    assert policy_faults(POLICY) == []
    assert policy_faults(POLICY.replace(*harm)) != []


@pytest.mark.parametrize("part", ["HttpOnly; ", "SameSite=strict; ", "Path=/; "])
def test_a_looser_cookie_would_be_seen(part):
    cookie = f"{'__Host-' if settings.secure else ''}naober=x; HttpOnly; SameSite=strict; Path=/; Secure"
    assert not cookie_faults(cookie)
    assert cookie_faults(cookie.replace(part, ""))
    assert cookie_faults(cookie + "; Domain=example.nl")


@pytest.mark.parametrize(
    "line",
    [
        *('<b hx-on:click="x">', "<b hx-vals='js:{}'>", '<b hx-confirm="js:x">', '<b hx-trigger="click[x]">', '<b style="x">', '<b onclick="x">'),
        *('<b hx-ext="x">', "{{ x|safe }}", "{{ x | safe }}", "{% autoescape false %}", '<iframe src="x">', '<a href="javascript:x">', "<style>x"),
        *("<script>x", '<b data-hx-get="x">', "one.innerHTML = x", "one.insertAdjacentHTML('x', y)", "eval(x)", "new Function(x)"),
    ],
)
def test_the_rules_of_the_house_see_what_the_policy_forbids(line):
    rules = test_tidy.BANNED_IN_TEMPLATES | test_tidy.BANNED_IN_SCRIPTS | test_tidy.BANNED_OUTSIDE_TRUSTED
    assert any(re.search(pattern, line) for pattern in rules)
