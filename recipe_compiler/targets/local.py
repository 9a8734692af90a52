"""`local`: the same step on this machine, without a scheduler."""

from __future__ import annotations

from recipe_compiler.cluster import Cluster
from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.plan import JobPlan
from recipe_compiler.render import Templates
from recipe_compiler.schema import Model
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, label
from recipe_compiler.targets.common import call_files, forwards, sums

NAME = "local"
ENTRY = "run.sh"


class Options(Model):
    """No options."""


def max_array(options: Options) -> int:  # noqa: ARG001  the protocol
    """None: see `supports`."""
    return 0


def check_profile(cluster: Cluster, tree: Node) -> Diagnostics:  # noqa: ARG001  the protocol
    """Nothing is needed."""
    return ()


def supports(settled: Settled) -> Diagnostics:
    """What this machine alone cannot do, by name. Emits: RCP410."""
    found = []
    if settled.nodes.value > 1:
        where = settled.nodes.label("one node here")
        message = f"target `local` runs on one node, {settled.nodes.value} asked"
        found.append(
            Diagnostic(
                "RCP410",
                message,
                where,
                help="write `nodes: 1`, or compile for a Slurm cluster",
                route=settled.nodes.route,
            )
        )
    if settled.recipe.sweep is not None:
        where = label(settled.tree, ("sweep",), key=True)
        message = "target `local` has no job arrays, so it runs no sweep"
        found.append(
            Diagnostic(
                "RCP410", message, where, help="remove `sweep`, or compile for a Slurm cluster", route=("sweep",)
            )
        )
    for choice, what in ((settled.account, "accounts"), (settled.qos, "QOS")):
        if choice.value is not None:
            message = f"target `local` has no {what}"
            found.append(
                Diagnostic(
                    "RCP410",
                    message,
                    choice.label(),
                    help="remove it, or compile for a Slurm cluster",
                    route=choice.route,
                )
            )
    return tuple(found)


def render(plan: JobPlan, options: Options, templates: Templates) -> dict[str, str]:  # noqa: ARG001  the protocol
    """The bundle's files by name. Raises: RenderError."""
    files = call_files(plan, templates)
    files["step.sh"] = templates.render("local/step.sh.j2", plan=plan, modules_init=None, forwards=forwards(plan))
    files[ENTRY] = templates.render("local/run.sh.j2", plan=plan, sums=sums(files))
    return files


def verify(files: dict[str, str]) -> Diagnostics:  # noqa: ARG001  the protocol
    """Nothing more than a shell checks."""
    return ()
