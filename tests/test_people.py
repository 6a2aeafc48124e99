"""People: a lead adds somebody to the team they lead, and colleagues get to know them; nobody else does."""

from __future__ import annotations

import json

import pytest

from server import access, people
from tests import desk
from tests.desk import DAY_MS, NOW

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def ilse(office):
    return await desk.somebody(office, "lead", name="Ilse")


@pytest.fixture
async def lead(office, client, ilse):
    return await desk.signed_in(client, ilse)


def form(ilse, **more):
    return {"op": desk.new(), "name": "Tess de Wolf", "team": ilse.team.id, "role": "nurse", "phone": "", **more}


async def test_a_lead_adds_somebody_and_is_asked_to_invite_them(office, lead, ilse):
    sent = form(ilse, phone="030-0000000")
    page = await lead.post("/people", data=sent)
    assert page.status_code == 200
    assert "Tess de Wolf staat erbij." in page.text
    assert "nog niet uitgenodigd" in page.text
    assert await desk.rows(office, "SELECT name, language, word FROM person WHERE id = $1", sent["op"]) == [("Tess de Wolf", "nl", "client")]
    assert await desk.log(office, "person_added", "object", "person", "role") == [(sent["op"], ilse.person, "lead")]


async def test_colleagues_get_to_know_the_new_one(office, client, lead, ilse):
    nurse = await desk.phone(client, await desk.somebody(office, "nurse", ilse.team))
    sent = form(ilse, phone="030-0000000")
    await lead.post("/people", data=sent)
    await nurse.pull()
    (told,) = [one for one in nurse.records.values() if one["kind"] == "colleague"]
    values = {name: next(iter(entries.values())) for name, entries in told["fields"].items()}
    assert values["name"] == "Tess de Wolf"
    assert (values["person"], values["role"], values["phone"]) == (sent["op"], "nurse", "030-0000000")


async def test_the_same_form_twice_adds_one_person(office, lead, ilse):
    sent = form(ilse)
    for _ in range(2):
        assert (await lead.post("/people", data=sent)).status_code == 200
    assert await desk.rows(office, "SELECT count(*) FROM membership WHERE person = $1", sent["op"]) == [(1,)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "  "}, "Vul een naam in."),
        ({"name": "x" * 121}, "hooguit 120 tekens"),
        ({"name": "Tess\x00"}, "op één regel"),
        ({"name": "Tess\nDe Wolf"}, "op één regel"),
        ({"phone": "0" * 41}, "hooguit 40 tekens"),
        ({"phone": "Tess"}, "Typ een telefoonnummer"),
        ({"role": "outreach"}, "Kies een rol."),
        ({"role": ""}, "Kies een rol."),
        ({"team": desk.STRANGER}, "Kies een team dat je leidt."),
        ({"op": "nonsense"}, "Open de pagina opnieuw."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(office, lead, ilse, wrong, message):
    page = await lead.post("/people", data=form(ilse, phone="030-1") | wrong)
    assert page.status_code == 422
    assert message in page.text
    if "phone" not in wrong:
        assert 'value="030-1"' in page.text
    assert await desk.rows(office, "SELECT count(*) FROM person") == [(1,)]


async def test_only_a_lead_sees_people(office, client, ilse):
    nurse = await desk.signed_in(client, await desk.somebody(office, "nurse", ilse.team))
    assert (await nurse.get("/people")).status_code == 404
    assert (await nurse.post("/people", data=form(ilse))).status_code == 404
    assert (await client.get("/people")).headers["location"] == "/sign-in?to=/people"
    assert (await client.post("/people", data=form(ilse))).status_code == 401


async def test_a_lead_sees_the_people_of_their_own_teams_and_how_they_get_in(office, lead, ilse):
    await desk.somebody(office, "nurse", ilse.team, name="Samira")
    gone = await desk.somebody(office, "nurse", ilse.team, name="Wie wegging")
    await desk.run(office, "UPDATE person SET left_at = $1 WHERE id = $2", NOW - DAY_MS, gone.person)
    await desk.somebody(office, "nurse", name="Van elders")
    page = (await lead.get("/people")).text
    assert "Samira" in page
    assert "Wie wegging" not in page
    assert "Van elders" not in page


async def test_somebody_whose_hat_has_ended_is_no_longer_found(office, ilse):
    samira = await desk.somebody(office, "nurse", ilse.team)
    me = await desk.worn(office, ilse)
    assert (await office.read(lambda tx: people.find(tx, me, samira.person, NOW)))["name"] == "Samira"
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE person = $1", samira.person)
    assert await office.read(lambda tx: people.find(tx, me, samira.person, NOW)) is None


async def test_joining_a_team_that_is_not_there_says_so(office):
    samira = await desk.somebody(office)
    with pytest.raises(Exception, match=r"does not exist|FOREIGN KEY|foreign key"):
        await office.write(lambda tx: people.join(tx, samira.person, desk.STRANGER, "nurse", now=NOW))


async def test_a_hat_begins_today_unless_another_day_is_said(office, ilse):
    samira = await desk.somebody(office, "nurse", ilse.team)
    await office.write(lambda tx: people.join(tx, samira.person, ilse.team.id, "lead", now=NOW, since="2026-12-01"))
    roles = [hat.role for hat in await office.read(lambda tx: access.hats(tx, samira.person, NOW))]
    assert roles == ["nurse"]
    assert json.loads((await desk.rows(office, "SELECT body FROM record WHERE kind = 'colleague'"))[0][0])["topic"] == "practical"


async def test_a_lead_of_volunteers_notes_the_day_of_a_certificate_of_conduct(office, client, clock):
    gerrit = await desk.somebody(office, "volunteer", name="Gerrit")
    noor = await desk.signed_in(client, await desk.somebody(office, "lead", gerrit.team, kind="volunteers", name="Noor"))
    assert "Nog geen VOG genoteerd" in (await noor.get("/people")).text
    page = await noor.put(f"/people/{gerrit.person}/vog", data={"vog": "2023-11-23"})
    assert "VOG van 23 november 2023, 2 jaar oud" in page.text
    assert "ouder dan drie jaar" not in page.text
    clock.at = NOW + DAY_MS
    await desk.run(office, desk.UNLOCKED)
    assert "ouder dan drie jaar" in (await noor.get("/people")).text
    mine = await desk.signed_in(client, gerrit)
    assert (await mine.get("/me")).json()["vog"] == "2023-11-23"
    for wrong in ("", "2026-02-30", "2099-01-01", "x"):
        refused = await noor.put(f"/people/{gerrit.person}/vog", data={"vog": wrong})
        assert (refused.status_code, "Vul een dag in die al geweest is." in refused.text) == (422, True)
    assert await desk.log(office, "vog_noted", "object") == [(gerrit.person,)]


async def test_nobody_but_their_own_lead_notes_a_volunteers_certificate(office, client, lead, nurse):
    gerrit = await desk.somebody(office, "volunteer", name="Gerrit")
    for person in (gerrit.person, nurse.person, desk.STRANGER, "x"):
        assert (await lead.put(f"/people/{person}/vog", data={"vog": "2025-03-03"})).status_code == 404
    assert await desk.rows(office, "SELECT DISTINCT vog FROM membership") == [(None,)]
