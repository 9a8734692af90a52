"""What an override may not change: a `_raw_: true` subtree, which its author passes as it is."""

from __future__ import annotations

from recipe_compiler.diag import Diagnostic, Label, Route, route_text, visible
from recipe_compiler.syntax import Node, find


def is_raw(node: Node) -> bool:
    """Whether `node` is a mapping that says `_raw_: true`."""
    return isinstance(node.value, dict) and "_raw_" in node.value and node.value["_raw_"].value is True


def lock(root: Node, route: Route) -> tuple[Route, Node] | None:
    """The outermost `_raw_: true` mapping that `route` leads into, and its `_raw_`; None where there is none.

    The mapping as a whole is not locked: `args.config={…}` replaces it, `_raw_` and all.
    """
    for depth in range(len(route)):
        node, found = find(root, route[:depth])
        if found != route[:depth]:
            return None
        if is_raw(node):
            return found, node.value["_raw_"]
    return None


def refusal(root: Node, route: Route, where: Label) -> Diagnostic | None:
    """Why an override, written at `where`, may not set `route`; None where it may. Emits: RCP550."""
    locked = lock(root, route)
    if locked is None:
        return None
    here, marker = locked
    shown = visible(route_text(here), 120)
    message = f"`{shown}` is `_raw_`: it is passed as it is, and nothing in it can be overridden"
    related = (Label(marker.span, "opts out here"),)
    return Diagnostic("RCP550", message, where, related, help=f"override `{shown}` as a whole, or change the recipe")
