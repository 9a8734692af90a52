"""Launchers: what starts the ranks of one node. One file and one line here each."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from recipe_compiler.launchers import python, torchrun
from recipe_compiler.plan import Argv, Launch, Topology
from recipe_compiler.schema import Model

O_contra = TypeVar("O_contra", bound=Model, contravariant=True)


class Launcher(Protocol[O_contra]):
    """A module that satisfies this is a launcher."""

    @property
    def NAME(self) -> str:  # noqa: N802  a module's constant
        """Its name in recipes."""

    @property
    def NEEDS(self) -> tuple[str, ...]:  # noqa: N802
        """Programs it must find where it runs, beside Python."""

    @property
    def Options(self) -> type[Model]:  # noqa: N802
        """The model of its options."""

    def launch(self, runtime: Argv, topology: Topology, options: O_contra) -> Launch:
        """The command of one node."""


LAUNCHERS: dict[str, Launcher[Any]] = {"python": python, "torchrun": torchrun}
