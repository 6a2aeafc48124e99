"""Held work: a lead takes it into the file, asks about it or keeps it aside; once, in time for nobody's words to get lost."""

from __future__ import annotations

import asyncio
import re

import pytest

from server import access, changes
from sync import merge
from tests import desk
from tests.desk import NOW
from tests.drawer import decide, decisions, state, upto

pytestmark = pytest.mark.usefixtures("clock")

QUESTION = "Was mevrouw er zelf bij?"


# Into the file


async def test_taken_in_it_stands_in_the_file_as_it_was_written(office, lead, nurse, late):
    page = await decide(lead, late, "acceptance")
    assert (page.status_code, await state(office, late)) == (200, ("stored", None, 1))
    assert "Opgenomen in het dossier." in page.text
    record = await desk.record(office, late["record"])
    assert record["writes"] == {late["id"]: {
        "by": nurse.hat, "role": "nurse", "version": 1, "device": nurse.device, "seen": 0, "n": late["n"], "stamp": late["stamp"],
    }}  # fmt: skip
    assert (await desk.rows(office, "SELECT author FROM record WHERE id = $1", late["record"])) == [(nurse.person,)]
    logged = await desk.log(office, "write", "responsible", "role", "source", "ground", "object")
    assert logged == [(nurse.person, "lead", "page", "care", late["record"])]
    assert await decisions(office) == [("taken", "")]


async def test_what_was_written_after_the_last_day_still_belongs_to_the_file_of_that_care(office, lead, nurse, house):
    await desk.end_care(office, house, nurse.team)
    written = desk.note(nurse, house)
    await desk.hand_in(office, nurse, written)
    await decide(lead, written, "acceptance")
    assert (await state(office, written))[0] == "stored"


async def test_what_was_written_before_the_team_came_there_does_not(office, lead, nurse):
    house = await desk.household(office, nurse.team, since="2026-11-23")
    written = desk.note(nurse, house)
    await desk.hand_in(office, nurse, written)
    await decide(lead, written, "acceptance")
    assert (await state(office, written))[0] == "held"


async def test_what_is_closed_to_the_lead_as_well_stays_held_at_the_door(office, nurse, late):
    lead, author = [await desk.worn(office, one) for one in (await desk.somebody(office, "lead", nurse.team), nurse)]
    (result,) = await office.write(lambda tx: changes.take_in(tx, [late], lead, author, {}, now=NOW, numbers=1))
    assert (result.is_, result.reason, (await state(office, late))[0]) == ("held", "no_care_relation", "held")


async def test_tapped_twice_or_by_two_leads_at_once_it_is_one_effect(office, client, nurse, lead, late):
    other = await desk.signed_in(client, await desk.somebody(office, "lead", nurse.team, name="Karin"))
    number = upto(await lead.get("/held"), late)
    ways = [(one, noun) for one in (lead, other) for noun in ("acceptance", "return", "keeping")]
    pages = await asyncio.gather(*(decide(one, late, noun, "Waarom?", number) for one, noun in ways))
    assert {page.status_code for page in pages} == {200}
    assert len(await decisions(office)) == 1
    assert sum("al opgenomen" in page.text or "al teruggestuurd" in page.text or "al apart gelegd" in page.text for page in pages) == 5
    assert len([page for page in pages if "Waarom?" in page.text]) >= 3


async def test_a_visit_is_decided_as_one_with_everything_that_was_written_at_it(office, lead, nurse, house):
    visit = desk.visit(nurse, house)
    parts = [desk.note(nurse, house, "Zingt weer.", topic="social"), desk.note(nurse, house, "Angst thuis.", topic="safety")]
    for part in parts:
        part["fields"]["visit"] = visit["record"]
    await desk.batch(office, nurse, visit, *parts, custody="device_revoked")
    page = await lead.get("/held")
    assert page.text.count("<article") == 1
    assert "Zingt weer." in page.text
    assert "Angst thuis." not in page.text
    page = await decide(lead, visit, "acceptance")
    assert [await state(office, one) for one in (visit, *parts)] == [("stored", None, 1), ("stored", None, 1), ("held", "device_revoked", None)]
    assert "1 ding blijft vastgehouden." in page.text


async def test_what_came_after_the_page_was_made_is_not_decided_with_it(office, lead, nurse, house):
    visit = desk.visit(nurse, house)
    await desk.batch(office, nurse, visit, custody="device_revoked")
    number = upto(await lead.get("/held"), visit)
    late = desk.note(nurse, house)
    late["fields"]["visit"] = visit["record"]
    await desk.batch(office, nurse, late, custody="device_revoked")
    await decide(lead, visit, "acceptance", number=number)
    assert [(await state(office, one))[0] for one in (visit, late)] == ["stored", "held"]


