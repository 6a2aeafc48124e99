"""The log: one row for each change, whatever became of it, that says who, in which role, about whom, and never what."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest

from server import audit
from tests import desk
from tests.desk import NOW

COLUMNS = ("person", "responsible", "hat", "role", "organisation", "device", "subject", "topic", "kind", "object", "ground", "source", "result")
REFUSED = (sqlite3.IntegrityError, asyncpg.RaiseError)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    desk.stopped(monkeypatch)


async def test_a_stored_change_says_who_what_of_whom_when_in_which_role_and_on_what_ground(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team)
    change = desk.note(me, house, "Geheim.")
    await desk.hand_in(office, me, change)
    who = (me.person, me.person, me.hat, "nurse", me.team.organisation, me.device)
    assert await desk.log(office, "write", *COLUMNS) == [(*who, house.about, "body", "note", change["record"], "care", "phone", "ok")]
    assert await desk.log(office, "write", "at", "n") == [(NOW, 1)]


async def test_every_change_has_a_row_whatever_became_of_it(office):
    me = await desk.somebody(office)
    house, elsewhere = await desk.household(office, me.team), await desk.household(office)
    sent = [
        desk.note(me, house),
        desk.note(me, elsewhere),
        desk.note(me, house, by=desk.STRANGER),
        {**desk.note(me, house), "role": "lead"},
        "Mo heeft pijn",
    ]
    await desk.hand_in(office, me, *sent)
    said = {action: await desk.log(office, action, "subject", "result") for action in ("write", "held", "refused")}
    assert said["write"] == [(house.about, "ok")]
    assert said["held"] == [(elsewhere.about, "no_care_relation")]
    assert sorted(said["refused"], key=str) == [(house.about, "hat"), (house.about, "shape"), (None, "shape")]


async def test_nothing_that_was_written_gets_into_the_log(office):
    me = await desk.somebody(office)
    house = await desk.household(office, me.team)
    odd = {"id": "Geheim", "kind": "Geheim!", "record": "Geheim zeg", "subject": "Geheim: ja", "topic": "Geheim, ja", "fields": {"Geheim": "Geheim"}}
    await desk.hand_in(office, me, desk.note(me, house, "Geheim."), odd, {**desk.note(me, house, "Geheim."), **odd})
    rows = await desk.rows(office, "SELECT * FROM log")
    assert len(rows) == 3
    assert "Geheim" not in repr(rows)


async def test_a_row_is_never_changed_and_never_goes_away(office):
    me = await desk.somebody(office)
    await desk.hand_in(office, me, {})
    for sql in ("UPDATE log SET result = 'ok'", "DELETE FROM log"):
        with pytest.raises(REFUSED, match="append-only"):
            await desk.run(office, sql)


async def test_the_same_row_twice_is_one(office):
    row = {"id": desk.new(), "at": NOW, "action": "read", "subject": "resident:x"}
    for _ in range(2):
        await office.write(lambda tx: audit.note(tx, [row, row]))
    assert await desk.log(office, "read", "at", "subject", "person") == [(NOW, "resident:x", None)]
