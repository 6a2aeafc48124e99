"""The application as a whole: it wakes up, says whether it is well, and leaves nothing running when it goes."""

from __future__ import annotations

import asyncio
import logging
import re
import threading

import httpx
import pytest

import server
from server import db, news
from server.config import settings
from tests import test_matrix


@pytest.fixture
def _same_log():
    log = logging.getLogger("naober")
    before = (log.handlers, log.propagate, log.level)
    yield
    log.handlers, log.propagate = before[:2]
    log.setLevel(before[2])


async def test_it_says_that_it_is_there_and_whether_it_can_write(office, client):
    health, ready = await client.get("/health"), await client.get("/ready")
    assert (health.status_code, health.json()) == (200, {"status": "ok", "version": server.__version__})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    await office.stop()
    assert (await client.get("/health")).status_code == 200
    away = await client.get("/ready")
    assert (away.status_code, away.json(), away.headers["retry-after"]) == (503, {"status": "unavailable"}, "2")


async def test_without_a_database_every_answer_says_that_trying_again_is_right(office, client):
    await office.stop()
    response = await client.post("/sessions/challenges")
    assert (response.status_code, response.json()["error"]["code"], response.headers["retry-after"]) == (503, "unavailable", "2")


async def test_every_address_names_all_the_methods_it_takes(client):
    for route in test_matrix.litestar.routes:
        address = re.sub(r"\{\w+:\w+\}", "x", route.path)
        for method in ("OPTIONS", "PATCH"):
            answer = await client.request(method, address)
            assert answer.status_code == (204 if method == "OPTIONS" else 405)
            assert set(answer.headers["allow"].split(", ")) == route.methods, f"{method} {route.path}"


@pytest.mark.usefixtures("_same_log")
async def test_everything_that_begins_with_the_process_ends_with_it(office):
    from server.app import litestar, running  # noqa: PLC0415 - as in conftest

    await office.stop()
    async with running(litestar):
        assert news._state["watch"] is not None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(litestar), base_url=settings.origin) as client:
            assert (await client.get("/ready")).status_code == 200
    assert news._state["watch"] is None
    with pytest.raises(db.UnavailableError):
        await db.read(lambda tx: tx.one("SELECT 1"))
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("naober")]
