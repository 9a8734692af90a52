"""`apptainer`: the command runs inside a SIF image.

Nothing leaks in (`--cleanenv`), nothing is evaluated by a shell inside (`--no-eval`), only the
folders named are seen. Values go through `APPTAINERENV_NAME`, one variable each: `--env A=x,y`
splits at commas and `--env-file` is read by a shell.
Source: Apptainer user guide, "Environment and Metadata"; jobscript checklist, items 44-49.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from recipe_compiler.plan import ImageFile, Launch, Mount, RuntimeVar, Secret, Step, Topology, Word, word, words
from recipe_compiler.schema import Model

NAME = "apptainer"
NEEDS_IMAGE = True
_ENV_PREFIX = "APPTAINERENV_"


class Options(Model):
    """Options that a cluster profile may set."""

    gpu: Literal["nv", "rocm", "none"] = "nv"
    """The flag that brings the host's GPU driver in, used when the job asks for GPUs."""


def wrap(
    launch: Launch,
    *,
    env: Sequence[tuple[str, Word]],
    secrets: Sequence[Secret],
    mounts: Sequence[Mount],
    image: ImageFile | None,
    topology: Topology,
    options: Options,
) -> Step:
    """`apptainer exec` around the launcher's command. `image` is not None here."""
    if image is None:
        msg = "apptainer was chosen without an image"
        raise ValueError(msg)
    # Apptainer binds the folder it is started in, `--pwd` or not: here, everybody's runs.
    flags = words("apptainer", "exec", "--cleanenv", "--no-eval", "--no-home", "--no-mount=cwd", "--pwd")
    flags += (word(RuntimeVar.RUN_DIR),)
    if topology.gpus_per_node and options.gpu != "none":
        flags += words(f"--{options.gpu}")
    for mount in mounts:
        flags += (word("--mount"), _bind(mount))
    exports = tuple((_ENV_PREFIX + name, value) for name, value in env)
    return Step(
        (*flags, word(image.path), *launch.argv),
        exports,
        tuple(secrets),
        secret_prefix=_ENV_PREFIX,
        needs=("apptainer",),
        image=image,
    )


def _bind(mount: Mount) -> Word:
    # CSV fields in quotes: `--bind` cannot express a path with a colon or a comma.
    source = tuple(part.replace('"', '""') if isinstance(part, str) else part for part in mount.source)
    target = tuple(part.replace('"', '""') if isinstance(part, str) else part for part in mount.target)
    return word('type=bind,"src=', *source, '","dst=', *target, '"', ",ro" if mount.read_only else "")
