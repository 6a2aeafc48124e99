"""Who else is involved with some of the demo neighbourhood's people, and who carries what in their plans, as `demo_involved.json` tells."""

from __future__ import annotations

from typing import Any

from server.demo_diary import MINUTE_MS, Diary, home, moment
from server.demo_houses import House, read
from server.demo_people import BY_KEY, Person

TIME = "15:10"
DAYS = ("since", "until")


def involved(diary: Diary, houses: dict[str, House]) -> None:
    """Everybody who is there for a resident beside the teams, and plan lines that somebody other than a team carries, or did not always."""
    for key, told in read("involved").items():
        house, writer = houses[key], BY_KEY[told["by"]]
        for who, ago, fields in told["involved"]:
            _party(diary, (house, who), writer, (ago, fields))
        for ago, fields, carriers in told["lines"]:
            _line(diary, house, writer, (ago, fields, carriers))


def _party(diary: Diary, whose: tuple[House, int], writer: Person, told: tuple[int, dict[str, Any]]) -> None:
    (house, who), (ago, said) = whose, told
    fields = said | {name: diary.day(said[name]) for name in DAYS if name in said}
    fields |= {"confirmed_on": diary.day(ago)} if said.get("confirmed") else {}
    resident = house.residents[who - 1]
    diary.write(_at(diary, ago), writer, "involved", (f"resident:{resident.id}", "practical"), fields, team=_team(house, writer))


def _line(diary: Diary, house: House, writer: Person, told: tuple[int, dict[str, Any], list[list[Any]]]) -> None:
    ago, said, carriers = told
    (_, first), *rest = carriers
    team = _team(house, writer)
    hat = writer.hat(team)
    fields = said | {"carrier": first, "team": hat.team.id, "owner": hat.id, "resident": house.residents[0].id}
    task = diary.write(_at(diary, ago), writer, "task", home(house), fields, team=team)
    for day, carrier in rest:
        diary.write(_at(diary, day), writer, "task", home(house), {"carrier": carrier}, team=team, record=task)


def _team(house: House, writer: Person) -> str:
    """The team under which somebody writes here: theirs that comes to this house."""
    return next(key for key in house.teams if writer.hat(key).team.key == key)


def _at(diary: Diary, ago: int) -> int:
    return moment(diary.day(ago), TIME) + diary.chance.randrange(20 * MINUTE_MS)
