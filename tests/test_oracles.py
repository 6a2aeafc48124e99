"""Whoever may not know of a household cannot tell an office that has it from one that has not: the same question has the same answer, byte for byte.

The one thing that moves is the cursor, which counts whatever is written in the office. `NAOBER_ORACLES=10000` asks so many questions.
"""

from __future__ import annotations

import os
import random
import re
from typing import Any

import httpx
import pytest

from tests import desk
from tests.canaries import everything
from tests.desk import STRANGER
from tests.test_matrix import ROWS

QUESTIONS = int(os.environ.get("NAOBER_ORACLES", "150"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
GETS = [route.removeprefix("GET ") for route in sorted(ROWS) if route.startswith("GET ") and route != "GET /news"]
QUERIES: list[dict[str, str]] = [
    *({}, {}, {}, {"language": "en"}, {"kind": "note"}, {"kind": "visit", "unread": "1"}, {"unread": "1"}, {"shown": "500"}, {"team": STRANGER}),
    *({"open": STRANGER}, {"to": "/review"}),
]
ACCEPTS = ("text/html", "application/json")

pytestmark = pytest.mark.usefixtures("clock")


class Asker:
    """The same questions of the same people, whatever is in the office."""

    def __init__(self, phones: list[desk.Phone], nobody: httpx.AsyncClient, ids: list[str]) -> None:
        self.phones, self.nobody, self.ids = phones, nobody, ids

    async def answers(self) -> list[tuple[Any, ...]]:
        chance, said = random.Random(SEED), []
        for _ in range(QUESTIONS):
            phone, route, query = chance.choice(self.phones), chance.choice([*GETS, "sync", "sync", "history"]), chance.choice(QUERIES)
            headers, key, whoever = {"Accept": chance.choice(ACCEPTS)}, chance.choice(self.ids), chance.random() < 0.1
            noun, topic = chance.choice(("household", "resident")), chance.choice(("practical", "body", "mind", "money"))
            if route == "sync":
                answer = await phone.post(cursor=chance.choice((None, "0", "first-0-1")), headers={})
            elif route == "history":
                asks = {"format": 1, "device": phone.me.device, "pairs": [[f"{noun}:{key}", topic]]}
                answer = await phone.client.post("/sync/history", json=asks)
            else:
                browser = self.nobody if whoever else phone.client
                answer = await browser.get(re.sub(r"\{[^}]+\}", key, route), params=query, headers=headers)
            said.append((route, phone.me.role, query, answer.status_code, plain(answer)))
        return said


def plain(answer: httpx.Response) -> str:
    """The answer without the cursor and without the id that each form is given to be sent once."""
    text = re.sub(r'"cursor":"[^"]*"|"upto":\d+', "", answer.text)
    return re.sub(r'(name="op" value=)"[^"]*"', r"\1", text)


async def test_with_and_without_a_household_of_another_team_everything_is_answered_alike(office, client, nurse, house):
    other = await desk.somebody(office, "nurse", await desk.team(office, organisation=nurse.team.organisation), name="Bram")
    await desk.somebody(office, "lead", other.team)  # a team that nobody leads is answered for by the lead beside it
    away = await desk.household(office)
    people = [nurse, await desk.somebody(office, "lead", nurse.team)]
    people += [await desk.somebody(office, role) for role in ("outreach", "lead", "volunteer")]
    mine = [desk.task(nurse, house), desk.note(nurse, house), desk.visit(nurse, house), desk.consent(nurse, house, nurse, "mind")]
    await desk.hand_in(office, nurse, *mine)
    coming = desk.House(desk.new(), desk.new())
    sent = everything(other, coming)
    ids = [coming.id, coming.resident, other.person, other.device, *(one["record"] for one in sent), *(one["id"] for one in sent[:4])]
    asker = Asker([await desk.phone(client, me) for me in people], client, ids)
    await asker.answers()
    without = await asker.answers()
    await desk.run(office, "INSERT INTO household (id) VALUES ($1)", coming.id)
    await desk.run(office, "INSERT INTO resident (id, household) VALUES ($1, $2)", coming.resident, coming.id)
    await desk.care(office, coming, other.team)
    results = desk.said(await desk.hand_in(office, other, *sent, *everything(other, away)))
    assert ("stored", None) in results
    assert ("held", "no_care_relation") in results
    for before, after in zip(without, await asker.answers(), strict=True):
        assert before == after, f"seed {SEED}"
    assert {route for route, *_ in without} >= set(GETS) or QUESTIONS < 1000
