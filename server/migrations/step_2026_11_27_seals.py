"""The office's key pairs, to which phones seal what they hand in without being unlocked."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server import db
from server.migrations.sql import run

ID = "2026-11-27T20:00:00"

STEP = """
CREATE TABLE seal (id TEXT PRIMARY KEY, scalar {BYTES} NOT NULL, secret {BYTES} NOT NULL, created_at BIGINT NOT NULL);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def seals() -> None:
        await run(STEP.format(BYTES="BLOB" if db.engine == "sqlite" else "BYTEA"))

    manager.add_raw(seals)
    return manager
