"""Until when the office's own pages are open in a session: they close with the phone."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T21:00:00"

STEP = """
ALTER TABLE session ADD COLUMN open_until BIGINT NOT NULL DEFAULT 0;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def openings() -> None:
        await run(STEP)

    manager.add_raw(openings)
    return manager
