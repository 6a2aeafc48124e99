"""The office as the schema's test reaches it: the real application over the demo neighbourhood, with somebody of every role signed in."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections import Counter
from typing import Any
from unittest import mock

from server import access, app, assets, caseload, db, demo, invitations, news, outcomes, proposals, sessions, themes, vouchings, weeks
from server.config import settings
from server.demo_people import Person
from tests import cast, desk

ROLES: dict[str, Person | None] = {
    "nobody": None, "nurse": cast.NURSE, "lead": cast.LEAD, "outreach": cast.OUTREACH, "volunteer": cast.VOLUNTEER,
    "elsewhere": cast.ELSEWHERE, "locked": cast.COLLEAGUE, "revoked": cast.TWO_HATS,
}  # fmt: skip
FIGURES = {
    "what": [*weeks.GROUPS, *weeks.MEASURES, *outcomes.RATED, desk.STRANGER], "theme": [*themes.KIND_OF, desk.STRANGER],
    "weight": [*caseload.WEIGHTS, desk.STRANGER],
}  # fmt: skip
FAR = 9_999_999_999_999
LINK = "l" * 22  # the token of a link to a task
# What ends or closes somebody's session or counts their guesses: undone after each answer, so that the next request is as good as the first.
ENDINGS = {"/sessions/current", "/sessions/current/opening", "/devices/{device}", "/invitations/{token}/passkey", "/sessions", "/vouchings"}


class Office:
    """An ASGI application around ours, which lives as long as its lifespan; `said` counts answers by (method, path, status)."""

    def __init__(self) -> None:
        self.said: Counter[tuple[str, str, int]] = Counter()
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, list[str]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status = 0

        async def noting(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)
            # A stream of news goes on until there was some.
            for listener in news._listeners:
                listener.bell.set()

        try:
            await app.app(scope, receive, noting)
        finally:
            path = scope.get("path_template", "")
            self.said[scope["method"], path, status] += 1
        if path in ENDINGS and scope["method"] != "GET":
            await db.write(self._revive)

    async def _live(self, receive: Any, send: Any) -> None:
        log = logging.getLogger("naober")
        before = log.handlers, log.propagate, log.level
        with mock.patch.object(sessions, "settings", dataclasses.replace(settings, demo=True)):
            await receive()
            async with app.running(app.litestar):
                log.setLevel(logging.CRITICAL)
                await self._plant()
                await send({"type": "lifespan.startup.complete"})
                await receive()
        log.handlers, log.propagate = before[:2]
        log.setLevel(before[2])
        await send({"type": "lifespan.shutdown.complete"})

    async def _plant(self) -> None:
        at = sessions.now()
        await demo.plant(at)
        for role, person in ROLES.items():
            if person:
                self.tokens[role] = await db.write(lambda tx, one=person: sessions.start(tx, one.id, one.device, at))
        await db.write(self._revive)
        nurse = worn(cast.NURSE, self.tokens["nurse"])
        house = await house_of(nurse)
        worry = desk.change(nurse, "worry", house.subject, {"text": "Hij deed niet open."})
        idea = desk.change(nurse, "suggestion", f"team:{nurse.team.id}", {"text": "Groter graag."})
        given, visit, held = desk.consent(nurse, house, nurse.team, "mind"), desk.visit(nurse, house), [desk.note(nurse, house) for _ in range(4)]
        assert desk.said(await desk.hand_in(db, nurse, given, visit, worry, idea, at=at)) == [("stored", None)] * 4
        task = desk.change(nurse, "task", house.subject, {"what": "Koffie", "due": access.day_of(at)})
        told = {"tasks": [task["record"]], "helper": desk.STRANGER, "until": access.day_of(at)}
        told |= {"token_hash": hashlib.sha256(LINK.encode()).hexdigest()}
        await desk.hand_in(db, nurse, task, desk.change(nurse, "link", house.subject, told), at=at)
        await desk.batch(db, nurse, *held, at=at, custody="device_revoked")
        await desk.hat(db, cast.LEAD.id, desk.Team(cast.VOLUNTEER.team.id, "", "volunteers"), "lead")
        first = await db.write(lambda tx: invitations.create_invitation(tx, cast.VOLUNTEER.id, None, at))
        waiting = await db.write(
            lambda tx: invitations.create_recovery(tx, cast.COLLEAGUE.id, cast.LEAD.id, nurse.team.organisation, at)
        )
        self.ids = {
            "proposal": [*await proposed(nurse.team, at), desk.STRANGER],
            "person": [cast.NURSE.id, cast.OUTREACH.id, cast.ELSEWHERE.id, desk.STRANGER],
            "device": [*(person.device for person in ROLES.values() if person), desk.STRANGER],
            "record": [visit["record"], given["record"], worry["record"], task["record"], desk.STRANGER],
            "suggestion": [idea["record"], desk.STRANGER],
            "change": [*(one["id"] for one in held), desk.STRANGER],
            "token": [first, waiting, "x" * sessions.TOKEN_LENGTH],
            **FIGURES,
            "key": [*(person.key for person in ROLES.values() if person), desk.STRANGER],
            "name": [one.path.rpartition("/")[2] for one in assets._named().values()],
            "team": [cast.LEAD.team.id, desk.STRANGER],
            "code": [vouchings.code(waiting)],
            "subject": [house.subject, house.about],
            "household": [house.id, desk.STRANGER],
        }

    async def _revive(self, tx: db.Tx) -> None:
        """Everybody signed in as their role says, and nobody has guessed or vouched."""
        await tx.run("DELETE FROM guess")
        await tx.run("UPDATE vouching SET tries = 0, by = NULL")
        await tx.run("UPDATE session SET revoked_at = NULL, expires_at = $1, open_until = $1", FAR)
        await tx.run("UPDATE session SET open_until = 0 WHERE person = $1", cast.COLLEAGUE.id)
        await tx.run("UPDATE device SET revoked_at = NULL WHERE person <> $1", cast.TWO_HATS.id)
        await tx.run("UPDATE device SET revoked_at = 1 WHERE person = $1", cast.TWO_HATS.id)


def worn(person: Person, token: str) -> desk.Me:
    """Somebody of the demo as tests/desk.py knows people."""
    hat, team = person.hats[0], person.hats[0].team
    where = desk.Team(team.id, team.organisation.id, team.organisation.kind)
    return desk.Me(person.id, person.name, hat.role, hat.id, where, person.device, token, n=10_000)


async def house_of(me: desk.Me) -> desk.House:
    """A household that this person visited."""
    sql = "SELECT r.id, r.household FROM resident r JOIN record v ON v.subject = 'household:' || r.household WHERE v.kind = 'visit' AND v.author = $1"
    resident, household = (await desk.rows(db, f"{sql} ORDER BY v.seq DESC LIMIT 1", me.person))[0]
    return desk.House(household, resident)


async def proposed(team: desk.Team, at: int) -> list[str]:
    """What another lead of this team asked that takes a second lead."""
    karin, asked = await desk.worn(db, await desk.somebody(db, "lead", team, name="Karin"), at), [desk.new(), desk.new()]
    told = {"name": "Tess", "phone": "", "language": "nl", "word": "client"}
    for one in asked:
        await db.write(lambda tx, one=one: proposals.propose(tx, karin, karin.hats[0], "lead", one, told, at))
    return asked
