"""What a sync may not give: anybody else's records, by any road; and what it must tell: every pair, its end, every read in the log."""

from __future__ import annotations

import hashlib

import pytest

from server import exchange, pulls
from sync import rules
from tests import desk
from tests.desk import NOW

SECRET = "Dit leest alleen het eigen team."

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def theirs(office):
    """A household of another team, with something of every first kind and a note in it, and who wrote it."""
    other = await desk.somebody(office, "nurse", name="Bram")
    house = await desk.household(office, other.team)
    sent = [desk.task(other, house, SECRET), desk.visit(other, house), desk.note(other, house, SECRET), desk.contact(other)]
    await desk.hand_in(office, other, *sent)
    return house, other, sent


def revoke(office, me, at=NOW):
    return desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", at, me.device)


async def test_the_whole_entitlement_comes_once_and_again_when_it_changed(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    answer = await phone.sync()
    wanted = {(house.subject, "practical"), *((house.about, topic) for topic in ("practical", "body", "mind", "society", "social"))}
    wanted |= {(f"team:{nurse.team.id}", topic) for topic in ("practical", "social")} | {(f"organisation:{nurse.team.organisation}", "practical")}
    assert {(subject, topic) for subject, topic, *_ in answer["entitled"]["pairs"]} == wanted
    assert phone.digest == hashlib.sha256(f"{rules.pairs_text(phone.pairs)} {nurse.hat}".encode()).hexdigest()[:32]
    assert (await phone.sync())["entitled"] is None
    await desk.run(office, "UPDATE care SET until = '2026-11-30'")
    ends = {(subject, until) for subject, _, until, *_ in (await phone.sync())["entitled"]["pairs"]}
    assert {(house.subject, "2026-11-30"), (house.about, "2026-11-30"), (f"team:{nurse.team.id}", None)} <= ends


async def test_with_it_come_all_hats_that_were_ever_mine(office, client, nurse):
    phone = await desk.phone(client, nurse)
    ended = await desk.hat(office, nurse.person, await desk.team(office), "nurse", until="2026-11-21")
    await desk.hat(office, (await desk.somebody(office, "nurse", nurse.team)).person, nurse.team, "lead")
    assert (await phone.sync())["entitled"]["hats"] == sorted([nurse.hat, ended])


async def test_a_hat_that_came_and_went_between_two_exchanges_is_told_though_nothing_else_changed(office, client, nurse):
    phone, other = await desk.phone(client, nurse), await desk.team(office)
    told = (await phone.sync())["entitled"]
    between = await desk.hat(office, nurse.person, other, "nurse", since="2026-11-20", until="2026-11-21")
    again = (await phone.sync())["entitled"]
    assert (again["hats"], again["pairs"]) == ([*told["hats"], between], told["pairs"])
    assert (await phone.sync())["entitled"] is None


async def test_a_new_household_is_in_the_answer_to_its_first_change(office, client, nurse):
    phone = await desk.phone(client, nurse)
    await phone.pull()
    key = desk.new()
    answer = await phone.sync(desk.change(nurse, "household", f"household:{key}", {"name": "Fam. de Wit"}, record=key))
    assert [f"household:{key}", "practical", None, 0, "care"] in answer["entitled"]["pairs"]


async def test_anothers_records_are_never_given(office, client, nurse, house, theirs):
    phone = await desk.phone(client, nurse)
    epoch = (await phone.post()).json()["epoch"]
    for cursor in (None, "0", "1", "first-0-1", "first-0-999999999"):
        response = await phone.post(cursor=cursor, epoch=epoch)
        assert response.status_code == 200
        assert SECRET not in response.text
        assert not {one["record"] for one in theirs[2]} & {one["id"] for one in response.json()["records"]}
        assert theirs[0].id not in response.text


async def test_writing_to_anothers_records_gives_nothing_of_them(office, client, nurse, house, theirs):
    other_house, _, sent = theirs
    phone = await desk.phone(client, nurse)
    tries = [
        desk.task(nurse, other_house, "Van mij", record=sent[0]["record"], seen=9),
        desk.task(nurse, house, "Van mij", record=sent[0]["record"], seen=9),
        desk.note(nurse, other_house, "Van mij", record=sent[2]["record"], seen=9),
    ]
    response = await phone.post(*tries)
    assert [one["is"] for one in response.json()["results"]] == ["held", "refused", "held"]
    assert SECRET not in response.text
    assert all("version" not in one for one in response.json()["results"])


async def test_a_colleague_of_another_profession_does_not_get_what_the_body_tells(office, client, nurse, house):
    outreach = await desk.somebody(office, "outreach")
    await desk.care(office, house, outreach.team)
    sent = [desk.note(nurse, house, SECRET, topic="body"), desk.note(nurse, house, "Gaat naar het buurthuis.", topic="social")]
    phone = await desk.phone(client, outreach)
    await phone.pull()
    await desk.hand_in(office, nurse, *sent)
    assert [one["id"] for one in await phone.pull()] == [sent[1]["record"]]


async def test_a_volunteer_gets_their_team_and_nothing_of_a_household(office, client, nurse, house):
    volunteer = await desk.somebody(office, "volunteer")
    await desk.care(office, house, volunteer.team)
    phone = await desk.phone(client, volunteer)
    await phone.pull()
    await desk.hand_in(office, nurse, desk.note(nurse, house), desk.task(nurse, house), desk.contact(nurse))
    assert await phone.pull() == []
    assert {subject for subject, *_ in phone.pairs} == {f"team:{volunteer.team.id}", f"person:{volunteer.person}"}


async def test_after_the_care_relation_ended_only_what_i_wrote_still_comes(office, client, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    mine, joosts = desk.note(nurse, house, "Van mij."), desk.note(colleague, house, SECRET)
    await desk.hand_in(office, nurse, mine)
    await desk.hand_in(office, colleague, joosts)
    phone = await desk.phone(client, nurse)
    await phone.sync()
    await desk.end_care(office, house, nurse.team)
    answer = await phone.sync()
    assert all(subject not in {house.subject, house.about} for subject, *_ in answer["entitled"]["pairs"])
    fresh = desk.Phone(phone.client, nurse)
    assert [one["id"] for one in await fresh.pull()] == [mine["record"]]


@pytest.mark.parametrize("far", [2000, -1])
async def test_what_others_do_with_what_i_wrote_still_comes_after_the_care_relation_ended(office, client, nurse, house, monkeypatch, far):
    monkeypatch.setattr(pulls, "SCAN_MAX", far)
    mine, other = desk.task(nurse, house, "Van mij"), await desk.somebody(office, "nurse", name="Bram")
    await desk.hand_in(office, nurse, mine)
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await desk.end_care(office, house, nurse.team)
    await desk.care(office, house, other.team)
    await desk.hand_in(office, other, desk.task(other, house, "Van Bram", record=mine["record"], seen=1), desk.task(other, house, SECRET))
    assert [(one["id"], one["version"]) for one in await phone.pull()] == [(mine["record"], 2)]


async def test_work_done_after_the_care_relation_ended_is_held_and_said(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    await phone.sync()
    await desk.end_care(office, house, nurse.team)
    (result,) = (await phone.sync(desk.note(nurse, house)))["results"]
    assert (result["is"], result["reason"]) == ("held", "no_care_relation")


async def test_a_revoked_device_hands_in_gets_nothing_and_hears_that_it_was_revoked(office, client, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await desk.hand_in(office, colleague, desk.note(colleague, house, SECRET))
    await revoke(office, nurse)
    change = desk.note(nurse, house, "Nog niet verzonden.")
    for last in (change, change):
        response = await phone.post(last)
        answer = response.json()
        assert desk.said(answer["results"]) == [("held", "device_revoked")]
        assert set(answer) == {"format", "now", "revoked", "results"}
    assert (await phone.post()).json() == {"format": 1, "now": NOW, "revoked": True, "results": []}
    assert await desk.rows(office, "SELECT is_, reason FROM change WHERE person = $1", nurse.person) == [("held", "device_revoked")]
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE author = $1", nurse.person) == [(0,)]


async def test_whatever_is_handed_in_wrongly_is_answered_with_its_reason_logged_and_gives_nothing_away(office, client, nurse, house, theirs):
    away, other, _ = theirs
    nowhere = desk.House(desk.new(), desk.new())
    given = desk.consent(nurse, house, nurse, "money")
    await desk.hand_in(office, nurse, given, desk.withdrawal(nurse, given))
    of_volunteer = await desk.hat(office, nurse.person, nurse.team, "volunteer")
    over = await desk.hat(office, nurse.person, nurse.team, "nurse", until="2026-11-21")
    closed = {
        "no_care_relation": [desk.note(nurse, away), desk.note(nurse, nowhere), desk.visit(nurse, away), desk.visit(nurse, nowhere)],
        "consent_ended": [desk.note(nurse, house, topic="money")],
        "role": [desk.note(nurse, house, by=of_volunteer), desk.change(nurse, "reading", house.subject, {"of": desk.STRANGER})],
        "hat_ended": [desk.note(nurse, house, by=over)],
    }
    wrong = {
        "hat": [desk.note(nurse, house, by=hat) for hat in (other.hat, desk.STRANGER)],
        "shape": [{**desk.note(nurse, house), name: value} for name, value in (("author", other.person), ("role", "lead"), ("device", other.device))],
    }
    phone = await desk.phone(client, nurse)
    expected = [("held", why) for why, sent in closed.items() for _ in sent] + [("refused", why) for why, sent in wrong.items() for _ in sent]
    sent = [one for some in (*closed.values(), *wrong.values()) for one in some]
    response = await phone.post(*sent)
    assert desk.said(response.json()["results"]) == expected
    assert SECRET not in response.text
    kept = await desk.rows(office, "SELECT id FROM change WHERE is_ = 'held' ORDER BY n")
    assert kept == [(one["id"],) for some in closed.values() for one in some]
    for is_ in ("held", "refused"):
        assert sorted(await desk.log(office, is_, "result")) == sorted((why,) for said, why in expected if said == is_)
    # Of what another team has and of what is nowhere the same is said.
    plain = [{name: value for name, value in one.items() if name != "id"} for one in response.json()["results"][:4]]
    assert plain == [{"is": "held", "reason": "no_care_relation"}] * 4


async def test_a_clock_of_2038_writes_no_later_than_five_minutes_from_now(office, client, nurse, house):
    task = desk.task(nurse, house, stamp=f"2145916800000-0000-{nurse.device[-8:]}")
    answer = await (await desk.phone(client, nurse)).sync(task)
    assert desk.said(answer["results"]) == [("stored", "clock")]
    assert (await desk.record(office, task["record"]))["writes"][task["id"]]["stamp"] < f"{NOW + 300_001:013d}"


@pytest.mark.parametrize("path", ["/me", "/sync/history", "/news", "/review", "/held", "/people"])
async def test_a_revoked_device_opens_nothing_else(office, client, nurse, house, path):
    phone = await desk.phone(client, nurse)
    await revoke(office, nurse)
    asks = {"format": 1, "device": nurse.device, "pairs": [[house.about, "body"]]}
    response = await (phone.client.post(path, json=asks) if path == "/sync/history" else phone.client.get(path))
    assert response.status_code in {303, 401}


async def test_every_pair_that_is_given_is_logged_with_how_much_and_why(office, client, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await phone.sync()  # says what it holds: from here on a pull has nothing to write but the log
    assert await desk.log(office, "given", "id") == []
    sent = [desk.note(colleague, house), desk.note(colleague, house), desk.note(colleague, house, topic="mind"), desk.contact(colleague)]
    await desk.hand_in(office, colleague, *sent)
    await phone.sync()
    logged = await desk.log(office, "given", "subject", "topic", "n", "ground")
    team = f"team:{nurse.team.id}"
    assert sorted(logged) == sorted([(house.about, "body", 2, "care"), (house.about, "mind", 1, "care"), (team, "social", 1, "team")])
    who = set(await desk.log(office, "given", "person", "hat", "role", "organisation", "device", "source", "result", "at"))
    assert who == {(nurse.person, nurse.hat, "nurse", nurse.team.organisation, nurse.device, "sync", "ok", NOW)}
    await phone.sync()
    assert len(await desk.log(office, "given", "id")) == 3


async def test_what_comes_down_with_a_push_is_logged_too(office, client, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await desk.hand_in(office, colleague, desk.note(colleague, house))
    await phone.sync(desk.task(nurse, house))
    assert await desk.log(office, "given", "subject", "n") == [(house.about, 1)]


async def test_my_own_work_is_given_on_the_ground_that_i_wrote_it(office, client, nurse, house):
    await desk.hand_in(office, nurse, desk.note(nurse, house))
    await desk.end_care(office, house, nurse.team)
    await (await desk.phone(client, nurse)).pull()
    assert await desk.log(office, "given", "subject", "ground", "hat") == [(house.about, "author", None)]


async def test_what_was_looked_at_on_the_phone_is_logged_once(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    read = {"id": desk.new(), "at": NOW - 5000, "subject": house.about, "what": "household"}
    for reads in ([read, read], [read], [{**read, "id": desk.new()}]):
        await phone.sync(reads=reads)
    rows = await desk.log(office, "read", "at", "person", "hat", "role", "device", "subject", "kind", "ground", "source")
    assert rows == [(NOW - 5000, nurse.person, nurse.hat, "nurse", nurse.device, house.about, "household", "care", "offline")] * 2


async def test_a_read_that_is_none_is_left_out_and_blocks_nothing(office, client, nurse, house):
    good = {"id": desk.new(), "at": NOW, "subject": house.about, "what": "visit"}
    odd = [
        *(None, 5, "x", [], {}, {**good, "id": "x"}, {**good, "at": "nu"}, {**good, "at": True}, {**good, "at": 2**53}, {**good, "at": -1}),
        *({**good, "subject": SECRET}, {**good, "what": SECRET}, {**good, "what": None}, {**good, "role": "lead"}),
    ]
    await (await desk.phone(client, nurse)).sync(desk.note(nurse, house), reads=[*odd, good])
    assert await desk.log(office, "read", "subject") == [(house.about,)]


async def test_somebody_elses_read_row_is_not_written_over(office, client, nurse, house):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    read = {"id": desk.new(), "at": NOW, "subject": house.about, "what": "visit"}
    for me in (nurse, colleague):
        await (await desk.phone(client, me)).sync(reads=[read])
    assert (nurse.person,) in await desk.log(office, "read", "person")


async def test_until_the_last_day_a_pair_is_given_and_then_no_more(office, client, nurse, clock):
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    house = await desk.household(office, nurse.team, until="2026-11-22")
    phone = await desk.phone(client, nurse)
    await phone.pull()
    await desk.hand_in(office, colleague, desk.note(colleague, house, SECRET))
    clock.at += desk.DAY_MS
    answer = await phone.sync()
    assert answer["records"] == []
    assert all(about != house.about for about, *_ in phone.pairs)


def test_a_phone_needs_first_what_the_contract_says_is_first():
    kinds = exchange.changes.KINDS["kinds"]
    first = {kind for kind in kinds if rules.first(kind, {"day": "2026-11-22"}, "2026-11-22", exchange.changes.KINDS)}
    recent = {kind for kind, spec in kinds.items() if spec.get("first") == "recent"}
    assert first == {*pulls.ALWAYS, *recent}
    assert all("day" in kinds[kind]["fields"] for kind in recent)
