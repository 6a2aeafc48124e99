"""What is said to people, and how dates and numbers are written: messages by key, tables of our own; twin of `pwa/i18n.js`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LANGUAGES = ("nl", "en")
WORDS = ("client", "patient", "resident", "citizen", "inhabitant", "customer", "name")
ROOT = Path(__file__).parent.parent
ZONE = ZoneInfo("Europe/Amsterdam")
WEEK = 7

Message = str | dict[str, str]

TABLES: dict[str, dict[str, list[str]]] = {
    "nl": {
        "weekdays": ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
        "weekdays_short": ["ma", "di", "wo", "do", "vr", "za", "zo"],
        "months": [
            "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december",
        ],
        "months_short": ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
        "near": ["gisteren", "vandaag", "morgen"],
        "comma": [","],
        "client": ["cliënt", "cliënten", "de cliënt", "een cliënt"],
        "patient": ["patiënt", "patiënten", "de patiënt", "een patiënt"],
        "resident": ["bewoner", "bewoners", "de bewoner", "een bewoner"],
        "citizen": ["burger", "burgers", "de burger", "een burger"],
        "inhabitant": ["inwoner", "inwoners", "de inwoner", "een inwoner"],
        "customer": ["klant", "klanten", "de klant", "een klant"],
    },
    "en": {
        "weekdays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        "weekdays_short": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "months": [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
        ],
        "months_short": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        "near": ["yesterday", "today", "tomorrow"],
        "comma": ["."],
        "client": ["client", "clients", "the client", "a client"],
        "patient": ["patient", "patients", "the patient", "a patient"],
        "resident": ["resident", "residents", "the resident", "a resident"],
        "citizen": ["citizen", "citizens", "the citizen", "a citizen"],
        "inhabitant": ["inhabitant", "inhabitants", "the inhabitant", "an inhabitant"],
        "customer": ["customer", "customers", "the customer", "a customer"],
    },
}  # fmt: skip

_strictness = {"on": False}


def strict(on: bool) -> None:  # noqa: FBT001 - one switch with one meaning
    """Let a missing message or value raise `KeyError` (tests) or show its key (people)."""
    _strictness["on"] = on


def speaker(language: str, word: str = "resident", messages: Mapping[str, Message] | None = None) -> Speaker:
    """The speaker of this language with this word for the resident; an unknown language or word falls back to nl and resident."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    return Speaker(known, word if word in WORDS else "resident", read(known) if messages is None else messages)


@cache
def read(language: str) -> dict[str, Message]:
    """Every message of this language: the phone's, which both sides share, and the office's own."""
    both: dict[str, Message] = {}
    for folder in ("pwa", "server"):
        path = ROOT / folder / "messages" / f"{language}.json"
        if path.exists():
            both |= json.loads(path.read_text("utf-8"))
    return both


def local(ms: int) -> dict[str, int | str]:
    """An instant's date and time on the wall in the Netherlands."""
    at = datetime.fromtimestamp(ms // 1000, UTC).astimezone(ZONE)
    return {
        "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}", "year": at.year, "month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute,
    }  # fmt: skip


@dataclass(frozen=True)
class Speaker:
    """One language and one word for the resident."""

    language: str
    word: str
    messages: Mapping[str, Message]

    def say(self, key: str, n: int | None = None, **values: object) -> str:
        """The message of this key, with its form for n and its values filled in."""
        message = self.messages.get(key)
        if message is None:
            return self._missing(key, key)
        text = message if isinstance(message, str) else message["one" if n == 1 else "other"]
        filled = self._words(values.get("resident")) | {name: value for name, value in values.items() if name != "resident"}
        if n is not None:
            filled["n"] = n
        return re.sub(r"\{(\w+)\}", lambda found: self._value(key, found, filled), text)

    def date(self, day: str) -> str:
        """'24 november 2026'."""
        at = date.fromisoformat(day)
        return f"{at.day} {self._table('months')[at.month - 1]} {at.year}"

    def day(self, day: str) -> str:
        """'dinsdag 24 november'."""
        at = date.fromisoformat(day)
        return f"{self.weekday(day)} {at.day} {self._table('months')[at.month - 1]}"

    def day_short(self, day: str) -> str:
        """'di 24 nov'."""
        at = date.fromisoformat(day)
        return f"{self._table('weekdays_short')[at.weekday()]} {at.day} {self._table('months_short')[at.month - 1]}"

    def weekday(self, day: str) -> str:
        """'dinsdag'."""
        return self._table("weekdays")[date.fromisoformat(day).weekday()]

    def near(self, day: str, today: str) -> str:
        """'vandaag', 'gisteren', 'morgen', or the day, with its year when that is not this year."""
        days = _days(day, today)
        if -1 <= days <= 1:
            return self._table("near")[days + 1]
        return self.day(day) if day[:4] == today[:4] else f"{self.day(day)} {day[:4]}"

    def clock(self, ms: int) -> str:
        """'08:41', in the Netherlands."""
        return str(local(ms)["time"])

    def when(self, ms: int, now: int) -> str:
        """'vandaag 08:41', 'gisteren 21:05', 'zaterdag 14:02' (up to six days ago), '12 november 09:10', with its year when that is not this year."""
        at, today = local(ms), str(local(now)["date"])
        day = str(at["date"])
        days = _days(day, today)
        if -1 <= days <= 1:
            return f"{self._table('near')[days + 1]} {at['time']}"
        if -WEEK < days < 0:
            return f"{self.weekday(day)} {at['time']}"
        year = "" if day[:4] == today[:4] else f" {day[:4]}"
        return f"{at['day']} {self._table('months')[int(at['month']) - 1]}{year} {at['time']}"

    def number(self, scaled: int, decimals: int = 0) -> str:
        """A whole number of tenths, hundredths, …: 372 with 1 decimal is '37,2'."""
        if decimals == 0:
            return str(scaled)
        digits = str(abs(scaled)).rjust(decimals + 1, "0")
        return f"{'-' if scaled < 0 else ''}{digits[:-decimals]}{self._table('comma')[0]}{digits[-decimals:]}"

    def age(self, born: str, today: str) -> int:
        """Whole years from one date to another."""
        return int(today[:4]) - int(born[:4]) - (today[5:] < born[5:])

    def globals(self) -> dict[str, object]:
        """What every template may call: `_`, `lang` and the verbs above."""
        verbs: list[Callable[..., object]] = [
            self.date, self.day, self.day_short, self.weekday, self.near, self.clock, self.when, self.number, self.age,
        ]  # fmt: skip
        return {"_": self.say, "lang": self.language} | {verb.__name__: verb for verb in verbs}

    def _table(self, name: str) -> list[str]:
        return TABLES[self.language][name]

    def _words(self, name: object) -> dict[str, object]:
        one, many, the, a = self._table("resident" if self.word == "name" else self.word)
        if self.word == "name" and name:
            one = the = a = str(name)
        words: dict[str, object] = {"resident": one, "residents": many, "the_resident": the, "a_resident": a}
        return words | {_capital(key): _capital(str(text)) for key, text in words.items()}

    def _value(self, key: str, found: re.Match[str], values: dict[str, object]) -> str:
        if values.get(found[1]) is not None:
            return str(values[found[1]])
        return self._missing(f"{key} {found[0]}", found[0])

    def _missing(self, what: str, shown: str) -> str:
        if _strictness["on"]:
            message = f"{what} is missing in {self.language}; add it to pwa/messages or server/messages, or pass its value"
            raise KeyError(message)
        return shown


def _days(day: str, since: str) -> int:
    return (date.fromisoformat(day) - date.fromisoformat(since)).days


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
