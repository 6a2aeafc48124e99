"""Errors: one shape, in the reader's words, that says what to do; whatever is sent, it is never a 500."""

from __future__ import annotations

import gzip
import logging
import re
from pathlib import Path

import httpx
import pytest

from server import db, i18n, sessions
from server.config import settings
from tests import desk

ROOT = Path(__file__).parent.parent
JSON = {"Content-Type": "application/json"}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def nurse(office, client):
    return await desk.signed_in(client, await desk.somebody(office))


def told(answer):
    """(status, code) of an answer in the one shape."""
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]
    assert all(set(field) == {"field", "why", "message"} and field["message"] for field in error["fields"])
    return answer.status_code, error["code"]


def test_every_refusal_in_the_code_has_words_in_both_languages():
    code = "".join(path.read_text("utf-8") for path in (ROOT / "server").glob("*.py"))
    codes = set(re.findall(r'refused\(\w+, "(\w+)"', code)) | {"invitation_used", "invitation_expired", "invitation_waiting"}
    whys = set(re.findall(r'refused\([^()]*\(\w+|"[\w.]+", "(\w+)"\)', code)) & {"not_allowed", "required", "type", "too_long", "unknown"}
    for language in i18n.LANGUAGES:
        known = i18n.read(language)
        wanted = [*(f"error.{one}" for one in sorted(codes)), *(f"why.{one}" for one in sorted(whys))]
        missing = [one for one in wanted if one not in known]
        assert not missing, f"give these words in server/messages/{language}.json: {missing}"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"content": b"{}"}, (415, "content_type")),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, (415, "content_type")),
        ({"content": b"{}", "headers": {**JSON, "Content-Encoding": "br"}}, (415, "content_encoding")),
        ({"content": b"not gzip", "headers": {**JSON, "Content-Encoding": "gzip"}}, (400, "bad_gzip")),
        ({"content": gzip.compress(b" " * 2_000_000), "headers": {**JSON, "Content-Encoding": "gzip"}}, (413, "too_large")),
        ({"content": b" " * 1_100_000, "headers": JSON}, (413, "too_large")),
        ({"content": b"\xff\xfe", "headers": JSON}, (400, "bad_text")),
        ({"content": b"", "headers": JSON}, (400, "bad_json")),
        ({"content": b"{", "headers": JSON}, (400, "bad_json")),
        ({"content": b"[" * 100_000, "headers": JSON}, (400, "too_deep")),
        ({"content": b'{"a":' * 5000 + b"1" + b"}" * 5000, "headers": JSON}, (400, "too_deep")),
        ({"content": b"[]", "headers": JSON}, (400, "invalid")),
        ({"content": b"null", "headers": JSON}, (400, "invalid")),
        ({"content": b'{"format":1}', "headers": JSON}, (400, "invalid")),
        ({"content": b'{"format":1,"device":"x","hello":1}', "headers": JSON}, (400, "invalid")),
        ({"content": b'{"format":1,"device":"\\u0000","changes":[]}', "headers": JSON}, (409, "device")),
        ({"content": b'{"format":1,"device":"\\ud800","changes":[]}', "headers": JSON}, (409, "device")),
        ({"content": b'{"format":1e400,"device":"x"}', "headers": JSON}, (400, "invalid")),
    ],
)
async def test_a_bad_body_is_told_what_it_is(nurse, sent, expected):
    assert told(await nurse.post("/sync", **sent)) == expected


async def test_a_wrong_field_is_named_with_its_why(nurse):
    error = (await nurse.put("/me", json={"language": "fr", "word": "client"})).json()["error"]
    assert error["fields"] == [{"field": "language", "why": "not_allowed", "message": "Dit mag hier niet."}]
    error = (await nurse.put("/me", json={"tongue": "nl"})).json()["error"]
    assert error["fields"] == [{"field": "tongue", "why": "unknown", "message": "Dit veld kent het kantoor niet."}]


async def test_the_words_are_in_the_readers_language(office, client, nurse):
    await desk.run(office, "UPDATE person SET language = 'en'")
    assert (await nurse.put("/me", json={"x": 1})).json()["error"]["message"] == "Something is not right here. Check it and try again."
    stranger = await client.get("/me", headers={"Accept-Language": "en-GB,nl;q=0.5"})
    assert told(stranger) == (401, "signed_out")
    assert stranger.json()["error"]["message"].startswith("You are not signed in.")


async def test_what_is_not_there_and_what_cannot_be_done(client):
    assert told(await client.get("/nowhere")) == (404, "not_found")
    wrong = await client.delete("/sync")
    assert told(wrong) == (405, "method")
    assert "POST" in wrong.headers["allow"]


