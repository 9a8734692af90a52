"""`none`: the command runs on the node itself, with the modules and Python found there."""

from __future__ import annotations

from collections.abc import Sequence

from recipe_compiler.plan import ImageFile, Launch, Mount, Secret, Step, Topology, Word
from recipe_compiler.schema import Model

NAME = "none"
NEEDS_IMAGE = False


class Options(Model):
    """No options."""


def wrap(
    launch: Launch,
    *,
    env: Sequence[tuple[str, Word]],
    secrets: Sequence[Secret],
    mounts: Sequence[Mount],  # noqa: ARG001  the node sees everything already
    image: ImageFile | None,  # noqa: ARG001
    topology: Topology,  # noqa: ARG001
    options: Options,  # noqa: ARG001
) -> Step:
    """The launcher's command as it is."""
    program = launch.argv[0][0]
    return Step(launch.argv, tuple(env), tuple(secrets), needs=(str(program),))
