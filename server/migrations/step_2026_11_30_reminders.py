"""Reminders that were run, where messages are brought, those on their way, and the private addresses of calendars."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.migrations.sql import run

ID = "2026-11-30T15:40:00"

STEP = """
CREATE TABLE reminder (
    id TEXT PRIMARY KEY, errand TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, due_at BIGINT NOT NULL, by TEXT NOT NULL,
    done_at BIGINT NOT NULL);
CREATE TABLE subscription (
    device TEXT PRIMARY KEY REFERENCES device ON DELETE RESTRICT, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT,
    endpoint TEXT NOT NULL, point TEXT NOT NULL, auth TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX subscription_person ON subscription (person);
CREATE TABLE push (
    id TEXT PRIMARY KEY, device TEXT NOT NULL, n BIGINT NOT NULL, due_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, tries BIGINT NOT NULL,
    claimed_at BIGINT, by TEXT);
CREATE INDEX push_due_at ON push (due_at);
CREATE TABLE calendar (token_hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT, created_at BIGINT NOT NULL);
CREATE INDEX calendar_person ON calendar (person);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def reminders() -> None:
        await run(STEP)

    manager.add_raw(reminders)
    return manager
