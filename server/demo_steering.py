"""How help is steered in the demo neighbourhood: signals about somebody, what was escalated and stepped down, evaluations, and what gets stuck."""

from __future__ import annotations

from typing import Any

from server.demo_diary import MINUTE_MS, Diary, home, moment
from server.demo_houses import House, read
from server.demo_people import BY_KEY

TIME, EARLY = "16:45", "07:10"
DAYS = ("respond_by", "check_on", "day", "answered_on", "checked_on", "held_on")
OF_HOUSEHOLD = ("step_down", "obstacle")


def steered(diary: Diary, houses: dict[str, House]) -> None:
    """Everything that `demo_steering.json` tells of."""
    told = read("steering")
    for key, by, ago, lens, text in told["signals"]:
        at = _at(diary, ago)
        fields = {"lens": lens, "text": text, "at": at, "day": diary.day(ago)}
        person = BY_KEY[by]
        diary.write(at, person, "signal", (f"resident:{houses[key].residents[0].id}", "social"), fields, team=person.team.key)
    for key, steps in told["steps"].items():
        for one in steps:
            _step(diary, houses[key], one)


def _step(diary: Diary, house: House, told: dict[str, Any]) -> None:
    kind, person = told["kind"], BY_KEY[told["by"]]
    about = home(house) if kind in OF_HOUSEHOLD else (f"resident:{house.residents[0].id}", told.get("topic", "practical"))
    fields = _dated(diary, told["fields"])
    if fields.pop("plan", False):
        fields["plan"] = next(entry.record for entry in diary.entries if entry.kind == "schedule" and entry.subject == home(house)[0])
    at = _at(diary, told["ago"])
    fields |= {} if kind == "evaluation" else {"at": at, "day": diary.day(told["ago"])}
    record = diary.write(at, person, kind, about, fields, team=person.team.key)
    for n, (party, name, ago, text) in enumerate(told.get("opinions", ())):
        said = {"of": record, "party": party, "text": text, "day": diary.day(ago), **({"name": name} if name else {})}
        diary.write(_at(diary, ago) + (n + 1) * MINUTE_MS, person, "opinion", about, said, team=person.team.key)
    if "then" in told:
        ago, after = told["then"]
        diary.write(_at(diary, ago) + 10 * MINUTE_MS, person, kind, about, _dated(diary, after), team=person.team.key, record=record)


def _dated(diary: Diary, fields: dict[str, Any]) -> dict[str, Any]:
    """Days from today as days."""
    return {name: diary.day(value) if name in DAYS else value for name, value in fields.items()}


def _at(diary: Diary, ago: int) -> int:
    """In the afternoon, and what is of today before anybody reads it."""
    return moment(diary.day(ago), EARLY if ago == 0 else TIME) + diary.chance.randrange(20 * MINUTE_MS)
