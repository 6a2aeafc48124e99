"""Sessions: who is signed in, on which device. The cookie holds 32 random bytes, the table their SHA-256; seven days of silence end one."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

import server
from server import access, audit, bodies, db, devices, i18n, losses, operations, passkeys, portraits, render, seals, visits
from server.config import settings
from server.portraits import Portrait

if TYPE_CHECKING:
    from server.db import Tx

COOKIE = "__Host-naober" if settings.secure else "naober"
LEASE_MS = 7 * 24 * 60 * 60 * 1000
LIFE_MS = 90 * 24 * 60 * 60 * 1000
RENEW_AFTER_MS = 60 * 60 * 1000
TOKEN_LENGTH = 43
# How long a phone may lie untouched when none of its owner's organisations wants it sooner.
IDLE_S = 180
# Pages of the office that signing in may lead back to; anything else leads to the phone's first page.
PAGES = re.compile(r"/(review|held|people|devices|vouching|passkeys|roster|stuck|figures|caseload|outcomes|themes)(\?week=[0-9]{4}-W[0-9]{2})?")
HOME = "/today"
NEXT = (operations.leads_to("SessionsSignIn", {"challenge": "challenge"}),)


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force: me, and what the pages need to know about me."""

    me: access.Me
    name: str
    word: str
    device_revoked: bool
    expires_at: int
    ends_at: int
    open_until: int
    verified_at: int

    @property
    def speaker(self) -> i18n.Speaker:
        """My language, with my word for the resident."""
        return i18n.speaker(self.me.language, self.word)


def now() -> int:
    """The instant, in ms."""
    return time.time_ns() // 1_000_000


async def start(tx: Tx, person: str, device: str, at: int) -> str:
    """The token of a new session; it is given out once and kept nowhere."""
    token = secrets.token_urlsafe(32)
    await tx.run("DELETE FROM session WHERE person = $1 AND expires_at <= $2", person, at)
    await tx.run(
        "INSERT INTO session (token_hash, person, device, created_at, expires_at, revoked_at, open_until, verified_at)"
        " VALUES ($1, $2, $3, $4, $5, NULL, $6, $4)",
        *(_hash(token), person, device, at, at + LEASE_MS, at + IDLE_S * 1000),
    )
    return token


async def end(tx: Tx, session: str, at: int) -> None:
    """From this commit on, the session (its token's hash) opens nothing."""
    await tx.run("UPDATE session SET revoked_at = $1 WHERE token_hash = $2 AND revoked_at IS NULL", at, session)


async def alive(tx: Tx, me: access.Me, at: int) -> bool:
    """Whether my session and my device are still mine: what streams to me asks it again before each part."""
    sql = (
        "SELECT 1 FROM session s JOIN device d ON d.id = s.device"
        " WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND d.revoked_at IS NULL"
    )
    return await tx.one(sql, me.session, at) is not None


async def forget(tx: Tx, at: int) -> None:
    """Takes away sessions that ended a lease ago or more; the log keeps that they were there."""
    await tx.run("DELETE FROM session WHERE expires_at <= $1", at - LEASE_MS)


async def settle(tx: Tx, request: Request[Any, Any, Any], person: str, claimed: str | None, at: int) -> tuple[access.Me, str]:
    """Who I am from now on, and my new token; the session this browser came with ends, and a device that is mine already stays the same device."""
    old = _hash(_token(request) or "")
    before = await tx.one("SELECT device FROM session WHERE token_hash = $1 AND person = $2", old, person)
    device = await devices.settle(tx, person, claimed, request.headers.get("user-agent", ""), at, before=before[0] if before else None)
    await end(tx, old, at)
    token = await start(tx, person, device, at)
    known = await tx.one("SELECT language FROM person WHERE id = $1", person)
    return access.Me(person, device, _hash(token), str(known[0]) if known else "nl", await access.hats(tx, person, at)), token


async def session_from(request: Request[Any, Any, Any]) -> Session | None:
    """The session this request brings, also of a revoked device (which may still hand in its work); looked up once a request."""
    if "session" not in request.state:
        token = _token(request)
        found = await db.read(lambda tx: _find(tx, _hash(token))) if token else None
        if found and found.expires_at < min(now() + LEASE_MS - RENEW_AFTER_MS, found.ends_at):
            await db.write(lambda tx: _renew(tx, found))
        request.state.session = found
    known: Session | None = request.state.session
    return known


