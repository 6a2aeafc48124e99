"""Invitations: a link that lets one person make a passkey, once, within a day. The table holds its SHA-256 only.

For somebody who has a passkey already it is a recovery: it lives half an hour, waits for a colleague's word, and takes the place of all they had.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from server import access, audit, bodies, db, devices, news, openings, operations, passkeys, people, render, sessions, visits, vouchings
from server.config import settings
from server.db import Tx
from server.portraits import Portrait

LIFE_MS = 24 * 60 * 60 * 1000
OWN_LIFE_MS = 15 * 60 * 1000
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
GONE = 410
NEXT = (operations.leads_to("InvitationsTokenPasskeyEnrol", {"challenge": "challenge"}, token="path.token"),)  # noqa: S106 - a place
STATUS = {"open": 200, "waiting": 200, "unknown": 404}


async def create_invitation(tx: Tx, person: str, by: str | None, now: int, *, life_ms: int = LIFE_MS) -> str:
    """The token of this person's new invitation (`by`: who invites, None for the command line); older ones of theirs close."""
    token = secrets.token_urlsafe(32)
    await tx.run("UPDATE invitation SET expires_at = $1 WHERE person = $2 AND used_at IS NULL AND expires_at > $1", now, person)
    await tx.run(
        "INSERT INTO invitation (token_hash, person, by, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, NULL)",
        *(_hash(token), person, by, now, now + life_ms),
    )
    return token


async def create_recovery(tx: Tx, person: str, by: str, organisation: str, now: int) -> str:
    """The token of an invitation that waits until somebody of the organisation vouches."""
    token = await create_invitation(tx, person, by, now, life_ms=vouchings.LIFE_MS)
    await vouchings.ask(tx, _hash(token), token, organisation)
    return token


async def create_for_own_phone(tx: Tx, person: str, now: int) -> str:
    """The token for a new phone of somebody who has just shown a passkey of theirs, which nobody else has to vouch for: for a quarter of an hour."""
    return await create_invitation(tx, person, None, now, life_ms=OWN_LIFE_MS)


def link(token: str) -> str:
    """The address to open on the invited person's own phone."""
    return f"{settings.origin}/invitations/{token}"


async def find(tx: Tx, token: str, now: int) -> dict[str, Any] | None:
    """{person, name, hats, state: open|waiting|used|expired, by, recovery, vouched: by whom} of the invitation with this token, or None."""
    row = await tx.one(
        "SELECT i.person, p.name, i.used_at, i.expires_at, p.left_at, b.name, v.invitation, w.name,"
        " (SELECT count(*) FROM passkey k WHERE k.person = i.person) FROM invitation i JOIN person p ON p.id = i.person"
        " LEFT JOIN person b ON b.id = i.by LEFT JOIN vouching v ON v.invitation = i.token_hash LEFT JOIN person w ON w.id = v.by"
        " WHERE i.token_hash = $1",
        _hash(token),
    )
    if row is None:
        return None
    person, name, used_at, expires_at, left_at, by, recovery, vouched, passkeys_n = row
    # A colleague's first link opens nothing any more once they have a passkey: a lead alone would come in by it.
    late = left_at or expires_at <= now or (by and passkeys_n and not recovery)
    state = "used" if used_at else "expired" if late else "waiting" if recovery and not vouched else "open"
    shown = {"person": person, "name": name, "state": state, "by": by, "recovery": recovery is not None, "vouched": vouched}
    return {**shown, "hats": await access.hats(tx, person, now)}


async def use(tx: Tx, token: str, now: int) -> bool:
    """Closes the invitation for good; False when somebody else was first, or the day is over."""
    sql = "UPDATE invitation SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL AND expires_at > $3"
    return await tx.run(sql, now, _hash(token), now) == 1


@post("/people/{person:str}/invitations", operation_class=operations.act(401, 404, ok=201))
async def invite(request: Request[Any, Any, Any], person: FromPath[str]) -> Response[Any]:
    """Makes an invitation for somebody in a team that I lead, and shows it once: link and QR code."""
    me = await openings.need(request)

    async def work(tx: Tx) -> tuple[str, str, bool] | None:
        now = sessions.now()
        found = await people.find(tx, me, person, now) if people.ID.fullmatch(person) else None
        if found is None:
            return None
        hat = next(hat for hat in people.led_by(me) if hat.team == found["team"])
        await audit.note(tx, [audit.row(me, hat, now, "invited", object=person, source="page", result="ok")])
        if await tx.one("SELECT id FROM passkey WHERE person = $1", person):
            return found["name"], await create_recovery(tx, person, me.person, hat.organisation, now), True
        return found["name"], await create_invitation(tx, person, me.person, now), False

    made = await db.write(work)
    if made is None:
        raise bodies.refused(404, "not_found")
    name, token, recovery = made
    now = sessions.now()
    speaker = await sessions.speaker_of(request)
    shown = {"name": name, "link": link(token), "qr": qr(link(token)), "person": person, "recovery": recovery}
    shown["until"] = speaker.when(now + (vouchings.LIFE_MS if recovery else LIFE_MS), now)
    return render.page("invitation_made.html", speaker, status=201, **shown)


