"""The short lines of the demo neighbourhood: who tuned in with whom about a household, and what they would change about Naober."""

from __future__ import annotations

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


def _said(diary: Diary, person: Person, kind: str, about: tuple[str, str], told: tuple[int, dict[str, str]]) -> str:
    ago, fields = told
    at = moment(diary.day(ago), EVENING) + diary.chance.randrange(40) * MINUTE_MS
    hat = next(one for one in person.hats if about[0] == f"team:{one.team.id}")
    return diary.write(at, person, kind, about, {**fields, "at": at}, team=hat.team.key)
