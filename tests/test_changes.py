"""The one door for writes: what is stored, known, held or refused, with its reason; and one bad change never blocks the others."""

from __future__ import annotations

import pytest

from sync import clock, merge
from tests import desk
from tests.desk import NOW, TODAY

STORED = [("stored", None)]


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    desk.stopped(monkeypatch)


async def says(office, me, *sent, **more):
    return desk.said(await desk.hand_in(office, me, *sent, **more))


async def wrong(office, me, change):
    """{field: why} of a refused change."""
    (result,) = await desk.hand_in(office, me, change)
    assert result.is_ == "refused"
    return {one.field: one.why for one in result.fields}


async def test_a_note_is_stored_with_its_author_role_and_time(office, nurse, house):
    change = desk.note(nurse, house, "Wond geneest goed.")
    (result,) = await desk.hand_in(office, nurse, change)
    assert (result.is_, result.version) == ("stored", 1)
    shown = merge.shown(await desk.record(office, change["record"]))
    assert shown["fields"] == {"text": "Wond geneest goed."}
    assert (shown["by"], shown["role"], shown["at"]) == (nurse.hat, "nurse", NOW)


async def test_the_same_delivery_twice_is_once(office, nurse, house):
    change = desk.note(nurse, house)
    assert await says(office, nurse, change) == STORED
    assert await says(office, nurse, change) == [("known", None)]
    assert await says(office, nurse, change, change) == [("known", None)] * 2
    assert await desk.rows(office, "SELECT count(*) FROM change") == [(1,)]
    assert (await desk.record(office, change["record"]))["version"] == 1


async def test_records_that_change_together_are_numbered_in_one_order_on_both_engines(office, nurse, house):
    one, other = sorted(desk.new() for _ in range(2))
    for key in (other, one):
        await desk.hand_in(office, nurse, desk.task(nurse, house, record=key))
    await desk.hand_in(office, nurse, *(desk.task(nurse, house, "Anders", record=key, seen=1) for key in (other, one)))
    assert [key for (key,) in await desk.rows(office, "SELECT id FROM record WHERE kind = 'task' ORDER BY seq")] == [one, other]


async def test_the_same_change_twice_in_one_delivery_is_once(office, nurse, house):
    change = desk.note(nurse, house)
    assert await says(office, nurse, change, change) == [*STORED, ("known", None)]
    assert (await desk.record(office, change["record"]))["version"] == 1


async def test_the_same_id_with_another_body_is_refused(office, nurse, house):
    change = desk.note(nurse, house)
    await desk.hand_in(office, nurse, change)
    other = {**change, "fields": {"text": "Iets heel anders."}}
    assert await says(office, nurse, other) == [("refused", "other_body")]
    assert (await desk.record(office, change["record"]))["fields"]["text"] == {change["id"]: "Het gaat goed."}


async def test_somebody_elses_delivery_is_not_known_to_me(office, nurse, house):
    change = desk.note(nurse, house)
    await desk.hand_in(office, nurse, change)
    assert await says(office, await desk.somebody(office, "nurse", nurse.team), change) == [("refused", "other_body")]


async def test_without_a_care_relation_it_is_held_and_kept_for_later(office, nurse):
    elsewhere = await desk.household(office)
    change = desk.note(nurse, elsewhere)
    assert await says(office, nurse, change, change) == [("held", "no_care_relation")] * 2
    assert await desk.record(office, change["record"]) is None
    assert await desk.rows(office, "SELECT is_, reason, body FROM change") == [("held", "no_care_relation", merge.text(change))]


async def test_a_care_relation_that_ended_holds_what_comes_after(office, nurse, house):
    await desk.end_care(office, house, nurse.team)
    assert await says(office, nurse, desk.note(nurse, house)) == [("held", "no_care_relation")]


@pytest.mark.parametrize(("role", "make"), [("volunteer", desk.note), ("volunteer", desk.task), ("volunteer", desk.visit)])
async def test_a_role_that_may_not_write_this_is_held(office, role, make):
    me = await desk.somebody(office, role)
    house = await desk.household(office, me.team)
    assert await says(office, me, make(me, house)) == [("held", "role")]


async def test_who_is_who_is_written_by_the_office_only(office, nurse):
    fields = {"person": nurse.person, "name": "Ik", "role": "lead", "team": nurse.team.id, "team_name": "Team", "organisation_name": "Zorg"}
    change = desk.change(nurse, "colleague", f"organisation:{nurse.team.organisation}", fields, record=nurse.hat)
    assert await says(office, nurse, change) == [("held", "role")]


async def test_only_a_lead_marks_as_read(office, nurse, house):
    lead = await desk.somebody(office, "lead", nurse.team)
    written = desk.visit(nurse, house)
    await desk.hand_in(office, nurse, written)
    reading = {"kind": "reading", "subject": house.subject, "fields": {"of": written["record"]}}
    assert await says(office, nurse, desk.change(nurse, **reading)) == [("held", "role")]
    assert await says(office, lead, desk.change(lead, **reading)) == STORED


async def test_a_topic_that_the_role_does_not_read_is_held(office):
    me = await desk.somebody(office, "outreach")
    house = await desk.household(office, me.team)
    topics = ("practical", "body", "money", "mind")
    assert await says(office, me, *(desk.note(me, house, topic=topic) for topic in topics)) == [
        *STORED, ("held", "no_care_relation"), ("held", "no_care_relation"), *STORED,
    ]  # fmt: skip


