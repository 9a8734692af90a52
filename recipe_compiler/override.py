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
    route_text,
    visible,
)
from recipe_compiler.syntax import Node, find, parse_value, walk

_KEY = re.compile(r"(?P<sign>\+\+|\+)?(?P<key>[^=\s+~][^=]*)=")
_PART = re.compile(r"(?:^|\.)([^.\[\]\s]+)|\[([0-9]{1,9})\]")
_MAX_DEPTH = 64
_OPEN = frozenset({"args", "env"})
"""Fields whose keys are the author's own: a key that is not there may be a typo."""


@dataclass(frozen=True, slots=True)
class Override:
    """One parsed override. `sign`: "" must exist, "+" must be new, "++" either."""

    sign: str
    route: Route
    key: Span
    value: Node


def parse(text: str) -> tuple[Override | None, Diagnostics]:
    """The override that `text` says. Emits: RCP103, RCP510 and what the value's own text deserves."""
    source = Source(f"<--set {visible(text, 80)}>", text)
    match = _KEY.match(text)
    route = route_of(match.group("key")) if match else None
    if match is None or route is None:
        return None, (_unreadable(source),)
    key = Span(source, match.start("key"), match.end("key"))
    if (wrong := _wrong_key(route, key)) is not None:
        return None, (wrong,)
    if not text[match.end() :].strip():
        return Override(match.group("sign") or "", route, key, Node(source, match.end(), len(text), "")), ()
    value, found = parse_value(source, match.end())
    # What YAML 1.1 would have read does not matter on a command line.
    found = tuple(item for item in found if item.severity == "error")
    if not found:
        found = tuple(_lost(source, match.end(), value))
    return (None if value is None or found else Override(match.group("sign") or "", route, key, value)), found


def _unreadable(source: Source) -> Diagnostic:
    help_ = "write `args.lr=3e-4`, or `+args.new=1` for a new key"
    if source.text.startswith("~"):
        help_ = "a value cannot be removed by an override; write `key=null`, or change the recipe"
    message = f"cannot read the override `{visible(source.text, 80)}`"
    at = Label(Span(source, 0, max(len(source.text), 1)), "not `key=value`")
    return Diagnostic("RCP510", message, at, help=help_)


def _wrong_key(route: Route, key: Span) -> Diagnostic | None:
    """A route that nothing could have."""
    last = str(route[-1])
    if len(route) > _MAX_DEPTH:
        message = f"the override is nested deeper than {_MAX_DEPTH} levels"
        return Diagnostic("RCP103", message, Label(key), help="write a flatter structure")
    if last.endswith("*"):
        help_ = f"write the new value: `{visible(key.text[:-1], 80)}=…`"
        return Diagnostic("RCP510", "an override cannot multiply a value", Label(key), help=help_)
    if route == ("extends",):
        help_ = "change the recipe, or override the values that differ"
        return Diagnostic(
            "RCP510", "`extends` cannot be overridden: bases come before overrides", Label(key), help=help_
        )
    return None


def _lost(source: Source, start: int, value: Node | None) -> list[Diagnostic]:
    """What stands in the text and would not be in the value: a comment, and `b` of `{a:b}`."""
    found = []
    end = start if value is None else value.end
    if rest := source.text[end:].strip():
        at = source.text.index(rest, end)
        help_ = "put the value in YAML's quotes: `key='\"a #b\"'`"
        message = f"`{visible(rest, 40)}` is not part of the value: ` #` starts a comment"
        found.append(Diagnostic("RCP510", message, Label(Span(source, at, at + len(rest))), help=help_))
    for _, node in walk(value) if value is not None else ():
        for key, (first, last) in (node.keys or {}).items():
            child = node.value[key]
            if ":" in key and child.value is None and child.start == child.end and source.text[first] not in "\"'":
                name, _, rest = key.partition(":")
                message = f"`{visible(key, 40)}` is one key without a value"
                help_ = f"write a space after the colon: `{visible(name, 40)}: {visible(rest, 40)}`"
                found.append(Diagnostic("RCP510", message, Label(Span(source, first, last)), help=help_))
    return found


