"""The catalogs of one image together: any path to its definition, and a class to its ancestors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recipe_compiler.catalog.store import Catalog

_MAX_HOPS = 20
_MAX_ANCESTORS = 200
_ROOTS = frozenset({"object", "Generic", "Protocol", "abc.ABC", "ABC", "TypedDict", "NamedTuple"})
"""Bases that are in no catalog and bring no parameters."""


@dataclass(frozen=True, slots=True)
class Found:
    """A definition: its own `path`, wherever it was reached from, and its entry."""

    path: str
    entry: dict[str, Any]

    @property
    def kind(self) -> str:
        """`function`, `class`, `module` or `value`."""
        return str(self.entry["kind"])


@dataclass(frozen=True, slots=True)
class Ancestors:
    """A class and its bases, nearest first. `outside`: names of bases that no catalog has."""

    classes: tuple[Found, ...]
    outside: frozenset[str]

    @property
    def known(self) -> bool:
        """Whether nothing can come from a class that is not catalogued."""
        return not self.outside - _ROOTS

    @property
    def paths(self) -> frozenset[str]:
        """Every name that the class is an instance of."""
        return frozenset(found.path for found in self.classes) | self.outside


class Catalogs:
    """Several catalogs, asked in order. What was asked once is kept."""

    def __init__(self, catalogs: Sequence[Catalog], constraints: Sequence[Any] = ()) -> None:
        """Hold the catalogs, of which nothing is read yet, and the `Constraint`s beside them."""
        self.catalogs = tuple(catalogs)
        self.constraints = tuple(constraints)
        self._resolved: dict[str, Found | None] = {}
        self._ancestors: dict[str, Ancestors] = {}
        self._entries: dict[str, Any] = {}
        self._digests: dict[str, str] = {}
        self.signatures: dict[str, Any] = {}
        """What `signature` made, by path."""
        self.types: dict[Any, Any] = {}
        """What `known` made of a type, and `declared` of an annotation with its default."""

    @property
    def names(self) -> tuple[str, ...]:
        """The catalogs' names."""
        return tuple(catalog.name for catalog in self.catalogs)

    def entry(self, path: str) -> Any:  # noqa: ANN401  JSON
        """The entry of exactly this path; an alias is a text."""
        if path not in self._entries:
            entry, digest = next((one for catalog in self.catalogs if (one := catalog.get(path))[1]), (None, ""))
            self._entries[path], self._digests[path] = entry, digest
        return self._entries[path]

    def digest(self, path: str) -> str:
        """The digest of the entry of exactly this path; empty where there is none."""
        self.entry(path)
        return self._digests[path]

    def resolve(self, path: str) -> Found | None:
        """The definition that `path` leads to, through re-exports; None where the catalogs have none."""
        path = path.replace(":", ".")
        if path not in self._resolved:
            self._resolved[path] = None  # what leads to itself leads nowhere
            self._resolved[path] = self._resolve(path)
        return self._resolved[path]

    def _resolve(self, path: str) -> Found | None:
        entry = self.entry(path)
        if isinstance(entry, str):
            return self.resolve(entry)
        if entry is not None:
            other = self.resolve(entry["is"]) if entry["kind"] == "value" and "[" not in entry.get("is", "[") else None
            return other or Found(path, entry)
        parent, _, name = path.rpartition(".")
        owner = self.resolve(parent) if parent else None
        if owner is None:
            return None
        if owner.kind == "class":
            return self._member(owner, name)
        if name in owner.entry.get("values", ()):
            return Found(f"{owner.path}.{name}", {"kind": "value", "at": owner.entry["at"]})
        return self.resolve(f"{owner.path}.{name}") if owner.path != parent else None

    def _member(self, owner: Found, name: str) -> Found | None:
        """A class or static method, an inherited one too, or a variable of the class such as an enum's member."""
        for found in self.ancestors(owner.path).classes:
            entry = self.entry(f"{found.path}.{name}")
            if isinstance(entry, dict):
                return Found(f"{found.path}.{name}", entry)
            if any(field["name"] == name for field in found.entry.get("fields", ())):
                return Found(f"{found.path}.{name}", {"kind": "value", "at": found.entry["at"], "of": found.path})
        return None

    def ancestors(self, path: str) -> Ancestors:
        """The class at `path` and all its bases, in the order in which Python asks them."""
        if path not in self._ancestors:
            self._ancestors[path] = self._bases(path)
        return self._ancestors[path]

    def _bases(self, path: str) -> Ancestors:
        order: list[Found] = []
        outside: set[str] = set()
        todo = [path]
        while todo and len(order) < _MAX_ANCESTORS:
            name = todo.pop(0).partition("[")[0]
            found = self.resolve(name)
            if found is None or found.kind != "class":
                outside.add(name)
                continue
            order = [one for one in order if one.path != found.path] + [found]
            if len({one.path for one in order}) == len(order) and found.path not in todo:
                todo = [*map(str, found.entry.get("bases", ())), *todo]
        return Ancestors(tuple(order), frozenset(outside))

    def covers(self, path: str) -> bool:
        """Whether the catalogs know all names of the module that `path` lies in, so that one they have not is none."""
        parts = path.replace(":", ".").split(".")
        for end in range(len(parts) - 1, 0, -1):
            owner = self.resolve(".".join(parts[:end]))
            if owner is not None:
                return owner.kind == "class" or (owner.kind == "module" and not owner.entry.get("open"))
        return False

    def subclasses_naming(self, field: str, base: str) -> list[Found]:
        """The classes below `base` that name a field, attribute or parameter `field`: a search through everything."""
        named = (self.resolve(path) for catalog in self.catalogs for path in catalog.classes_naming(field))
        return [found for found in named if found is not None and base in self.ancestors(found.path).paths]

    def imported(self, path: str) -> tuple[str, str] | None:
        """The module and the name where `path` goes through an import from outside the catalogs."""
        parts = path.replace(":", ".").split(".")
        for end in range(len(parts) - 1, 0, -1):
            owner = self.resolve(".".join(parts[:end]))
            if owner is not None:
                return (owner.path, parts[end]) if parts[end] in owner.entry.get("imports", ()) else None
        return None

    def paths(self) -> Sequence[str]:
        """Every path of every catalog, for suggestions."""
        return [path for catalog in self.catalogs for path in catalog.paths()]
