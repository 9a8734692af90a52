"""An override put into the composed tree: changed, added, removed, computed, or an axis of the sweep.

Nothing is silent: a key that is not there, a value that is set already and a key with two readings
are errors that point into the override's text.
"""

from __future__ import annotations

from recipe_compiler import locks
from recipe_compiler.compose import replaced, without_item
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, Span, did_you_mean, route_text, visible
from recipe_compiler.override.arithmetic import computed
from recipe_compiler.override.functions import Sweep
from recipe_compiler.override.keys import route_of
from recipe_compiler.override.meaning import OPEN, indexed, meant, shown
from recipe_compiler.override.read import Override
from recipe_compiler.override.shared import everywhere
from recipe_compiler.syntax import Node, find


def apply(root: Node, override: Override, fields: frozenset[str]) -> tuple[Node | None, Diagnostics]:
    """`root` with the override.

    `fields` are the top-level keys of the recipe language; what is not set of them may be set without `+`,
    for a typo in them is found later. Emits: RCP511-RCP516, RCP550.
    """
    route = meant(root, override, fields)
    if isinstance(route, Diagnostic):
        return None, (route,)
    parent, found = find(root, route)
    label = Label(override.key)
    if (refused := locks.refusal(root, route, label)) is not None:
        return None, (refused,)
    if found == route:
        if override.sign == "+":
            now = Label(parent.span, "already set here")
            message = f"`{shown(route)}` exists already"
            return None, (Diagnostic("RCP511", message, label, (now,), help=f"write `{shown(route)}=…` to change it"),)
        return _changed(root, route, parent, override, fields)
    missing = route[len(found) :]
    if not isinstance(parent.value, dict) or isinstance(missing[0], int):
        return None, (_nothing_inside(parent, found, missing[0], label),)
    if (index := next((n for n, part in enumerate(missing) if isinstance(part, int)), None)) is not None:
        whole = shown((*found, *missing[:index]))
        message = f"`{whole}` is not set in any layer, so it has no items"
        return None, (Diagnostic("RCP511", message, label, help=f"write the whole list: `+{whole}=[…]`"),)
    is_field = route[0] in fields and route[0] not in OPEN
    if override.operator or override.sign == "~" or not (override.sign or is_field):
        return None, (_missing(parent, found, missing, override, fields),)
    if isinstance(override.value, Sweep):
        root = _grown(root, route, len(found), override.value.nodes[0], override)
        return _swept(root, route, override.value, override, fields)
    return _grown(root, route, len(found), _value(override), override), ()


def _value(override: Override) -> Node:
    if not isinstance(override.value, Node):
        msg = "the caller has taken care of an override without a value, and of a sweep"
        raise TypeError(msg)
    return override.value


def _changed(
    root: Node, route: Route, now: Node, override: Override, fields: frozenset[str]
) -> tuple[Node | None, Diagnostics]:
    """`root` with another value where there is one."""
    if override.sign == "~":
        return _removed(root, route, now, override)
    if isinstance(override.value, Sweep):
        return _swept(root, route, override.value, override, fields)
    value = _value(override)
    if (axis := _only_axis(root, route, fields)) is not None:
        message = f"every point of the sweep sets `{shown(route)}`, so the override changes nothing"
        help_ = f"sweep over one value: `{shown(route)}=choice({visible(value.span.text, 40)})`, or `~sweep`"
        return None, (Diagnostic("RCP514", message, Label(override.key), (Label(axis, "swept here"),), help=help_),)
    if override.operator:
        outcome = computed(now, override.operator, value, shown(route))
        if isinstance(outcome, Diagnostic):
            return None, (outcome,)
        value = outcome
    if override.sign != "++" and _same(now, value):
        what = "leaves" if override.operator else "sets"
        message = f"the override {what} `{shown(route)}` as it is"
        set_here = Label(now.span, "set here")
        help_ = f"remove the override, or write `++{shown(route)}=…` where it may be so already"
        return None, (Diagnostic("RCP514", message, Label(override.key), (set_here,), help=help_),)
    return everywhere(root, replaced(root, route, value, override.key), route), ()


