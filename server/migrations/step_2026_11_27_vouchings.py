"""Who vouched for somebody that lost their phone, and how often a wrong code was typed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-27T21:20:00"

STEP = """
CREATE TABLE vouching (
    invitation TEXT PRIMARY KEY REFERENCES invitation ON DELETE RESTRICT, code_hash TEXT NOT NULL, organisation TEXT NOT NULL, tries BIGINT NOT NULL,
    "by" TEXT, at BIGINT);
CREATE TABLE guess (person TEXT PRIMARY KEY REFERENCES person ON DELETE RESTRICT, tries BIGINT NOT NULL, at BIGINT NOT NULL);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def vouchings() -> None:
        await run(STEP)

    manager.add_raw(vouchings)
    return manager
