"""Reminders: which moments of a task are told, to whom, never at night; and each once, also when a process is killed in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server import errands, push, reminders, subscriptions
from server.config import settings
from server.errands import Errand
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY
from tests.pusher import Browser, Service
from tests.test_kill import ROOT

TOMORROW = "2026-11-23"
HOUR_MS = 60 * 60 * 1000
ERRAND = "INSERT INTO errand (id, task, hat, household, rule, accepted, closed) VALUES ($1, $2, $3, $4, $5, 1, 0)"
PROCESSES, VOLUNTEERS, EACH, HANDS = 4, 8, 50, 10
# A process of the office that does nothing but look for reminders, again and again, and takes up what another left after a second.
LOOKING = """
import asyncio
from pathlib import Path
from server import db, push, reminders, sessions
sessions.now = lambda: {now}
push.WORKER, push.AT_ONCE, reminders.AT_ONCE = "{name}", {hands}, 10
async def look():
    await db.start()
    Path("{folder}/awake-{name}").touch()
    while not Path("{folder}/begin").exists():
        await asyncio.sleep(0.001)
    while True:
        await reminders.run()
        await asyncio.sleep(0.05)
asyncio.run(look())
"""


def an_errand(*, accepted: bool = True, **rule: Any) -> Errand:
    return Errand("019a0000-0000-7000-8000-000000000001", "t", "h", "team", "home", None, {"due": TOMORROW, **rule}, accepted)


def told(errand: Errand, day: str = TOMORROW) -> dict[str, str]:
    """The slots of a day, each at its hour of the office's clock."""
    return {slot.kind: local(slot.due_at) for slot in reminders.slots_of(errand, day)}


def local(at: int) -> str:
    return reminders.datetime.fromtimestamp(at / 1000, reminders.ZoneInfo("Europe/Amsterdam")).strftime("%d %H:%M")


@pytest.mark.parametrize(("clock", "wanted"), [
    ("14:00", {"eve": "22 18:00", "day": "23 12:00", "after": "23 16:00", "no_word": "23 20:00"}),
    (None, {"eve": "22 18:00", "day": "23 09:00", "after": "23 18:00", "no_word": "23 20:00"}),
    ("09:30", {"eve": "22 18:00", "day": "23 08:00", "after": "23 11:30", "no_word": "23 20:00"}),
    ("07:30", {"eve": "22 18:00", "after": "23 09:30", "no_word": "23 20:00"}),
    ("19:30", {"eve": "22 18:00", "day": "23 17:30", "after": "24 08:00", "no_word": "24 08:00"}),
    ("23:30", {"eve": "22 18:00", "day": "24 08:00", "after": "24 08:00", "no_word": "24 08:00"}),
])  # fmt: skip
def test_each_moment_of_a_task_is_told_and_none_at_night(clock, wanted):
    if clock == "23:30":
        wanted.pop("day")
    assert told(an_errand(**({"time": clock} if clock else {}))) == wanted


def test_who_said_nothing_is_reminded_too_and_then_the_team_hears():
    assert told(an_errand(accepted=False, time="14:00")) == {"eve": "22 18:00", "day": "23 12:00", "no_yes": "22 18:00"}


def test_the_hours_stay_where_they_are_when_summer_begins_and_ends():
    for day in ("2027-03-27", "2027-03-28", "2027-03-29", "2026-10-24", "2026-10-25", "2026-10-26"):
        hours = {kind: at[3:] for kind, at in told(an_errand(due="2026-10-01", every_days=1, time="10:00"), day).items()}
        assert hours == {"eve": "18:00", "day": "08:00", "after": "12:00", "no_word": "20:00"}, day


def test_what_fell_due_before_the_task_was_there_is_not_told():
    late = Errand(desk.clock.uuid7(NOW + 9 * HOUR_MS, "0" * 20), "t", "h", "team", "home", None, {"due": TOMORROW, "time": "14:00"}, accepted=False)
    assert told(late) == {"day": "23 12:00"}


@pytest.fixture
async def street(office: Any, clock: Any, monkeypatch: Any) -> SimpleNamespace:
    """Gerrit was asked to bring drops tomorrow at two; he, the nurse and her lead want to be reminded on their phones. Nothing leaves the house."""
    nurse, gerrit = await desk.somebody(office, "nurse"), await desk.somebody(office, "volunteer", name="Gerrit")
    people = {"nurse": nurse, "lead": await desk.somebody(office, "lead", nurse.team, name="Ilse"), "gerrit": gerrit}
    for one in people.values():
        await subscribed(office, one)
    home = await desk.household(office, nurse.team)
    task = desk.change(nurse, "task", home.subject, {"what": "Oogdruppels", "due": TOMORROW, "time": "14:00", "volunteer": gerrit.hat})
    await desk.hand_in(office, nurse, task)
    monkeypatch.setattr(push, "hand_over", nothing)
    return SimpleNamespace(office=office, clock=clock, home=home, task=task, key=errands.key_of(task["record"], gerrit.hat), **people)


