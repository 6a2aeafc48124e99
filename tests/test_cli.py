"""The command line, as somebody types it: each in a process of its own, with a database of its own."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ANNA = ("invite", "Anna de Boer", "--organisation", "Thuiszorg Oost", "--team", "Team Oost")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "naober.db"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    made = tmp_path_factory.mktemp("cli") / "naober.db"
    assert naober(made, "migrate").returncode == 0
    return made


@pytest.fixture
def migrated(file, tables):
    shutil.copyfile(tables, file)
    return file


@pytest.fixture(scope="module")
def founded(tmp_path_factory, tables):
    made = tmp_path_factory.mktemp("cli") / "naober.db"
    shutil.copyfile(tables, made)
    assert naober(made, *ANNA).returncode == 0
    return made


@pytest.fixture
def invited(file, founded):
    """A database in which Anna was invited."""
    shutil.copyfile(founded, file)
    return file


def naober(file: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("NAOBER_")}
    env = {**given, "NAOBER_DATABASE": f"sqlite:///{file}", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}
    command = [sys.executable, "-m", "server.cli", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=file.parent, timeout=60)


def rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_migrate_may_be_repeated_and_check_then_is_content(file):
    assert naober(file, "migrate").returncode == 0
    assert naober(file, "migrate").returncode == 0
    checked = naober(file, "check")
    assert checked.returncode == 0
    assert "ready" in checked.stdout


def test_check_says_what_to_do_when_there_are_no_tables(file):
    checked = naober(file, "check")
    assert checked.returncode == 1
    assert "naober migrate" in checked.stderr


def test_a_wrong_setting_is_told_and_not_traced(file):
    told = naober(file, "check", NAOBER_PORT="many")
    assert told.returncode == 2
    assert "NAOBER_PORT" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_invitation_makes_what_is_new_and_shows_a_link_and_a_code(migrated):
    invited = naober(migrated, *ANNA, NAOBER_ORIGIN="https://naober.example.nl")
    assert invited.returncode == 0, invited.stderr
    assert re.search(r"https://naober\.example\.nl/invitations/[A-Za-z0-9_-]{43}\n", invited.stdout)
    assert "tomorrow" in invited.stdout
    assert "█" in invited.stdout
    assert rows(migrated, "SELECT name, kind FROM organisation") == [("Thuiszorg Oost", "care")]
    assert rows(migrated, "SELECT p.name, p.word, m.role FROM person p JOIN membership m ON m.person = p.id") == [("Anna de Boer", "client", "lead")]
    assert rows(migrated, "SELECT kind FROM record") == [("colleague",)]
    assert rows(migrated, "SELECT action, source FROM log WHERE action = 'invited'") == [("invited", "command")]


def test_a_second_invitation_is_for_the_same_person_and_closes_the_first(invited):
    assert naober(invited, *ANNA).returncode == 0
    assert rows(invited, "SELECT count(*) FROM person") == [(1,)]
    assert rows(invited, "SELECT count(*), sum(expires_at = (SELECT max(expires_at) FROM invitation)) FROM invitation") == [(2, 1)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "welfare"), "kind care"),
        (("--role", "outreach"), "--role is one of nurse, lead"),
        (("--team", " "), "The team is"),
        (("--team", "a\nb"), "The team is"),
    ],
)
def test_an_invitation_that_does_not_fit_says_why_and_leaves_nothing(invited, words, said):
    refused = naober(invited, *ANNA[:1], "Piet", *ANNA[2:], *words)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert rows(invited, "SELECT count(*) FROM person") == [(1,)]


def test_nobody_is_invited_to_a_database_without_tables(file):
    refused = naober(file, *ANNA)
    assert refused.returncode == 2
    assert "naober migrate" in refused.stderr


def test_the_demo_keeps_away_from_real_people_and_real_people_from_the_demo(invited, tmp_path):
    refused = naober(invited, "demo", NAOBER_PORT=str(free_port()))
    assert refused.returncode == 2
    assert "NAOBER_DATABASE" in refused.stderr
    other = tmp_path / "demo.db"
    plant = "import asyncio; from server import cli; print(cli._welcome(__import__('server.config').config.settings, cli._with_database(cli._plant)))"
    env = {**os.environ, "NAOBER_DATABASE": f"sqlite:///{other}", "NAOBER_DEMO": "1", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    welcome = subprocess.run([sys.executable, "-c", plant], check=True, capture_output=True, text=True, env=env, cwd=tmp_path).stdout
    for key in ("samira", "femke", "ilse", "gerrit"):
        assert f"/demo/{key}\n" in welcome
    assert "{" not in welcome
    refused = naober(other, *ANNA)
    assert refused.returncode == 2
    assert "demo" in refused.stderr


def free_port() -> int:
    import socket  # noqa: PLC0415 - this test only

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_organisation_has_its_phones_lock_sooner(invited):
    usual = naober(invited, "lock", "Thuiszorg Oost")
    assert (usual.returncode, "180 s untouched and 30 s out of sight" in usual.stdout) == (0, True)
    assert "60 s untouched and 30 s" in naober(invited, "lock", "Thuiszorg Oost", "--idle", "60").stdout
    assert "60 s untouched and 5 s" in naober(invited, "lock", "Thuiszorg Oost", "--hidden", "5").stdout
    with sqlite3.connect(invited) as there:
        assert there.execute("SELECT idle_s, hidden_s FROM organisation").fetchall() == [(60, 5)]
        assert there.execute("SELECT count(*) FROM log WHERE action = 'changed' AND source = 'command'").fetchone() == (2,)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Thuiszorg West",), "There is no organisation 'Thuiszorg West'; there is Thuiszorg Oost"),
        (("Thuiszorg Oost", "--idle", "600"), "--idle 600 cannot be: give 30 to 180 seconds"),
        (("Thuiszorg Oost", "--hidden", "0"), "--hidden 0 cannot be: give 1 to 30 seconds"),
    ],
)
def test_a_lock_that_cannot_be_says_why(invited, words, said):
    done = naober(invited, "lock", *words)
    assert (done.returncode, said in done.stderr) == (2, True)


def test_a_team_agrees_on_how_soon_it_is_there(invited):
    team = ANNA[ANNA.index("--team") + 1]
    assert "2 working days to the first contact and 10 to the first help" in naober(invited, "norm", "Thuiszorg Oost", team).stdout
    assert "1 working days to the first contact and 10" in naober(invited, "norm", "Thuiszorg Oost", team, "--contact", "1").stdout
    assert "1 working days to the first contact and 5" in naober(invited, "norm", "Thuiszorg Oost", team, "--first-help", "5").stdout
    for words in (("Thuiszorg Oost", "Team West"), ("Thuiszorg Oost", team, "--contact", "0")):
        assert naober(invited, "norm", *words).returncode == 2


def test_streets_are_taken_in_whole_or_not_at_all(migrated, tmp_path):
    listed = tmp_path / "streets.csv"
    listed.write_text("street,city,x,y\nRietgors,Elmerwaard,140000,455000\nDotterbloem,Elmerwaard,hier,455000\n", "utf-8")
    wrong = naober(migrated, "streets", str(listed))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("Nothing was taken in.\nline 3: x is to be a whole number of metres")
    assert rows(migrated, "SELECT id FROM street") == []
    listed.write_text(listed.read_text("utf-8").replace("hier", "140380"), "utf-8")
    for _ in range(2):
        assert naober(migrated, "streets", str(listed)).stdout == "2 streets are known now.\n"
    assert rows(migrated, "SELECT name, x FROM street ORDER BY x") == [("Rietgors", 140000), ("Dotterbloem", 140380)]
    assert naober(migrated, "streets", str(tmp_path / "none.csv")).returncode == 2
