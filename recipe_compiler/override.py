"""`--set` texts: one value of the last layer. Hydra's signs: `k=v`, `+k=v`, `++k=v`.

The right side is read by the same parser as a recipe, so `lr=3e-4` is a number and
`tags=[a, b]` a list; its diagnostics point into the text of the override.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from recipe_compiler.compose import replaced
from recipe_compiler.diag import (
    Diagnostic,
    Diagnostics,
    Label,
    Route,
    Source,
    Span,
    did_you_mean,
    has_errors,
    route_text,
    visible,
)
from recipe_compiler.syntax import Node, find, parse_value

_KEY = re.compile(r"(?P<sign>\+\+|\+)?(?P<key>[^=\s+~][^=]*)=")
_PART = re.compile(r"(?:^|\.)([^.\[\]\s]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Override:
    """One parsed override. `sign`: "" must exist, "+" must be new, "++" either."""

    sign: str
    route: Route
    key: Span
    value: Node


def parse(text: str) -> tuple[Override | None, Diagnostics]:
    """The override that `text` says. Emits: RCP510 and what the value's own text deserves."""
    source = Source(f"<--set {visible(text, 80)}>", text)
    match = _KEY.match(text)
    route = _route(match.group("key")) if match else None
    if match is None or not route:
        at = Label(Span(source, 0, max(len(text), 1)), "not `key=value`")
        message = f"cannot read the override `{visible(text, 80)}`"
        return None, (Diagnostic("RCP510", message, at, help="write `args.lr=3e-4`, or `+args.new=1` for a new key"),)
    key = Span(source, match.start("key"), match.end("key"))
    if text[match.end() :].strip():
        value, found = parse_value(source, match.end())
        if value is None and not has_errors(found):
            value = Node(source, match.end(), len(text), None)
    else:
        value, found = Node(source, match.end(), len(text), ""), ()
    # What YAML 1.1 would have read does not matter on a command line.
    found = tuple(item for item in found if item.severity == "error")
    return (None if value is None or found else Override(match.group("sign") or "", route, key, value)), found


def _route(key: str) -> Route | None:
    parts: list[str | int] = []
    at = 0
    for match in _PART.finditer(key):
        if match.start() != at:
            return None
        name, index = match.groups()
        parts.append(name if index is None else int(index))
        at = match.end()
    return tuple(parts) if at == len(key) else None


def apply(root: Node, override: Override, fields: frozenset[str]) -> tuple[Node | None, Diagnostics]:
    """`root` with the override. A key that is no top-level field means an argument.

    `fields` are the top-level keys of the recipe language. Emits: RCP511, RCP512.
    """
    route = _anchored(override.route, fields)
    parent, found = find(root, route[:-1])
    here = route_text(route)
    label = Label(override.key)
    if found != route[:-1]:
        if override.sign and isinstance(parent.value, dict):
            return _grown(root, route, len(found), override), ()
        return None, (_missing(parent, route, len(found), label),)
    exists = find(root, route)[1] == route
    if not isinstance(parent.value, dict) and not exists:
        message = f"`{route_text(route[:-1])}` is not a mapping, so it has no `{route[-1]}`"
        return None, (
            Diagnostic("RCP512", message, label, (Label(parent.span, "set here"),), help="name an existing key"),
        )
    if not exists and not override.sign:
        return None, (_missing(parent, route, len(route) - 1, label),)
    if exists and override.sign == "+":
        now = Label(find(root, route)[0].span, "already set here")
        return None, (
            Diagnostic("RCP511", f"`{here}` exists already", label, (now,), help=f"write `{here}=…` to change it"),
        )
    return replaced(root, route, override.value), ()


def _anchored(route: Route, fields: frozenset[str]) -> Route:
    if route[0] in fields:
        return route
    return ("args", *route)


def _missing(parent: Node, route: Route, depth: int, label: Label) -> Diagnostic:
    names = list(parent.value) if isinstance(parent.value, dict) else []
    near = did_you_mean(str(route[depth]), names)
    here = route_text(route[: depth + 1])
    if not isinstance(parent.value, dict):
        message = f"`{route_text(route[:depth]) or 'the recipe'}` has no `{route[depth]}`"
        return Diagnostic("RCP512", message, label, (Label(parent.span, "set here"),), help="name an existing key")
    options = f"did you mean `{route_text((*route[:depth], near))}`? " if near else ""
    return Diagnostic(
        "RCP511", f"`{here}` is not set in any layer", label, help=f"{options}a new key is written `+{here}=…`"
    )


def _grown(root: Node, route: Route, depth: int, override: Override) -> Node:
    value = override.value
    for part in reversed(route[depth + 1 :]):
        span = override.key
        value = Node(span.source, span.start, value.end, {str(part): value}, {str(part): (span.start, span.end)})
    return replaced(root, route[: depth + 1], value)
