"""The first tables: people and how they get in, whom it is about, records with their changes, the log."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server import db
from server.migrations.sql import run

ID = "2026-11-22T09:00:00"

TABLES = """
CREATE TABLE organisation (id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE team (id TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES organisation ON DELETE RESTRICT, name TEXT NOT NULL);
CREATE TABLE person (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, word TEXT NOT NULL, created_at BIGINT NOT NULL, left_at BIGINT);
CREATE TABLE membership (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT, team TEXT NOT NULL REFERENCES team ON DELETE RESTRICT,
    role TEXT NOT NULL, since TEXT NOT NULL, until TEXT);

CREATE TABLE household (id TEXT PRIMARY KEY);
CREATE TABLE resident (id TEXT PRIMARY KEY, household TEXT NOT NULL);
CREATE TABLE care (
    id TEXT PRIMARY KEY, household TEXT NOT NULL, team TEXT NOT NULL REFERENCES team ON DELETE RESTRICT, since TEXT NOT NULL, until TEXT);

CREATE TABLE statement (
    id TEXT PRIMARY KEY, record TEXT NOT NULL, n BIGINT NOT NULL, resident TEXT NOT NULL, topic TEXT NOT NULL, kind TEXT NOT NULL,
    says TEXT NOT NULL, noun TEXT NOT NULL, whom TEXT NOT NULL, since TEXT NOT NULL, until TEXT, before BIGINT NOT NULL, withdrawn BIGINT NOT NULL);

CREATE TABLE passkey (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT, credential_id TEXT NOT NULL, public_key {BYTES} NOT NULL,
    sign_count BIGINT NOT NULL, prf BIGINT NOT NULL, name TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT);
CREATE TABLE device (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT, name TEXT NOT NULL, created_at BIGINT NOT NULL,
    last_seen_at BIGINT, revoked_at BIGINT, highest_n BIGINT NOT NULL DEFAULT 0, digest TEXT NOT NULL DEFAULT '',
    persisted BIGINT);
CREATE TABLE holding (
    id TEXT PRIMARY KEY, device TEXT NOT NULL REFERENCES device ON DELETE RESTRICT, subject TEXT NOT NULL, topic TEXT NOT NULL,
    since BIGINT NOT NULL, gone_at BIGINT);
CREATE TABLE session (
    token_hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT, device TEXT, created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, revoked_at BIGINT);
CREATE TABLE invitation (
    token_hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE RESTRICT, "by" TEXT, created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, used_at BIGINT);
CREATE TABLE challenge (
    id TEXT PRIMARY KEY, challenge TEXT NOT NULL, purpose TEXT NOT NULL, person TEXT, expires_at BIGINT NOT NULL, used_at BIGINT);

CREATE TABLE record (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, topic TEXT NOT NULL, version BIGINT NOT NULL,
    first BIGINT NOT NULL, seq BIGINT NOT NULL, author TEXT NOT NULL, day TEXT, body TEXT NOT NULL);
CREATE TABLE change (
    id TEXT PRIMARY KEY, record TEXT NOT NULL, person TEXT NOT NULL, hat TEXT NOT NULL, role TEXT NOT NULL, organisation TEXT NOT NULL,
    device TEXT NOT NULL, n BIGINT NOT NULL, stamp TEXT NOT NULL, body_hash TEXT NOT NULL, body TEXT NOT NULL, is_ TEXT NOT NULL, reason TEXT,
    version BIGINT, received_at BIGINT NOT NULL);
CREATE TABLE log (
    id TEXT PRIMARY KEY, at BIGINT NOT NULL, person TEXT, hat TEXT, responsible TEXT, role TEXT, organisation TEXT, device TEXT,
    action TEXT NOT NULL, subject TEXT, topic TEXT, kind TEXT, object TEXT, n BIGINT, ground TEXT, source TEXT, result TEXT);

CREATE TABLE counter (name TEXT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO counter (name, n) VALUES ('seq', 0), ('ready', 0);
"""

INDEXES = """
CREATE INDEX team_organisation ON team (organisation);
CREATE INDEX membership_person ON membership (person);
CREATE INDEX membership_team ON membership (team);
CREATE INDEX resident_household ON resident (household);
CREATE INDEX care_team ON care (team);
CREATE INDEX care_household ON care (household);
CREATE INDEX statement_whom ON statement (whom) WHERE withdrawn = 0;
CREATE INDEX statement_resident ON statement (resident);
CREATE UNIQUE INDEX passkey_credential_id ON passkey (credential_id);
CREATE INDEX passkey_person ON passkey (person);
CREATE INDEX device_person ON device (person);
CREATE INDEX holding_device ON holding (device);
CREATE INDEX holding_subject ON holding (subject, topic);
CREATE INDEX session_person ON session (person) WHERE revoked_at IS NULL;
CREATE INDEX challenge_expires_at ON challenge (expires_at);
CREATE UNIQUE INDEX record_seq ON record (seq);
CREATE INDEX record_subject ON record (subject, topic, seq);
CREATE INDEX record_first ON record (subject, topic, kind, seq);
CREATE INDEX record_day ON record (subject, topic, day) WHERE day IS NOT NULL;
CREATE INDEX record_author ON record (author, seq);
CREATE INDEX change_device ON change (device, n);
CREATE INDEX change_person ON change (person, received_at);
CREATE INDEX log_subject ON log (subject, at);
CREATE INDEX log_person ON log (person, at);
"""

WRITTEN_ONCE = "id, record, person, hat, role, organisation, device, n, stamp, body_hash, body, received_at"

SQLITE_APPEND_ONLY = f"""
CREATE TRIGGER log_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only') ; END;
CREATE TRIGGER log_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only') ; END;
CREATE TRIGGER change_update BEFORE UPDATE OF {WRITTEN_ONCE} ON change BEGIN SELECT RAISE(ABORT, 'change is append-only') ; END;
CREATE TRIGGER change_delete BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'change is append-only') ; END;
"""

POSTGRES_APPEND_ONLY = f"""
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME ; END';
CREATE TRIGGER log_update BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER log_delete BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER log_truncate BEFORE TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER change_update BEFORE UPDATE OF {WRITTEN_ONCE} ON change FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER change_delete BEFORE DELETE ON change FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER change_truncate BEFORE TRUNCATE ON change FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="server", description=__doc__ or "")

    async def tables() -> None:
        await run(TABLES.format(BYTES="BLOB" if db.engine == "sqlite" else "BYTEA"))
        await run(INDEXES)
        await run(SQLITE_APPEND_ONLY if db.engine == "sqlite" else POSTGRES_APPEND_ONLY)

    manager.add_raw(tables)
    return manager
