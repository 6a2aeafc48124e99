"""Who may hold what, in the plainest way: written from the contract alone, so that cases, simulation and office can be held against it."""

from datetime import date, timedelta
from typing import Any, NamedTuple

World = dict[str, Any]
PROFESSIONAL = ("nurse", "outreach", "lead")
NEEDS = {
    "nurse": ("practical", "body", "mind", "society", "social"),
    "outreach": ("practical", "mind", "society", "social"),
}
LEADS_AS = {"care": "nurse", "welfare": "outreach"}
SPECIFICITY = {"organisation": 1, "team": 2, "person": 3}
NEVER = "9999-12-31"


class Hat(NamedTuple):
    person: str
    team: str
    role: str
    since: str
    until: str | None


class Way(NamedTuple):
    """One way in: until its last day (None: no end), for what was first written after number `after` (0: everything)."""

    subject: str
    topic: str
    until: str | None
    after: int


def entitled(world: World, person: str, day: str) -> set[Way]:
    """Every pair this person may hold on this day, once: nothing by default, and what they wrote themselves is not in it."""
    ways: set[Way] = set()
    for hat in worn(world, day):
        if hat.person == person:
            ways |= around(world, hat) | held(world, hat, day) | reviewed(world, hat, day) | entrusted(world, hat, day)
    return {best(ways, way) for way in ways}


def may_hold(world: World, person: str, day: str, record: dict[str, Any]) -> bool:
    """Whether one record {subject, topic, author, first} may be with this person; `first` is the number at which it was first stored."""
    if person in world["left"]:
        return False
    ways = [way for way in entitled(world, person, day) if way[:2] == (record["subject"], record["topic"])]
    return record["author"] == person or any(record["first"] > way.after for way in ways)


def best(ways: set[Way], one: Way) -> Way:
    """Rule 8: of all ways into this pair the one that reaches back furthest, and of those the one that lasts longest."""
    same = sorted((way for way in ways if way[:2] == one[:2]), key=lambda way: way.until or NEVER, reverse=True)
    return min(same, key=lambda way: way.after)


# Days and hats


def in_force(since: str, until: str | None, day: str) -> bool:
    return since <= day <= (until or NEVER)


def earliest(*days: str | None) -> str | None:
    return min((day for day in days if day), default=None)


def worn(world: World, day: str) -> list[Hat]:
    """Hats in force; who left wears none."""
    hats = [Hat(*hat) for hat in world["hats"]]
    return [hat for hat in hats if hat.person not in world["left"] and in_force(hat.since, hat.until, day)]


def works_for(world: World, hat: Hat) -> str:
    return world["teams"][hat.team]


def led_as(world: World, hat: Hat) -> str | None:
    """The profession a lead answers for; None for who leads volunteers."""
    return LEADS_AS.get(world["organisations"][works_for(world, hat)])


# Rule 4


def around(world: World, hat: Hat) -> set[Way]:
    """What the team tells each other, and for a professional who is who everywhere."""
    team = {Way(f"team:{hat.team}", topic, hat.until, 0) for topic in ("practical", "social")}
    if hat.role not in PROFESSIONAL:
        return team
    return team | {Way(f"organisation:{name}", "practical", hat.until, 0) for name in world["organisations"]}


# Rule 3


def cared_for(world: World, hat: Hat, day: str) -> set[Way]:
    """What the care relation alone would open, before any resident spoke."""
    profession = led_as(world, hat) if hat.role == "lead" else hat.role
    ways = set()
    for household, team, since, until in world["care"]:
        if profession in NEEDS and team == hat.team and in_force(since, until, day):
            end = earliest(until, hat.until)
            ways.add(Way(f"household:{household}", "practical", end, 0))
            here = [resident for resident, home in world["residents"].items() if home == household]
            ways |= {Way(f"resident:{resident}", topic, end, 0) for resident in here for topic in NEEDS[profession]}
    return ways


# Rules 5 and 6


def held(world: World, hat: Hat, day: str) -> set[Way]:
    """Care relation, consents, shares and objections together, for one hat."""
    care = cared_for(world, hat, day)
    ways = {way for way in care if way.subject.startswith("household:")}
    said = [one for one in world["statements"] if counts(one, day) and names(world, one, hat)]
    about = {(one["resident"], topic) for one in said for topic in one["topics"]}
    ways |= {way for way in care - ways if (way.subject.removeprefix("resident:"), way.topic) not in about}
    for resident, topic in about:
        words = [one for one in said if one["resident"] == resident and topic in one["topics"]]
        for until, after in spoken(words, hat):
            ways.add(Way(f"resident:{resident}", topic, until, after))
            if topic == "practical":
                ways.add(Way(f"household:{world['residents'][resident]}", topic, until, after))
        if not any(one["answer"] == "no" for one in words):
            ways |= {way for way in care if way[:2] == (f"resident:{resident}", topic)}
    return ways


