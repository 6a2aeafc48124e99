"""The schema, step by step: `await migrate()` takes a database to the last step, once, however many processes start together."""

import contextlib
import importlib
import io
import os
import pkgutil
import uuid
from types import ModuleType

from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration

from server import db

os.environ.setdefault("PICCOLO_CONF", "server.piccolo_conf")  # Piccolo looks its engine up by this name

LOCK = 0x6E616F62  # 'naob': any number, the same in every process


class _Forwards(ForwardsMigrationManager):
    """Piccolo's own runner, except that steps are modules of this package and not files on the import path."""

    def get_migration_modules(self, folder_path: str) -> dict[str, ModuleType]:  # type: ignore[override]  # noqa: ARG002
        names = [module.name for module in pkgutil.iter_modules(__path__)]
        modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
        return {module.ID: module for module in modules if hasattr(module, "ID")}


async def migrate(last: str = "all") -> None:
    """All steps (or those up to this id) in one unit of work: a failing step leaves the database as it was."""
    await db.write(lambda tx: _forwards(tx, last))


async def _forwards(tx: db.Tx, last: str) -> None:
    if db.engine == "postgres":  # SQLite has one writer already
        await tx.all("SELECT pg_advisory_xact_lock($1)", LOCK)
    with tx.shared(), contextlib.redirect_stdout(io.StringIO()):
        runner = _Forwards("server", last)
        await runner.create_migration_table()
        await runner.run_migrations(runner.get_app_config("server"))
    await _epoch(tx)


async def _epoch(tx: db.Tx) -> None:
    if not await tx.one("SELECT value FROM meta WHERE name = 'epoch'"):
        await tx.run("INSERT INTO meta (name, value) VALUES ('epoch', $1)", str(uuid.uuid4()))


async def steps_done() -> list[str]:
    """The ids of the steps this database has taken, oldest first."""

    async def work(tx: db.Tx) -> list[str]:
        return sorted(row["name"] for row in await tx.piccolo(Migration.select(Migration.name)))

    return await db.read(work)
