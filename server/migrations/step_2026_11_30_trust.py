"""That somebody keeps to themselves what they hear and see, and the day of a volunteer's certificate of conduct."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-30T15:50:00"

STEP = """
ALTER TABLE person ADD COLUMN confidential_at BIGINT;
ALTER TABLE membership ADD COLUMN vog TEXT;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def trust() -> None:
        await run(STEP)

    manager.add_raw(trust)
    return manager
