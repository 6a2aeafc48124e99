"""POST /outbox: what was sealed to the office comes in without a session, from whoever brings it, once; and nothing comes out."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import httpx
import pytest

from server import seals, sessions
from tests import desk
from tests.desk import DAY_MS, NOW, STRANGER
from tests.sealing import sealed

pytestmark = pytest.mark.usefixtures("clock")

MONTH_MS = 30 * DAY_MS


@pytest.fixture
async def seal(office: ModuleType, nurse: desk.Me) -> dict[str, str]:
    """What the nurse's device seals to."""
    await office.write(lambda tx: seals.renew(tx, NOW))
    return await current(office, nurse)


async def current(office: ModuleType, me: desk.Me) -> dict[str, str]:
    found = await office.read(lambda tx: seals.current(tx, me.device))
    assert found is not None
    return dict(found)


async def hand_in(client: httpx.AsyncClient, me: desk.Me, *boxes: Any) -> dict[str, Any]:
    response = await client.post("/outbox", json={"format": 1, "device": me.device, "sealed": boxes})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def kept(office: ModuleType) -> list[tuple[Any, ...]]:
    return await desk.rows(office, "SELECT id, person, device, is_, reason FROM change ORDER BY id")


async def test_what_a_locked_phone_hands_in_is_in_the_file_under_its_authors_name(office, client, nurse, house, seal):
    notes = [desk.note(nurse, house, f"Regel {i}") for i in range(3)]
    answer = await hand_in(client, nurse, *(sealed(note, seal, nurse.device) for note in notes))
    assert answer == {"format": 1, "now": NOW, "taken": [True] * 3, "revoked": False}
    assert await kept(office) == [(note["id"], nurse.person, nurse.device, "stored", None) for note in notes]
    assert await desk.rows(office, "SELECT highest_n, last_seen_at FROM device WHERE id = $1", nurse.device) == [(nurse.n, NOW)]
    assert await desk.log(office, "write", "person", "source", "device") == [(nurse.person, "sealed", nurse.device)] * 3


async def test_twice_is_once_and_the_unlocked_phone_hears_that_it_is_known(office, client, nurse, house, seal):
    note = desk.note(nurse, house)
    box = sealed(note, seal, nurse.device)
    for _ in range(2):
        await hand_in(client, nurse, box, box)
    phone = await desk.phone(client, nurse)
    answer = await phone.sync(note)
    assert [one["is"] for one in answer["results"]] == ["known"]
    assert len(await kept(office)) == 1


async def test_it_comes_in_after_the_session_has_ended(office, client, nurse, house, seal, clock):
    await office.write(lambda tx: sessions.end(tx, sessions._hash(nurse.token), NOW))
    clock.at += 20 * DAY_MS
    assert (await hand_in(client, nurse, sealed(desk.note(nurse, house), seal, nurse.device)))["taken"] == [True]


async def test_what_a_revoked_device_hands_in_is_held_and_it_hears_that_it_was_revoked(office, client, nurse, house, seal):
    await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, nurse.device)
    note = desk.note(nurse, house)
    assert await hand_in(client, nurse, sealed(note, seal, nurse.device)) == {"format": 1, "now": NOW, "taken": [True], "revoked": True}
    assert await kept(office) == [(note["id"], nurse.person, nurse.device, "held", "device_revoked")]


async def test_what_is_refused_is_not_called_taken_and_its_phone_keeps_it(office, client, nurse, house, seal):
    note = desk.note(nurse, house)
    await hand_in(client, nurse, sealed(note, seal, nurse.device))
    again = desk.note(nurse, house, "Toch anders.", record=note["record"], seen=1)
    after = desk.note(nurse, house)
    boxes = [sealed(one, seal, nurse.device) for one in (again, after)]
    assert (await hand_in(client, nurse, *boxes))["taken"] == [False, True]
    assert [row[0] for row in await kept(office)] == sorted([note["id"], after["id"]])
    # In custody it is held like everything else, and only then it is here.
    await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, nurse.device)
    assert (await hand_in(client, nurse, *boxes))["taken"] == [True, True]


async def test_what_a_lead_sent_back_is_here(office, client, nurse, house, seal):
    note = desk.note(nurse, house)
    await hand_in(client, nurse, sealed(note, seal, nurse.device))
    await desk.run(office, "UPDATE change SET is_ = 'refused', reason = 'returned' WHERE id = $1", note["id"])
    assert (await hand_in(client, nurse, sealed(note, seal, nurse.device)))["taken"] == [True]


