"""Revocations: my devices and those of the people I lead, and taking one away. What a revoked device still holds unsent it may hand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from litestar import MediaType, Request, Response, delete, get, post
from litestar.params import FromPath

from server import access, audit, bodies, db, losses, news, openings, operations, people, render, sessions, vouchings

if TYPE_CHECKING:
    from server.access import Me
    from server.db import Tx
    from server.i18n import Speaker

SHOWN_MAX = 500
# How long a revoked device, or one that was not seen again, stays in the list.
SHOWN_MS = sessions.LIFE_MS


class Erased(msgspec.Struct, forbid_unknown_fields=True):
    """Which device erased itself, and whether no other phone of Naober's lies in the same browser."""

    device: str
    alone: bool


async def find(tx: Tx, me: Me, device: str, now: int) -> dict[str, Any] | None:
    """{id, person, revoked_at} of a device of mine or of somebody in a team that I lead, or None."""
    row = await tx.one("SELECT person, revoked_at FROM device WHERE id = $1", device) if people.ID.fullmatch(device) else None
    # Asked of nobody too, so that what is not mine takes as long as what is not there.
    led = await people.find(tx, me, row[0] if row else device, now)
    if row is None or (row[0] != me.person and led is None):
        return None
    return {"id": device, "person": row[0], "revoked_at": row[1]}


async def revoke(tx: Tx, me: Me, device: str, now: int) -> bool:
    """From this commit on the device gets nothing any more; False when it is not there or not mine to revoke. Twice is once."""
    found = await find(tx, me, device, now)
    if found and found["revoked_at"] is None:
        await tx.run("UPDATE device SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", now, device)
        led = people.led_by(me)
        hat = led[0] if led and found["person"] != me.person else None
        await audit.note(tx, [audit.row(me, hat, now, "device_revoked", object=device, source="page", result="ok")])
    return found is not None


async def devices(tx: Tx, me: Me, speaker: Speaker, now: int) -> list[dict[str, Any]]:
    """People with their devices, me first: {id, name, mine, devices: [{id, name, seen, here, unkept, lost, revoked, waits}]}."""
    members = f"SELECT m.person FROM membership m WHERE {db.among('m.team', 2)} AND (m.until IS NULL OR m.until >= $3)"  # noqa: S608  our own SQL
    rows = await tx.all(
        "SELECT p.id, p.name, d.id, d.name, d.last_seen_at, d.created_at, d.revoked_at, d.persisted, d.emptied_at, d.sure, d.instead, d.highest_n"  # noqa: S608
        " FROM device d JOIN person p ON p.id = d.person"
        f" WHERE (p.id = $1 OR p.id IN ({members})) AND (d.last_seen_at > $4 OR d.created_at > $4)"
        " ORDER BY p.name, p.id, d.last_seen_at DESC, d.id LIMIT $5",
        *(me.person, [hat.team for hat in people.led_by(me)], access.day_of(now), now - SHOWN_MS, SHOWN_MAX),
    )
    found: dict[str, dict[str, Any]] = {}
    for person, name, device, label, seen, made, revoked, persisted, *emptied in rows:
        owner = found.setdefault(person, {"id": person, "name": name, "mine": person == me.person, "devices": []})
        said = {"seen": speaker.say("devices.seen", when=speaker.when(seen or made, now)), "here": device == me.device}
        there, closes = emptied[0] is None, speaker.when((seen or made) + sessions.LEASE_MS, now)
        said |= {"unkept": persisted == 0 and revoked is None and there, "lost": await _lost(tx, speaker, now, device, revoked, *emptied)}
        said |= {"revoked": speaker.say("devices.revoked", when=speaker.when(revoked, now)) if revoked else ""}
        said |= {"waits": speaker.say("devices.waits", when=closes) if revoked and there else ""}
        owner["devices"].append({"id": device, "name": label or speaker.say("devices.unknown"), **said})
    return sorted(found.values(), key=lambda owner: not owner["mine"])


async def _lost(
    tx: Tx, speaker: Speaker, now: int, device: str, revoked: int | None, at: int | None, sure: int, instead: str | None, highest: int,
) -> list[str]:  # fmt: skip
    """That a device was found empty, and what of it the office has and has not, in sentences."""
    if at is None:
        return []
    if instead is None:
        return [speaker.say("devices.erased" if revoked else "devices.left", when=speaker.when(at, now))]
    found = await losses.extent(tx, device, highest)
    last, missing = found["last"], found["missing"]
    return [
        speaker.say("devices.emptied" if sure else "devices.perhaps_emptied", when=speaker.when(at, now)),
        speaker.say("devices.last", when=speaker.when(last, now)) if last else speaker.say("devices.nothing"),
        *([speaker.say("devices.missing", n=missing, numbers=found["numbers"])] if missing else []),
    ]


@get("/devices", operation_class=operations.page())
async def devices_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Which devices keep my work, and my people's."""
    me = await openings.reader(request)
    return await _page(request, me) if me else await openings.to_open(request)


@delete("/devices/{device:str}", status_code=200, operation_class=operations.act(401, 404, ok=200))
async def revoke_device(request: Request[Any, Any, Any], device: FromPath[str]) -> Response[Any]:
    """Takes the device away; whoever takes away the one in their hands is signed out."""
    me = await openings.need(request)
    if not await db.write(lambda tx: revoke(tx, me, device, sessions.now())):
        raise bodies.refused(404, "not_found")
    news.end(device)
    if device == me.device:
        return Response("", status_code=200, headers={"HX-Redirect": "/sign-in"}, media_type=MediaType.HTML)
    return await _page(request, me, done=True)


@post("/erasures", status_code=204, tags=["phone"], operation_class=operations.takes(Erased, session=False))
async def erase(request: Request[Any, Any, Any]) -> Response[None]:
    """My phone took itself away. When it was `alone`, the browser forgets all that Naober kept in it, also what deleting leaves in its files."""
    said = bodies.decoded(await bodies.read(request), Erased)
    session = await sessions.session_from(request)
    if session and session.me.device == said.device:
        await db.write(lambda tx: losses.left(tx, said.device, sessions.now()))
    forget = {"Clear-Site-Data": '"cache", "storage"'} if said.alone else {}
    return Response(None, status_code=204, headers={"Cache-Control": "no-store", **forget})


routes = [devices_page, revoke_device, erase]


async def _page(request: Request[Any, Any, Any], me: Me, *, done: bool = False) -> Response[Any]:
    speaker, now = await sessions.speaker_of(request), sessions.now()
    found = await db.read(lambda tx: devices(tx, me, speaker, now))
    mine = {"lead": bool(people.led_by(me)), "vouches": bool(vouchings.organisations(me))}
    return render.page("devices.html", speaker, people=found, **mine, done=done, here="devices")
