"""Jinja2 expressions as JavaScript: names, fields, tests, filters and calls; whatever a phone would answer differently is a `Fault`."""

from __future__ import annotations

import json
from typing import NoReturn

from jinja2 import nodes

GLOBALS = frozenset({"_", "lang", "date", "day", "day_short", "weekday", "near", "clock", "when", "number", "age", "range"})
FILTERS = {
    "e": 0, "escape": 0, "default": 2, "d": 2, "length": 0, "count": 0, "join": 1, "first": 0, "last": 0, "upper": 0, "lower": 0,
    "trim": 0, "replace": 2, "string": 0, "list": 0, "reverse": 0, "map": 0, "select": 0, "reject": 0, "selectattr": 3, "rejectattr": 3,
    "items": 0, "urlencode": 0, "abs": 0, "batch": 1,
}  # fmt: skip
TESTS = {
    "defined": 0, "undefined": 0, "none": 0, "string": 0, "number": 0, "true": 0, "false": 0, "odd": 0, "even": 0, "divisibleby": 1, "in": 1,
    "eq": 1, "equalto": 1, "==": 1, "ne": 1, "!=": 1,
}  # fmt: skip
PICKERS = ("selectattr", "rejectattr")
LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"})
METHODS = frozenset(name for name in dir(dict) if not name.startswith("_"))
COMPARE = {"eq": "x.eq({},{})", "ne": "!x.eq({},{})", "in": "x.has({1},{0})", "notin": "!x.has({1},{0})"}
ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
ARITHMETIC = {nodes.Sub: "-", nodes.Mul: "*", nodes.FloorDiv: "//", nodes.Mod: "%"}
ALWAYS_TRUE_OR_FALSE = (nodes.Compare, nodes.Test, nodes.Not, nodes.And, nodes.Or)
INT_MAX = 2**53 - 1


class Fault(ValueError):  # noqa: N818 - a fault in a template, not in us
    """Something in a template that the phone cannot do in the same way; the text says where, what and what to do instead."""


class Scope:
    """Which names of a template live in which JavaScript variables, from the inside outwards."""

    def __init__(self, outer: Scope | None = None, *, block: bool = False) -> None:
        self.outer = outer
        self.block = block
        self.names: dict[str, str] = {}

    def find(self, name: str) -> str | None:
        """The variable that holds a name, or None when only the page's context can."""
        return self.names.get(name) or (self.outer.find(name) if self.outer else None)

    def all(self) -> dict[str, str]:
        """Every name in sight."""
        return (self.outer.all() if self.outer else {}) | self.names


