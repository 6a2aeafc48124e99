"""The demo: plants the fictional neighbourhood in an empty database, and lets anybody step into its people without a passkey."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import access, arrivals, audit, bodies, changes, db, demo_history, demo_matches, i18n, operations, people, render, sessions, streets
from server import households as _hooks  # noqa: F401 - the households' tables follow their records only when this module is there
from server import matches as _more_hooks  # noqa: F401 - as above, for what volunteers were asked to do, and whom they may go along with
from server.access import Me
from server.db import Tx
from server.demo_diary import DAYS, MINUTE_MS, Entry, moment
from server.demo_houses import CITY, House, neighbourhood
from server.demo_people import BY_KEY, LEADS, ORGANISATIONS, PEOPLE, TEAMS, Person
from server.portraits import Portrait
from sync import clock, rules

DAY_MS = 24 * 60 * MINUTE_MS
HISTORY_MS = (DAYS + 5) * DAY_MS
# Long before the history begins, so that everything in it was in force when it was written.
SINCE_DAYS = 400
CARE_DAYS = 120
# A lead reads each morning what came in, and this demo begins before this morning's reading is over.
READS_AT = "08:15"
READING_MS = 4 * 60 * MINUTE_MS
READ_KINDS = {kind for kinds in arrivals.KINDS.values() for kind in kinds}
# What a browser sent is on its way for a moment.
UNDERWAY_MS = 3 * MINUTE_MS


class OccupiedError(RuntimeError):
    """The database holds something else; the text says what to do."""


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to be, on which device if this browser was theirs before, and in which language the page was read on which they were chosen."""

    person: str
    device: str | None = None
    language: str | None = None


@dataclass(slots=True)
class Pens:
    """Each author's device: who they are, their last stamp, and how many changes it sent."""

    chance: random.Random
    me: dict[str, Me] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)

    def change(self, me: Me, entry: Entry, change_id: str = "") -> dict[str, Any]:
        """The change as that device would have sent it."""
        stamp = self.stamps[me.device] = clock.tick(self.stamps.get(me.device), entry.at, me.device)
        n = self.sent[me.device] = self.sent.get(me.device, 0) + 1
        made = change_id or clock.uuid7(entry.at, f"{self.chance.getrandbits(80):020x}")
        hat = me.hat(entry.hat)
        if hat is None:
            raise LookupError(f"{entry.person.key} has no hat {entry.hat} on the day of the planting; give it in demo_people.py")
        what = {"kind": entry.kind, "subject": entry.subject, "topic": entry.topic}
        return changes.make(hat, what, entry.fields, ids=(made, entry.record), stamp=stamp, n=n, seen=entry.seen)


async def plant(now: int) -> None:
    """Fills an empty, migrated database, whole or not at all; one that was planted stays as it is. `now` in ms; `OccupiedError` for any other."""
    entries = demo_history.tell(now)
    await db.write(lambda tx: _plant(tx, now, entries))


@get("/demo", operation_class=operations.page(404, session=False, ok=(200,)))
async def demo_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Everybody who can be stepped into, by team."""
    return await _page(request, PEOPLE, "/demo")


@get("/demo/{key:str}", operation_class=operations.page(404, session=False, ok=(200,)))
async def person_page(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """The same for one person: the address that the terminal names."""
    if key not in BY_KEY:
        raise bodies.refused(404, "not_found")
    return await _page(request, (BY_KEY[key],), f"/demo/{key}")


@post("/demo/sessions", status_code=201, operation_class=operations.takes(Wish, 404, session=False))
async def step_in(request: Request[Any, Any, Any]) -> Response[Portrait]:
    """Signs in as one of the demo's people; anywhere else there is no such address."""
    await _only_in_demo()
    wish = bodies.decoded(await bodies.read(request), Wish)
    if wish.person not in {person.id for person in PEOPLE}:
        raise bodies.refused(404, "not_found")

    async def work(tx: Tx) -> tuple[Portrait, str]:
        at = sessions.now()
        if wish.language in i18n.LANGUAGES:
            await tx.run("UPDATE person SET language = $1 WHERE id = $2", wish.language, wish.person)
        me, token = await sessions.settle(tx, request, wish.person, wish.device, at)
        await audit.note(tx, [audit.row(me, None, at, "sign_in", source="demo", result="ok")])
        return await sessions.portrait(tx, me), token

    return sessions.signed_in(*await db.write(work))


