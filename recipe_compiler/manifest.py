"""What a manifest says of a job beside its files: what it is, what went in, who set each value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from recipe_compiler.diag import route_text
from recipe_compiler.plan import JobPlan
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, walk
from recipe_compiler.version import VERSION
from recipe_compiler.workspace import Workspace


def facts(
    settled: Settled, plan: JobPlan, layers: Mapping[str, str], sets: Sequence[str], space: Workspace
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
            "partition": plan.queue.partition,
            "account": plan.queue.account,
            "launcher": plan.launcher,
            "container": plan.container,
            "image": {"name": settled.image.value, "path": image.path, "sha256": image.sha256} if image else None,
            "runs_dir": plan.runs_dir,
            "points": plan.array.count if plan.array else None,
        },
        "inputs": {
            "recipe": layers,
            "project": space.project_sha256,
            "overrides": list(sets),
            "templates": {
                name: _digest(text)
                for name, text in sorted(space.templates.texts.items())
                if "/" not in name or name.startswith(f"{settled.cluster.target.kind}/")
            },
        },
        "values": _values(settled.tree),
    }


@cache  # the same few texts for every recipe of a run
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _values(tree: Node) -> dict[str, str]:
    """`file:line` of who set each leaf."""
    places: dict[str, str] = {}
    for route, node in walk(tree):
        if not isinstance(node.value, (dict, list)) or not node.value:
            line, _ = node.source.position(node.start)
            places[route_text(route)] = f"{node.source.file}:{line}"
    return places
