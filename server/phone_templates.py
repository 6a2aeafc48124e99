"""Compiles `pwa/templates` to one JavaScript module, from Jinja2's own parsed templates, so that phone and office show the same bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from markupsafe import escape

from server.phone_expressions import Expressions, Fault, Scope, literal

FOLDER = Path(__file__).parent.parent / "pwa" / "templates"
CONST = (str, int, type(None))  # Jinja2 prints a written-out none as None, unlike a value that is None


def nothing_for_none(value: object) -> object:
    """What a template prints for a value: nothing for None."""
    return "" if value is None else value


OPTIONS = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True, "finalize": nothing_for_none}


def compile_all(folder: Path = FOLDER) -> str:
    """One ES module that exports `templates`: name -> {extends, blocks, run}; `Fault` names file and line of what it cannot do."""
    return compile_trees({name: parse_text(name, source) for name, source in _sources(folder)})


def split(first: str, folder: Path = FOLDER) -> tuple[str, str]:
    """The same as two modules: the templates that these scripts name, with all that those stand on; and the others."""
    trees = {name: parse_text(name, source) for name, source in _sources(folder)}
    wanted = [name for name in trees if f"'{name}'" in first]
    for name in wanted:
        wanted += [other for other in meta.find_referenced_templates(trees[name]) if other and other not in wanted]
    return compile_trees(trees, lambda name: name in wanted), compile_trees(trees, lambda name: name not in wanted)


def compile_trees(trees: dict[str, nodes.Template], wanted: Callable[[str], bool] = bool) -> str:
    """The same, of templates that were read before: those that are wanted."""
    macros = {name: frozenset(macro.name for macro in tree.find_all(nodes.Macro)) for name, tree in trees.items()}
    written = [f"{literal(name)}:{Compiler(name, macros).compiled(tree)}" for name, tree in trees.items() if wanted(name)]
    return "export const templates = {\n" + ",\n".join(written) + "\n};\n"


def parse_text(name: str, source: str) -> nodes.Template:
    """A template as Jinja2 reads it, or `Fault`."""
    try:
        return Environment(**OPTIONS).parse(source, name)  # type: ignore[arg-type]  # noqa: S701 - OPTIONS escape
    except TemplateSyntaxError as fault:
        message = f"pwa/templates/{name}:{fault.lineno}: {fault.message}"
        raise Fault(message) from fault


def keys(folder: Path = FOLDER) -> Iterator[tuple[str, str]]:
    """Each template's name with each message key written out in it."""
    for name, source in _sources(folder):
        for call in parse_text(name, source).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_" and isinstance(call.args[0], nodes.Const):
                yield name, call.args[0].value


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.html")):
        yield path.relative_to(folder).as_posix(), path.read_text("utf-8")


