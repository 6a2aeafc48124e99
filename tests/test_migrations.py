"""The schema that the steps leave is the one of `server/tables.py`, on both engines, on filled tables, once."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from types import ModuleType

import asyncpg
import pytest
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Bytea

from server import db, migrations, tables
from server.config import settings
from server.migrations import migrate, sql, steps_done

TOGETHER = 3
INDEXES = {
    "calendar (person)",
    "care (household)",
    "care (team)",
    "challenge (expires_at)",
    "change (device, n)",
    "change (person, received_at)",
    "change (record)",
    "change (seq) where seq is not null",
    "decision (change, seq)",
    "decision (seq)",
    "departure (hat) unique",
    "device (person)",
    "errand (hat) where closed = 0",
    "errand (household) where closed = 0",
    "errand (task) where closed = 0",
    "holding (device)",
    "holding (subject, topic)",
    "interest (resident)",
    "link (token_hash) unique",
    "link_answer (link)",
    "log (person, at)",
    "log (subject, at)",
    "match (ask) unique",
    "match (interest)",
    "membership (person)",
    "membership (team)",
    "passkey (credential_id) unique",
    "passkey (person)",
    "proposal (team)",
    "push (due_at)",
    "record (author, seq)",
    "record (subject, topic, day) where day is not null",
    "record (subject, topic, id) where day is null and kind in 'acknowledgement', 'completion', 'escalation', 'response', 'step_down'",
    "record (subject, topic, kind, seq)",
    "record (seq) unique",
    "record (subject, topic, seq)",
    "resident (household)",
    "session (person) where revoked_at is null",
    "statement (resident)",
    "statement (whom) where withdrawn = 0",
    "subscription (person)",
    "team (organisation)",
}
SQLITE_COLUMNS = """
    SELECT m.name, c.name, lower(c.type), c."notnull" OR c.pk, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT IN ('migration', 'sqlite_sequence')
"""
POSTGRES_COLUMNS = """
    SELECT c.table_name::text, c.column_name::text, c.data_type::text, (c.is_nullable = 'NO')::int, (k.column_name IS NOT NULL)::int
    FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k
    ON k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name LIKE '%_pkey'
    WHERE c.table_schema = 'public' AND c.table_name <> 'migration'
