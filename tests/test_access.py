"""Who may hold what: nobody by default, the team that cares, each role its topics, and never longer than agreed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server import access, people
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

ROOT = Path(__file__).parent.parent
YESTERDAY, TOMORROW = "2026-11-21", "2026-11-23"
NURSE = {"practical", "body", "mind", "society", "social"}
OUTREACH = {"practical", "mind", "society", "social"}


async def held(office, me, at=NOW):
    return await office.read(lambda tx: access.entitled(tx, me.person, at))


async def pairs(office, me, at=NOW):
    return {(subject, topic) for subject, topic, *_ in await held(office, me, at)}


async def topics(office, me, subject, at=NOW):
    return {topic for about, topic in await pairs(office, me, at) if about == subject}


async def until(office, me, subject, topic="practical"):
    return next(end for about, of, end, _ in await held(office, me) if (about, of) == (subject, topic))


async def test_nobody_holds_anything_by_default(office):
    house = await desk.household(office)
    me = await desk.somebody(office, "nurse")
    assert all(not subject.startswith(("household:", "resident:")) for subject, _ in await pairs(office, me))
    assert (house.subject, "practical") not in await office.read(lambda tx: access.opened(tx, me.person, NOW))
    assert await office.read(lambda tx: access.entitled(tx, desk.STRANGER, NOW)) == frozenset()


@pytest.mark.parametrize(("role", "wanted"), [("nurse", NURSE), ("outreach", OUTREACH), ("volunteer", set())])
async def test_a_role_reads_its_topics_about_the_residents_its_team_cares_for(office, role, wanted):
    me = await desk.somebody(office, role)
    house = await desk.household(office, me.team)
    assert await topics(office, me, house.about) == wanted
    assert await topics(office, me, house.subject) == ({"practical"} if wanted else set())


@pytest.mark.parametrize(("kind", "wanted"), [("care", NURSE), ("welfare", OUTREACH), ("volunteers", set())])
async def test_a_lead_reads_what_the_members_of_the_team_read(office, kind, wanted):
    me = await desk.somebody(office, "lead", kind=kind)
    house = await desk.household(office, me.team)
    assert await topics(office, me, house.about) == wanted


@pytest.mark.parametrize("role", ["nurse", "outreach", "volunteer", "lead"])
async def test_money_and_safety_are_opened_by_no_role(office, role):
    me = await desk.somebody(office, role)
    await desk.household(office, me.team)
    assert not {"money", "safety"} & {topic for _, topic in await pairs(office, me)}


@pytest.mark.parametrize(("first", "second"), [("consent", "share"), ("share", "consent")])
def test_of_two_ways_in_alike_the_same_one_counts_whichever_the_database_told_first(first, second):
    hat = access.OFFICE.hats[0]
    pairs = {}
    for ground in (first, second):
        access._open(pairs, ("resident:r", "body"), access.Opened(None, hat, ground))
    assert pairs["resident:r", "body"].ground == "consent"


async def test_a_care_relation_opens_on_its_first_day_and_closes_after_its_last(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team, since=TODAY, until=TOMORROW)
    seen = [bool(await topics(office, me, house.about, NOW + days * DAY_MS)) for days in (-1, 0, 1, 2)]
    assert seen == [False, True, True, False]


async def test_a_hat_opens_on_its_first_day_and_closes_after_its_last(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team)
    await desk.run(office, "UPDATE membership SET since = $1, until = $2 WHERE id = $3", TODAY, TOMORROW, me.hat)
    seen = [bool(await pairs(office, me, NOW + days * DAY_MS)) for days in (-1, 0, 1, 2)]
    assert seen == [False, True, True, False]
    assert await topics(office, me, house.about) == NURSE


async def test_days_are_those_of_amsterdam(office):
    midnight = NOW - 11 * 60 * 60 * 1000
    me = await desk.somebody(office)
    house = await desk.household(office, me.team, since=TODAY)
    assert not await topics(office, me, house.about, midnight - 1)
    assert await topics(office, me, house.about, midnight)


async def test_somebody_who_left_holds_nothing(office):
    me = await desk.somebody(office)
    await desk.household(office, me.team)
    await desk.run(office, "UPDATE person SET left_at = $1 WHERE id = $2", NOW, me.person)
    assert await held(office, me) == frozenset()
    assert await office.read(lambda tx: access.hats(tx, me.person, NOW)) == ()


async def test_until_is_the_earliest_of_hat_and_care(office):
    me = await desk.somebody(office)
    ends = [(None, None, None), (TODAY, None, TODAY), (None, TOMORROW, TOMORROW), (TODAY, TOMORROW, TODAY), (TOMORROW, TODAY, TODAY)]
    for of_care, of_hat, wanted in ends:
        await desk.run(office, "UPDATE membership SET until = $1 WHERE id = $2", of_hat, me.hat)
        house = await desk.household(office, me.team, until=of_care)
        assert await until(office, me, house.about) == wanted
        assert await until(office, me, house.subject) == wanted


async def test_of_two_ways_in_the_longest_counts(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team, until=TODAY)
    second = await desk.team(office)
    await desk.hat(office, me.person, second, "outreach")
    await desk.care(office, house, second, until=TOMORROW)
    assert await until(office, me, house.about) == TOMORROW
    assert await until(office, me, house.about, "body") == TODAY


async def test_two_hats_open_what_each_of_them_opens(office):
    me = await desk.somebody(office, "outreach")
    nursing = await desk.team(office)
    await desk.hat(office, me.person, nursing, "nurse")
    mine, theirs = await desk.household(office, me.team), await desk.household(office, nursing)
    assert (await topics(office, me, mine.about), await topics(office, me, theirs.about)) == (OUTREACH, NURSE)


async def test_another_teams_households_are_not_there(office):
    me, other = await desk.somebody(office), await desk.team(office)
    house = await desk.household(office, other)
    assert not await topics(office, me, house.about)
    assert not await topics(office, me, house.subject)


async def test_the_team_itself_is_open_to_its_members_only(office):
    me = await desk.somebody(office, "volunteer")
    other = await desk.somebody(office, "outreach")
    assert await topics(office, me, f"team:{me.team.id}") == {"practical", "social"}
    assert not await topics(office, other, f"team:{me.team.id}")


async def test_professionals_know_the_colleagues_of_every_organisation_and_volunteers_none(office):
    nurse, volunteer = await desk.somebody(office, "nurse"), await desk.somebody(office, "volunteer")
    for organisation in (nurse.team.organisation, volunteer.team.organisation):
        assert await topics(office, nurse, f"organisation:{organisation}") == {"practical"}
        assert await topics(office, volunteer, f"organisation:{organisation}") == set()


async def test_everybody_in_a_household_is_open_by_its_care_relation(office):
    me = await desk.somebody(office)
    house, child = await desk.household(office, me.team), desk.new()
    await desk.run(office, "INSERT INTO resident (id, household) VALUES ($1, $2)", child, house.id)
    assert await topics(office, me, house.about) == await topics(office, me, f"resident:{child}") == NURSE


async def test_an_empty_household_is_open_and_names_nobody(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team)
    await desk.run(office, "DELETE FROM resident WHERE id = $1", house.resident)
    assert await topics(office, me, house.subject) == {"practical"}
    assert all("None" not in subject for subject, _ in await pairs(office, me))


async def test_why_a_pair_is_open_names_the_hat_and_the_ground(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team)
    opened = await office.read(lambda tx: access.opened(tx, me.person, NOW))
    grounds = {subject.partition(":")[0]: why.ground for (subject, _), why in opened.items()}
    assert grounds == {"household": "care", "resident": "care", "team": "team", "organisation": "profession"}
    assert {why.hat.id for why in opened.values()} == {me.hat}
    assert opened[house.about, "body"].hat.organisation == me.team.organisation


async def test_joining_a_team_gives_a_hat_and_tells_the_colleagues(office):
    me, team = await desk.somebody(office), await desk.team(office, "welfare")
    hat = await office.write(lambda tx: people.join(tx, me.person, team.id, "outreach", now=NOW))
    told = await desk.record(office, hat)
    assert told["subject"] == f"organisation:{team.organisation}"
    assert {hat.role for hat in await office.read(lambda tx: access.hats(tx, me.person, NOW))} == {"nurse", "outreach"}


async def test_who_comes_to_a_household_by_profession_is_told_with_their_hat(office):
    nurse = await desk.somebody(office, "nurse")
    lead, gone = await desk.somebody(office, "lead", nurse.team), await desk.somebody(office, "nurse", nurse.team)
    await desk.run(office, "UPDATE person SET left_at = 1 WHERE id = $1", gone.person)
    helper, elsewhere = await desk.somebody(office, "volunteer"), await desk.somebody(office, "nurse")
    home = await desk.household(office, nurse.team, helper.team)
    await desk.care(office, home, elsewhere.team, until="2026-11-21")
    there = await office.read(lambda tx: access.team_of(tx, home.id, NOW))
    assert [(person, hat.role) for person, hat in there] == [(nurse.person, "nurse"), (lead.person, "lead")]
    assert {hat.id for _, hat in there} == {nurse.hat, lead.hat}


# Whom a team comes to and what residents said is access's alone to weigh; where records are read, how access decides there.
DECIDE = {"access", "statements"}
READ_RECORDS = {
    "db": "joins records to pairs that access opened", "records": "checks each against what access opened", "history": "pairs that access opened",
    "pulls": "checks each against what access opened", "exchange": "texts of what pulls found open", "changes": "what a change is laid over",
    **dict.fromkeys(("arrivals", "handovers", "roster", "carriers", "network", "suggestions", "waits"), "checks each against what access opened"),
    "consents": "when a consent was first written",
    "news": "wakes whom access opened a pair to", "addresses": "the office's own hand, for pairs that access opens",
    "calendars": "pairs that access opened", "reminders": "whether a task was answered, which decides that nobody is disturbed",
    "tasks": "a task and a worry beside the errand that made them",
    "seekers": "the office's own reckoning; what it makes of it is written into pairs that access opens",
    "links": "tasks that a link names, by its token in its own browser",
}  # fmt: skip


def test_no_other_query_decides_who_may_see_what():
    problems = []
    for path in sorted((ROOT / "server").glob("*.py")):
        source = path.read_text("utf-8")
        if path.stem not in DECIDE and re.search(r"\b(?:FROM|JOIN) (?:care|statement)\b", source):
            problems.append(f"{path.name} asks the database whom a team comes to, or what residents said: ask access")
        if path.stem not in READ_RECORDS and re.search(r"\b(?:FROM|JOIN) record\b", source):
            problems.append(f"{path.name} reads records: ask records.find, or say in READ_RECORDS how access decides there")
    assert problems == []
