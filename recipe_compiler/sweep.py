"""`sweep:` to a table of points: each an index, what it sets, and a digest of that.

A sweep is counted before it is expanded, so a product of a thousand million points is refused
at once. Points are numbered in the order written: the grid (the first axis slowest), then `zip`,
then `points`, without what `exclude` drops; so a point appended to `points` changes no other number.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from recipe_compiler.axis import count_of, values_of
from recipe_compiler.diag import MAX_PER_FILE, Diagnostic, Diagnostics, Route, did_you_mean, route_text, visible
from recipe_compiler.forms import MARKERS
from recipe_compiler.override import route_of
from recipe_compiler.schema import Sweep
from recipe_compiler.syntax import Json, Node, find, label

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


@dataclass(frozen=True, slots=True)
class _Axis:
    """A route and the values it takes, not yet expanded."""

    route: Route
    values: Sequence[Json]


def expand(sweep: Sweep, root: Node, limit: int, fields: frozenset[str]) -> tuple[tuple[Point, ...], Diagnostics]:
    """Every point of the sweep of `root`, or what is wrong with it.

    `limit` is what the cluster takes in one array. Emits: RCP405, RCP511, RCP530, RCP531, RCP532.
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
    written = [_written(root, ("sweep", "points", index), row, fields, found) for index, row in enumerate(sweep.points)]
    dropped = [
        _written(root, ("sweep", "exclude", index), row, fields, found) for index, row in enumerate(sweep.exclude)
    ]
    if found:
        return (), tuple(found)
    count = (
        (math.prod(count_of(axis.values) for axis in grid) if grid else 0)
        + (lengths.pop() if lengths else 0)
        + len(written)
    )
    if count == 0 or count > limit:
        return (), (_count_finding(count, limit, root),)
    rows = [*_grid(grid), *_zipped(pairs), *written]
    text = _Texts()
    if sum(len(text(value)) for _, values in rows for _, value in values) > MAX_CHARS:
        message = f"the table of the sweep's points is larger than {MAX_CHARS >> 20} MiB"
        where = label(root, ("sweep",), key=True)
        return (), (
            Diagnostic("RCP405", message, where, help="sweep over names or numbers, and not over whole values"),
        )
    kept = _without(rows, dropped, text)
    if not kept:
        where = label(root, ("sweep", "exclude"), key=True)
        return (), (Diagnostic("RCP531", "`exclude` leaves no point", where, help="exclude less"),)
    points = tuple(Point(index, name, values) for index, (name, values) in enumerate(kept))
    return points, _doubles(points, root)


_Row = tuple[str | None, tuple[tuple[Route, Json], ...]]


def _grid(axes: Sequence[_Axis]) -> Iterator[_Row]:
    if axes:
        routes = [axis.route for axis in axes]
        for values in product(*(axis.values for axis in axes)):
            yield None, tuple(zip(routes, values, strict=True))


def _zipped(axes: Sequence[_Axis]) -> Iterator[_Row]:
    routes = [axis.route for axis in axes]
    for values in zip(*(axis.values for axis in axes), strict=True):
        yield None, tuple(zip(routes, values, strict=True))


class _Texts:
    """Values as text, each made once: an axis gives one value to many rows, which keep it alive."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def __call__(self, value: Json) -> str:
        if id(value) not in self._texts:
            self._texts[id(value)] = json.dumps(value, sort_keys=True, ensure_ascii=False)
        return self._texts[id(value)]


def _without(rows: Sequence[_Row], dropped: Sequence[_Row], text: _Texts) -> list[_Row]:
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
    for key, written in table.items():
        route = _route(key, (*at, key), root, fields, found)
        values = values_of(written, (*at, key), root, found)
        if route is not None and values is not None:
            axes.append(_Axis(route, values))
    return axes


def _written(root: Node, at: Route, row: Mapping[str, Json], fields: frozenset[str], found: list[Diagnostic]) -> _Row:
    """A point written out. Its `name` is no argument."""
    values = []
    for key, value in row.items():
        if key == "name" and at[1] == "points":
            continue
        route = _route(key, (*at, key), root, fields, found)
        if route is not None:
            values.append((route, value))
    name = row.get("name") if at[1] == "points" else None
    return (str(name) if name is not None else None), tuple(values)


def _route(key: str, at: Route, root: Node, fields: frozenset[str], found: list[Diagnostic]) -> Route | None:
    """The route that a key of a sweep means; it must be an argument that is set."""
    where = label(root, at, key=True)
    route = route_of(key)
    if route is None:
        found.append(
            Diagnostic(
                "RCP530",
                f"`{visible(key, 60)}` is not a route",
                where,
                help="write `args.name`, or `name` alone",
                route=at,
            )
        )
        return None
    route = route if route[0] in fields else ("args", *route)
    if route[0] != "args":
        message = f"a sweep cannot change `{visible(key, 60)}`: its points are one job array"
        found.append(
            Diagnostic("RCP530", message, where, help="sweep over arguments, and compile other jobs apart", route=at)
        )
        return None
    parent, there = find(root, route)
    if there != route:
        names = list(parent.value) if isinstance(parent.value, dict) else []
        near = did_you_mean(str(route[len(there)]), names) if len(found) < MAX_PER_FILE else None
        help_ = f"did you mean `{route_text((*there, near))}`? " if near else ""
        message = f"`{route_text(route)}` is not set in any layer"
        found.append(
            Diagnostic(
                "RCP511", message, where, help=f"{help_}give it a value under `args`, the sweep changes it", route=at
            )
        )
        return None
    if str(route[-1]) in MARKERS:  # a rule sees values; what this one would mean depends on where it stands
        message = f"a sweep cannot change the marker `{visible(key, 60)}`"
        help_ = f"sweep over `{route_text(route[:-1])}`, with whole values"
        found.append(Diagnostic("RCP530", message, where, help=help_, route=at))
        return None
    return route


def table(points: Sequence[Point]) -> str:
    """The text of `points.jsonl`: line N is point N."""
    return "".join(f"{point.line()}\n" for point in points)
