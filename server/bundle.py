"""Many small ES modules as one file, in the order they need each other, each a function; accepts only our few forms of import and export."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"import \{([^{}]*)\} from '(\.[^']+\.js)';?")
WHOLE = re.compile(r"import \* as (\w+) from '(\.[^']+\.js)';?")
JSON = re.compile(r"import (\w+) from '(\.[^']+\.json)' with \{ ?type: 'json' ?\};?")
EXPORT = re.compile(r"export (async function\*?|function\*?|class|const) (\w+)")
STATEMENT = re.compile(r"^[ \t]*(?:import|export)\b(?:\s*\{[^{}]*\})?[^\n]*", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
LATER = re.compile(r"\bimport\('(\.[^']+\.js)'\)")
ELSEWHERE = re.compile(r"\bimport\s*\((?!'\.[^']+\.js'\))|\bimport\.meta\b|\beval\s*\(|\bnew Function\b")
FORMS = (
    "import { a, b as c } from './x.js'; | import * as x from './x.js'; | import x from './x.json' with { type: 'json' }; | import('./x.js') "
    "| export function, async function, class or const with one name"
)

FETCH = "const $later=(at,given)=>import(at).then(({make})=>make(given()));\n"

Read = Callable[[str], str]
Address = Callable[[str, str], str]


class Fault(ValueError):  # noqa: N818 - a fault in a module, not in us
    """A module that cannot be bundled; the text names file and line, and the forms that can."""


@dataclass
class Module:
    """One file: its body without imports and exports, its exports, for each import (line that binds it, path, names it needs), what comes later."""

    path: str
    body: str
    exports: list[str]
    imports: list[tuple[str, str, list[str]]] = field(default_factory=list)
    later: list[str] = field(default_factory=list)


def from_disk(path: str) -> str:
    """The source of a module by its path from the project's root."""
    return (ROOT / path).read_text("utf-8")


def bundle(entry: str, read: Read = from_disk, address: Address | None = None) -> str:
    """One script that does what the entry module does; `read` gives the source of a path, made ones included.

    It is no module itself: of the files that a service worker keeps, Chromium keeps the compiled code of plain scripts only. What is imported later
    becomes a module beside it, with what the script does not have yet; `address` is given its path and text, and gives where it will be.
    """
    first: dict[str, Module] = {}
    _visit(entry, read, first, ())
    numbers = {path: f"${number}" for number, path in enumerate(first)}
    fetched = {path: _later(path, read, first, address) for module in first.values() for path in module.later}
    head = "'use strict';{\n" + (FETCH if fetched else "")
    return head + "".join(_wrapped(module, numbers, fetched) for module in first.values()) + "}\n"


def modules(entry: str, read: Read = from_disk) -> list[str]:
    """The paths of all that stands in the script of an entry module, what comes later left out."""
    found: dict[str, Module] = {}
    _visit(entry, read, found, ())
    return list(found)


def _later(path: str, read: Read, first: dict[str, Module], address: Address | None) -> str:
    """The call that fetches what is imported later and makes it, given what the first script holds."""
    if path in first or address is None:
        message = f"{path} is imported later, but it is there from the start" if path in first else f"{path} is imported later: say where it will be"
        raise Fault(message)
    ordered = dict(first)
    _visit(path, read, ordered, ())
    numbers = {other: f"${number}" for number, other in enumerate(ordered)}
    new = [module for other, module in ordered.items() if other not in first]
    if nested := [module.path for module in new if module.later]:
        message = f"{nested[0]} imports later, and comes later itself: import it by name"
        raise Fault(message)
    needed = sorted({numbers[other] for module in new for _, other, _ in module.imports if other in first}, key=lambda number: int(number[1:]))
    given = f"{{{','.join(needed)}}}"
    text = f"export const make=({given})=>{{\n" + "".join(_wrapped(module, numbers, {}) for module in new) + f"return {numbers[path]};}};\n"
    return f"$later({json.dumps(address(path, text))},()=>({given}))"


