"""Runs the parts of the tests one after another and ends with `N passed, N failed`; exit code 2 means something is not installed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import bootstrap
import provision

ROOT = bootstrap.ROOT
RESULTS = ROOT / ".results"
SECONDS_MAX, PATIENT_SECONDS_MAX = 1800, 3600
# What no other part runs: the browser's own, the rules of the house, and the long rows of hostile inputs and of cases made from the schema.
ELSEWHERE = ["--ignore=tests/browser", "--ignore=tests/test_tidy.py", "--ignore=tests/test_fuzz.py", "--ignore=tests/test_schema.py"]
# What needs no database, brings one of its own, or looks at the phone alone: the engine makes no difference, so once is enough.
WITHOUT = ("bundle", "cli", "crashes", "forensics", "i18n", "memory", "model", "phone_templates", "planted", "readers", "reckoning")
# The tests that go through every branch of what pyproject.toml names for coverage; they take longer while that is counted, all others do not.
BRANCHES = ("access", "changes", "consents", "entitled", "exchange", "exchange_access", "held", "households", "sync")
MEASURED = [f"tests/test_{name}.py" for name in BRANCHES]
INPUTS = os.environ.get("NAOBER_FUZZ", "500000")
CASES = os.environ.get("NAOBER_SCHEMA", "10000")
HISTORIES = os.environ.get("NAOBER_HISTORIES", "10000")
PYTEST = ["-m", "pytest", "-q"]
# Each of these rows keeps one core busy: they go side by side, the parts in a row one after another.
ROWS = (("check", "sqlite", "node"), ("postgresql", "planted"))
# What takes longest and waits for nothing: it goes beside all others, on what they leave of the processor.
PATIENT = "simulate"

# About how many seconds the stories of a file take, where they take long: by it the rows of the browser end together.
STORIES = {
    "forensics": 115, "axe": 125, "full": 90, "interrupted": 77, "killed": 56, "memory": 50, "integrity": 45, "lock": 40, "start": 32, "consent": 32,
    "delivery": 31, "links": 27, "helpers": 26,
}  # fmt: skip

# The only tests that may be skipped: `<file or class>::<name>` and why. Any other skip fails the run.
MAY_SKIP: dict[str, str] = {}


class Outcome(NamedTuple):
    """What a part counted."""

    passed: int
    failed: int


def main() -> int:
    """Run the parts named on the command line, or all of them."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        print(f"There is no part {', '.join(unknown)}. Choose from: {' '.join(PARTS)}", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    try:
        with ThreadPoolExecutor(1) as beside:
            patient = [beside.submit(_timed, part) for part in _patient(wanted)]
            outcomes = [outcome for parts in _rounds([part for part in wanted if part != PATIENT]) for outcome in _round(parts)]
            outcomes += [one.result() for one in patient]
    except provision.MissingError as missing:
        return bootstrap.stop(*missing.args)
    print("\n" + "\n".join(line for _, line in outcomes), flush=True)
    passed, failed = (sum(outcome[n] for outcome, _ in outcomes) for n in (0, 1))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def _patient(wanted: list[str]) -> list[str]:
    """What goes beside all others, once what they all need is there: to install it twice at once would not do."""
    if PATIENT not in wanted:
        return []
    provision.phone()
    provision.postgresql()
    return [PATIENT]


def _rounds(wanted: list[str]) -> list[list[list[str]]]:
    """The rows that go side by side, and after them every other part alone."""
    rows = [[part for part in row if part in wanted] for row in ROWS]
    beside = [row for row in rows if row]
    return [*([beside] if beside else []), *([[part]] for part in wanted if not any(part in row for row in ROWS))]


def _round(rows: list[list[str]]) -> list[tuple[Outcome, str]]:
    if len(rows) > 1:  # both need them: to install them twice at once would not do
        provision.phone()
        provision.postgresql()
    with ThreadPoolExecutor(len(rows)) as pool:
        return [outcome for row in pool.map(lambda row: [_timed(part) for part in row], rows) for outcome in row]


def _timed(part: str) -> tuple[Outcome, str]:
    print(f"\n== {part} ==", flush=True)
    began = time.monotonic()
    outcome = PARTS[part]()
    line = f"{part:<11}{outcome.passed:>6} passed {outcome.failed:>4} failed {time.monotonic() - began:>7.1f} s"
    print(line, flush=True)
    return outcome, line


