"""Every parameter of a composed recipe: its value, its history, and whether an override can change it.

All of it is read off the trees that the stages left: a node that a stage's tree has first was put there
by that stage, and a node's `over` is what it replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar

from recipe_compiler import compose
from recipe_compiler.diag import Diagnostic, Diagnostics, Route, did_you_mean, route_text, visible
from recipe_compiler.locks import lock
from recipe_compiler.override import route_of
from recipe_compiler.syntax import Json, Node, find, plain, walk

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "text", list: "list", dict: "mapping"}


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of a value: the node that it became, and who made it so.

    `by` is recipe, base, the stage (override, resolver, interpolation, broadcast, walk), or cluster: a default.
    """

    by: str
    node: Node

    @property
    def place(self) -> str:
        """`file:line`."""
        line, _ = self.node.source.position(self.node.start)
        return f"{self.node.source.file}:{line}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One leaf: an empty list or mapping is one too."""

    route: Route
    node: Node
    set_by: Change
    overridable: bool
    via: str | None = None
    """The key that an override must name instead."""
    why: str = ""
    """Why not, or why by another key."""

    @property
    def kind(self) -> str:
        """The type of its value, in the words of JSON Schema and YAML."""
        return kind(self.node.value)


def kind(value: Json) -> str:
    """`integer`, `text`, …: the type of a value."""
    return "null" if value is None else _KINDS[type(value)]


def history(stages: Mapping[str, Node], route: Route, file: str) -> tuple[Change, ...]:
    """Who set the value at `route`, newest first; empty where there is none. `file` is the recipe's."""
    first: dict[object, str] = {}
    for stage, tree in stages.items():
        for node in compose.history(tree, route):
            first.setdefault(_identity(node), stage)
    changes = []
    for node in compose.history(_last(stages), route):
        stage = first[_identity(node)]
        by = ("recipe" if node.source.file == file else "base") if stage == "layers" else stage
        changes.append(Change(by, node))
    return tuple(changes)


def wanted(stages: Mapping[str, Node], text: str, file: str, fields: Collection[str]) -> tuple[Route, Diagnostics]:
    """The route that `text` means in the tree. Emits: RCP510, RCP511."""
    shown = visible(text, 80)
    parts = route_of(text)
    if not parts:
        help_ = "write `args.optim.lr`, or `args.layers[0].size`"
        return (), (Diagnostic("RCP510", f"`{shown}` is not a route", file=file, help=help_),)
    tree, route = _last(stages), (parts if parts[0] in fields else ("args", *parts))
    done: Route = ()
    for part in route:
        node = find(tree, done)[0].value
        key = int(part) if isinstance(node, list) and str(part).isdecimal() else part
        if find(tree, (*done, key))[1] != (*done, key):
            near = did_you_mean(str(part), node) if isinstance(node, dict) else None
            help_ = f"did you mean `{route_text((*done, near))}`?" if near else "`recipec params` lists every route"
            message = f"`{visible(route_text((*done, key)), 120)}` is not set in any layer"
            return (), (Diagnostic("RCP511", message, file=file, help=help_),)
        done = (*done, key)
    return done, ()


def _identity(node: Node) -> object:
    """What stays when a stage copies a mapping for one of its values: its place."""
    if isinstance(node.value, (dict, list)):
        return id(node.source), node.start, node.end, type(node.value)
    return id(node)


def _last(stages: Mapping[str, Node]) -> Node:
    return stages[next(reversed(list(stages)))]


def parameters(stages: Mapping[str, Node], file: str, fields: Collection[str]) -> Iterator[Parameter]:
    """Each leaf of the tree, in the order of the recipe. `fields` are the top-level keys of the language."""
    tree = _last(stages)
    swept = dict(_swept(tree, fields))
    for route, node in walk(tree):
        if route and (not isinstance(node.value, (dict, list)) or not node.value):
            change = history(stages, route, file)[0]
            overridable, via, why = _access(stages, route, node, swept)
            yield Parameter(route, node, change, overridable, via, why)


def listed(stages: Mapping[str, Node], file: str, profile: Node | None, fields: Collection[str]) -> list[Parameter]:
    """Each leaf of the tree and each default of the cluster `profile`, those of one top-level key together."""
    rows = [*parameters(stages, file, fields), *(defaults(_last(stages), profile, fields) if profile else ())]
    order = {part: at for at, part in enumerate(dict.fromkeys(row.route[0] for row in rows))}
    return sorted(rows, key=lambda row: order[row.route[0]])