def counts(one: dict[str, Any], day: str) -> bool:
    """Lifting of secrecy counts whatever the answer, a share only when it was decided; help itself and legal ground never."""
    kind = one["kind"] == "secrecy" or (one["kind"] == "share" and one["answer"] == "yes")
    return kind and not one["withdrawn"] and in_force(one["since"], one["until"], day)


def names(world: World, one: dict[str, Any], hat: Hat) -> bool:
    return hat.role in PROFESSIONAL and one["to"] in called(world, hat)


def called(world: World, hat: Hat) -> tuple[str, ...]:
    """By what a resident may speak of somebody: themselves, their team, their organisation."""
    return (f"person:{hat.person}", f"team:{hat.team}", f"organisation:{works_for(world, hat)}")


def spoken(words: list[dict[str, Any]], hat: Hat) -> set[tuple[str | None, int]]:
    """What the most specific words open: nothing when one of them is a no; less specific ones are beaten."""
    top = max(map(specificity, words))
    words = [one for one in words if specificity(one) == top]
    if any(one["answer"] == "no" for one in words):
        return set()
    return {(earliest(one["until"], hat.until), 0 if one["before"] else one["n"]) for one in words}


def specificity(one: dict[str, Any]) -> int:
    return SPECIFICITY[one["to"].split(":")[0]]


# Rule 7


def reviewed(world: World, hat: Hat, day: str) -> set[Way]:
    """What a lead of care or welfare sees of residents through the team; safety never comes this way, only through the lead's own hat."""
    if hat.role != "lead" or not led_as(world, hat):
        return set()
    team = [member for member in worn(world, day) if member.team == hat.team]
    ways = {way for member in team for way in held(world, member, day) if way.subject.startswith("resident:") and way.topic != "safety"}
    return {way._replace(until=earliest(way.until, hat.until)) for way in ways if not closed(world, way, hat.person, day)}


# A volunteer's own payload


def entrusted(world: World, hat: Hat, day: str) -> set[Way]:
    """What a volunteer offers; what they were asked to do, until a week after; once they said yes the address too, from the day before until the
    day after. Whom they were matched with they may find until the day that was set (`door`).
    """
    ways = {Way(f"person:{hat.person}", "social", hat.until, 0)} if hat.role == "volunteer" else set()
    asked = [one for one in world["errands"] if (one["person"], one["team"]) == (hat.person, hat.team) and one.get("open", True)]
    mine = [one for one in asked if not kept_out(world, hat, one, day)]
    for one in mine if hat.role == "volunteer" else ():
        end = later(one.get("door") or one["days"][-1], 7)
        if day <= end:
            ways.add(Way(f"errand:{one['id']}", "practical", earliest(end, hat.until), 0))
        near = [later(when, 1) for when in one["days"] if later(when, -1) <= day <= later(when, 1)]
        near += [one["door"]] if one.get("door") and day <= one["door"] else []
        if near and one["accepted"]:
            ways.add(Way(f"address:{one['id']}", "practical", earliest(near[-1], hat.until), 0))
    return ways


def kept_out(world: World, hat: Hat, errand: dict[str, Any], day: str) -> bool:
    """Whether somebody it is for keeps practical things from this volunteer, by the most specific of what they said."""
    here = [name for name, home in world["residents"].items() if home == errand["household"]]
    theirs = [errand["resident"]] if errand["resident"] else here
    said = [one for one in world["statements"] if one["to"] in called(world, hat) and "practical" in one["topics"] and counts(one, day)]
    for resident in theirs:
        words = [one for one in said if one["resident"] == resident]
        if words and not all(one["answer"] == "yes" for one in words if specificity(one) == max(map(specificity, words))):
            return True
    return False


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def closed(world: World, way: Way, person: str, day: str) -> bool:
    """Whether the resident objects to this one person, by name."""
    objections = [one for one in world["statements"] if one["answer"] == "no" and one["to"] == f"person:{person}" and counts(one, day)]
    return any(way.subject == f"resident:{one['resident']}" and way.topic in one["topics"] for one in objections)
