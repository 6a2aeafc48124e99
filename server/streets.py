"""Streets: where they lie, in metres of the national grid (RD), so that distances are reckoned here and nobody else is asked."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from server import db

if TYPE_CHECKING:
    from server.db import Tx

COLUMNS = ("street", "city", "x", "y")
# The national grid ends here.
EDGES = {"x": (0, 300_000), "y": (300_000, 640_000)}
NAME_MAX = 120
PROBLEMS_MAX = 20

Row = tuple[str, str, str, int, int]


class WrongError(ValueError):
    """A file of streets that cannot be taken; the text says what to mend, line by line."""


async def find(tx: Tx, street: str | None, city: str | None) -> tuple[int, int] | None:
    """Where a street lies, with or without a house number behind its name; None when the office does not know it."""
    if not street or not city:
        return None
    keys = [key_of(name, city) for name in _names(street)]
    rows = await tx.all(f"SELECT id, x, y FROM street WHERE {db.among('id', 1)}", keys)  # noqa: S608  our own SQL
    known = {key: (x, y) for key, x, y in rows}
    return next((known[key] for key in keys if key in known), None)


async def load(tx: Tx, rows: list[Row]) -> None:
    """Takes these streets in; of one that was known before the new place counts."""
    await tx.many(
        "INSERT INTO street (id, name, city, x, y) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, city = excluded.city, x = excluded.x, y = excluded.y",
        rows,
    )


def read(lines: Iterable[str]) -> list[Row]:
    """The rows of a file with the columns street, city, x and y, by comma or semicolon; `WrongError` says what is wrong with which line."""
    text = list(lines)
    head = text[0].lstrip("\ufeff") if text else ""
    reader = csv.DictReader([head, *text[1:]], delimiter=";" if ";" in head else ",")
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise WrongError(f"line 1: the columns {', '.join(missing)} are missing; they are to be {', '.join(COLUMNS)}")
    rows: dict[str, Row] = {}
    problems: list[str] = []
    for one in reader:
        wrong = _wrong(one, rows)
        problems += [f"line {reader.line_num}: {wrong}"] if wrong else []
        if not wrong:
            street, city = one["street"].strip(), one["city"].strip()
            rows[key_of(street, city)] = (key_of(street, city), street, city, int(one["x"]), int(one["y"]))
    if problems:
        more = [f"and {len(problems) - PROBLEMS_MAX} more"] if len(problems) > PROBLEMS_MAX else []
        raise WrongError("\n".join([*problems[:PROBLEMS_MAX], *more]))
    return list(rows.values())


def key_of(street: str, city: str) -> str:
    """The same for every way to write a street: without capitals, accents and spaces too many."""
    return f"{_folded(street)}, {_folded(city)}"


def _wrong(one: dict[str, str | None], rows: dict[str, Row]) -> str:
    """What is wrong with a line, or ''."""
    street, city = ((one.get(name) or "").strip() for name in ("street", "city"))
    if not street or not city or len(street) > NAME_MAX or len(city) > NAME_MAX:
        return f"a street and a city are needed, of at most {NAME_MAX} characters"
    for name, (least, most) in EDGES.items():
        said = (one.get(name) or "").strip()
        if not said.isascii() or not said.isdigit() or not least <= int(said) <= most:
            return f"{name} is to be a whole number of metres from {least} to {most}, and is '{said[:20]}'"
    return f"{street} in {city} stood in an earlier line" if key_of(street, city) in rows else ""


def _names(street: str) -> list[str]:
    """A street as it was typed, then without what stands behind it from each number on: 'Plein 1944 12 bis' may be 'Plein 1944'."""
    words = street.split()
    return [" ".join(words), *(" ".join(words[:i]) for i in range(len(words) - 1, 0, -1) if words[i][0].isdigit())]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())
