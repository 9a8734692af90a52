"""Secrets are named, never written: what a recipe says is in the repository, the bundle and the log."""

from __future__ import annotations

from collections.abc import Iterator

from recipe_compiler.diag import Diagnostic, Label, Route, route_text, visible
from recipe_compiler.schema.fields import ENV_NAME
from recipe_compiler.secret_shapes import Shape, masked, secret_in
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import label, walk


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP720."""
    for route, node in walk(settled.tree):
        value = node.value
        if isinstance(value, dict):
            for key in value:
                if (shape := secret_in(key)) is not None:
                    yield _finding(settled, shape, label(settled.tree, (*route, key), key=True), (*route, key))
        elif isinstance(value, str):
            key = next((part for part in reversed(route) if isinstance(part, str)), "")
            if (shape := secret_in(value, key)) is not None:
                yield _finding(settled, shape, label(settled.tree, route), route)
    for number, line in enumerate((settled.script or "").split("\n"), 1):
        if (shape := secret_in(line)) is not None:
            route = ("script", "path")
            yield _finding(settled, shape, label(settled.tree, route, f"in line {number} of this file"), route)
            break


def _finding(settled: Settled, shape: Shape, where: Label, route: Route) -> Diagnostic:
    env = str(route[1]) if route[0] == "env" and len(route) == 2 else ""
    name = next((one for one in (env, shape.name) if ENV_NAME.match(one)), "NAME")
    known = ", ".join(sorted(settled.cluster.secrets)) or "none"
    notes = (
        "who reads the file, its history or the bundle has it: revoke it",
        f"secrets of cluster `{settled.cluster.name}`: {known}",
    )
    help_ = f"write `secrets: [{name}]`; the cluster profile says where the value lies"
    message = f"`{masked(visible(route_text(route), 120))}` holds {shape.what}"
    return Diagnostic("RCP720", message, where, notes=notes, help=help_, route=route)
