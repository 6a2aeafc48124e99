"""Custody: held work is seen by the lead of its author's team, as far as residents and topics allow, and by nobody else."""

from __future__ import annotations

import re

import pytest

from tests import desk
from tests.desk import NOW
from tests.drawer import decide, state

pytestmark = pytest.mark.usefixtures("clock")

QUESTION = "Was mevrouw er zelf bij?"


async def test_the_lead_of_its_authors_team_sees_who_wrote_what_when_and_why_it_is_held(lead, late):
    page = await lead.get("/held")
    assert page.status_code == 200
    for fact in ("1 wacht op jou", "Notitie · Samira", "wijkverpleegkundige", "geschreven gisteren 11:00", "binnen vandaag 11:00", "Wond is dicht."):
        assert fact in page.text
    assert "komt hier niet of niet meer" in page.text
    assert "1 vastgehouden" in (await lead.get("/review")).text


async def test_nobody_else_sees_it_or_decides_it(office, client, nurse, late):
    elsewhere = await desk.signed_in(client, await desk.somebody(office, "lead", name="Karin"))
    assert "Wond is dicht." not in (await elsewhere.get("/held")).text
    beside = await desk.signed_in(client, await desk.somebody(office, "nurse", nurse.team))
    for somebody in (elsewhere, beside):
        for noun in ("acceptance", "return", "keeping"):
            assert (await decide(somebody, late, noun, "Waarom?", "99")).status_code == 404
    assert (await beside.get("/held")).status_code == 404
    assert (await client.get("/held")).headers["location"] == "/sign-in?to=/held"
    assert (await client.post(f"/held/{late['id']}/acceptance", data={"upto": "9"})).status_code == 401
    assert await state(office, late) == ("held", "no_care_relation", None)


async def test_of_a_team_that_nobody_leads_another_lead_of_the_organisation_answers(office, client, nurse, late):
    other = await desk.team(office, "care", nurse.team.organisation)
    near = await desk.signed_in(client, await desk.somebody(office, "lead", other, name="Noor"))
    assert "Wond is dicht." in (await near.get("/held")).text
    await desk.somebody(office, "lead", nurse.team, name="Ilse")
    assert "Wond is dicht." not in (await near.get("/held")).text


async def test_a_lead_whose_hat_ended_answers_for_nothing(office, lead, late):
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE role = 'lead'")
    assert (await lead.get("/held")).status_code == 404
    assert (await decide(lead, late, "acceptance", number="9")).status_code == 404


async def test_what_is_about_safety_is_there_but_not_to_be_read(office, lead, nurse, house):
    secret = desk.note(nurse, house, "Er wordt geslagen.", topic="safety")
    await desk.hand_in(office, nurse, secret)
    page = await lead.get("/held")
    assert "Er wordt geslagen." not in page.text
    assert "kun je niet lezen" in page.text
    assert f"/held/{secret['id']}/acceptance" not in page.text
    assert "Opnemen kan niet" in page.text
    answer = await decide(lead, secret, "acceptance")
    assert (answer.status_code, await state(office, secret)) == (200, ("held", "no_care_relation", None))
    assert (await decide(lead, secret, "return", QUESTION)).status_code == 200
    assert (await desk.log(office, "read", "result", "topic"))[0] == ("withheld", "safety")


async def test_what_a_resident_closed_to_the_team_stays_closed_to_its_lead(office, lead, nurse, house):
    await desk.hand_in(office, nurse, desk.consent(nurse, house, nurse.team, "mind", answer="no"))
    await desk.hand_in(office, nurse, desk.note(nurse, house, "Ze piekert.", topic="mind"))
    page = await lead.get("/held")
    assert "Ze piekert." not in page.text
    assert "kun je niet lezen" in page.text


async def test_what_a_resident_closed_to_a_leads_own_team_stays_closed_when_that_lead_stands_in_for_another(office, client, nurse, house):
    near = await desk.somebody(office, "nurse", await desk.team(office, "care", nurse.team.organisation), name="Noor")
    await desk.hand_in(office, nurse, desk.consent(nurse, house, nurse.team, "mind", answer="no"))
    await desk.hand_in(office, near, desk.note(near, house, "Ze piekert.", topic="mind"), desk.note(near, house, "Ze wandelt.", topic="social"))
    page = await (await desk.signed_in(client, await desk.somebody(office, "lead", nurse.team))).get("/held")
    assert "Ze piekert." not in page.text
    assert "kun je niet lezen" in page.text
    assert "Ze wandelt." in page.text


async def test_a_no_to_one_team_closes_nothing_of_another_that_the_same_lead_leads(office, client, nurse, house):
    other = await desk.team(office, "care", nurse.team.organisation)
    near = await desk.somebody(office, "nurse", other, name="Noor")
    ilse = await desk.somebody(office, "lead", nurse.team)
    await desk.hat(office, ilse.person, other, "lead")
    await desk.hand_in(office, nurse, desk.consent(nurse, house, other, "mind", answer="no"))
    await desk.batch(office, nurse, desk.note(nurse, house, "Ze piekert.", topic="mind"), custody="device_revoked")
    await desk.hand_in(office, near, desk.note(near, house, "Ze tobt.", topic="mind"))
    await desk.end_care(office, house, nurse.team)
    page = await (await desk.signed_in(client, ilse)).get("/held")
    assert "Ze piekert." in page.text
    assert "Ze tobt." not in page.text


