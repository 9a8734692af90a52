"""Edits of what a base says, written as markers in a mapping: parts of a list, and deletions.

```yaml
callbacks: {_prepend_: [a], _append_: [b], _at_: {"0": {lr: 1}}, _by_: {name: {ema: {decay: 0.9}}}}
old: {_delete_: true}
```

An edit waits until a layer below it says what it edits. So merging stays associative: layers may be
merged in any grouping, and the edits of each are applied in the order of the layers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import is_
from typing import Any

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Span, visible
from recipe_compiler.syntax import Node

APPEND, PREPEND, AT, BY, DELETE = "_append_", "_prepend_", "_at_", "_by_", "_delete_"
_LIST = (APPEND, PREPEND, AT, BY)
_MARKERS = frozenset({*_LIST, DELETE})
_INDEX = re.compile(r"-?[0-9]{1,9}")
_FORMS = {
    APPEND: "a list: `_append_: [a, b]`",
    PREPEND: "a list: `_prepend_: [a, b]`",
    AT: 'items by index: `_at_: {"0": {lr: 1}}`',
    BY: "items by a key of theirs: `_by_: {name: {ema: {decay: 0.9}}}`",
    DELETE: "true: `_delete_: true`",
}
Merge = Callable[[Node, Node], Node]


@dataclass(frozen=True, slots=True)
class Edits:
    """The value of a node that changes parts of the list below it."""

    markers: dict[str, Node]


@dataclass(frozen=True, slots=True)
class Deleted:
    """The value of a node that removes what is below it."""


def read_markers(node: Node) -> tuple[Node, Diagnostics]:
    """A layer with its markers as `Edits` and `Deleted`; a `_raw_` mapping is left as it is. Emits: RCP508."""
    found: list[Diagnostic] = []
    node = _read(node, found, {})
    if isinstance(node.value, (Edits, Deleted)):
        help_ = "edit a value inside: `args: {callbacks: {_append_: […]}}`"
        found.append(Diagnostic("RCP508", "a whole layer is no edit", Label(node.span), help=help_))
        node = Node(node.source, node.start, node.end, {}, {})
    return node, tuple(found)


def _read(node: Node, found: list[Diagnostic], done: dict[int, Any]) -> Node:
    value = node.value
    if not isinstance(value, (dict, list)):
        return node
    if id(value) not in done:
        done[id(value)] = _converted(node, found, done)
    fresh = done[id(value)]
    if fresh is value:
        return node
    return Node(node.source, node.start, node.end, fresh, node.keys, node.anchor, node.over)


def _converted(node: Node, found: list[Diagnostic], done: dict[int, Any]) -> Any:  # noqa: ANN401  a node's value
    value = node.value
    if isinstance(value, list):
        items = [_read(child, found, done) for child in value]
        return value if all(map(is_, items, value)) else items
    raw = value.get("_raw_")
    if raw is not None and raw.value is True:
        return value
    children = {key: _read(child, found, done) for key, child in value.items()}
    if not _MARKERS.isdisjoint(value):
        if wrong := _shape(node, children):
            found.append(wrong)
            return {}
        return Deleted() if DELETE in children else Edits(children)
    return value if all(map(is_, children.values(), value.values())) else children


def _shape(node: Node, children: dict[str, Node]) -> Diagnostic | None:
    """What is wrong with a mapping that holds a marker."""
    other = next((key for key in children if key not in _MARKERS), None)
    if other is None and DELETE in children and len(children) > 1:
        other = DELETE
    if other is not None:
        marker = next(key for key in children if key in _MARKERS and key != other)
        message = f"`{visible(other, 60)}` cannot stand beside `{marker}`"
        help_ = "write the markers alone: they stand for the whole value of the key"
        return Diagnostic("RCP508", message, Label(node.key_span(other)), help=help_)
    for marker, child in children.items():
        if (at := _misshapen(marker, child)) is not None:
            return Diagnostic("RCP508", f"`{marker}` has another form", Label(at), help=f"write {_FORMS[marker]}")
    return None


def _misshapen(marker: str, child: Node) -> Span | None:
    value = child.value
    if marker == DELETE:
        return None if value is True else child.span
    if marker in {APPEND, PREPEND}:
        return None if isinstance(value, list) else child.span
    if not isinstance(value, dict) or not value:
        return child.span
    if marker == AT:
        return next((child.key_span(key) for key in value if not _INDEX.fullmatch(key)), None)
    return next((inner.span for inner in value.values() if not isinstance(inner.value, dict) or not inner.value), None)


def onto(below: Node, top: Node, merge: Merge) -> Node:
    """`top`, a node of `Edits`, over `below`: the edited list, or `top` as it is where there is none to edit."""
    if isinstance(below.value, list):
        items = _edited(below.value, top.value, merge)
        if not isinstance(items, Diagnostic):
            return Node(top.source, top.start, top.end, items, over=below)
    return Node(top.source, top.start, top.end, top.value, top.keys, over=below)


def _edited(items: list[Node], edits: Edits, merge: Merge) -> list[Node] | Diagnostic:
    """The list with each edit; all of them name items of the list as it was."""
    patches: dict[int, Node] = {}
    for index, patch, where in _addressed(items, edits):
        if not isinstance(index, int):
            return Diagnostic("RCP506", index, Label(where), help="name an item that is there, or `_append_` one")
        if index in patches:
            message = f"item {index} of the list is edited twice"
            return Diagnostic(
                "RCP506", message, Label(where), (Label(patches[index].span, "here"),), help="edit it once"
            )
        patches[index] = patch
    changed = [merge(item, patches[n]) if n in patches else item for n, item in enumerate(items)]
    kept = [item for item in changed if not isinstance(item.value, Deleted)]
    first, last = edits.markers.get(PREPEND), edits.markers.get(APPEND)
    return [*(first.value if first else ()), *kept, *(last.value if last else ())]


def _addressed(items: list[Node], edits: Edits) -> list[tuple[int | str, Node, Span]]:
    """Each patch of an item: its index, or what is wrong with its address; the patch; where the address stands."""
    found: list[tuple[int | str, Node, Span]] = []
    if (table := edits.markers.get(AT)) is not None:
        for key, patch in table.value.items():
            index = int(key) + (len(items) if key.startswith("-") else 0)
            there = 0 <= index < len(items)
            found.append(
                (index if there else f"the list has {len(items)} items, no `{key}`", patch, table.key_span(key))
            )
    if (fields := edits.markers.get(BY)) is not None:
        for field, table in fields.value.items():
            for key, patch in table.value.items():
                hits = [n for n, item in enumerate(items) if _says(item, field, key)]
                shown = f"`{visible(field, 40)}: {visible(key, 40)}`"
                problem = f"{len(hits)} items of the list have {shown}" if hits else f"no item of the list has {shown}"
                found.append((hits[0] if len(hits) == 1 else problem, patch, table.key_span(key)))
    return found


def _says(item: Node, field: str, key: str) -> bool:
    value = item.value[field].value if isinstance(item.value, dict) and field in item.value else None
    return value == key if isinstance(value, str) else type(value) is int and str(value) == key


def finish(root: Node, merge: Merge) -> tuple[Node, Diagnostics]:
    """The tree without deleted keys; an edit that still waits is an error. Emits: RCP506."""
    found: list[Diagnostic] = []
    return _finished(root, found, {}, merge), tuple(found)


def _finished(node: Node, found: list[Diagnostic], done: dict[int, Any], merge: Merge) -> Node:
    value = node.value
    if isinstance(value, (Edits, Deleted)):
        found.append(_waiting(node, merge))
        return Node(node.source, node.start, node.end, [], over=node.over)
    if not isinstance(value, (dict, list)):
        return node
    if id(value) not in done:
        done[id(value)] = _settled(value, found, done, merge)
    fresh = done[id(value)]
    if fresh is value:
        return node
    return Node(node.source, node.start, node.end, fresh, node.keys, node.anchor, node.over)


def _settled(value: Any, found: list[Diagnostic], done: dict[int, Any], merge: Merge) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        items = [_finished(child, found, done, merge) for child in value]
        return value if all(map(is_, items, value)) else items
    children = {key: _finished(child, found, done, merge) for key, child in value.items() if not _removes(child)}
    same = len(children) == len(value) and all(map(is_, children.values(), value.values()))
    return value if same else children


def _removes(node: Node) -> bool:
    """Whether the node removes what a layer below it set."""
    step: Node | None = node
    while step is not None and isinstance(step.value, Deleted):
        step = step.over
    return step is not None and step is not node


def _waiting(node: Node, merge: Merge) -> Diagnostic:
    """Why the edit at `node` found nothing to edit."""
    if isinstance(node.value, Deleted):
        message = "`_delete_` removes nothing: no layer below sets the key"
        return Diagnostic("RCP506", message, Label(node.span), help="remove the key, or name one that a base sets")
    first = node
    while first.over is not None and isinstance(first.over.value, Edits):
        first = first.over
    marker = next(iter(first.value.markers))
    if first.over is None:
        message = f"`{marker}` stands over no list: no layer below sets the key"
        return Diagnostic("RCP506", message, Label(first.span), help="write the whole list: `key: […]`")
    if isinstance(first.over.value, list):
        wrong = _edited(first.over.value, first.value, merge)
        if isinstance(wrong, Diagnostic):
            set_here = Label(first.over.span, "the list")
            return Diagnostic("RCP506", wrong.message, wrong.primary, (*wrong.related, set_here), help=wrong.help)
    what = {dict: "a mapping", Deleted: "a key that a layer removed"}.get(type(first.over.value), "a single value")
    below = (Label(first.over.span, "set here"),)
    return Diagnostic("RCP506", f"`{marker}` stands over {what}", Label(first.span), below, help="edit a list")
