"""Two who write one field without having seen each other: both are kept, the same one is shown first everywhere, the other beside it.

`NAOBER_CONFLICTS=100000` makes so many in each language, and a hundredth of it through the office, on two phones at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sync import clock, merge
from tests import desk

CONFLICTS = int(os.environ.get("NAOBER_CONFLICTS", "2000"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
AT_A_TIME = 5000
SYNC = Path(__file__).parent.parent / "sync"
SPEC: dict[str, Any] = {"fields": {"a": {}, "b": {}}}
NODE = shutil.which("node")
PROGRAM = f"""
    import {{readFileSync, writeFileSync}} from 'node:fs'
    const merge = await import({json.dumps((SYNC / "merge.js").as_uri())})
    const made = JSON.parse(readFileSync('conflicts.json', 'utf8')).map((steps) => {{
      const record = steps.reduce((sofar, [change, write]) => merge.apply(sofar, change, write, {json.dumps(SPEC)}), null)
      return [merge.text(record), merge.text(merge.shown(record))]
    }})
    writeFileSync('made.json', JSON.stringify(made))"""

Step = tuple[dict[str, Any], dict[str, Any]]


def a_conflict(chance: random.Random) -> list[Step]:
    """A record that two to four devices write without having seen each other, some of them more than once; clocks are anywhere."""
    numbers, devices = count(1), [f"d{n}" for n in range(chance.randint(2, 4))]
    steps = [step(chance, "d9", 0, next(numbers), {"a": "before", "b": "before"})]
    for device in devices:
        words = ("x", "y", device, f"{device} again")
        steps += [step(chance, device, 1, next(numbers), {"a": chance.choice(words)}) for _ in range(chance.randint(1, 2))]
    later = chance.sample(range(2, len(steps) + 1), len(steps) - 1)
    for (_, write), version in zip(steps[1:], later, strict=True):
        write["version"] = version
    return steps


def step(chance: random.Random, device: str, seen: int, n: int, fields: dict[str, Any]) -> Step:
    change = {"id": f"{chance.getrandbits(40):010x}", "kind": "k", "record": "r", "subject": "s:1", "topic": "practical", "fields": fields}
    stamp = clock.tick(None, 10**12 + chance.randrange(5), f"0000000{chance.randrange(3)}")
    return change, {"by": f"hat of {device}", "role": "nurse", "stamp": stamp, "version": n, "seen": seen, "device": device, "n": n}


def merged(steps: list[Step]) -> dict[str, Any]:
    record = None
    for change, write in steps:
        record = merge.apply(record, change, write, SPEC)
    return record or {}


def standing(steps: list[Step]) -> dict[str, tuple[str, Any]]:
    """Change -> (stamp, value) of what must be kept, told without the merge: of each device that had seen the first write, its last."""
    last = {write["device"]: (change["id"], write["stamp"], change["fields"]["a"]) for change, write in steps[1:]}
    return {key: (stamp, value) for key, stamp, value in last.values()}


@pytest.mark.skipif(NODE is None, reason="the phone's merge needs Node")
def test_of_what_was_written_at_once_nothing_is_lost_and_both_languages_show_the_same_first(tmp_path):
    chance, silent = random.Random(SEED), 0
    for start in range(0, CONFLICTS, AT_A_TIME):
        all_of_them = [a_conflict(chance) for _ in range(min(AT_A_TIME, CONFLICTS - start))]
        mixed = [chance.sample(steps, len(steps)) for steps in all_of_them]
        (tmp_path / "conflicts.json").write_text(json.dumps(mixed), "utf-8")
        subprocess.run([NODE, "--input-type=module", "-e", PROGRAM], cwd=tmp_path, check=True, capture_output=True)
        theirs = json.loads((tmp_path / "made.json").read_text("utf-8"))
        for steps, (text, shown) in zip(all_of_them, theirs, strict=True):
            ours, kept = merged(steps), standing(steps)
            assert text == merge.text(ours), f"seed {SEED}"
            assert shown == merge.text(merge.shown(ours))
            assert set(ours["fields"]["a"]) == set(kept)
            (_, first), *others = sorted(((stamp, key), value) for key, (stamp, value) in kept.items())[::-1]
            page = merge.shown(ours)
            assert page["fields"]["a"] == first
            beside = [entry["value"] for entry in page["also"].get("a", [])]
            silent += beside != [value for _, value in others if value != first]
    assert silent == 0


async def test_two_phones_that_write_at_once_end_with_both_words_and_the_same_first(office, client, nurse, house, clock):
    joost, chance = await desk.somebody(office, "nurse", nurse.team, name="Joost"), random.Random(SEED)
    phones = [await desk.phone(client, me) for me in (nurse, joost)]
    for start in range(0, max(20, CONFLICTS // 100), 20):
        tasks = [desk.task(nurse, house, f"Taak {start + n}") for n in range(20)]
        await phones[0].sync(*tasks)
        for phone in phones:
            await phone.pull()
        for sent in await asyncio.gather(*(phone.sync(*rewritten(phone.me, tasks, chance)) for phone in phones)):
            assert {one["is"] for one in sent["results"]} == {"stored"}
        for phone in phones:
            await phone.pull()
        for task in tasks:
            await agreed(office, task["record"], phones)


def rewritten(me: desk.Me, tasks: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Each of these in this person's words, having seen nobody else's, by a clock up to a day off."""
    made = []
    for task in tasks:
        stamp = f"{desk.NOW + chance.randint(-desk.DAY_MS, desk.DAY_MS):013d}-0000-{me.device[-8:]}"
        fields = {"what": f"{task['fields']['what']} van {me.name}"}
        made.append(desk.change(me, "task", task["subject"], fields, record=task["record"], seen=1, stamp=stamp))
    return made


async def agreed(office, key: str, phones: list[desk.Phone]) -> None:
    """The office has both, and both phones have what the office has."""
    body = await desk.record(office, key)
    assert body is not None
    shown = merge.shown(body)
    assert sorted([shown["fields"]["what"].split()[-1], *(one["value"].split()[-1] for one in shown["also"]["what"])]) == ["Joost", "Samira"]
    stamps = [body["writes"][change]["stamp"] for change in body["fields"]["what"]]
    assert shown["also"]["what"][0]["stamp"] == min(stamps)
    assert [merge.text(phone.records[key]) for phone in phones] == [merge.text(body)] * 2
