"""Who lives in the demo neighbourhood, who comes by and what about: `demo_houses.json` and the case of `demo_case.json`, as typed values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.demo_people import BY_KEY
from sync import clock

CITY = "Elmerwaard"
MADE_MS = 0x0199C0DE0000
EVERY_DAY = "daily"


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody behind a front door; `threads` names what nurses, `welfare` what outreach workers come for, `no` the topics told in own words only."""

    id: str
    name: str
    given: str
    born: str
    she: bool
    helper: str
    neighbour: str
    threads: tuple[str, ...]
    welfare: tuple[str, ...]
    no: tuple[str, ...]
    home: bool
    spot: str
    limb: bool

    def filled(self, text: str) -> str:
        """The text with this resident's helper, neighbour and pronouns in it."""
        words = {
            "zij": "zij" if self.she else "hij",
            "haar": "haar" if self.she else "zijn",
            "hem": "haar" if self.she else "hem",
            "helper": self.helper,
            "buur": self.neighbour,
            "plek": self.spot,
        }
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value).replace(f"{{{word.capitalize()}}}", value[:1].upper() + value[1:])
        return text


@dataclass(frozen=True, slots=True)
class Plan:
    """What a team comes for: who (keys), when (`days`: weekdays, `daily` or `every n`), and how many of those visits left notes."""

    what: str
    who: tuple[str, ...]
    time: str
    days: list[int] | str
    visits: int
    start: int

    @property
    def team(self) -> str:
        """The key of the team whose plan it is."""
        return BY_KEY[self.who[0]].team.key

    def rule(self) -> dict[str, Any]:
        """How it repeats, as fields of a schedule."""
        if isinstance(self.days, list):
            return {"weekdays": self.days}
        return {"every_days": 1 if self.days == EVERY_DAY else int(self.days.split()[1])}


@dataclass(frozen=True, slots=True)
class House:
    """A household with its residents and its own texts: `good` and `seen` are (resident, topic, text) in the order in which they happened."""

    id: str
    key: str
    name: str
    street: str
    phone: str
    entry: str
    key_safe: str | None
    teams: tuple[str, ...]
    residents: tuple[Resident, ...]
    plans: tuple[Plan, ...]
    measures: tuple[tuple[Resident, str, int, int | None], ...]
    good: tuple[tuple[Resident, str, str], ...]
    seen: tuple[tuple[Resident, str, str], ...]
    tasks: tuple[str, ...]


def read(name: str) -> Any:
    """What `server/demo_<name>.json` holds."""
    return json.loads((Path(__file__).parent / f"demo_{name}.json").read_bytes())


def neighbourhood() -> tuple[list[House], dict[str, Any]]:
    """All households, the one of the case last; and the case as it is told, by day."""
    case = read("case")
    told = {**case, "residents": [case["resident"]], "teams": ["wijk", "samen"]}
    return [_house(one) for one in (*read("houses"), told)], case


def _house(one: dict[str, Any]) -> House:
    residents = tuple(_resident(one["key"], person) for person in one["residents"])
    return House(
        **{name: one[name] for name in ("key", "name", "street", "phone", "entry")},
        key_safe=one.get("key_safe"),
        id=_id(one["key"]),
        teams=tuple(one["teams"]),
        residents=residents,
        plans=tuple(_plan(plan) for plan in one["plans"]),
        measures=tuple(_measure(residents, text) for text in one.get("measures", ())),
        good=tuple(_told(residents, text) for text in one.get("good", ())),
        seen=tuple(_told(residents, text) for text in one.get("seen", ())),
        tasks=tuple(one.get("tasks", ())),
    )


def _resident(house: str, one: dict[str, Any]) -> Resident:
    usual = {"threads": (), "welfare": (), "no": (), "home": False, "spot": "het onderbeen", "limb": True}
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in (usual | one).items()}
    return Resident(id=_id(f"{house} {one['given']}"), **given)


def _plan(one: dict[str, Any]) -> Plan:
    return Plan(one["what"], tuple(one["who"]), one["time"], one["days"], one.get("visits", 0), one.get("from", -90))


def _told(residents: tuple[Resident, ...], text: str) -> tuple[Resident, str, str]:
    """'2:mind|…' is about the second resident."""
    head, _, words = text.partition("|")
    who, _, topic = head.rpartition(":")
    return residents[int(who or 1) - 1], topic, words


def _measure(residents: tuple[Resident, ...], text: str) -> tuple[Resident, str, int, int | None]:
    """'2:blood_pressure 134 72': where the second resident's series begins."""
    who, _, rest = text.rpartition(":")
    what, value, *second = rest.split()
    return residents[int(who or 1) - 1], what, int(value), int(second[0]) if second else None


def _id(key: str) -> str:
    return clock.uuid7(MADE_MS, hashlib.sha256(key.encode()).hexdigest()[:20])
