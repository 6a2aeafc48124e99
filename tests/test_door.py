"""The door: nobody else's page changes anything here, every answer goes out dressed, and the log line says nothing about anybody."""

from __future__ import annotations

import asyncio
import io
import json
import logging

import pytest

from server import bodies, door
from server.config import settings
from tests import desk

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ALWAYS = {
    "content-security-policy": door.POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin", "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp",
}  # fmt: skip
ELSEWHERE = "https://evil.example"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    desk.stopped(monkeypatch)


@pytest.fixture
async def browser(office, client):
    return await desk.signed_in(client, await desk.somebody(office, "lead"))


def bare(client, *names):
    """The client without these of its usual headers."""
    for name in names:
        del client.headers[name]
    return client


def addresses():
    """Every address, with something in its places, and its methods."""
    from server.app import litestar  # noqa: PLC0415 - as in conftest

    for route in litestar.routes:
        path = route.path
        for place in ("{token:str}", "{person:str}", "{record:str}", "{device:str}", "{key:str}", "{name:str}", "{rest:path}"):
            path = path.replace(place, "x")
        yield path, sorted(getattr(route, "methods", ()))


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize(
    "said",
    [
        {}, {"Origin": ELSEWHERE}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": ""},
        {"Origin": settings.origin, "Sec-Fetch-Site": "cross-site"}, {"Origin": ELSEWHERE, "Sec-Fetch-Site": "same-origin"},
        {"Origin": settings.origin + ".evil.example"}, {"Origin": settings.origin.replace("http:", "https:")}, {"Sec-Fetch-Site": "SAME-ORIGIN"},
    ],
)  # fmt: skip
async def test_a_change_from_another_site_is_refused(browser, method, said):
    bare(browser, "origin", "sec-fetch-site")
    for path, _ in addresses():
        response = await browser.request(method, path, headers={**said, "Content-Type": "text/plain"}, content=b"{}")
        assert (response.status_code, response.json()["error"]["code"]) == (403, "cross_site")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json", None])
