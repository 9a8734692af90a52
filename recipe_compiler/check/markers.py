"""Markers where they mean something, with what they take; the written forms can be built.

What is wrong here would fail in the job, on every node, after the queue.
"""

from __future__ import annotations

from collections.abc import Iterator

from recipe_compiler.diag import Diagnostic, Label, Route, did_you_mean, visible
from recipe_compiler.forms import CALL, FORMS, MARKERS, assignments, is_marker, is_plain_mapping, is_raw
from recipe_compiler.schema.fields import kind
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, label

TYPES = {
    "_target_": (str, "a function path", "write `package.module.function`"),
    "_args_": (list, "a list", "write `[first, second]`"),
    "_partial_": (bool, "true or false", "write `true` or `false`"),
    "_call_": (bool, "true or false", "write `true` or `false`"),
    "_raw_": (bool, "true or false", "write `true` or `false`"),
    "_overrides_": (dict, "a mapping", "write `{train.train_iters: 100}`"),
}


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP102, RCP202, RCP204, RCP209, RCP210, RCP510, RCP704."""
    args, sweep = settled.tree.value.get("args"), settled.tree.value.get("sweep")
    if args is not None:
        for marker in [key for key in args.value if key in MARKERS and key != "_raw_"][:1]:
            message = f"`{marker}` cannot stand in `args` itself"
            yield _finding(settled, "RCP210", message, "put it into an argument", ("args", marker))
            return
        yield from _inside(settled, args, ("args",))
    if sweep is not None:
        yield from _inside(settled, sweep, ("sweep",))


def _finding(settled: Settled, code: str, message: str, help_: str, route: Route) -> Diagnostic:
    return Diagnostic(code, message, label(settled.tree, route, key=True), help=help_, route=route)


def _inside(settled: Settled, node: Node, route: Route) -> Iterator[Diagnostic]:
    value = node.value
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _inside(settled, child, (*route, index))
    if not isinstance(value, dict) or is_raw(node):
        return
    for key, child in value.items():
        yield from _marker(settled, key, child, (*route, key))
    if "_target_" in value:
        yield from _call(settled, value, route)
    elif loose := [key for key in value if key in CALL]:
        message = f"`{loose[0]}` stands without `_target_`"
        yield _finding(settled, "RCP210", message, "add `_target_: package.function`, or remove it", (*route, loose[0]))
    for form in [key for key in value if key in FORMS]:
        yield from _form(settled, form, value, (*route, form))
    for key, child in value.items():
        yield from _inside(settled, child, (*route, key))


def _slipped(key: str) -> bool:
    """Whether a key is a marker but for an underscore: `target_`, `_call`, `__partial__`."""
    return key.strip("_") != key and f"_{key.strip('_')}_" in MARKERS


def _marker(settled: Settled, key: str, child: Node, route: Route) -> Iterator[Diagnostic]:
    if key not in MARKERS and (is_marker(key) or _slipped(key)):
        near = did_you_mean(key, MARKERS)
        help_ = (f"did you mean `{near}`? " if near else "") + f"the markers are {', '.join(sorted(MARKERS))}"
        yield _finding(settled, "RCP210", f"`{visible(key, 60)}` is not a marker of the recipe language", help_, route)
    elif key in TYPES and not isinstance(child.value, TYPES[key][0]):
        _, what, help_ = TYPES[key]
        where = label(settled.tree, route, f"expected {what}, found {kind(child.value)}")
        yield Diagnostic("RCP202", f"`{key}` must be {what}", where, help=help_, route=route)


def _form(settled: Settled, form: str, value: dict[str, Node], route: Route) -> Iterator[Diagnostic]:
    if len(value) > 1:
        message = f"`{form}` must be the only key of its mapping"
        yield _finding(settled, "RCP210", message, "give what stands beside it a key of its own", route)
        return
    for wrong in FORMS[form](value[form]):
        where = Label(wrong.node.span, wrong.label)
        yield Diagnostic(wrong.code, wrong.message, where, help=wrong.help, route=route)


def _call(settled: Settled, value: dict[str, Node], route: Route) -> Iterator[Diagnostic]:
    """What does not go together in one call."""
    if "_call_" in value and value["_call_"].value is False:
        for other in [key for key in value if key not in {"_target_", "_call_"}][:1]:
            message = f"`_call_: false` passes the object itself, so it takes no `{visible(other, 60)}`"
            yield _finding(settled, "RCP210", message, "remove one of the two", (*route, other))
        return
    overrides = value.get("_overrides_")
    if overrides is None or not isinstance(overrides.value, dict):
        return
    at = (*route, "_overrides_")
    if "_partial_" in value and value["_partial_"].value is True:
        message = "`_overrides_` needs an object, and `_partial_: true` makes none"
        yield _finding(settled, "RCP210", message, "remove one of the two", at)
    elif not is_plain_mapping(overrides):
        yield _finding(settled, "RCP210", "`_overrides_` is a mapping of paths, not a value", "name a path", at)
    else:
        yield from _assignments(settled, overrides, at)


def _assignments(settled: Settled, overrides: Node, at: Route) -> Iterator[Diagnostic]:
    first: dict[tuple[str, ...], Route] = {}
    for route, way, _ in assignments(overrides, at):
        key = str(route[-1])
        if way is None:
            dunder = ": names with two leading underscores are not allowed" if "__" in key else ""
            message = f"`{visible(key, 80)}` cannot be a path to override{dunder}"
            yield _finding(settled, "RCP510", message, "write `train.train_iters`, or `blend[0]` for an item", route)
        elif way in first:
            message = f"`{visible('.'.join(way), 80)}` is set twice"
            where, related = label(settled.tree, route, key=True), label(settled.tree, first[way], "first", key=True)
            yield Diagnostic("RCP102", message, where, (related,), help="remove one of the two", route=route)
        else:
            first[way] = route
