"""Who would like to do something together in the demo neighbourhood: offers, interests, and what was said to those the office found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.demo_diary import MINUTE_MS, Diary, Entry, moment
from server.demo_houses import CITY, House, neighbourhood, read
from server.demo_people import BY_KEY
from server.errands import derived
from server.streets import key_of

if TYPE_CHECKING:
    from server.db import Tx
    from server.streets import Row

WISH = ("likes", "weekdays", "when", "near", "text", "agreed", "street")
TIME = "15:10"
# After everything that these people wrote.
YES_MS, ACCEPTED_MS = 8 * MINUTE_MS, 4 * MINUTE_MS


def streets() -> list[Row]:
    """The streets of Rietakker, where nobody lives."""
    return [(key_of(name, CITY), name, CITY, x, y) for name, (x, y) in read("matches")["streets"].items()]


def together(diary: Diary, houses: dict[str, House]) -> None:
    """Every offer and interest that `demo_matches.json` tells of."""
    told = read("matches")
    for one in told["offers"]:
        person = BY_KEY[one["by"]]
        diary.write(_at(diary, one), person, "offer", (f"person:{person.id}", "social"), {**_wish(one), "city": CITY}, team=person.team.key)
    for one in told["interests"]:
        house = houses[one["house"]]
        writer = BY_KEY[house.plans[0].who[0]]
        agreed = {"agreed_on": diary.day(one["since"])} if one["agreed"] == "yes" else {}
        diary.write(_at(diary, one), writer, "interest", _about(house, one), _wish(one) | agreed, team=writer.team.key)


async def said_yes(tx: Tx, now: int) -> list[Entry]:
    """The resident's yes to whom the office found first."""
    entries = []
    for house, one in _told("says"):
        sql = "SELECT m.id FROM match m JOIN interest i ON i.id = m.interest WHERE i.resident = $1 AND m.ended_at IS NULL ORDER BY m.id LIMIT 1"
        resident, writer = _about(house, one)[0].removeprefix("resident:"), BY_KEY[house.plans[0].who[0]]
        hat = writer.hat(writer.team.key).id
        fields = {"resident_says": one["says"]}
        entries += [
            Entry(now - YES_MS, writer, hat, "match", match, *_about(house, one), fields, 1) for (match,) in await tx.all(sql, resident)
        ]
    return entries


async def accepted(tx: Tx, now: int) -> list[Entry]:
    """The volunteer's yes to having been asked."""
    entries = []
    for house, one in _told("accepted"):
        sql = "SELECT e.id, m.person FROM errand e JOIN match m ON m.ask = e.task WHERE e.resident = $1 AND e.closed = 0"
        for errand, who in await tx.all(sql, _about(house, one)[0].removeprefix("resident:")):
            person, at = next(person for person in BY_KEY.values() if person.id == who), now - ACCEPTED_MS
            answer, fields = derived(errand, f"answer {errand}"), {"answer": "accepted", "at": at}
            entries.append(Entry(at, person, person.hats[0].id, "answer", answer, f"errand:{errand}", "practical", fields))
    return entries


def _told(what: str) -> list[tuple[House, dict[str, Any]]]:
    houses = {house.key: house for house in neighbourhood()[0]}
    return [(houses[one["house"]], one) for one in read("matches")["interests"] if what in one]


def _about(house: House, one: dict[str, Any]) -> tuple[str, str]:
    return f"resident:{house.residents[one.get('resident', 1) - 1].id}", "social"


def _wish(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in WISH if name in one}


def _at(diary: Diary, one: dict[str, Any]) -> int:
    return moment(diary.day(one["since"]), TIME) + diary.chance.randrange(20 * MINUTE_MS)
