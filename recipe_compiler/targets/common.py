"""What the targets share: the call and its runner, and the digests of a bundle's files."""

from __future__ import annotations

from collections.abc import Mapping

from recipe_compiler.bundle import sha256
from recipe_compiler.plan import JobPlan
from recipe_compiler.render import Templates

_FORWARDED = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""What the scheduler says to a task, handed on into a container that keeps the rest out."""


def call_files(plan: JobPlan, templates: Templates) -> dict[str, str]:
    """The call as data, and the runner that makes it."""
    files = {"call.json": plan.call_json, "runtime.py": templates.texts["runtime.py"], **dict(plan.scripts)}
    if plan.array is not None:
        files["points.jsonl"] = plan.array.table
    return files


def forwards(plan: JobPlan) -> tuple[tuple[str, str], ...]:
    """Names to hand on, with the prefix of the container."""
    prefix = plan.step.secret_prefix
    return tuple((name, prefix) for name in _FORWARDED) if prefix else ()


def sums(files: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The sha256 and name of each file, by name."""
    return tuple((sha256(files[name]), name) for name in sorted(files))
