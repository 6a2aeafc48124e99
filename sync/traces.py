"""What in a text may point at somebody who is known: for lines that are to be told further without whom they are about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 3
# What stands before a name and is none.
BESIDE = frozenset({
    "mevrouw", "mevr", "meneer", "dhr", "heer", "familie", "fam", "gezin", "echtpaar", "mrs", "miss", "family",
    "van", "von", "der", "den", "het", "ten", "ter", "aan", "the", "and", "een",
})  # fmt: skip
MONTHS = "jan|feb|mrt|maart|march|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"
DATE = re.compile(
    r"(?<![0-9])(?:[0-3]?[0-9][-/. ][01]?[0-9][-/. ](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]"
    rf"|[0-3]?[0-9] (?:{MONTHS})[a-z]{{0,6}}\.? (?:19|20)[0-9]{{2}})(?![0-9])"
)
ADDRESS = re.compile(r"(?:straat|laan|weg|plein|gracht|kade|dijk|hof|pad|singel|steeg|street|road|avenue) [0-9]")


def traces(text: str, names: Iterable[str], streets: Iterable[str]) -> list[str]:
    """Name what a text seems to hold: a 'name' or 'street' (of these, or an address), when somebody was 'born', a 'phone', 'bsn' or 'email'."""
    lower = text.lower()
    words = WORD.findall(lower)
    said = f" {' '.join(words)} "
    found = {
        "name": any(word in words for name in names for word in _words_of(name)),
        "street": bool(ADDRESS.search(lower)) or any(f" {street} " in said for street in map(_street, streets) if street),
        "born": bool(DATE.search(lower)),
    }
    return [what for what, there in found.items() if there] + rules.identifiers(text)


def _words_of(name: str) -> list[str]:
    return [word for word in WORD.findall(name.lower()) if len(word) >= SHORTEST and word not in BESIDE]


def _street(street: str) -> str:
    """'Kadestraat 12-a' -> 'kadestraat'."""
    return " ".join(WORD.findall(re.split("[0-9]", street.lower())[0]))
