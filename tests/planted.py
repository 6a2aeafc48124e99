"""Plants one bug at a time in a copy of this tree, and shows that the tests catch each: `python -m tests.planted --part 3/8`."""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.planted_contract import CONTRACT
from tests.planted_ground import GROUND
from tests.planted_helpers import HELPERS
from tests.planted_office import OFFICE, Bug
from tests.planted_phone import PHONE
from tests.planted_room import ROOM

ROOT = Path(__file__).parent.parent
BUGS = [*OFFICE, *GROUND, *CONTRACT, *PHONE, *ROOM, *HELPERS]
PARTS = 8
SECONDS_MAX = 120
MODULES = "tests/phone/node_modules"
LEFT_OUT = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "*.db*")
# A test that said no, in the words of pytest, node and the simulator.
CAUGHT = re.compile(r"^[1-9]\d* failed\b|^# fail [1-9]|\b(?:lost|leaked|diverged|unsent_purged)=[1-9]", re.MULTILINE)
# A file that cannot even be read is caught by anything: that shows nothing.
UNREADABLE = re.compile(r"SyntaxError|IndentationError|ImportError|ModuleNotFoundError|NameError|ReferenceError|while collecting")
say = print


def main() -> int:
    """0 when every bug of this part was caught; the last line says how many."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="naober-planted-") as folder:
        tree = _copied(Path(folder) / "tree")
        if problems := [*misfits(tree), *_not_green(tree, asked.bugs)]:
            say("\n".join(problems))
            said = dict.fromkeys((bug.name for bug in asked.bugs), "not planted")
        else:
            said = {bug.name: _planted(tree, bug) for bug in asked.bugs}
    if asked.junitxml:
        _report(asked.junitxml, said)
    caught = sum(one == "caught" for one in said.values())
    say(f"caught={caught}/{len(said)}")
    return 0 if caught == len(said) else 1


def misfits(tree: Path) -> list[str]:
    """What keeps a bug of the list from being planted: its old text must stand in its file exactly once."""
    counts = {bug: (tree / bug.file).read_text("utf-8").count(bug.old) for bug in BUGS}
    return [f"{bug.name}: its old text stands {count} times in {bug.file}" for bug, count in counts.items() if count != 1]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("--part", default="1/1", metavar="K/N", help="only the K-th of N parts")
    parser.add_argument("--today", action="store_true", help=f"the part of {PARTS} whose turn it is today")
    parser.add_argument("--junitxml", type=Path, help="also write the outcome to this file")
    asked = parser.parse_args()
    k, n = map(int, asked.part.split("/"))
    if asked.today:
        k, n = datetime.now(UTC).toordinal() % PARTS + 1, PARTS
    asked.bugs = BUGS[k - 1 :: n]
    return asked


def _copied(tree: Path) -> Path:
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    # Compiled once, and by what stands in a file, not by when it was written: a bug is planted and gone again within a second.
    compileall.compile_dir(tree / "server", quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    (tree / MODULES).symlink_to(ROOT / MODULES)
    return tree


def _not_green(tree: Path, bugs: list[Bug]) -> list[str]:
    """What fails with nothing planted; tests that run in the same way run together, each once."""
    together: dict[str, dict[str, None]] = {}
    for bug in bugs:
        way, *tests = _way(bug.by)
        together.setdefault(f"{way} {bug.by}" if way == "simulate" else way, {}).update(dict.fromkeys(tests))
    began, problems = time.monotonic(), []
    for way, tests in together.items():
        code, output = _run(tree, way.partition(" ")[0], list(tests))
        problems += [f"{output}\n{way} {' '.join(tests)}: not green before anything was planted"] if code else []
    say(f"green with nothing planted, {time.monotonic() - began:.1f} s", flush=True)
    return problems


def _planted(tree: Path, bug: Bug) -> str:
    """What became of one bug, said in a line."""
    file, began = tree / bug.file, time.monotonic()
    sound = file.read_text("utf-8")
    file.write_text(sound.replace(bug.old, bug.new), "utf-8")
    way, *tests = _way(bug.by)
    code, output = _run(tree, way, tests)
    file.write_text(sound, "utf-8")
    said = _verdict(code, output)
    say(f"{said:<14}{time.monotonic() - began:>5.1f} s  {bug.file}: {bug.name}", flush=True)
    if said == "badly planted":
        say(output)
    return said


def _verdict(code: int, output: str) -> str:
    if code == 0:
        return "NOT CAUGHT"
    return "caught" if code == 1 and CAUGHT.search(output) and not UNREADABLE.search(output) else "badly planted"


def _way(by: str) -> list[str]:
    """The way these tests run, and which: `postgresql` and `simulate` say so, files of JavaScript are Node's."""
    words = by.split()
    if words[0] in {"postgresql", "simulate"}:
        return words
    return ["node" if words[0].endswith(".js") else "sqlite", *words]


def _run(tree: Path, way: str, tests: list[str]) -> tuple[int, str]:
    """(exit code, output); whatever runs too long is ended with all it started."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ways = {
        "sqlite": pytest,
        "postgresql": [sys.executable, "-m", "tests.postgres", *pytest],
        "node": ["node", "--test", "--test-reporter=tap", *tests],
        "simulate": [sys.executable, "-m", "tests.simulate", "--seed", *tests[:1], "--histories", *tests[1:]],
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("NAOBER_")}
    process = subprocess.Popen(
        ways[way], cwd=tree, env={**own, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return 124, f"stopped after {SECONDS_MAX} s"
    else:
        return process.returncode, output
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


def _report(file: Path, said: dict[str, str]) -> None:
    """The outcome as JUnit writes it, which deploy/parts.py counts."""
    suite = ET.Element("testsuite", name="planted")
    for name, verdict in said.items():
        case = ET.SubElement(suite, "testcase", classname="planted", name=name)
        if verdict != "caught":
            ET.SubElement(case, "failure", message=verdict)
    ET.ElementTree(suite).write(file)


if __name__ == "__main__":
    sys.exit(main())