async def test_a_form_of_another_site_is_refused_whatever_it_sends(browser, kind):
    """What a page can send elsewhere without asking first; with a cookie that came along although it must not."""
    bare(browser, "origin", "sec-fetch-site")
    said = {"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", **({"Content-Type": kind} if kind else {})}
    for path, methods in addresses():
        for method in {"POST", *methods} - door.SAFE:
            response = await browser.request(method, path, headers=said, content=b"name=Mo&role=nurse")
            assert (response.status_code, response.json()["error"]["code"]) == (403, "cross_site")
    assert (await browser.get("/me", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


@pytest.mark.parametrize("said", [{"Origin": settings.origin}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
async def test_a_change_from_our_own_page_goes_in(browser, said):
    bare(browser, "origin", "sec-fetch-site")
    assert (await browser.delete("/sessions/current", headers=said)).status_code == 204


async def test_every_answer_has_our_headers_and_only_assets_may_be_kept(browser):
    statuses = set()
    for path, methods in addresses():
        if path == "/news":  # a stream that does not end
            continue
        for method in {*methods, "GET", "HEAD", "OPTIONS", "DELETE"}:
            response = await browser.request(method, path)
            said = response.headers
            statuses.add(response.status_code)
            assert {name: said[name] for name in ALWAYS} == ALWAYS
            kept = response.status_code == 200 and path in {"/shell", "/sw.js", "/l", "/link_worker.js", "/manifest.webmanifest", *phone_paths()}
            assert said["cache-control"] == ("no-cache" if kept else "no-store"), (method, path, response.status_code)
            assert "server" not in said
    assert {200, 303, 404, 405} <= statuses
    assert max(statuses) < 500


def phone_paths():
    from server.assets import first_folders  # noqa: PLC0415 - it bundles the phone

    return {path for folder in first_folders() for path in (f"/{folder}", f"/{folder}/x")}


async def test_what_is_not_there_not_allowed_or_too_large_is_dressed_too(browser):
    said = [await browser.get("/nowhere"), await browser.patch("/sync"), await browser.post("/sync", content=b" " * (bodies.MIB + 1))]
    assert [one.status_code for one in said] == [404, 405, 415]
    said.append(await browser.post("/sync", content=b" " * (bodies.MIB + 1), headers={"Content-Type": "application/json"}))
    assert said[-1].status_code == 413
    for response in said:
        assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
        assert response.headers["cache-control"] == "no-store"
        assert set(response.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize(
    "path", ["/%00", "/households/%00", "/%ff", "/review/%ed%a0%80", "/x?language=%00", "/x?%ff=%ff", "/sign-in?language=%ed%a0%80&to=%00"]
)
async def test_an_address_that_is_no_text_is_no_error(browser, path):
    response = await browser.get(path)
    assert response.status_code < 500


async def test_a_hundred_and_one_headers_are_too_many(browser):
    assert (await browser.get("/health", headers={f"x-{i}": "1" for i in range(101)})).status_code == 400
    assert (await browser.get("/health", headers={"x-name": b"\xff"})).status_code == 400


@pytest.fixture
def written():
    """What goes to the log, line by line."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(door.AsJson())
    level = door.log.level
    door.log.setLevel(logging.INFO)
    door.log.addHandler(handler)
    yield handler.stream.getvalue
    door.log.removeHandler(handler)
    door.log.setLevel(level)


async def test_a_log_line_names_the_route_and_nothing_about_anybody(office, browser, written):
    secret = "Geheim"
    house = desk.STRANGER
    await browser.post("/sync", json={"format": 1, "device": secret, "changes": [secret]}, headers={"User-Agent": secret, "X-Secret": secret})
    await browser.get(f"/households/{house}?q={secret}")
    await browser.get(f"/review/{house}")
    await browser.get(f"/{secret}")
    lines = [json.loads(line) for line in written().splitlines()]
    assert [line["event"] for line in lines] == ["answered"] * 4
    assert all(set(line) == {"at", "level", "event", "method", "route", "status", "ms"} for line in lines)
    assert lines[0]["route"] == "/sync"
    for hidden in (secret, house, *browser.cookies.values()):
        assert hidden not in written()


async def test_a_fault_is_logged_by_its_type_and_answered_in_the_one_shape(client, written, monkeypatch):
    async def broken(*_):
        raise ValueError("Mo heeft pijn")

    made = door.Door(broken)
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []}
    await made(scope, None, send)
    assert sent[0]["status"] == 503
    assert set(json.loads(sent[1]["body"])["error"]) == {"code", "message", "fields"}
    assert "Mo heeft pijn" not in written()
    assert "ValueError" in written()


async def test_an_error_after_the_answer_began_does_not_begin_it_again(written):
    async def broken(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []}
    await door.Door(broken)(scope, None, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def dribbled(app, *parts, path="/sessions"):
    """The status and the answer to somebody who sends so much of a body, and then nothing more."""
    sent, left = [], list(parts)

    async def receive():
        if not left:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": left.pop(0), "more_body": True}

    async def send(message):
        sent.append(message)

    headers = [(b"origin", settings.origin.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "root_path": "", "state": {}}
    async with asyncio.timeout(5):
        await app(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def test_who_sends_a_body_drop_by_drop_is_told_so_and_holds_nobody_up(client, monkeypatch):
    monkeypatch.setattr(door, "BODY_S_MAX", 0.2)
    slow = asyncio.gather(*(dribbled(client._transport.app, *([b'{"'] * n)) for n in range(100)))
    assert (await client.get("/ready")).status_code == 200
    for status, said in await slow:
        assert (status, said["error"]["code"]) == (408, "slow")


async def test_who_listens_once_their_question_is_whole_may_do_so_for_as_long_as_they_like(monkeypatch):
    monkeypatch.setattr(door, "BODY_S_MAX", 0.02)
    heard, coming = [], [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive():
        if heard:
            await asyncio.sleep(0.1)
        return coming.pop(0)

    async def inside(_scope, receive, _send):
        heard.extend([await receive(), await receive()])

    await door.Door(inside)({"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []}, receive, None)
    assert [one["type"] for one in heard] == ["http.request", "http.disconnect"]


async def test_what_is_no_request_goes_straight_through():
    seen = []

    async def inside(scope, _receive, _send):
        seen.append(scope["type"])

    await door.Door(inside)({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]