async def test_it_stands_under_its_household_where_that_may_be_shown_and_names_none_where_not(office, lead, nurse, house):
    named = desk.change(nurse, "household", house.subject, {"name": "Mevrouw De Wit"}, record=house.id)
    other = await desk.somebody(office, "nurse")
    theirs = await desk.household(office, other.team)
    secret = desk.change(other, "household", theirs.subject, {"name": "Familie Geheim"}, record=theirs.id)
    await desk.hand_in(office, other, secret)
    await desk.hand_in(office, nurse, named, desk.note(nurse, house, "Over geld.", topic="money"), desk.note(nurse, theirs, "Verkeerde deur."))
    page = await lead.get("/held")
    ours, elsewhere = re.split(r"<h2[^>]*>Waar jullie team nu niet komt</h2>", page.text)
    assert re.search(r"<h2[^>]*>Mevrouw De Wit</h2>.*Over geld\.", ours, re.DOTALL)
    assert "Verkeerde deur." in elsewhere
    assert "Familie Geheim" not in page.text


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_reason_is_told_in_words(office, client, nurse, house, language):
    ilse = await desk.somebody(office, "lead", nurse.team)
    outreach = await desk.somebody(office, "outreach")
    volunteer = await desk.hat(office, nurse.person, nurse.team, "volunteer")
    given = desk.consent(nurse, house, nurse, "money")
    await desk.hand_in(office, nurse, given, desk.withdrawal(nurse, given))
    ended = await desk.hat(office, nurse.person, nurse.team, "nurse", until="2026-11-21")
    elsewhere = await desk.household(office, outreach.team)
    sent = [desk.note(nurse, house, by=volunteer), desk.note(nurse, house, topic="money")]
    sent += [desk.note(nurse, house, by=ended), desk.note(nurse, elsewhere)]
    assert [why for _, why in desk.said(await desk.hand_in(office, nurse, *sent))] == ["role", "consent_ended", "hat_ended", "no_care_relation"]
    await desk.batch(office, nurse, desk.note(nurse, house), custody="device_revoked")
    await desk.run(office, "UPDATE person SET language = $1 WHERE id = $2", language, ilse.person)
    page = await (await desk.signed_in(client, ilse)).get("/held")
    reasons = set(re.findall(r'<div class="notice ochre">.*?<p>(.*?)</p>', page.text, re.DOTALL))
    assert len(reasons) == 5
    assert not any("held." in reason for reason in reasons)


# What its author hears


async def told(phone, change, known=0):
    """What the office says of this change to who asks after it."""
    answer = await phone.sync(held=[[change["id"], known]])
    return [(one["is"], one.get("reason"), one.get("text")) for one in answer["results"]]


async def test_the_phone_that_has_it_hears_what_the_lead_decided_and_hears_it_again_when_the_answer_was_lost(client, lead, nurse, late):
    phone = await desk.phone(client, nurse)
    assert await told(phone, late) == []
    await decide(lead, late, "keeping", "Eerst bellen.")
    assert [await told(phone, late) for _ in range(2)] == [[("held", "kept", "Eerst bellen.")]] * 2
    number = (await phone.sync(held=[[late["id"], 0]]))["results"][0]["version"]
    assert await told(phone, late, number) == []
    await decide(lead, late, "return", QUESTION)
    assert await told(phone, late, number) == [("refused", "returned", QUESTION)]


async def test_taken_in_it_is_stored_with_its_version_and_comes_with_its_record(client, lead, nurse, late):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await decide(lead, late, "acceptance")
    answer = await phone.sync(held=[[late["id"], 0]])
    assert answer["results"] == [{"id": late["id"], "is": "stored", "version": 1}]
    assert [one["id"] for one in answer["records"]] == [late["record"]]


@pytest.mark.parametrize(
    ("noun", "said"), [("acceptance", ("known", None, None)), ("return", ("refused", "returned", QUESTION)), ("keeping", ("held", "kept", QUESTION))]
)
async def test_who_sends_it_once_more_hears_the_same(client, lead, nurse, late, noun, said):
    await decide(lead, late, noun, QUESTION)
    (result,) = (await (await desk.phone(client, nurse)).sync(late))["results"]
    assert (result["is"], result.get("reason"), result.get("text")) == said


async def test_nobody_but_its_author_hears_of_it(office, client, lead, nurse, late):
    await decide(lead, late, "return", QUESTION)
    for somebody in (await desk.somebody(office, "nurse", nurse.team), await desk.somebody(office, "lead", nurse.team)):
        phone = await desk.phone(client, somebody)
        assert await told(phone, late) == []
        assert QUESTION not in (await phone.post({**late, "by": somebody.hat})).text


async def test_a_revoked_phone_hears_nothing(office, client, lead, nurse, late):
    await decide(lead, late, "return", QUESTION)
    await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, nurse.device)
    response = await (await desk.phone(client, nurse)).post(late, held=[[late["id"], 0]])
    assert QUESTION not in response.text


async def test_what_is_asked_in_another_shape_is_passed_over(client, lead, nurse, late):
    await decide(lead, late, "return", QUESTION)
    phone = await desk.phone(client, nurse)
    odd = [None, 5, [], [late["id"]], [late["id"], "0"], [late["id"], True], ["x", 0], [5, 5], {}, [late["id"], 0, 0]]
    assert (await phone.sync(held=odd))["results"] == []
    assert (await phone.post(held=[[late["id"], 0]] * 501)).status_code == 413
    assert (await phone.post(held="x")).status_code == 400


async def test_that_its_author_heard_is_logged(office, client, lead, nurse, late):
    await decide(lead, late, "return", QUESTION)
    await told(await desk.phone(client, nurse), late)
    assert (late["id"], "decision", "returned", nurse.person) in await desk.log(office, "given", "object", "kind", "result", "person")
