"""What one run of recipec knows beside the recipe: the project, its clusters and its templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from recipe_compiler.catalog import Catalog, Catalogs, Constraint
from recipe_compiler.cluster import Cluster
from recipe_compiler.diag import Label, Route
from recipe_compiler.project import Project
from recipe_compiler.render import Templates
from recipe_compiler.schema import Model
from recipe_compiler.syntax import Node, label


class Profile(NamedTuple):
    """A cluster, the tree it was read from, its target's options, and its file's digest."""

    cluster: Cluster
    tree: Node
    options: Model
    sha256: str


def catalog_names(profile: Profile) -> Iterator[tuple[str, Label]]:
    """Each catalog that a profile names, once, and where it says so."""
    seen: set[str] = set()
    cluster = profile.cluster
    lists: list[tuple[tuple[str, ...] | None, Route]] = [(cluster.catalogs, ("catalogs",))]
    lists += [(image.catalogs, ("images", name, "catalogs")) for name, image in cluster.images.items()]
    for names, route in lists:
        for index, name in enumerate(names or ()):
            if name not in seen:
                seen.add(name)
                yield name, label(profile.tree, (*route, index))


class Input(NamedTuple):
    """A recipe to compile: its text, its name for people, and where its bases are looked for."""

    file: str
    data: bytes
    path: PurePath


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project folder and what was read from it once."""

    root: PurePath
    project: Project
    project_sha256: str | None
    profile: Profile
    templates: Templates
    catalogs: dict[str, Catalog] = field(default_factory=dict)
    """The catalogs that the profile names, by name."""
    constraints: dict[str, tuple[Constraint, ...]] = field(default_factory=dict)
    """What is written beside each of them."""
    layers: dict[PurePath, tuple[Node | None, str]] = field(default_factory=dict)
    """Bases already read, with their digest: a base of a thousand recipes is parsed once."""
    registries: dict[tuple[str, ...], Catalogs] = field(default_factory=dict)
    """Catalogs already put together: what one recipe looked up, the next finds."""

    def registry(self, names: tuple[str, ...]) -> Catalogs:
        """The catalogs of these names, with what stands beside them."""
        if names not in self.registries:
            beside = [one for name in names for one in self.constraints.get(name, ())]
            self.registries[names] = Catalogs([self.catalogs[name] for name in names], beside)
        return self.registries[names]
