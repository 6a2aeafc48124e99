"""The short lines of the demo neighbourhood: who tuned in with whom about a household, in passing or by phone."""

from __future__ import annotations

from server.demo_diary import MINUTE_MS, Diary, home, moment
from server.demo_houses import House, read
from server.demo_people import BY_KEY

TIME = "12:40"


def lines(diary: Diary, houses: dict[str, House]) -> None:
    """Everything that `demo_lines.json` tells of."""
    for key, by, who, way, ago, text in read("lines")["liaisons"]:
        day = diary.day(ago)
        at = moment(day, TIME) + diary.chance.randrange(40) * MINUTE_MS
        fields = {"with": who, "way": way, "day": day, "at": at, **({"text": text} if text else {})}
        diary.write(at, BY_KEY[by], "liaison", home(houses[key]), fields, team=BY_KEY[by].team.key)
