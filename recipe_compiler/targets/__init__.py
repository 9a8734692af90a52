"""Targets: what a plan is rendered for. One file and one line here each."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from recipe_compiler.cluster import Cluster
from recipe_compiler.diag import Diagnostics
from recipe_compiler.plan import JobPlan
from recipe_compiler.render import Templates
from recipe_compiler.schema import Model
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node
from recipe_compiler.targets import local, slurm

O_contra = TypeVar("O_contra", bound=Model, contravariant=True)


class Target(Protocol[O_contra]):
    """A module that satisfies this is a target."""

    @property
    def NAME(self) -> str:  # noqa: N802  a module's constant
        """Its name in profiles."""

    @property
    def ENTRY(self) -> str:  # noqa: N802
        """The file of the bundle that starts the job."""

    @property
    def Options(self) -> type[Model]:  # noqa: N802
        """The model of its options."""

    def max_array(self, options: O_contra) -> int:
        """How many points a sweep may have."""

    def check_profile(self, cluster: Cluster, tree: Node) -> Diagnostics:
        """What it needs of a profile that the profile does not say."""

    def supports(self, settled: Settled) -> Diagnostics:
        """What it cannot do of what was asked, by name."""

    def render(self, plan: JobPlan, options: O_contra, templates: Templates) -> dict[str, str]:
        """The bundle's files by name."""

    def verify(self, files: dict[str, str]) -> Diagnostics:
        """What is wrong with the rendered text, whoever wrote the template."""


TARGETS: dict[str, Target[Any]] = {"local": local, "slurm": slurm}
