"""Keys: my passkeys. Whoever adds one, takes one away or lets in a new phone first shows one that is there, in that very minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import audit, bodies, db, devices, invitations, openings, operations, passkeys, people, render, sessions, visits

if TYPE_CHECKING:
    from server.access import Me
    from server.db import Tx
    from server.i18n import Speaker

Found = TypeVar("Found")
NEXT = (operations.leads_to("PasskeysAdd", {"challenge": "challenge"}),)
DONE = ("added", "only_here", "removed")


async def mine(tx: Tx, me: Me, speaker: Speaker, now: int) -> list[dict[str, Any]]:
    """My passkeys, oldest first: {id, credential, name, made, used, synced}."""
    rows = await tx.all(
        "SELECT id, credential_id, name, created_at, last_used_at, synced FROM passkey WHERE person = $1 ORDER BY created_at, id",
        me.person,
    )
    return [
        {
            "id": key,
            "credential": credential,
            "name": name or speaker.say("keys.unnamed"),
            "made": speaker.say("keys.made", when=speaker.when(made, now)),
            "used": speaker.say("keys.used", when=speaker.when(used or made, now)),
            "synced": "" if synced is None else speaker.say("keys.synced" if synced else "keys.bound"),
        }
        for key, credential, name, made, used, synced in rows
    ]


async def remove(tx: Tx, me: Me, key: str, now: int) -> str | None:
    """The credential of my passkey that opens nothing here from now on; None when it is not mine or not there, '' when it is the last one."""
    # One removal at a time, or two at once could each leave the other's passkey as the last.
    await tx.run("UPDATE passkey SET person = person WHERE person = $1", me.person)
    rows = await tx.all("SELECT id, credential_id FROM passkey WHERE person = $1", me.person)
    credential = dict(rows).get(key)
    if credential is None or len(rows) == 1:
        return None if credential is None else ""
    await tx.run("DELETE FROM passkey WHERE id = $1 AND person = $2", key, me.person)
    await audit.note(tx, [audit.row(me, None, now, "passkey_removed", object=key, source="page", result="ok")])
    return str(credential)


@get("/passkeys", operation_class=operations.page(query=("done",)))
async def keys_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Which passkeys open Naober for me."""
    me = await openings.reader(request)
    if me is None:
        return await openings.to_open(request)
    speaker = await sessions.speaker_of(request)
    keys = await db.read(lambda tx: mine(tx, me, speaker, sessions.now()))
    done = str(request.query_params.get("done") or "")
    shown: dict[str, Any] = {"person": me.person, "keys": keys, "alone": len(keys) == 1, "done": done if done in DONE else ""}
    return render.page("keys.html", speaker, here="passkeys", lead=bool(people.led_by(me)), **shown)


@post("/passkeys/challenges", status_code=201, operation_class=operations.takes(passkeys.Answer, 401, links=NEXT))
async def ask(request: Request[Any, Any, Any]) -> passkeys.Question:
    """A challenge to make one more passkey, for who shows one."""
    me, visit = await openings.need(request), visits.of(request).key
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))

    async def work(tx: Tx) -> passkeys.Question | None:
        now = sessions.now()
        if not await _shown(tx, request, me, answer, now):
            return None
        row = await tx.one("SELECT name FROM person WHERE id = $1", me.person)
        return await passkeys.ask_to_make(tx, me.person, row[0] if row else "", now, purpose="add", visit=visit)

    try:
        return _held(await db.write(work))
    except passkeys.TooManyChallengesError as full:
        raise bodies.refused(503, "busy") from full


@post("/passkeys", status_code=201, operation_class=operations.takes(passkeys.Answer, 401))
async def add(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Keeps one more passkey of mine; gives the salt by which it opens a vault."""
    me = await openings.need(request)
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))
    name = devices.described(request.headers.get("user-agent", ""))

    async def work(tx: Tx) -> dict[str, str] | None:
        now = sessions.now()
        key = await passkeys.make(tx, me.person, answer, now, purpose="add", name=name, visit=visits.of(request).key)
        if key is None:
            return None
        await audit.note(tx, [audit.row(me, None, now, "passkey_added", object=key, source="page", result="ok")])
        return {"salt": passkeys.SALT}

    return _held(await db.write(work))


@post("/passkeys/{key:str}/removal", status_code=200, operation_class=operations.takes(passkeys.Answer, 401, 404, 409))
async def take_away(request: Request[Any, Any, Any], key: FromPath[str]) -> dict[str, str]:
    """Takes one of my passkeys away, for who shows one; gives its credential, so that this device forgets it too."""
    me = await openings.need(request)
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))

    async def work(tx: Tx) -> tuple[bool, str | None]:
        now = sessions.now()
        held = await _shown(tx, request, me, answer, now)
        return held, await remove(tx, me, key, now) if held and people.ID.fullmatch(key) else None

    held, credential = await db.write(work)
    if not held:
        raise _refused()
    if credential is None:
        raise bodies.refused(404, "not_found")
    if not credential:
        raise bodies.refused(409, "last_passkey")
    return {"credential": credential}


@post("/passkeys/phones", status_code=201, operation_class=operations.takes(passkeys.Answer, 401, ok=201))
async def new_phone(request: Request[Any, Any, Any]) -> Response[Any]:
    """A link for my own new phone, once and for a quarter of an hour, for who shows a passkey; the phone in hand stays as it is."""
    me = await openings.need(request)
    answer = passkeys.answer(await bodies.read(request, passkeys.BYTES_MAX))

    async def work(tx: Tx) -> str | None:
        now = sessions.now()
        if not await _shown(tx, request, me, answer, now):
            return None
        await audit.note(tx, [audit.row(me, None, now, "invited", object=me.person, source="passkey", result="ok")])
        return await invitations.create_for_own_phone(tx, me.person, now)

    link = invitations.link(_held(await db.write(work)))
    speaker, now = await sessions.speaker_of(request), sessions.now()
    until = speaker.when(now + invitations.OWN_LIFE_MS, now)
    return render.page("new_phone.html", speaker, status=201, link=link, until=until, qr=invitations.qr(link))


routes = [keys_page, ask, add, take_away, new_phone]


async def _shown(tx: Tx, request: Request[Any, Any, Any], me: Me, answer: passkeys.Answer, now: int) -> bool:
    """Whether a passkey of mine gave this answer just now, in this browser."""
    return await passkeys.recognise(tx, answer, now, visit=visits.of(request).key) == me.person


def _held(found: Found | None) -> Found:
    if found is None:
        raise _refused()
    return found


def _refused() -> Exception:
    return bodies.refused(403, "not_recognised", ("credential", "not_allowed"))