routes = [demo_page, person_page, step_in]


async def _only_in_demo() -> None:
    if not await db.read(sessions.demo):
        raise bodies.refused(404, "not_found")


async def _page(request: Request[Any, Any, Any], who: tuple[Person, ...], path: str) -> Response[Any]:
    await _only_in_demo()
    speaker = await sessions.speaker_of(request)
    listed = [
        {
            "name": team.name,
            "organisation": team.organisation.name,
            "people": [_shown(person, speaker) for person in who if person.team.key == team.key],
        }
        for team in TEAMS
    ]
    one = who[0].name.split()[0] if len(who) == 1 else ""
    return render.page("demo.html", speaker, teams=[team for team in listed if team["people"]], path=path, one=one)


def _shown(person: Person, speaker: i18n.Speaker) -> dict[str, str]:
    roles = dict.fromkeys(speaker.say(f"role.{hat.role}") for hat in person.hats)
    return {"id": person.id, "name": person.name, "role": ", ".join(roles), "note": person.note[speaker.language]}


async def _plant(tx: Tx, now: int, entries: list[Entry]) -> None:
    if await tx.one("SELECT value FROM meta WHERE name = 'demo'"):
        return
    for table in ("person", "organisation", "record"):
        if await tx.one(f"SELECT 1 FROM {table} LIMIT 1"):  # noqa: S608  one of three names
            raise OccupiedError("this database holds more than the demo; name an empty one in NAOBER_DATABASE, or none for the demo's own")
    pens, began = Pens(random.Random("devices")), now - HISTORY_MS
    await _staff(tx, pens, began)
    await streets.load(tx, demo_matches.streets())
    await _doors(tx, pens, began, now)
    for by, day in _batches([*entries, *_read(entries, now)]):
        await _send(tx, pens, by, day, now)
    for said in (demo_matches.said_yes, demo_matches.accepted):
        for by, day in _batches(await said(tx, now)):
            await _send(tx, pens, by, day, now)
    for person in PEOPLE:
        await tx.run("UPDATE device SET highest_n = $1 WHERE id = $2", pens.sent.get(person.device, 0), person.device)
    await tx.run("INSERT INTO meta (name, value) VALUES ('demo', '1')")


async def _staff(tx: Tx, pens: Pens, began: int) -> None:
    """Organisations, teams, people with their hats, and the devices they wrote on."""
    await tx.many("INSERT INTO organisation (id, name, kind) VALUES ($1, $2, $3)", [(one.id, one.name, one.kind) for one in ORGANISATIONS])
    await tx.many("INSERT INTO team (id, organisation, name) VALUES ($1, $2, $3)", [(one.id, one.organisation.id, one.name) for one in TEAMS])
    since = rules.day_add(access.day_of(began), -SINCE_DAYS)
    for person in PEOPLE:
        word = people.WORD_OF_KIND[person.team.organisation.kind]
        await people.add(tx, person.id, person.name, language="nl", word=word, now=began)
        for hat in person.hats:
            await people.join(tx, person.id, hat.team.id, hat.role, now=began, phone=person.phone, since=since, hat=hat.id)
        await tx.run(
            "INSERT INTO device (id, person, name, created_at, last_seen_at, revoked_at, highest_n, persisted)"
            " VALUES ($1, $2, $3, $4, $4, NULL, 0, 1)",
            *(person.device, person.id, "Chrome, Android", began),
        )
        pens.me[person.key] = Me(person.id, person.device, "", "nl", await access.hats(tx, person.id, began))