async def test_a_hat_that_ended_is_held_for_the_lead(office, nurse, house):
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE id = $1", nurse.hat)
    assert await says(office, nurse, desk.note(nurse, house)) == [("held", "hat_ended")]


async def test_somebody_elses_hat_is_refused(office, nurse, house):
    lead = await desk.somebody(office, "lead", nurse.team)
    for hat in (lead.hat, desk.STRANGER):
        assert await says(office, nurse, desk.note(nurse, house, by=hat)) == [("refused", "hat")]
    assert await desk.rows(office, "SELECT id FROM change") == []


async def test_in_custody_everything_is_held_with_its_reason(office, nurse, house):
    known = desk.note(nurse, house)
    await desk.hand_in(office, nurse, known)
    sent = [desk.note(nurse, house), known, {"id": "?"}, desk.task(nurse, house)]
    batch = await desk.batch(office, nurse, *sent, custody="device_revoked")
    held = ("held", "device_revoked")
    assert desk.said(batch.results) == [held, ("known", None), ("refused", "shape"), held]
    assert batch.touched == {}


async def test_a_signed_text_is_not_written_again(office, nurse, house):
    change = desk.note(nurse, house)
    await desk.hand_in(office, nurse, change)
    again = desk.note(nurse, house, "Toch anders.", record=change["record"], seen=1)
    assert await wrong(office, nurse, again) == {"text": "signed"}
    addition = desk.note(nurse, house, "Aanvulling.", topic="body")
    addition["fields"]["adds_to"] = change["record"]
    assert await says(office, nurse, addition) == STORED


async def test_a_clock_that_runs_ahead_counts_as_five_minutes_ahead(office, nurse, house):
    ahead = [NOW + minutes * 60_000 for minutes in (5, 6, 60 * 24)]
    sent = [desk.task(nurse, house, stamp=f"{ms:013d}-0000-{nurse.device[-8:]}") for ms in ahead]
    assert await says(office, nurse, *sent) == [("stored", None), ("stored", "clock"), ("stored", "clock")]
    stamps = [merge.shown(await desk.record(office, one["record"]))["stamp"] for one in sent]
    assert all(clock.acceptable(stamp, NOW) for stamp in stamps)
    assert stamps == sorted(stamps)


async def test_a_change_to_another_record_of_the_same_id_is_refused(office, nurse, house):
    other = await desk.household(office, nurse.team)
    first = desk.task(nurse, house)
    await desk.hand_in(office, nurse, first)
    moved = desk.task(nurse, other, record=first["record"], seen=1)
    visit = desk.visit(nurse, house, record=first["record"], seen=1)
    assert await wrong(office, nurse, moved) == {"subject": "not_allowed"}
    assert await wrong(office, nurse, visit) == {"kind": "not_allowed"}


async def test_what_a_thing_cannot_do_without_must_be_there(office, nurse, house):
    assert await wrong(office, nurse, desk.change(nurse, "task", house.subject, {"due": TODAY})) == {"what": "required"}
    assert await wrong(office, nurse, desk.note(nurse, house, text=None)) == {"text": "required"}


@pytest.mark.parametrize("extra", ["role", "tenant_id", "author", "author_id", "device", "device_id", "created_at", "version", "person", "seq"])
async def test_nobody_writes_more_than_the_envelope_has(office, nurse, house, extra):
    assert await wrong(office, nurse, {**desk.note(nurse, house), extra: nurse.person}) == {extra: "unknown"}
    fields = {"text": "Het gaat goed.", extra: nurse.person}
    assert await wrong(office, nurse, desk.change(nurse, "note", house.about, fields, topic="body")) == {extra: "unknown"}
    assert await desk.rows(office, "SELECT id FROM record") == []


async def test_one_bad_change_does_not_block_the_others(office, nurse, house):
    elsewhere = await desk.household(office)
    sent = [desk.note(nurse, house), None, {}, "x", desk.note(nurse, elsewhere), desk.note(nurse, house, by=desk.STRANGER), desk.task(nurse, house)]
    results = await says(office, nurse, *sent)
    assert [one for one, _ in results] == ["stored", "refused", "refused", "refused", "held", "refused", "stored"]
    assert await desk.rows(office, "SELECT count(*) FROM record") == [(2,)]


async def test_two_at_the_same_time_are_both_kept(office, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    first = desk.task(nurse, house, "Bellen")
    await desk.hand_in(office, nurse, first)
    await desk.hand_in(office, nurse, desk.task(nurse, house, "Bellen om 9", record=first["record"], seen=1))
    (result,) = await desk.hand_in(office, colleague, desk.task(colleague, house, "Mailen", record=first["record"], seen=1))
    assert (result.is_, result.version) == ("stored", 3)
    assert merge.conflicts(await desk.record(office, first["record"])) == ["what"]


async def test_every_number_is_given_once_and_in_order(office, nurse, house):
    for size in (1, 3, 2):
        await desk.hand_in(office, nurse, *(desk.task(nurse, house) for _ in range(size)))
    numbers = [seq for (seq,) in await desk.rows(office, "SELECT seq FROM record ORDER BY seq")]
    assert numbers == sorted(set(numbers))
    (highest,) = (await desk.rows(office, "SELECT n FROM counter WHERE name = 'seq'"))[0]
    assert numbers[-1] <= highest
