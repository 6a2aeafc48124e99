"""Invitations: a link that works once, within a day, for one person; used or expired it says so, and how to get another."""

from __future__ import annotations

import asyncio
import re

import pytest

from server import invitations, passkeys
from server.config import settings
from tests import authenticator, desk
from tests.desk import DAY_MS, NOW

UNKNOWN = "A" * 43

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def ilse(office):
    return await desk.somebody(office, "lead", name="Ilse")


@pytest.fixture
async def samira(office, ilse):
    return await desk.somebody(office, "nurse", ilse.team, name="Samira")


@pytest.fixture
async def lead(office, client, ilse):
    return await desk.signed_in(client, ilse)


async def invited(office, samira, by=None):
    return await office.write(lambda tx: invitations.create_invitation(tx, samira.person, by, NOW))


async def test_a_lead_gets_a_link_and_a_code_to_scan_once(office, lead, samira, ilse):
    made = await lead.post(f"/people/{samira.person}/invitations")
    assert made.status_code == 201
    (link,) = re.findall(r'value="([^"]+/invitations/[^"]+)"', made.text)
    assert link.startswith(settings.origin)
    assert "<svg" in made.text
    assert "morgen 11:00" in made.text
    assert await desk.log(office, "invited", "object", "person") == [(samira.person, ilse.person)]
    assert link.rpartition("/")[2] not in (await lead.get("/people")).text
    assert "uitgenodigd tot morgen 11:00" in (await lead.get("/people")).text


async def test_only_the_lead_of_their_team_invites_somebody(office, client, samira):
    other = await desk.signed_in(client, await desk.somebody(office, "lead", name="Karin"))
    nurse = await desk.signed_in(client, samira)
    for asking in (other, nurse):
        for person in (samira.person, desk.STRANGER, "nobody", "%00"):
            assert (await asking.post(f"/people/{person}/invitations")).status_code in {400, 404}
    assert (await client.post(f"/people/{samira.person}/invitations")).status_code == 401
    assert await desk.rows(office, "SELECT count(*) FROM invitation") == [(0,)]


async def test_the_page_welcomes_by_name_and_says_who_invited_and_as_what(office, client, samira, ilse):
    token = await invited(office, samira, ilse.person)
    page = await client.get(f"/invitations/{token}")
    assert page.status_code == 200
    for fact in ("Welkom bij Naober, Samira", "Ilse heeft je uitgenodigd.", "wijkverpleegkundige, Team", "Maak je passkey", f'data-token="{token}"'):
        assert fact in page.text
    assert "Welcome to Naober, Samira" in (await client.get(f"/invitations/{token}?language=en")).text


async def test_an_expired_invitation_says_so_and_whom_to_ask(office, client, samira, ilse, clock):
    token = await invited(office, samira, ilse.person)
    clock.at = NOW + DAY_MS
    page = await client.get(f"/invitations/{token}")
    assert page.status_code == 410
    assert "verlopen" in page.text
    assert "Vraag Ilse" in page.text
    assert "data-token" not in page.text
    refused = await client.post(f"/invitations/{token}/challenges")
    assert (refused.status_code, refused.json()["error"]["code"]) == (410, "invitation_expired")
    assert "nieuwe" in refused.json()["error"]["message"]


async def test_a_used_invitation_says_so(office, client, samira):
    token = await invited(office, samira)
    assert await office.write(lambda tx: invitations.use(tx, token, NOW))
    assert not await office.write(lambda tx: invitations.use(tx, token, NOW))
    page = await client.get(f"/invitations/{token}")
    assert page.status_code == 410
    assert "al gebruikt" in page.text
    refused = await client.post(f"/invitations/{token}/passkey", json={"challenge": "x", "credential": {}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (410, "invitation_used")


async def test_a_new_invitation_closes_the_older_ones(office, client, samira):
    first = await invited(office, samira)
    second = await invited(office, samira)
    assert (await client.get(f"/invitations/{first}")).status_code == 410
    assert (await client.get(f"/invitations/{second}")).status_code == 200


async def test_of_two_links_used_at_once_one_makes_a_passkey(office, client, samira, ilse, monkeypatch):
    make, tokens = passkeys.make, [await invited(office, samira, ilse.person) for _ in range(2)]

    async def slowly(*args, **named):
        if office.engine == "postgres":  # elsewhere there is one writer
            await asyncio.sleep(0.2)
        return await make(*args, **named)

    monkeypatch.setattr(passkeys, "make", slowly)
    await desk.run(office, "UPDATE invitation SET expires_at = $1", NOW + DAY_MS)
    asked = [(token, await authenticator.asked(client, token)) for token in tokens]
    made = (authenticator.enrol(client, token, authenticator.Authenticator().make(one["options"]), one["challenge"]) for token, one in asked)
    assert sorted(answer.status_code for answer in await asyncio.gather(*made)) == [201, 410]


async def test_who_left_cannot_come_in_by_an_old_link(office, client, samira):
    token = await invited(office, samira)
    await desk.run(office, "UPDATE person SET left_at = $1 WHERE id = $2", NOW, samira.person)
    assert (await client.get(f"/invitations/{token}")).status_code == 410


@pytest.mark.parametrize("token", [UNKNOWN, "short", "a" * 500, "%F0%9F%8E%89", "..%2F..%2Fetc"])
async def test_a_link_nobody_made_is_not_there(client, token):
    for answer in (await client.get(f"/invitations/{token}"), await client.post(f"/invitations/{token}/challenges")):
        assert answer.status_code == 404


async def test_a_link_nobody_made_says_how_to_get_another(client):
    page = (await client.get(f"/invitations/{UNKNOWN}")).text
    assert "Deze uitnodiging kennen we niet." in page
    assert "je teamleider" in page


async def test_a_passkey_that_does_not_hold_leaves_the_invitation_open(office, client, samira):
    token = await invited(office, samira)
    challenge = (await client.post(f"/invitations/{token}/challenges")).json()
    assert challenge["options"]["user"]["name"] == "Samira"
    for credential in ({}, {"id": "x", "response": {"clientDataJSON": "e30"}}, {"id": None}):
        refused = await client.post(f"/invitations/{token}/passkey", json={"challenge": challenge["challenge"], "credential": credential})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "not_recognised")
    assert (await client.get(f"/invitations/{token}")).status_code == 200


async def test_key_material_is_refused_wherever_it_stands(office, client, samira):
    token = await invited(office, samira)
    credential = {"clientExtensionResults": {"prf": {"results": {"first": "secret"}}}}
    refused = await client.post(f"/invitations/{token}/passkey", json={"challenge": "x", "credential": credential})
    assert refused.json()["error"]["code"] == "secret"
    assert "secret" not in refused.json()["error"]["message"]
    assert refused.status_code == 400


async def test_the_table_holds_no_token(office, samira):
    token = await invited(office, samira)
    rows = await desk.rows(office, "SELECT token_hash FROM invitation")
    assert token not in str(rows)