def route_of(key: str) -> Route | None:
    """The route that `a.b[0].c` or `a.b.0.c` says, or None. It begins with a key."""
    parts: list[str | int] = []
    at = 0
    for match in _PART.finditer(key):
        if match.start() != at:
            return None
        name, index = match.groups()
        parts.append(name if index is None else int(index))
        at = match.end()
    return tuple(parts) if at == len(key) and parts and isinstance(parts[0], str) else None


def apply(root: Node, override: Override, fields: frozenset[str]) -> tuple[Node | None, Diagnostics]:
    """`root` with the override. A key that is no top-level field means an argument.

    `fields` are the top-level keys of the recipe language; what is not set of them may be set without `+`,
    for a typo in them is found later. Emits: RCP511, RCP512.
    """
    is_field = override.route[0] in fields
    route = _indexed(root, override.route if is_field else ("args", *override.route))
    parent, found = find(root, route)
    label = Label(override.key)
    if (raw := _raw(root, found)) is not None:
        message = f"`{_shown(raw)}` is `_raw_`: it is passed as it is, and nothing in it can be overridden"
        return None, (Diagnostic("RCP512", message, label, help=f"override `{_shown(raw)}` as a whole"),)
    if found == route:
        if override.sign == "+":
            now = Label(parent.span, "already set here")
            message = f"`{_shown(route)}` exists already"
            return None, (Diagnostic("RCP511", message, label, (now,), help=f"write `{_shown(route)}=…` to change it"),)
        return replaced(root, route, override.value, override.key), ()
    missing = route[len(found) :]
    if not isinstance(parent.value, dict) or isinstance(missing[0], int):
        return None, (_nothing_inside(parent, found, missing[0], label),)
    if (index := next((n for n, part in enumerate(missing) if isinstance(part, int)), None)) is not None:
        whole = _shown((*found, *missing[:index]))
        message = f"`{whole}` is not set in any layer, so it has no items"
        return None, (Diagnostic("RCP511", message, label, help=f"write the whole list: `+{whole}=[…]`"),)
    if override.sign or (is_field and route[0] not in _OPEN):
        return _grown(root, route, len(found), override), ()
    return None, (_missing(parent, found, missing, override, fields),)


def _indexed(root: Node, route: Route) -> Route:
    """The route with `.0` as an index wherever it leads into a list."""
    done: Route = ()
    for part in route:
        inside_list = isinstance(find(root, done)[0].value, list)
        done += (int(part) if inside_list and re.fullmatch("[0-9]{1,9}", str(part)) else part,)
    return done


def _raw(root: Node, found: Route) -> Route | None:
    """The part of `found` that ends at a `_raw_` mapping, if `found` leads into one."""
    for depth in range(1, len(found)):
        value = find(root, found[:depth])[0].value
        if isinstance(value, dict) and "_raw_" in value and value["_raw_"].value is True:
            return found[:depth]
    return None


def _nothing_inside(parent: Node, found: Route, part: str | int, label: Label) -> Diagnostic:
    """The route goes through what has no keys, or past the end of a list."""
    here, there = _shown(found) or "the recipe", f"[{part}]" if isinstance(part, int) else visible(part, 60)
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
    here = _shown((*found, *missing))
    near = did_you_mean(str(missing[0]), parent.value)
    meant = (*found, near, *missing[1:]) if near else ()
    if not near and override.route[0] not in fields and (near := did_you_mean(str(override.route[0]), fields)):
        meant = (near, *override.route[1:])
    options = f"did you mean `{_shown(meant)}`? " if meant else ""
    message = f"`{here}` is not set in any layer"
    return Diagnostic("RCP511", message, Label(override.key), help=f"{options}a new key is written `+{here}=…`")


def _grown(root: Node, route: Route, depth: int, override: Override) -> Node:
    value, span = override.value, override.key
    for part in reversed(route[depth + 1 :]):
        value = Node(span.source, span.start, value.end, {str(part): value}, {str(part): (span.start, span.end)})
    return replaced(root, route[: depth + 1], value, span)


def _shown(route: Route) -> str:
    return visible(route_text(route), 120)
