"""A neighbourhood to measure in: teams whose people have phones, households in their care, and as many notes as wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from server import access, changes, sessions
from server import households as _  # noqa: F401 - what follows from a household's record
from server.access import Me
from server.db import Tx
from sync import merge

KINDS = ("organisation", "team", "person", "hat", "device", "household", "resident", "schedule", "care", "change", "record")
TOPICS = ("practical", "body", "mind", "society", "social")
SINCE = "2026-01-01"
VISITS_TODAY = 12
AT_ONCE = 500
FIRST_STAMP = 1_790_000_000_000
SPARE = 10_000_000  # numbers of ids that the office writes itself lie above those of notes
WORDS = (
    "Mevrouw heeft goed geslapen en is vandaag uit zichzelf opgestaan. De wond aan het been ziet er rustig uit, verband gewisseld, geen roodheid. "
    "Dochter komt zaterdag langs met boodschappen. Meneer wil weer naar de dagbesteding, de rollator staat klaar bij de deur. Afgesproken dat "
    "de huisarts morgen belt over de medicatie. Volgende week opnieuw de bloeddruk meten en samen naar de post kijken. "
)
LENGTH = 300


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody signed in: who they are, and what their cookie holds."""

    me: Me
    token: str

    @property
    def hat(self) -> str:
        """The hat they write under."""
        return self.me.hats[0].id


@dataclass(frozen=True, slots=True)
class Team:
    """People with phones, and the households they come to; each has one resident, of the same number."""

    number: int
    phones: tuple[Phone, ...]
    residents: tuple[str, ...]


def an_id(kind: str, number: int) -> str:
    """The same id for the same thing in every run: a UUIDv7 whose last twelve digits are its number."""
    return f"0199c0de-0000-7000-8{KINDS.index(kind):03x}-{number:012x}"


