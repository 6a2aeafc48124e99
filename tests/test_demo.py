"""The demo neighbourhood: what is planted, who may see it, and who may step in."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter, defaultdict
from typing import Any

import pytest

from server import access, arrivals, changes, demo, demo_history, people, sessions
from server.config import settings
from server.demo_diary import moment
from server.demo_houses import neighbourhood
from server.demo_people import LEADS, PEOPLE
from sync import merge, rules
from tests import cast
from tests.conftest import NOW

TODAY = "2026-11-22"
DAY_MS = 24 * 60 * 60 * 1000
IMPOSSIBLE = re.compile(r"06-00000\d{3}|030-0000\d{3}")


@pytest.fixture
async def planted(office):
    await demo.plant(NOW)
    return office


@dataclasses.dataclass
class Story:
    """What a planting left behind, read once for all the tests that only look at it."""

    records: list[dict[str, Any]]
    tables: dict[str, list[tuple[Any, ...]]]

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["kind"] in kinds]


told: list[Story] = []


@pytest.fixture
async def story(office) -> Story:
    if not told:
        await demo.plant(NOW)
        told.append(await office.read(look))
    return told[0]


async def look(tx) -> Story:
    rows = await tx.all("SELECT body FROM record ORDER BY seq")
    wanted = {
        "kinds": "SELECT kind FROM organisation ORDER BY kind",
        "both": "SELECT household FROM care GROUP BY household HAVING count(*) = 2",
        "became": "SELECT DISTINCT is_, reason FROM change",
        "changes": "SELECT body FROM change",
        "sent": "SELECT device, count(*), max(n) FROM change GROUP BY device",
        "devices": "SELECT id, highest_n FROM device",
    }
    return Story([merge.shown(json.loads(body)) for (body,) in rows], {name: await tx.all(sql) for name, sql in wanted.items()})


async def opened(db, person) -> set[tuple[str, str]]:
    return set(await db.read(lambda tx: access.opened(tx, person.id, NOW)))


async def come_in(db, me) -> list[arrivals.Arrival]:
    async def work(tx):
        return await arrivals.come_in(tx, me, await access.opened(tx, me.person, NOW), NOW)

    return await db.read(work)


def test_there_are_three_organisations_a_dozen_people_and_thirty_front_doors(story):
    count = Counter(record["kind"] for record in story.records)
    assert story.tables["kinds"] == [("care",), ("volunteers",), ("welfare",)]
    assert len(PEOPLE) == 13
    assert (count["household"], count["resident"], count["colleague"]) == (30, 41, 14)
    assert len(story.tables["both"]) == 8


def test_ninety_days_hold_fifteen_hundred_visits_and_notes(story):
    visits, notes = story.of("visit"), story.of("note")
    assert len(visits) + len(notes) >= 1500
    assert 450 <= len(visits) <= 650
    days = sorted({visit["fields"]["day"] for visit in visits})
    assert rules.day_add(TODAY, -90) <= days[0] <= rules.day_add(TODAY, -87)
    assert len(days) > 85
    assert days[-1] == TODAY
    per_lane = Counter(note["topic"] for note in notes)
    assert set(per_lane) == {"practical", "body", "mind", "society", "social"}
    assert min(per_lane.values()) > 40
    assert sum(note["fields"]["aspect"] == "strength" for note in notes) > 300


def test_everything_is_stored_and_sound(story):
    assert story.tables["became"] == [("stored", None)]
    bodies = [json.loads(body) for (body,) in story.tables["changes"]]
    made: set[str] = set()
    for change in sorted(bodies, key=lambda change: change["stamp"]):
        assert rules.check(change, changes.KINDS, new=change["record"] not in made) == []
        made.add(change["record"])
    assert all(int(change["stamp"][:13]) < NOW for change in bodies)


def test_nobody_reads_the_same_note_twice_in_one_household(story):
    homes = {one["id"]: one["fields"]["household"] for one in story.of("resident")}
    notes = story.of("note")
    heard: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        heard[homes[note["subject"].removeprefix("resident:")]].append(note["fields"]["text"])
    assert [text for texts in heard.values() for text, times in Counter(texts).items() if times > 1] == []
    texts = [note["fields"]["text"] for note in notes]
    assert len(set(texts)) > 0.8 * len(texts)
    assert max(Counter(texts).values()) <= 6
    assert not [text for text in texts if "{" in text or "|" in text or "  " in text or text[-1] not in ".?!"]
    assert len(heard) == 30


def test_nobody_can_be_called_or_found(story):
    numbers = [one["fields"]["phone"] for one in story.of("household", "colleague")]
    assert [number for number in numbers if not IMPOSSIBLE.fullmatch(number)] == []
    entries = [one["fields"]["entry"] for one in story.of("household")]
    written = [number for entry in entries for number in re.findall(r"\d[\d-]{8,}", entry)]
    assert [number for number in written if not IMPOSSIBLE.fullmatch(number)] == []
    assert {one["fields"]["city"] for one in story.of("household")} == {"Elmerwaard"}
    assert all("19" <= one["fields"]["born"][:2] <= "20" for one in story.of("resident"))


def test_a_key_safe_is_told_of_and_its_code_stands_in_its_own_place_only(story):
    houses = [one["fields"] for one in story.of("household") if "key_safe" in one["fields"]]
    assert len({one["key_safe"] for one in houses}) == 6
    assert [one for one in houses if "sleutelkluis" not in one["entry"]] == []
    words = " ".join(str(one["fields"].get(name, "")) for one in story.records for name in ("entry", "text", "what"))
    assert [one for one in houses if one["key_safe"] in words] == []


def test_a_visit_goes_before_its_notes_and_its_readings_after_them(story):
    visits, discussed = ({one["id"]: one for one in story.of(kind)} for kind in ("visit", "discussion"))
    for part in story.of("note", "measurement"):
        whole = (visits | discussed)[part["fields"].get("visit") or part["fields"]["discussion"]]
        assert part["by"] == whole["by"]
        assert 0 <= int(part["id"].replace("-", "")[:12], 16) - int(whole["id"].replace("-", "")[:12], 16) < 60_000
    assert all(moment(visit["fields"]["day"], "07:00") < visit["fields"]["at"] < moment(visit["fields"]["day"], "17:30") for visit in visits.values())


def test_a_third_of_the_doors_have_people_round_them_volunteers_among_them(story):
    helpers, houses = story.of("helper"), {one["subject"] for one in story.of("helper")}
    assert len(houses) >= 8
    assert all(2 <= sum(one["subject"] == house for one in helpers) <= 5 for house in houses)
    hats = {hat.id: person.key for person in PEOPLE for hat in person.hats}
    assert {hats[one["fields"]["volunteer"]] for one in helpers if "volunteer" in one["fields"]} == {"gerrit", "ayse", "ria"}
    assert {one["fields"]["agreed"] for one in helpers} == {"yes", "no", "unasked"}
    assert all(IMPOSSIBLE.fullmatch(one["fields"]["phone"]) for one in helpers if "phone" in one["fields"])
    assert len(story.of("pause")) == 2
    assert {one["fields"]["shown"] for one in story.of("load")} == {True, False}
    assert {one["fields"]["outcome"] for one in story.of("asking")} == {"asked", "nobody", "resident_refused"}
    assert len(story.of("instruction")) >= 3


def test_a_planned_visit_happens_once_a_day(story):
    planned = [(visit["fields"].get("schedule"), visit["fields"]["day"]) for visit in story.of("visit") if "schedule" in visit["fields"]]
    assert [visit for visit, times in Counter(planned).items() if times > 1] == []


def test_measurements_are_believable(story):
    taken = story.of("measurement")
    odd = [one for one in taken if rules.plausible(one["fields"]["what"], one["fields"]["value"], one["fields"].get("second"))]
    assert len(taken) > 200
    assert len(odd) <= 3  # now and then one that a phone asks about


@pytest.mark.parametrize("ahead", range(7))
def test_the_nurse_goes_by_five_to_eight_doors_whatever_day_it_is(ahead):
    now = NOW + ahead * DAY_MS
    plans = [entry.fields for entry in demo_history.tell(now) if entry.kind == "schedule"]
    today = [plan for plan in plans if rules.occurs(plan, access.day_of(now))]
    hats = Counter(hat for plan in today for hat in plan["who"])
    assert 5 <= hats[cast.NURSE.hats[0].id] <= 8
    assert hats[cast.COLLEAGUE.hats[0].id] >= 2
    assert len({plan["time"] for plan in today if cast.NURSE.hats[0].id in plan["who"]}) == hats[cast.NURSE.hats[0].id]


@pytest.mark.parametrize("hour", range(-11, 13, 3))
def test_whatever_hour_it_is_planted_nothing_lies_ahead_and_enough_is_told(hour):
    now = NOW + hour * DAY_MS // 24
    entries = demo_history.tell(now)
    assert max(entry.at for entry in entries) < now
    assert sum(entry.kind in {"visit", "note"} for entry in entries) >= 1500


def test_the_woman_who_moved_has_eight_questions_and_five_parties(story):
    houses, _ = neighbourhood()
    lammers = next(house for house in houses if house.key == "lammers")
    home = next(one for one in story.of("household") if one["id"] == lammers.id)
    assert home["version"] == 2
    assert home["fields"]["street"] == "Zwanenmeent 88"
    tasks = [one for one in story.of("task") if one["subject"] == f"household:{lammers.id}"]
    questions = [task for task in tasks if re.match(r"[1-8]\. ", task["fields"]["what"])]
    done = [one["fields"] for one in story.of("completion")]
    assert len(questions) == 8
    assert [question for question in questions if rules.task_state(question["id"], done) != "done"] == []
    told = [note for note in story.of("note") if note["subject"] == f"resident:{lammers.residents[0].id}"]
    assert len(told) > 50
    assert len({note["by"] for note in told}) >= 4
    assert not [note for note in told if note["topic"] in {"safety", "money"}]
    assert any("vijf partijen" in note["fields"]["text"] for note in told)
    parties = [one["fields"] for one in story.of("involved") if one["subject"] == f"resident:{lammers.residents[0].id}"]
    assert len([one for one in parties if one.get("confirmed") == "yes" and not one.get("until")]) + len(lammers.teams) >= 5


async def test_each_lead_finds_a_few_unread_arrivals_and_the_rest_read(planted):
    for person, hat in LEADS:
        if hat.team.key == "vrij":
            continue
        found = await come_in(planted, await cast.me(person, NOW))
        fresh = [one for one in found if one.fresh]
        assert 1 <= len(fresh) <= 25, person.key
        assert len(found) > 4 * len(fresh)
        written = [int(part.record["id"].replace("-", "")[:12], 16) for one in fresh for part in one.all if part.unread]
        assert min(written) > NOW - 2 * DAY_MS


async def test_planting_the_same_moment_twice_tells_the_same_story(planted):
    before = await planted.read(lambda tx: tx.all("SELECT n FROM counter WHERE name = 'seq'"))
    await demo.plant(NOW + DAY_MS)
    assert await planted.read(lambda tx: tx.all("SELECT n FROM counter WHERE name = 'seq'")) == before
    assert demo_history.tell(NOW) == demo_history.tell(NOW)


async def test_a_database_with_somebody_in_it_is_left_alone(office):
    await office.write(lambda tx: people.add(tx, cast.NURSE.id, "Iemand", language="nl", word="client", now=NOW))
    with pytest.raises(demo.OccupiedError, match="NAOBER_DATABASE"):
        await demo.plant(NOW)
    assert await office.read(lambda tx: tx.all("SELECT name FROM meta WHERE name = 'demo'")) == []
    assert await office.read(lambda tx: tx.all("SELECT id FROM record")) == []


async def test_everybody_holds_what_their_role_needs_and_who_works_elsewhere_nobody(planted):
    pairs = {person.key: await opened(planted, person) for person in PEOPLE}
    elsewhere = {subject for subject, _ in pairs[cast.ELSEWHERE.key]}
    assert {subject.partition(":")[0] for subject in elsewhere} == {"organisation", "team"}
    assert [subject for subject in elsewhere if subject.startswith("team:")] == [f"team:{cast.ELSEWHERE.team.id}"]
    assert "body" not in {topic for _, topic in pairs[cast.OUTREACH.key]}
    assert {subject.partition(":")[0] for subject, _ in pairs[cast.VOLUNTEER.key]} == {"team", "person", "errand"}
    assert pairs[cast.NURSE.key] == pairs[cast.COLLEAGUE.key]
    assert len({subject for subject, _ in pairs[cast.NURSE.key] if subject.startswith("household:")}) == 22
    assert len((await cast.me(cast.TWO_HATS, NOW)).hats) == 2


def test_devices_sent_what_they_say_they_sent(story):
    counted, said = story.tables["sent"], dict(story.tables["devices"])
    assert {device: n for device, n, _ in counted if device in said} == {device: n for device, n in said.items() if n}
    assert all(n == highest for device, n, highest in counted if device in said)


@pytest.mark.parametrize(("started", "there"), [(True, True), (True, False), (False, True)])
async def test_stepping_in_works_in_the_demo_only(office, client, monkeypatch, started, there):
    if there and started:
        await demo.plant(NOW)
    elif there:
        await office.write(lambda tx: tx.run("INSERT INTO meta (name, value) VALUES ('demo', '1')"))
    monkeypatch.setattr(sessions, "settings", dataclasses.replace(settings, demo=started))
    asked = await client.post("/demo/sessions", json={"person": cast.NURSE.id, "device": None})
    page = await client.get("/demo")
    if not (started and there):
        assert (asked.status_code, page.status_code) == (404, 404)
        return
    assert asked.status_code == 201
    assert asked.json()["name"] == "Samira El Amrani"
    assert asked.json()["demo"] is True
    again = await client.post("/demo/sessions", json={"person": cast.NURSE.id, "device": asked.json()["device"]})
    assert again.json()["device"] == asked.json()["device"]
    assert (await client.post("/demo/sessions", json={"person": access.OFFICE_ID})).status_code == 404
    assert (await client.post("/demo/sessions", json={"who": "me"})).status_code == 400
    assert "Bram Kuipers" in page.text
    one = await client.get("/demo/samira")
    assert ("Samira El Amrani" in one.text, "Bram Kuipers" in one.text) == (True, False)
    assert "Verder als Samira" in one.text
    assert (await client.get("/demo/nobody")).status_code == 404


async def test_the_language_of_the_page_on_which_somebody_was_chosen_goes_on_in_the_app(planted, client, monkeypatch):
    monkeypatch.setattr(sessions, "settings", dataclasses.replace(settings, demo=True))
    wish = {"person": cast.NURSE.id, "device": None}
    for language in ("en", "xx"):
        assert (await client.post("/demo/sessions", json=wish | {"language": language})).json()["language"] == "en"
    assert "Continue as Samira" in (await client.get("/demo/samira")).text
    assert "Verder als Samira" in (await client.get("/demo/samira?language=nl")).text


def test_some_find_somebody_to_go_along_with(story):
    assert (len(story.of("offer")), Counter(one["fields"]["agreed"] for one in story.of("interest"))) == (3, {"yes": 3, "unasked": 1})
    going = [one["fields"] for one in story.of("match") if not one["fields"].get("ended")]
    assert Counter((one.get("resident_says"), one.get("name")) for one in going) == {(None, None): 3, ("yes", None): 1, ("yes", "Ayşe Demir"): 1}
