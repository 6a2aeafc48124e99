"""How soon an organisation wants its phones to lock themselves, where that is sooner than usual."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T17:00:00"

STEP = """
ALTER TABLE organisation ADD COLUMN idle_s BIGINT;
ALTER TABLE organisation ADD COLUMN hidden_s BIGINT;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def locks() -> None:
        await run(STEP)

    manager.add_raw(locks)
    return manager
