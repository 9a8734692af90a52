"""`sweep:` to a table of points: each an index, what it sets, and a digest of that.

A sweep is counted before it is expanded, so a product of a thousand million points is refused
at once. Points are numbered in one order: the grid (the first axis slowest), then `zip`, without what
`exclude` drops, then the points that `include` makes, then `points`; so a point appended to `points`
changes no other number.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from recipe_compiler.axis import count_of, values_of
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, route_text
from recipe_compiler.schema import Sweep
from recipe_compiler.sweep_include import Row, Texts, included
from recipe_compiler.sweep_routes import Taken, route_of_key
from recipe_compiler.syntax import Json, Node, label

MAX_CHARS = 4 << 20
"""Of the table of points."""


@dataclass(frozen=True, slots=True)
class Point:
    """One combination: what it sets, by route."""

    index: int
    name: str | None
    values: tuple[tuple[Route, Json], ...]

    @property
    def digest(self) -> str:
        """The first 12 hex digits of the sha256 of what it sets."""
        return hashlib.sha256(_canonical(self.values).encode()).hexdigest()[:12]

    def line(self) -> str:
        """The point as a line of `points.jsonl`."""
        row: dict[str, Any] = {"index": self.index, "digest": self.digest}
        if self.name is not None:
            row["name"] = self.name
        row["set"] = [[list(route), value] for route, value in self.values]
        return json.dumps(row, ensure_ascii=False)


def _canonical(values: Sequence[tuple[Route, Json]]) -> str:
    return json.dumps({route_text(route): value for route, value in values}, sort_keys=True, ensure_ascii=False)


class _Axis(NamedTuple):
    """A route and the values it takes, not yet expanded."""

    route: Route
    values: Sequence[Json]
    where: Label


def expand(sweep: Sweep, root: Node, limit: int, fields: frozenset[str]) -> tuple[tuple[Point, ...], Diagnostics]:
    """Every point of the sweep of `root`, or what is wrong with it.

    `limit` is what the cluster takes in one array. Emits: RCP405, RCP511, RCP530, RCP531, RCP532, RCP550.
    """
    found: list[Diagnostic] = []
    grid = _axes(sweep.grid, ("sweep", "grid"), root, fields, found)
    pairs = _axes(sweep.zip, ("sweep", "zip"), root, fields, found)
    lengths = {count_of(axis.values) for axis in pairs}
    if len(lengths) > 1:
        sizes = ", ".join(f"`{route_text(axis.route)}` {count_of(axis.values)}" for axis in pairs)
        where = label(root, ("sweep", "zip"), key=True)
        found.append(
            Diagnostic(
                "RCP531", f"the lists of `zip` differ in length: {sizes}", where, help="give each key as many values"
            )
        )
    written = _written(root, "points", sweep.points, fields, found)
    dropped = _written(root, "exclude", sweep.exclude, fields, found)
    axes = Taken(root)
    for axis in (*grid, *pairs):
        axes.add(axis.route, axis.where, [], again=True)
    entries = _written(root, "include", sweep.include, fields, found, axes)
    if found:
        return (), tuple(found)
    count = (
        (math.prod(count_of(axis.values) for axis in grid) if grid else 0)
        + (lengths.pop() if lengths else 0)
        + len(written)
    )
    if count > limit or len(entries) > limit or count + len(entries) == 0:
        return (), (_count_finding(max(count, len(entries)), limit, root),)
    text = Texts()
    first = [*_grid(grid), *_zipped(pairs)]
    if _size((*first, *written), text) > MAX_CHARS:
        return (), (_too_large(root),)
    kept, last = _without(first, dropped, text), _without(written, dropped, text)
    if not (kept or last or entries):
        where = label(root, ("sweep", "exclude"), key=True)
        return (), (Diagnostic("RCP531", "`exclude` leaves no point", where, help="exclude less"),)
    rows, wrong = included(kept, entries, root, text)
    rows += last
    if wrong or len(rows) > limit:
        return (), wrong or (_count_finding(len(rows), limit, root),)
    if _size(rows, text) > MAX_CHARS:
        return (), (_too_large(root),)
    points = tuple(Point(index, name, values) for index, (name, values) in enumerate(rows))
    return points, _doubles(points, root)


def _size(rows: Iterable[Row], text: Texts) -> int:
    return sum(len(text(value)) for _, values in rows for _, value in values)


def _too_large(root: Node) -> Diagnostic:
    message = f"the table of the sweep's points is larger than {MAX_CHARS >> 20} MiB"
    where = label(root, ("sweep",), key=True)
    return Diagnostic("RCP405", message, where, help="sweep over names or numbers, and not over whole values")


def _grid(axes: Sequence[_Axis]) -> Iterator[Row]:
    if axes:
        routes = [axis.route for axis in axes]
        for values in product(*(axis.values for axis in axes)):
            yield None, tuple(zip(routes, values, strict=True))


def _zipped(axes: Sequence[_Axis]) -> Iterator[Row]:
    routes = [axis.route for axis in axes]
    for values in zip(*(axis.values for axis in axes), strict=True):
        yield None, tuple(zip(routes, values, strict=True))


def _without(rows: Sequence[Row], dropped: Sequence[Row], text: Texts) -> list[Row]:
    """The rows that have not all the values of one of `dropped`."""
    gone: dict[tuple[Route, ...], set[tuple[str, ...]]] = {}
    for _, values in dropped:
        pairs = sorted(values, key=lambda pair: route_text(pair[0]))
        gone.setdefault(tuple(route for route, _ in pairs), set()).add(tuple(text(value) for _, value in pairs))
    kept = []
    for row in rows:
        have = dict(row[1])
        if not any(
            all(route in have for route in routes) and tuple(text(have[route]) for route in routes) in values
            for routes, values in gone.items()
        ):
            kept.append(row)
    return kept


def _count_finding(count: int, limit: int, root: Node) -> Diagnostic:
    where = label(root, ("sweep",), key=True)
    if count == 0:
        return Diagnostic("RCP531", "the sweep has no points", where, help="give `grid`, `zip` or `points` some values")
    return Diagnostic(
        "RCP405", f"the sweep has {count} points, the cluster takes {limit}", where, help="sweep over fewer values"
    )


def _doubles(points: Sequence[Point], root: Node) -> Diagnostics:
    first: dict[str, int] = {}
    for point in points:
        before = first.setdefault(point.digest, point.index)
        if before != point.index:
            message = f"points {before} and {point.index} of the sweep set the same values"
            return (Diagnostic("RCP532", message, label(root, ("sweep",), key=True), help="remove one of the two"),)
    return ()


def _axes(
    table: Mapping[str, Json], at: Route, root: Node, fields: frozenset[str], found: list[Diagnostic]
) -> list[_Axis]:
    axes = []
    taken = Taken(root)
    for key, written in table.items():
        where = label(root, (*at, key), key=True)
        route = route_of_key(key, (*at, key), root, fields, found)
        values = values_of(written, (*at, key), root, found)
        if route is not None:
            taken.add(route, where, found)
        if route is not None and values is not None:
            axes.append(_Axis(route, values, where))
    return axes


def _written(
    root: Node,
    what: str,
    table: Sequence[Mapping[str, Json]],
    fields: frozenset[str],
    found: list[Diagnostic],
    axes: Taken | None = None,
) -> list[Row]:
    """The rows of `points`, `include` or `exclude`. The `name` of a point is no argument.

    `axes` is what the grid and the zip set, which an entry of `include` comes after.
    """
    rows: list[Row] = []
    for index, row in enumerate(table):
        values, taken = [], Taken(root)
        for key, value in row.items():
            if key == "name" and what != "exclude":
                continue
            at = ("sweep", what, index, key)
            route = route_of_key(key, at, root, fields, found)
            if route is not None:
                where = label(root, at, key=True)
                before = len(found)
                taken.add(route, where, found)
                if axes is not None and len(found) == before:
                    axes.add(route, where, found, again=True)
                values.append((route, value))
        name = row.get("name") if what != "exclude" else None
        rows.append((str(name) if name is not None else None, tuple(values)))
    return rows


def table(points: Sequence[Point]) -> str:
    """The text of `points.jsonl`: line N is point N."""
    return "".join(f"{point.line()}\n" for point in points)
