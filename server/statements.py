"""What residents said of who may know what, as the table of consents, objections and shares holds it; access alone decides by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import db

if TYPE_CHECKING:
    from server.db import Tx

RANKS = {"person": 3, "team": 2, "organisation": 1}
GROUNDS = {"secrecy": "consent", "share": "share"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a resident said of a topic to somebody this concerns; rank is 3 for a person, 2 for a team, 1 for an organisation."""

    resident: str
    topic: str
    yes: bool
    rank: int
    whom: str
    until: str | None
    after: int
    ground: str


async def said(tx: Tx, whom: set[str], day: str) -> list[Said]:
    """All that is in force on this day and speaks of one of these people, teams and organisations."""
    rows = await tx.all(
        f"SELECT resident, topic, says, noun, whom, until, before, n, kind FROM statement WHERE withdrawn = 0 AND {db.among('whom', 1)}"  # noqa: S608  our own SQL
        " AND since <= $2 AND (until IS NULL OR until >= $2)",
        *(sorted(whom), day),
    )
    return [
        Said(resident, topic, says == "yes", RANKS[noun], to, until, 0 if before else n, GROUNDS[kind])
        for resident, topic, says, noun, to, until, before, n, kind in rows
    ]


async def shut(tx: Tx, whom: set[str], day: str, topic: str = "practical") -> set[str]:
    """The residents who keep their practical things (or another topic) from these, and their households: the most specific word counts, and of
    those a no.
    """
    words: dict[str, list[Said]] = {}
    for one in await said(tx, whom, day):
        if one.topic == topic:
            words.setdefault(one.resident, []).append(one)
    noes = {resident for resident, said_ in words.items() if not all(one.yes for one in said_ if one.rank == max(each.rank for each in said_))}
    rows = await tx.all(f"SELECT household FROM resident WHERE {db.among('id', 1)}", sorted(noes)) if noes else []  # noqa: S608  our own SQL
    return noes | {household for (household,) in rows}


async def homes(tx: Tx, spoken: list[Said]) -> dict[str, str]:
    """Subject -> household of the residents who spoke of their practical things."""
    residents = sorted({one.resident for one in spoken if one.topic == "practical"})
    if not residents:
        return {}
    rows = await tx.all(f"SELECT id, household FROM resident WHERE {db.among('id', 1)}", residents)  # noqa: S608  our own SQL
    return {f"resident:{resident}": household for resident, household in rows}
