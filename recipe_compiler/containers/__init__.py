"""Container runtimes: where the command of one node runs. One file and one line here each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from recipe_compiler.containers import apptainer, none
from recipe_compiler.plan import ImageFile, Launch, Mount, Secret, Step, Topology, Word
from recipe_compiler.schema import Model

O_contra = TypeVar("O_contra", bound=Model, contravariant=True)


class Container(Protocol[O_contra]):
    """A module that satisfies this is a container runtime."""

    @property
    def NAME(self) -> str:  # noqa: N802  a module's constant
        """Its name in profiles."""

    @property
    def NEEDS_IMAGE(self) -> bool:  # noqa: N802
        """Whether it runs images at all."""

    @property
    def Options(self) -> type[Model]:  # noqa: N802
        """The model of its options."""

    def wrap(
        self,
        launch: Launch,
        *,
        env: Sequence[tuple[str, Word]],
        secrets: Sequence[Secret],
        mounts: Sequence[Mount],
        image: ImageFile | None,
        topology: Topology,
        options: O_contra,
    ) -> Step:
        """The launcher's command inside the container, with exactly this environment."""


CONTAINERS: dict[str, Container[Any]] = {"apptainer": apptainer, "none": none}
