"""Seekers: what residents and volunteers said of whom they would like to go along with, as matches are made by it; told to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, addresses, reckoning, streets
from sync import merge

if TYPE_CHECKING:
    from server.db import Tx
    from server.reckoning import Fit, Wish

COLUMNS = "id, offer, person, ask, asked_at, met_at IS NOT NULL FROM match"


@dataclass(frozen=True, slots=True)
class Seeker:
    """A resident who would like to do something with somebody; willing while they agree that somebody is looked for, looking until its last day."""

    interest: str
    resident: str
    household: str
    wish: Wish
    willing: bool
    looking: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a volunteer would like to do with somebody, while it lasts."""

    id: str
    person: str
    wish: Wish
    looking: bool


@dataclass(frozen=True, slots=True)
class Match:
    """One that did not end: what fits, whether the resident wants it (None: not asked yet), what the volunteer says ('': nothing yet), and by which
    hat the resident's word was written down.
    """

    id: str
    offer: str
    person: str
    ask: str
    asked_at: int | None
    met: bool
    fit: Fit
    wanted: bool | None
    over: bool
    says: str
    by: str

    @property
    def both(self) -> bool:
        """Whether names may cross."""
        return self.wanted is True and self.says == "yes"


async def seeker(tx: Tx, interest: str, now: int) -> Seeker | None:
    """Who looks for somebody, with the place of their street; None while nothing is known of them."""
    row = await tx.one("SELECT i.resident, r.household FROM interest i JOIN resident r ON r.id = i.resident WHERE i.id = $1", interest)
    said = await addresses.shown(tx, [interest, row[1]]) if row else {}
    if row is None or interest not in said:
        return None
    fields, house = said[interest], said.get(row[1], {})
    place = await streets.find(tx, house.get("street"), house.get("city"))
    willing = fields.get("agreed") == "yes"
    await addresses.by_office(tx, "interest", f"resident:{row[0]}", interest, {"placed": place is not None}, now)
    return Seeker(interest, row[0], row[1], reckoning.wish(fields, place), willing, willing and _lasts(fields, now))


async def offers(tx: Tx, now: int) -> dict[str, Offer]:
    """Every offer there is, by its id."""
    rows = await tx.all("SELECT o.id, o.person, o.x, o.y, r.body FROM offer o JOIN record r ON r.id = o.id ORDER BY o.id")
    told = [(key, person, None if x is None else (x, y), _fields(body)) for key, person, x, y, body in rows]
    return {key: Offer(key, person, reckoning.wish(fields, place), _lasts(fields, now)) for key, person, place, fields in told}


async def place(tx: Tx, offer: str, person: str, now: int) -> None:
    """An offer lies where its street lies; its volunteer is told whether the office knows it."""
    fields = (await addresses.shown(tx, [offer]))[offer]
    x, y = await streets.find(tx, fields.get("street"), fields.get("city")) or (None, None)
    sql = "INSERT INTO offer (id, person, x, y) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET x = excluded.x, y = excluded.y"
    await tx.run(sql, offer, person, x, y)
    await addresses.by_office(tx, "offer", f"person:{person}", offer, {"placed": x is not None}, now)


async def matches(tx: Tx, interest: str) -> list[Match]:
    """The matches of an interest that did not end, oldest first, with what both say now."""
    rows = await tx.all(f"SELECT {COLUMNS} WHERE interest = $1 AND ended_at IS NULL ORDER BY id", interest)
    return [await _match(tx, row) for row in rows]


async def gone(tx: Tx, resident: str) -> set[str]:
    """Who is proposed to a resident already, or was and met them, or said no, or nothing."""
    rows = await tx.all(
        "SELECT m.person FROM match m JOIN interest i ON i.id = m.interest"
        " WHERE i.resident = $1 AND (m.ended_at IS NULL OR m.met_at IS NOT NULL OR m.refused = 1)",
        resident,
    )
    return {person for (person,) in rows}


async def _match(tx: Tx, row: Any) -> Match:
    key, offer, person, ask, asked_at, met = row
    (body,) = await tx.one("SELECT body FROM record WHERE id = $1", key) or ("{}",)
    record = msgspec.json.decode(body)
    shown = merge.shown(record)
    by = next((record["writes"][change]["by"] for change, word in record["fields"].get("resident_says", {}).items() if word == "yes"), "")
    fields = shown["fields"]
    fit = reckoning.Fit(tuple(fields["likes"]), tuple(fields.get("weekdays") or ()), fields["metres"])
    words = {fields.get("resident_says"), *(one["value"] for one in shown["also"].get("resident_says", ()))}
    wanted = False if "no" in words else True if "yes" in words else None
    return Match(key, offer, person, ask, asked_at, bool(met), fit, wanted, fields.get("ended") is True, await _says(tx, ask), by)


async def _says(tx: Tx, ask: str) -> str:
    """The last of a volunteer's words that was not taken back: 'yes', 'no' or ''."""
    rows = await tx.all(
        "SELECT r.body, r.first FROM record r JOIN errand e ON r.subject = 'errand:' || e.id"
        " WHERE e.task = $1 AND e.closed = 0 AND r.kind = 'answer' ORDER BY r.first",
        ask,
    )
    told = [(_fields(body), first) for body, first in rows]
    words = [(fields.get("at") or 0, first, fields["answer"]) for fields, first in told if fields.get("undone") is not True]
    said = [answer for _, _, answer in sorted(words) if answer in {"accepted", "declined"}]
    return {"accepted": "yes", "declined": "no"}[said[-1]] if said else ""


def _fields(body: str) -> dict[str, Any]:
    return dict(merge.shown(msgspec.json.decode(body))["fields"])


def _lasts(fields: dict[str, Any], now: int) -> bool:
    return (fields.get("until") or access.FOREVER) >= access.day_of(now)
