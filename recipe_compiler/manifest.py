"""What a manifest says of a job beside its files: what it is, what went in, who set each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recipe_compiler.asks import Asks
from recipe_compiler.bundle import sha256
from recipe_compiler.check.calls import calls
from recipe_compiler.diag import below, route_text
from recipe_compiler.parameters import defaults
from recipe_compiler.plan import JobPlan
from recipe_compiler.schema import Recipe
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node
from recipe_compiler.version import VERSION
from recipe_compiler.workspace import Workspace

FIELDS = frozenset(Recipe.model_fields)


def facts(
    settled: Settled, plan: JobPlan, asked: Asks, layers: Mapping[str, str], sets: Sequence[str], space: Workspace
) -> dict[str, Any]:
    """The manifest, less its files. `layers` are the recipe's files and their digests."""
    image = plan.step.image
    return {
        "recipec": VERSION,
        "cluster": {
            "name": settled.cluster.name,
            "target": settled.cluster.target.kind,
            "sha256": space.profile.sha256,
        },
        "job": {
            "function": plan.function,
            "nodes": plan.topology.nodes,
            "gpus_per_node": plan.topology.gpus_per_node,
            "nproc_per_node": plan.nproc_per_node,
            "world_size": plan.world_size,
            "walltime_s": plan.walltime_s,
            "cpus_per_node": plan.topology.cpus_per_node,
            "mem_mib_per_node": plan.mem_mib_per_node,
            "partition": plan.queue.partition,
            "account": plan.queue.account,
            "qos": plan.queue.qos,
            "launcher": plan.launcher,
            "launcher_options": settled.launcher_options.model_dump(mode="json"),
            "container": plan.container,
            "container_options": settled.container_options.model_dump(mode="json"),
            "env": {**settled.cluster.env, **settled.recipe.env},
            "secrets": list(settled.recipe.secrets),
            "mounts": [f"{bind.source}:{bind.target}:{bind.mode}" for bind in settled.cluster.binds],
            "max_parallel": plan.array.max_parallel if plan.array else None,
            "image": {"name": settled.image.value, "path": image.path, "sha256": image.sha256} if image else None,
            "runs_dir": plan.runs_dir,
            "points": plan.array.count if plan.array else None,
        },
        "asks": asked.data(),
        "inputs": {
            "recipe": layers,
            "project": space.project_sha256,
            "catalogs": _catalogs(settled),
            "overrides": list(sets),
            "templates": {
                name: sha256(text)
                for name, text in sorted(space.templates.texts.items())
                if "/" not in name or name.startswith(f"{settled.cluster.target.kind}/")
            },
        },
        "values": _values(settled),
    }


def _catalogs(settled: Settled) -> dict[str, Any] | None:
    """The catalogs that the recipe was checked against, and one digest of the entries of what it calls."""
    catalogs = settled.catalogs
    if catalogs is None:
        return None
    used: set[str] = set()
    for found in (catalogs.resolve(call.path) for call in calls(settled)):
        if found is not None:
            used.update((found.path, *(one.path for one in catalogs.ancestors(found.path).classes)))
    lines = "".join(f"{path} {catalogs.digest(path)}\n" for path in sorted(used))
    return {"names": list(catalogs.names), "entries_sha256": sha256(lines)}


def _values(settled: Settled) -> dict[str, str]:
    """`file:line` of who set each leaf; of a default `<cluster NAME>:line`: where a profile lies is the machine's."""
    places: dict[str, str] = {}
    _place(settled.tree, "", places)
    for default in defaults(settled.tree, settled.profile, FIELDS):
        line, _ = default.node.source.position(default.node.start)
        places[route_text(default.route)] = f"<cluster {settled.cluster.name}>:{line}"
    return places


def _place(node: Node, name: str, places: dict[str, str]) -> None:
    """Enter the leaves below `node`, which is called `name`."""
    if isinstance(node.value, (dict, list)) and node.value:
        for part, child in node.value.items() if isinstance(node.value, dict) else enumerate(node.value):
            _place(child, below(name, part), places)
    else:
        line, _ = node.source.position(node.start)
        places[name] = f"{node.source.file}:{line}"