@get("/invitations/{token:str}", operation_class=operations.page(404, GONE, session=False, ok=(200,)))
async def invitation_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """The welcome with its one button; of one that waits its code, and of a used or expired one, what to do now."""
    speaker = await sessions.speaker_of(request)
    found = await _found(token)
    if found is None:
        return render.page("invitation.html", speaker, status=404, state="unknown")
    hats = [f"{speaker.say(f'role.{hat.role}')}, {hat.team_name}" for hat in found["hats"]]
    code = vouchings.code(token) if found["state"] == "waiting" else ""
    shown = {**found, "hats": hats, "token": token, "path": f"/invitations/{token}", "code": f"{code[:4]} {code[4:]}"}
    return render.page("invitation.html", speaker, status=STATUS.get(found["state"], GONE), **shown)


@post("/invitations/{token:str}/challenges", status_code=201, operation_class=operations.act(404, 409, GONE, session=False, links=NEXT))
async def ask(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[passkeys.Question]:
    """A challenge to make the invited person's passkey."""
    found, visit = await _open(token), visits.of(request)
    try:
        asked = await db.write(lambda tx: passkeys.ask_to_make(tx, found["person"], found["name"], sessions.now(), visit=visit.key))
        return Response(asked, cookies=visit.cookies)
    except passkeys.TooManyChallengesError as full:
        raise bodies.refused(503, "busy") from full


@post("/invitations/{token:str}/passkey", status_code=201, operation_class=operations.takes(passkeys.Answer, 404, 409, GONE, session=False))
async def enrol(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Portrait]:
    """Keeps the passkey, closes the invitation and signs in, all at once or not at all."""
    found = await _open(token)
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))
    name = devices.described(request.headers.get("user-agent", ""))

    async def work(tx: Tx) -> tuple[Portrait, str, list[str]] | None:
        now, person = sessions.now(), found["person"]
        # One at a time for this person: of two first links only one makes a passkey.
        await tx.run("UPDATE person SET name = name WHERE id = $1", person)
        still = await find(tx, token, now)
        passkey = await passkeys.make(tx, person, answer, now, name=name, visit=visits.of(request).key)
        if passkey is None:
            return None
        if still is None or still["state"] != "open" or not await use(tx, token, now):
            # Somebody else was faster with the same link: the passkey just made must not stay either.
            raise _Closed
        gone = await vouchings.recover(tx, person, passkey, now) if still["recovery"] else []
        me, session = await sessions.settle(tx, request, person, answer.device, now)
        rows = [audit.row(me, None, now, "device_revoked", object=device, source="invitation", result="ok") for device in gone]
        rows += [audit.row(me, None, now, "recovered", object=person, source="invitation", result="ok")] if still["recovery"] else []
        await audit.note(tx, [*rows, audit.row(me, None, now, "sign_in", source="invitation", result="ok")])
        return await sessions.portrait(tx, me), session, gone

    try:
        done = await db.write(work)
    except _Closed as late:
        raise bodies.refused(GONE, "invitation_used") from late
    if done is None:
        raise bodies.refused(400, "not_recognised", ("credential", "not_allowed"))
    portrait, session, gone = done
    for device in gone:
        news.end(device)
    return sessions.signed_in(portrait, session)


routes = [invite, invitation_page, ask, enrol]


class _Closed(Exception):  # noqa: N818  it ends a unit of work, nothing is wrong
    pass


async def _found(token: str) -> dict[str, Any] | None:
    return await db.read(lambda tx: find(tx, token, sessions.now())) if TOKEN.fullmatch(token) else None


async def _open(token: str) -> dict[str, Any]:
    """The invitation; 404 when there is none, 409 while it waits, 410 when it is open no more."""
    found = await _found(token)
    if found is None:
        raise bodies.refused(404, "not_found")
    if found["state"] != "open":
        raise bodies.refused(409 if found["state"] == "waiting" else GONE, f"invitation_{found['state']}")
    return found


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def qr(address: str) -> Markup:
    """The address as a picture to scan."""
    # segno writes the address as lines of a path, never as text.
    return Markup(segno.make(address, error="m").svg_inline(border=3, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff"))  # noqa: S704
