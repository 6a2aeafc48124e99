"""Handing over: who leaves leaves nothing behind in nobody's hands; a lead passes on all that waits for them, and their phone is emptied."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter

import pytest

from server import access, changes, departures, handovers, invitations
from sync import merge
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

pytestmark = pytest.mark.usefixtures("clock")

# Fields that hold an id and say nothing of who a thing waits for: what it belongs to, whom it is about, who was asked, did or said it.
POINTS = {
    *("adds_to", "agenda", "answer", "contact", "discussion", "helper", "household", "interest", "of", "person", "plan", "replaces", "resident"),
    *("schedule", "task", "tasks", "team", "to", "visit", "whose", "worry"),
}
WHO_IT_WAS = {("asking", "volunteer"), ("completion", "volunteer"), ("worry", "volunteer")}


def test_every_field_that_can_name_somebody_is_passed_on_or_known_to_be_none():
    named = {
        (kind, name) for kind, spec in changes.KINDS["kinds"].items() for name, field in spec["fields"].items()
        if field["type"] in {"id", "ids"} and name not in POINTS
    }  # fmt: skip
    assert named == set(handovers.OWNERS) | WHO_IT_WAS


@pytest.fixture
async def team(office):
    """Ilse leads; Samira and Joost come to the same front doors."""
    made = await desk.team(office)
    people = {"ilse": "lead", "samira": "nurse", "joost": "nurse"}
    return {"team": made, **{key: await desk.somebody(office, role, made, name=key.capitalize()) for key, role in people.items()}}


@pytest.fixture
async def lead(client, team):
    return await desk.signed_in(client, team["ilse"])


def plan(me, house, *who, **more):
    going = [one.hat for one in who]
    return desk.change(me, "schedule", house.subject, {"what": "Steunkousen", "start": TODAY, "weekdays": [0, 1], "who": going, **more})


def owned(me, house, owner_, **more):
    return desk.change(me, "task", house.subject, {"what": "Verband bestellen", "owner": owner_.hat, **more})


def question(me, house, asked, topic="body"):
    fields = {"of": desk.new(), "asked": asked.person, "what": "question", "text": "Hoe ging het?"}
    return desk.change(me, "remark", house.about, fields, topic=topic)


async def caseload(office, team, house):
    """A plan, a task and a question that wait for Samira at one front door."""
    samira, ilse = team["samira"], team["ilse"]
    sent = [plan(samira, house, samira), owned(samira, house, samira)]
    await desk.hand_in(office, samira, *sent)
    asked = question(ilse, house, samira)
    await desk.hand_in(office, ilse, asked)
    return [*sent, asked]


async def fields(office, change):
    found = await desk.record(office, change["record"])
    return {name: next(iter(entries.values())) for name, entries in found["fields"].items()}


async def left(office, person, hats):
    """A recount: everything that anywhere still waits for them."""
    who = handovers.Leaver(person.person, person.name, frozenset(hats), (person.team.id,))
    return await office.read(lambda tx: handovers.find(tx, who, TODAY))


async def owners(office):
    rows = await desk.rows(office, "SELECT body FROM record WHERE kind = 'task'")
    return Counter(merge.shown(json.loads(body))["fields"].get("owner") for (body,) in rows)


async def leave(lead, person, all_="", to=(), day=TODAY):
    return await lead.post(f"/people/{person.person}/departure", data={"day": day, "all": all_, "to": list(to)})


async def test_the_page_shows_the_whole_caseload_by_front_door(office, lead, team):
    house = await desk.household(office, team["team"])
    await desk.hand_in(office, team["samira"], desk.change(team["samira"], "household", house.subject, {"name": "Familie Visser"}, record=house.id))
    await caseload(office, team, house)
    await desk.hand_in(office, team["joost"], owned(team["joost"], house, team["joost"], what="Van Joost zelf"))
    page = await lead.get(f"/people/{team['samira'].person}/departure")
    for fact in ("Samira gaat weg", "Familie Visser", "1 afspraak in het schema, 1 taak, 1 vraag", "Steunkousen", "Hoe ging het?", ">Joost<"):
        assert fact in page.text, fact
    assert "Van Joost zelf" not in page.text
    assert f"/people/{team['samira'].person}/departure" in (await lead.get("/people")).text


async def test_everything_is_handed_over_in_the_leads_name_and_their_phone_is_emptied(office, client, lead, team):
    samira, joost, house = team["samira"], team["joost"], await desk.household(office, team["team"])
    phone, theirs = await desk.phone(client, samira), await desk.phone(client, joost)
    planned, task, asked = await caseload(office, team, house)
    await phone.pull()
    await theirs.pull()
    token = await office.write(lambda tx: invitations.create_invitation(tx, samira.person, None, NOW))
    page = await leave(lead, samira, joost.hat)
    assert (page.status_code, "Alles is overgedragen. Samira is weg vanaf 22 november 2026." in page.text) == (200, True), page.text
    assert (await fields(office, planned))["who"] == [joost.hat]
    assert (await fields(office, task))["owner"] == joost.hat
    assert (await fields(office, asked))["closed"] is True
    assert await left(office, samira, [samira.hat]) == []
    assert await desk.log(office, "handed_over", "object", "person", "n") == [(samira.person, team["ilse"].person, 3)]
    by = await desk.rows(office, "SELECT person, role FROM change WHERE record = $1 AND version = 2", task["record"])
    assert by == [(team["ilse"].person, "lead")]
    # Whoever takes over was away, and has it at their next contact, with the question asked anew and who it came from.
    got = await theirs.pull()
    assert {one["id"] for one in got} >= {planned["record"], task["record"]}
    told = [next(iter(one["fields"]["text"].values())) for one in got if one["kind"] == "remark" and joost.person in one["fields"]["asked"].values()]
    assert min(told) == "Hoe ging het?"
    assert "Je neemt werk over van Samira: 1 afspraak in het schema, 1 taak, 1 vraag, bij 1 voordeur." in max(told)
    assert "sinds 22 november 2026 Een collega (door Een collega)" in (await theirs.client.get(f"/hands/{task['record']}")).text
    # What they say of it comes back to the lead.
    (notice,) = [one for one in got if one["subject"] == f"team:{team['team'].id}"]
    said = desk.change(joost, "response", notice["subject"], {"to": notice["id"], "text": "Gezien."})
    await theirs.sync(said)
    assert "Gezien." in (await lead.get(f"/review/{said['record']}")).text
    # The old phone hands in what it still had, gets nothing, and hears that it was revoked.
    answer = (await phone.post(desk.note(samira, house, "Nog niet verstuurd"))).json()
    assert (answer["revoked"], desk.said(answer["results"])) == (True, [("held", "hat_ended")])
    assert "Nog niet verstuurd" in (await lead.get("/held")).text
    assert await office.read(lambda tx: access.opened(tx, samira.person, NOW)) == {}
    assert "verlopen" in (await client.get(f"/invitations/{token}")).text


async def test_what_the_leads_own_phone_wrote_before_does_not_outdo_what_they_hand_over(office, lead, team):
    samira, ilse, house = team["samira"], team["ilse"], await desk.household(office, team["team"])
    planned = plan(samira, house, samira)
    ilse.n = 50
    await desk.hand_in(office, samira, planned)
    for seen, me in enumerate((ilse, samira), 1):
        await desk.hand_in(office, me, desk.change(me, "schedule", house.subject, {"who": [me.hat]}, record=planned["record"], seen=seen))
    assert (await leave(lead, samira, team["joost"].hat)).status_code == 200
    assert (await fields(office, planned))["who"] == [team["joost"].hat]


async def test_nothing_happens_while_anything_is_in_nobodys_hands(office, lead, team):
    samira, joost = team["samira"], team["joost"]
    one, two = await desk.household(office, team["team"]), await desk.household(office, team["team"])
    for house in (one, two):
        await caseload(office, team, house)
    page = await leave(lead, samira, to=[f"{one.id} {joost.hat}", ""])
    assert page.status_code == 422
    assert page.text.count("Kies wie dit overneemt.") == 2, "above, and at the front door"
    assert f'value="{one.id} {joost.hat}" selected' in page.text
    assert len(await left(office, samira, [samira.hat])) == 6
    assert await desk.rows(office, "SELECT until FROM membership WHERE id = $1", samira.hat) == [(None,)]
    page = await leave(lead, samira, joost.hat, [f"{one.id} {team['ilse'].hat}"])
    assert page.status_code == 200
    assert await owners(office) == {team["ilse"].hat: 1, joost.hat: 1}


@pytest.mark.parametrize("day", ["", "gisteren", "2026-11-21", "2028-01-01", "2026-02-30"])
async def test_a_day_that_is_none_is_said_beside_its_field(office, lead, team, day):
    page = await leave(lead, team["samira"], day=day)
    assert (page.status_code, "Kies vandaag of een dag daarna" in page.text) == (422, True)


async def test_a_receiver_who_may_not_read_it_or_leaves_before_is_refused_in_words(office, client, lead, team):
    samira, joost, house = team["samira"], team["joost"], await desk.household(office)
    await desk.hand_in(office, samira, desk.task(samira, await desk.household(office, team["team"])))
    outreach = await desk.somebody(office, "outreach")
    await desk.care(office, house, outreach.team)
    agreed = [desk.consent(outreach, house, one, "practical") for one in (samira, team["ilse"])]
    await desk.hand_in(office, outreach, *agreed, owned(outreach, house, samira))
    page = await leave(lead, samira, joost.hat)
    assert (page.status_code, "Joost mag niet alles lezen wat hier staat." in page.text) == (422, True)
    await desk.care(office, house, team["team"])
    await desk.run(office, "UPDATE membership SET until = $1 WHERE id = $2", TODAY, joost.hat)
    page = await leave(lead, samira, joost.hat, day="2026-11-24")
    assert (page.status_code, "werkt hier dan niet meer" in page.text) == (422, True)
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE id = $1", joost.hat)
    assert (await leave(lead, samira, joost.hat)).status_code == 422
    assert len(await left(office, samira, [samira.hat])) == 1


async def test_of_two_leads_at_once_the_second_is_told(office, client, lead, team):
    other = await desk.signed_in(client, await desk.somebody(office, "lead", team["team"], name="Karin"))
    await caseload(office, team, await desk.household(office, team["team"]))
    pages = await asyncio.gather(*(leave(one, team["samira"], team["joost"].hat) for one in (lead, other)))
    assert sorted(page.status_code for page in pages) == [200, 409]
    told = next(page.text for page in pages if page.status_code == 409)
    assert re.search("Dit is al gedaan: (Ilse|Karin) droeg het werk over", told)
    assert "Dit is al gedaan" in (await lead.get(f"/people/{team['samira'].person}/departure")).text
    assert len(await desk.rows(office, "SELECT id FROM departure")) == 1


async def test_nobody_hands_over_their_own_work_or_that_of_another_team(office, client, lead, team):
    strange = await desk.signed_in(client, await desk.somebody(office, "lead", name="Bram"))
    for browser, person in ((lead, team["ilse"]), (strange, team["samira"])):
        assert (await browser.get(f"/people/{person.person}/departure")).status_code == 404
        assert (await leave(browser, person)).status_code == 404
    assert (await lead.post(f"/people/{team['samira'].person}/departure", data={"day": TODAY, "to": "x"})).status_code == 400


async def test_who_leaves_later_works_on_until_then_and_what_comes_after_is_freed(office, lead, team, clock):
    samira, house = team["samira"], await desk.household(office, team["team"])
    await caseload(office, team, house)
    assert (await leave(lead, samira, team["joost"].hat, day="2026-11-24")).status_code == 200
    assert "Weg vanaf 24 november 2026" in (await lead.get("/people")).text
    late = owned(samira, house, samira)
    await desk.hand_in(office, samira, late)
    await departures.complete(NOW)
    assert len(await left(office, samira, [samira.hat])) == 1
    clock.at = NOW + 2 * DAY_MS
    for _ in range(2):
        await departures.complete(clock.at)
    assert await left(office, samira, [samira.hat]) == []
    assert (await fields(office, late))["owner"] is None
    # A colleague's phone was away, and knew nothing of it.
    later = owned(team["joost"], house, samira)
    await desk.hand_in(office, team["joost"], later, at=clock.at)
    await departures.complete(clock.at)
    assert (await fields(office, later))["owner"] is None
    assert await desk.rows(office, "SELECT count(*) FROM device WHERE person = $1 AND revoked_at IS NULL", samira.person) == [(0,)]


async def test_colleagues_hear_that_somebody_leaves_and_who_comes_back_keeps_what_is_theirs(office, client, lead, team, clock):
    sent = {"op": desk.new(), "name": "Tess", "team": team["team"].id, "role": "nurse", "phone": ""}
    await lead.post("/people", data=sent)
    await lead.post(f"/people/{sent['op']}/departure", data={"day": "2026-11-24"})
    phone = await desk.phone(client, team["joost"])
    (tess,) = [one for one in await phone.pull() if one["kind"] == "colleague"]
    assert list(tess["fields"]["until"].values()) == ["2026-11-23"]
    hat = await desk.hat(office, sent["op"], team["team"], "nurse", since="2026-11-24")
    house = await desk.household(office, team["team"])
    task = desk.change(team["joost"], "task", house.subject, {"what": "Bellen", "owner": hat})
    await desk.hand_in(office, team["joost"], task)
    clock.at = NOW + 2 * DAY_MS
    await departures.complete(clock.at)
    assert (await fields(office, task))["owner"] == hat
    await desk.run(office, desk.UNLOCKED)
    page = await lead.post(f"/people/{sent['op']}/departure", data={"day": "2026-11-24", "all": team["joost"].hat})
    assert (page.status_code, (await fields(office, task))["owner"]) == (200, team["joost"].hat)


async def test_who_works_elsewhere_too_keeps_their_phone_and_what_is_theirs_there(office, lead, team):
    samira, elsewhere = team["samira"], await desk.team(office)
    hat, house = await desk.hat(office, samira.person, elsewhere, "nurse"), await desk.household(office, elsewhere)
    there = desk.change(samira, "task", house.subject, {"what": "Elders", "owner": hat}, by=hat)
    await desk.hand_in(office, samira, there)
    assert (await leave(lead, samira)).status_code == 200
    assert (await fields(office, there))["owner"] == hat
    assert await desk.rows(office, "SELECT revoked_at FROM device WHERE person = $1", samira.person) == [(None,)]


async def test_a_volunteer_who_leaves_is_nowhere_expected_any_more(office, client, team):
    gerrit = await desk.somebody(office, "volunteer", name="Gerrit")
    noor = await desk.signed_in(client, await desk.somebody(office, "lead", gerrit.team, kind="volunteers", name="Noor"))
    house, samira = await desk.household(office, team["team"]), team["samira"]
    task = desk.change(samira, "task", house.subject, {"what": "Wandelen", "due": TODAY, "volunteer": gerrit.hat})
    helper = desk.change(samira, "helper", house.subject, {"name": "Gerrit", "relation": "volunteer", "volunteer": gerrit.hat})
    await desk.hand_in(office, samira, task, helper)
    page = await noor.get(f"/people/{gerrit.person}/departure")
    assert "Wandelen" not in page.text
    assert (await leave(noor, gerrit)).status_code == 200
    assert await left(office, gerrit, [gerrit.hat]) == []
    assert (await fields(office, task))["volunteer"] is None
    assert (await fields(office, helper))["until"] == "2026-11-21"
    assert await desk.rows(office, "SELECT closed FROM errand") == [(1,)]


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_handover_a_recount_finds_nothing_of_who_left(office, lead, team, seed):
    dice, samira, others = random.Random(seed), team["samira"], [team["joost"], team["ilse"]]
    old = await desk.hat(office, samira.person, team["team"], "nurse", until="2026-10-01")
    houses = [await desk.household(office, team["team"]) for _ in range(4)]
    for house in [dice.choice(houses) for _ in range(12)]:
        me = dice.choice([samira, team["joost"], team["ilse"]])
        who = dice.sample([samira, *others], dice.randint(1, 3))
        made = [
            plan(me, house, *who, **dice.choice([{}, {"weekdays": None, "start": "2026-11-30"}, {"until": "2026-11-01"}])),
            owned(me, house, dice.choice(who), **dice.choice([{}, {"due": "2026-11-01"}, {"due": TODAY, "every_days": 2}, {"owner": old}])),
        ]
        done = desk.change(me, "completion", house.subject, {"task": made[1]["record"], "outcome": "done"})
        await desk.hand_in(office, me, *made, *([done] if dice.random() < 0.3 else []))
        await desk.hand_in(office, team["ilse"], question(team["ilse"], house, samira, dice.choice(["body", "practical", "safety"])))
    await desk.end_care(office, dice.choice(houses), team["team"])
    before = await left(office, samira, [samira.hat, old])
    assert before
    page = await leave(lead, samira, team["joost"].hat)
    assert page.status_code == 200, page.text
    assert await left(office, samira, [samira.hat, old]) == []
    now = [(await desk.record(office, one.record["id"]))["fields"]["who"] for one in before if one.kind == "schedule"]
    assert all(samira.hat not in who for entries in now for who in [next(iter(entries.values())) or []])