async def nothing() -> None:
    """Messages stay where they are."""


async def subscribed(office: Any, me: desk.Me, at: str = "https://web.push.apple.com/x") -> None:
    asking = await desk.worn(office, me)
    given = subscriptions.Subscription(**Browser().given(f"{at}{me.device}"))
    await office.write(lambda tx: subscriptions.keep(tx, asking, given, NOW))


async def heard(street: SimpleNamespace, day: str, clock: str) -> list[str]:
    """Whose phones have a message on the way after the office looked at this hour; it looks twice, and the messages are taken."""
    street.clock.at = int(reminders.moment(day, reminders.time.fromisoformat(clock)).timestamp() * 1000)
    for _ in range(2):
        await reminders.run()
    names = {one.device: name for name, one in vars(street).items() if isinstance(one, desk.Me)}
    rows = await desk.rows(street.office, "SELECT device FROM push")
    await desk.run(street.office, "DELETE FROM push")
    return sorted(names[device] for (device,) in rows)


async def answered(street: SimpleNamespace, says: str, **more: Any) -> None:
    given = desk.change(street.gerrit, "answer", f"errand:{street.key}", {"answer": says, "day": TOMORROW, **more})
    assert desk.said(await desk.hand_in(street.office, street.gerrit, given, at=street.clock.at)) == [("stored", None)]


async def test_who_said_yes_is_reminded_asked_once_and_then_the_lead_hears(street):
    await answered(street, "accepted")
    hours = [(TODAY, "17:59"), (TODAY, "18:00"), (TODAY, "18:01"), (TOMORROW, "12:00"), (TOMORROW, "16:00"), (TOMORROW, "20:00"), (TOMORROW, "20:30")]
    assert [await heard(street, *hour) for hour in hours] == [[], ["gerrit"], [], ["gerrit"], ["gerrit"], ["lead"], []]


async def test_when_nobody_said_yes_the_lead_hears_the_evening_before(street):
    assert await heard(street, TODAY, "18:00") == ["gerrit", "lead"]
    assert await heard(street, TOMORROW, "20:00") == ["gerrit"]  # that it is today; there was no yes to ask about


async def test_who_answered_is_left_in_peace(street):
    await answered(street, "accepted")
    await answered(street, "done")
    assert [await heard(street, TODAY, "18:00"), await heard(street, TOMORROW, "20:00")] == [[], []]


async def test_who_said_no_is_left_in_peace_and_nobody_else_is_disturbed(street):
    await answered(street, "declined")
    assert [await heard(street, TODAY, "18:00"), await heard(street, TOMORROW, "20:00")] == [[], []]


async def test_what_a_colleague_did_is_done(street):
    await answered(street, "accepted")
    done = desk.change(street.nurse, "completion", street.home.subject, {"task": street.task["record"], "outcome": "done"})
    await desk.hand_in(street.office, street.nurse, done)
    assert await heard(street, TOMORROW, "20:00") == []


async def test_who_may_not_hold_it_is_not_told_of_it(street):
    await answered(street, "accepted")
    await desk.run(street.office, "UPDATE membership SET until = '2026-11-21' WHERE id = $1", street.gerrit.hat)
    assert await heard(street, TODAY, "18:00") == []


async def test_a_team_that_comes_there_no_more_hears_nothing(street):
    await desk.end_care(street.office, street.home, street.nurse.team)
    assert await heard(street, TODAY, "18:00") == ["gerrit"]


async def test_where_nobody_leads_the_team_hears(street):
    await desk.run(street.office, "DELETE FROM membership WHERE person = $1", street.lead.person)
    assert await heard(street, TODAY, "18:00") == ["gerrit", "nurse"]


async def test_at_night_nothing_is_told_and_in_the_morning_what_waited(street):
    await answered(street, "accepted")
    assert await heard(street, TODAY, "21:30") == []
    assert await heard(street, TOMORROW, "05:00") == []
    assert await heard(street, TOMORROW, "07:59") == []
    # The evening's slot was missed because the office was down; twelve hours later it has no use any more.
    assert await heard(street, TOMORROW, "08:00") == []
    assert await heard(street, TOMORROW, "12:00") == ["gerrit"]


