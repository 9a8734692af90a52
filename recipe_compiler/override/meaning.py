"""Which value the key of an override means. Two readings are an error that shows both."""

from __future__ import annotations

import re

from recipe_compiler.diag import Diagnostic, Label, Route, did_you_mean, route_text, visible
from recipe_compiler.override.read import Override
from recipe_compiler.syntax import Node, find

OPEN = frozenset({"args", "env", "vars"})
"""Fields whose keys are the author's own: a key that is not there may be a typo."""
_INDEX = re.compile("[0-9]{1,9}")


def meant(root: Node, override: Override, fields: frozenset[str]) -> Route | Diagnostic:
    """The route of the override from the top: the field of that name, or the argument. Emits: RCP511, RCP513."""
    route, label = override.route, Label(override.key)
    field, argument = indexed(root, route), indexed(root, ("args", *route))
    if override.at_top and route[0] not in fields:
        near = did_you_mean(str(route[0]), fields)
        help_ = f"did you mean `.{near}`?" if near else f"an argument is written `args.{shown(route)}`"
        return Diagnostic("RCP511", f"`.{shown(route)}` is no field of a recipe", label, help=help_)
    chosen = argument if route[0] not in fields else field
    if not override.at_top and route[0] in fields and _possible(root, argument, override):
        if _possible(root, field, override) or _may_be_new(override):
            return _two(root, field, argument, override)
        chosen = argument
    if override.operator == "-":
        dashed = (*chosen[:-1], f"{chosen[-1]}-")
        if find(root, dashed)[1] == dashed:
            name = visible(str(chosen[-1]), 60)
            message = f"`{shown(dashed)}=…` may set `{name}-` or subtract from `{name}`"
            at = Label(find(root, dashed)[0].span, f"`{shown(dashed)}` is set here")
            help_ = f'write `{shown(chosen[:-1])}["{visible(str(dashed[-1]), 60)}"]=…` to set the key that ends in `-`'
            return Diagnostic("RCP513", message, label, (at,), help=help_)
    return chosen


def _may_be_new(override: Override) -> bool:
    """Whether the override may set a field that no layer has set."""
    if override.sign in {"+", "++"}:
        return True
    return not override.sign and not override.operator and override.route[0] not in OPEN


def _possible(root: Node, route: Route, override: Override) -> bool:
    """Whether the route is there; for a new key, whether there is a mapping for it to be new in."""
    if override.sign in {"+", "++"}:
        parent, found = find(root, route[:-1])
        return found == route[:-1] and isinstance(parent.value, dict) and (len(route) > 2 or route[-1] in parent.value)
    return find(root, route)[1] == route


def _two(root: Node, field: Route, argument: Route, override: Override) -> Diagnostic:
    both = ((field, f".{shown(field)}"), (argument, shown(argument)))
    related = tuple(
        Label(find(root, route)[0].span, f"`{name}` is set here")
        for route, name in both
        if find(root, route)[1] == route
    )
    name = shown(override.route)
    message = f"`{name}` has two readings: the recipe's field and the argument `{shown(argument)}`"
    help_ = f"write `.{name}` for the field, or `{shown(argument)}` for the argument"
    return Diagnostic("RCP513", message, Label(override.key), related, help=help_)


def indexed(root: Node, route: Route) -> Route:
    """The route with `.0` as an index wherever it leads into a list."""
    done: Route = ()
    node: Node | None = root
    for part in route:
        inside_list = node is not None and isinstance(node.value, list)
        step: str | int = int(part) if inside_list and _INDEX.fullmatch(str(part)) else part
        done += (step,)
        if node is not None:
            child, found = find(node, (step,))
            node = child if found else None
    return done


def shown(route: Route) -> str:
    """The route as it is written, short and without hidden characters."""
    return visible(route_text(route), 120)