"""
SQLITE_INDEXES = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
POSTGRES_INDEXES = "SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'"


async def rows(text):
    return await db.read(lambda tx: tx.all(text))


async def columns():
    """{(table, column, type, must be filled, is the key)} as the database has it."""
    found = await rows(SQLITE_COLUMNS if db.engine == "sqlite" else POSTGRES_COLUMNS)
    return {(table, column, {"bytea": "blob"}.get(kind, kind), bool(filled), bool(key)) for table, column, kind, filled, key in found}


async def indexes():
    """The indexes in one spelling for both engines: table (columns) unique where …"""
    found = await rows(SQLITE_INDEXES if db.engine == "sqlite" else POSTGRES_INDEXES)
    return {_spelled(table, text) for table, text in found}


def _spelled(table, text):
    _, _, rest = text.lower().replace("using btree ", "").partition(f"on {'public.' if db.engine == 'postgres' else ''}{table} ")
    listed, _, where = " ".join(rest.split()).partition(" where ")
    # PostgreSQL has words of its own for what is among a few.
    where = re.sub(r"::text|[()\[\]]", "", where).replace("= any array", "in ")
    return f"{table} {listed}{' unique' if 'unique' in text.lower() else ''}{f' where {where}' if where else ''}"


def declared():
    """The same set as `columns()`, from the Piccolo tables."""
    kinds = {BigInt: "bigint", Bytea: "blob"}
    return {
        (table._meta.tablename, column._meta.name, kinds.get(type(column), "text"), not column._meta.null, column._meta.primary_key)
        for table in tables.ALL
        for column in table._meta.columns
    }


async def test_the_steps_leave_the_tables_that_are_declared(office):
    assert await columns() == declared()


async def test_the_steps_leave_these_indexes(office):
    assert await indexes() == INDEXES


async def test_running_again_changes_nothing(office):
    before = await rows("SELECT name, value FROM meta")
    await migrate()
    assert await rows("SELECT name, value FROM meta") == before
    assert len(await steps_done()) == len(set(await steps_done()))


async def test_every_step_runs_on_filled_tables_and_loses_no_row(office):
    steps = sorted(await steps_done())
    for last in steps:
        await _empty_database()
        await migrate(last)
        filled = await _fill()
        await migrate()
        assert {table: (await rows(f"SELECT count(*) FROM {table}"))[0][0] for table in filled} == filled  # noqa: S608 - our own names
        assert (await columns(), await indexes()) == (declared(), INDEXES)


async def test_a_step_that_fails_leaves_everything_as_it_was(office, monkeypatch):
    async def half(*_):
        await sql.run("CREATE TABLE half (id TEXT PRIMARY KEY);\nINSERT INTO half (id) VALUES ('x');\n")
        await sql.run("ALTER TABLE nowhere ADD COLUMN x TEXT;\n")

    async def forwards():
        manager = MigrationManager(migration_id="9999", app_name="server", description="")
        manager.add_raw(half)
        return manager

    step = ModuleType("step")
    step.ID, step.forwards = "9999", forwards
    before, known = await columns(), migrations._Forwards("server").get_migration_modules("")
    monkeypatch.setattr(migrations._Forwards, "get_migration_modules", lambda *_: known | {"9999": step})
    with pytest.raises((sqlite3.OperationalError, asyncpg.UndefinedTableError)):
        await migrate()
    assert await columns() == before
    assert "9999" not in await steps_done()


async def test_processes_that_start_together_migrate_once(office):
    await _empty_database()
    await office.stop()
    code = "import asyncio\nfrom server import db\nfrom server.migrations import migrate\n"
    code += "async def main():\n await db.start(); await migrate(); await db.stop()\nasyncio.run(main())"
    start = lambda: subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "."}, stderr=subprocess.PIPE)  # noqa: E731
    processes = [start() for _ in range(TOGETHER)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
    assert ended == [(b"", 0)] * TOGETHER
    await office.start()
    assert await columns() == declared()
    assert len(await steps_done()) == len(set(await steps_done())) > 0


@pytest.mark.parametrize(
    "statement",
    [
        *("UPDATE log SET result = 'no'", "DELETE FROM log", "UPDATE change SET body = '{}'", "DELETE FROM change"),
        *("UPDATE decision SET text = ''", "DELETE FROM decision"),
    ],
)
async def test_what_was_logged_and_what_was_sent_stays_as_it_was(office, statement):
    await _fill()
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError), match="append-only"):
        await office.write(lambda tx: tx.run(statement))


async def test_what_became_of_a_change_may_be_written_later(office):
    await _fill()
    assert await office.write(lambda tx: tx.run("UPDATE change SET is_ = 'stored', reason = NULL, version = 2")) == 1


if db.engine == "sqlite":

    async def test_replacing_a_row_is_refused_like_deleting_it(office):
        await _fill()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await office.write(lambda tx: tx.run("INSERT OR REPLACE INTO log (id, at, action) VALUES ('a', 1, 'read')"))

else:

    async def test_emptying_a_table_is_refused_like_deleting_its_rows(office):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await office.write(lambda tx: tx.run("TRUNCATE log"))


async def _empty_database():
    """A database before its first step."""
    if db.engine == "postgres":
        await db.write(lambda tx: tx.run("DROP SCHEMA public CASCADE"))
        await db.write(lambda tx: tx.run("CREATE SCHEMA public"))
        return
    await db.stop()
    path = settings.database.removeprefix("sqlite:///")
    await asyncio.to_thread(os.unlink, path)
    await db.start()


async def _fill():
    """One row in every table that is there, referring to each other; gives {table: how many rows}."""
    found = sorted(await columns(), key=lambda column: [table._meta.tablename for table in tables.ALL].index(column[0]))

    async def work(tx):
        for table in dict.fromkeys(column[0] for column in found):
            filled = [(name, kind) for of, name, kind, must, _ in found if of == table and must]
            names = ", ".join(f'"{name}"' for name, _ in filled)
            blob = "convert_to('a', 'UTF8')" if db.engine == "postgres" else "x'61'"
            values = ", ".join({"bigint": "1", "blob": blob}.get(kind, "'a'") for _, kind in filled)
            await tx.run(f"INSERT INTO {table} ({names}) VALUES ({values})")  # noqa: S608 - our own names
        return {table: (await tx.one(f"SELECT count(*) FROM {table}"))[0] for table in {column[0] for column in found}}  # noqa: S608 - our own names

    return await db.write(work)