def _visit(path: str, read: Read, ordered: dict[str, Module], above: tuple[str, ...]) -> None:
    if path in above:
        message = f"these import each other in a circle: {' -> '.join([*above[above.index(path) :], path])}"
        raise Fault(message)
    if path in ordered:
        return
    module = parse(path, _source(path, read, above))
    for _, needed, names in module.imports:
        _visit(needed, read, ordered, (*above, path))
        for name in names:
            if name not in ordered[needed].exports:
                message = f"{path} imports {name} from {needed}, which exports only: {', '.join(ordered[needed].exports)}"
                raise Fault(message)
    ordered[path] = module


def _source(path: str, read: Read, above: tuple[str, ...]) -> str:
    try:
        return read(path)
    except FileNotFoundError as missing:
        message = f"{above[-1] if above else 'the list of entries'} imports {path}, which does not exist"
        raise Fault(message) from missing


def parse(path: str, source: str) -> Module:
    """One module taken apart, or `Fault`."""
    if path.endswith(".json"):
        return Module(path, json.dumps(json.loads(source), ensure_ascii=False, separators=(",", ":")), ["default"])
    source = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), source)
    module = Module(path, "", [])
    for found in ELSEWHERE.finditer(source):
        _fault(path, source, found)
    module.body = STATEMENT.sub(lambda found: _statement(module, source, found), source)
    module.later = [_joined(path, found[1]) for found in LATER.finditer(source)]
    return module


def _statement(module: Module, source: str, found: re.Match[str]) -> str:
    """What is left in the body of a line that imports or exports."""
    line = found[0].strip()
    if exported := EXPORT.match(line):
        module.exports.append(exported[2])
        return line.removeprefix("export ")
    bound = _binding(module, line)
    if bound is None or found[0][0] in " \t":
        _fault(module.path, source, found)
    else:
        module.imports.append(bound)
    return ""


def _binding(module: Module, line: str) -> tuple[str, str, list[str]] | None:
    """For an import: the pattern that takes its names, the path, the names; None for any other line."""
    if named := NAMED.fullmatch(line):
        pairs = [part.split() for part in named[1].split(",") if part.strip()]
        if all(len(pair) == 1 or (len(pair) == 3 and pair[1] == "as") for pair in pairs):  # noqa: PLR2004 - name, or name as other
            return "{" + ",".join(":".join(pair[::2]) for pair in pairs) + "}", _joined(module.path, named[2]), [pair[0] for pair in pairs]
    if found := WHOLE.fullmatch(line) or JSON.fullmatch(line):
        return found[1], _joined(module.path, found[2]), []
    return None


def _joined(path: str, relative: str) -> str:
    """The path from the root of something imported by a relative path."""
    parts: list[str] = []
    for part in (*PurePosixPath(path).parent.parts, *relative.split("/")):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _fault(path: str, source: str, found: re.Match[str]) -> None:
    line = source.count("\n", 0, found.start()) + 1
    message = f"{path}:{line}: {found[0].strip()[:60]!r} cannot be bundled; use {FORMS}"
    raise Fault(message)


def _wrapped(module: Module, numbers: dict[str, str], fetched: dict[str, str]) -> str:
    number = numbers[module.path]
    if module.path.endswith(".json"):
        return f"const {number}={module.body};\n"
    binds = "".join(f"const {pattern}={numbers[path]};" for pattern, path, _ in module.imports)
    body = LATER.sub(lambda found: fetched[_joined(module.path, found[1])], _lean(module.body))
    return f"const {number}=(()=>{{{binds}\n{body}\nreturn {{{','.join(module.exports)}}};}})();\n"


def _lean(body: str) -> str:
    """A body without indentation and empty lines, unless a text runs over several lines; the browser runs what we wrote otherwise."""
    lines = body.split("\n")
    if any(line.count("`") % 2 for line in lines):
        return body
    return "\n".join(line.strip() for line in lines if line.strip())
