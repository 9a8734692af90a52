"""What changed from one catalog to the next, in what recipes can call: names, parameters, fields.

A name that is gone is looked for among those that came: the same definition elsewhere is `moved`,
one beside it with the same parameters and nearly its name is `renamed`, which is a proposal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from recipe_compiler.catalog.nearest import CUTOFF, likeness
from recipe_compiler.catalog.registry import Catalogs, Found
from recipe_compiler.catalog.signature import Param, signature
from recipe_compiler.catalog.store import Catalog
from recipe_compiler.catalog.types import ANY, Type, parse

_DEFINITIONS = ("class", "function")
_PROPOSED = 3
_CLOSE = 0.93
"""A proposal is nearly as good as the best one."""
_ALWAYS = ("at", "doc")
"""What an entry may change without another meaning."""


class Difference(NamedTuple):
    """One parameter or field that is not as it was: `old` and `new` as the source has them, empty where it is not.

    `kind` is added, gone, renamed, changed, order, returns or bases; `aspects` says what of it: type, default,
    required, place.
    """

    kind: str
    name: str
    old: str = ""
    new: str = ""
    aspects: tuple[str, ...] = ()
    of: str = "parameter"


class Change(NamedTuple):
    """One name that is not as it was. `kind` is gone, moved, renamed, changed or new; `to` are proposals, best first.

    `at` is its place in the new sources, or where it was.
    """

    kind: str
    path: str
    what: str
    at: str
    to: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


class Comparison(NamedTuple):
    """All changes, sorted by path, and where definitions went that are elsewhere as they were."""

    changes: tuple[Change, ...]
    moved: Mapping[str, str]


def compare(old: Catalog, new: Catalog) -> Comparison:
    """What is not in both, or not the same in both. Raises: ValueError for a damaged catalog."""
    return _Comparer(old, new).compared()


class _Comparer:
    def __init__(self, old: Catalog, new: Catalog) -> None:
        self.before, self.after = dict(old.items()), dict(new.items())
        self.old, self.new = Catalogs([old]), Catalogs([new])
        self.came = {path: entry for path, entry in _definitions(self.after) if not _defines(self.before, path)}
        self.went = {path: entry for path, entry in _definitions(self.before) if not _defines(self.after, path)}
        self.names = [Counter(_last(path) for path, _ in _definitions(side)) for side in (self.before, self.after)]
        self.by_name: dict[str, list[str]] = {}
        for path in self.came:
            self.by_name.setdefault(_last(path), []).append(path)
        self.beside: dict[str, list[str]] = {}
        for path, _ in _definitions(self.after):
            self.beside.setdefault(path.rpartition(".")[0], []).append(path)

    def compared(self) -> Comparison:
        changes = [change for path, entry in self.went.items() if (change := self._gone(path, entry)) is not None]
        moved = {change.path: change.to[0] for change in changes if change.kind == "moved" and not change.differences}
        went_to = {change.path: change.to for change in changes}
        changes += self._changed()
        changes += self._names_gone(went_to)
        taken = {path for change in changes if change.kind in {"moved", "renamed"} for path in change.to}
        changes += [
            Change("new", path, entry["kind"], entry["at"])
            for path, entry in self.came.items()
            if path not in taken and path.rpartition(".")[0] not in self.came
        ]
        return Comparison(tuple(sorted(changes, key=lambda change: (change.path, change.kind))), moved)

    def _changed(self) -> Iterator[Change]:
        for path, entry in _definitions(self.before):
            there = self.after.get(path)
            if isinstance(there, dict) and there["kind"] in _DEFINITIONS and shape(entry) != shape(there):
                found = differences(Found(path, entry), Found(path, there), self.old, self.new)
                if found:
                    yield Change("changed", path, there["kind"], there["at"], (), found)

    def _gone(self, path: str, entry: dict[str, Any]) -> Change | None:
        """What became of a definition that is not at its path; None where nothing changed for who names it."""
        there, what = self.new.resolve(path), entry["kind"]
        if there is not None and there.kind in _DEFINITIONS:  # elsewhere, and the old name leads to it
            found = differences(Found(path, entry), there, self.old, self.new)
            return Change("changed", path, what, there.entry["at"], (there.path,), found) if found else None
        parent, _, name = path.rpartition(".")
        if parent in self.went:
            return None  # a method of a class that is listed itself
        same = [other for other in self.by_name.get(name, ()) if self.came[other]["kind"] == what]
        if len(same) == 1 and all(count[name] == 1 for count in self.names):  # many modules have a `model` each
            found = differences(Found(path, entry), Found(same[0], self.came[same[0]]), self.old, self.new)
            return Change("moved", path, what, self.came[same[0]]["at"], (same[0],), found)
        alike = [other for other in same if shape(self.came[other]) == shape(entry)]
        near = self._near(path, what)
        twins = [other for other in near if other in self.came and shape(self.came[other]) == shape(entry)]
        if len(twins) == 1:
            return Change("renamed", path, what, self.came[twins[0]]["at"], (twins[0],))
        return Change("gone", path, what, entry["at"], tuple(dict.fromkeys([*alike, *near, *same]))[:_PROPOSED])

    def _near(self, path: str, what: str) -> list[str]:
        """What stands beside it in the new catalog with nearly its name, best first."""
        parent, _, name = path.rpartition(".")
        beside = [other for other in self.beside.get(parent, ()) if self.after[other]["kind"] == what]
        weights = Counter(word for other in beside for word in _last(other).lower().split("_"))
        scored = sorted((-likeness(name, _last(other), weights), len(other), other) for other in beside)
        return [other for score, _, other in scored if -score >= CUTOFF and score <= scored[0][0] * _CLOSE]

    def _names_gone(self, went_to: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
        """Names that a package re-exported, and does no more."""
        for path, target in self.before.items():
            package = self.before.get(path.rpartition(".")[0])
            if not isinstance(target, str) or not isinstance(package, dict) or not _public(path):
                continue
            if not package["at"].endswith("__init__.py") or self.new.resolve(path) is not None:
                continue
            found = self.old.resolve(path)
            if found is not None and found.kind in _DEFINITIONS:
                to = (found.path,) if self.new.resolve(found.path) else went_to.get(found.path, ())
                yield Change("gone", path, "name", found.entry["at"], tuple(self._shorter(path, one) for one in to))

    def _shorter(self, path: str, to: str) -> str:
        """The name by which the package of `path` has `to`, if it has one."""
        short = f"{path.rpartition('.')[0]}.{_last(to)}"
        there = self.new.resolve(short)
        return short if there is not None and there.path == to else to


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _definitions(entries: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, entry in entries.items():
        if isinstance(entry, dict) and entry["kind"] in _DEFINITIONS and _public(path):
            yield path, entry


def _defines(entries: Mapping[str, Any], path: str) -> bool:
    entry = entries.get(path)
    return isinstance(entry, dict) and entry["kind"] in _DEFINITIONS


def _public(path: str) -> bool:
    return "._" not in path and path[:1] != "_"


def shape(entry: Any) -> Any:  # noqa: ANN401  JSON
    """An entry, or a part of one, without what says nothing about calls: places and documentation."""
    if isinstance(entry, dict):
        return {key: shape(value) for key, value in entry.items() if key not in _ALWAYS}
    return [shape(item) for item in entry] if isinstance(entry, list) else entry


def differences(before: Found, after: Found, old: Catalogs, new: Catalogs) -> tuple[Difference, ...]:
    """How calling the one differs from calling the other; of classes also the fields, and what they are made of."""
    one, two = signature(before, old), signature(after, new)
    found = list(between(one.params if one else (), two.params if two else ()))
    taken = {param.name for made in (one, two) if made for param in made.params}
    fields = [_fields(side.entry, taken) for side in (before, after)]
    found += [difference._replace(of="field") for difference in between(*fields)]
    was, is_ = (str(side.entry.get("returns", "")) for side in (before, after))
    if was and is_ and _meaning(parse(was)) != _meaning(parse(is_)):
        found.append(Difference("returns", "", was, is_))
    bases = [list(map(str, side.entry.get("bases", ()))) for side in (before, after)]
    if [_last(name) for name in bases[0]] != [_last(name) for name in bases[1]]:  # one that moved is the same one
        found.append(Difference("bases", "", ", ".join(bases[0]), ", ".join(bases[1])))
    return tuple(found)


def _fields(entry: Mapping[str, Any], taken: Iterable[str]) -> list[Param]:
    rows = (row for row in entry.get("fields", ()) if row["name"] not in taken and row["name"][0] != "_")
    return [Param(row["name"], "", row.get("type", ""), row.get("default")) for row in rows]


def between(before: Sequence[Param], after: Sequence[Param]) -> Iterator[Difference]:
    """How the parameters differ."""
    old, new = ({param.name: param for param in params} for params in (before, after))
    again = renamed(before, after)
    for name, param in old.items():
        if name in new:
            aspects = tuple(_aspects(param, new[name]))
            if aspects:
                same = param.shown == new[name].shown
                was, is_ = (_in_full(one) if same else one.shown for one in (param, new[name]))
                yield Difference("changed", name, was, is_, aspects)
        elif name in again:
            yield Difference("renamed", name, param.shown, new[again[name]].shown)
        else:
            yield Difference("gone", name, param.shown)
    for name, param in new.items():
        if name not in old and name not in again.values():
            needed = param.default is None and param.kind[:1] != "*"
            yield Difference("added", name, "", param.shown, ("required",) if needed else ())
    places = [
        [p.name for p in params if p.kind in {"", "positional-only"} and p.name in old and p.name in new]
        for params in (before, after)
    ]
    if places[0] != places[1] and set(places[0]) == set(places[1]):
        yield Difference("order", "", ", ".join(places[0]), ", ".join(places[1]))


def _in_full(param: Param) -> str:
    return f"{param.name}: {param.type}" + (f" = {param.default}" if param.default else "")


def _aspects(one: Param, two: Param) -> Iterator[str]:
    if one.type != two.type and (_meaning(parse(one.type)) != _meaning(parse(two.type)) or parse(one.type) == ANY):
        yield "type"
    if one.kind != two.kind:
        yield "place"
    if (one.default is None) != (two.default is None):
        yield "required"
    elif one.default != two.default:
        yield "default"


def _meaning(type_: Any) -> Any:  # noqa: ANN401  a type, `...`, or a literal's value
    """A type without its spelling: `List` is `list`."""
    if not isinstance(type_, Type):
        return type_
    name = type_.name if type_.kind == "class" else ""
    return Type(type_.kind, tuple(_meaning(part) for part in type_.args), name)


def renamed(before: Sequence[Param], after: Sequence[Param]) -> dict[str, str]:
    """The parameter that surely became another: one went, and one of its kind and nearly its name came."""
    old, new = {param.name for param in before}, {param.name for param in after}
    gone = [param for param in before if param.name not in new]
    if len(gone) != 1:
        return {}
    near = [
        param.name
        for param in after
        if param.name not in old
        if (param.kind, param.type, param.default) == (gone[0].kind, gone[0].type, gone[0].default)
        if likeness(gone[0].name, param.name) >= CUTOFF
    ]
    return {gone[0].name: near[0]} if len(near) == 1 else {}
