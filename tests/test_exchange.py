"""POST /sync: what goes up is said back one by one, what comes down is what this person may hold, once, and nothing of anybody else."""

from __future__ import annotations

import gzip
import json

import pytest

from server import exchange, pulls
from sync import merge
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

OLD = "2026-08-01"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def joost(office, nurse):
    return await desk.somebody(office, "nurse", nurse.team, name="Joost")


async def test_a_first_pull_brings_what_today_needs_and_no_history(office, client, nurse, house, joost):
    first = [desk.task(joost, house), desk.visit(joost, house, TODAY), desk.contact(joost), desk.visit(joost, house, "2026-11-21")]
    later = [desk.note(joost, house), desk.visit(joost, house, "2026-11-20"), desk.contact(joost, day=OLD)]
    await desk.hand_in(office, joost, *first, *later)
    phone = await desk.phone(client, nurse)
    answer = await phone.sync()
    assert {one["id"] for one in answer["records"]} == {one["record"] for one in first}
    assert (answer["more"], answer["format"], answer["now"], answer["results"]) == (False, 1, NOW, [])
    assert (await phone.sync())["records"] == []


async def test_a_first_pull_comes_in_pages_and_says_when_it_is_done(office, client, nurse, house, joost, monkeypatch):
    monkeypatch.setattr(pulls, "PAGE", 10)
    sent = [desk.task(joost, house, f"Taak {i}") for i in range(34)]
    await desk.hand_in(office, joost, *sent[:30], desk.note(joost, house))
    phone = await desk.phone(client, nurse)
    assert [len((await phone.sync())["records"]) for _ in range(2)] == [10, 10]
    await desk.hand_in(office, joost, *sent[30:], {**desk.task(joost, house, "Anders"), "record": sent[0]["record"], "seen": 1})
    given = await phone.pull()
    assert set(phone.records) == {one["record"] for one in sent}
    assert [one["id"] for one in given].count(sent[0]["record"]) == 1
    assert phone.records[sent[0]["record"]]["version"] == 2


async def test_after_that_only_what_changed_comes_and_of_every_kind(office, client, nurse, house, joost):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    change = desk.note(joost, house)
    await desk.hand_in(office, joost, change)
    assert [one["id"] for one in (await phone.sync())["records"]] == [change["record"]]
    assert (await phone.sync())["records"] == []


async def test_more_than_a_page_comes_in_pages_and_skips_nothing(office, client, nurse, house, joost):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    sent = [desk.note(joost, house, f"Regel {i}") for i in range(700)]
    for start in (0, 350):
        await desk.hand_in(office, joost, *sent[start : start + 350])
    answer = await phone.sync()
    assert (len(answer["records"]), answer["more"]) == (500, True)
    given = await phone.pull()
    assert (len(given), len(phone.records)) == (200, 700)


async def test_a_long_way_back_brings_the_same_as_a_short_one(office, client, nurse, house, joost, monkeypatch):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    elsewhere = await desk.somebody(office)
    theirs = await desk.household(office, elsewhere.team)
    sent = [desk.note(joost, house, f"Regel {i}") for i in range(25)]
    await desk.hand_in(office, joost, *sent)
    await desk.hand_in(office, elsewhere, *(desk.note(elsewhere, theirs) for _ in range(5)))
    monkeypatch.setattr(pulls, "SCAN_MAX", 10)
    monkeypatch.setattr(pulls, "PAGE", 10)
    assert [one["id"] for one in await phone.pull()] == [one["record"] for one in sent]


async def test_what_i_sent_is_not_sent_back_unless_somebody_else_wrote_there_too(office, client, nurse, house, joost):
    phone = await desk.phone(client, nurse)
    mine = desk.task(nurse, house)
    answer = await phone.sync(mine)
    assert [(one["is"], one["version"]) for one in answer["results"]] == [("stored", 1)]
    assert answer["records"] == []
    await desk.hand_in(office, joost, desk.task(joost, house, "Van Joost", record=mine["record"], seen=1))
    again = desk.task(nurse, house, "Van mij", record=mine["record"], seen=1)
    answer = await phone.sync(again)
    assert [one["version"] for one in answer["records"]] == [3]
    assert (await phone.sync())["records"] == []


