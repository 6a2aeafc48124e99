"""Proposals: nobody makes somebody a lead alone; a second lead of the team says yes within a day, and nobody says yes to their own."""

from __future__ import annotations

import asyncio

import pytest

from tests import desk
from tests.desk import DAY_MS

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def ilse(office):
    return await desk.somebody(office, "lead", name="Ilse")


@pytest.fixture
async def lead(office, client, ilse):
    return await desk.signed_in(client, ilse)


@pytest.fixture
async def second(office, client, ilse):
    return await desk.signed_in(client, await desk.somebody(office, "lead", ilse.team, name="Karin"))


async def ask(lead, ilse):
    """Ilse asks that Tess leads the team; the id under which that waits, and the page."""
    sent = {"op": desk.new(), "name": "Tess de Wolf", "team": ilse.team.id, "role": "lead", "phone": "030-1"}
    return sent["op"], await lead.post("/people", data=sent)


async def say(browser, key, what="confirmation"):
    return await browser.post(f"/people/proposals/{key}/{what}")


async def leads(office, ilse):
    return sorted(name for (name,) in await desk.rows(
        office, "SELECT p.name FROM person p JOIN membership m ON m.person = p.id WHERE m.team = $1 AND m.role = 'lead'", ilse.team.id,
    ))  # fmt: skip


async def test_somebody_becomes_a_lead_when_a_second_lead_says_yes(office, lead, second, ilse):
    key, page = await ask(lead, ilse)
    assert "Een andere teamleider moet nog bevestigen dat Tess de Wolf teamleider wordt." in page.text
    assert await leads(office, ilse) == ["Ilse", "Karin"]
    assert "1 vraag wacht op een tweede teamleider" in (await second.get("/people")).text
    page = await second.get("/people/proposals")
    assert "Tess de Wolf wordt teamleider van" in page.text
    assert "Gevraagd door Ilse" in page.text
    page = await say(second, key)
    assert (page.status_code, "Bevestigd. Tess de Wolf staat nu bij Mensen." in page.text) == (200, True)
    assert await leads(office, ilse) == ["Ilse", "Karin", "Tess de Wolf"]
    assert "Bevestigd door Karin" in (await lead.get("/people/proposals")).text
    logged = [await desk.log(office, action, "object", "kind", "role") for action in ("proposed", "proposal_yes")]
    assert logged == [[(key, "lead", "lead")]] * 2


async def test_nobody_says_yes_to_their_own_but_may_take_it_back(office, lead, second, ilse):
    key, page = await ask(lead, ilse)
    page = await lead.get("/people/proposals")
    assert ("Trek in" in page.text, "Bevestig<" in page.text) == (True, False)
    page = await say(lead, key)
    assert (page.status_code, "Een andere teamleider moet het bevestigen." in page.text) == (409, True)
    assert (await say(lead, key, "refusal")).status_code == 200
    page = await say(second, key)
    assert (page.status_code, "Ilse heeft dit al afgewezen." in page.text) == (409, True)
    assert await leads(office, ilse) == ["Ilse", "Karin"]


async def test_after_a_day_it_has_expired(office, lead, second, ilse, clock):
    key, _ = await ask(lead, ilse)
    clock.at += DAY_MS
    await desk.run(office, desk.UNLOCKED)
    page = await say(second, key)
    assert (page.status_code, "de 24 uur zijn voorbij" in page.text) == (409, True)
    assert "Verlopen" in (await lead.get("/people/proposals")).text
    assert await leads(office, ilse) == ["Ilse", "Karin"]


async def test_who_asked_it_and_leads_the_team_no_more_asked_nothing(office, lead, second, ilse):
    key, _ = await ask(lead, ilse)
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE id = $1", ilse.hat)
    page = await say(second, key)
    assert (page.status_code, "leidt dit team niet meer" in page.text) == (409, True)
    assert "Tess de Wolf" not in await leads(office, ilse)


async def test_of_two_who_answer_at_once_the_first_counts_and_it_happens_once(office, client, lead, second, ilse):
    third = await desk.signed_in(client, await desk.somebody(office, "lead", ilse.team, name="Noor"))
    key, _ = await ask(lead, ilse)
    pages = await asyncio.gather(say(second, key), say(third, key), say(third, key, "refusal"))
    assert sorted(page.status_code for page in pages) == [200, 409, 409]
    assert (await leads(office, ilse)).count("Tess de Wolf") == int(pages[2].status_code == 409)


async def test_where_one_leads_alone_it_is_said_who_can_and_nothing_typed_is_lost(office, lead, ilse):
    _, page = await ask(lead, ilse)
    assert (page.status_code, "naober invite" in page.text, 'value="030-1"' in page.text) == (422, True, True)
    assert await desk.rows(office, "SELECT id FROM proposal") == []


async def test_to_leads_of_other_teams_it_is_not_there(office, client, lead, second, ilse):
    key, _ = await ask(lead, ilse)
    strange = await desk.signed_in(client, await desk.somebody(office, "lead", name="Bram"))
    assert "Tess" not in (await strange.get("/people/proposals")).text
    for what in ("confirmation", "refusal"):
        assert (await say(strange, key, what)).status_code == 404
        assert (await say(second, "x", what)).status_code == 404
