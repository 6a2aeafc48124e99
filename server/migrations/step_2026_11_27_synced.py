"""Whether copies of a passkey may be kept elsewhere, which never changes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T20:45:00"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def synced() -> None:
        await run("ALTER TABLE passkey ADD COLUMN synced BIGINT;")

    manager.add_raw(synced)
    return manager
