"""The markers of the language, and the written forms of values that YAML has no word for.

A form is a mapping with one key: `{_tuple_: [1, 2]}`, `{_float_: nan}`. Each such value has one
form, `runtime.py` builds it in the job, and what it cannot build is found here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from recipe_compiler.diag import Route, visible
from recipe_compiler.schema.fields import function_trouble, kind, seconds
from recipe_compiler.syntax import Node

CALL = frozenset({"_target_", "_args_", "_partial_", "_call_", "_overrides_"})
"""The markers of a call, which need `_target_`."""
_STEP = re.compile(r"(?:^|\.)([^.\[\]\s]+)|\[(0|[1-9][0-9]{0,8})\]")


class Wrong(NamedTuple):
    """Why a form cannot be built: what to say, and of which node."""

    code: str
    message: str
    help: str
    node: Node
    label: str = ""


def _expected(marker: str, what: str, help_: str, node: Node) -> Wrong:
    found = f"expected {what}, found {kind(node.value)}"
    return Wrong("RCP202", f"`{marker}` must be {what}", help_, node, found)


def _tuple(node: Node) -> Iterator[Wrong]:
    if not isinstance(node.value, list):
        yield _expected("_tuple_", "a list", "write `{_tuple_: [1, 2]}`", node)


def _set(node: Node) -> Iterator[Wrong]:
    if not isinstance(node.value, list):
        yield _expected("_set_", "a list", "write `{_set_: [1, 2]}`", node)
        return
    for item in node.value:
        if (inner := _unhashable(item)) is not None:
            what = "a set" if isinstance(inner.value, dict) and "_set_" in inner.value else kind(inner.value)
            help_ = "write `{_tuple_: […]}`" if isinstance(inner.value, list) else "use numbers, texts, tuples or calls"
            yield Wrong("RCP202", f"an item of `_set_` cannot be {what}", help_, inner)


def _unhashable(node: Node) -> Node | None:
    """The first value in an item of a set that no set can hold."""
    value = node.value
    if isinstance(value, dict) and "_tuple_" in value and isinstance(value["_tuple_"].value, list):
        return next((inner for inner in map(_unhashable, value["_tuple_"].value) if inner is not None), None)
    hashable = isinstance(value, dict) and ("_target_" in value or (value.keys() & FORMS.keys()) - {"_set_"})
    return node if isinstance(value, (list, dict)) and (not hashable or is_raw(node)) else None


def _bytes(node: Node) -> Iterator[Wrong]:
    help_ = "write what `base64 -w0 FILE` prints, in quotes"
    if not isinstance(node.value, str):
        yield _expected("_bytes_", "text in base64", help_, node)
        return
    try:
        exact = base64.b64encode(base64.b64decode(node.value, validate=True)).decode() == node.value
    except (binascii.Error, ValueError):
        exact = False
    if not exact:
        yield Wrong("RCP202", f"`{visible(node.value, 40)}` is not base64", help_, node)


def _path(node: Node) -> Iterator[Wrong]:
    if not isinstance(node.value, str) or not node.value:
        yield _expected("_path_", "a path", "write `{_path_: /folder/name}`", node)


def _timedelta(node: Node) -> Iterator[Wrong]:
    value, help_ = node.value, "write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield Wrong("RCP204", f"`{value}` has no unit", help_, node)
    elif not isinstance(value, str):
        yield _expected("_timedelta_", "a duration", help_, node)
    elif seconds(value) is None:
        yield Wrong("RCP204", f"`{visible(value, 40)}` is not a clear duration", help_, node)


def _float(node: Node) -> Iterator[Wrong]:
    if node.value not in ("nan", "inf", "-inf"):
        shown = visible(node.span.text, 40) if not isinstance(node.value, (list, dict)) else kind(node.value)
        help_ = "one of: nan, inf, -inf; a finite number is written as it is"
        yield Wrong("RCP209", f"`_float_` cannot be `{shown}`", help_, node)


def _enum(node: Node) -> Iterator[Wrong]:
    help_ = "write `{_enum_: package.module.Class.MEMBER}`"
    if not isinstance(node.value, str):
        yield _expected("_enum_", "the path of a member", help_, node)
    elif (trouble := function_trouble(node.value) or function_trouble(enum_of(node.value))) is not None:
        yield Wrong("RCP704", f"`{visible(node.value, 80)}` cannot be a member of an enum: {trouble}", help_, node)


FORMS: dict[str, Callable[[Node], Iterator[Wrong]]] = {
    "_bytes_": _bytes,
    "_enum_": _enum,
    "_float_": _float,
    "_path_": _path,
    "_set_": _set,
    "_timedelta_": _timedelta,
    "_tuple_": _tuple,
}
MARKERS = frozenset({*CALL, *FORMS, "_raw_"})


def is_marker(key: str) -> bool:
    """Whether the language keeps `key` for itself: `_x_`, and not `__x__`."""
    return key[:1] == "_" and key[-1:] == "_" and len(key) > 2 and key[1] != "_"


def is_raw(node: Node) -> bool:
    """Whether this is a mapping that is passed as it is."""
    value = node.value
    return isinstance(value, dict) and "_raw_" in value and value["_raw_"].value is True


def is_plain_mapping(node: Node) -> bool:
    """Whether this is a mapping and neither a call, nor a form, nor `_raw_`."""
    return isinstance(node.value, dict) and not node.value.keys() & MARKERS


def is_path(node: Node) -> bool:
    """Whether this value of `_overrides_` is a longer path, and not what is assigned."""
    return is_plain_mapping(node) and bool(node.value)


def enum_of(path: str) -> str:
    """The class of the member that `path` names."""
    return path.rpartition(".")[0]


class Assignment(NamedTuple):
    """One assignment of `_overrides_`: where it stands, the `way` it takes, and its value."""

    route: Route
    way: tuple[str, ...] | None
    """Names, keys and indices from the object on; None if it cannot be read."""
    node: Node


def assignments(overrides: Node, route: Route, before: tuple[str, ...] = ()) -> Iterator[Assignment]:
    """What `_overrides_` sets, in file order. Keys are dotted, nested, or both."""
    for key, child in overrides.value.items():
        steps = steps_of(key)
        if steps is not None and is_path(child):
            yield from assignments(child, (*route, key), (*before, *steps))
        else:
            yield Assignment((*route, key), None if steps is None else (*before, *steps), child)


def steps_of(key: str) -> tuple[str, ...] | None:
    """The steps of one key, `a.b[0]`; None where it cannot be a path."""
    steps: list[str] = []
    at = 0
    for match in _STEP.finditer(key):
        name, index = match.groups()
        if match.start() != at or (name or "").startswith("__"):
            return None
        steps.append(name if index is None else index)
        at = match.end()
    return tuple(steps) if at == len(key) and steps else None