async def test_nobody_takes_work_into_a_file_that_was_never_theirs(office, lead, nurse):
    other = await desk.somebody(office, "nurse")
    theirs = await desk.household(office, other.team)
    task = desk.task(other, theirs, "Bellen")
    await desk.hand_in(office, other, task)
    strange = [desk.note(nurse, theirs), desk.task(nurse, theirs, "Van mij", record=task["record"], seen=1)]
    await desk.hand_in(office, nurse, *strange)
    for one in strange:
        page = await decide(lead, one, "acceptance")
        assert page.status_code == 200
        assert "Bellen" not in page.text
        assert await state(office, one) == ("held", "no_care_relation", None)
    assert (await desk.record(office, task["record"]))["version"] == 1


async def test_under_a_consent_that_was_withdrawn_it_stays_with_its_authors_own_team(office, client, nurse, house):
    outreach = await desk.somebody(office, "outreach", name="Youssef")
    karin = await desk.signed_in(client, await desk.somebody(office, "lead", outreach.team, kind="welfare"))
    given = desk.consent(nurse, house, outreach.team, "mind")
    await desk.hand_in(office, nurse, given, desk.withdrawal(nurse, given))
    late = desk.note(outreach, house, "Nog geschreven.", topic="mind")
    await desk.hand_in(office, outreach, late)
    assert "Nog geschreven." in (await karin.get("/held")).text
    await decide(karin, late, "acceptance")
    assert await state(office, late) == ("held", "consent_ended", None)
    assert "Apart gelegd" in (await decide(karin, late, "keeping", "Blijft bij ons.")).text


async def test_a_new_household_of_a_revoked_phone_comes_into_its_own_teams_care_with_who_lives_there(office, lead, nurse):
    home, person = desk.new(), desk.new()
    door = desk.change(nurse, "household", f"household:{home}", {"name": "Fam. de Wit"}, record=home)
    lives = desk.change(nurse, "resident", f"resident:{person}", {"household": home, "name": "Annie"}, record=person)
    await desk.batch(office, nurse, lives, door, custody="device_revoked")
    page = await lead.get("/held")
    assert "Fam. de Wit" in page.text
    assert f"/held/{lives['id']}/acceptance" not in page.text
    for one in (door, lives):
        await decide(lead, one, "acceptance")
        assert (await state(office, one))[0] == "stored"
    assert await desk.rows(office, "SELECT team FROM care WHERE household = $1", home) == [(nurse.team.id,)]


async def test_who_stands_in_for_a_team_takes_its_new_household_in_at_the_first_tap(office, client, nurse):
    near = await desk.signed_in(client, await desk.somebody(office, "lead", await desk.team(office, "care", nurse.team.organisation), name="Noor"))
    home = desk.new()
    door = desk.change(nurse, "household", f"household:{home}", {"name": "Fam. de Wit"}, record=home)
    await desk.batch(office, nurse, door, custody="device_revoked")
    await decide(near, door, "acceptance")
    assert (await state(office, door))[0] == "stored"
    assert await desk.rows(office, "SELECT team FROM care WHERE household = $1", home) == [(nurse.team.id,)]


async def test_who_is_new_behind_a_door_that_is_open_by_a_neighbours_word_is_taken_in_at_the_first_tap(office, lead, nurse, house):
    other, person = await desk.household(office, (await desk.somebody(office)).team), desk.new()
    await desk.hand_in(office, nurse, desk.consent(nurse, house, nurse.team, "practical"))
    await desk.end_care(office, house, nurse.team)
    lives = desk.change(nurse, "resident", f"resident:{person}", {"household": house.id, "name": "Annie"}, record=person)
    strange = desk.change(nurse, "resident", f"resident:{other.id}", {"household": other.id, "name": "Bep"}, record=other.id)
    await desk.batch(office, nurse, lives, strange, custody="device_revoked")
    for one, is_ in ((lives, "stored"), (strange, "held")):
        await decide(lead, one, "acceptance")
        assert (await state(office, one))[0] == is_


async def test_a_consent_for_later_takes_nothing_from_the_file_that_the_team_kept(office, lead, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team)
    task = desk.task(colleague, house, "Bellen")
    await desk.hand_in(office, colleague, task)
    await desk.hand_in(office, nurse, desk.consent(nurse, house, nurse.team, "practical", before=False))
    await desk.end_care(office, house, nurse.team)
    late = desk.task(nurse, house, "Mailen", record=task["record"], seen=1)
    await desk.batch(office, nurse, late, custody="device_revoked")
    await decide(lead, late, "acceptance")
    assert await state(office, late) == ("stored", None, 2)


async def test_what_the_file_does_not_take_for_its_own_sake_goes_back_to_its_author(office, lead, nurse, house):
    signed = desk.note(nurse, house)
    await desk.hand_in(office, nurse, signed)
    again = desk.note(nurse, house, "Toch anders.", record=signed["record"], seen=1)
    await desk.batch(office, nurse, again, custody="device_revoked")
    page = await decide(lead, again, "acceptance")
    assert await state(office, again) == ("refused", "signed", None)
    assert "nam het dossier niet aan" in page.text


