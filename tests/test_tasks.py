"""Tasks in volunteers' hands: what a volunteer's phone gets, when the address comes and goes, and what becomes of their answers."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from server import access, errands
from server.changes import KINDS
from sync import merge, rules
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

TOMORROW = "2026-11-23"
DROPS = {
    "what": "Oogdruppels", "due": TOMORROW, "time": "09:00", "instructions": "Eén druppel in elk oog.", "call": "Samira", "call_phone": "06-00000101",
}  # fmt: skip
FIRST_EDITION = {"colleague", "household", "resident", "schedule", "visit", "note", "measurement", "task", "completion"}
FIRST_EDITION |= {"contact", "signal", "consent", "share", "reading"}
PAYLOAD = {
    "errand": {"what", "due", "time", "instructions", "call", "call_phone", "weekdays", "every_days", "until", "skipped"},
    "address": {"given", "street", "city"},
    "reply": {"to", "step", "text", "at"},
    "answer": {"answer", "day", "text", "at", "undone"},
}


@pytest.fixture
async def street(office: Any, client: Any, clock: Any) -> SimpleNamespace:
    """A nurse and her lead, a household with its records, a volunteer with a phone, and another volunteer."""
    nurse = await desk.somebody(office, "nurse")
    lead = await desk.somebody(office, "lead", nurse.team, name="Ilse")
    gerrit = await desk.somebody(office, "volunteer", name="Gerrit")
    ayse = await desk.somebody(office, "volunteer", gerrit.team, name="Ayşe")
    home = await desk.household(office, nurse.team)
    facts = {"name": "Fam. De Wit-Zorgvuldig", "street": "Rietgors 14", "city": "Elmerwaard", "phone": "06-00000199", "entry": "achterom"}
    house = desk.change(nurse, "household", home.subject, facts, record=home.id)
    lives = {"household": home.id, "name": "Jan de Wit-Zorgvuldig", "given": "Jan", "born": "1941-02-03"}
    resident = desk.change(nurse, "resident", home.about, lives, record=home.resident)
    await desk.hand_in(office, nurse, house, resident, desk.note(nurse, home, "Diabetes, wil het niet weten."))
    return SimpleNamespace(office=office, client=client, clock=clock, nurse=nurse, lead=lead, gerrit=gerrit, ayse=ayse, home=home)


def drops(street: SimpleNamespace, who: desk.Me | None, **more: Any) -> dict[str, Any]:
    return desk.change(street.nurse, "task", street.home.subject, {**DROPS, **({"volunteer": who.hat} if who else {}), **more})


async def asked(street: SimpleNamespace, **more: Any) -> tuple[dict[str, Any], desk.Phone]:
    """A task in Gerrit's hands, and his phone with it."""
    task = drops(street, street.gerrit, **more)
    (result,) = await desk.hand_in(street.office, street.nurse, task, at=street.clock.at)
    assert result.is_ == "stored", result
    phone = await desk.phone(street.client, street.gerrit)
    await phone.pull()
    return task, phone


def answer(street: SimpleNamespace, task: dict[str, Any], says: str, **more: Any) -> dict[str, Any]:
    key = errands.key_of(task["record"], street.gerrit.hat)
    return desk.change(street.gerrit, "answer", f"errand:{key}", {"answer": says, "day": TOMORROW, **more})


async def opened(street: SimpleNamespace, who: desk.Me) -> set[str]:
    """The nouns that are open to somebody now, beside what they offer themselves."""
    pairs = await street.office.read(lambda tx: access.entitled(tx, who.person, street.clock.at))
    return {subject.partition(":")[0] for subject, *_ in pairs} - {"person"}


async def told(street: SimpleNamespace, kind: str) -> list[dict[str, Any]]:
    rows = await desk.rows(street.office, "SELECT id, body FROM record WHERE kind = $1 ORDER BY seq", kind)
    return [merge.shown(json.loads(body)) for _, body in rows]


