"""What is a valid change, what repeats when, what may be held: the rules that phone and office must answer alike."""

# Both languages call these by position.
# ruff: noqa: FBT001, FBT002

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sync import clock, merge

ENVELOPE = ("id", "kind", "record", "subject", "topic", "stamp", "seen", "n", "by", "fields")
_ENVELOPE = frozenset(ENVELOPE)
INT_MAX = 2**53 - 1
INSTANT_MAX = 9_999_999_999_999
SPAN_DAYS_MAX = 1000
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DAY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
NOT_LINE = re.compile("[\x00\n\r\u0085\u2028\u2029\ud800-\udfff]")

# Ten digits with a Dutch area code or mobile prefix, or an international number; what starts like 06-11-2026 is a day.
PHONE = re.compile(
    r"(?<![0-9])(?!0[1-9][-./ ][01]?[0-9][-./ ](?:19|20)[0-9]{2})"
    r"(?:\(?0[1-9][0-9]\)?[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){6}|\(?0[1-9][0-9]{2}\)?[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){5}"
    r"|06[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){7}|0[89]00[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){3,6}"
    r"|(?:\+|00)[1-9][0-9]?[-./ ]?(?:\(0\))?(?:[-./ ]?[0-9]){7,12})(?![0-9])"
)
BSN = re.compile(r"(?<![0-9])(?:[0-9]{9}|[0-9]{4}([ .-])[0-9]{2}\1[0-9]{3}|[0-9]{3}([ .-])[0-9]{3}\2[0-9]{3})(?![0-9])")
EMAIL = re.compile(r"[A-Za-z0-9_]@[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2}")

# A signature is the `d` of an SVG path in a box of these units, and nothing else fits in it: M12,34l3,-1 5,2M…, each step from the point before.
BOX = (600, 200)
STROKES = re.compile(r"(?:M#,#l#,#(?: #,#)*)+".replace("#", "(?:0|-?[1-9][0-9]{0,2})"))

# Outside these a phone asks "klopt dit?", and saves all the same: mmHg, per minute, tenths of °C, tenths of kg, tenths of mmol/L, %, 0-10.
LIKELY = {
    "blood_pressure": (70, 220),
    "pulse": (35, 160),
    "temperature": (345, 405),
    "weight": (250, 2000),
    "glucose": (30, 250),
    "oxygen": (85, 100),
    "pain": (0, 10),
}
LIKELY_SECOND = (40, 130)


def check(change: object, kinds: Mapping[str, Any], new: bool = False) -> list[dict[str, str]]:
    """List what is wrong with a change as [{field, why}], empty when nothing is; `new`: it makes its record, so required fields must be there."""
    if not isinstance(change, dict):
        return [_wrong("change", "type")]
    if change.keys() != _ENVELOPE:
        missing = [_wrong(name, "required") for name in ENVELOPE if name not in change]
        return missing + [_wrong(name, "unknown") for name in merge.keys(change) if name not in ENVELOPE]
    wrong = [_wrong(name, "type") for name in ("id", "record", "by") if not _is_id(change[name])]
    wrong += [_wrong("stamp", "type")] if clock.parse(change["stamp"]) is None else []
    wrong += _whole("seen", change["seen"], 0, INT_MAX) + _whole("n", change["n"], 1, INT_MAX)
    kind = change["kind"]
    spec = kinds["kinds"].get(kind) if isinstance(kind, str) else None
    if spec is None:
        return [*wrong, _wrong("kind", "unknown")]
    return wrong + _about(change, spec) + _fields(change, spec, new)


def signed(change: Mapping[str, Any], record: Mapping[str, Any] | None, kinds: Mapping[str, Any]) -> list[str]:
    """Name the fields of this change that only a record's first change may write, while the record is already there."""
    spec = kinds["kinds"][change["kind"]]["fields"]
    return [] if record is None else [name for name in merge.keys(change["fields"]) if spec[name].get("how") == "once"]


def plausible(what: str, value: int | None, second: int | None) -> list[str]:
    """List what makes a measurement worth a second look; a warning, never a refusal; units as in LIKELY, `second` is the lower blood pressure."""
    codes = _unlikely("", value, LIKELY.get(what))
    if what != "blood_pressure":
        return codes
    if second is None:
        return [*codes, "second_missing"]
    codes += _unlikely("second_", second, LIKELY_SECOND)
    return [*codes, "second_not_below"] if value is not None and second >= value else codes


