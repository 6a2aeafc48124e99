"""Since when a device is locked."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T20:30:00"

STEP = """
ALTER TABLE device ADD COLUMN locked_at BIGINT;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def locked() -> None:
        await run(STEP)

    manager.add_raw(locked)
    return manager
