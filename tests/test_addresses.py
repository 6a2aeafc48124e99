"""Addresses: by which name somebody is found at a door, for who may know a first name and a street and nothing else."""

from __future__ import annotations

from tests import desk
from tests.desk import TODAY
from tests.test_links import browser, given, opens, says, street  # noqa: F401 - Riet from the street, who has no account


async def test_at_a_door_from_which_somebody_moved_away_only_first_names_are_told(street):  # noqa: F811 - the fixture
    made = await given(street, due=TODAY, resident=street.home.resident)
    elsewhere, hanna = await desk.household(street.office, street.nurse.team), desk.new()
    lives, moved = {"household": street.home.id, "name": "Hanna de Wit-Zorgvuldig"}, {"household": elsewhere.id}
    results = await desk.hand_in(
        street.office, street.nurse,
        desk.change(street.nurse, "resident", f"resident:{hanna}", lives, record=hanna),
        desk.change(street.nurse, "resident", street.home.about, moved, record=street.home.resident, seen=1),
    )  # fmt: skip
    assert [one.is_ for one in results] == ["stored", "stored"]
    riet = browser()
    await opens(riet)
    await says(riet, made.task, "accepted", day=TODAY)
    told = await opens(riet)
    assert told.json()["tasks"][0]["door"]["given"] == "Hanna"
    assert "Zorgvuldig" not in told.text
