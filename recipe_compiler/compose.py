"""Layers to one tree. Each value remembers who set it, and what it replaced.

Merge rules: mappings merge key by key at every depth, anything else is replaced; a layer edits a
list in part, or deletes, by the markers of `patches`. Compose is associative and the empty mapping
is its unit. Bases are merged as trees and only the result is
validated, so a base may be incomplete (ADR-0004).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, Span, visible
from recipe_compiler.patches import Edits, finish, onto
from recipe_compiler.syntax import Node, find
from recipe_compiler.syntax.text import control

_MAX_PATH = 1024
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:/|:)")


def bases(layer: Node) -> tuple[tuple[tuple[str, Span], ...], Diagnostics]:
    """The files that `extends` names, in order, each with its place.

    `extends` is a path or a list of paths, relative to the file that says it.
    Emits: RCP202, RCP602, RCP603.
    """
    extends = layer.value.get("extends")
    if extends is None:
        return (), ()
    entries = extends.value if isinstance(extends.value, list) else [extends]
    found = tuple(finding for entry in entries if (finding := _wrong_base(entry)) is not None)
    # A control character is an error already, and no file system takes a NUL.
    named = tuple((entry.value, entry.span) for entry in entries if not found and control(entry.value) is None)
    return named, found


def _wrong_base(entry: Node) -> Diagnostic | None:
    if not isinstance(entry.value, str) or not entry.value:
        where, help_ = Label(entry.span, "not a path"), "write `extends: ../bases/name.yaml`"
        return Diagnostic("RCP202", "`extends` takes a path or a list of paths", where, help=help_)
    if len(entry.value) > _MAX_PATH:
        message = f"a base's path is longer than {_MAX_PATH} characters"
        return Diagnostic("RCP602", message, Label(entry.span), help="name a file that is there")
    if _URL.match(entry.value):
        message = f"the base `{visible(entry.value, 80)}` is a URL; bases are files of the project"
        return Diagnostic("RCP603", message, Label(entry.span), help="put the file into the project")
    return None


def compose(layers: Sequence[Node]) -> Node:
    """One tree of all layers, the last one winning; `extends` itself is dropped."""
    root = layers[0]
    for layer in layers[1:]:
        root = merge(root, layer)
    return without(root, "extends") if "extends" in root.value else root


def finished(root: Node) -> tuple[Node, Diagnostics]:
    """The composed tree once no layer follows: without what was deleted. Emits: RCP506."""
    return finish(root, merge)


def merge(base: Node, top: Node) -> Node:
    """`base` with every value that `top` sets; neither is changed. The history is `top`'s, then `base`'s."""
    below = base if top.over is None else merge(base, top.over)
    if isinstance(top.value, Edits):
        return onto(below, top, merge)
    if not isinstance(base.value, dict) or not isinstance(top.value, dict) or _replaces(top):
        return _over(below, top)
    value = dict(base.value)
    keys = dict(base.keys or {})
    for key, child in top.value.items():
        before = value.get(key)
        value[key] = child if before is None else merge(before, child)
        if top.keys is not None:
            keys[key] = top.keys[key]
    return Node(top.source, top.start, top.end, value, keys, over=below)


def _replaces(top: Node) -> bool:
    """Whether a layer of `top` put a plain value or a list where a mapping may have been."""
    step = top.over
    while step is not None and isinstance(step.value, dict):
        step = step.over
    return step is not None


def _over(base: Node, top: Node) -> Node:
    return Node(top.source, top.start, top.end, top.value, top.keys, top.anchor, over=base)


def without(root: Node, key: str) -> Node:
    """`root`, a mapping, less one key."""
    value = {name: child for name, child in root.value.items() if name != key}
    return Node(root.source, root.start, root.end, value, root.keys, over=root.over)


def without_item(parent: Node, part: str | int, at: Span | None) -> Node:
    """`parent`, a mapping or a list, less one key or item. `at` is who removed it; `parent`'s own place if None."""
    source, start, end = (at.source, at.start, at.end) if at else (parent.source, parent.start, parent.end)
    if isinstance(parent.value, dict):
        value = {name: child for name, child in parent.value.items() if name != part}
        return Node(source, start, end, value, parent.keys, over=parent.over)
    items = [child for index, child in enumerate(parent.value) if index != part]
    return Node(source, start, end, items, over=parent.over)


def replaced(root: Node, route: Route, new: Node, key: Span | None = None) -> Node:
    """`root` with `new` at `route`, whose parent must exist; only the nodes on the way are copied.

    `key` is where the key was written, in the source of `new`; the place of `new` when not given.
    """
    if not route:
        return _over(root, new)
    part, rest = route[0], route[1:]
    if isinstance(root.value, list):
        items = list(root.value)
        items[part] = replaced(items[part], rest, new, key)  # type: ignore[index]
        return Node(root.source, root.start, root.end, items, over=root.over)
    value, keys = dict(root.value), dict(root.keys or {})
    name = str(part)
    value[name] = replaced(value[name], rest, new, key) if name in value else new
    if not rest:
        keys[name] = (key.start, key.end) if key else (new.start, new.end)
    return Node(root.source, root.start, root.end, value, keys, over=root.over)


def history(root: Node, route: Route) -> tuple[Node, ...]:
    """Who set the value at `route`, newest first."""
    node, found = find(root, route)
    chain: list[Node] = []
    step: Node | None = node if found == route else None
    while step is not None:
        chain.append(step)
        step = step.over
    return tuple(chain)
