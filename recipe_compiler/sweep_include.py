"""`include` of a sweep, as GitHub Actions' matrix has it: more values for the points that are there, or a new point.

An entry goes to every point of `grid` and `zip` whose own values it does not change, also over what an entry
before it gave. One that fits none of them is a point of its own, to which no other entry is added.
Source: GitHub docs, "Expanding or adding matrix configurations".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

from recipe_compiler.diag import Diagnostic, Diagnostics, Route, route_text
from recipe_compiler.syntax import Json, Node, label

Row: TypeAlias = tuple[str | None, tuple[tuple[Route, Json], ...]]
"""A point that has no number yet: its name, and what it sets."""
MAX_ADDED = 200_000
"""Values that `include` gives to all points together."""


class Texts:
    """Values as text, each made once: an axis gives one value to many rows, which keep it alive."""

    def __init__(self) -> None:
        """No text is made yet."""
        self._texts: dict[int, str] = {}

    def __call__(self, value: Json) -> str:
        """The value as JSON: `1`, `1.0` and `true` are three."""
        if id(value) not in self._texts:
            self._texts[id(value)] = json.dumps(value, sort_keys=True, ensure_ascii=False)
        return self._texts[id(value)]


def included(rows: Sequence[Row], entries: Sequence[Row], root: Node, text: Texts) -> tuple[list[Row], Diagnostics]:
    """`rows` with the values of each entry that fits them, and then the entries that fit none.

    Emits: RCP405 too many values, RCP532 an entry that adds nothing.
    """
    axes: dict[frozenset[Route], list[int]] = {}
    for at, (_, values) in enumerate(rows):
        axes.setdefault(frozenset(route for route, _ in values), []).append(at)
    groups = [_Group(routes, numbers, rows, text) for routes, numbers in axes.items()]
    names = [name for name, _ in rows]
    added: list[dict[Route, Json]] = [{} for _ in rows]
    new: list[Row] = []
    total = 0
    for index, (name, values) in enumerate(entries):
        fitting = [(at, group.beside(values)) for group in groups for at in group.fitting(values)]
        total += len(fitting) * len(values)
        where = label(root, ("sweep", "include", index))
        if total > MAX_ADDED:
            message = f"`include` gives more than {MAX_ADDED} values to the points"
            return [], (Diagnostic("RCP405", message, where, help="give them to fewer points"),)
        if fitting and name is None and not any(more for _, more in fitting):
            message = (
                f"this entry of `include` adds nothing to point {fitting[0][0]} of the sweep, which has its values"
            )
            return [], (Diagnostic("RCP532", message, where, help="remove it, or give it another value"),)
        if not fitting:
            new.append((name, values))
        for at, more in fitting:
            added[at].update(more)
            names[at] = name or names[at]
    kept = [(names[at], (*values, *added[at].items())) for at, (_, values) in enumerate(rows)]
    return [*kept, *new], ()


class _Group:
    """The rows that set the same routes: all of `grid`, or all of `zip`."""

    def __init__(self, routes: frozenset[Route], numbers: Sequence[int], rows: Sequence[Row], text: Texts) -> None:
        self._routes = routes
        self._numbers = numbers
        self._rows = rows
        self._text = text
        self._tables: dict[tuple[Route, ...], dict[tuple[str, ...], list[int]]] = {}

    def beside(self, values: Sequence[tuple[Route, Json]]) -> dict[Route, Json]:
        """What of an entry these rows do not set themselves."""
        return {route: value for route, value in values if route not in self._routes}

    def fitting(self, values: Sequence[tuple[Route, Json]]) -> Sequence[int]:
        """The numbers of the rows that have what the entry says of their own routes."""
        own = {route: value for route, value in values if route in self._routes}
        routes = tuple(sorted(own, key=route_text))
        if routes not in self._tables:
            table: dict[tuple[str, ...], list[int]] = {}
            for at in self._numbers:
                have = dict(self._rows[at][1])
                table.setdefault(tuple(self._text(have[route]) for route in routes), []).append(at)
            self._tables[routes] = table
        return self._tables[routes].get(tuple(self._text(own[route]) for route in routes), ())
