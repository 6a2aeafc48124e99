"""A change that is sent again, whole or in other company, on one connection or two: one effect, the same answer, and another body is refused.

`NAOBER_REPLAYS=100000` sends so many changes once more.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from typing import Any

import pytest

from tests import desk
from tests.desk import STRANGER

REPLAYS = int(os.environ.get("NAOBER_REPLAYS", "2000"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
DISTINCT, BATCH_MAX, OTHER_BODY = 240, 60, 0.1
LATER = {"stored": "known", "held": "held"}
KEPT = [f"SELECT * FROM {table} ORDER BY id" for table in ("change", "record", "statement")]  # noqa: S608 - our own names

pytestmark = pytest.mark.usefixtures("clock")


def writings(me: desk.Me, house: desk.House, elsewhere: desk.House) -> list[dict[str, Any]]:
    """Of every sort of answer some: stored, an edit of what was stored, a consent, held, and refused."""
    made = []
    for n in range(DISTINCT // 6):
        task = desk.task(me, house, f"Taak {n}")
        again = desk.task(me, house, f"Taak {n}, anders", record=task["record"], seen=1)
        consent = desk.consent(me, house, me, "social", until="2026-12-01")
        made += [task, again, consent, desk.note(me, house, f"Notitie {n}"), desk.note(me, elsewhere), desk.note(me, house, by=STRANGER)]
    return made


def altered(change: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same id with something else in it."""
    others = {name: change[name] + 1 for name in ("seen", "n")} | {"stamp": f"{desk.NOW:013d}-ffff-{STRANGER[-8:]}", "record": desk.new()}
    name = chance.choice(list(others))
    return {**change, name: others[name]}


def mixed(made: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Another batch of the same changes: other borders, another order, some twice, now and then another body."""
    batch = [chance.choice(made) for _ in range(chance.randrange(1, BATCH_MAX))]
    return [altered(one, chance) if chance.random() < OTHER_BODY else one for one in batch]


async def test_a_replay_has_no_effect_and_the_same_answer(office, client, nurse, house):
    chance, made = random.Random(SEED), writings(nurse, house, await desk.household(office))
    bodies = {one["id"]: one for one in made}
    lines = [await desk.phone(client, nurse) for _ in range(2)]
    said: dict[str, tuple[str, str | None, int | None]] = {}
    for start in range(0, len(made), 40):
        part = made[start : start + 40]
        both = await asyncio.gather(*(line.post(*part) for line in lines))
        for pair in zip(*(answer.json()["results"] for answer in both), strict=True):
            assert sorted(one["is"] for one in pair) in (["known", "stored"], ["held", "held"], ["refused", "refused"]), pair
            assert len({(one.get("reason"), one.get("version")) for one in pair}) == 1
            first = next((one for one in pair if one["is"] == "stored"), pair[0])
            said[first["id"]] = (first["is"], first.get("reason"), first.get("version"))
    assert Counter(is_ for is_, _, _ in said.values()) == {"stored": DISTINCT * 4 // 6, "held": DISTINCT // 6, "refused": DISTINCT // 6}
    before = [await desk.rows(office, sql) for sql in KEPT]
    written, others, replayed = await desk.log(office, "write", "object"), 0, 0
    while replayed < REPLAYS:
        batches = [mixed(made, chance) for _ in lines]
        answers = await asyncio.gather(*(line.post(*batch) for line, batch in zip(lines, batches, strict=True)))
        for batch, answer in zip(batches, answers, strict=True):
            for sent, got in zip(batch, answer.json()["results"], strict=True):
                is_, reason, version = said[sent["id"]]
                if is_ in LATER and sent != bodies[sent["id"]]:
                    others += 1
                    is_, reason, version = "refused", "other_body", None
                assert (got["id"], got["is"], got.get("version")) == (sent["id"], LATER.get(is_, is_), version), f"seed {SEED}"
                assert is_ == "refused" or got.get("reason") == reason
                assert reason != "other_body" or got["reason"] == reason
            replayed += len(batch)
    assert [await desk.rows(office, sql) for sql in KEPT] == before, "nothing of it is there twice, and nothing is other than it was"
    assert await desk.log(office, "write", "object") == written
    assert others
    assert (await desk.log(office, "refused", "result")).count(("other_body",)) == others
