"""Bugs in what everything stands on, passkeys, sessions, devices and the two engines, as data for tests/planted.py."""

from __future__ import annotations

from tests.planted_office import Bug

GROUND = [
    # Passkeys, sessions and devices
    Bug(
        "the session a browser came with goes on after signing in anew", "server/sessions.py",
        "    await end(tx, old, at)\n", "",
        "tests/test_sessions.py::test_signing_in_again_ends_the_session_that_was_there",
    ),
    Bug(
        "a session never ends", "server/sessions.py",
        "s.revoked_at IS NULL AND s.expires_at > $2 AND p.left_at IS NULL", "s.revoked_at IS NULL AND $2 > 0 AND p.left_at IS NULL",
        "tests/test_sessions.py::test_a_session_ends_after_seven_days_of_silence",
    ),
    Bug(
        "signing out only takes the cookie", "server/sessions.py",
        "            await end(tx, me.session, now())\n", "",
        "tests/test_sessions.py::test_signing_out_works_at_once_for_every_request",
    ),
    Bug(
        "a device revoked half-way gets the rest", "server/sessions.py",
        " AND d.revoked_at IS NULL", "",
        "tests/test_history.py::test_a_device_revoked_half_way_gets_nothing_more",
    ),
    Bug(
        "a revoked device signs in again as itself", "server/devices.py",
        " AND person = $3 AND revoked_at IS NULL", " AND person = $3",
        "tests/test_sessions.py::test_nobody_takes_over_anothers_device_or_a_revoked_one",
    ),
    Bug(
        "a passkey of one device becomes one that is copied", "server/passkeys.py",
        " or synced not in (None, credentials.synced(found))", "",
        "tests/test_passkeys.py::test_a_passkey_of_one_device_does_not_become_one_that_is_copied",
    ),
    Bug(
        "a passkey is used from within another's page", "server/credentials.py",
        'said.get("crossOrigin", False) is False and ', "",
        "tests/test_credentials.py::test_an_answer_that_breaks_one_step_signs_nobody_in",
    ),
    Bug(
        "a passkey whose maker is not known is not kept", "server/credentials.py",
        'if said["fmt"] not in BY_MAKERS:', "if True:",
        "tests/test_vectors.py::test_a_vector_makes_a_passkey_when_it_breaks_no_rule",
    ),
    Bug(
        "anybody may revoke any device", "server/revocations.py",
        "and led is None)", "and False)",
        "tests/test_devices.py::test_nobody_revokes_a_strangers_device",
    ),
    # The engines
    Bug(
        "NORMAL instead of FULL", "server/sqlite.py",
        "synchronous = FULL", "synchronous = NORMAL",
        "tests/test_db_engines.py::test_every_connection_is_durable_and_checks_references",
    ),
    Bug(
        "it is called stored before it is on the disk", "server/sqlite.py",
        "_commit_group(connection, group)\n            _settle(group)", "_settle(group)\n            _commit_group(connection, group)",
        "tests/test_db.py",
    ),
    Bug(
        "a unit that fails leaves what it did", "server/sqlite.py",
        'connection.execute("ROLLBACK TO unit")', "pass",
        "tests/test_db.py::test_units_that_fail_do_not_harm_those_they_share_a_commit_with",
    ),
    Bug(
        "a reader may write", "server/sqlite.py",
        "PRAGMA query_only = ON; ", "",
        "tests/test_db.py::test_a_reading_unit_sees_one_moment_and_cannot_write",
    ),
    Bug(
        "numbers are given out before the commit", "server/db.py",
        """row = await tx.one("UPDATE counter SET n = n + $1 WHERE name = 'seq' RETURNING n", k)""",
        """own = await __import__("asyncpg").connect(settings.database)
    row = await own.fetchrow("UPDATE counter SET n = n + $1 WHERE name = 'seq' RETURNING n", k)
    await own.close()""",
        "postgresql tests/test_db.py::test_a_cursor_that_follows_the_numbers_never_skips_a_row",
    ),
    Bug(
        "a reading unit sees more than one moment", "server/postgres.py",
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN READ ONLY",
        "postgresql tests/test_db.py::test_a_reading_unit_sees_one_moment_and_cannot_write",
    ),
    Bug(
        "whether a commit is durable is left to the server", "server/postgres.py",
        "init=_durable, ", "",
        "postgresql tests/test_db_engines.py::test_commits_are_durable_even_where_the_server_says_otherwise",
    ),
    Bug(
        "a page of the office is open behind a locked phone", "server/openings.py",
        "return found is not None and found.open_until > sessions.now()", "return found is not None",
        "tests/test_openings.py::test_locking_closes_them_and_the_open_vault_opens_them",
    ),
    Bug(
        "a file goes out of any page that stands open", "server/openings.py",
        "if found is None or sessions.now() - found.verified_at < VERIFIED_MS:", "if found is None or found.open_until > sessions.now():",
        "tests/test_openings.py::test_a_file_goes_only_to_who_showed_just_now_that_the_device_is_theirs",
    ),
    Bug(
        "a passkey's answer counts in a browser that did not ask for it", "server/passkeys.py",
        'return f"{purpose} {visit}"', "return purpose",
        "tests/test_visits.py",
    ),
    # What the document of this interface says
    Bug(
        "an empty page says that it is JSON", "server/revocations.py",
        ", media_type=MediaType.HTML)", ")",
        "tests/test_schema.py::test_every_operation_answers_a_sound_request_well_and_as_described",
    ),
    Bug(
        "what is no cursor is taken for one", "server/exchange.py",
        "if asks.cursor is not None and not (", "if False and not (",
        "tests/test_schema.py::test_an_exchange_answers_what_is_made_of_its_shape_as_the_document_says",
    ),
    Bug(
        "an address is silent about some of its methods", "server/app.py",
        "route_handlers=[options(routes()), *routes()]", "route_handlers=routes()",
        "tests/test_app.py::test_every_address_names_all_the_methods_it_takes",
    ),
]
