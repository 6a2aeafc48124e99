"""Builds the application; the only module that knows all the others."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Redirect

import server
from server import (
    assets,
    bodies,
    consents,
    contents,
    db,
    demo,
    errors,
    exchange,
    held,
    history,
    holdings,
    households,
    invitations,
    jobs,
    keys,
    news,
    openings,
    outbox,
    people,
    review,
    revocations,
    seals,
    sessions,
    vouchings,
    wishes,
)  # fmt: skip
from server.door import Door, start_logging

NOUNS = (
    sessions, openings, wishes, people, vouchings, invitations, keys, demo, review, held, revocations, contents, exchange, outbox, history, holdings,
    news, assets,
)  # fmt: skip
# Nouns that speak only through the one door for writes.
BEHIND_THE_DOOR = (households, consents)


@get("/", include_in_schema=False)
async def home(request: Request[Any, Any, Any]) -> Redirect:
    """The address people type: to their day, and for who never was here straight to the way in."""
    return Redirect("/today" if sessions.COOKIE in request.cookies else "/sign-in", status_code=303)


@get("/health", tags=["office"])
async def health() -> dict[str, str]:
    """That this process answers."""
    return {"status": "ok", "version": server.__version__}


@get("/ready", tags=["office"])
async def ready() -> Response[dict[str, str]]:
    """Whether a write would reach the disk now."""
    fine = await db.ready()
    return Response({"status": "ready" if fine else "unavailable"}, status_code=200 if fine else 503, headers={} if fine else {"Retry-After": "2"})


@contextlib.asynccontextmanager
async def running(_: Litestar) -> AsyncIterator[None]:
    """Everything that lives as long as the process."""
    start_logging()
    await db.start()
    await db.write(lambda tx: seals.renew(tx, sessions.now()))
    await news.start()
    clock = jobs.start()
    try:
        yield
    finally:
        clock.shutdown(wait=False)
        await news.stop()
        await db.stop()


def routes() -> list[Any]:
    """Every handler there is."""
    return [home, health, ready, *(route for noun in NOUNS for route in noun.routes), *assets.page_routes()]


litestar = Litestar(
    route_handlers=routes(),
    lifespan=[running],
    exception_handlers=errors.handlers,
    request_max_body_size=bodies.MIB,
    openapi_config=OpenAPIConfig(title="Naober", version=server.__version__, path="/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")]),
    logging_config=None,
    debug=False,
)
app = Door(litestar)
