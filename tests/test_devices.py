"""Devices and their revocation: one's own and one's people's; what a revoked one still holds it may hand in, and it gets nothing back."""

from __future__ import annotations

import pytest

from server import devices
from tests import desk
from tests.desk import DAY_MS, NOW

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def samira(office):
    return await desk.somebody(office, "nurse", name="Samira")


@pytest.fixture
async def ilse(office, samira):
    return await desk.somebody(office, "lead", samira.team, name="Ilse")


async def revoked(office, device):
    return (await desk.rows(office, "SELECT revoked_at FROM device WHERE id = $1", device))[0][0]


async def test_a_browser_stays_the_same_device_through_every_sign_in(office, samira, ilse):
    settle = lambda claimed: office.write(lambda tx: devices.settle(tx, samira.person, claimed, "Chrome/130 Android", NOW))  # noqa: E731
    made = await settle(None)
    assert await settle(made) == made
    for other in (ilse.device, desk.STRANGER, "no id", "\0"):
        assert await settle(other) not in {other, made}


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_browser_and_system(agent, name):
    assert devices.described(agent) == name


async def test_somebody_sees_their_own_devices_and_which_one_is_in_their_hands(office, client, samira, ilse):
    page = await (await desk.signed_in(client, samira)).get("/devices")
    assert page.status_code == 200
    assert page.text.count('class="row"') == 1
    assert "dit toestel" in page.text
    assert "Onbekend toestel" in page.text
    assert "laatst gezien vandaag 11:00" in page.text
    assert (await client.get("/devices")).headers["location"] == "/sign-in?to=/devices"


async def test_a_lead_sees_the_devices_of_their_people_too(office, client, samira, ilse):
    await desk.somebody(office, "nurse", name="Van elders")
    page = (await (await desk.signed_in(client, ilse)).get("/devices")).text
    assert page.index("Van mij") < page.index("Samira")
    assert "Van elders" not in page


async def test_a_lost_device_is_revoked_by_its_owner_or_their_lead(office, client, samira, ilse):
    lost = samira.device
    await desk.another_device(office, samira)
    page = await (await desk.signed_in(client, ilse)).delete(f"/devices/{lost}")
    assert page.status_code == 200
    assert "Ingetrokken." in page.text
    assert "ingetrokken vandaag 11:00" in page.text
    assert await revoked(office, lost) == NOW
    assert await desk.log(office, "device_revoked", "object", "person", "role") == [(lost, ilse.person, "lead")]
    again = await (await desk.signed_in(client, samira)).delete(f"/devices/{lost}")
    assert again.status_code == 200
    assert len(await desk.log(office, "device_revoked", "id")) == 1


async def test_nobody_revokes_a_strangers_device(office, client, samira, ilse):
    other = await desk.signed_in(client, await desk.somebody(office, "lead", name="Karin"))
    nurse = await desk.signed_in(client, samira)
    tries = [(other, samira.device), (nurse, ilse.device), (nurse, desk.STRANGER), (nurse, "no-id"), (nurse, "%E2%82%AC")]
    for asking, device in tries:
        assert (await asking.delete(f"/devices/{device}")).status_code == 404
    assert (await client.delete(f"/devices/{samira.device}")).status_code == 401
    assert await revoked(office, samira.device) is None
    assert await revoked(office, ilse.device) is None


async def test_a_revoked_device_hands_in_its_work_and_gets_nothing(office, client, samira):
    phone = await desk.phone(client, samira)
    house = await desk.household(office, samira.team)
    gone = await phone.client.delete(f"/devices/{samira.device}")
    assert gone.headers["hx-redirect"] == "/sign-in"
    note = desk.note(samira, house)
    answer = (await phone.post(note)).json()
    assert desk.said(answer["results"]) == [("held", "device_revoked")]
    assert not answer.get("records")
    assert (await phone.client.get("/me")).status_code == 401
    assert (await phone.client.get("/devices")).status_code == 303


async def test_a_device_not_seen_for_a_season_leaves_the_list(office, client, samira):
    old = samira.device
    await desk.another_device(office, samira)
    await desk.run(office, "UPDATE device SET created_at = $1, last_seen_at = $1 WHERE id = $2", NOW - 91 * DAY_MS, old)
    page = (await (await desk.signed_in(client, samira)).get("/devices")).text
    assert page.count('class="row"') == 1


# What a device says of itself


UNKEPT = "de browser mag weggooien wat erop staat"


async def persisted(office, device):
    return (await desk.rows(office, "SELECT persisted FROM device WHERE id = $1", device))[0][0]


@pytest.mark.parametrize("sends", [False, True])
async def test_a_phone_says_whether_its_browser_keeps_what_it_holds_and_a_lead_reads_it(office, client, samira, ilse, sends):
    house, phone = await desk.household(office, samira.team), await desk.phone(client, samira)
    lead = await desk.signed_in(client, ilse)
    for said, known, read in (("0", 0, True), ("rubbish", 0, True), ("", 0, True), ("1", 1, False), ("0", 0, True)):
        phone.client.headers["naober-persisted"] = said
        await phone.sync(*([desk.note(samira, house)] if sends else []))
        assert await persisted(office, samira.device) == known, said
        assert (UNKEPT in (await lead.get("/devices")).text) is read, said
    await phone.client.delete(f"/devices/{samira.device}")
    assert UNKEPT not in (await lead.get("/devices")).text