def _same(one: Node, other: Node) -> bool:
    """Whether two values are one to a function: `1`, `1.0` and `true` are three."""
    first, second = one.value, other.value
    if type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(_same(child, second[key]) for key, child in first.items())
    if isinstance(first, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return bool(first == second)


def _removed(root: Node, route: Route, now: Node, override: Override) -> tuple[Node | None, Diagnostics]:
    if isinstance(override.value, Node) and not _same(now, override.value):
        message = f"`{shown(route)}` has another value, so it is not removed"
        set_here = Label(now.span, "set here")
        help_ = f"write `~{shown(route)}` to remove it whatever it is"
        return None, (Diagnostic("RCP511", message, Label(override.value.span), (set_here,), help=help_),)
    if len(route) == 1:
        return without_item(root, route[0], None), ()
    parent, _ = find(root, route[:-1])
    less = replaced(root, route[:-1], without_item(parent, route[-1], override.key), override.key)
    return everywhere(root, less, route), ()


def _swept(
    root: Node, route: Route, sweep: Sweep, override: Override, fields: frozenset[str]
) -> tuple[Node | None, Diagnostics]:
    """`root` with an axis for `route` in `sweep.grid`, in the place of one that is there."""
    key = route_text(route)
    zipped, _ = find(root, ("sweep", "zip"))
    if (there := _axis_of(root, zipped, route, fields)) is not None:
        related = (Label(zipped.key_span(there), "here"),)
        message = f"`{shown(route)}` is swept by `sweep.zip` already"
        help_ = "change the recipe, or remove the axis first: `~sweep.zip`"
        return None, (Diagnostic("RCP515", message, Label(override.key), related, help=help_),)
    grid, found = find(root, ("sweep", "grid"))
    if len(found) == 2:
        key = _axis_of(root, grid, route, fields) or key
    if not isinstance(grid.value, dict):
        return None, (_nothing_inside(grid, found, "grid", Label(override.key)),)
    at: Route = ("sweep", "grid", key)
    if find(root, at)[1] == at:
        return replaced(root, at, sweep.axis(), override.key), ()
    return _grown(root, at, len(found), sweep.axis(), override), ()


def _only_axis(root: Node, route: Route, fields: frozenset[str]) -> Span | None:
    """Where `route` is an axis of all points: of the grid, or of the zip, with no other points beside it."""
    sweep = root.value.get("sweep")
    parts = sweep.value if sweep is not None and isinstance(sweep.value, dict) else {}
    makers = [name for name in ("grid", "zip", "include", "points") if name in parts and parts[name].value]
    if len(makers) != 1 or makers[0] in {"include", "points"}:
        return None
    key = _axis_of(root, parts[makers[0]], route, fields)
    return None if key is None else parts[makers[0]].key_span(key)


def _axis_of(root: Node, axes: Node, route: Route, fields: frozenset[str]) -> str | None:
    """The key of `axes`, a `grid` or `zip`, that means `route`; `root` itself holds no axes."""
    for key in axes.value if isinstance(axes.value, dict) and axes is not root else ():
        named = route_of(key)
        if named and indexed(root, named if named[0] in fields else ("args", *named)) == route:
            return str(key)
    return None


def _nothing_inside(parent: Node, found: Route, part: str | int, label: Label) -> Diagnostic:
    """The route goes through what has no keys, or past the end of a list."""
    here, there = shown(found) or "the recipe", f"[{part}]" if isinstance(part, int) else visible(part, 60)
    if isinstance(parent.value, list):
        last = len(parent.value) - 1
        what = f"a list of {last + 1}" if last >= 0 else "an empty list"
        help_ = f"use an index from 0 to {last}, or write" if last >= 0 else "write"
        help_ = f"{help_} the whole list: `{here}=[…]`"
    else:
        what = "a mapping" if isinstance(parent.value, dict) else "no mapping"
        help_ = f"override `{here}` as a whole"
    message = f"`{here}` is {what}, so it has no `{there}`"
    return Diagnostic("RCP512", message, label, (Label(parent.span, "set here"),), help=help_)


def _missing(parent: Node, found: Route, missing: Route, override: Override, fields: frozenset[str]) -> Diagnostic:
    here = shown((*found, *missing))
    near = did_you_mean(str(missing[0]), parent.value)
    meaning = (*found, near, *missing[1:]) if near else ()
    if not near and override.route[0] not in fields and (near := did_you_mean(str(override.route[0]), fields)):
        meaning = (near, *override.route[1:])
    options = f"did you mean `{shown(meaning)}`? " if meaning else ""
    fixed = override.operator or override.sign == "~"
    help_ = options + ("name a key that is set" if fixed else f"a new key is written `+{here}=…`")
    return Diagnostic("RCP511", f"`{here}` is not set in any layer", Label(override.key), help=help_)


def _grown(root: Node, route: Route, depth: int, value: Node, override: Override) -> Node:
    span = override.key
    for part in reversed(route[depth + 1 :]):
        value = Node(span.source, span.start, value.end, {str(part): value}, {str(part): (span.start, span.end)})
    there = route[: depth + 1]
    return everywhere(root, replaced(root, there, value, span), there)
