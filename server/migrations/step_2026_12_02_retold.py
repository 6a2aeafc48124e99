"""The changes of one record are found at once: who had a task before, and who carried a plan."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-02T10:00:00"

STEP = """
CREATE INDEX change_record ON change (record);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def retold() -> None:
        await run(STEP)

    manager.add_raw(retold)
    return manager
