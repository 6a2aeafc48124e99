"""A passkey's answer counts in the browser in which it was asked for, and in no other: what was asked for elsewhere signs in nobody."""

from __future__ import annotations

import httpx
import pytest

from server import sessions, visits
from tests import desk
from tests.authenticator import Authenticator, asked, enrol, enrolled, invited, question_of, sign_in


@pytest.fixture
async def person(office):
    return await desk.somebody(office, "nurse")


def another_browser(client):
    return httpx.AsyncClient(transport=client._transport, base_url=client.base_url, headers=client.headers)


async def test_signing_in_is_for_who_asked(office, client, person):
    mine = await enrolled(office, client, person)
    async with another_browser(client) as other:
        for theirs in (False, True):
            if theirs:
                await question_of(other)  # a visit of its own helps no more than none
            question = await question_of(client)
            assert (await sign_in(other, mine, question)).status_code == 401
            assert sessions.COOKIE not in other.cookies
            # It is spent: whoever asked asks again.
            assert (await sign_in(client, mine, question)).status_code == 401
    assert (await sign_in(client, mine)).status_code == 201


async def test_a_first_passkey_is_for_who_asked(office, client, person):
    token = await invited(office, person)
    question = await asked(client, token)
    made = Authenticator().make(question["options"])
    async with another_browser(client) as other:
        assert (await enrol(other, token, made, question["challenge"])).status_code == 400
    assert await desk.rows(office, "SELECT id FROM passkey") == []
    question = await asked(client, token)
    assert (await enrol(client, token, Authenticator().make(question["options"]), question["challenge"])).status_code == 201


async def test_a_second_passkey_is_for_who_asked(office, client, person):
    mine = await enrolled(office, client, person)
    assert (await sign_in(client, mine)).status_code == 201
    token = client.cookies[sessions.COOKIE]
    async with another_browser(client) as other:
        other.cookies.set(sessions.COOKIE, token)
        await question_of(other)

        async def shown():
            question = await question_of(client)
            return {"challenge": question["challenge"], "credential": mine.use(question["options"])}

        assert (await other.post("/passkeys/challenges", json=await shown())).status_code == 403
        question = (await client.post("/passkeys/challenges", json=await shown())).json()
        made = {"challenge": question["challenge"], "credential": Authenticator().make(question["options"])}
        assert (await other.post("/passkeys", json=made)).status_code == 403
        question = (await client.post("/passkeys/challenges", json=await shown())).json()
        made = {"challenge": question["challenge"], "credential": Authenticator().make(question["options"])}
        assert (await client.post("/passkeys", json=made)).status_code == 201


async def test_a_visit_begins_with_the_way_in_and_stays_the_same(client):
    first = await client.get("/sign-in")
    said = first.headers["set-cookie"]
    assert said.startswith(f"{visits.COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(said.split("; "))
    assert "Max-Age" not in said
    assert "set-cookie" not in (await client.get("/sign-in")).headers
    await question_of(client)
    assert client.cookies[visits.COOKIE] in said


@pytest.mark.parametrize("made_up", ["", "x", "é" * 22, "A" * 23, "A" * 21 + ";", '"'])
async def test_a_visit_that_nobody_began_is_begun_anew(client, made_up):
    async with another_browser(client) as other:
        response = await other.get("/sign-in", headers={"Cookie": f"{visits.COOKIE}={made_up}".encode()})
        assert f"{visits.COOKIE}=" in response.headers["set-cookie"]
