"""Tasks in volunteers' hands: whose, of which household, when, and whether they said yes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-30T14:45:00"

STEP = """
CREATE TABLE errand (
    id TEXT PRIMARY KEY, task TEXT NOT NULL, hat TEXT NOT NULL REFERENCES membership ON DELETE RESTRICT, household TEXT NOT NULL, resident TEXT,
    rule TEXT NOT NULL, accepted BIGINT NOT NULL, closed BIGINT NOT NULL);
CREATE INDEX errand_hat ON errand (hat) WHERE closed = 0;
CREATE INDEX errand_household ON errand (household) WHERE closed = 0;
CREATE INDEX errand_task ON errand (task) WHERE closed = 0;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def errands() -> None:
        await run(STEP)

    manager.add_raw(errands)
    return manager