def held(phone: desk.Phone) -> dict[str, list[dict[str, Any]]]:
    """What is on a phone, by kind, as pages read it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in phone.records.values():
        found.setdefault(record["kind"], []).append(merge.shown(record)["fields"])
    return found


async def test_a_volunteer_gets_the_task_and_nothing_of_the_file(street):
    _, phone = await asked(street)
    assert held(phone) == {"errand": [DROPS]}
    assert await opened(street, street.ayse) == {"team"}


async def test_no_field_reaches_a_volunteer_but_those_of_this_list(street):
    assert {kind: set(KINDS["kinds"][kind]["fields"]) for kind in PAYLOAD} == PAYLOAD
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "accepted"), answer(street, task, "worried", text="Hij deed niet open."))
    await phone.pull()
    for _, records in await phone.history(*(pair[:2] for pair in phone.pairs)):
        phone.records |= {one["id"]: one for one in records}
    assert set(held(phone)) == set(PAYLOAD)
    for word in ("Wit-Zorgvuldig", "Diabetes", "1941", "achterom", "00000199", street.home.id, street.home.resident, task["record"]):
        assert word not in str(phone.records), word


async def test_the_address_comes_the_day_before_and_goes_after_the_day_after(street):
    task, phone = await asked(street, due="2026-11-25")
    await phone.sync(answer(street, task, "accepted"))
    for day, there in ((TODAY, False), (TOMORROW, False), ("2026-11-24", True), ("2026-11-25", True), ("2026-11-26", True), ("2026-11-27", False)):
        street.clock.at = NOW + DAY_MS * (int(day[-2:]) - 22)
        assert ("address" in await opened(street, street.gerrit)) is there, day
    street.clock.at = NOW + 2 * DAY_MS
    await phone.pull()
    until = {pair[0].partition(":")[0]: pair[2] for pair in phone.pairs}
    assert until["address"] == "2026-11-26"
    ((_, given),) = await phone.history(*[pair[:2] for pair in phone.pairs if pair[0].startswith("address:")])
    assert [merge.shown(one)["fields"] for one in given] == [{"given": "Jan", "street": "Rietgors 14", "city": "Elmerwaard"}]


async def test_without_a_yes_there_is_no_address(street):
    await asked(street)
    assert await opened(street, street.gerrit) == {"team", "errand"}


async def test_a_repeating_task_gives_the_address_around_each_of_its_days(street):
    task, phone = await asked(street, due=TODAY, weekdays=[0, 3])
    await phone.sync(answer(street, task, "accepted"))
    days = [rules.day_add(TODAY, n) for n in range(8)]
    there = []
    for n, day in enumerate(days):
        street.clock.at = NOW + DAY_MS * n
        there += [day] if "address" in await opened(street, street.gerrit) else []
    assert there == ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-29"]


async def test_a_daily_task_goes_on_over_the_change_to_summer_time(street):
    street.clock.at = NOW + DAY_MS * 125  # 27 March 2027
    await desk.another_device(street.office, street.gerrit)
    task, phone = await asked(street, due="2027-03-26", every_days=2)
    await phone.sync(answer(street, task, "accepted"))
    assert rules.occurrences({"start": "2027-03-26", "every_days": 2}, "2027-03-27", "2027-03-31") == ["2027-03-28", "2027-03-30"]
    for _ in range(4):
        assert "address" in await opened(street, street.gerrit)
        street.clock.at += DAY_MS


async def test_a_task_of_long_ago_is_gone(street):
    await asked(street)
    street.clock.at = NOW + DAY_MS * 9
    assert await opened(street, street.gerrit) == {"team"}


async def test_yes_and_no_stand_with_the_household(street):
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "accepted", at=NOW))
    (asking,) = await told(street, "asking")
    assert {name: asking["fields"][name] for name in ("plan", "outcome", "volunteer", "answer")} == {
        "plan": task["record"], "outcome": "asked", "volunteer": street.gerrit.hat, "answer": "yes",
    }  # fmt: skip
    await phone.sync(answer(street, task, "declined", at=NOW))
    (asking,) = await told(street, "asking")
    assert asking["fields"]["answer"] == "no"
    assert "volunteer" not in {name for name, value in (await told(street, "task"))[0]["fields"].items() if value}
    assert await opened(street, street.gerrit) == {"team"}


async def test_yes_after_no_takes_it_after_all_unless_somebody_else_was_asked(street):
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "declined"), answer(street, task, "accepted"))
    assert await opened(street, street.gerrit) == {"team", "errand", "address"}
    assert (await told(street, "task"))[0]["fields"]["volunteer"] == street.gerrit.hat
    await phone.sync(answer(street, task, "declined"))
    version = (await told(street, "task"))[0]["version"]
    other = desk.change(street.nurse, "task", street.home.subject, {"volunteer": street.ayse.hat}, record=task["record"], seen=version)
    late = answer(street, task, "accepted")
    await desk.hand_in(street.office, street.nurse, other)
    assert desk.said((await phone.sync(late))["results"]) == [("held", "no_care_relation")]
    assert await opened(street, street.ayse) == {"team", "errand"}


async def test_a_yes_that_was_taken_back_is_no_yes(street):
    task, phone = await asked(street)
    yes = answer(street, task, "accepted")
    await phone.sync(yes, answer(street, task, "declined", at=NOW))
    undone = desk.change(street.gerrit, "answer", yes["subject"], {"undone": True}, record=yes["record"], seen=1)
    await phone.sync(undone)
    assert await opened(street, street.gerrit) == {"team"}


@pytest.mark.parametrize("outcome", ["done", "could_not"])
async def test_what_was_done_stands_with_the_household_and_once(street, outcome):
    task, phone = await asked(street)
    sent = answer(street, task, outcome, text="Ging goed.", at=NOW)
    await phone.sync(answer(street, task, "accepted"), sent)
    await phone.sync(sent)
    (completion,) = await told(street, "completion")
    said = {"task": task["record"], "outcome": outcome, "day": TOMORROW, "volunteer": street.gerrit.hat, "text": "Ging goed.", "at": NOW}
    assert completion["fields"] == said
    await phone.sync(desk.change(street.gerrit, "answer", sent["subject"], {"undone": True}, record=sent["record"], seen=1))
    (completion,) = await told(street, "completion")
    assert completion["fields"]["undone"] is True


async def test_a_worry_reaches_the_lead_and_the_answer_comes_back(street):
    task, phone = await asked(street)
    worry = answer(street, task, "worried", text="Hij at niets.", at=NOW)
    await phone.sync(worry)
    lead = await desk.phone(street.client, street.lead)
    await lead.pull()
    (seen,) = [record for record in lead.records.values() if record["kind"] == "worry"]
    assert merge.shown(seen)["fields"]["text"] == "Hij at niets."
    await phone.pull()
    assert [one["step"] for one in held(phone)["reply"]] == ["received"]
    taken = {"worry": seen["id"], "step": "taken_up", "text": "Suiker is laag."}
    advice = {"worry": seen["id"], "step": "advice", "text": "Bel ons gerust.", "agreed": True}
    await lead.sync(*(desk.change(street.lead, "acknowledgement", street.home.subject, one) for one in (taken, advice)))
    await phone.pull()
    replies = {one["step"]: one.get("text") for one in held(phone)["reply"]}
    assert replies == {"received": None, "taken_up": None, "advice": "Bel ons gerust."}


async def test_given_to_somebody_else_it_leaves_the_first_phone(street):
    task, phone = await asked(street)
    other = desk.change(street.nurse, "task", street.home.subject, {"volunteer": street.ayse.hat}, record=task["record"], seen=1)
    await desk.hand_in(street.office, street.nurse, other)
    assert await opened(street, street.gerrit) == {"team"}
    assert await opened(street, street.ayse) == {"team", "errand"}
    theirs = await desk.phone(street.client, street.ayse)
    await theirs.pull()
    assert [one["what"] for one in held(theirs)["errand"]] == ["Oogdruppels"]
    late = (await phone.sync(answer(street, task, "done", text="Was al gebeurd.")))["results"]
    assert desk.said(late) == [("held", "no_care_relation")]


async def test_an_objection_of_the_resident_keeps_a_volunteer_out(street):
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "accepted"))
    no = desk.consent(street.nurse, street.home, street.gerrit, "practical", answer="no")
    await desk.hand_in(street.office, street.nurse, no)
    assert await opened(street, street.gerrit) == {"team"}


async def test_a_yes_by_name_beats_a_no_to_the_team(street):
    await asked(street)
    no = desk.consent(street.nurse, street.home, street.gerrit.team, "practical", answer="no")
    yes = desk.consent(street.nurse, street.home, street.gerrit, "practical")
    await desk.hand_in(street.office, street.nurse, no, yes)
    assert "errand" in await opened(street, street.gerrit)


async def test_who_moved_is_found_at_the_new_door(street):
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "accepted"))
    await phone.pull()
    moved = desk.change(street.nurse, "household", street.home.subject, {"street": "Dotterbloem 3"}, record=street.home.id, seen=1)
    await desk.hand_in(street.office, street.nurse, moved)
    await phone.pull()
    assert [one["street"] for one in held(phone)["address"]] == ["Dotterbloem 3"]


async def test_a_hat_that_is_no_volunteer_gets_no_errand(street):
    await desk.hand_in(street.office, street.nurse, drops(street, street.lead), drops(street, None, volunteer=desk.STRANGER))
    assert await desk.rows(street.office, "SELECT id FROM errand") == []


async def test_who_takes_the_office_s_own_id_stops_nobody(street):
    task = drops(street, street.gerrit)
    key = errands.derived(errands.key_of(task["record"], street.gerrit.hat), f"told {errands.key_of(task['record'], street.gerrit.hat)}")
    squat = desk.task(street.nurse, street.home, record=key)
    assert desk.said(await desk.hand_in(street.office, street.nurse, squat, task)) == [("stored", None), ("stored", None)]
    assert ("refused", "other_record") in await desk.log(street.office, "refused", "action", "result")


async def test_an_app_of_before_helpers_is_given_none_of_their_kinds_and_all_once_it_is_renewed(street):
    task, gerrit = await asked(street)
    await gerrit.sync(answer(street, task, "worried", text="Hij at niets."))
    assert max(kind.get("since", 1) for kind in KINDS["kinds"].values()) == KINDS["knows"]
    assert {name for name, kind in KINDS["kinds"].items() if "since" not in kind} == FIRST_EDITION
    old = await desk.phone(street.client, street.nurse)
    del old.client.headers["naober-knows"]
    await old.pull()
    lines = await old.history(*(pair[:2] for pair in old.pairs))
    given = {one["kind"] for one in old.records.values()} | {one["kind"] for _, records in lines for one in records}
    assert "task" in given
    assert {kind for kind in given if KINDS["kinds"][kind].get("since")} == set()
    await gerrit.sync(answer(street, task, "worried", text="Nog steeds niet."))
    assert await old.pull() == []
    old.client.headers["naober-knows"], old.cursor = str(KINDS["knows"]), None
    assert {"worry", "asking"} <= {one["kind"] for one in await old.pull()}


async def test_a_volunteer_who_left_holds_nothing(street):
    await asked(street)
    await desk.run(street.office, "UPDATE person SET left_at = 1 WHERE id = $1", street.gerrit.person)
    assert await opened(street, street.gerrit) == set()


async def test_a_name_that_is_too_long_is_cut_and_nothing_fails(street):
    names = [desk.change(street.nurse, "resident", f"resident:{key}", {"household": street.home.id, "name": "N", "given": "G" * 80}, record=key)
             for key in (desk.new(), desk.new())]  # fmt: skip
    await desk.hand_in(street.office, street.nurse, *names)
    await asked(street)
    assert len((await told(street, "address"))[0]["fields"]["given"]) == 120
