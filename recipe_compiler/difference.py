"""What differs between two jobs: first what they mean, then their scripts.

A side is a bundle, read from its folder or just compiled, so both are compared by the same facts:
the manifest, `call.json` and `points.jsonl`. A bundle may come from anybody: its facts are checked.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from recipe_compiler.side import Side, Value

_EXPLAINED = frozenset({"call.json", "points.jsonl", "manifest.json"})
"""Files whose content is compared as what it means."""
_LONG = frozenset({"runtime.py"})
"""Files of recipec's own, of which the fact of a change is enough."""
MAX_LINES = 5_000
"""Of a file that is compared line by line: the comparison is quadratic."""


class Change(NamedTuple):
    """One thing that only one side has, or that has another value there. `what` is a route or a fact's name."""

    what: str
    before: Value | None
    after: Value | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


class Points(NamedTuple):
    """How the points of a sweep changed. A point is the same when it sets the same values."""

    before: int
    after: int
    added: tuple[Mapping[str, Any], ...]
    removed: tuple[Mapping[str, Any], ...]
    moved: int
    """Points that are another task of the array now."""


class Script(NamedTuple):
    """A file that differs: its unified diff, or no lines where it is too long to show."""

    name: str
    kind: str
    lines: tuple[str, ...]


class Difference(NamedTuple):
    """Everything that differs. `before` is None for a recipe that was not there."""

    before: Side | None
    after: Side
    job: tuple[Change, ...]
    parameters: tuple[Change, ...]
    points: Points | None
    inputs: tuple[Change, ...]
    """Files whose digest moved; by itself that changes nothing."""
    scripts: tuple[Script, ...]

    @property
    def same(self) -> bool:
        """Whether both would run the same job from the same scripts."""
        return self.before is not None and not (self.job or self.parameters or self.points or self.scripts)


def difference(before: Side | None, after: Side) -> Difference:
    """What differs from `before` to `after`."""
    job = tuple(_changes({} if before is None else before.job, after.job))
    parameters = tuple(_changes({} if before is None else before.parameters, after.parameters))
    points = _points(() if before is None else before.points, after.points)
    inputs = tuple(_changes(_digests(before), _digests(after)))
    known = (frozenset({"call.json"}) if job or parameters else frozenset()) | (
        frozenset({"points.jsonl"}) if points else frozenset()
    )
    hidden = _EXPLAINED & (known | {"manifest.json"})
    scripts = tuple(_scripts({} if before is None else before.files, after.files, hidden))
    return Difference(before, after, job, parameters, points, inputs, scripts)


def _digests(side: Side | None) -> dict[str, Value]:
    return {} if side is None else {name: Value(digest) for name, digest in side.inputs.items()}


def _changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[Change]:
    """What differs, in the order of `after`, then what is gone, in the order of `before`."""
    for what, value in after.items():
        other = before.get(what)
        if other is None or not same_value(other.value, value.value):
            yield Change(what, other, value)
    for what, value in before.items():
        if what not in after:
            yield Change(what, value, None)


def same_value(one: object, other: object) -> bool:
    """Whether two values are one in JSON: `1`, `1.0` and `true` are three."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _points(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Points | None:
    old = {row["digest"]: row["index"] for row in before}
    new = {row["digest"]: row["index"] for row in after}
    added = tuple(row for row in after if row["digest"] not in old)
    removed = tuple(row for row in before if row["digest"] not in new)
    moved = sum(old[digest] != index for digest, index in new.items() if digest in old)
    if not added and not removed and not moved:
        return None
    return Points(len(before), len(after), added, removed, moved)


def axes(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values that each route takes in the points, each once, in order."""
    values: dict[str, dict[str, Any]] = {}
    for row in rows:
        for route, value in row["values"].items():
            values.setdefault(route, {}).setdefault(json.dumps(value, sort_keys=True), value)
    return {route: list(found.values()) for route, found in values.items()}


def _scripts(before: Mapping[str, str], after: Mapping[str, str], hidden: frozenset[str]) -> Iterator[Script]:
    for name in sorted({*before, *after} - hidden):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        kind = "added" if old is None else "removed" if new is None else "changed"
        yield Script(name, kind, () if name in _LONG else tuple(_unified(name, old or "", new or "")))


def _unified(name: str, old: str, new: str) -> list[str]:
    left, right = old.split("\n"), new.split("\n")
    if max(len(left), len(right)) > MAX_LINES:
        return []
    return list(difflib.unified_diff(left, right, f"before/{name}", f"after/{name}", lineterm=""))
