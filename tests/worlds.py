"""Worlds to ask who may hold what: those of the shared cases, and random ones where every rule meets every other."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

TOPICS = ("practical", "body", "mind", "society", "social", "money", "safety")
TODAY = "2026-11-22"
DAYS = ("2026-01-01", "2026-11-20", "2026-11-21", TODAY, "2026-11-23", "2026-11-24", "2027-03-01")
PEOPLE = ("anna", "bram", "carla", "dirk", "lotte", "vera")
ORGANISATIONS = {"linde": "care", "brug": "welfare", "haard": "volunteers"}
TEAMS = ("oost", "west", "plein", "buurt")
HOUSEHOLDS = ("dewit", "bakker", "yilmaz", "jansen", "mulder")
RESIDENTS = ("jan", "els", "kees", "fatma", "rik", "mo", "tess", "wim")
ROLES = {"care": ("nurse", "nurse", "lead"), "welfare": ("outreach", "outreach", "lead"), "volunteers": ("volunteer", "volunteer", "lead")}


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(world, case) for each shared case, its additions and every statement filled in."""
    book = json.loads((Path(__file__).parent.parent / "sync" / "cases" / "entitled.json").read_text("utf-8"))
    for case in book["cases"]:
        world = deepcopy(book["worlds"][case.get("world", "base")])
        for part, more in case.get("add", {}).items():
            world[part] = world[part] | more if isinstance(more, dict) else world[part] + more
        world["statements"] = [book["statement"] | one for one in world["statements"]]
        world["errands"] = [book["errand"] | one for one in world["errands"]]
        yield world, case


def random_world(rng: Random) -> dict[str, Any]:
    """Six people, four teams, three organisations, five households, eight residents and twelve statements; ask about DAYS."""
    teams = dict(zip(TEAMS, (*ORGANISATIONS, rng.choice(list(ORGANISATIONS))), strict=True))
    residents = {resident: rng.choice(HOUSEHOLDS) for resident in RESIDENTS}
    hats = [_hat(rng, teams) for _ in range(rng.randint(6, 12))]
    care = [[rng.choice(HOUSEHOLDS), rng.choice(TEAMS), *_period(rng)] for _ in range(rng.randint(3, 7))]
    few = rng.sample(RESIDENTS, 3)  # twelve statements about eight people hardly ever meet
    return {
        "organisations": dict(ORGANISATIONS),
        "teams": teams,
        "hats": _once(hats, 3),
        "left": [person for person in PEOPLE if rng.random() < 0.05],
        "care": _once(care, 2),
        "residents": residents,
        "statements": [_statement(rng, n, few) for n in sorted(rng.sample(range(1, 60), 12))],
        "errands": [_errand(rng, n, hats, residents) for n in range(rng.randint(0, 6))],
    }


def _errand(rng: Random, n: int, hats: list[list[str | None]], residents: dict[str, str]) -> dict[str, Any]:
    """A task on one day or on some of a week, in the hands of somebody who may or may not be a volunteer there."""
    person, team, role, *_ = rng.choice([hat for hat in hats if hat[2] == "volunteer"] or hats)
    days = sorted(rng.sample(DAYS, rng.randint(1, 2)))
    door = {"days": [], "door": days[-1]} if rng.random() < 0.2 else {"days": days}
    whom = rng.choice(RESIDENTS)
    return {
        "id": f"errand {n}", "person": person, "team": team, "role": role, "household": residents[whom],
        "resident": whom if rng.random() < 0.4 else None, "accepted": rng.random() < 0.7, **door,
    }  # fmt: skip


def _hat(rng: Random, teams: dict[str, str]) -> list[str | None]:
    team = rng.choice(TEAMS)
    fitting = ROLES[ORGANISATIONS[teams[team]]]
    role = rng.choice(fitting if rng.random() < 0.8 else ("nurse", "outreach", "lead", "volunteer"))
    return [rng.choice(PEOPLE), team, role, *_period(rng)]


def _period(rng: Random) -> list[str | None]:
    """Often without end, often in force today, and often just begun or about to end."""
    since, until = sorted(rng.choices(range(len(DAYS)), k=2))
    return [DAYS[since if rng.random() < 0.4 else 0], None if rng.random() < 0.5 else DAYS[until]]


def _once(rows: list[list[str | None]], width: int) -> list[list[str | None]]:
    """One row for each beginning of `width`: nobody gets the same hat twice."""
    return list({tuple(row[:width]): row for row in rows}.values())


def _statement(rng: Random, n: int, few: list[str]) -> dict[str, Any]:
    since, until = _period(rng)
    kind = rng.choices(("secrecy", "share", "help", "ground"), (70, 15, 8, 7))[0]
    return {
        "n": n,
        "resident": rng.choice(few if rng.random() < 0.8 else RESIDENTS),
        "kind": kind,
        "answer": rng.choices(("yes", "no"), (60, 40))[0],
        "to": rng.choice([f"person:{rng.choice(PEOPLE)}", f"team:{rng.choice(TEAMS)}", f"organisation:{rng.choice(list(ORGANISATIONS))}"]),
        "topics": rng.sample(TOPICS, rng.randint(1, 4)),
        "since": since,
        "until": until,
        "before": rng.random() < 0.6,
        "withdrawn": rng.random() < 0.15,
    }
