"""Calendars: an address that only its owner has, a file as RFC 5545 wants it, and in it nothing but when."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server import calendars, errands
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

TOMORROW = "2026-11-23"
PROPERTY = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[A-Za-z-]+)*):([^\x00-\x1f\x7f]*)")


def parsed(body: bytes) -> list[dict[str, str]]:
    """The events of a calendar, read strictly: CR LF everywhere, lines of at most 75 bytes, unfolded, every property once."""
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 75
    for line in body.split(b"\r\n"):
        line.decode()
    first, *lines, last = body.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    assert (first, last) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    inside: dict[str, str] | None = None
    outside = {}
    for line in lines:
        name, parameters, value = PROPERTY.fullmatch(line).groups()
        if name in {"BEGIN", "END"}:
            assert value == "VEVENT"
            assert (inside is None) == (name == "BEGIN")
            events += [] if inside is None else [inside]
            inside = {} if name == "BEGIN" else None
            continue
        here = outside if inside is None else inside
        assert name + parameters not in here
        here[name + parameters] = re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value)
    assert outside["VERSION"] == "2.0"
    assert outside["PRODID"]
    for event in events:
        assert {"UID", "DTSTAMP"} <= set(event)
        assert len({"DTSTART", "DTSTART;VALUE=DATE"} & set(event)) == 1
    assert len({event["UID"] for event in events}) == len(events)
    return events


@pytest.fixture
async def street(office: Any, client: Any, clock: Any) -> dict[str, Any]:
    nurse, gerrit = await desk.somebody(office, "nurse"), await desk.somebody(office, "volunteer", name="Gerrit")
    home = await desk.household(office, nurse.team)
    what = {"what": "Oogdruppels, voor Jan", "instructions": "Eén druppel."}
    once = desk.change(nurse, "task", home.subject, {**what, "due": TOMORROW, "time": "14:00", "volunteer": gerrit.hat})
    often = desk.change(nurse, "task", home.subject, {**what, "due": TODAY, "every_days": 7, "volunteer": gerrit.hat})
    visits = desk.change(nurse, "schedule", home.subject, {"what": "Wond", "start": TODAY, "time": "09:00", "weekdays": [0, 3], "who": [nurse.hat]})
    others = desk.change(nurse, "schedule", home.subject, {"what": "Wond", "start": TODAY, "every_days": 1, "who": [desk.new()]})
    own = desk.change(nurse, "task", home.subject, {"what": "Bellen", "due": TOMORROW, "owner": nurse.hat})
    assert set(desk.said(await desk.hand_in(office, nurse, once, often, visits, others, own))) == {("stored", None)}
    for one in (once, often):
        key = errands.key_of(one["record"], gerrit.hat)
        yes = desk.change(gerrit, "answer", f"errand:{key}", {"answer": "accepted", "day": TOMORROW})
        assert desk.said(await desk.hand_in(office, gerrit, yes)) == [("stored", None)]
    return {"office": office, "client": client, "clock": clock, "nurse": nurse, "gerrit": gerrit}


async def feed(street: dict[str, Any], name: str) -> tuple[str, Any]:
    """The address of somebody's calendar, and what it answers."""
    browser = await desk.signed_in(street["client"], street[name])
    address = (await browser.put("/me/calendar")).json()["address"]
    return address, await street["client"].get(address)


async def test_a_volunteer_finds_the_days_on_which_they_do_something(street):
    _, answer = await feed(street, "gerrit")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "no-store"
    events = parsed(answer.content)
    days = [one.get("DTSTART;VALUE=DATE") for one in events if "DTSTART;VALUE=DATE" in one]
    assert days == ["20261122", "20261129", "20261206", "20261213", "20261220", "20261227", "20270103", "20270110", "20270117"]
    (timed,) = [one for one in events if "DTSTART" in one]
    assert (timed["DTSTART"], timed["DTEND"]) == ("20261123T130000Z", "20261123T133000Z")


async def test_a_nurse_finds_her_own_visits_and_tasks_and_nobody_elses(street):
    events = parsed((await feed(street, "nurse"))[1].content)
    assert len([one for one in events if "DTSTART;VALUE=DATE" in one]) == 1
    assert [one["DTSTART"] for one in events if "DTSTART" in one][:3] == ["20261123T080000Z", "20261126T080000Z", "20261130T080000Z"]


async def test_a_calendar_tells_of_nobody_and_of_nothing(street):
    for name in ("gerrit", "nurse"):
        _, answer = await feed(street, name)
        assert {one["SUMMARY"] for one in parsed(answer.content)} == {"Naober: iets gepland"}
        for word in ("Oogdruppels", "Jan", "druppel", "Wond", "Bellen", street["nurse"].hat, street["gerrit"].hat):
            assert word not in answer.text
        keys = [key for (key,) in await desk.rows(street["office"], "SELECT id FROM record")]
        assert not [key for key in keys if key in answer.text]


async def test_a_day_stays_the_same_event_and_what_did_not_change_is_not_sent_again(street):
    address, before = await feed(street, "gerrit")
    again = await street["client"].get(address, headers={"If-None-Match": before.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    street["clock"].at = NOW + DAY_MS
    later = parsed((await street["client"].get(address)).content)
    assert {one["UID"] for one in later} < {one["UID"] for one in parsed(before.content)} | {later[-1]["UID"]}


async def test_an_address_opens_nothing_once_it_was_taken_back_or_made_anew(street):
    first, answer = await feed(street, "gerrit")
    assert answer.status_code == 200
    second, _ = await feed(street, "gerrit")
    assert (await street["client"].get(first)).status_code == 404
    browser = await desk.signed_in(street["client"], street["gerrit"])
    assert (await browser.get("/me/calendar")).json() == {"on": True}
    assert (await browser.delete("/me/calendar")).status_code == 204
    assert (await browser.get("/me/calendar")).json() == {"on": False}
    assert (await street["client"].get(second)).status_code == 404
    token = first.rpartition("/")[2].removesuffix(".ics")
    assert calendars.TOKEN.fullmatch(token)
    assert token not in repr(await desk.rows(street["office"], "SELECT * FROM calendar"))


async def test_who_left_or_may_hold_nothing_has_an_empty_calendar_or_none(street):
    address, _ = await feed(street, "gerrit")
    await desk.run(street["office"], "UPDATE membership SET until = '2026-11-21' WHERE id = $1", street["gerrit"].hat)
    assert parsed((await street["client"].get(address)).content) == []
    await desk.run(street["office"], "UPDATE person SET left_at = 1 WHERE id = $1", street["gerrit"].person)
    assert (await street["client"].get(address)).status_code == 404


@pytest.mark.parametrize("title", ["Naober: iets, met; tekens\\ en\nregels", "é" * 200, "🌷" * 99, "x" * 75])
def test_any_title_is_folded_and_escaped(title):
    (event,) = parsed(calendars.file_of([(desk.new(), TODAY, None)], title, "p"))
    assert event["SUMMARY"] == title
