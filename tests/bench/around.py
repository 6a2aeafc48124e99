"""Puts people and tasks round one household of the demo: `python -m tests.bench.around 12 60`, in NAOBER_DATABASE; says which."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from server import access, db, sessions
from server.access import Me
from server.db import Tx
from server.demo_houses import neighbourhood as houses
from server.demo_people import BY_KEY
from sync import rules
from tests.bench import neighbourhood
from tests.bench.neighbourhood import SPARE, Phone, an_id

NURSE, HOUSE = "samira", "jansen"
RELATIONS = ("carer", "family", "friend", "neighbour", "volunteer", "contact")
NEAR = ("home", "street", "neighbourhood", "further")
FIRST = 7 * SPARE


async def main(helpers: int, tasks: int) -> None:
    """Says on one line which household it was."""
    await db.start()
    print(await db.write(lambda tx: settle(tx, helpers, tasks)))
    await db.stop()


async def settle(tx: Tx, helpers: int, tasks: int) -> str:
    """The household, after so many helpers came to it and so many tasks, shared out among them."""
    at, house = sessions.now(), next(one.id for one in houses()[0] if one.key == HOUSE)
    nurse = BY_KEY[NURSE]
    phone = Phone(Me(nurse.id, nurse.device, "", "nl", await access.hats(tx, nurse.id, at)), "")
    changes = [_change(phone, house, "helper", i, _helper(i)) for i in range(helpers)]
    changes += [_change(phone, house, "task", helpers + i, _task(at, changes[i % helpers]["record"], i)) for i in range(tasks)]
    await neighbourhood.write(tx, changes, phone.me, at)
    return house


def _helper(i: int) -> dict[str, Any]:
    fields = {"name": f"Buur {i}", "relation": RELATIONS[i % len(RELATIONS)], "near": NEAR[i % len(NEAR)], "weekdays": [i % 7], "agreed": "yes"}
    return fields | {"does": neighbourhood.words(i)[:200], "phone": f"06-00000{i:03}", "can": ["company", "groceries"]}


def _task(at: int, helper: str, i: int) -> dict[str, Any]:
    return {"what": f"Boodschap {i}", "due": rules.day_add(access.day_of(at), i % 14), "helper": helper}


def _change(phone: Phone, house: str, kind: str, i: int, fields: dict[str, Any]) -> dict[str, Any]:
    made = neighbourhood.note(phone, "", "practical", FIRST + i, sessions.now(), ids=(an_id("change", FIRST + i), an_id("record", FIRST + i)))
    return made | {"kind": kind, "subject": f"household:{house}", "fields": fields}


if __name__ == "__main__":
    asyncio.run(main(*(int(one) for one in sys.argv[1:])))
