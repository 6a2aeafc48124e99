"""Front doors: a new one comes into its author's care, and nobody opens one that is another's."""

from __future__ import annotations

import pytest

from server import access
from tests import desk
from tests.desk import NOW

STORED = ("stored", None)
NO_CARE = ("held", "no_care_relation")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    desk.stopped(monkeypatch)


def door(me, name="Fam. de Wit", **more):
    """A new household's first change."""
    key = desk.new()
    return desk.change(me, "household", f"household:{key}", {"name": name}, record=key, **more)


def tenant(me, house, name="Mo de Wit", resident=None, **more):
    """A resident's change: who, and in which household."""
    key = resident or desk.new()
    return desk.change(me, "resident", f"resident:{key}", {"household": house, "name": name}, record=key, **more)


async def says(office, me, *sent, **more):
    return desk.said(await desk.hand_in(office, me, *sent, **more))


async def opened(office, me, subject):
    pairs = await office.read(lambda tx: access.opened(tx, me.person, NOW))
    return {topic for about, topic in pairs if about == subject}


async def tables(office):
    return [await desk.rows(office, f"SELECT * FROM {name}") for name in ("household", "resident", "care")]  # noqa: S608 - our own names


async def test_a_household_noted_at_its_door_is_in_its_authors_care_at_once(office, nurse):
    colleague, other = await desk.somebody(office, "nurse", nurse.team), await desk.somebody(office, "nurse")
    new = door(nurse)
    lives = tenant(nurse, new["record"])
    note = desk.change(nurse, "note", lives["subject"], {"text": "Kennismaking."}, topic="mind")
    assert await says(office, nurse, new, lives, note) == [STORED] * 3
    assert await desk.rows(office, "SELECT household, team, since, until FROM care") == [(new["record"], nurse.team.id, "2026-11-22", None)]
    assert await opened(office, colleague, lives["subject"]) == set(access.TOPICS_OF_ROLE["nurse"])
    assert await opened(office, other, lives["subject"]) == await opened(office, other, new["subject"]) == set()


async def test_a_household_made_without_network_goes_up_in_one_go_with_its_first_visit(office, client, nurse):
    """In the order in which a phone makes them: pwa/pages/households.js and visits.js."""
    colleague, other = await desk.somebody(office, "nurse", nurse.team), await desk.somebody(office, "nurse")
    theirs = [await desk.phone(client, me) for me in (nurse, colleague, other)]
    for phone in theirs:
        await phone.pull()
    new = door(nurse)
    lives = tenant(nurse, new["record"])
    visit = desk.change(nurse, "visit", new["subject"], {"day": desk.TODAY, "resident": lives["record"]})
    seen = desk.change(nurse, "note", lives["subject"], {"text": "Zingt.", "visit": visit["record"]}, topic="social")
    plan = desk.change(nurse, "schedule", new["subject"], {"what": "Kousen", "start": desk.TODAY})
    moved = desk.change(nurse, "household", new["subject"], {"street": "Rietakker 2"}, record=new["record"])
    answer = await theirs[0].sync(new, lives, visit, seen, plan, moved)
    assert desk.said(answer["results"]) == [STORED] * 6
    pairs = {(subject, topic) for subject, topic, *_ in theirs[0].pairs}
    assert {(new["subject"], "practical"), (lives["subject"], "body"), (lives["subject"], "social")} <= pairs
    made = {one["record"] for one in (new, lives, visit, seen, plan)}
    assert {one["id"] for one in await theirs[1].pull()} == made
    assert await theirs[2].pull() == []
    assert list((await desk.record(office, new["record"]))["fields"]["street"].values()) == ["Rietakker 2"]


async def test_a_new_household_opens_nothing_to_a_volunteer_or_their_lead(office):
    for role, kind in (("volunteer", None), ("lead", "volunteers")):
        me = await desk.somebody(office, role, kind=kind)
        assert await says(office, me, door(me)) == [("held", "role")]
    assert await tables(office) == [[], [], []]