async def settle(tx: Tx, at: int, *, teams: int = 1, people: int = 1, homes: int = 40) -> list[Team]:
    """Fill an empty database; a nurse is number 1 of her team, and twelve of its households have a visit today."""
    organisation = an_id("organisation", 1)
    await tx.run("INSERT INTO organisation (id, name, kind) VALUES ($1, 'Thuiszorg Oost', 'care')", organisation)
    made, written = [], []
    for team in range(1, teams + 1):
        await tx.run("INSERT INTO team (id, organisation, name) VALUES ($1, $2, $3)", an_id("team", team), organisation, f"Team {team}")
        numbers = range((team - 1) * people + 1, team * people + 1)
        phones = [await _phone(tx, at, team, number) for number in numbers]
        written += [_colleague(organisation, phone) for phone in phones]
        houses = range((team - 1) * homes + 1, team * homes + 1)
        written += [change for number in houses for change in _home(number, team, at, today=number - houses.start < VISITS_TODAY)]
        made.append(Team(team, tuple(phones), tuple(an_id("resident", number) for number in houses)))
    await _take(tx, written, access.OFFICE, at)
    care = [(an_id("care", n), an_id("household", n), an_id("team", (n - 1) // homes + 1), SINCE) for n in range(1, teams * homes + 1)]
    await tx.many("INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, NULL)", care)
    return made


def note(
    phone: Phone, resident: str, topic: str, number: int, at: int, *, n: int = 0, text: str = "", ids: tuple[str, str] | None = None
) -> dict[str, Any]:
    """A note as this person's phone would send it, as its n-th change; `number` tells it from every other note, `ids` are (change, record)."""
    change, record = ids or (an_id("change", number), an_id("record", number))
    return {
        "id": change, "kind": "note", "record": record, "subject": f"resident:{resident}", "topic": topic, "seen": 0, "by": phone.hat,
        "stamp": f"{at:013d}-0000-{phone.me.device[-8:]}", "n": n or number, "fields": {"aspect": "seen", "at": at, "text": text or words(number)},
    }


async def write(tx: Tx, notes: list[dict[str, Any]], me: Me, at: int) -> None:
    """Hands notes of one person in at the office's own door; raises when one of them is not stored."""
    await _take(tx, notes, me, at)


async def plant(tx: Tx, notes: Iterable[tuple[dict[str, Any], Phone]], first_seq: int) -> int:
    """Puts notes down as the rows that `changes` would have made, without their changes and log; gives how many."""
    rows = [_row(change, phone, first_seq + i) for i, (change, phone) in enumerate(notes)]
    columns = "id, kind, subject, topic, version, first, seq, author, day, body"
    await tx.many(f"INSERT INTO record ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)", rows)  # noqa: S608 - our own names
    await tx.run("UPDATE counter SET n = $1 WHERE name = 'seq' AND n < $1", first_seq + len(rows) - 1)
    return len(rows)


def words(number: int) -> str:
    """About three hundred letters that differ from note to note."""
    start = number * 37 % len(WORDS)
    return f"{number} {(WORDS * 2)[start : start + LENGTH - 10]}"


async def _phone(tx: Tx, at: int, team: int, number: int) -> Phone:
    person, hat, device = (an_id(kind, number) for kind in ("person", "hat", "device"))
    await tx.run("INSERT INTO person (id, name, language, word, created_at) VALUES ($1, $2, 'nl', 'client', $3)", person, f"Collega {number}", at)
    await tx.run(
        "INSERT INTO membership (id, person, team, role, since) VALUES ($1, $2, $3, 'nurse', $4)", hat, person, an_id("team", team), SINCE
    )
    await tx.run("INSERT INTO device (id, person, name, created_at) VALUES ($1, $2, 'Chrome, Linux', $3)", device, person, at)
    token = await sessions.start(tx, person, device, at)
    return Phone(Me(person, device, "", "nl", await access.hats(tx, person, at)), token)


def _colleague(organisation: str, phone: Phone) -> dict[str, Any]:
    hat = phone.me.hats[0]
    fields = {"person": phone.me.person, "name": f"Collega {int(hat.id[-12:], 16)}", "role": hat.role, "team": hat.team}
    fields |= {"team_name": hat.team_name, "organisation_name": hat.organisation_name}
    return _by_office("colleague", f"organisation:{organisation}", hat.id, fields, SPARE + int(hat.id[-12:], 16))


def _home(number: int, team: int, at: int, *, today: bool) -> Iterator[dict[str, Any]]:
    household, resident = an_id("household", number), an_id("resident", number)
    home = {"name": f"Familie {number}", "street": f"Kadestraat {number}", "city": "Waterwijk"}
    yield _by_office("household", f"household:{household}", household, home, 2 * SPARE + number)
    yield _by_office("resident", f"resident:{resident}", resident, {"household": household, "name": f"Bewoner {number}"}, 3 * SPARE + number)
    start = access.day_of(at) if today else access.day_of(at + 3 * 24 * 3600 * 1000)
    plan = {"what": "Wond verzorgen", "resident": resident, "team": an_id("team", team), "start": start, "time": "09:30"}
    yield _by_office("schedule", f"household:{household}", an_id("schedule", number), plan, 4 * SPARE + number)


def _by_office(kind: str, subject: str, record: str, fields: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": an_id("change", number), "kind": kind, "record": record, "subject": subject, "topic": "practical", "seen": 0, "n": number,
        "by": access.OFFICE.hats[0].id, "stamp": f"{number + FIRST_STAMP:013d}-0000-00000000", "fields": fields,
    }


async def _take(tx: Tx, written: list[dict[str, Any]], me: Me, at: int) -> None:
    for start in range(0, len(written), AT_ONCE):
        batch = await changes.take(tx, written[start : start + AT_ONCE], me, now=at)
        bad = next((result for result in batch.results if result.is_ != "stored"), None)
        if bad:
            raise RuntimeError(f"the office did not store a change: {bad}")


def _row(change: dict[str, Any], phone: Phone, seq: int) -> tuple[Any, ...]:
    write = {"by": change["by"], "role": phone.me.hats[0].role, "version": 1, "device": phone.me.device}
    write |= {"seen": 0, "n": change["n"], "stamp": change["stamp"]}
    record = merge.apply(None, change, write, changes.KINDS["kinds"][change["kind"]])
    return (record["id"], record["kind"], record["subject"], record["topic"], 1, seq, phone.me.person, None, merge.text(record))
