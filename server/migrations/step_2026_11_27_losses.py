"""When a device was found empty, whether that is sure, and which one stands in its place."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T20:15:00"

STEP = """
ALTER TABLE device ADD COLUMN emptied_at BIGINT;
ALTER TABLE device ADD COLUMN sure BIGINT;
ALTER TABLE device ADD COLUMN instead TEXT;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def losses() -> None:
        await run(STEP)

    manager.add_raw(losses)
    return manager
