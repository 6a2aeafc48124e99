"""The networks of the demo neighbourhood: who is there round a household, how it goes with them, who was asked, what is otherwise."""

from __future__ import annotations

from typing import Any

from server import errands
from server.demo_diary import MINUTE_MS, Diary, home, moment
from server.demo_houses import House, read
from server.demo_people import BY_KEY, Person

SAID = ("name", "relation", "near", "can", "does", "when", "reach", "phone", "limits", "agreed")
TIME, EVENING = "16:20", "19:05"


def networks(diary: Diary, houses: dict[str, House]) -> None:
    """Every network that `demo_network.json` tells of."""
    for key, told in read("network").items():
        house, writer = houses[key], BY_KEY[houses[key].plans[0].who[0]]
        known = {one["name"]: _helper(diary, house, writer, one) for one in told["helpers"]}
        for resident, *load in told.get("loads", ()):
            _load(diary, house, writer, (house.residents[resident - 1].id, load))
        for name, outcome, ago, answer in told.get("asked", ()):
            _asked(diary, house, writer, {"helper": known.get(name), "outcome": outcome, "ago": ago, "answer": answer})
        if "pause" in told:
            _paused(diary, house, told["pause"])
        for task in told.get("entrusted", ()):
            _entrusted(diary, house, writer, task)


def _helper(diary: Diary, house: House, writer: Person, told: dict[str, Any]) -> str:
    fields = {name: told[name] for name in SAID if name in told}
    fields |= {"weekdays": told["days"]} if "days" in told else {}
    fields |= {"volunteer": BY_KEY[told["volunteer"]].hats[0].id} if "volunteer" in told else {}
    fields |= {"agreed_on": diary.day(told["since"])} if "since" in told else {}
    fields |= {"until": diary.day(told["until"])} if "until" in told else {}
    helper = _write(diary, house, writer, "helper", (told.get("since", -20), fields))
    for what, ago, showed, understood, text in told.get("explained", ()):
        explained = {"helper": helper, "what": what, "showed": showed, "understood": understood, "day": diary.day(ago)}
        _write(diary, house, writer, "instruction", (ago, explained | ({"text": text} if text else {})))
    for load in told.get("loads", ()):
        _load(diary, house, writer, (helper, load))
    return helper


def _load(diary: Diary, house: House, writer: Person, told: tuple[str, list[Any]]) -> None:
    whose, (ago, strength, burden, shown, text) = told
    fields = {"whose": whose, "strength": strength, "burden": burden, "shown": shown, "day": diary.day(ago), **({"text": text} if text else {})}
    _write(diary, house, writer, "load", (ago, fields))


def _asked(diary: Diary, house: House, writer: Person, told: dict[str, Any]) -> None:
    """About the household's own plan."""
    plan = next(entry.record for entry in diary.entries if entry.kind == "schedule" and entry.subject == home(house)[0])
    at = moment(diary.day(told["ago"]), TIME)
    fields = {"plan": plan, "outcome": told["outcome"], "at": at, **({"helper": told["helper"], "way": "spoken"} if told["helper"] else {})}
    fields |= {"answer": told["answer"], "answered_at": at + 60 * MINUTE_MS} if told["answer"] else {}
    _write(diary, house, writer, "asking", (told["ago"], fields))


def _paused(diary: Diary, house: House, told: dict[str, Any]) -> None:
    days = {name: diary.day(told[name]) for name in ("since", "review")}
    _write(diary, house, BY_KEY[told["by"]], "pause", (told["since"], {"what": told["what"], "why": told["why"], "agreed": told["agreed"], **days}))


def _entrusted(diary: Diary, house: House, writer: Person, told: dict[str, Any]) -> None:
    """A task in a volunteer's hands, and what they answered on which day: [days ago, answer, the day it is about, in which words]."""
    volunteer = BY_KEY[told["volunteer"]]
    asked = {**told["task"], "due": diary.day(told["due"]), "volunteer": volunteer.hats[0].id, "team": writer.team.id}
    asked |= {"resident": house.residents[0].id, "call": writer.name, "call_phone": writer.phone}
    errand = errands.key_of(_write(diary, house, writer, "task", (told["since"], asked)), volunteer.hats[0].id)
    for n, (ago, answer, day, text) in enumerate(told["answers"]):
        at = moment(diary.day(ago), EVENING) + n * MINUTE_MS
        fields = {"answer": answer, "at": at, **({"day": diary.day(day)} if day is not None else {}), **({"text": text} if text else {})}
        diary.write(at, volunteer, "answer", (f"errand:{errand}", "practical"), fields, team=volunteer.team.key)


def _write(diary: Diary, house: House, writer: Person, kind: str, told: tuple[int, dict[str, Any]]) -> str:
    ago, fields = told
    at = moment(diary.day(ago), TIME) + diary.chance.randrange(20 * MINUTE_MS)
    return diary.write(at, writer, kind, home(house), fields, team=writer.team.key)
