"""How soon a team wants to have spoken to somebody after a signal, and to have helped, where it agreed on that itself."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-05T09:00:00"

STEP = """
ALTER TABLE team ADD COLUMN contact_days BIGINT;
ALTER TABLE team ADD COLUMN help_days BIGINT;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def norms() -> None:
        await run(STEP)

    manager.add_raw(norms)
    return manager
