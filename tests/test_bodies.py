"""What comes in: hostile bytes are answered with a no in one shape, never with an error, and spoil no more than themselves."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
import zlib

import msgspec
import pytest
from litestar.exceptions import ClientException

from server import bodies
from tests import desk

JSON = {"Content-Type": "application/json"}
GZIP = {**JSON, "Content-Encoding": "gzip"}
MIB = bodies.MIB


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    a: int


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    a: int
    b: list[Inner] = []


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    desk.stopped(monkeypatch)


@pytest.fixture
async def phone(office, client):
    return await desk.phone(client, await desk.somebody(office, "nurse"))


async def post(phone, body, headers=JSON, path="/sync"):
    """(status, code) of an answer in the one shape, given within a second."""
    since = time.monotonic()
    response = await phone.client.post(path, content=body, headers=headers)
    assert time.monotonic() - since < 1
    if response.status_code == 200:
        return 200, None
    error = response.json()["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]
    assert error["message"] != error["code"]
    assert all(set(one) == {"field", "why", "message"} for one in error["fields"])
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, error["code"]


async def said_of(phone, *sent):
    """What becomes of changes, beside one that is fine."""
    body = json.dumps(phone.asks(*sent)).encode()
    response = await phone.client.post("/sync", content=body, headers=JSON)
    assert response.status_code == 200, response.text
    return desk.said(response.json()["results"])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"])
async def test_only_json_is_read_as_json(phone, kind):
    body = json.dumps(phone.asks()).encode()
    assert await post(phone, body, {"Content-Type": kind}) == (415, "content_type")
    assert await post(phone, body, {"Content-Type": "Application/JSON ; charset=utf-8"}) == (200, None)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x"])
async def test_only_gzip_is_unpacked(phone, encoding):
    assert await post(phone, b"{}", {**JSON, "Content-Encoding": encoding}) == (415, "content_encoding")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"), (b"{", "bad_json"), (b"nul", "bad_json"), (b'{"format":01}', "bad_json"), (b'{"format":1}{}', "bad_json"),
        (b"[]", "invalid"), (b"null", "invalid"), (b"1", "invalid"), (b'"x"', "invalid"),
        (b'{"format":"1","device":"x"}', "invalid"), (b'{"device":"x"}', "invalid"),
        (b'{"format":1,"device":"x","role":"lead"}', "invalid"), (b'{"format":1e999,"device":"x"}', "invalid"), (b'{"format":NaN}', "invalid"),
        (b'{"format":' + b"9" * 5000 + b"}", "bad_json"),
        (b'{"format":' + b"9" * 400 + b',"device":"x"}', "format"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        (b'{"format":1,"device":"\xff"}', "bad_text"), (b'{"\xc3\x28":1}', "bad_text"), (b"\x80", "bad_text"), (b"\xed\xa0\x80", "bad_text"),
        (b"[" * 40 + b"]" * 40, "too_deep"), (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"), (b"[" * 100_000, "too_deep"), (b"[{" * 5000, "too_deep"),
    ],
)  # fmt: skip
async def test_what_is_no_question_is_refused(phone, body, code):
    status, said = await post(phone, body)
    assert status == 400
    assert said in {code, "invalid", "bad_json"} if code in {"invalid", "bad_json"} else said == code


@pytest.mark.parametrize("path", ["/sync", "/sync/history", "/sessions"])
async def test_every_door_that_reads_json_reads_it_alike(phone, path):
    assert await post(phone, b"[" * 5000, path=path) == (400, "too_deep")
    assert await post(phone, b"\xff", path=path) == (400, "bad_text")
    assert await post(phone, b"x", {"Content-Type": "text/plain"}, path=path) == (415, "content_type")
    assert (await post(phone, b"{}", path=path))[0] == 400
    assert await post(phone, b" " * (MIB + 1), path=path) == (413, "too_large")


async def test_a_bomb_is_not_unpacked_further_than_a_mebibyte(phone):
    for size in (MIB + 1, 200 * MIB):
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packer.compress(b" " * MIB) for _ in range(size // MIB + 1)) + packer.flush()
        assert await post(phone, bomb, GZIP) == (413, "too_large")


async def test_a_mebibyte_is_read_and_a_byte_more_is_not(phone):
    body = json.dumps(phone.asks()).encode()
    assert await post(phone, body.ljust(MIB)) == (200, None)
    assert await post(phone, body.ljust(MIB + 1)) == (413, "too_large")
    assert await post(phone, gzip.compress(body.ljust(MIB)), GZIP) == (200, None)


@pytest.mark.parametrize("harm", [lambda b: b[:-1], lambda b: b[:-9], lambda b: b + b"x", lambda b: b + b, lambda b: b"x" + b, lambda b: b""])
async def test_a_packed_body_that_is_cut_or_longer_is_refused(phone, harm):
    packed = gzip.compress(json.dumps(phone.asks()).encode())
    assert await post(phone, packed, GZIP) == (200, None)
    assert await post(phone, harm(packed), GZIP) == (400, "bad_gzip")


async def test_a_hundred_thousand_names_are_one_refusal(phone):
    body = json.dumps({f"x{i}": 1 for i in range(80_000)}).encode()
    assert await post(phone, body) == (400, "invalid")
    change = {f"x{i}": 1 for i in range(60_000)}
    assert await post(phone, json.dumps(phone.asks(change)).encode()) == (200, None)


FORM = "application/x-www-form-urlencoded"
PART = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"a&" * (MIB // 2)), (FORM, b"&".join(b"a%d=" % i for i in range(100_000))), (FORM, b"name=" + b"%41" * 300_000), (FORM, b"&" * MIB),
        ("multipart/form-data; boundary=x", PART * (MIB // len(PART) - 1) + b"--x--"), ("multipart/form-data; boundary=x", b"--x\r\n" * (MIB // 6)),
    ],
)  # fmt: skip
async def test_a_form_of_any_number_of_names_is_refused_at_once_and_takes_no_room(office, client, kind, body):
    browser = await desk.signed_in(client, await desk.somebody(office, "lead"))
    for path in ("/people", "/review/readings", f"/held/{desk.STRANGER}/return"):
        tracemalloc.start()
        since = time.monotonic()
        response = await browser.post(path, content=body, headers={"Content-Type": kind})
        took, (_, peak) = time.monotonic() - since, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
        assert took < 1
        assert peak < 8 * MIB


async def test_half_a_character_spoils_one_change_and_not_the_others(office, phone):
    house = await desk.household(office, phone.me.team)
    half, fine = desk.note(phone.me, house, "Half: \ud83d"), desk.note(phone.me, house)
    odd = [half, {"\ud800": 1}, {**fine, "fields": {"\udfff": 1}}, "\ud800", *({**fine, name: "\ud800"} for name in ("id", "kind", "by"))]
    assert await said_of(phone, *odd, fine) == [("refused", "shape")] * 7 + [("stored", None)]


async def test_half_a_character_beside_the_changes_is_refused_or_nothing(phone):
    for name in ("device", "epoch", "cursor", "entitled"):
        body = json.dumps(phone.asks(**{name: "\ud800"})).encode()
        assert (await post(phone, body))[0] in {200, 400, 409}
    assert (await post(phone, json.dumps({**phone.asks(), "\ud800": 1}).encode()))[0] == 400


async def test_a_nul_a_huge_number_and_a_fraction_spoil_their_change_only(office, phone):
    house = await desk.household(office, phone.me.team)
    fine = desk.note(phone.me, house)
    odd = [
        desk.note(phone.me, house, "nul \0 nul"), {**fine, "seen": 10**30}, {**fine, "n": 1.5}, {**fine, "n": 2**63}, {**fine, "seen": -1},
        {**fine, "n": True}, {**fine, "id": "\0"}, {**fine, "subject": "resident:\0"}, {**fine, "stamp": "9" * 40},
    ]  # fmt: skip
    assert await said_of(phone, *odd, fine) == [("refused", "shape")] * 9 + [("stored", None)]


async def test_an_unknown_field_is_named(phone):
    response = await phone.client.post("/sync", json={**phone.asks(), "tenant": "x"})
    assert response.json()["error"]["fields"][0]["field"] == "tenant"
    response = await phone.client.post("/sync/history", json={"format": 1, "device": phone.me.device, "pairs": [], "tenant": "x"})
    assert response.json()["error"]["fields"][0]["field"] == "tenant"


async def test_what_is_refused_is_told_in_the_readers_language(phone, client):
    dutch = await client.post("/sync", json={})
    english = await client.post("/sync", json={}, headers={"Accept-Language": "en"})
    assert dutch.json()["error"]["code"] == english.json()["error"]["code"]
    assert dutch.json()["error"]["message"] != english.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b"[" * 32 + b"]" * 32, False), (b"[" * 33 + b"]" * 33, True), (b'["[[[[' + b"[" * 60 + b'"]', False), (b"[]" * 1000, False),
        (b'["\\"' + b"[" * 60 + b'"]', False), (b'{"a":[' * 16 + b"]}" * 16, False), (b'{"a":[' * 17 + b"]}" * 17, True),
    ],
)  # fmt: skip
def test_depth_counts_brackets_outside_of_texts(body, deep):
    assert bodies.too_deep(body) is deep


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"a":"x"}', ("a", "type")), (b'{"a":1,"c":1}', ("c", "unknown")), (b"{}", ("a", "required")), (b"[]", ("body", "type")),
        (b'{"a":1,"b":[{"a":"x"}]}', ("b[0].a", "type")), (b'{"a":1,"b":[{}]}', ("b[0].a", "required")),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_why(body, named):
    with pytest.raises(ClientException) as refusal:
        bodies.decoded(body, Shape)
    assert refusal.value.extra == [dict(zip(("field", "why"), named, strict=True))]
