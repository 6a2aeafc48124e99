"""The office bench's building blocks, with a handful of everything."""

from __future__ import annotations

import pytest

from server import db
from tests.bench import desk, engine, neighbourhood, raw, withdrawals
from tests.bench.neighbourhood import Team
from tests.bench.phones import EACH, senders
from tests.bench.pulls import FIRST_SIZE, Planting, measure
from tests.bench.table import Figure, median, share

NOW = 1_795_341_600_000


@pytest.fixture
async def teams(office) -> list[Team]:
    return await db.write(lambda tx: neighbourhood.settle(tx, NOW, teams=2, people=2, homes=2))


async def notes() -> int:
    return (await db.read(lambda tx: tx.one("SELECT count(*) FROM record WHERE kind = 'note'")))[0]


@pytest.fixture
def still(monkeypatch) -> None:
    monkeypatch.setattr("server.sessions.now", lambda: NOW)


async def test_a_rehearsal_leaves_nothing_and_its_statements_store_what_was_sent(teams, still):
    crowd = senders(teams, NOW, 1)
    requests = await engine.rehearsed(crowd, 8)
    assert await notes() == 0
    assert sum(sender.sent for sender in crowd) == 8 * EACH
    assert sum(sender.received for sender in crowd) == 6 * EACH  # nobody had written before the first of each team
    assert await raw.replay(requests, 3) > 0
    assert await notes() == 8 * EACH


async def test_what_is_planted_is_what_the_office_would_have_written(teams):
    phone, resident = teams[0].phones[0], teams[0].residents[0]
    written, planted = (neighbourhood.note(phone, resident, "body", number, NOW) for number in (1, 2))
    await db.write(lambda tx: neighbourhood.write(tx, [written], phone.me, NOW))
    await db.write(lambda tx: neighbourhood.plant(tx, [(planted, phone)], 1000))
    rows = await db.read(lambda tx: tx.all("SELECT kind, subject, topic, version, author, day, body FROM record WHERE kind = 'note' ORDER BY seq"))
    one, other = (tuple(str(value).replace("000000000002", "000000000001") for value in row) for row in rows)
    words = [neighbourhood.words(number) for number in (1, 2)]
    assert one == tuple(value.replace(words[1], words[0]).replace('"n":2', '"n":1') for value in other)


async def test_every_kind_of_pull_is_measured(teams, still):
    planting = Planting(teams[0], teams[1:], NOW, FIRST_SIZE - 30)
    await planting.grow(FIRST_SIZE + 10)
    assert set(await measure(planting, 2)) == {"nothing new", "10 new", "after long", "a first pull"}


async def test_a_withdrawal_a_note_and_what_is_open_are_measured(teams, still, monkeypatch):
    monkeypatch.setattr(withdrawals, "PEOPLE", 20)
    await withdrawals._crowd(NOW)
    found = await withdrawals.costs(teams, NOW, 2)
    assert found["pairs"] == 2 * 6 + 3  # two front doors, their residents' five topics, the team's two and the organisation
    assert min(found.values()) > 0


async def test_the_page_of_what_came_in_is_measured(teams):
    await desk.unread(teams[0], 60, NOW)
    found = await desk.costs(await desk.a_lead(NOW), 2, NOW)
    assert found["shown"] == 50
    assert found["rows"] >= 60
    assert min(found.values()) > 0


def test_a_missed_goal_is_told():
    assert [Figure("a pull", 1.5, "x", goal, 1).cells()[-1] for goal in (None, 2, 1)] == ["", "ok", "not yet"]
    assert (median([3, 1, 2]), share(range(100), 0.99)) == (2, 99)
