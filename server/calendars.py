"""Calendars: a private address where somebody's own calendar finds their days (RFC 5545): when something is planned, and no more."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, delete, get, put
from litestar.params import FromPath

from server import access, bodies, db, errands, i18n, operations, reminders, sessions
from server.config import settings
from sync import merge, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.db import Tx

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
TOKEN_BYTES = 16
DAYS = 60
LASTS = timedelta(minutes=30)
LINE_BYTES_MAX = 75
KINDS = ("errand", "schedule", "task")
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


async def create_calendar(tx: Tx, person: str, at: int) -> str:
    """The token of a new address, given out once and kept nowhere; the one before opens nothing any more."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await close(tx, person)
    await tx.run("INSERT INTO calendar (token_hash, person, created_at) VALUES ($1, $2, $3)", _hash(token), person, at)
    return token


async def close(tx: Tx, person: str) -> None:
    """From this commit on, nobody reads this person's days."""
    await tx.run("DELETE FROM calendar WHERE person = $1", person)


async def read(tx: Tx, token: str, at: int) -> bytes | None:
    """The calendar that this token opens; None when it opens nothing, or its owner left."""
    row = await tx.one(
        "SELECT p.id, p.language FROM calendar c JOIN person p ON p.id = c.person WHERE c.token_hash = $1 AND p.left_at IS NULL",
        _hash(token),
    )
    return file_of(await planned(tx, row[0], at), i18n.speaker(row[1], "resident").say("calendar.event"), row[0]) if row else None


async def planned(tx: Tx, person: str, at: int) -> list[tuple[str, str, str | None]]:
    """(record, day, time or None) of what is theirs to do in sixty days and open to them; an errand once they said yes."""
    opened = await access.opened(tx, person, at)
    mine = {hat.id for hat in await access.hats(tx, person, at)}
    mine |= {f"errand:{one.id}" for one in await errands.in_hands(tx, person) if one.accepted}
    of = db.of_pairs(1, f"{db.among('r.kind', 2)}")
    rows = await tx.all(f"SELECT r.id, r.subject, r.topic, r.first, r.body FROM {of}", [list(pair) for pair in opened], list(KINDS))  # noqa: S608
    day, found = access.day_of(at), []
    for key, subject, topic, first, body in rows:
        fields = merge.shown(json.loads(body))["fields"]
        if access.opens(opened, (subject, topic), first) and mine & {subject, fields.get("owner"), *(fields.get("who") or ())}:
            rule = {**fields, "start": fields.get("start") or fields.get("due")}
            found += [(key, one, fields.get("time")) for one in rules.occurrences(rule, day, rules.day_add(day, DAYS))]
    return sorted(found, key=lambda one: (one[1], one[2] or "", one[0]))


def file_of(events: list[tuple[str, str, str | None]], title: str, person: str) -> bytes:
    """The calendar as a file: lines of at most 75 bytes, each ending in CR LF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Naober//Naober//NL", "CALSCALE:GREGORIAN"]
    for event in events:
        lines += _event(event, title, person)
    return b"".join(b"\r\n ".join(_folded(line)) + b"\r\n" for line in [*lines, "END:VCALENDAR"])


@get("/me/calendar", operation_class=operations.answer(401))
async def calendar(request: Request[Any, Any, Any]) -> dict[str, bool]:
    """Whether there is an address for my calendar."""
    me = await sessions.need(request)
    return {"on": await db.read(lambda tx: tx.one("SELECT 1 FROM calendar WHERE person = $1", me.person)) is not None}


@put("/me/calendar", operation_class=operations.act(401))
async def renew(request: Request[Any, Any, Any]) -> dict[str, str]:
    """A new address for my calendar; the one before opens nothing any more."""
    me = await sessions.need(request)
    token = await db.write(lambda tx: create_calendar(tx, me.person, sessions.now()))
    return {"address": f"{settings.origin}/calendar/{token}.ics"}


@delete("/me/calendar", operation_class=operations.act(401))
async def revoke(request: Request[Any, Any, Any]) -> None:
    """No address any more; having none already is fine."""
    me = await sessions.need(request)
    await db.write(lambda tx: close(tx, me.person))


@get("/calendar/{token:str}", operation_class=operations.file("text/calendar", others=(404,)))
async def feed(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
    """The days of whoever this address is of."""
    bare = token.removesuffix(".ics")
    found = await db.read(lambda tx: read(tx, bare, sessions.now())) if TOKEN.fullmatch(bare) else None
    if found is None:
        raise bodies.refused(404, "not_found")
    tag = f'"{hashlib.sha256(found).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-store"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(found, media_type="text/calendar; charset=utf-8", headers=headers)


routes = [calendar, renew, revoke, feed]


def _event(event: tuple[str, str, str | None], title: str, person: str) -> Iterator[str]:
    record, day, clock = event
    # Nobody who reads the file learns a record's id; it is the same each time all the same.
    yield from ("BEGIN:VEVENT", f"UID:{hashlib.sha256(f'{person} {record} {day}'.encode()).hexdigest()[:32]}@naober")
    yield f"DTSTAMP:{_instant(datetime.fromtimestamp(int(record.replace('-', '')[:12], 16) // 1000, UTC))}"
    if clock:
        start = reminders.moment(day, time.fromisoformat(clock))
        yield from (f"DTSTART:{_instant(start)}", f"DTEND:{_instant(start.astimezone(UTC) + LASTS)}")
    else:
        yield from (f"DTSTART;VALUE=DATE:{day.replace('-', '')}", f"DTEND;VALUE=DATE:{rules.day_add(day, 1).replace('-', '')}")
    yield from (f"SUMMARY:{title.translate(ESCAPED)}", "CLASS:PRIVATE", "END:VEVENT")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> Iterator[bytes]:
    """A line in pieces that fit, cut between letters; every piece but the first is one byte shorter, for the space before it."""
    piece = b""
    for letter in line:
        if len(piece) + len(letter.encode()) > LINE_BYTES_MAX - 1:
            yield piece
            piece = b""
        piece += letter.encode()
    yield piece


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
