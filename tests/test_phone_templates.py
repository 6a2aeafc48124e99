"""The phone shows the same bytes as the office: every shared template, and the constructs they may be made of; the rest stops the build."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from server import i18n, phone_templates, render
from server.phone_expressions import Fault

ROOT = Path(__file__).parent.parent
MICRO = json.loads((ROOT / "tests/cases/templates.json").read_text("utf-8"))
FIXTURES = ROOT / "tests/fixtures/templates"
MESSAGES: dict[str, i18n.Message] = {
    "plain": "Opslaan & <sluiten>",
    "hello": "Dag {name}",
    "visits": {"one": "één bezoek", "other": "{n} bezoeken"},
    "who": "Wat gaat goed bij {the_resident}?",
}
PAGES = [path.relative_to(phone_templates.FOLDER).as_posix() for path in sorted(phone_templates.FOLDER.rglob("*.html"))]
CASES = [
    {"name": f"{path.stem}.html", "language": "nl", "word": "client", **case}
    for path in sorted(FIXTURES.glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))["cases"]
]
REFUSED = {
    "{{ s.upper() }}": "methods",
    "{{ loop.cycle(1, 2) }}": "methods",
    "{{ d.items }}": "method of every dict",
    "{{ d['keys'] }}": "method of every dict",
    "{{ d._x }}": "method of every dict",
    "{{ 1 < n < 3 }}": "chain",
    "{{ 1.5 }}": "whole number",
    "{{ 4 / 2 }}": "Div is outside",
    "{{ n ** 2 }}": "Pow is outside",
    "{{ xs[1:2] }}": "slices",
    "{{ s|safe }}": "filter safe",
    "{{ s|tojson }}": "filter tojson",
    "{{ n|round(1) }}": "filter round",
    "{{ xs|map('upper') }}": "map",
    "{{ xs|join(',', 'name') }}": "at most 1",
    "{{ xs|selectattr('n', 'gt', 1)|list }}": "selectattr",
    "{{ s is mapping }}": "test mapping",
    "{{ loop.index }}": "inside a for",
    "{% for x in xs %}{{ loop.depth }}{% endfor %}": "loop.depth",
    "{% for x in xs %}{{ loop }}{% endfor %}": "only by its fields",
    "{% for x in xs recursive %}{% endfor %}": "recursive",
    "{% for x in xs %}{% block b %}{% endblock %}{% endfor %}": "block",
    "{% for a, (b, c) in xs %}{% endfor %}": "nested",
    "{% set ns = namespace(a=1) %}{% set ns.a = 2 %}": "namespace",
    "{% filter upper %}a{% endfilter %}": "filterblock",
    "{% include name %}": "written out",
    "{% include 'nope.html' %}": "no template",
    "{% include 'nope.html' ignore missing %}": "ignore missing",
    "{% from 't.html' import nope %}": "no macro nope",
    "{% from 't.html' import f with context %}": "without context",
    "{% import 't.html' as t %}": "import",
    "a{% extends 't.html' %}": "first line",
    "{{ super() }}": "belongs in a block",
    "{{ self.title() }}": "methods",
    "{{ caller() }}": "caller",
    "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}": "set it to a name",
    "{% macro f() %}{{ varargs }}{% endmacro %}": "varargs",
    "{{ f(*xs) }}": r"\* and \*\*",
    "{{ day(date='x') }}": "by name",
    "{{ _() }}": "a key",
    "{% autoescape false %}{{ s }}{% endautoescape %}": "outside the shared subset",
    "{{ {1: 'a'} }}": "keys",
    "{% block a scoped %}{% endblock %}": "scoped",
    "{% if %}": "Expected",
}
LOUD = [
    "{{ nope.x }}", "{{ [1] }}", "{{ 1 // 0 }}", "{{ none|length }}", "{% for x in none %}{% endfor %}", "{{ nope() }}", "{{ 1 < 'a' }}",
    "{% set a, b = [1] %}", "{{ 'a' + 1 }}", "{{ _('nope') }}",
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(MICRO)), ids=[case["it"] for case in MICRO])
def test_both_print_the_same_when_a_template(place: int, tmp_path: Path) -> None:
    case = MICRO[place]
    _lay(tmp_path, case["templates"])
    environment = Environment(loader=FileSystemLoader(tmp_path), **phone_templates.OPTIONS)  # noqa: S701 - OPTIONS escape
    environment.globals.update(i18n.speaker("nl", "client", MESSAGES).globals())
    assert _micro()[place] == {"html": environment.get_template("t.html").render(case["context"])}


@pytest.mark.parametrize("place", range(len(LOUD)), ids=LOUD)
def test_the_phone_does_not_guess(place: int) -> None:
    assert "error" in _micro()[len(MICRO) + place]


@pytest.mark.parametrize("source", REFUSED)
def test_the_build_names_file_and_line_of(source: str, tmp_path: Path) -> None:
    _lay(tmp_path, {"t.html": f"\n\n{source}" if "extends" not in source else source})
    with pytest.raises(Fault, match=f"t.html:[13]: .*({REFUSED[source]})"):
        phone_templates.compile_all(tmp_path)


@pytest.mark.parametrize("place", range(len(CASES)), ids=[f"{case['name']}: {case['it']}" for case in CASES])
def test_a_shared_template_gives_the_same_bytes(place: int) -> None:
    case = CASES[place]
    expected = render.text(case["name"], i18n.speaker(case["language"], case["word"]), **case["context"])
    assert _pages()[place] == {"html": expected}


@pytest.mark.parametrize("name", PAGES)
def test_every_shared_template_has_a_fixture(name: str) -> None:
    """A file of macros or an included part is shown by the pages that use it."""
    source = "".join(path.read_text("utf-8") for path in phone_templates.FOLDER.rglob("*.html"))
    used = any(f"{word} '{name}'" in source or f'{word} "{name}"' in source for word in ("include", "from", "extends"))
    assert used or any(case["name"] == name for case in CASES), f"write tests/fixtures/templates/{name.removesuffix('.html')}.json"


def test_every_message_in_a_template_exists() -> None:
    missing = {(name, key) for name, key in list(phone_templates.keys()) if key not in i18n.read("nl")}
    assert not missing, f"add these to pwa/messages: {sorted(missing)}"


@cache
def _micro() -> list[dict[str, str]]:
    sources = [case["templates"] for case in MICRO] + [{"t.html": source} for source in LOUD]
    contexts = [case["context"] for case in MICRO] + [{} for _ in LOUD]
    modules = {str(place): _compiled(templates) for place, templates in enumerate(sources)}
    cases = [{"module": str(place), "name": "t.html", "context": context} for place, context in enumerate(contexts)]
    return _node(modules, [case | {"language": "nl", "word": "client"} for case in cases], MESSAGES)


@cache
def _pages() -> list[dict[str, str]]:
    return _node({"pwa": phone_templates.compile_all()}, [case | {"module": "pwa"} for case in CASES], None)


def _node(modules: dict[str, str], cases: list[dict[str, Any]], messages: dict[str, i18n.Message] | None) -> list[dict[str, str]]:
    asked = json.dumps({"modules": modules, "cases": cases, "messages": messages})
    command = ["node", "--no-warnings", "tests/phone/rendered.js"]
    done = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers


def _compiled(templates: dict[str, str]) -> str:
    trees = {name: phone_templates.parse_text(name, source) for name, source in templates.items()}
    return phone_templates.compile_trees(trees)


def _lay(folder: Path, templates: dict[str, str]) -> None:
    for name, source in templates.items():
        (folder / name).write_text(source, "utf-8", newline="")