async def test_an_office_that_was_down_for_an_hour_runs_what_it_missed(street):
    assert await heard(street, TODAY, "19:10") == ["gerrit", "lead"]


async def test_what_was_run_is_forgotten_after_a_month(street):
    await heard(street, TODAY, "18:00")
    for days, count in ((29, 2), (31, 0)):
        await street.office.write(lambda tx, at=NOW + days * DAY_MS: reminders.forget(tx, at))
        assert await desk.rows(street.office, "SELECT count(*) FROM reminder") == [(count,)]


async def test_of_four_processes_two_are_killed_and_each_reminder_comes_once(office, tmp_path, clock):
    """400 reminders: a row each, a message each; what the killed ones had in hand may be posted again, and takes the place of the first."""
    clock.at = NOW + 7 * HOUR_MS
    async with Service(tmp_path) as service:
        volunteers = await many(office, service)
        env = {**os.environ, **service.environment, "NAOBER_DATABASE": settings.database}
        looking = [await start(env, now=clock.at, name=i, folder=tmp_path) for i in range(PROCESSES)]
        try:
            await until(lambda: awake(tmp_path))
            (tmp_path / "begin").touch()
            await until(lambda: run(office, 100))
            ((busiest,),) = await desk.rows(office, "SELECT by FROM reminder GROUP BY by ORDER BY count(*) DESC LIMIT 1")
            await ended([looking.pop(int(busiest))])
            await until(lambda: arrived(service, 40))
            await ended([looking.pop()])
            await asyncio.sleep(0.5)
            # Clocks stand still here: what the killed ones had in hand is given free as it would be after a while.
            await desk.run(office, "UPDATE push SET claimed_at = 0 WHERE claimed_at IS NOT NULL")
            await until(lambda: all_over(office))
        finally:
            await ended(looking)
    workers = await desk.rows(office, "SELECT by, count(*) FROM reminder GROUP BY by")
    assert sum(count for _, count in workers) == len(service.kept) == VOLUNTEERS * EACH
    assert len(workers) > 1
    assert len(service.asked) - VOLUNTEERS * EACH <= PROCESSES * HANDS
    assert {volunteers[path].opened(body)["n"] for (path, _), body in service.kept.items()} == {clock.at // 60_000}


async def ended(processes: list[asyncio.subprocess.Process]) -> None:
    for one in processes:
        with suppress(ProcessLookupError):
            one.kill()
    await asyncio.gather(*(one.wait() for one in processes))


async def until(done: Any) -> None:
    """Waits for it, a quarter of a minute at most."""
    async with asyncio.timeout(15):
        while not await done():  # noqa: ASYNC110 - other processes ring no bell
            await asyncio.sleep(0.002)


async def awake(folder: Path) -> bool:
    return len(list(folder.glob("awake-*"))) == PROCESSES


async def run(office: Any, count: int) -> bool:
    return (await desk.rows(office, "SELECT count(*) FROM reminder"))[0][0] >= count


async def arrived(service: Service, count: int) -> bool:
    return len(service.asked) >= count


async def all_over(office: Any) -> bool:
    ((run, waiting),) = await desk.rows(office, "SELECT (SELECT count(*) FROM reminder), (SELECT count(*) FROM push)")
    return run == VOLUNTEERS * EACH and waiting == 0


async def many(office: Any, service: Service) -> dict[str, Browser]:
    """Volunteers who were asked to do many things tomorrow, each with a phone; the browsers by their path at the push service."""
    nurse = await desk.somebody(office, "nurse")
    home, browsers = await desk.household(office, nurse.team), {}
    for i in range(VOLUNTEERS):
        one = await desk.somebody(office, "volunteer", name=f"Vrijwilliger {i}")
        browsers[one.device] = Browser()
        given, asking = subscriptions.Subscription(**browsers[one.device].given(service.at(one.device))), await desk.worn(office, one)
        await office.write(lambda tx, asking=asking, given=given: subscriptions.keep(tx, asking, given, NOW))
        rows = [(desk.clock.uuid7(NOW, f"{i:09x}{n:010x}0"), desk.new(), one.hat, home.id, json.dumps({"due": TOMORROW})) for n in range(EACH)]
        await office.write(lambda tx, rows=rows: tx.many(ERRAND, rows))
    return browsers


async def start(env: dict[str, str], **more: Any) -> asyncio.subprocess.Process:
    code = LOOKING.format(hands=HANDS, **more)
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, env=env)
