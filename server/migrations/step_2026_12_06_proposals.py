"""What a lead asked that takes a second lead, and who said yes or no to it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-06T10:00:00"

STEP = """
CREATE TABLE proposal (
    id TEXT PRIMARY KEY, act TEXT NOT NULL, team TEXT NOT NULL REFERENCES team (id), by TEXT NOT NULL, whom TEXT NOT NULL, told TEXT NOT NULL,
    at BIGINT NOT NULL, ends_at BIGINT NOT NULL, answer TEXT, answered_by TEXT, answered_at BIGINT);
CREATE INDEX proposal_team ON proposal (team);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def proposals() -> None:
        await run(STEP)

    manager.add_raw(proposals)
    return manager
