"""Facts: the fields of a change in words, one by one, for what no entry tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.changes import KINDS
from sync import rules

if TYPE_CHECKING:
    from server.i18n import Speaker
    from server.records import Shown

MONDAY = "2026-11-23"
# Choices whose words stand under another name than the field's own.
WORDS = {"topics": "topic", "what": "measure", "outcome": "outcome"}
WORDS |= dict.fromkeys(("confirmed", "resident_says", "volunteer_says"), "held.agreed")
WORDS |= dict.fromkeys(("suspicion", "danger", "able", "accepted", "lasting"), "held.unsure")
# What a field is here whose value is not shown.
VEILED = {"type": "veiled"}


def facts(speaker: Speaker, kind: str, fields: dict[str, Any], names: dict[str, str], now: int) -> list[dict[str, str]]:
    """[{name, value, path}] in the order of sync/kinds.json; `names`: id -> name of whom and what may be named, the others are somebody or something.

    What is veiled is not shown in the office at all. `path` is what a signature draws, and '' of everything else.
    """
    known, veiled = KINDS["kinds"][kind]["fields"], KINDS["kinds"][kind].get("veiled", [])
    found = [(name, VEILED if name in veiled else spec, fields[name]) for name, spec in known.items() if name in fields]
    return [
        {"name": speaker.say(f"field.{name}"), "value": _value(speaker, name, spec, value, names, now), "path": _path(spec, value)}
        for name, spec, value in found
    ]


def also(speaker: Speaker, record: Shown, names: dict[str, str], now: int) -> list[dict[str, str]]:
    """[{name, value, also}] of the fields in which others wrote something else at the same time: `also` is what, and who they are."""

    def told(name: str, value: Any) -> str:
        return facts(speaker, record["kind"], {name: value}, names, now)[0]["value"]

    return [
        {
            "name": speaker.say(f"field.{name}"),
            "value": told(name, record["fields"].get(name)),
            "also": speaker.say("review.also", who=names.get(entry["by"]) or speaker.say("review.unknown"), value=told(name, entry["value"])),
        }
        for name, others in record["also"].items()
        for entry in others
    ]


def _path(spec: dict[str, Any], value: Any) -> str:
    return value if spec["type"] == "strokes" and rules.strokes(value) else ""


def _value(speaker: Speaker, name: str, spec: dict[str, Any], value: Any, names: dict[str, str], now: int) -> str:
    if value is None or value == []:
        return speaker.say("held.emptied")
    if spec is VEILED:
        return speaker.say("held.veiled")
    if isinstance(value, list):
        return ", ".join(_one(speaker, name, spec["type"].removesuffix("s"), one, names, now) for one in value)
    return _one(speaker, name, spec["type"], value, names, now)


def _one(speaker: Speaker, name: str, sort: str, value: Any, names: dict[str, str], now: int) -> str:
    if sort == "flag":
        return speaker.say("held.flag.yes" if value else "held.flag.no")
    if sort == "date":
        return speaker.date(value)
    if sort == "instant":
        return speaker.when(value, now)
    if sort == "id":
        return names.get(value) or speaker.say("held.something")
    if sort == "strokes":
        return speaker.say("held.signature")
    if sort == "weekday":
        return speaker.weekday(rules.day_add(MONDAY, value))
    if sort == "choice":
        keys = (f"{WORDS.get(name, name)}.{value}", f"held.{name}.{value}")
        return next((speaker.say(key) for key in keys if key in speaker.messages), str(value))
    return str(value)
