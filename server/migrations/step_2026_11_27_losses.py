"""What a lost device was like: since when it is locked, and when it said that it erased itself."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T20:30:00"

STEP = """
ALTER TABLE device ADD COLUMN locked_at BIGINT;
ALTER TABLE device ADD COLUMN erased_at BIGINT;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def losses() -> None:
        await run(STEP)

    manager.add_raw(losses)
    return manager
