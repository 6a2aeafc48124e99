"""A phone that was taken away, in the hands of somebody who does not play along; and what ends, ends with the next request, whoever races it.

`NAOBER_HOSTILE=100000` sends so many requests, and runs as many races as a hundredth of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from typing import Any

import pytest

from server import sessions
from tests import desk
from tests.desk import DAY_MS, NOW, STRANGER

REQUESTS = int(os.environ.get("NAOBER_HOSTILE", "2000"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
AT_ONCE = 20
SECRET = "Kanarie in een kooi die niemand mag zien"

pytestmark = pytest.mark.usefixtures("clock")


class Thief:
    """What somebody with a taken phone can send: what was captured from it, changed by chance."""

    def __init__(self, phone: desk.Phone, house: desk.House, captured: list[dict[str, Any]]) -> None:
        self.chance, self.phone, self.house, self.captured = random.Random(SEED), phone, house, captured
        self.tokens = [phone.me.token, phone.me.token, "x" * 43, ""]

    def request(self) -> tuple[str, str, dict[str, Any]]:
        """(method, address, what is sent) of the next attempt."""
        ways = (self._sync, self._sync, self._sync, self._history, self._page)
        method, path, sent = self.chance.choice(ways)()
        return method, path, {**sent, "headers": {"Cookie": f"{sessions.COOKIE}={self.chance.choice(self.tokens)}"}}

    def _sync(self) -> tuple[str, str, dict[str, Any]]:
        chance, phone = self.chance, self.phone
        asks = phone.asks(*(self._change() for _ in range(chance.randrange(3))))
        asks["cursor"] = chance.choice([None, phone.cursor, "0", "999999", "x" * 40])
        asks["entitled"] = chance.choice([None, phone.digest, "0" * 32])
        asks["epoch"] = chance.choice([None, phone.epoch, STRANGER])
        asks["device"] = chance.choice([phone.me.device, phone.me.device, STRANGER, desk.new()])
        return "POST", "/sync", {"json": asks}

    def _change(self) -> dict[str, Any]:
        """A captured change again, with another body, or a new one under a clock of its own."""
        chance, me = self.chance, self.phone.me
        if chance.random() < 0.5:
            again = dict(chance.choice(self.captured))
            return again | ({"fields": {"text": "Anders."}} if chance.random() < 0.5 else {})
        made = desk.note(me, self.house, f"Van de dief {chance.random()}")
        made["stamp"] = f"{NOW + chance.choice([-3650, -1, 0, 1, 4000]) * DAY_MS:013d}{made['stamp'][13:]}"
        made["by"] = chance.choice([me.hat, STRANGER])
        made["seen"] = chance.choice([0, 1, 10**6])
        return made

    def _history(self) -> tuple[str, str, dict[str, Any]]:
        device = self.chance.choice([self.phone.me.device, STRANGER])
        pairs = [[self.house.about, "body"], [self.house.subject, "practical"]]
        return "POST", "/sync/history", {"json": {"format": 1, "device": device, "pairs": pairs}}

    def _page(self) -> tuple[str, str, dict[str, Any]]:
        record = self.chance.choice(self.captured)["record"]
        path = self.chance.choice(["/me", "/news", "/review", "/people", "/devices", f"/review/{record}", f"/receipts/{record}"])
        return "GET", path, {}


async def test_nothing_comes_out_of_a_revoked_phone_whatever_it_sends(office, client, nurse, house):
    phone = await desk.phone(client, nurse)
    captured = [desk.note(nurse, house, f"{SECRET} {n}") for n in range(4)]
    await phone.sync(*captured)
    await phone.pull()
    colleague = await desk.somebody(office, "nurse", nurse.team, name="Joost")
    await desk.hand_in(office, colleague, desk.note(colleague, house, f"{SECRET}, later."))
    await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, nurse.device)
    before = await desk.rows(office, "SELECT id, body FROM record ORDER BY id")
    phone.client.cookies.clear()
    thief = Thief(phone, house, captured)
    handed: set[str] = set()
    refused = 0
    for _ in range(REQUESTS):
        method, path, sent = thief.request()
        answer = await phone.client.request(method, path, **sent)
        assert SECRET not in answer.text
        assert answer.status_code in {200, 303, 400, 401, 404, 409, 422}, f"seed {SEED}: {method} {path} {answer.status_code}"
        if answer.status_code == 200:
            said = answer.json()
            assert (path, said["revoked"], set(said)) == ("/sync", True, {"format", "now", "revoked", "results"})
            assert all(one["is"] in {"held", "refused", "known"} for one in said["results"])
            handed |= {change["record"] for change in sent["json"]["changes"]}
            refused += sum(one["is"] == "refused" for one in said["results"])
    assert handed
    assert refused
    assert await desk.rows(office, "SELECT id, body FROM record ORDER BY id") == before
    logged = {key for (key,) in await desk.rows(office, "SELECT object FROM log WHERE device = $1", nurse.device)}
    assert handed - logged == set(), "each is in the log"
    told = "SELECT count(*) FROM log WHERE device = $1 AND action = 'refused' AND result <> 'device_revoked'"
    assert await desk.rows(office, told, nurse.device) == [(refused,)]
    stored = await desk.rows(office, "SELECT id FROM change WHERE device = $1 AND is_ = 'stored'", nurse.device)
    assert {key for (key,) in stored} == {one["id"] for one in captured}


async def test_no_request_that_begins_after_a_revocation_gets_anything(office, client, nurse, house):
    phones = [await desk.phone(client, nurse) for _ in range(AT_ONCE)]
    await desk.hand_in(office, nurse, desk.note(nurse, house, SECRET))
    revoked = asyncio.Event()
    before, late = 0, []

    async def ask(phone: desk.Phone) -> None:
        nonlocal before
        for _ in range(REQUESTS):
            began_after = revoked.is_set()
            answer = await phone.post()
            if began_after:
                late.append(answer.text)
            before += not began_after
            if len(late) >= REQUESTS // 2:
                return

    async def revoke() -> None:
        await asyncio.sleep(0.1)
        await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW, nurse.device)
        revoked.set()

    await asyncio.gather(revoke(), *(ask(phone) for phone in phones))
    assert before
    assert len(late) >= REQUESTS // 2
    assert [one for one in late if SECRET in one or not json.loads(one).get("revoked")] == []


async def test_a_withdrawal_holds_from_the_next_request_on_whoever_races_it(office, client, nurse, house):
    outreach = await desk.somebody(office, "outreach")
    await desk.hand_in(office, nurse, desk.note(nurse, house, SECRET, topic="mind"))
    for _ in range(max(5, REQUESTS // 100)):
        given = desk.consent(nurse, house, outreach.team, "mind")
        await desk.hand_in(office, nurse, given)
        phones = [await desk.phone(client, outreach) for _ in range(3)]
        racing = [asyncio.create_task(phone.sync()) for phone in phones]
        await desk.hand_in(office, nurse, desk.withdrawal(nurse, given))
        answers = [await phone.post() for phone in [await desk.phone(client, outreach) for _ in range(3)]]
        assert [answer.status_code for answer in answers] == [200] * 3
        opened = [pair[:2] for answer in answers for pair in answer.json()["entitled"]["pairs"]]
        assert [house.about, "mind"] not in opened
        assert not any(SECRET in answer.text for answer in answers)
        await asyncio.gather(*racing)
