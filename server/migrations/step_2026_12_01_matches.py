"""Streets with their place, what residents and volunteers like to do, and who was proposed to whom."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-12-01T09:00:00"

STEP = """
CREATE TABLE street (id TEXT PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, x BIGINT NOT NULL, y BIGINT NOT NULL);
CREATE TABLE interest (id TEXT PRIMARY KEY, resident TEXT NOT NULL);
CREATE INDEX interest_resident ON interest (resident);
CREATE TABLE offer (id TEXT PRIMARY KEY, person TEXT NOT NULL, x BIGINT, y BIGINT);
CREATE TABLE match (
    id TEXT PRIMARY KEY, interest TEXT NOT NULL, offer TEXT NOT NULL, person TEXT NOT NULL, ask TEXT NOT NULL, asked_at BIGINT, met_at BIGINT,
    ended_at BIGINT, refused BIGINT NOT NULL);
CREATE INDEX match_interest ON match (interest);
CREATE UNIQUE INDEX match_ask ON match (ask);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def matches() -> None:
        await run(STEP)

    manager.add_raw(matches)
    return manager
