"""Wishes: what somebody chose for themselves, their language and their word for the resident, and that they keep what they hear to themselves."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, put

from server import bodies, db, i18n, operations, sessions
from server.db import Tx
from server.portraits import Portrait

PROMISES = (True, None)


class Wishes(msgspec.Struct, forbid_unknown_fields=True):
    """What a person may change about themselves."""

    language: Annotated[str | None, operations.exactly(*i18n.LANGUAGES, None)] = None
    word: Annotated[str | None, operations.exactly(*i18n.WORDS, None)] = None
    confidential: Annotated[bool | None, operations.exactly(*PROMISES)] = None


NEXT = (
    operations.leads_to("DevicesContentsPage", device="device"),
    operations.leads_to("SessionsCurrentOpeningBegin", {"seal": "seal/id", "proof": "seal/proof"}),
    operations.leads_to("SyncSync", {"device": "device"}),
)


@get("/me", operation_class=operations.answer(401, links=NEXT))
async def who_am_i(request: Request[Any, Any, Any]) -> Portrait:
    """Who is signed in here."""
    me = await sessions.need(request)
    return await db.read(lambda tx: sessions.portrait(tx, me))


@put("/me", operation_class=operations.takes(Wishes, 401))
async def change_me(request: Request[Any, Any, Any]) -> Portrait:
    """Sets my language and my word for the resident, and keeps the moment I first said that I keep it to myself."""
    me = await sessions.need(request)
    sent = bodies.decoded(await bodies.read(request), Wishes)
    wishes = _checked(sent)
    wrong = [name for name, value, known in wishes if value is not None and value not in known]
    # A promise is not taken back on a page.
    wrong += ["confidential"] if sent.confidential is False else []
    if wrong:
        raise bodies.refused(400, "invalid", *((name, "not_allowed") for name in wrong))

    async def work(tx: Tx) -> Portrait:
        for column, value, _ in wishes:
            if value is not None:
                await tx.run(f"UPDATE person SET {column} = $1 WHERE id = $2", value, me.person)  # noqa: S608  one of two names below
        if sent.confidential:
            await tx.run("UPDATE person SET confidential_at = $1 WHERE id = $2 AND confidential_at IS NULL", sessions.now(), me.person)
        return await sessions.portrait(tx, me)

    return await db.write(work)


routes = [who_am_i, change_me]


def _checked(wishes: Wishes) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [("language", wishes.language, i18n.LANGUAGES), ("word", wishes.word, i18n.WORDS)]
