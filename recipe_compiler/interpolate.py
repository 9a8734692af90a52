"""`${…}`: reserved. A value that names another value is refused until the language has it."""

from __future__ import annotations

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, visible
from recipe_compiler.syntax import Node, walk


def interpolate(root: Node) -> tuple[Node, Diagnostics]:
    """The tree, or a finding for each `${`. Emits: RCP501."""
    found = tuple(
        Diagnostic(
            "RCP501",
            f"`{visible(node.value[node.value.index('${') :], 60)}` is not defined",
            Label(node.span),
            help="write the value out",
            route=route,
        )
        for route, node in walk(root)
        if isinstance(node.value, str) and "${" in node.value
    )
    return root, found
