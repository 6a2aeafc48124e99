"""Whose hands a task was in: each change of hands, with whom it came through, for whoever may read the task, and for nobody else."""

from __future__ import annotations

import re

import pytest

from server import hands, retold
from tests import desk
from tests.desk import DAY_MS, NOW
from tests.test_review import known
from tests.test_roster import group
from tests.test_tasks import answer, asked, drops, street, told  # noqa: F401 - a nurse and her lead, a household, and volunteers with a phone

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def samira(street, client):  # noqa: F811
    for one in (street.nurse, street.lead, street.gerrit, street.ayse):
        await known(street.office, one)
    return await desk.signed_in(client, street.nurse)


async def moved(street, task, fields, *, seen, by=None):  # noqa: F811
    """The task in other hands, a day later."""
    street.clock.at += DAY_MS
    change = desk.change(by or street.nurse, "task", street.home.subject, fields, record=task["record"], seen=seen)
    assert desk.said(await desk.hand_in(street.office, by or street.nurse, change, at=street.clock.at)) == [("stored", None)]


async def line(browser, task) -> str:
    page = await browser.get(f"/hands/{task['record']}")
    assert page.status_code == 200
    return re.sub(r"<[^>]+>|\n", "", page.text)


async def test_a_task_that_changed_hands_tells_each_of_them_and_through_whom(street, samira):  # noqa: F811
    riet = desk.change(street.nurse, "helper", street.home.subject, {"name": "Riet", "relation": "neighbour"})
    task = drops(street, None, helper=riet["record"])
    await desk.hand_in(street.office, street.nurse, riet, task)
    await moved(street, task, {"helper": None, "volunteer": street.gerrit.hat}, seen=1)
    await moved(street, task, {"instructions": "Twee druppels."}, seen=2)
    await moved(street, task, {"volunteer": None, "owner": street.lead.hat}, seen=3, by=street.lead)
    said = "Eerst Riet, sinds 23 november 2026 Gerrit (door Samira), sinds 25 november 2026 Ilse."
    assert await line(samira, task) == said
    assert await line(await desk.signed_in(street.client, street.lead), task) == said


async def test_one_pair_of_hands_is_no_line(street, samira):  # noqa: F811
    task = drops(street, None, owner=street.nurse.hat)
    await desk.hand_in(street.office, street.nurse, task)
    await moved(street, task, {"due": "2026-12-01"}, seen=1)
    assert await line(samira, task) == ""


async def test_a_volunteer_who_cannot_after_all_gives_it_back_and_it_is_uncovered(street, samira):  # noqa: F811
    street.clock.at = NOW
    ilse = await desk.signed_in(street.client, street.lead)
    task, phone = await asked(street, owner=street.nurse.hat)
    await phone.sync(answer(street, task, "accepted"))
    assert group(await ilse.get("/roster"), "uncovered") == []
    street.clock.at += DAY_MS // 24
    await phone.sync(answer(street, task, "declined", at=street.clock.at))
    (kept,) = await told(street, "task")
    assert (kept["fields"].get("volunteer"), kept["fields"]["owner"]) == (None, street.nurse.hat)
    assert await line(samira, task) == "Eerst Gerrit, sinds 22 november 2026 Samira."


async def test_given_back_with_nobody_to_see_to_it_it_is_open_to_whoever_can(street, samira):  # noqa: F811
    ilse = await desk.signed_in(street.client, street.lead)
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "accepted"), answer(street, task, "declined"))
    assert [meta[-8:] for _, meta in group(await ilse.get("/roster"), "uncovered")] == [" zei nee"]
    assert await line(samira, task) == "Eerst Gerrit, sinds 22 november 2026 wie kan."


async def test_who_may_not_read_the_task_finds_nothing_and_what_was_shown_is_in_the_log(street, samira):  # noqa: F811
    task, _ = await asked(street)
    for one in (street.gerrit, street.ayse, await desk.somebody(street.office, "nurse")):
        browser = await desk.signed_in(street.client, one)
        assert (await browser.get(f"/hands/{task['record']}")).status_code == 404
    for _ in range(2):
        await line(samira, task)
    shown = await desk.log(street.office, "read", "person", "object", "source")
    assert shown == [(street.nurse.person, task["record"], "page")]


async def test_what_is_no_task_has_no_line(street, samira):  # noqa: F811
    for path in (f"/hands/{street.home.id}", f"/hands/{desk.STRANGER}", "/hands/x"):
        assert (await samira.get(path)).status_code == 404


async def test_what_two_wrote_at_the_same_time_is_retold_as_the_record_says_it(street, samira):  # noqa: F811
    task = drops(street, None)
    await desk.hand_in(street.office, street.nurse, task)
    for one in (street.nurse, street.lead):
        await moved(street, task, {"owner": one.hat}, seen=1, by=one)
    steps = (await street.office.read(lambda tx: retold.find(tx, [task["record"]])))[task["record"]]
    (record,) = await told(street, "task")
    assert {name: value for name, value in steps[-1].fields.items() if name == "owner"} == {"owner": record["fields"]["owner"]}
    assert [hand.who for hand in hands.hands(steps)] == ["", street.nurse.hat, street.lead.hat]