async def _doors(tx: Tx, pens: Pens, began: int, now: int) -> None:
    """Households and residents, written by the office, and the care relations that open them."""
    houses, case = neighbourhood()
    sent = [pens.change(access.OFFICE, entry) for house in houses for entry in _door(house, began)]
    _stored(await changes.apply(tx, sent, access.OFFICE, now=began, source="office"))
    usual, moved = (rules.day_add(access.day_of(now), -days) for days in (CARE_DAYS, case["cared_for_days"]))
    for house, team in ((house, team) for house in houses for team in TEAMS if team.key in house.teams):
        care = clock.uuid7(began, f"{pens.chance.getrandbits(80):020x}")
        since = moved if house.key == case["key"] and team.key not in case["teams"] else usual
        await tx.run("INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, NULL)", care, house.id, team.id, since)


def _door(house: House, at: int) -> list[Entry]:
    office = access.OFFICE.hats[0].id
    fields = {"name": house.name, "street": house.street, "city": CITY, "phone": house.phone, "entry": house.entry}
    fields |= {"key_safe": house.key_safe} if house.key_safe else {}
    entries = [Entry(at, PEOPLE[0], office, "household", house.id, f"household:{house.id}", "practical", fields)]
    for one in house.residents:
        lives = {"household": house.id, "name": one.name, "given": one.given, "born": one.born}
        entries.append(Entry(at, PEOPLE[0], office, "resident", one.id, f"resident:{one.id}", "practical", lives))
    return entries


def _read(entries: list[Entry], now: int) -> list[Entry]:
    """What each lead has read of their team in the days that a lead sees at all; this morning's is still to come."""
    floor = now - (arrivals.DAYS + 1) * DAY_MS
    read = []
    for lead, hat in LEADS:
        team = {other.id for person in PEOPLE for other in person.hats if other.team.key == hat.team.key and person != lead}
        for entry in entries:
            at = _next_reading(entry.at)
            if entry.kind in READ_KINDS and entry.hat in team and entry.at > floor and at < now - READING_MS:
                record = arrivals.reading_ids(entry.record, entry.seen + 1, lead.id)[1]
                read.append(Entry(at, lead, hat.id, "reading", record, entry.subject, entry.topic, {"of": entry.record, "at": at}, entry.seen))
    return read


def _next_reading(at: int) -> int:
    day = access.day_of(at)
    today = moment(day, READS_AT)
    return today if at < today else moment(rules.day_add(day, 1), READS_AT)


def _batches(entries: list[Entry]) -> list[tuple[Person, list[Entry]]]:
    """An author's day at a time, in the order in which the days' last changes were written."""
    order = sorted(entries, key=lambda entry: (entry.person.key, entry.at))
    days = groupby(order, key=lambda entry: (entry.person.key, access.day_of(entry.at)))
    return sorted(((BY_KEY[key], list(group)) for (key, _), group in days), key=lambda batch: batch[1][-1].at)


async def _send(tx: Tx, pens: Pens, by: Person, day: list[Entry], now: int) -> None:
    me, at = pens.me[by.key], min(day[-1].at + UNDERWAY_MS, now)
    sent = [pens.change(me, entry, _reading_id(entry, by) if entry.kind == "reading" else "") for entry in day]
    _stored(await changes.apply(tx, sent, me, now=at))
    await tx.run("UPDATE device SET last_seen_at = $1 WHERE id = $2", at, by.device)


def _reading_id(entry: Entry, by: Person) -> str:
    return arrivals.reading_ids(entry.fields["of"], entry.seen + 1, by.id)[0]


def _stored(results: list[changes.Result]) -> None:
    wrong = next((one for one in results if one.is_ != "stored" or one.reason), None)
    if wrong:
        raise ValueError(f"a change of the demo was {wrong.is_}: {wrong.reason} {wrong.fields}; mend its texts or its care relations")
