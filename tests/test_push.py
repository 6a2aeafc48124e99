"""Messages to phones: sealed as the RFCs say, brought to push services and nowhere else, and brought again when nobody took them."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from server import couriers, encryption, push, subscriptions
from server.config import settings
from server.couriers import Answer, Courier
from tests import desk
from tests.desk import NOW
from tests.pusher import Browser, Service, opened

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
MINUTE_MS = 60_000


def private(text):
    return derive_private_key(int.from_bytes(base64url_to_bytes(text)), SECP256R1())


@pytest.fixture
async def service(tmp_path, monkeypatch):
    async with Service(tmp_path) as there:
        monkeypatch.setenv("SSL_CERT_FILE", there.environment["SSL_CERT_FILE"])
        monkeypatch.setattr(couriers, "settings", dataclasses.replace(settings, push_hosts=(there.host,)))
        yield there


@pytest.fixture
async def waiting(office, clock, service):
    """A volunteer who wants to be reminded on their phone, and one message on its way there."""
    gerrit, browser = await desk.somebody(office, "volunteer", name="Gerrit"), Browser()
    me = await desk.worn(office, gerrit)
    given = subscriptions.Subscription(**browser.given(service.at("gerrit")))
    await office.write(lambda tx: subscriptions.keep(tx, me, given, NOW))
    await office.write(lambda tx: push.tell(tx, gerrit.person, desk.new(), NOW, NOW))
    return SimpleNamespace(office=office, clock=clock, service=service, gerrit=gerrit, browser=browser)


async def left(office):
    return await desk.rows(office, "SELECT tries, due_at, claimed_at FROM push")


def test_a_message_is_sealed_as_in_the_example_of_rfc_8291():
    auth, browser = base64url_to_bytes("BTBZMqHH6r4Tts7J_aSIgg"), private("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    point = base64url_to_bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    text, salt = b"When I grow up, I want to be a watermelon", base64url_to_bytes("DGv6ra1nlYgDCS1FRnbzlw")
    made = encryption.sealed(text, point, auth, private=private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), salt=salt)
    assert bytes_to_base64url(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXzt"
        "LVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert opened(encryption.sealed(text, point, auth), browser, auth) == text
    assert encryption.sealed(text, point, auth) != encryption.sealed(text, point, auth)


async def test_the_office_says_who_it_is_as_rfc_8292_wants(office):
    own = await office.write(subscriptions.own_key)
    assert encryption.point_of(await office.write(subscriptions.own_key)) == encryption.point_of(own)
    word = encryption.authorization(own, "https://push.example.nl", settings.origin, NOW)
    said, _, key = word.removeprefix("vapid t=").partition(", k=")
    header, claims, signature = map(base64url_to_bytes, said.split("."))
    assert json.loads(header) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(claims) == {"aud": "https://push.example.nl", "exp": NOW // 1000 + 12 * 3600, "sub": settings.origin}
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64url_to_bytes(key))
    public.verify(der, said.rpartition(".")[0].encode(), ECDSA(SHA256()))


@pytest.mark.parametrize("address", [
    "https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x",
    "https://wns2-am3p.notify.windows.com/w/?token=x", "https://web.push.apple.com/x", "https://fcm.googleapis.com:443/x",
])  # fmt: skip
def test_messages_may_be_brought_to_what_browsers_use(address):
    assert couriers.allowed(address)


@pytest.mark.parametrize("address", [
    "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.example/x", "https://evilfcm.googleapis.com.example/x",
    "https://fcm.googleapis.com@evil.example/x", "https://evil.example/?fcm.googleapis.com", "https://evil.example#fcm.googleapis.com",
    "https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:x/x",
    "https://notfcm.googleapis.com/x", "https://fcm.googleapis.com/x\r\nHost: evil.example", "https://fcm.googleapis.com/ x", "", "https://",
    "https://fcm.googleapis.com/" + "x" * 1001, "ftp://fcm.googleapis.com/x", "https://evil.example\\.push.apple.com/x",
])  # fmt: skip
async def test_messages_are_brought_nowhere_else(address):
    assert not couriers.allowed(address)
    async with Courier() as courier:
        assert await courier.post(address, {}, b"") is None


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.1",
])  # fmt: skip
async def test_a_name_of_a_push_service_that_leads_into_a_network_of_ours_is_refused(address, monkeypatch):
    async def lies(*_, **__):
        return [(2, 1, 6, "", (address, 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lies)
    with pytest.raises(OSError, match="no address of the internet"):
        await couriers._address("web.push.apple.com", "web.push.apple.com", 443)


async def test_a_message_says_that_there_is_something_and_nothing_more(waiting):
    await push.hand_over()
    ((path, headers, body),) = waiting.service.asked
    assert path == "gerrit"
    assert waiting.browser.opened(body) == {"language": "nl", "n": NOW // MINUTE_MS}
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "43200", "normal")
    assert len(headers["topic"]) == 32
    assert await left(waiting.office) == []


@pytest.mark.parametrize(("said", "after_ms"), [
    (b"HTTP/1.1 429 Slow\r\nRetry-After: 300\r\nContent-Length: 2\r\n\r\nno", 300_000),
    (b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n", MINUTE_MS),
    (b"HTTP/1.1 500 Oh\r\nRetry-After: 999999\r\nConnection: close\r\n\r\n", 6 * 60 * MINUTE_MS), (b"what?\r\n\r\n", MINUTE_MS), (b"", MINUTE_MS),
])  # fmt: skip
async def test_what_nobody_took_is_brought_again_when_the_service_wants_it(waiting, said, after_ms, monkeypatch):
    monkeypatch.setattr(couriers, "TIME_S_MAX", 0.3)
    waiting.service.says = lambda path, nth: said if nth == 0 else CREATED
    await push.hand_over()
    assert await left(waiting.office) == [(1, NOW + after_ms, None)]
    waiting.clock.at = NOW + after_ms - 1
    await push.hand_over()
    assert len(waiting.service.asked) == 1
    waiting.clock.at = NOW + after_ms
    await push.hand_over()
    assert (len(waiting.service.asked), await left(waiting.office)) == (2, [])
    assert len(waiting.service.kept) == 1


async def test_a_service_that_is_away_holds_nobody_up(waiting):
    waiting.service.server.close()
    before = time.monotonic()
    await push.hand_over()
    assert time.monotonic() - before < 5
    assert await left(waiting.office) == [(1, NOW + MINUTE_MS, None)]


@pytest.mark.parametrize("status", [404, 410])
async def test_where_nobody_is_any_more_nothing_is_brought_again(waiting, status):
    waiting.service.says = lambda *_: b"HTTP/1.1 %d Gone\r\nContent-Length: 0\r\n\r\n" % status
    await push.hand_over()
    assert await left(waiting.office) == []
    assert await desk.rows(waiting.office, "SELECT * FROM subscription") == []


@pytest.mark.parametrize("status", [301, 307, 400, 401, 413])
async def test_what_is_refused_for_good_is_dropped_and_a_redirect_is_not_followed(waiting, status):
    away = b"HTTP/1.1 %d No\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, waiting.service.at("elsewhere").encode())
    waiting.service.says = lambda *_: away
    await push.hand_over()
    assert [path for path, *_ in waiting.service.asked] == ["gerrit"]
    assert await left(waiting.office) == []
    assert len(await desk.rows(waiting.office, "SELECT * FROM subscription")) == 1


async def test_a_message_that_is_too_late_is_not_brought(waiting):
    waiting.clock.at = NOW + push.LIFE_MS
    await push.hand_over()
    assert (waiting.service.asked, await left(waiting.office)) == ([], [])


async def test_what_another_process_has_in_hand_is_left_to_it_for_a_while(waiting):
    taken = await waiting.office.write(lambda tx: push.take(tx, "another", NOW))
    assert len(taken) == 1
    await push.hand_over()
    assert waiting.service.asked == []
    waiting.clock.at = NOW + push.IN_HAND_MS
    await push.hand_over()
    assert len(waiting.service.asked) == 1


async def test_lines_are_used_again(waiting):
    for _ in range(50):
        await waiting.office.write(lambda tx: push.tell(tx, waiting.gerrit.person, desk.new(), NOW, NOW))
    await push.hand_over()
    assert len(waiting.service.asked) == len(waiting.service.kept) == 51
    assert waiting.service.lines <= push.TOGETHER


async def test_an_answer_without_end_is_not_read(waiting):
    waiting.service.says = lambda *_: b"HTTP/1.1 201 Created\r\nX: " + b"x" * 100_000
    await push.hand_over()
    assert (await left(waiting.office))[0][0] == 1


async def test_a_date_to_come_back_at_is_understood():
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
    assert 90 <= couriers._seconds(soon) <= 100
    assert [couriers._seconds(text) for text in ("120", "", "soon", "-5")] == [120, None, None, None]
    assert Answer(201) == Answer(201, None)


# The addresses


async def test_i_am_reminded_on_this_phone_until_i_say_otherwise(office, client, clock, service):
    me = await desk.somebody(office, "volunteer")
    browser = await desk.signed_in(client, me)
    before = (await browser.get("/me/subscription")).json()
    assert before["on"] is False
    assert encryption.is_point(base64url_to_bytes(before["key"]))
    for _ in range(2):
        assert (await browser.put("/me/subscription", json=Browser().given(service.at("x")))).status_code == 204
    assert (await browser.get("/me/subscription")).json() == {**before, "on": True}
    assert await desk.rows(office, "SELECT count(*) FROM subscription") == [(1,)]
    for _ in range(2):
        assert (await browser.delete("/me/subscription")).status_code == 204
    assert (await browser.get("/me/subscription")).json() == before


async def test_of_two_people_with_one_browser_the_last_one_is_reminded(office, client, clock, service):
    first, second = [await desk.somebody(office, "volunteer") for _ in range(2)]
    for one in (first, second):
        await (await desk.signed_in(client, one)).put("/me/subscription", json=Browser().given(service.at("x")))
    assert await desk.rows(office, "SELECT person FROM subscription") == [(second.person,)]


@pytest.mark.parametrize("wrong", [
    {"endpoint": "https://evil.example/x"}, {"endpoint": ""}, {"point": "x"}, {"point": "é"}, {"point": "BA" + "A" * 85},
    {"auth": "x"}, {"auth": "A" * 200},
])  # fmt: skip
async def test_what_is_no_subscription_is_refused(office, client, clock, service, wrong):
    browser = await desk.signed_in(client, await desk.somebody(office))
    answer = await browser.put("/me/subscription", json={**Browser().given(service.at("x")), **wrong})
    assert (answer.status_code, [one["field"] for one in answer.json()["error"]["fields"]]) == (400, list(wrong))


@pytest.mark.parametrize("sql", [
    "UPDATE device SET revoked_at = 1", "UPDATE device SET emptied_at = 1", "UPDATE person SET left_at = 1", "DELETE FROM subscription",
])  # fmt: skip
async def test_who_left_their_phone_is_not_reminded_on_it(waiting, sql):
    assert await waiting.office.read(lambda tx: subscriptions.devices(tx, waiting.gerrit.person)) == [waiting.gerrit.device]
    await desk.run(waiting.office, sql)
    assert await waiting.office.read(lambda tx: subscriptions.devices(tx, waiting.gerrit.person)) == []