async def test_with_nothing_to_hand_in_only_its_own_session_tells_that_a_device_was_revoked(office, client, nurse, seal):
    await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, nurse.device)
    assert not (await hand_in(client, nurse))["revoked"]
    client.cookies.set(sessions.COOKIE, nurse.token)
    assert (await hand_in(client, nurse))["revoked"]
    other = await desk.somebody(office)
    assert not (await hand_in(client, other))["revoked"]


async def test_what_somebody_wrote_who_left_since_is_held(office, client, nurse, house, seal):
    note = desk.note(nurse, house)
    await desk.run(office, "UPDATE person SET left_at = $1 WHERE id = $2", NOW, nurse.person)
    assert (await hand_in(client, nurse, sealed(note, seal, nurse.device)))["taken"] == [True]
    assert [row[3:] for row in await kept(office)] == [("held", "hat_ended")]


async def test_only_the_device_itself_can_seal_for_itself(office, client, nurse, house, seal):
    """Another's proof, a guessed one, another device's name, a turned bit, an unknown pair: none of it opens, and nothing of it is kept."""
    other = await desk.somebody(office, "nurse", nurse.team)
    theirs = await current(office, other)
    note = desk.note(nurse, house)
    mine = sealed(note, seal, nurse.device)
    swapped = "B" if mine["text"][40] == "A" else "A"
    boxes = [
        sealed(note, theirs, nurse.device), sealed(note, {**seal, "proof": "A" * 43}, nurse.device), sealed(note, seal, other.device),
        {**mine, "text": mine["text"][:40] + swapped + mine["text"][41:]}, {**mine, "key": STRANGER},
        {**mine, "point": sealed(note, seal, nurse.device)["point"]},
        {**mine, "point": "", "text": ""}, {**mine, "point": "é"}, {**mine, "text": mine["text"][:20]},
    ]  # fmt: skip
    assert (await hand_in(client, nurse, *boxes))["taken"] == [False] * len(boxes)
    assert (await hand_in(client, other, mine))["taken"] == [False]
    assert await kept(office) == []


async def test_what_is_no_change_blocks_nothing_behind_it(office, client, nurse, house, seal):
    boxes = [sealed(one, seal, nurse.device) for one in ([1], {"id": "x"}, desk.note(nurse, house))]
    assert (await hand_in(client, nurse, *boxes))["taken"] == [False, False, True]
    assert [row[3] for row in await kept(office)] == ["stored"]


async def test_what_lies_open_in_a_delivery_says_nothing_of_a_resident(office, client, nurse, house, seal):
    box = sealed(desk.note(nurse, house, "Kanarie"), seal, nurse.device)
    assert set(box) == {"key", "point", "text"}
    assert not [word for word in ("Kanarie", house.resident, nurse.person) if word in str(box)]


async def test_a_pair_seals_for_a_month_and_opens_for_a_year(office, client, nurse, house, seal, clock):
    box = sealed(desk.note(nurse, house), seal, nurse.device)
    await office.write(lambda tx: seals.renew(tx, NOW + MONTH_MS - 1))
    assert await current(office, nurse) == seal
    await office.write(lambda tx: seals.renew(tx, NOW + MONTH_MS))
    assert (await current(office, nurse))["id"] != seal["id"]
    clock.at += 300 * DAY_MS
    assert (await hand_in(client, nurse, box))["taken"] == [True]
    await office.write(lambda tx: seals.renew(tx, NOW + 365 * DAY_MS))
    assert (await hand_in(client, nurse, box))["taken"] == [False]


async def test_a_phone_gets_what_it_seals_to_with_everything_else_about_itself(client, nurse, seal):
    client.cookies.set(sessions.COOKIE, nurse.token)
    assert (await client.get("/me")).json()["seal"] == seal


@pytest.mark.parametrize(
    ("asks", "status"),
    [({"format": 2, "device": STRANGER}, 400), ({"format": 1, "device": STRANGER, "sealed": [{}]}, 400), ({"format": 1}, 400),
     ({"format": 1, "device": STRANGER, "sealed": [{"key": "x", "point": "x", "text": "x"}] * 501}, 413)],
)  # fmt: skip
async def test_what_is_no_delivery_is_refused(office, client, asks, status):
    assert (await client.post("/outbox", json=asks)).status_code == status