def occurs(schedule_fields: Mapping[str, Any], day: str) -> bool:
    """Say whether a schedule falls on this day: on its weekdays, else every so many days, else only on its start; until is included."""
    start, until = schedule_fields.get("start"), schedule_fields.get("until")
    if not start or day < start or (until and day > until) or day in (schedule_fields.get("skipped") or []):
        return False
    weekdays, every = schedule_fields.get("weekdays"), schedule_fields.get("every_days")
    if weekdays:
        return weekday(day) in list(weekdays)
    return (_days(day) - _days(start)) % int(every) == 0 if every else bool(day == start)


def occurrences(schedule_fields: Mapping[str, Any], first_day: str, last_day: str) -> list[str]:
    """List the days from first to last (both included, at most a thousand days further) on which a schedule falls."""
    first, last = _days(first_day), min(_days(last_day), _days(first_day) + SPAN_DAYS_MAX)
    days = [_day(number) for number in range(first, last + 1)]
    return [day for day in days if occurs(schedule_fields, day)]


def next_occurrence(fields: Mapping[str, Any], day: str, within_days: int) -> str | None:
    """Give the first day on which a schedule falls, from `day` itself up to `within_days` later; None when there is none."""
    days = occurrences(fields, day, day_add(day, within_days))
    return days[0] if days else None


def identifiers(text: str) -> list[str]:
    """Name what in a text points to one person: 'phone', 'bsn' (nine digits that pass the eleven test), 'email'."""
    found = {"phone": bool(PHONE.search(text)), "bsn": any(_is_bsn(match[0]) for match in BSN.finditer(text)), "email": bool(EMAIL.search(text))}
    return [name for name, there in found.items() if there]


def strokes(path: object) -> list[list[list[int]]] | None:
    """Give the points [x, y] of each stroke of a signature; None when it is none, or leaves the box."""
    if not isinstance(path, str) or not STROKES.fullmatch(path):
        return None
    found = [_points(stroke) for stroke in path.split("M")[1:]]
    inside = all(0 <= x <= BOX[0] and 0 <= y <= BOX[1] for points in found for x, y in points)
    return found if inside else None


def first(kind: str, fields: Mapping[str, Any], today: str, kinds: Mapping[str, Any]) -> bool:
    """Say whether a phone needs this record before any history: always, or when its day is yesterday or later; of an unknown kind never."""
    when = kinds["kinds"].get(kind, {}).get("first", False)
    return bool(fields.get("day")) and fields["day"] >= day_add(today, -1) if when == "recent" else bool(when)


def may_hold(subject: str, topic: str, author_is_me: bool, pairs: Iterable[Any], today: str) -> bool:
    """Say whether a phone may hold and show a record today; `pairs` = [[subject, topic, until or None], …], until included."""
    return author_is_me or any(pair[0] == subject and pair[1] == topic and (pair[2] is None or pair[2] >= today) for pair in pairs)


def pairs_text(pairs: Iterable[Any]) -> str:
    """Give the canonical text of a set of pairs, whose SHA-256 (first 32 hexadecimal digits) is the entitlement digest."""
    lines = sorted({merge.text(list(pair)) for pair in pairs})
    return f"[{','.join(lines)}]"


def task_state(task_id: str, completions_fields: Iterable[Mapping[str, Any]]) -> str:
    """Give 'done', 'could_not' or 'open': done by anybody wins over could_not, and what was undone does not count."""
    outcomes = {fields.get("outcome") for fields in completions_fields if fields.get("task") == task_id and fields.get("undone") is not True}
    return next((outcome for outcome in ("done", "could_not") if outcome in outcomes), "open")


def day_add(day: str, n: int) -> str:
    """Give the day n days later (earlier when negative)."""
    return _day(_days(day) + n)


def weekday(day: str) -> int:
    """Give the day of the week, Monday is 0."""
    return (_days(day) + 3) % 7


def _wrong(field: str, why: str) -> dict[str, str]:
    return {"field": field, "why": why}


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_day(value: object) -> bool:
    return isinstance(value, str) and DAY.fullmatch(value) is not None and _day_exists(value)


def _whole(field: str, value: object, least: int, most: int) -> list[dict[str, str]]:
    if type(value) is not int:
        return [_wrong(field, "type")]
    return [] if least <= value <= most else [_wrong(field, "out_of_range")]