async def me_from(request: Request[Any, Any, Any]) -> access.Me | None:
    """Who is asking, or None: no session, ended, or on a device that was revoked."""
    found = await session_from(request)
    return found.me if found and not found.device_revoked else None


async def need(request: Request[Any, Any, Any]) -> access.Me:
    """Who is asking; nobody is a 401."""
    me = await me_from(request)
    if me is None:
        raise bodies.refused(401, "signed_out")
    return me


async def speaker_of(request: Request[Any, Any, Any]) -> i18n.Speaker:
    """The language in the address (?language=en), or else of the person asking; of a stranger, the one their browser asks for."""
    found = await session_from(request)
    asked = request.query_params.get("language")
    return stranger(request) if found is None else i18n.speaker(str(asked), found.word) if asked in i18n.LANGUAGES else found.speaker


def stranger(request: Request[Any, Any, Any]) -> i18n.Speaker:
    """The language of somebody we do not know."""
    asked = request.query_params.get("language") or preferred(request.headers.get("accept-language", ""))
    return i18n.speaker(str(asked))


def preferred(accepted: str) -> str:
    """The first language of ours in an Accept-Language."""
    asked = [part.split(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return next((one for one in asked if one in i18n.LANGUAGES), i18n.LANGUAGES[0])


def to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """The way to the sign-in page for a signed-out reader of an office page, and back to it afterwards."""
    # The page's own name is enough: whose record it was need not stand in an address.
    page = request.url.path.split("/")[1]
    address = f"/sign-in?to={quote(f'/{page}', safe='/')}"
    if "hx-request" in request.headers:
        return Response("", status_code=204, headers={"HX-Redirect": address})
    return Redirect(address, status_code=303)


def signed_in(portrait: Portrait, token: str, *, status: int = 201) -> Response[Portrait]:
    """What GET /me says, with the new cookie."""
    # The lease is the table's; the cookie merely has to outlive it.
    return Response(portrait, status_code=status, cookies=[_cookie(token, LIFE_MS // 1000)])


async def portrait(tx: Tx, me: access.Me) -> Portrait:
    """Me, as the phone keeps it."""
    # The seal holds the proof that a vault is open: who signs in and an open phone get it, and nobody who only has the cookie.
    person = await tx.one("SELECT name, language, word, confidential_at FROM person WHERE id = $1", me.person)
    name, language, word, confidential_at = person or ("", "nl", "resident", None)
    (vog,) = await tx.one("SELECT max(vog) FROM membership WHERE person = $1", me.person) or (None,)
    opened = await tx.one("SELECT 1 FROM session WHERE token_hash = $1 AND open_until > $2", me.session, now())
    seal: dict[str, Any] = {"seal": await seals.current(tx, me.device)} if opened else {}
    return {
        "person": me.person,
        "device": me.device,
        "hats": [portraits.worn(hat) for hat in me.hats],
        "name": name,
        "language": language,
        "word": word,
        "lock": await lock_of(tx, me),
        "lost": await losses.of(tx, me.person, me.device),
        "demo": await demo(tx),
        "origin": settings.origin,
        "version": server.__version__,
        "salt": passkeys.SALT,
        "confidential": confidential_at is not None,
        "vog": vog,
        **seal,  # type: ignore[typeddict-item]  # nothing, or the seal
    }


async def lock_of(tx: Tx, me: access.Me) -> portraits.Lock:
    """Seconds until a phone of mine locks, untouched and out of sight, where one of my organisations wants it sooner than usual."""
    sql = f"SELECT min(idle_s), min(hidden_s) FROM organisation WHERE {db.among('id', 1)}"  # noqa: S608  our own SQL
    idle, hidden = await tx.one(sql, [hat.organisation for hat in me.hats]) or (None, None)
    return {"idle": idle, "hidden": hidden}


async def demo(tx: Tx) -> bool:
    """Whether this office holds the demo neighbourhood and was started to show it."""
    return settings.demo and await tx.one("SELECT value FROM meta WHERE name = 'demo'") is not None


@get("/sign-in", operation_class=operations.page(session=False, ok=(200, 303), query=("to", "for")))
async def sign_in_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The page with the passkey button; who is signed in goes on to the office's page, while the phone's need the passkey for the vault."""
    wanted = str(request.query_params.get("to") or "")
    to = wanted if PAGES.fullmatch(wanted) else HOME
    found = await session_from(request)
    if to != HOME and found and not found.device_revoked and found.open_until > now() and "for" not in request.query_params:
        return Redirect(to, status_code=303)
    shown = await db.read(demo)
    made = render.page("sign_in.html", await speaker_of(request), to=to, demo=shown, path="/sign-in")
    made.cookies += visits.of(request).cookies
    return made


@post("/sessions/challenges", status_code=201, operation_class=operations.act(session=False, links=NEXT))
async def ask(request: Request[Any, Any, Any]) -> Response[passkeys.Question]:
    """A challenge to sign in with whatever passkey lies on the device."""
    visit = visits.of(request)
    try:
        return Response(await db.write(lambda tx: passkeys.ask_to_sign_in(tx, now(), visit=visit.key)), cookies=visit.cookies)
    except passkeys.TooManyChallengesError as full:
        raise bodies.refused(503, "busy") from full


@post("/sessions", status_code=201, operation_class=operations.takes(passkeys.Answer, 401, session=False))
async def sign_in(request: Request[Any, Any, Any]) -> Response[Portrait]:
    """Signs in by passkey; every refusal looks the same."""
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))

    async def work(tx: Tx) -> tuple[Portrait, str] | None:
        at = now()
        person = await passkeys.recognise(tx, answer, at, visit=visits.of(request).key)
        if person is None:
            return None
        me, token = await settle(tx, request, person, answer.device, at)
        await audit.note(tx, [audit.row(me, None, at, "sign_in", source="passkey", result="ok")])
        return await portrait(tx, me), token

    found = await db.write(work)
    if found is None:
        raise bodies.refused(401, "not_recognised")
    return signed_in(*found)


@delete("/sessions/current", status_code=204, operation_class=operations.act(session=False))
async def sign_out(request: Request[Any, Any, Any]) -> Response[None]:
    """Ends this session at once; being signed out already is fine."""
    me = await me_from(request)
    if me:

        async def work(tx: Tx) -> None:
            await end(tx, me.session, now())
            await losses.left(tx, me.device, now())
            await audit.note(tx, [audit.row(me, None, now(), "sign_out", result="ok")])

        await db.write(work)
    return Response(None, status_code=204, cookies=[_cookie("", 0)])


routes = [sign_in_page, ask, sign_in, sign_out]


async def _find(tx: Tx, token_hash: str) -> Session | None:
    at = now()
    row = await tx.one(
        "SELECT s.person, s.device, p.language, p.name, p.word, d.revoked_at, s.expires_at, s.created_at, s.open_until, s.verified_at FROM session s"
        " JOIN person p ON p.id = s.person JOIN device d ON d.id = s.device"
        " WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND p.left_at IS NULL",
        *(token_hash, at),
    )
    if row is None:
        return None
    person, device, language, name, word, revoked_at, expires_at, created_at, *until = row
    me = access.Me(person, device, token_hash, language, await access.hats(tx, person, at))
    return Session(me, name, word, revoked_at is not None, expires_at, created_at + LIFE_MS, *until)


async def _renew(tx: Tx, session: Session) -> None:
    at = now()
    until = min(at + LEASE_MS, session.ends_at)
    await tx.run("UPDATE session SET expires_at = $1 WHERE token_hash = $2 AND revoked_at IS NULL", until, session.me.session)
    await devices.seen(tx, session.me.device, session.me.person, at)


def _token(request: Request[Any, Any, Any]) -> str | None:
    token = request.cookies.get(COOKIE, "")
    return token if re.fullmatch(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}", token) else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _cookie(token: str, seconds: int) -> Cookie:
    return Cookie(key=COOKIE, value=token, path="/", max_age=seconds, httponly=True, secure=settings.secure, samesite="strict")
