"""Who is involved with a resident reaches whoever may know their practical side, and nobody else; it leaves a phone at the next exchange."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests import desk
from tests.desk import TODAY

GP = "Huisartsen Kade"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def street(office, client):
    """A nurse whose team comes there wrote down the GP; an outreach worker of elsewhere has a phone."""
    nurse, fenna = await desk.somebody(office, "nurse"), await desk.somebody(office, "outreach", name="Fenna")
    home = await desk.household(office, nurse.team)
    said = {"organisation": GP, "name": "dokter Bos", "does": "huisarts", "confirmed": "yes", "confirmed_on": TODAY}
    gp = desk.change(nurse, "involved", home.about, said)
    assert desk.said(await desk.hand_in(office, nurse, gp)) == [("stored", None)]
    return SimpleNamespace(office=office, nurse=nurse, home=home, gp=gp, fenna=fenna, phone=await desk.phone(client, fenna), client=client)


async def says(street, *topics):
    """The resident lets Fenna know about these topics."""
    given = desk.consent(street.nurse, street.home, street.fenna, *topics)
    assert desk.said(await desk.hand_in(street.office, street.nurse, given)) == [("stored", None)]
    return given


def told(records):
    return [one["id"] for one in records if one["kind"] == "involved"]


async def test_who_comes_there_has_it(street):
    colleague = await desk.phone(street.client, await desk.somebody(street.office, "nurse", street.nurse.team))
    assert told(await colleague.pull()) == [street.gp["record"]]


async def test_outside_a_consent_there_is_nothing_of_it_not_even_the_organisation(street):
    assert GP not in json.dumps(await street.phone.pull())
    await says(street, "mind")
    assert GP not in json.dumps(await street.phone.pull())
    assert GP not in json.dumps(await street.phone.history((street.home.about, "mind"), (street.home.about, "practical")))


async def test_a_consent_to_what_is_practical_gives_it_and_its_withdrawal_takes_it_at_the_next_exchange(street):
    given = await says(street, "practical")
    await street.phone.pull()
    ((_, records),) = await street.phone.history((street.home.about, "practical"))
    assert told(records) == [street.gp["record"]]
    await desk.hand_in(street.office, street.nurse, desk.withdrawal(street.nurse, given))
    answer = await street.phone.sync()
    assert [pair for pair in answer["entitled"]["pairs"] if pair[0] == street.home.about] == []
    ((header, records),) = await street.phone.history((street.home.about, "practical"))
    assert (header.get("gone"), records) == (True, [])


async def test_who_is_not_involved_any_more_is_so_on_every_phone_at_the_next_exchange(street):
    colleague = await desk.phone(street.client, await desk.somebody(street.office, "nurse", street.nurse.team))
    await colleague.pull()
    ended = desk.change(street.nurse, "involved", street.home.about, {"until": "2026-11-21"}, record=street.gp["record"], seen=1)
    await desk.hand_in(street.office, street.nurse, ended)
    (record,) = [one for one in (await colleague.sync())["records"] if one["kind"] == "involved"]
    assert list(record["fields"]["until"].values()) == ["2026-11-21"]


async def test_a_volunteer_writes_no_such_thing(street):
    gerrit = await desk.somebody(street.office, "volunteer")
    change = desk.change(gerrit, "involved", street.home.about, {"organisation": "Voedselbank"})
    assert desk.said(await desk.hand_in(street.office, gerrit, change)) == [("held", "role")]
