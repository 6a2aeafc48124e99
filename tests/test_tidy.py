"""The rules of the house: each failure says what is wrong and how to mend it."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A module of server/ imports only those before it.
ORDER = [
    *("config", "tx", "sqlite", "postgres", "db", "tables", "piccolo_app", "piccolo_conf", "migrations", "i18n", "render", "bodies", "operations"),
    *("statements", "errands", "access", "audit", "batches", "changes", "addresses", "households", "consents", "tasks", "reckoning", "streets"),
    *("seekers", "losses", "devices", "visits", "credentials"),
    *("passkeys", "seals", "portraits", "sessions", "encryption", "couriers", "subscriptions", "push", "matches", "openings"),
    *("wishes", "proposals", "people", "vouchings", "records", "waits"),
    *("retold", "hands", "network", "arrivals", "entries", "facts", "demo_people", "demo_houses", "demo_diary", "demo_lines", "demo_network"),
    *("demo_involved", "demo_matches", "demo_notes", "demo_remarks", "demo_steering", "demo_visits", "demo_history", "demo", "holdings"),
    *("reminders", "calendars", "news", "links", "link_answers", "invitations", "keys", "founding", "revocations", "contents", "custody"),
    *("inbox", "readings", "worries", "remarks", "views", "review", "quarters", "carriers", "roster", "steering", "sheets", "obstacles", "stuck"),
    *("suggestions", "held", "weeks", "figures", "caseload", "outcomes", "themes", "reads", "pulls", "handovers", "departures"),
    *("exchange", "outbox", "history", "jobs", "bundle"),
    *("phone_expressions", "phone_templates", "assets", "errors", "door", "app", "cli"),
]

FOREIGN = {"node_modules", "__pycache__"}  # beside every folder whose name begins with a dot, but .ci
TEXT = {".py", ".js", ".mjs", ".html", ".css", ".json", ".md", ".toml", ".txt", ".svg", ".webmanifest", ".yaml", ""}
FILE_LINES_MAX, FUNCTION_LINES_MAX = 300, 40
LONG = {"server/tables.py": "the whole data model on one page"}

BANNED_IN_TEMPLATES = {
    r"hx-on\b": "needs eval, which the CSP forbids: put the behaviour in a module",
    r"[\"']js:": "needs eval, which the CSP forbids: send the value with the form",
    r"\sstyle\s*=": "the CSP drops it: write a class",
    r"\son[a-z]+\s*=": "the CSP drops it: put the behaviour in a module",
    r"hx-trigger=[\"'][^\"']*\[": "trigger filters need eval: listen in a module",
    r"<script(?![^>]*\bsrc=)": "the CSP drops scripts in a page: put it in a module",
    r"<style": "the CSP drops it: write a rule in pwa/css",
    r"\|\s*safe\b|\{%-?\s*autoescape": "text is escaped: let the office hand over markup of its own as Markup",
    r"<(?:iframe|object|embed|base)\b|srcdoc|javascript:|http-equiv": "what could run is taken out of a page: leave it away",
    r"hx-ext\b|data-hx-|hx-(?:vars|prompt|history-cache)\b": "this htmx does not know it",
    r"""(?:hidden\('|<(?:input|select|textarea|button)\b[^>]*\sname=")(?:form|action|method|target|elements)['"]""": "hides the form: rename it",
}
BANNED_IN_SCRIPTS = {
    r"\beval\s*\(": "the CSP forbids it",
    r"\bnew Function\b": "the CSP forbids it",
    r"\bexport default\b": "export it by its name",
    r"\bexport let\b": "export a function that gives it",
    r"\bimport\s*\((?!'\./)": "import it by name at the top of the file, or by import('./x.js') when it may come later",
    r"setAttribute\(['\"]style": "the CSP drops it: set a class",
    r"hx-on\b": "needs eval, which the CSP forbids",
}
MAKES_HTML = r"\.(?:inner|outer)HTML\b|insertAdjacentHTML|createContextualFragment|parseFromString|HTMLUnsafe|srcdoc|document\.write|createPolicy"
BANNED_OUTSIDE_TRUSTED = {MAKES_HTML: "HTML becomes part of a page by htmx, or by pwa/trusted.js"}
PARKED = r"\b(TO[D]O|FI[X]ME|X[X]X)\b"
UNDECIDED = r"(?m)^(?:<{7} |>{7} )"
MACHINE = r"(?<![\w.*}])/(root|work|home)/\w"


def files(*patterns: str) -> list[Path]:
    found = (path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file())
    return sorted({path for path in found if not any(map(foreign, path.relative_to(ROOT).parts[:-1]))})


def foreign(folder: str) -> bool:
    return folder in FOREIGN or (folder.startswith(".") and folder != ".ci")


def own(*patterns: str) -> list[Path]:
    """Without what others wrote."""
    return [path for path in files(*patterns) if not name(path).startswith(("pwa/vendor/", "tests/bench/peers/"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text("utf-8")


def say(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)


# Who may import whom


def imported(path: Path, package: str) -> Iterator[str]:
    """Modules of a package that this file imports, wherever in the file; type-checking imports too."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{package}."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith(f"{package}."))


def test_modules_of_the_office_import_only_earlier_ones() -> None:
    problems = []
    for path in own("server/*.py", "server/migrations/*.py"):
        module = path.relative_to(ROOT / "server").parts[0].removesuffix(".py")
        if module == "__init__":
            continue
        if module not in ORDER:
            problems.append(f"{name(path)}: give it a place in ORDER of tests/test_tidy.py")
            continue
        later = [other for other in imported(path, "server") if other in ORDER[ORDER.index(module) :] and other != module]
        problems += [f"{name(path)} imports {other}, which comes after it: move what they share to an earlier module" for other in later]
    say(problems)


def test_the_contract_imports_nothing_of_ours_and_reads_no_clock() -> None:
    problems = []
    for path in own("sync/*.py"):
        problems += [f"{name(path)} imports server.{module}: the contract stands alone" for module in imported(path, "server")]
        roots = re.findall(r"^(?:import|from) (time|random|os|secrets|uuid)\b", text(path), re.MULTILINE)
        problems += [f"{name(path)} imports {root}: time, chance and files come in as arguments" for root in roots]
    for path in own("sync/*.js"):
        found = re.findall(r"Date\.now|new Date\(\)|Math\.random|crypto\.|fetch\(", text(path))
        problems += [f"{name(path)} uses {what}: time, chance and the network come in as arguments" for what in found]
    say(problems)


def scripts() -> dict[Path, list[Path]]:
    """Every script of the phone and the contract, with the files it imports."""
    graph = {}
    for path in own("pwa/*.js", "pwa/**/*.js", "sync/*.js"):
        wanted = re.findall(r"""(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?['"]([^'"]+)['"]""", text(path))
        graph[path] = [(path.parent / (one or other)).resolve() for one, other in wanted]
    return graph


def test_scripts_import_by_relative_path_and_never_in_a_circle() -> None:
    graph, problems = scripts(), []
    for path, wanted in graph.items():
        generated = [other for other in wanted if not other.exists() and not other.is_relative_to(ROOT / "pwa")]
        problems += [f"{name(path)} imports {other.name}, which is not there" for other in generated]
    done: set[Path] = set()

    def visit(path: Path, trail: tuple[Path, ...]) -> None:
        if path in trail:
            circle = " -> ".join(name(step) for step in (*trail[trail.index(path) :], path))
            problems.append(f"{circle} is a circle: move what they share to a file of its own")
        elif path not in done:
            for other in graph.get(path, []):
                visit(other, (*trail, path))
            done.add(path)

    for path in graph:
        visit(path, ())
    say(problems)


# How much


def test_files_fit_on_a_few_screens() -> None:
    sized = own("server/**/*.py", "sync/*.py", "deploy/*.py", "tests/**/*.py", "pwa/**/*.js", "sync/*.js", "tests/**/*.js")
    lengths = {name(path): text(path).count("\n") for path in sized}
    over = {path: lines for path, lines in lengths.items() if lines > FILE_LINES_MAX and path not in LONG}
    say([f"{path} has {lines} lines: split it along a noun, or keep it under {FILE_LINES_MAX}" for path, lines in over.items()])


def test_functions_fit_on_one_screen() -> None:
    problems = []
    for path in own("server/*.py", "sync/*.py", "deploy/*.py", "tests/**/*.py"):
        functions = [node for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        long = [node for node in functions if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX]
        problems += [f"{name(path)}:{node.lineno} {node.name} is longer than {FUNCTION_LINES_MAX} lines: give its steps a name" for node in long]
    for path in own("pwa/**/*.js", "sync/*.js"):
        for match in re.finditer(r"^( *)(?:export )?(?:async )?function\*? ?(\w+).*\{\n((?:.*\n)*?)\1\}", text(path), re.MULTILINE):
            if match[3].count("\n") + 2 > FUNCTION_LINES_MAX:
                problems.append(f"{name(path)} {match[2]} is longer than {FUNCTION_LINES_MAX} lines: give its steps a name")
    say(problems)


def test_shell_scripts_stay_short() -> None:
    shell = [path for path in files("deploy/*", ".ci/*") if text(path).startswith("#!/bin/sh")]
    say([f"{name(path)} has more than 25 lines: write it in Python" for path in shell if text(path).count("\n") > 25])


# The same on both sides


def python_names(path: Path) -> list[str]:
    body = ast.parse(text(path)).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def test_twins_offer_the_same_in_the_same_order() -> None:
    problems = []
    for path in own("sync/*.py"):
        if path.name == "__init__.py":
            continue
        twin = path.with_suffix(".js")
        if not twin.exists():
            problems.append(f"{name(path)} has no twin {twin.name}")
            continue
        ours, theirs = python_names(path), re.findall(r"^export (?:async )?function (\w+)", text(twin), re.MULTILINE)
        if ours != theirs:
            problems.append(f"{name(path)} offers {ours}\n{name(twin)} offers {theirs}: same names, same order")
        if not (ROOT / "sync" / "cases" / f"{path.stem}.json").exists():
            problems.append(f"{name(path)}: give it cases in sync/cases/{path.stem}.json, which both sides run")
    lonely = [path for path in own("sync/*.js") if not path.with_suffix(".py").exists()]
    say(problems + [f"{name(path)} has no twin in Python" for path in lonely])


@pytest.mark.parametrize("folder", ["pwa", "server"])
def test_both_languages_have_the_same_messages(folder: str) -> None:
    dutch, english = (json.loads(text(ROOT / folder / "messages" / f"{language}.json")) for language in ("nl", "en"))
    say([f"{folder}/messages: {key} is not in both nl.json and en.json" for key in sorted(flat(dutch) ^ flat(english))])


def flat(messages: dict[str, object], before: str = "") -> set[str]:
    keys = set()
    for key, value in messages.items():
        keys |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}"}
    return keys


# Nothing lost, nothing hidden


def test_the_readme_names_every_setting() -> None:
    wanted = set(re.findall(r"NAOBER_[A-Z_]+", text(ROOT / "server" / "config.py")))
    named = set(re.findall(r"`(NAOBER_[A-Z_]+)`", text(ROOT / "README.md")))
    say([f"{setting}: add a row to the settings table of README.md" for setting in sorted(wanted - named)])


def test_no_module_is_left_alone() -> None:
    used = {module for path in own("server/**/*.py") for module in imported(path, "server")} | {"__init__", "cli", "piccolo_conf", "piccolo_app"}
    problems = [f"{name(path)}: nobody in server/ imports it; use it or remove it" for path in own("server/*.py") if path.stem not in used]
    graph = scripts()
    wanted = {other for others in graph.values() for other in others}
    mentioned = "".join(text(path) for path in own("server/**/*.py", "server/**/*.html", "pwa/**/*.js", "pwa/**/*.html"))
    alone = [path for path in graph if path not in wanted and path.name not in mentioned and path.stem not in {"app", "sw"}]
    say(problems + [f"{name(path)}: nobody imports it; use it or remove it" for path in alone])


def test_no_page_or_style_is_left_alone() -> None:
    problems = []
    speaking = own("server/**/*.py", "server/**/*.html", "pwa/**/*.js", "pwa/**/*.html", "pwa/**/*.css", "pwa/*.webmanifest")
    everything = {path: text(path) for path in speaking}
    globbed = 'glob("*.css")' in "".join(everything.values())
    for path in own("pwa/templates/**/*.html", "server/templates/**/*.html", "pwa/css/*.css", "pwa/icons/*"):
        if (path.suffix == ".css" and globbed) or path.suffix == ".LICENSE":
            continue
        ways = (path.name, f'"{path.stem}"', f"'{path.stem}'")
        if not any(way in content for other, content in everything.items() if other != path for way in ways):
            problems.append(f"{name(path)}: nobody names it; use it or remove it")
    say(problems)


def test_what_others_wrote_is_what_the_readme_says() -> None:
    rows = dict(re.findall(r"^\| `(pwa/[^`]+)` \|.*\| `([0-9a-f]{64})` \|$", text(ROOT / "README.md"), re.MULTILINE))
    problems = [f"{path} is named in README.md and not there" for path in rows if not (ROOT / path).is_file()]
    for path in files("pwa/vendor/*"):
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.suffix != ".LICENSE" and rows.get(name(path)) != checksum:
            problems.append(f"{name(path)} has checksum {checksum}: if that is the version you mean, say so in the table of README.md")
        if path.suffix != ".LICENSE" and not path.with_name(f"{path.name.split('.')[0]}.LICENSE").exists():
            problems.append(f"{name(path)}: put its licence beside it")
    say(problems)


def found(paths: list[Path], banned: dict[str, str]) -> list[str]:
    hits = [(path, match, why) for path in paths for pattern, why in banned.items() for match in re.finditer(pattern, text(path))]
    return [f"{name(path)}: {match[0].strip()!r} {why}" for path, match, why in hits]


def test_pages_need_no_eval_and_no_inline_style() -> None:
    say(found(own("pwa/**/*.html", "server/templates/**/*.html"), BANNED_IN_TEMPLATES))


def test_scripts_need_no_eval_and_can_be_bundled() -> None:
    paths = own("pwa/**/*.js", "sync/*.js")
    say(found(paths, BANNED_IN_SCRIPTS) + found([path for path in paths if path.name != "trusted.js"], BANNED_OUTSIDE_TRUSTED))


def test_nothing_is_parked_and_nothing_tells_of_a_machine() -> None:
    problems = []
    for path in own("**/*", ".ci/*", ".gitignore"):
        if path.suffix in TEXT:
            problems += [f"{name(path)}: {match[0]}; do it now, or let it go" for match in re.finditer(PARKED, text(path))]
            problems += [f"{name(path)} still says both of what was merged" for _ in re.finditer(UNDECIDED, text(path))]
            problems += [f"{name(path)} names {match[0]}…, a place on somebody's machine" for match in re.finditer(MACHINE, text(path))]
    say(problems)


def test_locks_name_packages_and_checksums_but_no_place_to_get_them() -> None:
    locks = [path for path in files("deploy/*.txt", "tests/**/package-lock.json") if re.search(r"https?://", text(path))]
    say([f"{name(path)} names an address: make it again without (README.md says how)" for path in locks])