def _about(change: dict[str, Any], spec: dict[str, Any]) -> list[dict[str, str]]:
    subject, topic = change["subject"], change["topic"]
    noun, _, whom = subject.partition(":") if isinstance(subject, str) else ("", "", "")
    wrong = [_wrong("subject", "type" if not _is_id(whom) else "not_allowed")] if not _is_id(whom) or noun not in spec["subjects"] else []
    return wrong if isinstance(topic, str) and topic in spec["topics"] else [*wrong, _wrong("topic", "not_allowed")]


def _fields(change: dict[str, Any], spec: dict[str, Any], new: bool) -> list[dict[str, str]]:
    fields = change["fields"]
    if not isinstance(fields, dict):
        return [_wrong("fields", "type")]
    if not fields:
        return [_wrong("fields", "required")]
    wrong = [_wrong(name, "required") for name in spec["required"] if fields.get(name, None if new else name) is None]
    anonymous = isinstance(change["subject"], str) and change["subject"].startswith("team:")
    for name in merge.keys(fields):
        field = spec["fields"].get(name)
        why = _why(fields[name], field, anonymous) if field else "unknown"
        wrong += [_wrong(name, why)] if why else []
    return wrong


def _why(value: object, field: dict[str, Any], anonymous: bool) -> str:
    if value is None:
        return ""
    kind = field["type"]
    if kind in ("line", "text", "strokes"):
        return _why_text(value, field, anonymous)
    if kind in ("ids", "dates", "choices", "weekdays"):
        return _why_list(value, field)
    if kind == "instant":
        return _why_int(value, 0, INSTANT_MAX)
    if kind == "int":
        return _why_int(value, field["min"], field["max"])
    if kind == "choice":
        return "type" if not isinstance(value, str) else "" if value in field["of"] else "not_allowed"
    return "" if _fits(kind, value) else "type"


def _why_text(value: object, field: dict[str, Any], anonymous: bool) -> str:
    if not isinstance(value, str):
        return "type"
    if (NOT_LINE if field["type"] == "line" else NOT_TEXT).search(value):
        return "bad_text"
    if len(value) > field["max"]:
        return "too_long"
    if field["type"] == "strokes" and strokes(value) is None:
        return "type"
    return "names_somebody" if anonymous and field.get("anonymous") and identifiers(value) else ""


def _why_int(value: object, least: int, most: int) -> str:
    wrong = _whole("", value, least, most)
    return wrong[0]["why"] if wrong else ""


def _why_list(value: object, field: dict[str, Any]) -> str:
    if not isinstance(value, list):
        return "type"
    one = {"ids": "id", "dates": "date", "choices": "line", "weekdays": "weekday"}[field["type"]]
    if not all(_fits(one, item) for item in value):
        return "type"
    if len(value) > field.get("max", len(value)):
        return "too_long"
    allowed = field.get("of", range(7) if one == "weekday" else value)
    if any(item not in allowed for item in value):
        return "not_allowed"
    return "not_allowed" if len(set(value)) < len(value) else ""


def _fits(kind: str, value: object) -> bool:
    if kind == "weekday":
        return type(value) is int
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "id":
        return _is_id(value)
    if kind == "date":
        return _is_day(value)
    return isinstance(value, str) and (kind == "line" or TIME.fullmatch(value) is not None)


def _unlikely(prefix: str, value: int | None, likely: tuple[int, int] | None) -> list[str]:
    if value is None or likely is None or likely[0] <= value <= likely[1]:
        return []
    return [f"{prefix}very_low" if value < likely[0] else f"{prefix}very_high"]


def _points(stroke: str) -> list[list[int]]:
    points = [[0, 0]]
    for step in re.split("[l ]", stroke):
        dx, dy = step.split(",")
        points.append([points[-1][0] + int(dx), points[-1][1] + int(dy)])
    return points[1:]


def _is_bsn(match: str) -> bool:
    digits = [int(digit) for digit in match if digit not in " .-"]
    total = sum(weight * digit for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True))
    return any(digits) and total % 11 == 0


def _day_exists(day: str) -> bool:
    year, month, number = int(day[:4]), int(day[5:7]), int(day[8:])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= len(lengths) and 1 <= number <= lengths[month - 1]


def _days(day: str) -> int:
    return (date.fromisoformat(day) - date(1970, 1, 1)).days


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