def check() -> Outcome:
    """The rules of the house: ruff, mypy, shell scripts, and tests/test_tidy.py."""
    tools = [
        [str(bootstrap.PYTHON), "-m", "ruff", "check", "."],
        [str(bootstrap.PYTHON), "-m", "mypy"],
        ["sh", "-n", "deploy/demo", "deploy/test", ".ci/run"],
    ]
    bad = sum(_run(tool, _environment("check")) != 0 for tool in tools)
    tidy = _pytest("check", "tests/test_tidy.py")
    return Outcome(len(tools) - bad + tidy.passed, bad + tidy.failed)


def sqlite() -> Outcome:
    """Everything but the browser, on SQLite; and whether every branch was tried of what pyproject.toml names for coverage."""
    provision.phone()
    ran = _pytest("sqlite", "tests", *ELSEWHERE, *(f"--ignore={file}" for file in MEASURED))
    measured = _pytest("measured", *MEASURED, through=["-m", "coverage", "run"])
    short = _run([str(bootstrap.PYTHON), "-m", "coverage", "report"], _environment("measured")) != 0
    return Outcome(ran.passed + measured.passed + (not short), ran.failed + measured.failed + short)


def postgresql() -> Outcome:
    """The same on PostgreSQL, where the engine makes a difference, in a cluster of its own; the simulator plays there in its own part."""
    provision.phone()
    provision.postgresql()
    cluster = [str(bootstrap.PYTHON), "-m", "tests.postgres"]
    once = [f"--ignore=tests/test_{name}.py" for name in (*WITHOUT, "simulate")]
    return _pytest("postgresql", "tests", *ELSEWHERE, *once, around=cluster)


def fuzz() -> Outcome:
    """A million hostile inputs, half of them on each engine (NAOBER_FUZZ=… for another number on each)."""
    return _on_both("fuzz", NAOBER_FUZZ=INPUTS)


def schema() -> Outcome:
    """Twenty thousand requests made from the schema of this interface, half of them on each engine (NAOBER_SCHEMA=… for another number on each)."""
    return _on_both("schema", NAOBER_SCHEMA=CASES)


