"""Clocks that jump, stand still and go back, the office's and the phones': nothing falls over, and no clock decides what is kept or who holds it."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server import access, sessions
from sync import clock as stamps
from sync import merge
from tests import desk
from tests.desk import DAY_MS, NOW

CASES = json.loads((Path(__file__).parent / "cases" / "days.json").read_text("utf-8"))
YEARS_MS = 3652 * DAY_MS
HOUR_MS = 60 * 60 * 1000
JUMPS = (0, DAY_MS, -DAY_MS, YEARS_MS, -YEARS_MS, -1, 1, 1000, -1000, HOUR_MS, -HOUR_MS)
SEED = 20261122

pytestmark = pytest.mark.usefixtures("clock")


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


# Around each of these the office and the phones go on working.
NIGHTS = [at(moment) for moment in ("2026-03-29T02:00:00+01:00", "2026-10-25T02:00:00+01:00", "2017-01-01T00:00:00Z", "2038-01-19T03:14:07Z")]


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_the_day_of_an_instant(case):
    assert access.day_of(case["given"]) == case["gives"]


class Pen:
    """Somebody's phone with a clock of its own, which writes the same task again and again."""

    def __init__(self, me: desk.Me, house: desk.House) -> None:
        self.me, self.house, self.last, self.ahead = me, house, None, 0
        self.task = desk.new()

    def write(self, what: str, now: int) -> dict[str, Any]:
        self.last = stamps.tick(self.last, max(0, now + self.ahead), self.me.device)
        seen = 0 if what == "0" else 1
        return desk.change(self.me, "task", self.house.subject, {"what": what}, record=self.task, seen=seen, stamp=self.last)


async def signed_in_again(office, phone: desk.Phone) -> None:
    me = phone.me
    me.token = await office.write(lambda tx: sessions.start(tx, me.person, me.device, sessions.now()))
    phone.client.cookies.set(sessions.COOKIE, me.token)


async def test_wherever_the_clocks_go_what_was_written_last_stands_and_every_write_is_in_the_log(office, client, nurse, house, clock):
    chance, pen, phone = random.Random(SEED), Pen(nurse, house), await desk.phone(client, nurse)
    moments = [near + jump for near in (NOW, *NIGHTS) for jump in JUMPS]
    chance.shuffle(moments)
    sent = []
    for n, moment in enumerate(moments):
        clock.at, pen.ahead = moment, chance.choice(JUMPS)
        sent.append(pen.write(str(n), moment))
        answer = await phone.post(sent[-1])
        if answer.status_code == 401:  # the session ended, or has not begun
            await signed_in_again(office, phone)
            answer = await phone.post(sent[-1])
        assert answer.status_code == 200, answer.text
        assert desk.said(answer.json()["results"]) in ([("stored", None)], [("stored", "clock")])
        assert answer.json()["now"] == moment
        assert n % 5 or (await phone.client.get("/devices")).status_code == 200
        assert (await desk.rows(office, "SELECT count(*) FROM log WHERE action = 'write'")) == [(len(sent),)]
    body = await desk.record(office, pen.task)
    assert body["fields"]["what"] == {sent[-1]["id"]: str(len(moments) - 1)}
    assert [one["stamp"] for one in sent] == sorted(one["stamp"] for one in sent), "a phone's own stamps never go back"
    versions = await desk.rows(office, "SELECT version FROM change ORDER BY n")
    assert versions == [(n,) for n in range(1, len(sent) + 1)], "the office counts, it does not look at a clock"
    assert sorted(await desk.log(office, "write", "at")) == sorted((moment,) for moment in moments)


async def test_two_whose_clocks_are_years_apart_both_keep_their_words(office, client, nurse, house, clock):
    joost = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    for jump in JUMPS:
        mine, theirs = Pen(nurse, house), Pen(joost, house)
        theirs.task, theirs.ahead = mine.task, jump
        await desk.hand_in(office, nurse, mine.write("0", NOW))
        await desk.hand_in(office, joost, theirs.write("van Joost", NOW))
        await desk.hand_in(office, nurse, mine.write("van Samira", NOW) | {"seen": 1})
        shown = merge.shown(await desk.record(office, mine.task))
        assert {shown["fields"]["what"], shown["also"]["what"][0]["value"]} == {"van Joost", "van Samira"}, jump


class Wandering:
    """A clock that is somewhere else each time it is looked at."""

    def __init__(self, step: Any) -> None:
        self.now, self.step = NOW, step

    def __call__(self) -> int:
        self.now += self.step()
        return self.now


@pytest.mark.parametrize("way", ["backwards", "anywhere", "standing"])
async def test_a_clock_that_moves_during_a_request_makes_nothing_fall_over(office, client, nurse, house, monkeypatch, way):
    chance = random.Random(SEED)
    step = {"backwards": lambda: -HOUR_MS, "anywhere": lambda: chance.choice(JUMPS), "standing": lambda: 0}[way]
    colleague = await desk.somebody(office, "lead", nurse.team)
    phone, lead = await desk.phone(client, nurse), await desk.signed_in(client, colleague)
    monkeypatch.setattr(sessions, "now", Wandering(step))
    kept, taken = [], set()
    for n in range(15):
        note = desk.note(nurse, house, f"Notitie {n}")
        answer = await phone.post(note)
        taken.add(answer.status_code)
        if answer.status_code == 200:
            assert [one["is"] for one in answer.json()["results"]] == ["stored"]
            kept.append(note["record"])
        else:
            await signed_in_again(office, phone)
        asks = {"format": 1, "device": nurse.device, "pairs": [[house.about, "body"]]}
        taken.add((await phone.client.post("/sync/history", json=asks)).status_code)
        taken |= {(await lead.get(page)).status_code for page in ("/review", "/people", "/held", "/devices")}
    assert taken <= {200, 303, 401}
    assert kept
    assert {key for (key,) in await desk.rows(office, "SELECT id FROM record")} == set(kept)


async def test_a_period_ends_at_midnight_of_its_last_day_whatever_night_it_is(office, nurse, house):
    pair = (house.about, "body")
    for last in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2037-12-31", "2038-01-19"):
        await desk.run(office, "UPDATE care SET until = $1 WHERE household = $2", last, house.id)
        after = at(f"{last}T12:00:00+00:00")
        while access.day_of(after) == last:
            after += HOUR_MS // 2
        for moment, wanted in ((after - 1, True), (after, False)):
            assert (pair in await office.read(lambda tx, moment=moment: access.opened(tx, nurse.person, moment))) is wanted, last


async def test_no_phone_says_what_time_it_is_in_the_office(office, client, nurse, house, clock):
    """A session ends by the office's clock, and so does a period: nothing that a phone sends moves either."""
    phone = await desk.phone(client, nurse)
    await desk.hand_in(office, nurse, desk.note(nurse, house))
    clock.at = NOW + 2 * DAY_MS
    await desk.run(office, "UPDATE care SET until = '2026-11-23'")
    for back in JUMPS:
        pen = Pen(nurse, house)
        pen.ahead = back
        answer = await phone.post(pen.write("0", NOW))
        assert desk.said(answer.json()["results"]) == [("held", "no_care_relation")]
        assert [house.about, "body"] not in [pair[:2] for pair in answer.json()["entitled"]["pairs"]]
    clock.at = NOW + 10 * DAY_MS
    assert (await phone.post(Pen(nurse, house).write("0", NOW))).status_code == 401