class Expressions:
    """The expressions of one template; `template` is its name, for messages."""

    def __init__(self, template: str) -> None:
        self.template = template

    def fault(self, node: nodes.Node, why: str) -> NoReturn:
        """Refuse this node."""
        lines = [part.lineno for part in (node, *node.find_all(nodes.Node)) if part.lineno]
        message = f"pwa/templates/{self.template}:{lines[0] if lines else 1}: {why}"
        raise Fault(message)

    def value(self, node: nodes.Node, scope: Scope) -> str:
        """JavaScript that gives the node's value."""
        write = getattr(self, f"_{type(node).__name__.lower()}", None)
        if write is None and type(node) in ARITHMETIC:
            write = self._arithmetic
        if write is None:
            self.fault(node, f"{type(node).__name__} is outside the shared subset; compute it in the page function")
        return str(write(node, scope))

    def test(self, node: nodes.Node, scope: Scope) -> str:
        """JavaScript that gives true or false as Python would judge the value."""
        if isinstance(node, nodes.And | nodes.Or):
            sign = "&&" if isinstance(node, nodes.And) else "||"
            return f"({self.test(node.left, scope)}{sign}{self.test(node.right, scope)})"
        if isinstance(node, nodes.Not):
            return f"!{self.test(node.node, scope)}"
        if isinstance(node, ALWAYS_TRUE_OR_FALSE):
            return f"({self.value(node, scope)})"
        return f"x.truth({self.value(node, scope)})"

    def _const(self, node: nodes.Const, _: Scope) -> str:
        whole = isinstance(node.value, int) and abs(node.value) <= INT_MAX
        if node.value is None or whole or isinstance(node.value, str):
            return literal(node.value)
        return self.fault(node, f"{node.value!r} is not a text or a whole number below 2^53")

    def _name(self, node: nodes.Name, scope: Scope) -> str:
        local = scope.find(node.name)
        if node.name == "loop":
            self.fault(node, "loop is only known inside its for, and only by its fields, such as loop.first")
        if node.name in {"varargs", "kwargs", "self", "super", "caller"} and local is None:
            self.fault(node, f"{node.name} is outside the shared subset here")
        return local or f"c.{node.name}"

    def _list(self, node: nodes.List, scope: Scope) -> str:
        return f"[{','.join(self.value(item, scope) for item in node.items)}]"

    _tuple = _list

    def _dict(self, node: nodes.Dict, scope: Scope) -> str:
        for pair in node.items:
            if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str) or pair.key.value.isdigit():
                self.fault(pair, "a dict's keys are written-out texts, not numbers")
        return "{" + ",".join(f"[{literal(pair.key.as_const())}]:{self.value(pair.value, scope)}" for pair in node.items) + "}"

    def _getattr(self, node: nodes.Getattr, scope: Scope) -> str:
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            return self._loop(node, scope)
        if node.attr in METHODS or node.attr.startswith("_"):
            self.fault(node, f".{node.attr} is a method of every dict in Python; choose another field name")
        return f"x.get({self.value(node.node, scope)},{literal(node.attr)})"

    def _loop(self, node: nodes.Getattr, scope: Scope) -> str:
        local = scope.find("loop")
        if local is None or node.attr not in LOOP:
            self.fault(node, f"loop.{node.attr} is outside the shared subset" if local else "loop is only known inside a for")
        return f"{local}.{node.attr}"

    def _getitem(self, node: nodes.Getitem, scope: Scope) -> str:
        if isinstance(node.arg, nodes.Slice):
            self.fault(node, "slices are outside the shared subset; cut the list in the page function")
        if isinstance(node.arg, nodes.Const) and node.arg.value in METHODS:
            self.fault(node, f"{node.arg.value!r} is a method of every dict in Python; choose another field name")
        return f"x.get({self.value(node.node, scope)},{self.value(node.arg, scope)})"

    def _condexpr(self, node: nodes.CondExpr, scope: Scope) -> str:
        other = self.value(node.expr2, scope) if node.expr2 else "undefined"
        return f"({self.test(node.test, scope)}?{self.value(node.expr1, scope)}:{other})"

    def _and(self, node: nodes.And, scope: Scope) -> str:
        return f"x.and({self.value(node.left, scope)},()=>({self.value(node.right, scope)}))"

    def _or(self, node: nodes.Or, scope: Scope) -> str:
        return f"x.or({self.value(node.left, scope)},()=>({self.value(node.right, scope)}))"

    def _not(self, node: nodes.Not, scope: Scope) -> str:
        return self.test(node, scope)

    def _compare(self, node: nodes.Compare, scope: Scope) -> str:
        if len(node.ops) != 1:
            self.fault(node, "a chain of comparisons is outside the shared subset; join two with and")
        operand = node.ops[0]
        left, right = self.value(node.expr, scope), self.value(operand.expr, scope)
        if operand.op in ORDER:
            return f"x.order({left},{right},{literal(ORDER[operand.op])})"
        return COMPARE[operand.op].format(left, right)

    def _concat(self, node: nodes.Concat, scope: Scope) -> str:
        return f"x.glue([{','.join(self.value(part, scope) for part in node.nodes)}])"

    def _add(self, node: nodes.Add, scope: Scope) -> str:
        return f"x.add({self.value(node.left, scope)},{self.value(node.right, scope)})"

    def _arithmetic(self, node: nodes.BinExpr, scope: Scope) -> str:
        return f"x.reckon({self.value(node.left, scope)},{literal(ARITHMETIC[type(node)])},{self.value(node.right, scope)})"

    def _neg(self, node: nodes.Neg, scope: Scope) -> str:
        return f"x.reckon(0,'-',{self.value(node.node, scope)})"

    def _filter(self, node: nodes.Filter, scope: Scope) -> str:
        if node.node is None or node.name not in FILTERS:
            self.fault(node, f"the filter {node.name} is outside the shared subset ({', '.join(sorted(FILTERS))})")
        arguments = [self.value(node.node, scope), *self._filter_arguments(node, scope)]
        return f"x.filters.{node.name}({','.join(arguments)})"

    def _filter_arguments(self, node: nodes.Filter, scope: Scope) -> list[str]:
        if node.name == "map":
            return [self._attribute(node)]
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) > FILTERS[node.name]:
            self.fault(node, f"the filter {node.name} takes at most {FILTERS[node.name]} arguments here, and none by name")
        if node.name in PICKERS:
            return self._picker_arguments(node, scope)
        return [self.value(argument, scope) for argument in node.args]

    def _attribute(self, node: nodes.Filter) -> str:
        alone = not node.args and len(node.kwargs) == 1 and node.kwargs[0].key == "attribute"
        name = node.kwargs[0].value if alone else None
        if not isinstance(name, nodes.Const) or not str(name.value).isidentifier():
            self.fault(node, "map is used as map(attribute='name') only")
        return literal(name.value)

    def _picker_arguments(self, node: nodes.Filter, scope: Scope) -> list[str]:
        names = [argument.value if isinstance(argument, nodes.Const) else None for argument in node.args[:2]]
        fits = names and str(names[0]).isidentifier() and (len(names) == 1 or TESTS.get(str(names[1])) == len(node.args) - 2)
        if not fits:
            self.fault(node, f"{node.name} takes a field's name and perhaps a known test with its argument")
        rest = [self.value(argument, scope) for argument in node.args[2:]]
        return [literal(names[0]), *([f"x.tests[{literal(names[1])}]"] if len(names) > 1 else []), *rest]

    def _test(self, node: nodes.Test, scope: Scope) -> str:
        if node.name not in TESTS or node.kwargs or len(node.args) != TESTS[node.name]:
            self.fault(node, f"the test {node.name} is outside the shared subset ({', '.join(sorted(TESTS))})")
        arguments = [self.value(argument, scope) for argument in (node.node, *node.args)]
        return f"x.tests[{literal(node.name)}]({','.join(arguments)})"

    def _call(self, node: nodes.Call, scope: Scope, caller: str = "") -> str:
        if node.dyn_args or node.dyn_kwargs:
            self.fault(node, "* and ** in a call are outside the shared subset")
        if isinstance(node.node, nodes.Name):
            return self._call_name(node, node.node.name, scope, caller)
        return self.fault(node, "methods cannot be called in a shared template; compute it in the page function")

    def _call_name(self, node: nodes.Call, name: str, scope: Scope, caller: str) -> str:
        arguments = [self.value(argument, scope) for argument in node.args]
        named = "{" + ",".join(f"{pair.key}:{self.value(pair.value, scope)}" for pair in node.kwargs) + "}"
        if name == "super":
            return f"x.above(b,{scope.find('super')},c)" if scope.find("super") else self.fault(node, "super() belongs in a block")
        if name == "_" and not scope.find(name):
            return self._say(node, arguments, named)
        if name in GLOBALS and not scope.find(name):
            if node.kwargs:
                self.fault(node, f"{name}() takes no arguments by name")
            return f"{'x' if name == 'range' else 'c'}.{name}({','.join(arguments)})"
        return f"x.call({self.value(node.node, scope)},[{','.join(arguments)}],{named}{caller})"

    def _say(self, node: nodes.Call, arguments: list[str], named: str) -> str:
        if not 1 <= len(arguments) <= 2:  # noqa: PLR2004 - the key, and perhaps n
            self.fault(node, "_() takes a key, perhaps n, and values by name")
        if len(arguments) == 1:
            return f"c._({arguments[0]})" if named == "{}" else f"c._({arguments[0]},{named})"
        return f"c._({arguments[0]},{{n:{arguments[1]},{named[1:]})"


def literal(value: str | int | None) -> str:
    """A text, whole number, truth or nothing as JavaScript source."""
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
