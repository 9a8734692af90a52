"""Templates to Python: `python -m recipe_compiler.templates.generate` writes `compiled_templates.py`.

A cold compile then needs neither Jinja nor its compiler. Jinja parses; each template that a
target names becomes one function, with what it includes and extends put in place. The subset is
the contract of the templates: text, values through filters, `if`, `for`, `include`, `extends`,
`block`. Anything else is refused here, at its line. `compiled_templates` is used only for exactly
these texts: a site that changes one gets Jinja itself (`render.Templates`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path  # noqa: TID251  writes one file of this repository

from jinja2 import nodes

from recipe_compiler import compiled_templates, render
from recipe_compiler.host import files

_HEAD = '''\
"""The templates as Python. Made by `make templates` from `templates/*.j2`: do not edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Put = Callable[[tuple[str, ...]], None]
Show = Callable[[Any], str]
Filters = Mapping[str, Callable[..., str]]
Values = Mapping[str, Any]
'''
_OPERATORS = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}
Blocks = Mapping[str, list[nodes.Node]]


class Refused(Exception):  # noqa: N818  says what happened
    """A template uses more of Jinja than its contract says."""


def generate(texts: Mapping[str, str]) -> str:
    """The text of `compiled_templates.py` for these templates."""
    names = sorted(name for name in texts if name.endswith(".j2") and "/" in name)
    functions = [_Function(name, texts).text() for name in names]
    table = "".join(f"    {name!r}: {_identifier(name)},\n" for name in names)
    digest = f"SHA256 = {render.sha256_of(texts)!r}\n\n\n"
    return _HEAD + digest + "\n\n".join(functions) + f"\n\nTEMPLATES = {{\n{table}}}\n"


def _identifier(name: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in name.removesuffix(".j2"))


class _Function:
    """One template as the lines of a function."""

    def __init__(self, name: str, texts: Mapping[str, str]) -> None:
        self._environment = render.environment(texts)
        self._texts = texts
        self._name = name
        self._lines: list[str] = []
        self._text = ""
        self._items: list[str] = []
        self._filters: set[str] = set()
        self._free: set[str] = set()
        self._bound: list[str] = []
        self._looped: set[str] = set()

    def text(self) -> str:
        self._body(self._parsed(self._name), {}, 1)
        self._flush(1)
        if clash := self._free & self._looped:
            msg = f"{self._name}: {', '.join(sorted(clash))} is both a value and a loop's variable"
            raise Refused(msg)
        head = [f"def {_identifier(self._name)}(_put: Put, _show: Show, _f: Filters, _v: Values) -> None:"]
        head += [f'    _{name} = _f["{name}"]' for name in sorted(self._filters)]
        head += [f'    {name} = _v["{name}"]' for name in sorted(self._free)]
        return "\n".join([*head, *(self._lines or ["    pass"])]) + "\n"

    def _code(self, line: str, depth: int) -> None:
        self._flush(depth)
        self._lines.append("    " * depth + line)

    def _item(self, code: str) -> None:
        self._end_text()
        self._items.append(code)

    def _end_text(self) -> None:
        """Texts that follow one another are one."""
        if self._text:
            self._items.append("\n".join(repr(line) for line in self._text.splitlines(keepends=True)))
            self._text = ""

    def _flush(self, depth: int) -> None:
        """Write what is to be put out up to here."""
        self._end_text()
        if self._items:
            space = "    " * depth
            lines = [f"    {line}" for item in self._items for line in f"{item},".split("\n")]
            self._lines += [space + line for line in ("_put((", *lines, "))")]
            self._items = []

    def _parsed(self, name: str) -> list[nodes.Node]:
        tree: nodes.Template = self._environment.parse(self._texts[name], name=name)
        return tree.body

    def _body(self, body: Iterable[nodes.Node], blocks: Blocks, depth: int) -> None:
        body = list(body)
        if body and isinstance(body[0], nodes.Extends):
            own = {node.name: node.body for node in body if isinstance(node, nodes.Block)}
            self._body(self._parsed(_constant(body[0].template)), {**own, **blocks}, depth)
            return
        for node in body:
            self._statement(node, blocks, depth)

    def _statement(self, node: nodes.Node, blocks: Blocks, depth: int) -> None:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                self._output(part)
        elif isinstance(node, nodes.If):
            word = "if"
            for branch in (node, *node.elif_):
                self._branch(f"{word} {self._value(branch.test)}:", branch.body, blocks, depth)
                word = "elif"
            if node.else_:
                self._branch("else:", node.else_, blocks, depth)
        elif isinstance(node, nodes.For) and not (node.else_ or node.test or node.recursive):
            names = [item.name for item in node.target.find_all(nodes.Name)] or [getattr(node.target, "name", "")]
            head = f"for {', '.join(names)} in {self._value(node.iter)}:"
            self._looped.update(names)
            self._bound += names
            self._branch(head, node.body, blocks, depth)
            del self._bound[-len(names) :]
        elif isinstance(node, nodes.Include):
            self._body(self._parsed(_constant(node.template)), {}, depth)
        elif isinstance(node, nodes.Block):
            self._body(blocks.get(node.name, node.body), blocks, depth)
        else:
            raise self._refused(node)

    def _branch(self, head: str, body: Iterable[nodes.Node], blocks: Blocks, depth: int) -> None:
        self._code(head, depth)
        before = len(self._lines)
        self._body(body, blocks, depth + 1)
        self._flush(depth + 1)
        if len(self._lines) == before:
            self._code("pass", depth + 1)

    def _output(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.TemplateData):
            self._text += node.data
        elif isinstance(node, nodes.Filter):
            self._item(self._value(node))  # each of our filters gives Safe
        else:
            self._item(f"_show({self._value(node)})")

    def _value(self, node: nodes.Node | None) -> str:
        if isinstance(node, nodes.Name):
            if node.name not in self._bound:
                self._free.add(node.name)
            return node.name
        if isinstance(node, nodes.Const):
            return repr(node.value)
        if isinstance(node, nodes.Getattr):
            return f"{self._value(node.node)}.{node.attr}"
        if isinstance(node, nodes.Filter) and not (node.args or node.kwargs) and node.name in render.FILTERS:
            self._filters.add(node.name)
            return f"_{node.name}({self._value(node.node)})"
        if isinstance(node, nodes.Concat):
            return "(" + " + ".join(self._joined(part) for part in node.nodes) + ")"
        if isinstance(node, nodes.And | nodes.Or | nodes.Add | nodes.Sub):
            return f"({self._value(node.left)} {node.operator} {self._value(node.right)})"
        if isinstance(node, nodes.Not):
            return f"(not {self._value(node.node)})"
        if isinstance(node, nodes.Compare):
            ops = "".join(f" {_OPERATORS[item.op]} {self._value(item.expr)}" for item in node.ops)
            return f"({self._value(node.expr)}{ops})"
        raise self._refused(node)

    def _joined(self, node: nodes.Node) -> str:
        value = self._value(node)
        return value if isinstance(node, nodes.Const) and isinstance(node.value, str) else f"str({value})"

    def _refused(self, node: nodes.Node | None) -> Refused:
        where = f"{self._name}:{getattr(node, 'lineno', '?')}"
        return Refused(f"{where}: `{type(node).__name__}` is not in the contract of the templates; do it in Python")


def _constant(node: nodes.Expr) -> str:
    return str(node.as_const())


def main() -> None:
    """Write the module anew."""
    Path(compiled_templates.__file__).write_text(generate(files.templates()), encoding="utf-8")


if __name__ == "__main__":
    main()
