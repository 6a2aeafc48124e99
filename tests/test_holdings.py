"""The receipt of a withdrawal: from how many phones it is gone, which are still out of contact, and who may know."""

from __future__ import annotations

import pytest

from server import holdings
from tests import desk
from tests.desk import NOW

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def shared(office, client):
    """A consent under which two outreach workers hold a note, and the nurse who wrote it all down."""
    nurse, outreach = await desk.somebody(office, "nurse"), await desk.somebody(office, "outreach")
    house = await desk.household(office, nurse.team)
    given = desk.consent(nurse, house, outreach.team, "mind")
    await desk.hand_in(office, nurse, given, desk.note(nurse, house, "Voor even gedeeld.", topic="mind"))
    phones = [await desk.phone(client, one) for one in (outreach, await desk.somebody(office, "outreach", outreach.team))]
    for phone in phones:
        await phone.sync()
        await phone.history((house.about, "mind"))
    return nurse, house, given, phones


async def receipt(office, me, given):
    asking = await desk.worn(office, me)
    return await office.read(lambda tx: holdings.receipt(tx, asking, given["record"], NOW))


async def test_a_withdrawal_is_gone_from_a_phone_when_the_phone_says_so(office, shared):
    nurse, _, given, (one, other) = shared
    await desk.hand_in(office, nurse, desk.withdrawal(nurse, given))
    away = [{"seen": NOW, "closes": NOW + holdings.LEASE_MS}] * 2
    assert await receipt(office, nurse, given) == {"devices": 2, "gone": 0, "kept": 0, "last": 0, "away": away}
    await one.sync()  # learns what is open now
    assert (await receipt(office, nurse, given))["gone"] == 0
    await one.sync()  # and says that it has erased the rest
    assert (await receipt(office, nurse, given))["gone"] == 1
    await other.sync()
    await other.sync()
    found = await receipt(office, nurse, given)
    assert (found["devices"], found["gone"], found["last"], found["away"]) == (2, 2, NOW, [])


async def test_the_receipt_is_for_who_comes_there(office, client, shared):
    nurse, _, given, _ = shared
    await desk.hand_in(office, nurse, desk.withdrawal(nurse, given))
    stranger = await desk.somebody(office, "nurse")
    assert await receipt(office, stranger, given) is None
    page = await desk.signed_in(client, nurse)
    shown = await page.get(f"/receipts/{given['record']}", headers={"accept": "text/html"})
    assert "Weg van 0 van 2 telefoons." in shown.text
    theirs = await desk.signed_in(client, stranger)
    assert (await theirs.get(f"/receipts/{given['record']}")).status_code == 404


async def test_who_sees_only_what_comes_later_does_not_see_an_earlier_receipt(office, shared):
    nurse, house, given, (outreach, _) = shared
    later = desk.consent(nurse, house, outreach.me.team, "practical", before=False)
    await desk.hand_in(office, nurse, later)
    assert await receipt(office, outreach.me, given) is None
    assert await receipt(office, nurse, given) is not None


async def test_where_it_stays_for_another_reason_it_is_not_waited_for(office, client, shared):
    nurse, house, given, (one, other) = shared
    await desk.hand_in(office, nurse, desk.consent(nurse, house, one.me, "mind"))
    await desk.hand_in(office, nurse, desk.withdrawal(nurse, given))
    for phone in (one, other):
        await phone.sync()
        await phone.sync()
    assert await receipt(office, nurse, given) == {"devices": 1, "gone": 1, "kept": 1, "last": NOW, "away": []}
    page = await desk.signed_in(client, nurse)
    assert "Op 1 telefoon blijft het staan" in (await page.get(f"/receipts/{given['record']}")).text


async def test_what_came_by_a_sync_is_held_until_it_is_closed_and_confirming_the_rest_changes_nothing(office, client, shared):
    nurse, house, given, _ = shared
    outreach = await desk.somebody(office, "outreach")
    opened = desk.consent(nurse, house, outreach.team, "practical")
    await desk.hand_in(office, nurse, opened, desk.task(nurse, house))
    phone = await desk.phone(client, outreach)
    for _ in range(3):  # what is there, that this is all, and nothing new
        await phone.sync()
    assert (await receipt(office, nurse, opened))["kept"] == 1
    assert (await receipt(office, nurse, opened))["gone"] == 0
    await desk.hand_in(office, nurse, desk.withdrawal(nurse, opened))
    await phone.sync()
    await phone.sync()
    assert (await receipt(office, nurse, opened))["gone"] == 1
    assert (await receipt(office, nurse, given))["gone"] == 0


async def test_what_is_withdrawn_before_its_phone_asked_a_second_time_is_gone_when_the_phone_says_so(office, client, shared):
    nurse, house, *_ = shared
    visitor = await desk.phone(client, await desk.somebody(office, "outreach"))
    for _ in range(2):
        await visitor.sync()  # has confirmed that nothing of the house is open, as it will be again
    given = desk.consent(nurse, house, visitor.me, "mind")
    await desk.hand_in(office, nurse, given)
    await visitor.sync()
    await visitor.history((house.about, "mind"))
    await desk.hand_in(office, nurse, desk.withdrawal(nurse, given))
    await visitor.sync()
    await visitor.sync()
    found = await receipt(office, nurse, given)
    assert (found["devices"], found["gone"]) == (1, 1)


async def test_the_same_goes_for_what_a_sync_gave(office, client, shared):
    nurse, house, *_ = shared
    visitor = await desk.phone(client, await desk.somebody(office, "outreach"))
    for _ in range(2):
        await visitor.sync()
    given = desk.consent(nurse, house, visitor.me, "practical")
    await desk.hand_in(office, nurse, given, desk.task(nurse, house))
    await visitor.sync()
    await desk.hand_in(office, nurse, desk.withdrawal(nurse, given))
    await visitor.sync()
    await visitor.sync()
    found = await receipt(office, nurse, given)
    assert (found["devices"], found["gone"]) == (1, 1)
