"""`slurm`: a job script for sbatch and a step for each node.

Source: sbatch(1), srun(1); jobscript checklist, items 1-42.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from recipe_compiler.cluster import Cluster
from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.plan import JobPlan
from recipe_compiler.render import Templates
from recipe_compiler.schema import Model
from recipe_compiler.schema.fields import AbsolutePath, duration_text
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, label
from recipe_compiler.targets.common import call_files, forwards, sums

NAME = "slurm"
ENTRY = "job.sbatch"
_COMMAND = re.compile(r"\n[^#\n]")
_ANY_DIRECTIVE = re.compile(r"\n(#(?:SBATCH|SLURM|PBS|BSUB).*)")
_DIRECTIVE = re.compile(r"#SBATCH --[a-z-]+(=[^\s#]+)?\Z")


class Options(Model):
    """How this site's Slurm wants to be asked."""

    gpu_request: Literal["gpus-per-node", "gres", "none"] = "gpus-per-node"
    exclusive: bool = False
    max_array: Annotated[int, Field(ge=1)] = 1001
    """Slurm's MaxArraySize: how many points a sweep may have."""
    modules_init: AbsolutePath | None = None
    """A script that defines `module`, where the login environment does not."""


def max_array(options: Options) -> int:
    """How many points a sweep may have."""
    return options.max_array


def check_profile(cluster: Cluster, tree: Node) -> Diagnostics:
    """Logs need a folder that all nodes see. Emits: RCP208."""
    if cluster.runs_dir is not None:
        return ()
    message = "`runs_dir` is missing: a Slurm job writes its log there"
    return (Diagnostic("RCP208", message, label(tree, ("target",)), help="add `runs_dir: /shared/folder`"),)


def supports(settled: Settled) -> Diagnostics:  # noqa: ARG001  Slurm takes all of it
    """Slurm can do what a recipe can ask."""
    return ()


def render(plan: JobPlan, options: Options, templates: Templates) -> dict[str, str]:
    """The bundle's files by name. Raises: RenderError."""
    files = call_files(plan, templates)
    step = templates.render("slurm/step.sh.j2", plan=plan, modules_init=options.modules_init, forwards=forwards(plan))
    files["step.sh"] = step
    files[ENTRY] = templates.render(
        "slurm/job.sbatch.j2", plan=plan, options=options, walltime=duration_text(plan.walltime_s), sums=sums(files)
    )
    return files


def verify(files: dict[str, str]) -> Diagnostics:
    """What is wrong with the shape of the job script, whoever wrote its template. Emits: RCP801."""
    text = files[ENTRY]
    trouble = None
    if not text.startswith("#!") or "\r" in text or "\0" in text:
        trouble = "it must begin with `#!` and hold only LF line ends"
    command = _COMMAND.search(text)
    directives = list(_ANY_DIRECTIVE.finditer(text))
    late = [match.start(1) for match in directives if command and match.start() > command.start()]
    odd = [match.start(1) for match in directives if not _DIRECTIVE.match(match.group(1))]
    if late:
        trouble = f"line {_line(text, late[0])} is a directive after the first command, which Slurm ignores"
    elif odd:
        trouble = f"line {_line(text, odd[0])} is not `#SBATCH --option=value`"
    if trouble is None:
        return ()
    return (
        Diagnostic("RCP801", f"the job script is not well formed: {trouble}", file=ENTRY, help="mend the template"),
    )


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