async def test_what_lies_under_my_change_comes_along_when_i_was_not_given_it_yet(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    cursor = phone.cursor
    # Its clock was corrected, and the answer that says so was lost on the way: what the phone makes itself has another time.
    first = desk.task(nurse, house, stamp=f"{NOW + DAY_MS:013d}-0000-{nurse.device[-8:]}")
    await phone.sync(first)
    phone.cursor = cursor
    answer = await phone.sync(first, desk.task(nurse, house, "Toch niet", record=first["record"], seen=1))
    assert [(one["is"], one["version"]) for one in answer["results"]] == [("known", 1), ("stored", 2)]
    assert [one["version"] for one in answer["records"]] == [2]


async def test_what_the_phone_makes_of_its_own_change_is_what_the_office_has(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    change = desk.task(nurse, house)
    (result,) = (await phone.sync(change))["results"]
    write = {"by": nurse.hat, "role": "nurse", "version": result["version"], "device": nurse.device}
    write |= {name: change[name] for name in ("stamp", "seen", "n")}
    spec = exchange.changes.KINDS["kinds"]["task"]
    assert await desk.rows(office, "SELECT body FROM record") == [(merge.text(merge.apply(None, change, write, spec)),)]


async def test_a_change_whose_clock_was_corrected_comes_back(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    change = desk.task(nurse, house, stamp=f"{NOW + DAY_MS:013d}-0000-{nurse.device[-8:]}")
    answer = await phone.sync(change)
    assert answer["results"][0]["reason"] == "clock"
    assert [one["id"] for one in answer["records"]] == [change["record"]]


async def test_my_other_phone_gets_what_i_wrote_here(office, client, nurse, house):
    here = await desk.phone(client, nurse)
    change = desk.task(nurse, house)
    await here.sync(change)
    await desk.another_device(office, nurse)
    there = await desk.phone(client, nurse)
    assert [one["id"] for one in await there.pull()] == [change["record"]]


async def test_records_come_byte_for_byte_as_the_merge_writes_them(office, client, nurse, house, joost):
    text = 'Zei: "één" \\ 👵🏽 \u2028\ttab\n\x01'
    change = desk.change(joost, "household", house.subject, {"name": "Fam. Ünal", "entry": text}, record=house.id)
    note = desk.note(joost, house, text)
    await desk.hand_in(office, joost, change, note)
    phone = await desk.phone(client, nurse)
    answer = await phone.post()
    (body,) = (await desk.rows(office, "SELECT body FROM record WHERE kind = 'household'"))[0]
    assert body.encode() in answer.content
    assert merge.text(answer.json()["records"][0]) == body


async def test_a_lost_answer_is_asked_again_and_has_one_effect(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    sent = [desk.note(nurse, house) for _ in range(3)]
    first = await phone.post(*sent)
    again = await phone.sync(*sent)
    assert [one["is"] for one in first.json()["results"]] == ["stored"] * 3
    assert [(one["is"], one["version"]) for one in again["results"]] == [("known", 1)] * 3
    assert await desk.rows(office, "SELECT count(*) FROM change") == [(3,)]


async def test_two_hundred_and_fifty_up_and_down_at_once(office, client, nurse, house, joost):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await desk.hand_in(office, joost, *(desk.note(joost, house) for _ in range(250)))
    answer = await phone.sync(*(desk.note(nurse, house) for _ in range(250)))
    assert (len(answer["results"]), len(answer["records"]), answer["more"]) == (250, 250, False)


@pytest.mark.parametrize("name", ["changes", "reads"])
async def test_more_than_five_hundred_at_once_is_too_many(office, client, nurse, name):
    phone = await desk.phone(client, nurse)
    response = await phone.post(**{name: [{}] * 501})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_many")
    assert (await phone.post(**{name: [{}] * 500})).status_code == 200


async def test_the_answer_is_packed_for_those_who_unpack_it_and_a_packed_question_is_read(office, client, nurse, house, joost):
    await desk.hand_in(office, joost, *(desk.task(joost, house) for _ in range(20)))
    phone = await desk.phone(client, nurse)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    sent = desk.packed(phone.asks(desk.note(nurse, house)))
    zipped = await phone.client.post("/sync", content=sent, headers={**headers, "Accept-Encoding": "gzip"})
    assert (zipped.headers["content-encoding"], zipped.headers["vary"]) == ("gzip", "Accept-Encoding")
    plain = await phone.client.post("/sync", content=sent, headers={**headers, "Accept-Encoding": "gzip;q=0, br"})
    assert "content-encoding" not in plain.headers
    assert [one["is"] for one in zipped.json()["results"] + plain.json()["results"]] == ["stored", "known"]


async def test_a_question_with_nothing_new_is_short(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    response = await phone.post()
    assert len(response.content) + len(json.dumps(phone.asks())) < 700


async def test_the_device_counts_its_changes_and_is_seen(office, client, nurse, house, clock):
    phone = await desk.phone(client, nurse)
    clock.at += 1000
    await phone.sync(desk.note(nurse, house, n=7), desk.note(nurse, house, n=5), {"n": "x"}, {"n": 2**60})
    assert await desk.rows(office, "SELECT highest_n, last_seen_at FROM device WHERE id = $1", nurse.device) == [(7, NOW + 1000)]


@pytest.mark.parametrize("cursor", ["99999999", "first-0-99999999", "first-99999999-99999999", "0", "000000000000000000"])
async def test_a_cursor_that_is_not_ours_skips_nothing(office, client, nurse, house, joost, cursor):
    await desk.hand_in(office, joost, desk.task(joost, house), desk.task(joost, house))
    phone = await desk.phone(client, nurse)
    phone.epoch = (await phone.post()).json()["epoch"]
    phone.cursor = cursor
    assert len(await phone.pull()) == 2


async def test_another_life_of_the_office_begins_anew(office, client, nurse, house, joost):
    sent = [desk.task(joost, house), desk.task(joost, house)]
    await desk.hand_in(office, joost, *sent)
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await desk.run(office, "UPDATE meta SET value = 'another' WHERE name = 'epoch'")
    answer = await phone.sync()
    assert (answer["epoch"], len(answer["records"])) == ("another", 2)
    assert (await phone.sync())["records"] == []


async def test_nobody_goes_in_without_a_session(client):
    response = await client.post("/sync", json={"format": 1, "device": desk.STRANGER})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "signed_out")


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"format": 2}, 400, "format"), ({"device": desk.STRANGER}, 409, "device"), ({"cursor": "1; DROP"}, 400, "cursor"),
        ({"cursor": 5}, 400, "cursor"), ({"role": "lead"}, 400, "role"), ({"person": "x"}, 400, "person"), ({"changes": {}}, 400, "changes"),
        ({"reads": None}, 400, "reads"), ({"cursor": "-1"}, 400, "cursor"), ({"cursor": "٣"}, 400, "cursor"),
    ],
)  # fmt: skip
async def test_a_question_that_is_none_names_the_field(office, client, nurse, more, status, field):
    phone = await desk.phone(client, nurse)
    response = await phone.post(**more)
    assert response.status_code == status
    assert [one["field"] for one in response.json()["error"]["fields"]] == [field]


async def test_a_big_answer_unpacks_to_what_was_said(office, client, nurse, house, joost):
    await desk.hand_in(office, joost, *(desk.task(joost, house, f"Taak {i} é") for i in range(300)))
    phone = await desk.phone(client, nurse)
    async with phone.client.stream("POST", "/sync", json=phone.asks(), headers={"Accept-Encoding": "gzip"}) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    assert len(json.loads(gzip.decompress(raw))["records"]) == 300
    assert int(response.headers["content-length"]) == len(raw)


async def test_a_database_without_its_first_rows_names_the_command_that_makes_them(office):
    await desk.run(office, "DELETE FROM meta")
    with pytest.raises(RuntimeError, match="naober migrate"):
        await office.read(exchange.current_epoch)
