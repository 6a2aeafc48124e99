"""My passkeys: one more, one fewer, and a link for my own new phone, each for who shows a passkey in that very minute, and nobody else."""

from __future__ import annotations

import asyncio
import re

import pytest

from server import invitations, sessions
from tests import desk
from tests.authenticator import Authenticator, asked, b64, enrol, enrolled
from tests.desk import NOW

pytestmark = pytest.mark.usefixtures("clock")

CHROME = {"user-agent": "Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36"}


@pytest.fixture
async def samira(office):
    return await desk.somebody(office, "nurse", name="Samira")


@pytest.fixture
async def hers(office, client, samira):
    """Samira's phone: signed in, with the authenticator that let her in."""
    authenticator = await enrolled(office, client, samira)
    client.cookies.set(sessions.COOKIE, samira.token)
    return authenticator


async def shown(client, authenticator):
    """An answer of this authenticator that serves once."""
    ask = (await client.post("/sessions/challenges", json={})).json()
    return {"challenge": ask["challenge"], "credential": authenticator.use(ask["options"])}


async def added(client, by):
    """One more passkey: its authenticator, and what the office said."""
    ask = await client.post("/passkeys/challenges", json=await shown(client, by))
    assert ask.status_code == 201
    another = Authenticator()
    made = another.make(ask.json()["options"])
    return another, await client.post("/passkeys", json={"challenge": ask.json()["challenge"], "credential": made}, headers=CHROME)


async def keys_of(office, me, *authenticators):
    rows = await desk.rows(office, "SELECT id, credential_id FROM passkey WHERE person = $1", me.person)
    return [key for key, credential in rows if not authenticators or credential in {b64(one.id) for one in authenticators}]


async def test_a_second_passkey_signs_in_as_the_same_person(office, client, samira, hers):
    another, said = await added(client, hers)
    assert said.status_code == 201
    assert set(said.json()) == {"salt"}
    assert (await client.post("/sessions", json=await shown(client, another))).json()["person"] == samira.person
    page = (await client.get("/passkeys")).text
    for fact in ("Chrome, Android", "gemaakt vandaag 11:00", "kan ook op je andere toestellen staan", "Haal weg"):
        assert fact in page
    assert await desk.log(office, "passkey_added", "person") == [(samira.person,)]


async def test_nothing_is_done_for_who_shows_no_passkey_or_somebody_elses(office, client, samira, hers):
    fenna = await desk.somebody(office, "nurse", name="Fenna")
    other = await enrolled(office, await desk.signed_in(client, fenna), fenna)
    (key,) = await keys_of(office, samira)
    used = await shown(client, hers)
    assert (await client.post("/passkeys/challenges", json=used)).status_code == 201
    for proof in (used, await shown(client, other), {"challenge": "x", "credential": {}}):
        for path in ("/passkeys/challenges", "/passkeys/phones", f"/passkeys/{key}/removal"):
            assert (await client.post(path, json=proof)).status_code == 403
    assert await keys_of(office, samira) == [key]


async def test_a_challenge_of_an_invitation_makes_no_passkey_here_nor_the_other_way_round(office, client, samira, hers):
    token = await office.write(lambda tx: invitations.create_invitation(tx, samira.person, None, NOW))
    ask = await asked(client, token)
    said = await client.post("/passkeys", json={"challenge": ask["challenge"], "credential": Authenticator().make(ask["options"])})
    assert said.status_code == 403
    ask = (await client.post("/passkeys/challenges", json=await shown(client, hers))).json()
    assert (await enrol(client, token, Authenticator().make(ask["options"]), ask["challenge"])).status_code == 400
    assert len(await keys_of(office, samira)) == 1


async def test_a_passkey_that_was_removed_opens_nothing_any_more_and_the_last_one_stays(office, client, samira, hers):
    another, _ = await added(client, hers)
    (old,) = await keys_of(office, samira, hers)
    (new,) = await keys_of(office, samira, another)
    gone = await client.post(f"/passkeys/{old}/removal", json=await shown(client, another))
    assert gone.status_code == 200
    assert (await client.post("/sessions", json=await shown(client, hers))).status_code == 401
    last = await client.post(f"/passkeys/{new}/removal", json=await shown(client, another))
    assert (last.status_code, last.json()["error"]["code"]) == (409, "last_passkey")
    assert await keys_of(office, samira) == [new]
    assert await desk.log(office, "passkey_removed", "object") == [(old,)]
    assert "Haal weg" not in (await client.get("/passkeys")).text


async def test_two_passkeys_that_remove_themselves_at_once_leave_one(office, client, samira, hers):
    another, _ = await added(client, hers)
    (old,) = await keys_of(office, samira, hers)
    (new,) = await keys_of(office, samira, another)
    proofs = {old: await shown(client, hers), new: await shown(client, another)}
    answers = await asyncio.gather(*(client.post(f"/passkeys/{key}/removal", json=proof) for key, proof in proofs.items()))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert len(await keys_of(office, samira)) == 1


async def test_somebody_elses_passkey_looks_like_not_there(office, client, samira, hers):
    fenna = await desk.somebody(office, "nurse", name="Fenna")
    await enrolled(office, await desk.signed_in(client, fenna), fenna)
    (theirs,) = await keys_of(office, fenna)
    await added(client, hers)
    answers = [await client.post(f"/passkeys/{key}/removal", json=await shown(client, hers)) for key in (theirs, desk.STRANGER, "nobody")]
    assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {(404, "not_found")}
    assert await keys_of(office, fenna) == [theirs]


async def test_a_new_phone_beside_the_old_one_has_a_quarter_of_an_hour_once(office, client, samira, hers, clock):
    made = await client.post("/passkeys/phones", json=await shown(client, hers))
    assert made.status_code == 201
    assert "<svg" in made.text
    (token,) = re.findall(r'value="[^"]+/invitations/([^"]+)"', made.text)
    ask = await asked(client, token)
    clock.at = NOW + 14 * 60_000
    entered = await enrol(client, token, Authenticator().make(ask["options"]), ask["challenge"])
    assert entered.status_code == 400  # a challenge lives five minutes
    ask = await asked(client, token)
    entered = await enrol(client, token, Authenticator().make(ask["options"]), ask["challenge"])
    assert entered.json()["person"] == samira.person
    assert entered.json()["device"] != samira.device
    assert (await client.get(f"/invitations/{token}")).status_code == 410
    assert len(await keys_of(office, samira)) == 2
    assert (await client.post("/sessions", json=await shown(client, hers))).status_code == 201


async def test_the_link_for_a_new_phone_closes_after_a_quarter_of_an_hour(client, samira, hers, clock):
    made = await client.post("/passkeys/phones", json=await shown(client, hers))
    (token,) = re.findall(r'value="[^"]+/invitations/([^"]+)"', made.text)
    clock.at = NOW + invitations.OWN_LIFE_MS
    assert (await client.get(f"/invitations/{token}")).status_code == 410


async def test_a_locked_phone_shows_no_passkeys(office, client, samira, hers):
    proof = await shown(client, hers)
    await client.delete("/sessions/current/opening")
    assert (await client.get("/passkeys")).headers["location"] == "/today?to=/passkeys"
    assert (await client.post("/passkeys/phones", json=proof)).status_code == 401