class Compiler(Expressions):
    """One template; statements become JavaScript lines that append to `o`."""

    def __init__(self, template: str, macros: dict[str, frozenset[str]]) -> None:
        super().__init__(template)
        self.macros = macros
        self.blocks: dict[str, str] = {}
        self.extends: str | None = None
        self.numbers = itertools.count()

    def compiled(self, tree: nodes.Template) -> str:
        """The object that the runtime calls."""
        parents = list(tree.find_all(nodes.Extends))
        if parents:
            self.extends = self._template_name(parents[0], parents[0].template)
            if len(parents) > 1 or parents[0] is not tree.body[0]:
                self.fault(parents[-1], "extends stands alone on the first line")
        scope = Scope()
        body = self.body([node for node in tree.body if node not in parents], scope, top=True)
        blocks = ",".join(f"{name}:{code}" for name, code in self.blocks.items())
        return f"{{extends:{literal(self.extends)},blocks:{{{blocks}}},run(x,c,b){{let o='';{body}return o}}}}"

    def body(self, statements: Iterable[nodes.Node], scope: Scope, *, top: bool = False) -> str:
        """The statements one after the other; at the top of a template names go to the context, elsewhere to variables."""
        return "".join(self._statement(node, scope, top) for node in statements)

    def inner(self, statements: list[nodes.Node], outer: Scope, names: dict[str, str] | None = None, *, block: bool = False) -> str:
        """A body with a scope of its own: what it sets is forgotten at its end."""
        scope = Scope(outer, block=block)
        scope.names |= names or {}
        declared = []
        for name in _assigned(statements):
            before = scope.find(name) or f"c.{name}"
            scope.names[name] = self.fresh(name)
            declared.append(f"let {scope.names[name]}={before};")
        return "".join(declared) + self.body(statements, scope)

    def fresh(self, name: str) -> str:
        """A JavaScript variable nobody else uses."""
        return f"{name}${next(self.numbers)}"

    def _statement(self, node: nodes.Node, scope: Scope, top: bool) -> str:
        write = getattr(self, f"_write_{type(node).__name__.lower()}", None)
        if write is None:
            self.fault(node, f"{{% {type(node).__name__.lower()} %}} is outside the shared subset")
        return str(write(node, scope, top))

    def _write_output(self, node: nodes.Output, scope: Scope, _: bool) -> str:
        return f"o+={'+'.join(self._print(part, scope) for part in node.nodes)};"

    def _print(self, part: nodes.Node, scope: Scope) -> str:
        if isinstance(part, nodes.TemplateData):
            return literal(part.data)
        if isinstance(part, nodes.Const) and isinstance(part.value, CONST):
            return literal(str(escape(part.value)))
        return f"x.show({self.value(part, scope)})"

    def _write_if(self, node: nodes.If, scope: Scope, top: bool) -> str:
        code = f"if({self.test(node.test, scope)}){{{self.body(node.body, scope, top=top)}}}"
        for other in node.elif_:
            code += f"else if({self.test(other.test, scope)}){{{self.body(other.body, scope, top=top)}}}"
        return code + (f"else{{{self.body(node.else_, scope, top=top)}}}" if node.else_ else "")

    def _write_for(self, node: nodes.For, scope: Scope, _: bool) -> str:
        if node.recursive:
            self.fault(node, "a recursive for is outside the shared subset")
        items, loop = self.fresh("items"), self.fresh("loop")
        names = {name.name: self.fresh(name.name) for name in _targets(node.target)}
        item = next(iter(names.values())) if isinstance(node.target, nodes.Name) else self.fresh("item")
        unpack = "" if item in names.values() else f"let {self._pattern(node.target, names)}={self._unpacked(node.target, item)};"
        chosen = self.value(node.iter, scope)
        if node.test:
            inside = Scope(scope)
            inside.names |= names
            chosen = f"x.each({chosen}).filter(({item})=>{{{unpack}return {self.test(node.test, inside)}}})"
        loops = any(name.name == "loop" for part in node.body for name in _find(part, nodes.Name))
        body = self.inner(node.body, scope, names | ({"loop": loop} if loops else {}))
        head = f"const {items}=x.each({chosen});"
        if loops:
            head += f"const {loop}=x.loop({items});"
        step = f"{loop}.index0++;" if loops else ""
        other = f"if(!{items}.length){{{self.inner(node.else_, scope)}}}" if node.else_ else ""
        return f"{{{head}for(const {item} of {items}){{{step}{unpack}{body}}}{other}}}"

    def _pattern(self, target: nodes.Node, names: dict[str, str]) -> str:
        if isinstance(target, nodes.Name):
            return names[target.name]
        if isinstance(target, nodes.Tuple) and all(isinstance(part, nodes.Name) for part in target.items):
            return f"[{','.join(names[part.name] for part in target.items if isinstance(part, nodes.Name))}]"
        return self.fault(target, "only plain names can be given a value; namespaces and nested unpacking are outside the shared subset")

    def _unpacked(self, target: nodes.Node, item: str) -> str:
        return f"x.parts({item},{len(target.items)})" if isinstance(target, nodes.Tuple) else item

    def _write_assign(self, node: nodes.Assign, scope: Scope, top: bool) -> str:
        names = {name.name: self._place(name.name, scope, top) for name in _targets(node.target)}
        value = self._unpacked(node.target, self.value(node.node, scope))
        return f"{self._pattern(node.target, names)}={value};"

    def _place(self, name: str, scope: Scope, top: bool) -> str:
        return f"c.{name}" if top else scope.find(name) or f"c.{name}"

    def _write_assignblock(self, node: nodes.AssignBlock, scope: Scope, top: bool) -> str:
        if node.filter or not isinstance(node.target, nodes.Name):
            self.fault(node, "a set block has a plain name and no filter here")
        return f"{self._place(node.target.name, scope, top)}={self._captured(node.body, scope)};"

    def _captured(self, statements: list[nodes.Node], scope: Scope) -> str:
        return f"(()=>{{let o='';{self.inner(statements, scope)}return x.safe(o)}})()"

    def _write_with(self, node: nodes.With, scope: Scope, _: bool) -> str:
        names = {name.name: self.fresh(name.name) for target in node.targets for name in _targets(target)}
        sets = "".join(
            f"let {self._pattern(target, names)}={self._unpacked(target, self.value(value, scope))};"
            for target, value in zip(node.targets, node.values, strict=True)
        )
        return f"{{{sets}{self.inner(node.body, scope, names)}}}"

    def _write_block(self, node: nodes.Block, scope: Scope, top: bool) -> str:
        if node.required or node.scoped:
            self.fault(node, "a block is neither required nor scoped here")
        if not top and not scope.block:
            self.fault(node, "a block stands at the top of its template or in another block, not in a for, with or macro")
        body = self.inner(node.body, Scope(), {"super": f"{literal(node.name)},depth"}, block=True)
        self.blocks[node.name] = f"(x,c,b,depth)=>{{let o='';{body}return o}}"
        return "" if top and self.extends else f"o+=x.block(b,{literal(node.name)},0,c);"

    def _write_include(self, node: nodes.Include, scope: Scope, _: bool) -> str:
        if node.ignore_missing:
            self.fault(node, "ignore missing is outside the shared subset: every template is known when it is built")
        seen = ",".join(f"{name}:{code}" for name, code in scope.all().items() if name not in {"loop", "super", "caller"})
        context = f"x.with(c,{{{seen}}})" if node.with_context else "x.with(null,{})"
        return f"o+=x.run({literal(self._template_name(node, node.template))},{context});"

    def _template_name(self, node: nodes.Node, name: nodes.Node) -> str:
        if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
            self.fault(node, "a template's name is written out, never computed")
        if name.value not in self.macros:
            self.fault(node, f"there is no template {name.value!r} in pwa/templates")
        return name.value

    def _write_fromimport(self, node: nodes.FromImport, scope: Scope, top: bool) -> str:
        if node.with_context:
            self.fault(node, "macros are imported without context: pass what they need")
        source = self._template_name(node, node.template)
        pairs = [(name, name) if isinstance(name, str) else name for name in node.names]
        for name, _ in pairs:
            if name not in self.macros[source]:
                self.fault(node, f"there is no macro {name} in pwa/templates/{source}")
        return "".join(f"{self._place(alias, scope, top)}=x.macros({literal(source)},{literal(name)});" for name, alias in pairs)

    def _write_macro(self, node: nodes.Macro, scope: Scope, top: bool) -> str:
        return f"{self._place(node.name, scope, top)}={self._macro(node, scope, self._uses_caller(node))};"

    def _uses_caller(self, node: nodes.Macro | nodes.CallBlock) -> bool:
        return any(name.name == "caller" for part in node.body for name in _find(part, nodes.Name))

    def _macro(self, node: nodes.Macro | nodes.CallBlock, scope: Scope, caller: bool) -> str:
        names = {name.name: self.fresh(name.name) for name in node.args}
        inside = Scope(scope)
        lets, required = "", len(node.args) - len(node.defaults)
        for place, name in enumerate(node.args):
            usual = self.value(node.defaults[place - required], inside) if place >= required else "undefined"
            lets += f"let {names[name.name]}=x.given(a,{place})?a[{place}]:{usual};"
            inside.names[name.name] = names[name.name]
        called = self.fresh("caller")
        names |= {"caller": called} if caller else {}
        body = self.inner(node.body, scope, names)
        listed = ",".join(literal(name.name) for name in node.args)
        return f"x.macro([{listed}],{literal(caller)},(a,{called})=>{{{lets}let o='';{body}return x.safe(o)}})"

    def _write_callblock(self, node: nodes.CallBlock, scope: Scope, _: bool) -> str:
        if self._uses_caller(node):
            self.fault(node, "caller() of the macro around it is not known in a call's body; set it to a name before")
        caller = self._macro(node, scope, caller=False)
        return f"o+=x.show({self._call(node.call, scope, f',{caller}')});"


def _targets(target: nodes.Node) -> list[nodes.Name]:
    return [target] if isinstance(target, nodes.Name) else list(target.find_all(nodes.Name))


def _find(node: nodes.Node, kind: type[nodes.Name]) -> Iterator[nodes.Name]:
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)


def _assigned(statements: Iterable[nodes.Node]) -> list[str]:
    """The names that these statements give a value, in this scope: inside if, but not inside for, with, macro or block."""
    found: dict[str, None] = {}
    for node in statements:
        if isinstance(node, nodes.Assign | nodes.AssignBlock):
            found |= dict.fromkeys(name.name for name in _targets(node.target))
        elif isinstance(node, nodes.Macro):
            found[node.name] = None
        elif isinstance(node, nodes.FromImport):
            found |= dict.fromkeys(name if isinstance(name, str) else name[1] for name in node.names)
        elif isinstance(node, nodes.If):
            branches = [*node.body, *node.else_, *(part for other in node.elif_ for part in other.body)]
            found |= dict.fromkeys(_assigned(branches))
    return list(found)


if __name__ == "__main__":
    print(compile_all(), end="")  # noqa: T201 - for tests/phone/built.js
