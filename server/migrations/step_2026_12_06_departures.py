"""Who leaves a team, from which day on, and by whose hand."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-06T09:00:00"

STEP = """
CREATE TABLE departure (
    id TEXT PRIMARY KEY, hat TEXT NOT NULL REFERENCES membership (id), by TEXT NOT NULL, at BIGINT NOT NULL, day TEXT NOT NULL, done_at BIGINT);
CREATE UNIQUE INDEX departure_hat ON departure (hat);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def departures() -> None:
        await run(STEP)

    manager.add_raw(departures)
    return manager
