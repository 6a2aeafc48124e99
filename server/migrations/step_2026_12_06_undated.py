"""What is counted in a week and says no day of its own is found by when it was made."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-06T11:00:00"

STEP = """
CREATE INDEX record_undated ON record (subject, topic, id)
 WHERE day IS NULL AND kind IN ('acknowledgement', 'completion', 'escalation', 'response', 'step_down');
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def undated() -> None:
        await run(STEP)

    manager.add_raw(undated)
    return manager
