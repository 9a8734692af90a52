"""What one run of recipec knows beside the recipe: the project, its clusters and its templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath

from recipe_compiler.cluster import Cluster
from recipe_compiler.project import Project
from recipe_compiler.render import Templates
from recipe_compiler.schema import Model
from recipe_compiler.syntax import Node


@dataclass(frozen=True, slots=True)
class Profile:
    """A cluster, the tree it was read from, its target's options, and its file's digest."""

    cluster: Cluster
    tree: Node
    options: Model
    sha256: str


@dataclass(frozen=True, slots=True)
class Input:
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
    layers: dict[PurePath, tuple[Node | None, str]] = field(default_factory=dict)
    """Bases already read, with their digest: a base of a thousand recipes is parsed once."""
