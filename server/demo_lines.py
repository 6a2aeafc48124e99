"""The short lines of the demo neighbourhood: who tuned in with whom, what was discussed or waits for it, and what they would change about Naober."""

from __future__ import annotations

from typing import Any

from server.demo_diary import MINUTE_MS, Diary, home, moment
from server.demo_houses import House, read
from server.demo_people import BY_KEY, Person

TIME, EVENING = "12:40", "17:15"


def lines(diary: Diary, houses: dict[str, House]) -> None:
    """Everything that `demo_lines.json` tells of."""
    told = read("lines")
    for key, by, who, way, ago, text in told["liaisons"]:
        day = diary.day(ago)
        at = moment(day, TIME) + diary.chance.randrange(40) * MINUTE_MS
        fields = {"with": who, "way": way, "day": day, "at": at, **({"text": text} if text else {})}
        diary.write(at, BY_KEY[by], "liaison", home(houses[key]), fields, team=BY_KEY[by].team.key)
    for by, screen, ago, text, answer in told["suggestions"]:
        about = f"team:{BY_KEY[by].team.id}", "practical"
        idea = _said(diary, BY_KEY[by], "suggestion", about, (ago, {"screen": screen, "text": text}))
        if answer:
            lead, later, words = answer
            _said(diary, BY_KEY[lead], "response", about, (later, {"to": idea, "text": words}))
    for key, by, ago, question in told["agenda"]:
        at, person = _evening(diary, ago), BY_KEY[by]
        diary.write(at, person, "agenda", home(houses[key]), {"question": question, "day": diary.day(ago), "at": at}, team=person.team.key)
    for one in told["discussions"]:
        _discussed(diary, houses[one["house"]], one)


def _discussed(diary: Diary, house: House, told: dict[str, Any]) -> None:
    """A discussion, what was known together and what was agreed, as one form makes them."""
    at, by = _evening(diary, told["ago"]), BY_KEY[told["by"]]
    team = by.team.key
    record = diary.write(at, by, "discussion", home(house), {**told["said"], "day": diary.day(told["ago"]), "at": at}, team=team)
    for topic, text in told.get("picture", {}).items():
        fields = {"text": text, "aspect": "seen", "discussion": record, "at": at}
        diary.write(at, by, "note", (f"resident:{house.residents[0].id}", topic), fields, team=team)
    for what, owner, due in told.get("agreed", ()):
        who = BY_KEY[owner]
        fields = {"what": what, "team": who.team.id, "owner": who.hats[0].id, "due": diary.day(due), "discussion": record}
        task = diary.write(at, by, "task", home(house), fields, team=team)
        done = moment(diary.day(due), TIME)
        diary.write(done, who, "completion", home(house), {"task": task, "outcome": "done", "day": diary.day(due), "at": done}, team=who.team.key)


def _said(diary: Diary, person: Person, kind: str, about: tuple[str, str], told: tuple[int, dict[str, str]]) -> str:
    ago, fields = told
    at = _evening(diary, ago)
    hat = next(one for one in person.hats if about[0] == f"team:{one.team.id}")
    return diary.write(at, person, kind, about, {**fields, "at": at}, team=hat.team.key)


def _evening(diary: Diary, ago: int) -> int:
    return moment(diary.day(ago), EVENING) + diary.chance.randrange(40) * MINUTE_MS
