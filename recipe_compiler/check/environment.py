"""Environment names and values that a recipe may set, and the secrets it may name.

Names that choose code, steer Slurm or Apptainer, or belong to the launcher are never an
author's. The others must be in the profile's list: a list of bad names is never the only guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recipe_compiler.diag import Diagnostic, did_you_mean, visible
from recipe_compiler.schema.fields import ENV_NAME
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import label
from recipe_compiler.syntax.text import control

OWNED_PREFIXES = (
    "APPTAINER",
    "BASH_",
    "GIT_",
    "LD_",
    "PET_",
    "PYTHON",
    "RECIPEC_",
    "SBATCH_",
    "SINGULARITY",
    "SLURM_",
    "SPANK_",
    "SRUN_",
    "TORCHELASTIC_",
)
OWNED = frozenset(
    {
        "CDPATH",
        "CUDA_VISIBLE_DEVICES",
        "ENV",
        "GROUP_RANK",
        "HOME",
        "IFS",
        "LOCAL_RANK",
        "LOCAL_WORLD_SIZE",
        "MASTER_ADDR",
        "MASTER_PORT",
        "PATH",
        "PROMPT_COMMAND",
        "PS4",
        "RANK",
        "ROCR_VISIBLE_DEVICES",
        "SHELL",
        "SHELLOPTS",
        "WORLD_SIZE",
    }
)


def owned(name: str) -> bool:
    """Whether the job script itself owns `name`."""
    return name in OWNED or name.startswith(OWNED_PREFIXES)


def may_set(name: str, allowed: Iterable[str]) -> bool:
    """Whether a profile's list of names, and of prefixes ending in `*`, lets a recipe set `name`."""
    return any(name == item or (item.endswith("*") and name.startswith(item[:-1])) for item in allowed)


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP707, RCP708, RCP709, RCP721."""
    allowed = settled.cluster.env_allow
    for name, value in settled.recipe.env.items():
        route = ("env", name)
        at_name = label(settled.tree, route, key=True)
        shown = visible(name, 60)
        if not ENV_NAME.match(name):
            yield Diagnostic(
                "RCP708",
                f"`{shown}` cannot be an environment name",
                at_name,
                help="use A-Z, 0-9 and `_`, first a letter",
                route=route,
            )
        elif owned(name):
            message = f"`{shown}` is not for a recipe to set: the scheduler, the container or the launcher owns it"
            yield Diagnostic("RCP709", message, at_name, help="remove it", route=route)
        elif not may_set(name, allowed):
            message = f"cluster `{settled.cluster.name}` does not let a recipe set `{shown}`"
            help_ = settled.cluster.policy.exception(f"names it takes: {', '.join(allowed) or 'none'}")
            yield Diagnostic("RCP709", message, at_name, settled.policy("env_allow"), help=help_, route=route)
        if (char := control(value)) is not None or "\n" in value:
            message = f"control character {visible(char or chr(10))} in the value of `{shown}`"
            yield Diagnostic(
                "RCP707",
                message,
                label(settled.tree, route),
                help="environment values are one line of text",
                route=route,
            )
    for index, name in enumerate(settled.recipe.secrets):
        if name not in settled.cluster.secrets or not ENV_NAME.match(name) or owned(name):
            near = did_you_mean(name, settled.cluster.secrets)
            known = ", ".join(sorted(settled.cluster.secrets)) or "none"
            message = f"cluster `{settled.cluster.name}` has no secret `{visible(name, 60)}`"
            help_ = (f"did you mean `{near}`? " if near else "") + f"secrets of this cluster: {known}"
            yield Diagnostic(
                "RCP721", message, label(settled.tree, ("secrets", index)), help=help_, route=("secrets", index)
            )
