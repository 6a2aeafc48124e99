"""Links for helpers without an account: to which tasks, until when, in which browser, and which answers came by them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-30T16:00:00"

STEP = """
CREATE TABLE link (
    id TEXT PRIMARY KEY, token_hash TEXT NOT NULL, household TEXT NOT NULL, helper TEXT NOT NULL, tasks TEXT NOT NULL, since TEXT NOT NULL,
    until TEXT NOT NULL, revoked BIGINT NOT NULL, browser TEXT);
CREATE UNIQUE INDEX link_token ON link (token_hash);
CREATE TABLE link_answer (id TEXT PRIMARY KEY, link TEXT NOT NULL REFERENCES link ON DELETE RESTRICT, at BIGINT NOT NULL);
CREATE INDEX link_answer_link ON link_answer (link);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def links() -> None:
        await run(STEP)

    manager.add_raw(links)
    return manager
