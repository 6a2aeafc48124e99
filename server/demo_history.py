"""Ninety days in the demo neighbourhood, as the changes its people would have made: the same for every planting at the same moment."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from server import access
from server.demo_diary import DAYS, MINUTE_MS, Diary, Entry, Made, home, moment, weekday
from server.demo_houses import House, neighbourhood, read
from server.demo_involved import involved
from server.demo_lines import lines
from server.demo_matches import together
from server.demo_network import networks
from server.demo_notes import CARE, Pen
from server.demo_people import BY_KEY, Person, members
from server.demo_remarks import remarks
from server.demo_steering import steered
from server.demo_visits import FRESH_MS, Round
from sync import rules

# When a household's follow-ups were made, in days from today: the first two are done, of the last ones some.
TASK_SPANS = ((-76, -50), (-44, -20), (-9, -1))
DONE_CHANCE = 0.4
FAILED_CHANCE = 0.1
SIGNAL_EVERY = 4
OUTSIDE = (("samen", "outreach", "contacts"), ("vrij", "lead", "volunteers"))


def tell(now: int) -> list[Entry]:
    """Everything that was noted in the ninety days before `now` (ms), in the order of writing."""
    diary, words, used = Diary(now, random.Random("Rietakker")), read("words"), Counter[str]()
    houses, case = neighbourhood()
    rounds: list[Round] = []
    for house in houses:
        here: set[str] = set()
        pens = {team: Pen(house, team, words, diary.chance, used, here) for team in house.teams}
        for one in (Round(diary, house, plan, pens[plan.team]) for plan in house.plans):
            one.planned()
            one.visited()
            rounds.append(one)
        _followed_up(diary, house, words)
    known = {house.key: house for house in houses}
    networks(Diary(now, random.Random("Netwerk"), diary.entries), known)
    involved(Diary(now, random.Random("Betrokken"), diary.entries), known)
    remarks(Diary(now, random.Random("Opmerkingen"), diary.entries))
    lines(Diary(now, random.Random("Korte lijnen"), diary.entries), known)
    together(Diary(now, random.Random("Samen"), diary.entries), known)
    steered(Diary(now, random.Random("Sturen"), diary.entries), known)
    _once(diary, known, words["once"])
    _case(diary, known["lammers"], case, [one for one in rounds if one.house.key == "lammers"])
    _outside(diary, read("streets"))
    _by_name(diary, known, read("streets")["named"])
    return sorted(diary.entries, key=lambda entry: entry.at)


def _followed_up(diary: Diary, house: House, words: dict[str, Any]) -> None:
    """What still had to be done after a visit, made by who was there."""
    made = [entry for entry in diary.entries if entry.kind == "visit" and entry.subject == home(house)[0]]
    for (first, last), what in zip(TASK_SPANS, house.tasks, strict=False):
        visits = [entry for entry in made if diary.day(first) <= entry.fields["day"] <= diary.day(last)] or made[-1:]
        visit = diary.chance.choice(visits)
        team = next(key for key in house.teams if visit.person.hat(key).team.key == key)
        recent = last == TASK_SPANS[-1][1]
        due = max(rules.day_add(visit.fields["day"], diary.chance.randrange(2, 9)), diary.day(-1) if recent else "")
        fields = {"what": what, "due": due, "team": visit.person.hat(team).team.id, "visit": visit.record, "owner": visit.hat}
        task = diary.write(visit.at + MINUTE_MS // 2, visit.person, "task", home(house), fields, team=team)
        if not recent or diary.chance.random() < DONE_CHANCE:
            _completed(diary, house, visit, (task, due), words)


def _completed(diary: Diary, house: House, visit: Entry, task: tuple[str, str], words: dict[str, Any]) -> None:
    failed = diary.chance.random() < FAILED_CHANCE
    text = house.residents[0].filled(diary.chance.choice(words["could_not" if failed else "done"]))
    soon = min(moment(task[1], "16:05"), diary.now - 3 * FRESH_MS) - diary.chance.randrange(90) * MINUTE_MS
    at = max(soon, visit.at + 5 * MINUTE_MS)
    fields = {"task": task[0], "outcome": "could_not" if failed else "done", "at": at}
    diary.write(at, visit.person, "completion", home(house), fields | ({"text": text} if text else {}), team=visit.person.team.key)


def _once(diary: Diary, houses: dict[str, House], planned: list[Any]) -> None:
    """Single visits in the days to come."""
    for key, what, who, ahead, time in planned:
        person = BY_KEY[who[0]]
        fields = {"what": what, "team": person.team.id, "who": [BY_KEY[one].hats[0].id for one in who], "start": diary.day(ahead), "time": time}
        diary.write(moment(diary.day(-4), "15:40"), person, "schedule", home(houses[key]), fields)


def _case(diary: Diary, house: House, case: dict[str, Any], rounds: list[Round]) -> None:
    """A woman finds a new home: eight questions, five parties, told by those who came by."""
    for one in case["entries"]:
        made = _case_visit(diary, house, one, rounds)
        for i, text in enumerate(one["notes"]):
            topic, aspect, said = text.split("|")
            made.note(diary, i, (house.residents[0], topic, aspect, said))
        for i, text in enumerate(one.get("measures", ())):
            what, *values = text.split()
            made.measured(diary, i, house.residents[0], what, [int(value) for value in values])
        for i, task in enumerate(one.get("tasks", ())):
            _case_task(diary, house, task, (made, i))
        if one["day"] == case["moves"]["day"]:
            moved = {name: case["moves"][name] for name in ("street", "phone", "entry")}
            diary.write(made.written + MINUTE_MS, made.person, "household", home(house), moved, team=made.team, record=house.id)


def _case_visit(diary: Diary, house: House, one: dict[str, Any], rounds: list[Round]) -> Made:
    person = BY_KEY[one["by"]]
    team, day = person.team.key, diary.day(one["day"])
    day = day if team == CARE else weekday(day)
    at = moment(day, one["time"])
    planned = [{"schedule": known.schedule} for known in rounds if known.plan.team == team and rules.occurs(known.rule, day)]
    fields = {"day": day, "at": at, "resident": house.residents[0].id, "present": one["present"], "outcome": "done"}
    fields |= ({"present_names": one["names"]} if "names" in one else {}) | (planned[0] if planned else {})
    written = at + diary.chance.randrange(25, 40) * MINUTE_MS
    return Made(diary.write(written, person, "visit", home(house), fields, team=team), person, team, at, written)


def _case_task(diary: Diary, house: House, task: dict[str, Any], visit: tuple[Made, int]) -> None:
    made, i = visit
    owner = BY_KEY[task["owner"]].hat(task["team"])
    fields = {"what": task["what"], "due": diary.day(task["due"]), "team": owner.team.id, "owner": owner.id, "visit": made.record}
    record = diary.write(made.written + 2000 * (i + 1), made.person, "task", home(house), fields, team=made.team)
    if "done" in task:
        ago, by, text = task["done"]
        day = diary.day(ago)
        at = moment(day if BY_KEY[by].team.key == CARE else weekday(day), "16:10")
        done = {"task": record, "outcome": "done", "text": text, "at": at}
        diary.write(at, BY_KEY[by], "completion", home(house), done)


def _outside(diary: Diary, told: dict[str, list[str]]) -> None:
    """Contacts on street and square that name nobody, with the signals that came of some of them."""
    signals = list(told["signals"])
    for team, role, kind in OUTSIDE:
        people = members(team, role)
        for i, text in enumerate(told[kind]):
            person = people[i % len(people)]
            at, subject = _hour(diary, (i + 1) / len(told[kind])), f"team:{person.hat(team).team.id}"
            contact = _contact(diary, (person, team), at, subject, text)
            if team == "samen" and i % SIGNAL_EVERY == 1 and signals:
                lens, place, words = signals.pop(0).split("|")
                fields = {"lens": lens, "place_name": place, "text": words, "contact": contact, "at": at, "day": access.day_of(at)}
                diary.write(at + MINUTE_MS, person, "signal", (subject, "social"), fields, team=team)


def _by_name(diary: Diary, houses: dict[str, House], told: list[str]) -> None:
    """Contacts with somebody whom the team knows."""
    for i, text in enumerate(told):
        key, place, rest = text.split("|", 2)
        person = next(BY_KEY[plan.who[0]] for plan in houses[key].plans if plan.team == "samen")
        at = _hour(diary, (i + 1) / len(told))
        _contact(diary, (person, "samen"), at, f"resident:{houses[key].residents[0].id}", f"{place}||{rest}")


def _contact(diary: Diary, by: tuple[Person, str], at: int, subject: str, told: str) -> str:
    place, name, way, text = told.split("|")
    fields = {"place": place, **({"place_name": name} if name else {}), "way": way, "text": text, "at": at, "day": access.day_of(at)}
    return diary.write(at, by[0], "contact", (subject, "social"), fields, team=by[1])


def _hour(diary: Diary, part: float) -> int:
    """A working hour on a weekday at this part of the ninety days; the last one is as late as can be."""
    day = weekday(diary.day(round((part - 1) * (DAYS - 2))))
    at = moment(day, f"{diary.chance.randrange(10, 17)}:{diary.chance.randrange(60):02}")
    return min(at, diary.now - FRESH_MS - diary.chance.randrange(60) * MINUTE_MS)
