"""When somebody last showed in a session that the device is theirs: a file leaves the office only soon after."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-07T21:00:00"

STEP = """
ALTER TABLE session ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def verified() -> None:
        await run(STEP)

    manager.add_raw(verified)
    return manager
