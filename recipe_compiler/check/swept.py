"""The values of a sweep's points against the parameters that they are for, each value once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from recipe_compiler.catalog.conform import Conform
from recipe_compiler.catalog.types import parse
from recipe_compiler.check.assigned import step_into
from recipe_compiler.check.calls import argument, calls, made_of, mismatch
from recipe_compiler.diag import Diagnostic, Route
from recipe_compiler.forms import assignments
from recipe_compiler.override import route_of
from recipe_compiler.settle import Settled
from recipe_compiler.sweep import Point
from recipe_compiler.syntax import Json, Node, find, label


def check(settled: Settled, points: Sequence[Point]) -> Iterator[Diagnostic]:
    """Emits: RCP202, RCP308."""
    if settled.catalogs is None or not points:
        return
    conform, seen = Conform(settled.catalogs), set()
    for point in points:
        for route, value in point.values:
            key = (route, json.dumps(value, sort_keys=True))
            if key not in seen:
                seen.add(key)
                yield from _value(settled, route, value, conform)


def _value(settled: Settled, route: Route, value: Json, conform: Conform) -> Iterator[Diagnostic]:
    """One value that a point puts at `route`: the argument of a call, or a field that it sets."""
    catalogs = conform.catalogs
    for call in calls(settled):
        at = _place(settled, route)
        if call.args == route[:-1] and (made := made_of(call.path, catalogs)) is not None:
            param = made.named.get(str(route[-1]))
            finding = argument(made, param, _node(value, at), route, conform) if param is not None else None
            if finding is not None:
                yield finding
        elif (*call.args, "_overrides_") == route[: len(call.args) + 1]:
            owner = find(settled.tree, call.args)[0]
            table = (*call.args, "_overrides_")
            for where, way, _ in assignments(owner.value["_overrides_"], table):
                made_type = conform.produced(owner)
                for step in way or ():
                    made_type = step_into(made_type, step, catalogs) or parse("Any")
                problem = conform.problem(_node(value, at), made_type) if where == route else None
                if problem is not None:
                    yield mismatch(problem, route, ())


def _place(settled: Settled, route: Route) -> Node:
    """The key of the sweep that sets `route`; the whole sweep where it is written in another way."""
    sweep: Node = settled.tree.value["sweep"]
    for part in ("grid", "zip"):
        for key in sweep.value[part].value if part in sweep.value else ():
            if route_of(key) in {route, route[1:]}:
                span = label(settled.tree, ("sweep", part, key), key=True).span
                return Node(span.source, span.start, span.end, None)
    return sweep


def _node(value: Json, at: Node) -> Node:
    """Plain data as a tree that stands where the sweep does."""
    if isinstance(value, dict):
        value = {key: _node(child, at) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_node(child, at) for child in value]
    return Node(at.source, at.start, at.end, value)
