"""POST /sync/history: whole pairs as a stream of blobs, newest first, and of what is not open nothing but that it is gone."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from server import history
from sync import merge
from tests import desk
from tests.desk import NOW

SECRET = "Dit leest alleen het eigen team."

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def phone(client, nurse):
    return await desk.phone(client, nurse)


async def notes(office, me, house, count, topic="body"):
    """So many notes, oldest first."""
    sent = [desk.note(me, house, f"Regel {i} é", topic=topic) for i in range(count)]
    for start in range(0, count, 400):
        await desk.hand_in(office, me, *sent[start : start + 400])
    return [one["record"] for one in sent]


async def test_a_pair_comes_newest_first_in_parts_of_250(office, nurse, house, phone):
    written = await notes(office, nurse, house, 601)
    given = await phone.history((house.about, "body"))
    assert [(header["part"], header["last"], header["n"], len(records)) for header, records in given] == [
        (0, False, 250, 250), (1, False, 250, 250), (2, True, 101, 101),
    ]  # fmt: skip
    assert [one["id"] for _, records in given for one in records] == written[::-1]
    assert {(header["subject"], header["topic"]) for header, _ in given} == {(house.about, "body")}
    newest = (await desk.rows(office, "SELECT n FROM counter WHERE name = 'seq'"))[0][0]
    assert {header["upto"] for header, _ in given} == {newest}


@pytest.mark.parametrize(("count", "parts"), [(0, 1), (1, 1), (250, 1), (251, 2)])
async def test_every_pair_ends_with_a_last_part(office, nurse, house, phone, count, parts):
    await notes(office, nurse, house, count)
    given = await phone.history((house.about, "body"))
    assert [header["last"] for header, _ in given] == [False] * (parts - 1) + [True]
    assert sum(len(records) for _, records in given) == count


async def test_pairs_come_in_the_order_asked_for_each_once(office, nurse, phone):
    houses = [await desk.household(office, nurse.team) for _ in range(50)]
    for house in houses[::7]:
        await notes(office, nurse, house, 2, "mind")
    asked = [(house.about, "mind") for house in reversed(houses)]
    given = await phone.history(*asked[:10], *asked)
    assert [header["subject"] for header, _ in given][:10] == [subject for subject, _ in asked[:10]]
    assert {header["subject"]: header["n"] for header, _ in given} == {house.about: 2 * (house in houses[::7]) for house in houses}


async def test_records_come_byte_for_byte_as_the_merge_writes_them(office, nurse, house, phone):
    await desk.hand_in(office, nurse, desk.note(nurse, house, 'Zei: "één" \\ 👵🏽 \u2028\n\t\x01'), desk.note(nurse, house))
    asks = {"format": 1, "device": nurse.device, "pairs": [[house.about, "body"]]}
    response = await phone.client.post("/sync/history", json=asks)
    bodies = [body for (body,) in await desk.rows(office, "SELECT body FROM record ORDER BY seq DESC")]
    assert response.content.partition(b"\t")[2] == f"[{','.join(bodies)}]\n".encode()
    assert [merge.text(one) for one in desk.lines(response.content)[0][1]] == bodies
    assert response.headers["cache-control"] == "no-store"


async def test_what_is_not_open_is_gone_whether_it_is_there_or_not(office, nurse, house, phone):
    other = await desk.somebody(office)
    theirs = await desk.household(office, other.team)
    await desk.hand_in(office, other, desk.note(other, theirs, SECRET), desk.task(other, theirs, SECRET))
    pairs = [(theirs.about, "body"), (theirs.subject, "practical"), (house.about, "money"), ("x", "y"), ("", "")]
    pairs += [(f"resident:{desk.STRANGER}", "body")]
    given = await phone.history(*pairs)
    assert given == [({"subject": subject, "topic": topic, "gone": True}, []) for subject, topic in pairs]


async def test_what_i_wrote_where_nothing_is_open_is_not_history(office, nurse, house, phone):
    await notes(office, nurse, house, 1)
    await desk.end_care(office, house, nurse.team)
    assert [header.get("gone") for header, _ in await phone.history((house.about, "body"))] == [True]


async def test_a_care_relation_withdrawn_half_way_gives_nothing_more(office, nurse, monkeypatch):
    monkeypatch.setattr(history, "PAIRS_AT_ONCE", 1)
    first, second = [await desk.household(office, nurse.team) for _ in range(2)]
    other = await desk.somebody(office, "nurse", nurse.team)
    for house in (first, second):
        await notes(office, other, house, 1)
    stream = history._lines(await desk.worn(office, nurse), [(first.about, "body"), (second.about, "body")])
    assert desk.lines(await anext(stream))[0][0]["n"] == 1
    await desk.end_care(office, second, nurse.team)
    assert desk.lines(await anext(stream)) == [({"subject": second.about, "topic": "body", "gone": True}, [])]


async def test_a_device_revoked_half_way_gets_nothing_more(office, nurse, monkeypatch):
    monkeypatch.setattr(history, "PAIRS_AT_ONCE", 1)
    houses = [await desk.household(office, nurse.team) for _ in range(2)]
    for house in houses:
        await notes(office, nurse, house, 1)
    stream = history._lines(await desk.worn(office, nurse), [(house.about, "body") for house in houses])
    await anext(stream)
    await desk.run(office, "UPDATE device SET revoked_at = $1", NOW)
    assert [part async for part in stream] == []


async def test_every_pair_that_is_given_is_logged_before_it_is_given(office, nurse, house, phone, monkeypatch):
    monkeypatch.setattr(history, "PAIRS_AT_ONCE", 1)
    await notes(office, nurse, house, 3)
    await notes(office, nurse, house, 2, "mind")
    stream = history._lines(await desk.worn(office, nurse), [(house.about, "body"), (house.about, "mind"), (house.about, "social"), ("x", "y")])
    wanted = [(house.about, "body", 3), (house.about, "mind", 2)]
    for rows in (1, 2, 2, 2):
        await anext(stream)
        assert sorted(await desk.log(office, "given", "subject", "topic", "n")) == wanted[:rows]
    who = (nurse.person, nurse.hat, "nurse", nurse.device, "care", "history", "ok")
    assert set(await desk.log(office, "given", "person", "hat", "role", "device", "ground", "source", "result")) == {who}


async def test_the_stream_is_packed_for_those_who_unpack_it_and_can_be_read_as_it_comes(office, nurse, house, phone):
    await notes(office, nurse, house, 300)
    asks = {"format": 1, "device": nurse.device, "pairs": [[house.about, "body"], ["x", "y"]]}
    async with phone.client.stream("POST", "/sync/history", json=asks, headers={"Accept-Encoding": "gzip"}) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    assert (response.headers["content-encoding"], response.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert [len(records) for _, records in desk.lines(gzip.decompress(raw))] == [250, 50, 0]
    plain = await phone.client.post("/sync/history", json=asks, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == gzip.decompress(raw)


async def test_a_packed_stream_that_is_cut_gives_what_came_before(office, nurse, phone, monkeypatch):
    monkeypatch.setattr(history, "PAIRS_AT_ONCE", 1)
    houses = [await desk.household(office, nurse.team) for _ in range(3)]
    for house in houses:
        await notes(office, nurse, house, 1)
    packed = history._gzipped(history._lines(await desk.worn(office, nurse), [(house.about, "body") for house in houses]))
    unpacker = zlib.decompressobj(31)
    first = unpacker.decompress(await anext(packed))
    assert desk.lines(first)[0][0]["subject"] == houses[0].about


async def test_nothing_asked_gives_nothing(nurse, phone):
    assert await phone.history() == []


@pytest.mark.parametrize(
    ("asks", "status", "field"),
    [
        ({"format": 2}, 400, "format"), ({"device": desk.STRANGER}, 409, "device"), ({"pairs": [["a", "b"]] * 2001}, 413, "pairs"),
        ({"pairs": [["a"]]}, 400, "pairs[0]"), ({"pairs": "all"}, 400, "pairs"), ({"role": "lead"}, 400, "role"),
    ],
)  # fmt: skip
async def test_a_question_that_is_none_names_the_field(nurse, phone, asks, status, field):
    body = {"format": 1, "device": nurse.device, "pairs": [], **asks}
    response = await phone.client.post("/sync/history", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert [one["field"] for one in response.json()["error"]["fields"]] == [field]


async def test_first_and_history_together_are_everything_that_is_open(office, nurse, house, phone):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    made = await notes(office, colleague, house, 5) + await notes(office, colleague, house, 5, "mind")
    others = [desk.task(colleague, house), desk.visit(colleague, house, "2026-01-05"), desk.contact(colleague, day="2026-02-05")]
    await desk.hand_in(office, colleague, *others)
    await phone.pull()
    given = await phone.history(*((subject, topic) for subject, topic, *_ in phone.pairs))
    ids = {one["id"] for _, records in given for one in records}
    assert ids == {*made, *(one["record"] for one in others)}
    assert set(phone.records) < ids


async def test_of_a_closed_pair_comes_what_i_wrote_myself(office, nurse, house, phone):
    other = await desk.somebody(office, "nurse", nurse.team)
    mine, theirs = await notes(office, nurse, house, 1), await notes(office, other, house, 1)
    await desk.end_care(office, house, nurse.team)
    ((header, records),) = await phone.history((house.about, "body"))
    assert header == {"subject": house.about, "topic": "body", "gone": True}
    assert [one["id"] for one in records] == mine != theirs
    assert await desk.log(office, "given", "topic", "ground", "n") == [("body", "author", 1)]


async def test_what_i_wrote_before_a_consent_for_later_things_only_comes_with_them(office, nurse, house, phone):
    early = await notes(office, nurse, house, 1)
    said = desk.consent(nurse, house, nurse.team, "body", before=False)
    ours = desk.Team(nurse.team.organisation, "", "")
    await desk.hand_in(office, nurse, said, desk.consent(nurse, house, ours, "body", answer="no", to_kind="organisation"))
    late = await notes(office, nurse, house, 1)
    other = await desk.somebody(office, "nurse", nurse.team)
    await notes(office, other, house, 1)
    ((_, records),) = await phone.history((house.about, "body"))
    assert {one["id"] for one in records} > {*early, *late}