async def test_an_edit_that_was_held_keeps_beside_it_what_was_written_meanwhile(office, lead, nurse, house):
    task = desk.task(nurse, house, "Bellen")
    await desk.hand_in(office, nurse, task)
    late = desk.task(nurse, house, "Mailen", record=task["record"], seen=1)
    colleague = await desk.somebody(office, "nurse", nurse.team)
    await desk.batch(office, nurse, late, custody="device_revoked")
    await desk.hand_in(office, colleague, desk.task(colleague, house, "Langsgaan", record=task["record"], seen=1))
    await decide(lead, late, "acceptance")
    assert merge.conflicts(await desk.record(office, task["record"])) == ["what"]


# Back, and aside


@pytest.mark.parametrize(
    ("noun", "what", "is_", "action"), [("return", "returned", "refused", "returned"), ("keeping", "kept", "held", "kept_aside")]
)
async def test_a_question_or_a_reason_is_kept_with_the_decision(office, lead, nurse, late, noun, what, is_, action):
    page = await decide(lead, late, noun, f"  {QUESTION}\r\nEn verder?  ")
    assert page.status_code == 200
    assert await decisions(office) == [(what, f"{QUESTION}\nEn verder?")]
    assert (await state(office, late))[0] == is_
    assert await desk.log(office, action, "responsible", "result", "object") == [(nurse.person, "no_care_relation", late["record"])]
    assert (f"{QUESTION}" in (await lead.get("/held")).text) is (what == "kept")


async def test_what_was_kept_aside_can_still_be_taken_in(office, lead, late):
    await decide(lead, late, "keeping", "Eerst bellen.")
    page = await lead.get("/held")
    assert "Apart gelegd" in page.text
    assert "Apart gelegd" in (await lead.get("/review")).text
    await decide(lead, late, "acceptance")
    assert (await state(office, late))[0] == "stored"
    assert [what for what, _ in await decisions(office)] == ["kept", "taken"]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 1001, "nul\x00"])
@pytest.mark.parametrize("noun", ["return", "keeping"])
async def test_without_words_that_can_be_kept_nothing_happens_and_what_was_typed_stays(office, lead, late, noun, typed):
    page = await decide(lead, late, noun, typed)
    assert page.status_code == 422
    assert typed.strip() in page.text
    assert re.search(r'<details class="act" open>.*aria-invalid="true".*class="hint wrong"', page.text, re.DOTALL)
    assert await decisions(office) == []
    assert (await state(office, late))[0] == "held"


@pytest.mark.parametrize("sent", [{}, {"upto": ""}, {"upto": "x"}, {"upto": "9" * 30}])
async def test_a_decision_says_of_which_page_it_is(office, lead, late, sent):
    answer = await lead.post(f"/held/{late['id']}/acceptance", data=sent)
    assert answer.status_code == 400
    assert await decisions(office) == []


@pytest.mark.parametrize("change", [desk.STRANGER, "nothing"])
async def test_what_is_not_there_looks_like_what_is_not_mine(lead, change):
    assert (await lead.post(f"/held/{change}/acceptance", data={"upto": "9"})).status_code == 404


# Whose hand it stays


async def test_a_hat_that_ended_and_a_volunteers_role_stay_in_the_record_as_they_were(office, lead, nurse, house):
    over = await desk.hat(office, nurse.person, nurse.team, "nurse", until="2026-11-21")
    helper = await desk.hat(office, nurse.person, nurse.team, "volunteer")
    sent = [desk.note(nurse, house, "Van gisteren.", by=over), desk.note(nurse, house, "Als vrijwilliger.", by=helper)]
    await desk.hand_in(office, nurse, *sent)
    for one in sent:
        await decide(lead, one, "acceptance")
    shown = [merge.shown(await desk.record(office, one["record"])) for one in sent]
    assert [(one["by"], one["role"]) for one in shown] == [(over, "nurse"), (helper, "volunteer")]


async def test_a_withdrawal_that_was_held_closes_what_it_closes_once_it_is_taken_in(office, lead, nurse, house):
    outreach = await desk.somebody(office, "outreach")
    given = desk.consent(nurse, house, outreach.team, "mind")
    await desk.hand_in(office, nurse, given)
    await desk.end_care(office, house, nurse.team)
    back = desk.withdrawal(nurse, given)
    assert desk.said(await desk.hand_in(office, nurse, back)) == [("held", "no_care_relation")]
    assert "Toestemming" in (await lead.get("/held")).text
    await decide(lead, back, "acceptance")
    opened = await office.read(lambda tx: access.opened(tx, outreach.person, NOW))
    assert (house.about, "mind") not in opened


async def test_of_an_author_who_left_a_lead_is_told_that_a_question_may_not_arrive(office, lead, nurse, late):
    assert "werkt hier niet meer" not in (await lead.get("/held")).text
    await desk.run(office, "UPDATE person SET left_at = $1 WHERE id = $2", NOW, nurse.person)
    assert "werkt hier niet meer" in (await lead.get("/held")).text
    await decide(lead, late, "acceptance")
    assert (await state(office, late))[0] == "stored"