async def test_a_refused_household_leaves_no_door_and_no_care_behind(office, nurse):
    nameless = {**door(nurse), "fields": {"street": "Rietakker 1"}}
    house = await desk.household(office, nurse.team)
    before = await tables(office)
    homeless = {**tenant(nurse, house.id), "fields": {"household": house.id, "given": "Mo"}}
    assert await says(office, nurse, nameless, homeless) == [("refused", "shape")] * 2
    assert await tables(office) == before


async def test_a_household_of_another_team_is_not_taken_over(office, nurse):
    other = await desk.somebody(office, "nurse")
    theirs = door(other)
    await desk.hand_in(office, other, theirs)
    mine = desk.change(nurse, "household", theirs["subject"], {"name": "Van mij"}, record=theirs["record"])
    assert await says(office, nurse, mine, tenant(nurse, theirs["record"])) == [NO_CARE] * 2
    assert await opened(office, nurse, theirs["subject"]) == set()
    assert await desk.rows(office, "SELECT team FROM care") == [(other.team.id,)]


async def test_a_household_in_custody_opens_nothing(office, nurse):
    batch = await desk.batch(office, nurse, door(nurse), custody="device_revoked")
    assert desk.said(batch.results) == [("held", "device_revoked")]
    assert await tables(office) == [[], [], []]


async def test_a_household_and_a_resident_have_one_record_under_their_own_id(office, nurse):
    house = await desk.household(office, nurse.team)
    for change in (
        desk.change(nurse, "household", house.subject, {"name": "Tweede kaart"}),
        desk.change(nurse, "resident", house.about, {"household": house.id, "name": "Tweede kaart"}),
    ):
        (result,) = await desk.hand_in(office, nurse, change)
        assert (result.is_, result.reason, result.fields[0].field) == ("refused", "other_record", "record")


async def test_somebody_who_moves_takes_their_records_along(office, nurse):
    other = await desk.somebody(office, "nurse")
    await desk.hat(office, nurse.person, other.team, "nurse")
    old, new = await desk.household(office, nurse.team), await desk.household(office, other.team)
    lives = tenant(nurse, old.id)
    await desk.hand_in(office, nurse, lives)
    assert await opened(office, other, lives["subject"]) == set()
    move = desk.change(nurse, "resident", lives["subject"], {"household": new.id}, record=lives["record"], seen=1)
    batch = await desk.batch(office, nurse, move)
    assert desk.said(batch.results) == [STORED]
    assert batch.reopened
    assert await opened(office, other, lives["subject"]) == set(access.TOPICS_OF_ROLE["nurse"])
    assert await desk.rows(office, "SELECT household FROM resident WHERE id = $1", lives["record"]) == [(new.id,)]


async def test_nobody_moves_a_resident_into_or_out_of_a_household_they_do_not_hold(office, nurse):
    other = await desk.somebody(office, "nurse")
    mine, theirs = await desk.household(office, nurse.team), await desk.household(office, other.team)
    out = desk.change(nurse, "resident", theirs.about, {"household": mine.id, "name": "Gehaald"}, record=theirs.resident)
    into = desk.change(nurse, "resident", mine.about, {"household": theirs.id, "name": "Gebracht"}, record=mine.resident)
    assert await says(office, nurse, out, into) == [NO_CARE] * 2
    homes = dict(await desk.rows(office, "SELECT id, household FROM resident"))
    assert homes == {mine.resident: mine.id, theirs.resident: theirs.id}


async def test_whoever_moved_at_the_same_time_lives_where_the_record_says(office, nurse):
    old, here, there = [await desk.household(office, nurse.team) for _ in range(3)]
    colleague = await desk.somebody(office, "nurse", nurse.team)
    lives = tenant(nurse, old.id)
    await desk.hand_in(office, nurse, lives)
    for me, house, later in ((nurse, here, 2000), (colleague, there, 1000)):
        stamp = f"{NOW + later:013d}-0000-{me.device[-8:]}"
        await desk.hand_in(office, me, tenant(me, house.id, resident=lives["record"], seen=1, stamp=stamp))
    assert await desk.rows(office, "SELECT household FROM resident WHERE id = $1", lives["record"]) == [(here.id,)]
