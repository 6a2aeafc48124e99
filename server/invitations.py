"""Invitations: a link that lets one person make a passkey, once, within a day. The table holds its SHA-256 only."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from server import access, audit, bodies, db, openings, passkeys, people, render, sessions
from server.config import settings
from server.db import Tx

LIFE_MS = 24 * 60 * 60 * 1000
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
GONE = 410


async def create_invitation(tx: Tx, person: str, by: str | None, now: int) -> str:
    """The token of this person's new invitation (`by`: who invites, None for the command line); older ones of theirs close."""
    token = secrets.token_urlsafe(32)
    await tx.run("UPDATE invitation SET expires_at = $1 WHERE person = $2 AND used_at IS NULL AND expires_at > $1", now, person)
    await tx.run(
        "INSERT INTO invitation (token_hash, person, by, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, NULL)",
        *(_hash(token), person, by, now, now + LIFE_MS),
    )
    return token


def link(token: str) -> str:
    """The address to open on the invited person's own phone."""
    return f"{settings.origin}/invitations/{token}"


async def find(tx: Tx, token: str, now: int) -> dict[str, Any] | None:
    """{person, name, hat, state: open|used|expired, by} of the invitation with this token, or None when there is none."""
    row = await tx.one(
        "SELECT i.person, p.name, i.used_at, i.expires_at, p.left_at, b.name FROM invitation i JOIN person p ON p.id = i.person"
        " LEFT JOIN person b ON b.id = i.by WHERE i.token_hash = $1",
        _hash(token),
    )
    if row is None:
        return None
    person, name, used_at, expires_at, left_at, by = row
    state = "used" if used_at else "expired" if left_at or expires_at <= now else "open"
    return {"person": person, "name": name, "state": state, "by": by, "hats": await access.hats(tx, person, now)}


async def use(tx: Tx, token: str, now: int) -> bool:
    """Closes the invitation for good; False when somebody else was first, or the day is over."""
    sql = "UPDATE invitation SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL AND expires_at > $3"
    return await tx.run(sql, now, _hash(token), now) == 1


@post("/people/{person:str}/invitations", include_in_schema=False)
async def invite(request: Request[Any, Any, Any], person: FromPath[str]) -> Response[Any]:
    """Makes an invitation for somebody in a team that I lead, and shows it once: link and QR code."""
    me = await openings.need(request)

    async def work(tx: Tx) -> tuple[str, str] | None:
        now = sessions.now()
        found = await people.find(tx, me, person, now) if people.ID.fullmatch(person) else None
        if found is None:
            return None
        await audit.note(tx, [audit.row(me, people.led_by(me)[0], now, "invited", object=person, source="page", result="ok")])
        return found["name"], await create_invitation(tx, person, me.person, now)

    made = await db.write(work)
    if made is None:
        raise bodies.refused(404, "not_found")
    name, token = made
    now = sessions.now()
    speaker = await sessions.speaker_of(request)
    until = speaker.when(now + LIFE_MS, now)
    return render.page("invitation_made.html", speaker, status=201, name=name, link=link(token), until=until, qr=_qr(link(token)), person=person)


@get("/invitations/{token:str}", include_in_schema=False)
async def invitation_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """The welcome with its one button; of a used or expired one, what to do now."""
    speaker = await sessions.speaker_of(request)
    found = await _found(token)
    if found is None:
        return render.page("invitation.html", speaker, status=404, state="unknown")
    hats = [f"{speaker.say(f'role.{hat.role}')}, {hat.team_name}" for hat in found["hats"]]
    shown = {"name": found["name"], "state": found["state"], "by": found["by"], "hats": hats, "token": token, "path": f"/invitations/{token}"}
    return render.page("invitation.html", speaker, status=200 if found["state"] == "open" else GONE, **shown)


@post("/invitations/{token:str}/challenges", status_code=201)
async def ask(token: FromPath[str]) -> dict[str, Any]:
    """A challenge to make the invited person's passkey."""
    found = await _open(token)
    try:
        return await db.write(lambda tx: passkeys.ask_to_make(tx, found["person"], found["name"], sessions.now()))
    except passkeys.TooManyChallengesError as full:
        raise bodies.refused(503, "busy") from full


@post("/invitations/{token:str}/passkey", status_code=201)
async def enrol(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[dict[str, Any]]:
    """Keeps the passkey, closes the invitation and signs in, all at once or not at all."""
    found = await _open(token)
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))

    async def work(tx: Tx) -> tuple[dict[str, Any], str] | None:
        now = sessions.now()
        if await passkeys.make(tx, found["person"], answer, now) is None:
            return None
        if not await use(tx, token, now):
            # Somebody else was faster with the same link: the passkey just made must not stay either.
            raise _Closed
        me, session = await sessions.settle(tx, request, found["person"], answer.device, now)
        await audit.note(tx, [audit.row(me, None, now, "sign_in", source="invitation", result="ok")])
        return await sessions.portrait(tx, me), session

    try:
        done = await db.write(work)
    except _Closed as late:
        raise bodies.refused(GONE, "invitation_used") from late
    if done is None:
        raise bodies.refused(400, "not_recognised", ("credential", "not_allowed"))
    return sessions.signed_in(*done)


routes = [invite, invitation_page, ask, enrol]


class _Closed(Exception):  # noqa: N818  it ends a unit of work, nothing is wrong
    pass


async def _found(token: str) -> dict[str, Any] | None:
    return await db.read(lambda tx: find(tx, token, sessions.now())) if TOKEN.fullmatch(token) else None


async def _open(token: str) -> dict[str, Any]:
    """The invitation; 404 when there is none, 410 when it is open no more."""
    found = await _found(token)
    if found is None:
        raise bodies.refused(404, "not_found")
    if found["state"] != "open":
        raise bodies.refused(GONE, f"invitation_{found['state']}")
    return found


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _qr(address: str) -> Markup:
    # segno writes the address as lines of a path, never as text.
    return Markup(segno.make(address, error="m").svg_inline(border=3, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff"))  # noqa: S704
