"""Builds the application; the only module that knows all the others."""

from __future__ import annotations

import contextlib
import gc
import re
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Request, Response, get, route
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Redirect

import server
from server import (
    assets,
    bodies,
    calendars,
    caseload,
    consents,
    contents,
    db,
    demo,
    departures,
    errors,
    exchange,
    figures,
    hands,
    held,
    history,
    holdings,
    households,
    invitations,
    jobs,
    keys,
    link_answers,
    links,
    network,
    news,
    obstacles,
    openings,
    operations,
    outbox,
    outcomes,
    people,
    proposals,
    review,
    revocations,
    roster,
    seals,
    sessions,
    stuck,
    subscriptions,
    suggestions,
    tasks,
    themes,
    vouchings,
    wishes,
)  # fmt: skip
from server.door import Door, start_logging

NOUNS = (
    sessions, openings, wishes, subscriptions, proposals, people, vouchings, invitations, links, link_answers, keys, demo, review, roster, figures,
    caseload, outcomes, themes, stuck, obstacles, held, suggestions, revocations, contents, departures, exchange, outbox, history, holdings, hands,
    network, calendars, news, assets,
)  # fmt: skip
# Nouns that speak only through the one door for writes.
BEHIND_THE_DOOR = (households, consents, tasks)
# Python looks for circles after so many things that were made and not yet thrown away, and among the older ones each so many times.
SWEEPS = (50_000, 20, 20)


@get("/", operation_class=operations.page(session=False, ok=(303,)))
async def home(request: Request[Any, Any, Any]) -> Redirect:
    """The address people type: to their day, and for who never was here straight to the way in."""
    return Redirect("/today" if sessions.COOKIE in request.cookies else "/sign-in", status_code=303)


@get("/health", tags=["office"], operation_class=operations.answer(session=False))
async def health() -> dict[str, str]:
    """That this process answers."""
    return {"status": "ok", "version": server.__version__}


@get("/ready", tags=["office"], operation_class=operations.answer(session=False))
async def ready() -> Response[dict[str, str]]:
    """Whether a write would reach the disk now."""
    fine = await db.ready()
    return Response({"status": "ready" if fine else "unavailable"}, status_code=200 if fine else 503, headers={} if fine else {"Retry-After": "2"})


def sweep_seldom() -> None:
    """What is there now stays for good, and nearly all that a request makes is gone by its end: looking for circles took a tenth of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SWEEPS)


@contextlib.asynccontextmanager
async def running(_: Litestar) -> AsyncIterator[None]:
    """Everything that lives as long as the process."""
    start_logging()
    await db.start()
    await db.write(lambda tx: seals.renew(tx, sessions.now()))
    await news.start()
    clock = jobs.start()
    sweep_seldom()
    try:
        yield
    finally:
        clock.shutdown(wait=False)
        await news.stop()
        await db.stop()


def routes() -> list[Any]:
    """Every handler there is."""
    return [home, health, ready, *(one for noun in NOUNS for one in noun.routes), *assets.page_routes()]


def options(handlers: list[Any]) -> Any:
    """What each address takes: left to itself, the framework names the methods of one handler and forgets those of others at the same address."""
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        for path in handler.paths:
            methods.setdefault(path, {"OPTIONS"}).update(handler.http_methods)
    templates = {re.sub(r":\w+}", "}", path): ", ".join(sorted(said)) for path, said in methods.items()}

    @route(sorted(methods), http_method="OPTIONS", status_code=204, include_in_schema=False)
    async def allowed(request: Request[Any, Any, Any]) -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": templates[request.scope["path_template"]]})

    return allowed


litestar = Litestar(
    route_handlers=[options(routes()), *routes()],
    lifespan=[running],
    exception_handlers=errors.handlers,
    request_max_body_size=bodies.MIB,
    openapi_config=OpenAPIConfig(
        title="Naober", version=server.__version__, path="/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=operations.components(sessions.COOKIE),
    ),
    logging_config=None,
    debug=False,
)
app = Door(litestar)
