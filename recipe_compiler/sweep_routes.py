"""Which argument a key of a sweep means: one that is set, that a sweep may change, and that no other key sets again."""

from __future__ import annotations

from recipe_compiler import locks
from recipe_compiler.diag import MAX_PER_FILE, Diagnostic, Label, Route, did_you_mean, route_text, visible
from recipe_compiler.forms import MARKERS
from recipe_compiler.override import indexed, route_of
from recipe_compiler.syntax import Node, find, label


def route_of_key(key: str, at: Route, root: Node, fields: frozenset[str], found: list[Diagnostic]) -> Route | None:
    """The route that `key`, at `at` of the recipe, means; it must be an argument that is set.

    Emits: RCP511, RCP530, RCP550.
    """
    where = label(root, at, key=True)
    route = route_of(key)
    if route is None:
        message = f"`{visible(key, 60)}` is not a route"
        found.append(Diagnostic("RCP530", message, where, help="write `args.name`, or `name` alone", route=at))
        return None
    route = indexed(root, route if route[0] in fields else ("args", *route))
    if route[0] != "args":
        message = f"a sweep cannot change `{visible(key, 60)}`: its points are one job array"
        help_ = "sweep over arguments, and compile other jobs apart"
        found.append(Diagnostic("RCP530", message, where, help=help_, route=at))
        return None
    parent, there = find(root, route)
    if there != route:
        names = list(parent.value) if isinstance(parent.value, dict) else []
        near = did_you_mean(str(route[len(there)]), names) if len(found) < MAX_PER_FILE else None
        help_ = f"did you mean `{route_text((*there, near))}`? " if near else ""
        message = f"`{route_text(route)}` is not set in any layer"
        help_ += "give it a value under `args`, the sweep changes it"
        found.append(Diagnostic("RCP511", message, where, help=help_, route=at))
        return None
    if (refused := locks.refusal(root, route, where)) is not None:
        found.append(refused)
        return None
    if str(route[-1]) in MARKERS:  # a rule sees values; what this one would mean depends on where it stands
        message = f"a sweep cannot change the marker `{visible(key, 60)}`"
        help_ = f"sweep over `{route_text(route[:-1])}`, with whole values"
        found.append(Diagnostic("RCP530", message, where, help=help_, route=at))
        return None
    return route


class Taken:
    """The routes that one point sets, in order: none may set again what one before it has set.

    The whole value first and then a part of it is no such case: `optim`, then `optim.lr`. A part of a value under
    an anchor is one part, by whatever route (ADR-0010).
    """

    def __init__(self, root: Node) -> None:
        """Nothing of the recipe `root` is set yet."""
        self._root = root
        self._owners: dict[int, Route] = {}
        self._whole: dict[Route, Label] = {}
        self._above: dict[Route, Label] = {}

    def add(self, route: Route, where: Label, found: list[Diagnostic], *, again: bool = False) -> None:
        """Note `route`, written at `where`; with `again`, the very same route may come again. Emits: RCP530."""
        route = self._one(route)
        before = self._above.get(route) or (None if again else self._whole.get(route))
        if before is not None:
            message = f"`{visible(where.span.text, 60)}` sets again what another key of the same point sets"
            help_ = "remove one of the two; of a value and a part of it, write the whole value first"
            found.append(Diagnostic("RCP530", message, where, (Label(before.span, "set here"),), help=help_))
            return
        self._whole.setdefault(route, where)
        for depth in range(1, len(route)):
            self._above.setdefault(route[:depth], where)

    def _one(self, route: Route) -> Route:
        """The route by the first way to each anchored value that it leads through."""
        done: Route = ()
        node = self._root
        for part in route[:-1]:
            done += (part,)
            node, _ = find(node, (part,))
            if node.anchor:
                done = self._owners.setdefault(id(node.value), done)
        return (*done, route[-1])
