"""`broadcast:` and `walk:`: one value, or one expression, for every place where a name occurs.

A name is a key of any mapping below `args`, at every depth, through lists and calls. Each node is
changed once, also one under an anchor that is used twice, which stays one object. A `_raw_: true`
subtree is left as it is. What is put in place is not searched again, so the order of the names
does not matter. A changed node keeps the one that it replaced, so its history says so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from recipe_compiler import arithmetic
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, Span, did_you_mean, route_text, visible
from recipe_compiler.locks import is_raw
from recipe_compiler.syntax import Node
from recipe_compiler.syntax import walk as nodes

MAX_VALUES = 50_000


def broadcast(root: Node, layers: Collection[str]) -> tuple[Node, Diagnostics]:
    """The tree with each value of `broadcast` set wherever its name occurs below `args`.

    `layers` names the files of the recipe: a value from elsewhere is an override, which is not lost in
    silence. Emits: RCP540 a name that occurs nowhere, RCP541 a value that an override set,
    RCP545 too many values.
    """
    table = _table(root, "broadcast")
    if not table:
        return root, ()
    work = _Work(root, "broadcast", table, layers)
    return work.tree(), tuple(work.found)


def walk(root: Node) -> tuple[Node, Diagnostics]:
    """The tree with each number whose name `walk` has replaced by what its expression makes of it.

    Emits: RCP540 a name that occurs nowhere, RCP542 a text that is no expression, RCP543 a value that is
    no number, RCP544 no result.
    """
    found: list[Diagnostic] = []
    expressions: dict[str, arithmetic.Expression] = {}
    table = _table(root, "walk")
    for name, node in table.items():
        if isinstance(node.value, str) and node.value:  # else the schema says so
            try:
                expressions[name] = arithmetic.read(node.value)
            except arithmetic.Trouble as trouble:
                message = f"`walk.{visible(name, 60)}` cannot be read: {trouble.message}"
                where = Label(_inside(node, trouble.start, trouble.end))
                found.append(Diagnostic("RCP542", message, where, help=trouble.help, route=("walk", name)))
    if not expressions:
        return root, tuple(found)
    work = _Work(root, "walk", {name: table[name] for name in expressions}, (), expressions)
    return work.tree(), (*found, *work.found)


def _table(root: Node, key: str) -> dict[str, Node]:
    node = root.value.get(key)
    return node.value if node is not None and isinstance(node.value, dict) else {}


class _Work:
    """One pass over `args`."""

    def __init__(
        self,
        root: Node,
        what: str,
        table: dict[str, Node],
        layers: Collection[str],
        expressions: dict[str, arithmetic.Expression] | None = None,
    ) -> None:
        self.found: list[Diagnostic] = []
        self._root = root
        self._what = what
        self._table = {name: node for name, node in table.items() if not _is_marker(name)}
        self._markers = [name for name in table if _is_marker(name)]
        self._layers = layers
        self._expressions = expressions
        self._places: dict[str, tuple[int, int]] = root.value[what].keys or {}
        self._seen: dict[str, None] = {}
        self._added = 0
        self._done: dict[int, tuple[Any, dict[str, tuple[int, int]] | None]] = {}

    def tree(self) -> Node:
        """The whole tree; names that were not met are found wanting."""
        root = self._root
        args = root.value.get("args")
        new = args if args is None else self._node(args, ("args",))
        if self._added > MAX_VALUES:
            where = Label(root.key_span("broadcast"))
            message = f"`broadcast` sets more than {MAX_VALUES} values"
            self.found.append(Diagnostic("RCP545", message, where, help="set smaller values"))
        self.found += [self._missing(name) for name in (*self._table, *self._markers) if name not in self._seen]
        if args is None or new is args:
            return root
        return Node(root.source, root.start, root.end, {**root.value, "args": new}, root.keys, over=root.over)

    def _node(self, node: Node, route: Route) -> Node:
        old = node.value
        if not isinstance(old, (dict, list)) or is_raw(node):
            return node
        if id(old) not in self._done:  # an anchored value is one value, and is changed once
            if isinstance(old, dict):
                self._done[id(old)] = self._mapping(node, route)
            else:
                items = [self._node(child, (*route, index)) for index, child in enumerate(old)]
                changed = any(new is not child for new, child in zip(items, old, strict=True))
                self._done[id(old)] = (items if changed else old), None
        value, keys = self._done[id(old)]
        if value is old:
            return node
        return Node(node.source, node.start, node.end, value, keys, node.anchor, over=node.over)

    def _mapping(self, node: Node, route: Route) -> tuple[dict[str, Node], dict[str, tuple[int, int]] | None]:
        value, keys = dict(node.value), dict(node.keys or {})
        for name, child in node.value.items():
            if not _is_marker(name):
                self._seen[name] = None
            if name not in self._table:
                value[name] = self._node(child, (*route, name))
            elif (new := self._put(name, child, (*route, name))) is not None:
                value[name] = new
                keys[name] = self._places[name]  # a key stands in the source of its value
        if all(value[name] is child for name, child in node.value.items()):
            return node.value, node.keys
        return value, keys

    def _put(self, name: str, old: Node, route: Route) -> Node | None:
        if self._expressions is not None:
            return self._walked(name, self._expressions[name], old, route)
        new = self._table[name]
        self._added += sum(1 for _ in nodes(new))
        if self._added > MAX_VALUES:
            return None
        if old.source.file not in self._layers:
            here = Label(
                Span(new.source, *self._places.get(name, (new.start, new.end))), f"sets every `{visible(name, 60)}`"
            )
            message = f"`{visible(route_text(route), 120)}` is set by an override, and `broadcast` would set it again"
            help_ = f"override `broadcast.{visible(name, 60)}`, or remove it from `broadcast`"
            self.found.append(Diagnostic("RCP541", message, Label(old.span), (here,), help=help_, route=route))
        return Node(new.source, new.start, new.end, new.value, new.keys, new.anchor, over=old)

    def _walked(self, name: str, expression: arithmetic.Expression, old: Node, route: Route) -> Node | None:
        text = self._table[name]
        if not isinstance(old.value, (int, float)) or isinstance(old.value, bool):
            here = Label(text.span, f"maps every `{visible(name, 60)}`")
            message = (
                f"`walk.{visible(name, 60)}` maps numbers, `{visible(route_text(route), 120)}` is {_kind(old.value)}"
            )
            help_ = "write a number here, or remove the name from `walk`"
            self.found.append(Diagnostic("RCP543", message, Label(old.span), (here,), help=help_, route=route))
            return None
        try:
            result = expression.of(old.value)
        except arithmetic.Trouble as trouble:
            where = Label(_inside(text, trouble.start, trouble.end))
            here = Label(old.span, "`value`")
            message = f"`walk.{visible(name, 60)}` of {old.value!r} has no result: {trouble.message}"
            self.found.append(Diagnostic("RCP544", message, where, (here,), help=trouble.help, route=route))
            return None
        return Node(text.source, text.start, text.end, result, over=old)

    def _missing(self, name: str) -> Diagnostic:
        child = self._root.value[self._what].value[name]
        where = Label(Span(child.source, *self._places.get(name, (child.start, child.end))))
        route = (self._what, name)
        shown = visible(name, 60)
        if _is_marker(name):
            message = f"`{self._what}` sets arguments, not the marker `{shown}`"
            return Diagnostic("RCP540", message, where, help="set it where the call is written", route=route)
        near = did_you_mean(name, self._seen)
        names = ", ".join(sorted(self._seen)[:12]) + (", …" if len(self._seen) > 12 else "")
        help_ = (f"did you mean `{near}`? " if near else "") + f"names that occur: {names or 'none'}"
        return Diagnostic("RCP540", f"`{shown}` occurs nowhere below `args`", where, help=help_, route=route)


def _is_marker(name: str) -> bool:
    return len(name) > 2 and name[0] == name[-1] == "_" and name[1] != "_"


def _kind(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "a mapping"
    return "null" if value is None else "true/false" if isinstance(value, bool) else "text"


def _inside(node: Node, start: int, end: int) -> Span:
    """The characters `start` to `end` of a text, where the source spells the text as its value is."""
    at = node.source.text.find(node.value, node.start, node.end) if node.value else -1
    if at < 0:
        return node.span
    start = min(start, len(node.value) - 1)
    return Span(node.source, at + start, at + max(end, start + 1))
