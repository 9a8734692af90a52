"""A change inside a value under a YAML anchor: the value is one object in the job, so it stays one (ADR-0010)."""

from __future__ import annotations

from typing import Any

from recipe_compiler.diag import Route
from recipe_compiler.locks import is_raw
from recipe_compiler.syntax import Node, find

_Value = tuple[Any, dict[str, tuple[int, int]] | None]


def everywhere(old: Node, new: Node, route: Route) -> Node:
    """`new`, which is `old` with a change at `route`; what is under an anchor is changed wherever it stands.

    The value at `route` itself is another one now, at this place alone: only what holds it is shared. A `_raw_: true`
    mapping is left as it is.
    """
    parts = [find(old, route[:depth])[0] for depth in range(1, len(route))]
    if not any(part.anchor for part in parts):
        return new
    before, after = parts[-1], find(new, route[:-1])[0]
    return _with(old, {id(before.value): (after.value, after.keys)})


def _with(node: Node, done: dict[int, _Value]) -> Node:
    """`node` with each value of `done` in the place of the one of that identity."""
    old = node.value
    if not isinstance(old, (dict, list)) or is_raw(node):
        return node
    if id(old) not in done:
        if isinstance(old, dict):
            fresh: Any = {key: _with(child, done) for key, child in old.items()}
            changed = any(fresh[key] is not child for key, child in old.items())
        else:
            fresh = [_with(child, done) for child in old]
            changed = any(new is not child for new, child in zip(fresh, old, strict=True))
        done[id(old)] = (fresh if changed else old), node.keys
    value, keys = done[id(old)]
    return node if value is old else Node(node.source, node.start, node.end, value, keys, node.anchor, over=node.over)
