"""`sweep:` to a table of points: each an index, what it sets, and a digest of that.

A sweep is counted before it is expanded, so a product of a thousand million points is refused
at once. Points are numbered in the order written: the grid (the first axis slowest), then `zip`,
then `points`; what `exclude` drops keeps its number free, so that numbers stay when points are appended.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from recipe_compiler.diag import Diagnostic, Diagnostics, Route, did_you_mean, route_text, visible
from recipe_compiler.forms import MARKERS
from recipe_compiler.override import route_of
from recipe_compiler.schema import Sweep
from recipe_compiler.syntax import Json, Node, find, label


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
    lengths = {len(axis.values) for axis in pairs}
    if len(lengths) > 1:
        sizes = ", ".join(f"`{route_text(axis.route)}` {len(axis.values)}" for axis in pairs)
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
        (math.prod(len(axis.values) for axis in grid) if grid else 0) + (lengths.pop() if lengths else 0) + len(written)
    )
    if count == 0 or count > limit:
        return (), (_count_finding(count, limit, root),)
    rows = [*_grid(grid), *_zipped(pairs), *written]
    kept = [row for row in rows if not any(_covers(gone, row) for gone in dropped)]
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


def _covers(gone: _Row, row: _Row) -> bool:
    have = {route: _canonical([(route, value)]) for route, value in row[1]}
    return all(have.get(route) == _canonical([(route, value)]) for route, value in gone[1])


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
        values = _values(written, (*at, key), root, found)
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
        near = did_you_mean(str(route[len(there)]), names)
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


_FORMS = ("range", "linspace", "logspace", "choice")
_FORMS_HELP = (
    "write a list, `{range: [start, stop, step]}`, `{linspace: [first, last, count]}`, "
    "`{logspace: [first, last, count]}` or `{choice: {of: […], count: 2, seed: 0}}`"
)


def _values(written: Json, at: Route, root: Node, found: list[Diagnostic]) -> Sequence[Json] | None:
    """The values of an axis: a list, or a mapping of one of the forms."""
    if isinstance(written, list) and written:
        return written
    form = next(iter(written)) if isinstance(written, dict) and len(written) == 1 else None
    numbers = written[form] if form in _FORMS else None
    if form == "choice":
        chosen = _choice(numbers)
        if chosen is not None:
            return chosen
    elif form is not None and isinstance(numbers, list) and all(type(one) in {int, float} for one in numbers):
        if form == "range" and len(numbers) in {2, 3} and (len(numbers) == 2 or numbers[2]):
            return _range(*numbers)
        spaced = len(numbers) == 3 and type(numbers[2]) is int and numbers[2] > 1
        if form == "linspace" and spaced:
            return _Spaced(*numbers, log=False)
        if form == "logspace" and spaced and min(numbers[:2]) > 0:
            return _Spaced(*numbers, log=True)
    message = f"`{route_text(at)}` gives no values"
    found.append(Diagnostic("RCP531", message, label(root, at), help=_FORMS_HELP, route=at))
    return None


def _round(value: float) -> float:
    """To 12 digits: the last ones differ between maths libraries, and bytes must not."""
    return float(f"{value:.12g}")


class _Spaced(Sequence[float]):
    """`count` numbers from `first` to `last`, both included, evenly or by equal ratios."""

    def __init__(self, first: float, last: float, count: int, *, log: bool) -> None:
        self._first, self._last, self._count, self._log = first, last, count, log

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401  an int or a slice
        if isinstance(index, slice):
            return list(islice(self, *index.indices(self._count)))
        if not 0 <= index < self._count:
            raise IndexError(index)
        part = index / (self._count - 1)
        if self._log:
            return _round(self._first * math.exp(math.log(self._last / self._first) * part))
        return _round(self._first + (self._last - self._first) * part)


def _range(start: float, stop: float, step: float = 1) -> Sequence[Json]:
    """As Python's range, for floats too: `stop` is not included."""
    if all(type(one) is int for one in (start, stop, step)):
        return range(int(start), int(stop), int(step))
    count = max(0, math.ceil(_round((stop - start) / step)))
    return _Spaced(start, start + step * (count - 1), count, log=False) if count > 1 else [start][:count]


def _choice(written: Json) -> Sequence[Json] | None:
    """`count` of the values of `of`, the same ones for the same `seed` on every machine."""
    if not isinstance(written, dict) or written.keys() != {"of", "count", "seed"}:
        return None
    options, count, seed = written["of"], written["count"], written["seed"]
    if (
        not isinstance(options, list)
        or type(count) is not int
        or type(seed) is not int
        or not 0 < count <= len(options)
    ):
        return None

    def rank(index: int) -> str:
        return hashlib.sha256(f"{seed}:{index}:{json.dumps(options[index], sort_keys=True)}".encode()).hexdigest()

    chosen = sorted(range(len(options)), key=rank)[:count]
    return [options[index] for index in sorted(chosen)]


def table(points: Sequence[Point]) -> str:
    """The text of `points.jsonl`: line N is point N."""
    return "".join(f"{point.line()}\n" for point in points)
