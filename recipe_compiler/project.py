"""The project file `recipec.yaml`: where things are, the default cluster, and resolvers.

A resolver is a team's own short argument: `model_ref: llama3_8b` may stand for
`model: {_target_: nemo.collections.llm.llama3_8b.model}`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, did_you_mean, visible
from recipe_compiler.forms import is_raw
from recipe_compiler.schema import Model
from recipe_compiler.schema.fields import Name, Text, Version
from recipe_compiler.syntax import Json, Node

PLACEHOLDER = "${ref}"
_REF = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


Names = Annotated[tuple[Text, ...], Field(strict=False)]
"""A YAML list of texts."""


class Resolver(Model):
    """One short argument: the `argument` it becomes, and the `value`, where `${ref}` stands for what was written.

    `choices`, when given, are the only references; else any identifier is one.
    """

    argument: Text
    value: Any
    choices: Names | None = None
    functions: Names | None = None
    """The functions whose arguments it serves; all when not set."""


class Project(Model):
    """What `recipec.yaml` says."""

    recipec: Version = 1
    default_cluster: Name = "local"
    recipes: str = "recipes"
    clusters: str = "clusters"
    catalogs: str = "catalogs"
    resolvers: dict[str, Resolver] = {}


def expand(root: Node, resolvers: dict[str, Resolver]) -> tuple[Node, Diagnostics]:
    """The tree with each resolver's short argument replaced by what it stands for.

    Applies to the arguments of the recipe's function and of calls inside them; not to what is `_raw_`.
    The new value's place is where the author wrote the short one. Emits: RCP520.
    """
    args = root.value.get("args")
    if not resolvers or args is None:
        return root, ()
    work = _Expansion(resolvers, root.value.get("function"))
    long = work.node(args, ("args",))
    value = {**root.value, "args": long}
    root = root if long is args else Node(root.source, root.start, root.end, value, root.keys, over=root.over)
    return root, tuple(work.found)


class _Expansion:
    """One pass over the arguments. What stands under one anchor stays one value."""

    def __init__(self, resolvers: dict[str, Resolver], function: Node | None) -> None:
        self.found: list[Diagnostic] = []
        self._resolvers = resolvers
        self._function = function
        self._done: dict[int, Any] = {}

    def node(self, node: Node, route: Route) -> Node:
        """The node itself if nothing in it is short, else a copy."""
        value = node.value
        if not isinstance(value, (dict, list)) or is_raw(node):
            return node
        if id(value) not in self._done:
            self._done[id(value)] = self._list(value, route) if isinstance(value, list) else self._dict(node, route)
        new = self._done[id(value)]
        if new is value:
            return node
        keys = None if node.keys is None else dict(node.keys)
        for key in new if keys is not None else ():
            keys.setdefault(key, (new[key].start, new[key].end))  # type: ignore[union-attr]
        return Node(node.source, node.start, node.end, new, keys, node.anchor, over=node.over)

    def _list(self, value: list[Node], route: Route) -> list[Node]:
        items = [self.node(child, (*route, index)) for index, child in enumerate(value)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value

    def _dict(self, node: Node, route: Route) -> dict[str, Node]:
        value: dict[str, Node] = node.value
        function = self._function if route == ("args",) else value.get("_target_")
        is_call = route == ("args",) or function is not None
        new = {}
        for key, child in value.items():
            resolver = self._resolvers.get(key) if is_call else None
            if resolver is None or not _serves(resolver, function):
                new[key] = self.node(child, (*route, key))
            elif (finding := _trouble(value, key, resolver, (*route, key))) is not None:
                self.found.append(finding)
                new[key] = child
            else:
                new[resolver.argument] = _filled(resolver.value, child.value, child)
        return value if all(new.get(key) is child for key, child in value.items()) else new


def _serves(resolver: Resolver, function: Node | None) -> bool:
    return resolver.functions is None or (function is not None and function.value in resolver.functions)


def _trouble(value: dict[str, Node], name: str, resolver: Resolver, route: Route) -> Diagnostic | None:
    """Why a short argument cannot stand for a long one."""
    where, ref = Label(value[name].span), value[name].value
    shown = visible(str(ref), 60)
    if resolver.choices is not None and ref not in resolver.choices:
        near = did_you_mean(str(ref), resolver.choices)
        help_ = (f"did you mean `{near}`? " if near else "") + f"one of: {', '.join(resolver.choices)}"
        return Diagnostic("RCP520", f"`{name}` has no `{shown}`", where, help=help_, route=route)
    if not isinstance(ref, str) or not _REF.match(ref):
        help_ = "write an identifier such as `llama3_8b`"
        return Diagnostic("RCP520", f"`{name}` takes a name, not `{shown}`", where, help=help_, route=route)
    if resolver.argument in value:
        other = Label(value[resolver.argument].span, f"`{resolver.argument}` is set here")
        message = f"`{name}` stands for `{resolver.argument}`, which is set too"
        return Diagnostic("RCP520", message, where, (other,), help="remove one of the two", route=route)
    return None


def _filled(template: Json, ref: str, at: Node) -> Node:
    if isinstance(template, dict):
        value: Any = {key: _filled(child, ref, at) for key, child in template.items()}
        return Node(at.source, at.start, at.end, value, dict.fromkeys(value, (at.start, at.end)))
    if isinstance(template, list):
        return Node(at.source, at.start, at.end, [_filled(child, ref, at) for child in template])
    text = template.replace(PLACEHOLDER, ref) if isinstance(template, str) else template
    return Node(at.source, at.start, at.end, text)