async def test_a_reader_of_pages_gets_a_page(client):
    page = await client.get("/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<html" in page.text
    assert "Dit is er niet, of het is niet voor jou." in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "hx-retarget" not in page.headers


async def test_a_part_of_a_page_gets_a_line_above_what_somebody_was_doing(client):
    part = await client.post("/people", headers={"HX-Request": "true", "Accept": "text/html", "HX-Request-Type": "partial"}, data={"name": "x"})
    assert part.status_code == 401
    assert part.headers["hx-retarget"] == part.headers["hx-reselect"] == "#trouble"
    assert re.search(r'id="trouble"[^>]*role="alert">Je bent niet ingelogd', part.text)
    assert part.headers["hx-push-url"] == "false"


async def test_a_database_that_does_not_answer_is_a_503_to_be_tried_again(nurse, monkeypatch):
    async def gone(_):
        raise db.UnavailableError("gone")

    monkeypatch.setattr(db, "read", gone)
    answer = await nurse.get("/me")
    assert told(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_a_fault_of_ours_is_a_503_and_a_log_line_without_content(nurse, monkeypatch, caplog):
    async def broken(_):
        raise ValueError("the note of Annie de Wit")

    monkeypatch.setattr(logging.getLogger("naober"), "propagate", True)
    monkeypatch.setattr(sessions, "session_from", broken)
    answer = await nurse.get("/me")
    assert told(answer) == (503, "failed")
    assert "Annie" not in answer.text
    assert "Annie" not in caplog.text
    assert re.search(r"unexpected ValueError at sessions:\d+", caplog.text)


async def test_too_many_at_once_says_when_to_come_back(client, monkeypatch):
    monkeypatch.setattr("server.passkeys.CHALLENGES_MAX", 0)
    answer = await client.post("/sessions/challenges")
    assert told(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "60"


PATHS = [
    *("/me", "/review", "/roster", "/review/{}", "/held", "/people", "/devices", "/vouching", "/vouchings", "/invitations/{}"),
    *("/sign-in", "/demo", "/demo/{}", "/assets/{}", "/{}", "/households/{}"),
]
ODD = ["%00", "%FF%FE", "%ED%A0%80", "a" * 5000, "..%2f..%2f", "%F0%9F%8E%89", "'%22--", "{}", "%0d%0aX-Evil:1"]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
async def test_no_address_cookie_or_header_makes_it_fall_over(office, client, odd):
    lead = await desk.signed_in(client, await desk.somebody(office, "lead"))
    assert (await client.get("/me", headers={"Cookie": f"{sessions.COOKIE}={odd[:80]}"})).status_code == 401
    for path in PATHS:
        for address in (path.format(odd), f"{path.format('x')}?language={odd}&to={odd}&kind={odd}&shown={odd}&open={odd}"):
            for method in ("GET", "POST", "PUT", "DELETE"):
                headers = {"Accept-Language": odd[:200], "User-Agent": odd[:200], "If-None-Match": odd[:99]}
                answer = await lead.request(method, address, headers=headers)
                assert answer.status_code < 500, f"{method} {address}: {answer.status_code}"
                assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff=\xfe&name=%00&name=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"a=1&" * 50_000, "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="op"; filename="\x00"\r\n\r\n1\r\n--x--\r\n', "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"[", "application/json"),
        (b"\x00\x01", "application/octet-stream"),
        (b"\x00\x01", "nonsense"),
    ],
)
async def test_no_form_makes_it_fall_over(office, client, content, kind):
    lead = await desk.signed_in(client, await desk.somebody(office, "lead"))
    posts = ("/people", "/review/readings", f"/held/{desk.STRANGER}/return", "/sessions")
    for method, path in (*(("POST", path) for path in posts), ("PUT", f"/review/{desk.STRANGER}/reading")):
        answer = await lead.request(method, path, content=content, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text[:200]}"


@pytest.mark.parametrize("path", ["/review/\ud800", "/\ud800", "/review/a\x00b", "/invitations/\udfff"])
async def test_no_raw_path_makes_it_fall_over(client, path):
    assert await _raw(client, path=path) < 500


@pytest.mark.parametrize("header", [(b"cookie", b"\xff\xfe=\x00"), (b"accept-language", b"\xff"), (b"host", b"\xff"), (b"x\xff", b"1")])
async def test_no_raw_header_makes_it_fall_over(client, header):
    assert await _raw(client, headers=[header]) < 500


@pytest.mark.parametrize("query", [b"\xff", b"a=%", b"language=%FF", b"&&&===", b"a=1&" * 5000])
async def test_no_raw_query_makes_it_fall_over(client, query):
    assert await _raw(client, path="/sign-in", query_string=query) < 500


async def _raw(client: httpx.AsyncClient, **odd: object) -> int:
    """The status of a request that no client would send."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/", "raw_path": b"/",
        "query_string": b"", "root_path": "", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}, **odd,
    }  # fmt: skip
    said: list[int] = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        said.extend([message["status"]] if message["type"] == "http.response.start" else [])

    await client._transport.app(scope, receive, send)
    return said[0]


async def test_another_sites_page_changes_nothing(office, client):
    ilse = await desk.somebody(office, "lead")
    lead = await desk.signed_in(client, ilse)
    form = {"op": desk.new(), "name": "Tess", "team": ilse.team.id, "role": "nurse"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = await lead.post("/people", data=form, headers={"Origin": settings.origin, "Sec-Fetch-Site": "same-origin"} | headers)
        assert told(answer)[0] == 403
    assert await desk.rows(office, "SELECT count(*) FROM person") == [(1,)]
    assert answer.json()["error"]["message"].startswith("Dit verzoek kwam van een andere site.")
