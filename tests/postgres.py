"""A PostgreSQL of its own for one command: `python -m tests.postgres COMMAND …` runs it with NAOBER_DATABASE set, then throws all away."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAME = "naober_test"
USER = "postgres"
START_S_MAX = "60"
# Each test has a database of its own, and to make one is mostly to wait for a disk: in memory it takes half as long, where there is room.
MEMORY, MEMORY_BYTES_MIN = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - a folder of this run alone


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The address of a fresh database, reached by a socket in a folder that nobody else can open; commits are durable as in real life."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    folder = Path(tempfile.mkdtemp(prefix="naober-pg-", dir=MEMORY if roomy else None))
    port = 20_000 + secrets.randbelow(40_000)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        _as_postgres("initdb", "-D", f"{folder}/data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions", "-N")
        options = f"-p {port} -k {folder} -c listen_addresses= -c fsync=on -c max_connections=60"
        _as_postgres("pg_ctl", "-D", f"{folder}/data", "-w", "-t", START_S_MAX, "-l", f"{folder}/log", "-o", options, "start")
        try:
            _as_postgres("createdb", "-h", str(folder), "-p", str(port), "-U", USER, NAME)
            yield f"postgresql://{USER}@/{NAME}?host={folder}&port={port}"
        finally:
            _as_postgres("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Exit code of the command on the command line, run beside a cluster."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with cluster() as address:
        return subprocess.run(sys.argv[1:], check=False, env={**os.environ, "NAOBER_DATABASE": address}).returncode


def _as_postgres(program: str, *args: str) -> None:
    """Run one of PostgreSQL's programs; they refuse to be root, so root becomes the user Debian made for it."""
    user = pwd.getpwnam(USER) if os.geteuid() == 0 else None
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run([_path(program), *args], check=False, capture_output=True, text=True, cwd="/", env=_plain_environment(), **who)
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")


def _path(program: str) -> str:
    """Debian keeps these programs, one folder a version, off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    path = str(found[-1]) if found else shutil.which(program)
    if not path:
        raise RuntimeError(f"{program} is missing; `deploy/test postgresql` installs PostgreSQL")
    return path


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}


if __name__ == "__main__":
    raise SystemExit(main())
