"""The office answers who may hold what as the contract does: case by case, and in any world that chance makes."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from server import access
from tests import model, worlds

WORLDS = int(os.environ.get("NAOBER_WORLDS", "120"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
TABLES = ("errand", "statement", "care", "resident", "household", "membership", "person", "team", "organisation")
OPENING = {"secrecy", "share"}


def noon(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T11:00").replace(tzinfo=UTC).timestamp() * 1000)


async def put(office: Any, world: dict[str, Any]) -> None:
    """The world in the tables, as the records would have left them."""

    async def work(tx: Any) -> None:
        for table in TABLES:
            await tx.run(f"DELETE FROM {table}")  # noqa: S608 - our own names
        await tx.many("INSERT INTO organisation (id, name, kind) VALUES ($1, $1, $2)", list(world["organisations"].items()))
        await tx.many("INSERT INTO team (id, organisation, name) VALUES ($1, $2, $1)", list(world["teams"].items()))
        people = {hat[0] for hat in world["hats"]} | set(world.get("left", ()))
        gone = [(person, 1 if person in world.get("left", ()) else None) for person in sorted(people)]
        columns = "id, name, language, word, created_at, left_at, confidential_at"
        await tx.many(f"INSERT INTO person ({columns}) VALUES ($1, $1, 'nl', 'client', 0, $2, 0)", gone)  # noqa: S608  our own SQL
        hats = [(f"hat {i:03}", *hat) for i, hat in enumerate(world["hats"])]
        await tx.many("INSERT INTO membership (id, person, team, role, since, until) VALUES ($1, $2, $3, $4, $5, $6)", hats)
        await tx.many("INSERT INTO resident (id, household) VALUES ($1, $2)", list(world["residents"].items()))
        care = [(f"care {i}", *one) for i, one in enumerate(world["care"])]
        await tx.many("INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, $5)", care)
        sql = "INSERT INTO errand (id, task, hat, household, resident, rule, accepted, closed) VALUES ($1, $1, $2, $3, $4, $5, $6, 0)"
        await tx.many(sql, list(in_hands(world)))
        await tx.many(f"INSERT INTO statement VALUES ({', '.join(f'${i}' for i in range(1, 14))})", rows(world))  # noqa: S608 - our own SQL

    await office.write(work)


def in_hands(world: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Each errand by a hat of whom it names; a volunteer's where they have one."""
    hats = sorted(enumerate(world["hats"]), key=lambda hat: hat[1][2] == "volunteer")
    hat_of = {(person, team): f"hat {i:03}" for i, (person, team, *_) in hats}
    for one in world["errands"]:
        if hat := hat_of.get((one["person"], one["team"])):
            yield one["id"], hat, one["household"], one["resident"], rule(one), int(one["accepted"])


def rule(errand: dict[str, Any]) -> str:
    """On one day, or on two: every so many days until the second; or only until when the door is open to who was named."""
    if door := errand.get("door"):
        return json.dumps({"door": door})
    days = errand["days"]
    apart = (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days
    return json.dumps({"due": days[0], **({"every_days": apart, "until": days[-1]} if apart else {})})


def rows(world: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = []
    for i, one in enumerate(world["statements"]):
        noun, _, whom = one["to"].partition(":")
        if one["kind"] not in OPENING or (one["kind"] == "share" and one["answer"] == "no"):
            continue
        of = (one["resident"], one["kind"], one["answer"], noun, whom, one["since"], one["until"], int(one["before"]), int(one["withdrawn"]))
        resident, kind, says, noun, whom, since, until, before, withdrawn = of
        found += [(f"{i} {t}", str(i), one["n"], resident, t, kind, says, noun, whom, since, until, before, withdrawn) for t in one["topics"]]
    return found


async def held(office: Any, person: str, day: str) -> set[tuple[Any, ...]]:
    return set(await office.read(lambda tx: access.entitled(tx, person, noon(day))))


async def test_every_case_of_the_contract_holds_in_the_office(office):
    wrong = []
    for world, case in worlds.cases():
        await put(office, world)
        about = case.get("about")
        given = {pair for pair in await held(office, case["person"], case["on"]) if not about or pair[0] in about}
        wanted = {tuple(pair) for pair in case["gives"]}
        if given != wanted:
            wrong.append((case["rule"], case["it"], sorted(given - wanted, key=str), sorted(wanted - given, key=str)))
    assert wrong == []


async def test_office_and_model_agree_in_any_world(office):
    print(f"NAOBER_SEED={SEED}")  # noqa: T201 - shown when it fails
    dice = random.Random(SEED)
    for _ in range(WORLDS):
        world = worlds.random_world(dice)
        await put(office, world)
        for person in worlds.PEOPLE:
            for day in dice.sample(list(worlds.DAYS), 2):
                ours, theirs = await held(office, person, day), model.entitled(world, person, day)
                assert ours == set(theirs), (person, day, world, sorted(ours - theirs, key=str), sorted(theirs - ours, key=str))
