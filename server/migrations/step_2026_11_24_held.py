"""Held work: the number under which a change came into custody, and what leads decided."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server import db
from server.migrations.sql import run

ID = "2026-11-24T09:00:00"

STEP = """
ALTER TABLE change ADD COLUMN seq BIGINT;
UPDATE change SET seq = 0 WHERE is_ = 'held';
CREATE INDEX change_seq ON change (seq) WHERE seq IS NOT NULL;
CREATE TABLE decision (
    id TEXT PRIMARY KEY, change TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, person TEXT NOT NULL, hat TEXT NOT NULL, what TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE INDEX decision_change ON decision (change, seq);
CREATE INDEX decision_seq ON decision (seq);
"""

SQLITE_APPEND_ONLY = """
CREATE TRIGGER decision_update BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'decision is append-only') ; END;
CREATE TRIGGER decision_delete BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'decision is append-only') ; END;
"""

POSTGRES_APPEND_ONLY = """
CREATE TRIGGER decision_update BEFORE UPDATE ON decision FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER decision_delete BEFORE DELETE ON decision FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER decision_truncate BEFORE TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def held() -> None:
        await run(STEP)
        await run(SQLITE_APPEND_ONLY if db.engine == "sqlite" else POSTGRES_APPEND_ONLY)

    manager.add_raw(held)
    return manager