def simulate() -> Outcome:
    """Seeded histories of several phones on SQLite, the first tenth of them on PostgreSQL too (NAOBER_HISTORIES=… for another number)."""
    asked = ["--histories", HISTORIES, "--also", str(max(1, int(HISTORIES) // 10)), "--jobs", "2"]
    # Linux shares the processor between sessions first: this one is to be patient as a whole.
    patient = '(echo 19 >/proc/self/autogroup) 2>/dev/null; exec nice -n 19 "$@"'
    command = ["sh", "-c", patient, "sh", str(bootstrap.PYTHON), "-m", "tests.simulate", *asked]
    code = _run(command, _environment("simulate"), PATIENT_SECONDS_MAX)
    return Outcome(int(code == 0), int(code != 0))


def node() -> Outcome:
    """The phone's modules and the twins in sync/, by `node --test`; and whether the twins' own tests went through every branch of them."""
    command = provision.phone()
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "phone").glob("**/*.test.js") if "node_modules" not in path.parts)
    report = RESULTS / "node.xml"
    report.unlink(missing_ok=True)
    shown = ["--test-reporter=dot", "--test-reporter-destination=stdout", "--test-reporter=junit", f"--test-reporter-destination={report}"]
    code = _run([*command, "--test", *shown, *files], _environment("node")) if files else 1
    ran, short = _counted("node", report, code), _short(command)
    return Outcome(ran.passed + (not short), ran.failed + short)


def _short(node: list[str]) -> bool:
    """Whether a line or branch of sync/*.js was left out, by Node's own count; says which."""
    report = RESULTS / "twins.info"
    measure = ["--experimental-test-coverage", "--test-reporter=lcov", f"--test-reporter-destination={report}"]
    if _run([*node, "--test", *measure, "tests/phone/sync.test.js"], _environment("node")):
        return True
    twins = re.findall(r"^SF:(sync/.*)\n((?:.*\n)*?)end_of_record$", report.read_text("utf-8"), re.MULTILINE)
    left = [f"{twin}: {miss}" for twin, counts in twins for miss in re.findall(r"^(?:BRDA|DA):.*,0$", counts, re.MULTILINE)]
    print("\n".join(left) or f"Of {', '.join(twin for twin, _ in twins)} nothing was left out.", flush=True)
    return bool(left or not twins)


def browser() -> Outcome:
    """The stories, in Chromium on a phone-sized screen, in three rows side by side."""
    provision.phone()
    chromium, files = provision.chromium(), sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    rows: list[list[str]] = [[], [], []]
    for file in sorted(files, key=_seconds, reverse=True):
        min(rows, key=lambda row: sum(map(_seconds, row))).append(file)
    with ThreadPoolExecutor(len(rows)) as pool:
        runs = [pool.submit(_pytest, f"browser-{n}", *row, NAOBER_CHROMIUM=chromium) for n, row in enumerate(rows)]
        outcomes = [run.result() for run in runs]
    return Outcome(sum(one.passed for one in outcomes), sum(one.failed for one in outcomes))


def _seconds(file: str) -> int:
    """About how long the stories of this file take."""
    return STORIES.get(Path(file).stem.removeprefix("test_"), 15)


def planted() -> Outcome:
    """Today's eighth of the planted bugs, each of which the tests must catch."""
    provision.phone()
    provision.postgresql()
    report = RESULTS / "planted.xml"
    report.unlink(missing_ok=True)
    code = _run([str(bootstrap.PYTHON), "-m", "tests.planted", "--today", f"--junitxml={report}"], _environment("planted"))
    return _counted("planted", report, code)


PARTS = {
    "check": check, "sqlite": sqlite, "postgresql": postgresql, "node": node, "planted": planted, "browser": browser,
    "schema": schema, "fuzz": fuzz, "simulate": simulate,
}  # fmt: skip


def _on_both(part: str, **settings: str) -> Outcome:
    """The file of tests of this name on both engines, side by side."""
    provision.postgresql()
    cluster = [str(bootstrap.PYTHON), "-m", "tests.postgres"]
    with ThreadPoolExecutor(2) as both:
        runs = [
            both.submit(_pytest, f"{part}-{engine}", f"tests/test_{part}.py", "-o", "faulthandler_timeout=1400", around=around, **settings)
            for engine, around in (("sqlite", []), ("postgresql", cluster))
        ]
        outcomes = [run.result() for run in runs]
    return Outcome(sum(one.passed for one in outcomes), sum(one.failed for one in outcomes))


def _pytest(part: str, *args: str, around: Sequence[str] = (), through: Sequence[str] = (), **settings: str) -> Outcome:
    report = RESULTS / f"{part}.xml"
    report.unlink(missing_ok=True)
    command = [*around, str(bootstrap.PYTHON), *through, *PYTEST, f"--junitxml={report}", *args]
    code = _run(command, {**_environment(part), **settings})
    return _counted(part, report, code)


def _environment(part: str) -> dict[str, str]:
    """The machine's variables without anybody's own Naober settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("NAOBER_")}
    # Node may be the one that PyPI carries; twins and templates are held against each other in the parts of Python too.
    path = os.pathsep.join([str(bootstrap.VENV / "bin"), *provision.own_node(), os.environ.get("PATH", "")])
    return {**own, "PATH": path, "NAOBER_PART": part, "NO_COLOR": "1"}


def _run(command: list[str], environment: dict[str, str], seconds: int = SECONDS_MAX) -> int:
    """Exit code of a command in a process group of its own, which is ended with it; 124 when it took too long."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"Stopped after {seconds} s: {' '.join(command)}", flush=True)
        return 124
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for how, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=seconds)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _counted(part: str, report: Path, code: int) -> Outcome:
    """Counts from a JUnit file; a skip nobody listed, no test at all, or an exit code without a failure each count as failed."""
    cases = list(ET.parse(report).getroot().iter("testcase")) if report.is_file() else []  # noqa: S314 - written by our own runner
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [f"{case.get('classname')}::{case.get('name')}" for case in cases if case not in failed and case.find("skipped") is not None]
    unlisted = [name for name in skipped if name not in MAY_SKIP]
    for name in unlisted:
        print(f"{part}: {name} was skipped; let it run, or list it with its reason in MAY_SKIP of deploy/parts.py")
    if not cases:
        print(f"{part}: no test ran")
    wrong = len(failed) + len(unlisted)
    return Outcome(len(cases) - len(failed) - len(skipped), wrong or int(code != 0 or not cases))


if __name__ == "__main__":
    raise SystemExit(main())
