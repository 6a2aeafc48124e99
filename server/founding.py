"""Founding: organisations, teams and first people, by whoever runs the office and types commands."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from server import access, audit, db, invitations, people, sessions, waits
from server.migrations import steps_done
from sync import clock

if TYPE_CHECKING:
    import argparse

    from server.db import Tx

# How soon phones lock when nobody wants it sooner, and the soonest that leaves time to read: seconds untouched, and out of sight.
IDLE_S, IDLE_S_MIN = sessions.IDLE_S, 30
HIDDEN_S, HIDDEN_S_MIN = 30, 1
DAYS_MIN, DAYS_MAX = 1, 90


class No(Exception):  # noqa: N818  a sentence for the terminal
    """Why something cannot be done, and what to do instead."""


async def invite(args: argparse.Namespace) -> str:
    """The token of an invitation for args {name, organisation, kind, team, role, language}; `No` says why there is none."""
    for name in ("name", "organisation", "team"):
        setattr(args, name, _line(name, getattr(args, name)))
    await _ready()
    return await db.write(lambda tx: _invitation(tx, args))


async def lock(name: str, *, idle: int | None, hidden: int | None) -> tuple[int, int]:
    """Seconds (untouched, out of sight) after which phones of this organisation lock from now on; None leaves one as it is."""
    for what, seconds, least, most in (("--idle", idle, IDLE_S_MIN, IDLE_S), ("--hidden", hidden, HIDDEN_S_MIN, HIDDEN_S)):
        if seconds is not None and not least <= seconds <= most:
            raise No(f"{what} {seconds} cannot be: give {least} to {most} seconds")
    await _ready()

    async def work(tx: Tx) -> tuple[int, int]:
        found = await tx.one("SELECT id, idle_s, hidden_s FROM organisation WHERE name = $1", name)
        if not found:
            names = [one for (one,) in await tx.all("SELECT name FROM organisation ORDER BY name")]
            raise No(f"There is no organisation {name!r}; there is {', '.join(names) or 'none yet'}")
        key, *before = found
        after = [new if new is not None else old for new, old in zip((idle, hidden), before, strict=True)]
        if after != before:
            await tx.run("UPDATE organisation SET idle_s = $1, hidden_s = $2 WHERE id = $3", *after, key)
            await _note(tx, "changed", str(key))
        return after[0] or IDLE_S, after[1] or HIDDEN_S

    return await db.write(work)


async def norm(organisation: str, team: str, *, contact: int | None, helped: int | None) -> tuple[int, int]:
    """Working days (to the first contact, to the first help after a signal) that this team agreed on; None leaves one as it is."""
    for what, days in (("--contact", contact), ("--first-help", helped)):
        if days is not None and not DAYS_MIN <= days <= DAYS_MAX:
            raise No(f"{what} {days} cannot be: give {DAYS_MIN} to {DAYS_MAX} working days")
    await _ready()

    async def work(tx: Tx) -> tuple[int, int]:
        sql = "SELECT t.id, t.contact_days, t.help_days FROM team t JOIN organisation o ON o.id = t.organisation WHERE o.name = $1 AND t.name = $2"
        found = await tx.one(sql, organisation, team)
        if not found:
            raise No(f"There is no team {team!r} of an organisation {organisation!r}")
        key, *before = found
        after = [new if new is not None else old for new, old in zip((contact, helped), before, strict=True)]
        if after != before:
            await tx.run("UPDATE team SET contact_days = $1, help_days = $2 WHERE id = $3", *after, key)
            await _note(tx, "changed", str(key))
        agreed = (await waits.norms(tx, [str(key)]))[str(key)]
        return agreed.contact, agreed.help

    return await db.write(work)


async def _ready() -> None:
    try:
        await steps_done()
    except Exception as problem:
        raise No(f"The database has no tables yet ({problem}). Run `naober migrate` first; is NAOBER_DATABASE right?") from problem


async def _note(tx: Tx, action: str, what: str) -> None:
    row = audit.row(access.OFFICE, access.OFFICE.hats[0], sessions.now(), action, object=what, source="command", result="ok")
    await audit.note(tx, [row])


def _line(name: str, text: str) -> str:
    if not text.strip() or len(text) > people.NAME_MAX or not people.LINE.fullmatch(text):
        raise No(f"The {name} is {text!r}; give one line of at most {people.NAME_MAX} characters")
    return text.strip()


async def _invitation(tx: Tx, args: argparse.Namespace) -> str:
    """Somebody who is in this team already gets a new link; everybody else is new."""
    if await tx.one("SELECT value FROM meta WHERE name = 'demo'"):
        raise No("This database holds the demo, where nobody real works. Name another in NAOBER_DATABASE.")
    now = sessions.now()
    kind, team = await _team(tx, args, now)
    known = await tx.one(
        "SELECT p.id FROM person p JOIN membership m ON m.person = p.id WHERE p.name = $1 AND m.team = $2 AND p.left_at IS NULL"
        " AND (m.until IS NULL OR m.until >= $3)",
        *(args.name, team, access.day_of(now)),
    )
    person = str(known[0]) if known else _new_id(now)
    if not known:
        await people.add(tx, person, args.name, language=args.language, word=people.WORD_OF_KIND[kind], now=now)
        await people.join(tx, person, team, args.role, now=now)
    await _note(tx, "invited", person)
    return await invitations.create_invitation(tx, person, None, now)


async def _team(tx: Tx, args: argparse.Namespace, now: int) -> tuple[str, str]:
    """The kind of the organisation and the id of the team, both made when they are new."""
    found = await tx.one("SELECT id, kind FROM organisation WHERE name = $1", args.organisation)
    organisation, kind = found or (_new_id(now), args.kind or "care")
    if args.kind and args.kind != kind:
        raise No(f"{args.organisation} is an organisation of kind {kind}, not {args.kind}: leave --kind out, or name another organisation")
    if args.role not in people.ROLES_OF_KIND[kind]:
        raise No(f"Nobody is {args.role} in an organisation of kind {kind}: --role is one of {', '.join(people.ROLES_OF_KIND[kind])}")
    if not found:
        await tx.run("INSERT INTO organisation (id, name, kind) VALUES ($1, $2, $3)", organisation, args.organisation, kind)
    row = await tx.one("SELECT id FROM team WHERE organisation = $1 AND name = $2", organisation, args.team)
    team = str(row[0]) if row else _new_id(now)
    if not row:
        await tx.run("INSERT INTO team (id, organisation, name) VALUES ($1, $2, $3)", team, organisation, args.team)
    return kind, team


def _new_id(now: int) -> str:
    return clock.uuid7(now, secrets.token_hex(10))
