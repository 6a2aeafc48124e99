"""A fresh, migrated database for each test that asks for `office`, and a browser without pages for each that asks for `client`.

The engine is the process's: SQLite in a folder of this run, unless `python -m tests.postgres` gave a cluster that is thrown away.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType

import asyncpg
import httpx
import pytest

gc.set_threshold(50_000, 20, 20)  # as an office that serves: what a test makes is gone by its end
FOLDER = Path(tempfile.mkdtemp(prefix="naober-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
given = os.environ.get("NAOBER_DATABASE", "")
if "/naober_test" not in given:  # never somebody's real database
    os.environ["NAOBER_DATABASE"] = f"sqlite:///{FOLDER}/naober.db"

from server import db  # noqa: E402 - the settings are read when the first module is imported
from server.config import settings  # noqa: E402 - as above
from server.migrations import migrate  # noqa: E402 - as above
from tests import desk  # noqa: E402 - as above

NOW = 1_795_341_600_000  # Sunday 22 November 2026, 11:00 in Amsterdam
MIGRATED = "naober_migrated"


@pytest.fixture
def now() -> Callable[[], int]:
    """A clock that stands still; tests that need another hour add to it."""
    return lambda: NOW


@pytest.fixture
async def office() -> AsyncIterator[ModuleType]:
    """`server.db`, started on a database with all tables and nothing in them."""
    await (_fresh_file() if db.engine == "sqlite" else _fresh_database())
    await db.start()
    yield db
    await db.stop()


@pytest.fixture
async def client(office: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP straight into the application, as a browser at our own origin would speak it; `office` is the database behind it."""
    from server.app import app  # noqa: PLC0415 - most tests need no web application

    headers = {"Origin": settings.origin, "Sec-Fetch-Site": "same-origin", "Accept-Language": "nl"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.origin, headers=headers) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> desk.Clock:
    """The office's own clock, stopped; tests that need another hour set it."""
    return desk.stopped(monkeypatch)


@pytest.fixture
async def nurse(office: ModuleType) -> desk.Me:
    """A district nurse in a team of her own."""
    return await desk.somebody(office, "nurse")


@pytest.fixture
async def house(office: ModuleType, nurse: desk.Me) -> desk.House:
    """A household with one resident, to whom the nurse's team comes."""
    return await desk.household(office, nurse.team)


@pytest.fixture
async def lead(office: ModuleType, client: httpx.AsyncClient, nurse: desk.Me) -> httpx.AsyncClient:
    """The browser of the lead of the nurse's team."""
    return await desk.signed_in(client, await desk.somebody(office, "lead", nurse.team, name="Ilse"))


@pytest.fixture
async def late(office: ModuleType, nurse: desk.Me, house: desk.House) -> dict[str, object]:
    """A note that was held: written yesterday, on the last day of the care relation, and handed in today."""
    written = desk.note(nurse, house, "Wond is dicht.", stamp=f"{desk.NOW - desk.DAY_MS:013d}-0001-{nurse.device[-8:]}")
    await desk.end_care(office, house, nurse.team)
    assert desk.said(await desk.hand_in(office, nurse, written)) == [("held", "no_care_relation")]
    return written


async def _fresh_file() -> None:
    """A copy of a database that was migrated once in this run."""
    file, migrated = FOLDER / "naober.db", FOLDER / "migrated.db"
    for old in FOLDER.glob("naober.db*"):
        old.unlink()
    if not migrated.exists():
        await _migrate()
        file.rename(migrated)
    shutil.copyfile(migrated, file)


async def _fresh_database() -> None:
    """The same on PostgreSQL, which copies a database by name."""
    admin = await asyncpg.connect(settings.database.replace("/naober_test", "/postgres"))
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", MIGRATED):
        await _migrate()
        await admin.execute(f"ALTER DATABASE naober_test RENAME TO {MIGRATED}")
    await admin.execute("DROP DATABASE IF EXISTS naober_test WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE naober_test TEMPLATE {MIGRATED}")
    await admin.close()


async def _migrate() -> None:
    await db.start()
    await migrate()
    await db.stop()
