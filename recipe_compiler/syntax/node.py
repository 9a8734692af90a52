"""The tree that a YAML text becomes: plain values, each with the place it was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from recipe_compiler.diag import Label, Route, Source, Span

Json: TypeAlias = Any
"""None, bool, int, float, str, or lists and text-keyed dicts of them."""


class Node:
    """One value and where it stands: `source`, and `start` to `end` in code points.

    `value` is a scalar, a `list[Node]` or a `dict[str, Node]`; of a mapping, `keys` holds the
    start and end of each key. `anchor` numbers an anchored collection: an alias is a node of
    its own (its own place) with the same `value` object and the same `anchor`. `over` is the
    node that this one replaced, so the history of a value is a chain, newest first.

    Nodes are not changed once a stage has returned them. A plain slotted class: a frozen
    dataclass costs three times as much to make, and a recipe has a hundred of these.
    """

    __slots__ = ("anchor", "end", "keys", "over", "source", "start", "value")

    def __init__(
        self,
        source: Source,
        start: int,
        end: int,
        value: Any,  # noqa: ANN401  see the class
        keys: dict[str, tuple[int, int]] | None = None,
        anchor: int = 0,
        over: Node | None = None,
    ) -> None:
        """Hold a value and its place."""
        self.source = source
        self.start = start
        self.end = end
        self.value = value
        self.keys = keys
        self.anchor = anchor
        self.over = over

    def __repr__(self) -> str:
        """The value as plain data, for test failures."""
        return f"Node({plain(self)!r})"

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return Span(self.source, self.start, self.end)

    def key_span(self, key: str) -> Span:
        """Where `key` of this mapping stands, in the layer that set its value."""
        child = self.value[key]
        start, end = (self.keys or {}).get(key, (child.start, child.end))
        return Span(child.source, start, end)


def plain(node: Node) -> Json:
    """The node's value as plain data. A shared value is copied at each place."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return value


def find(root: Node, route: Route) -> tuple[Node, Route]:
    """The deepest node on `route`, and the part of the route that exists."""
    node = root
    for depth, part in enumerate(route):
        value: Any = node.value
        if isinstance(value, dict) and part in value:
            node = value[part]
        elif isinstance(part, int) and isinstance(value, list) and -len(value) <= part < len(value):
            node = value[part]
        else:
            return node, route[:depth]
    return node, route


def label(root: Node, route: Route, text: str = "", *, key: bool = False) -> Label:
    """The place of `route` in the layer that set it: its value, or with `key` its key.

    A route that does not exist is shown at its nearest parent: the parent's key, or the
    first character of the document.
    """
    node, found = find(root, route)
    if found and (key or len(found) < len(route)):
        parent, _ = find(root, found[:-1])
        if isinstance(parent.value, dict):
            return Label(parent.key_span(str(found[-1])), text)
    if not found and route:
        return Label(Span(root.source, root.start, root.start + 1), text)
    return Label(node.span, text)


def walk(node: Node, route: Route = ()) -> Iterator[tuple[Route, Node]]:
    """Each node below and including `node`, parents first, with its route."""
    yield route, node
    value = node.value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from walk(child, (*route, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from walk(child, (*route, index))