def defaults(tree: Node, profile: Node, fields: Collection[str]) -> Iterator[Parameter]:
    """Each leaf that the cluster's profile gives a recipe which does not set it, by the route that would set it.

    `tree` is the recipe's, `profile` that of the cluster profile.
    """
    section = profile.value.get("defaults")
    given = dict(section.value) if section is not None and isinstance(section.value, dict) else {}
    partitions = profile.value.get("partitions")
    if "partition" not in given and partitions is not None and len(partitions.value) == 1:
        given["partition"] = _only_key(partitions)
    for key, value in given.items():
        route: Route = (key,) if key in fields else ("resources", key)
        node, found = find(tree, route)
        if value.value is None or (found == route and node.value is not None):
            continue
        for part, leaf in walk(value, route):
            if not isinstance(leaf.value, (dict, list)) or not leaf.value:
                whole = part == route
                via, why = (None, "") if whole else (route_text(route), "a default is replaced as a whole")
                yield Parameter(part, leaf, Change("cluster", leaf), overridable=True, via=via, why=why)


def _only_key(partitions: Node) -> Node:
    """The name of the one partition there is, as a value: a recipe that names none gets it."""
    (name,) = partitions.value
    span = partitions.key_span(name)
    return Node(span.source, span.start, span.end, name)


def access(stages: Mapping[str, Node], route: Route, node: Node) -> tuple[bool, str | None, str]:
    """Whether an override changes the value at `route`, by which other key, and why; sweeps aside."""
    return _access(stages, route, node, {})


def _access(
    stages: Mapping[str, Node], route: Route, node: Node, swept: Mapping[tuple[str, ...], str]
) -> tuple[bool, str | None, str]:
    """Whether an override changes the value at `route`, by which other key, and why."""
    before = stages["override"]
    if (locked := lock(before, route)) is not None:
        return False, None, f"`{route_text(locked[0])}` is `_raw_`, {Change('', locked[1]).place}"
    for depth in range(1, len(route) + 1):
        if (place := swept.get(tuple(map(str, route[:depth])))) is not None:
            return False, None, f"the sweep sets it, {place}"
    via, why = _other_key(before, route, node)
    return True, via, why


def _other_key(before: Node, route: Route, node: Node) -> tuple[str | None, str]:
    """The key that an override must name in place of `route`, and why. `before` is the tree of overrides."""
    table = before.value.get("broadcast")
    names = table.value if table is not None and isinstance(table.value, dict) and route[0] == "args" else {}
    for depth in range(1, len(route)):
        if route[depth] in names:
            return route_text(("broadcast", *route[depth:])), "broadcast sets it"
    parent, there = find(before, route)
    if there == route:
        return None, ""
    oldest = _oldest(node)
    for key, child in parent.value.items() if isinstance(parent.value, dict) else ():
        if child.source is oldest.source and child.start == oldest.start:
            return route_text((*there, key)), "a resolver wrote it"
    return route_text(there) or None, "it stands for another value"


def _oldest(node: Node) -> Node:
    while node.over is not None:
        node = node.over
    return node


def _swept(tree: Node, fields: Collection[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The routes that a sweep's points set, and where it says so."""
    sweep = tree.value.get("sweep")
    if sweep is None or not isinstance(sweep.value, dict):
        return
    parts = [sweep.value[name] for name in ("grid", "zip", "include", "points") if name in sweep.value]
    for part in parts:
        for row in part.value if isinstance(part.value, list) else [part]:
            for key, child in row.value.items() if isinstance(row.value, dict) else ():
                if route := route_of(key):
                    whole = route if route[0] in fields else ("args", *route)
                    yield tuple(map(str, whole)), Change("", child).place


class Placed(Protocol):
    """What stands at a route."""

    @property
    def route(self) -> Route:
        """The route."""


P = TypeVar("P", bound=Placed)


def chosen(rows: Iterable[P], globs: Collection[str]) -> list[P]:
    """The parameters that any of the globs names; all without a glob.

    A glob names a route or one above it, as `a[0].b` or `a.0.b`; without a dot also any single part.
    """
    return [row for row in rows if not globs or any(_names(glob, row.route) for glob in globs)]


def _names(glob: str, route: Route) -> bool:
    if "." not in glob and any(fnmatchcase(str(part), glob) for part in route):
        return True
    for depth in range(1, len(route) + 1):
        text = route_text(route[:depth])
        if text == glob or fnmatchcase(text, glob) or fnmatchcase(".".join(map(str, route[:depth])), glob):
            return True
    return False


def as_json(row: Parameter) -> dict[str, Json]:
    """The wire form of a parameter."""
    return {
        "route": route_text(row.route),
        "path": list(row.route),
        "value": plain(row.node),
        "type": row.kind,
        "set_by": change_json(row.set_by),
        "overridable": row.overridable,
        "via": row.via,
        "why": row.why,
        "set": True,
    }


def change_json(change: Change) -> dict[str, Json]:
    """The wire form of who set a value."""
    source = change.node.source
    return {"by": change.by, "file": source.file, "line": source.position(change.node.start)[0]}
