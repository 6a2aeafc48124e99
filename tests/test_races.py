"""A consent that is given or taken back while its recipient asks: every request that begins after the commit answers by it.

`NAOBER_RACES=100000` lets so many requests begin just after such a commit, beside as many that were under way.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests import desk

RACES = int(os.environ.get("NAOBER_RACES", "240"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
AT_ONCE, ROUNDS_OF_ONE = 8, 40
SECRET = "Kanarie die maar even te horen is"

pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Ear:
    """One of a recipient's phones, which asks for what a resident opens now and then."""

    phone: desk.Phone
    pair: list[str]

    async def hears(self, way: str) -> bool:
        """Whether anything of the pair is given: in the entitlement or among the records, in the history, by a receipt."""
        if way == "history":
            asks = {"format": 1, "device": self.phone.me.device, "pairs": [self.pair]}
            answer = await self.phone.client.post("/sync/history", json=asks)
            assert answer.status_code == 200
            assert (SECRET in answer.text) is ('"gone":true' not in answer.text)
            return SECRET in answer.text
        answer = await self.phone.post(cursor="0" if way == "from the beginning" else self.phone.cursor)
        said = answer.json()
        told = self.pair in [pair[:2] for pair in said["entitled"]["pairs"]]
        assert told or SECRET not in answer.text
        return told


WAYS = ("sync", "sync", "history", "from the beginning")


async def a_place(office: Any, client: Any, nurse: desk.Me) -> tuple[desk.House, desk.Me, list[Ear]]:
    """A household with something to tell, and a recipient with several phones."""
    house = await desk.household(office, nurse.team)
    await desk.hand_in(office, nurse, desk.note(nurse, house, SECRET, topic="mind"))
    recipient, ears = await desk.somebody(office, "outreach"), []
    for _ in range(AT_ONCE):
        await desk.another_device(office, recipient)
        phone = await desk.phone(client, replace(recipient))
        said = (await phone.post()).json()
        phone.epoch, phone.cursor = said["epoch"], said["cursor"]
        ears.append(Ear(phone, [house.about, "mind"]))
    return house, recipient, ears


async def test_no_request_that_begins_after_a_consent_changed_answers_by_what_was_before(office, client, nurse):
    chance, raced, stale = random.Random(SEED), 0, []
    while raced < RACES:
        house, recipient, ears = await a_place(office, client, nurse)
        for _ in range(ROUNDS_OF_ONE):
            given = desk.consent(nurse, house, recipient.team, "mind")
            for said, open_now in ((given, True), (desk.withdrawal(nurse, given), False)):
                under_way = [asyncio.create_task(ear.hears(chance.choice(WAYS))) for ear in ears[: AT_ONCE // 2]]
                await asyncio.sleep(chance.choice((0, 0, 0.001, 0.003)))
                assert desk.said(await desk.hand_in(office, nurse, said)) == [("stored", None)]
                after = [asyncio.create_task(ear.hears(chance.choice(WAYS))) for ear in ears[AT_ONCE // 2 :]]
                heard = await asyncio.gather(*after)
                stale += [(raced, open_now, one) for one in heard if one is not open_now]
                raced += len(after)
                await asyncio.gather(*under_way)
            if raced >= RACES:
                break
    assert stale == [], f"seed {SEED}: {len(stale)} of {raced}"
