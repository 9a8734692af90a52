"""The relations that a catalog's owners wrote down: parallelism against GPUs, batch sizes against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recipe_compiler.catalog.constraints import Constraint, Value, default, holds, number_at, product
from recipe_compiler.check.calls import Call, calls
from recipe_compiler.diag import Diagnostic, Label, Route, route_text
from recipe_compiler.settle import Settled
from recipe_compiler.sweep import Point
from recipe_compiler.syntax import Node, find, label

CODES = {"parallelism": "RCP402", "batch": "RCP411", "resources": "RCP412"}


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP402, RCP411, RCP412."""
    for constraint, values in _applying(settled):
        if not holds(constraint, values):
            yield _finding(settled, constraint, values)


def check_points(settled: Settled, points: Sequence[Point]) -> Iterator[Diagnostic]:
    """The relations with what the points of a sweep set; of each constraint the first point that breaks it."""
    for constraint, values in _applying(settled) if points else ():
        routes = {value.route: name for name, value in values.items() if value.route is not None}
        for point in points:
            changed = {routes[route]: number for route, number in point.values if route in routes}
            if changed and all(type(number) is int for number in changed.values()):
                now = {**values, **{name: values[name]._replace(number=number) for name, number in changed.items()}}
                if not holds(constraint, now):
                    yield _finding(settled, constraint, now, f" at point {point.index}")
                    break


def _applying(settled: Settled) -> Iterator[tuple[Constraint, Mapping[str, Value]]]:
    catalogs = settled.catalogs
    if catalogs is None or not catalogs.constraints:
        return
    for call in calls(settled):
        found = catalogs.resolve(call.path)
        for constraint in catalogs.constraints:
            if constraint.is_for(call.path, found.path if found is not None else ""):
                yield constraint, {**_facts(settled), **dict(_values(settled, call, constraint))}


def _facts(settled: Settled) -> dict[str, Value]:
    nodes, each = settled.nodes, settled.gpus_per_node
    facts = {"nodes": Value(nodes.value, nodes.route)}
    if each.value:
        facts["gpus_per_node"] = Value(each.value, each.route)
        facts["gpus"] = Value(nodes.value * each.value, each.route)
    return facts


def _values(settled: Settled, call: Call, constraint: Constraint) -> Iterator[tuple[str, Value]]:
    assert settled.catalogs is not None  # noqa: S101  for the type checker: `_applying` saw it
    node = Node(settled.tree.source, 0, 0, {**call.given, **_overrides(settled, call)})
    for name, paths in constraint.let.items():
        for path in paths:
            steps = tuple(path.split("."))
            found = list(number_at(node, call.args, steps, settled.catalogs))
            if not found and len(steps) == 1:
                found = list(default(call.path, path, settled.catalogs)) if path not in call.given else []
            if found:
                yield name, found[0]
                break


def _overrides(settled: Settled, call: Call) -> dict[str, Node]:
    node, there = find(settled.tree, (*call.args, "_overrides_"))
    return {"_overrides_": node} if there[-1:] == ("_overrides_",) else {}


def _finding(settled: Settled, constraint: Constraint, values: Mapping[str, Value], when: str = "") -> Diagnostic:
    places = [(name, value) for name in constraint.names if (value := values.get(name)) and value.node is not None]
    primary = Label(places[0][1].node.span, _shown(*places[0])) if places and places[0][1].node else None
    related = tuple(Label(value.node.span, _shown(name, value)) for name, value in places[1:] if value.node is not None)
    route: Route = (places[0][1].route or ()) if places else ("resources",)
    primary = primary or label(settled.tree, route)
    message = f"{_relation(constraint, values)}{when}"
    help_ = f"{constraint.why}: change one of {', '.join(_settable(constraint, values))}"
    return Diagnostic(CODES[constraint.about], message, primary, related, help=help_, route=route)


def _shown(name: str, value: Value) -> str:
    return f"`{name}` is {value.number}"


def _settable(constraint: Constraint, values: Mapping[str, Value]) -> list[str]:
    names = []
    for name in constraint.names:
        value = values.get(name)
        if value is not None:
            names.append(f"`{route_text(value.route)}`" if value.route and value.node else f"`{name}`")
    return names


def _relation(constraint: Constraint, values: Mapping[str, Value]) -> str:
    """The broken relation in numbers: `tp × pp is 4 × 3 = 12, which does not divide gpus = 16`."""
    if constraint.divides is not None and constraint.into is not None:
        known = tuple(name for name in constraint.divides if name in values)
        return f"{_product(known, values)}, which does not divide {_product(constraint.into, values, ' = ')}"
    left, right = constraint.equal or constraint.at_most or ("", "")
    must = "must be equal to" if constraint.equal else "must be at most"
    return f"`{left}` is {values[left].number}, and {must} `{right}`, {values[right].number}"


def _product(names: tuple[str, ...], values: Mapping[str, Value], is_: str = " is ") -> str:
    text, numbers = " × ".join(f"`{name}`" for name in names), " × ".join(str(values[name].number) for name in names)
    return f"{text}{is_}{numbers}" + (f" = {product(names, values)}" if len(names) > 1 else "")
