"""The project file `recipec.yaml`: where things are, the default cluster, and resolvers.

A resolver is a team's own short argument: `model_ref: llama3_8b` may stand for
`model: {_target_: nemo.collections.llm.llama3_8b.model}`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from recipe_compiler.compose import replaced, without
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, did_you_mean, visible
from recipe_compiler.schema import Model
from recipe_compiler.schema.fields import Name, Text
from recipe_compiler.syntax import Json, Node, find, walk

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

    recipec: int = 1
    default_cluster: Name = "local"
    recipes: str = "recipes"
    clusters: str = "clusters"
    resolvers: dict[str, Resolver] = {}


def expand(root: Node, resolvers: dict[str, Resolver]) -> tuple[Node, Diagnostics]:
    """The tree with each resolver's short argument replaced by what it stands for.

    Applies to the arguments of the recipe's function and of calls inside them.
    The new value's place is where the author wrote the short one. Emits: RCP520.
    """
    found: list[Diagnostic] = []
    if not resolvers or "args" not in root.value:
        return root, ()
    calls = [(route, node) for route, node in walk(root.value["args"], ("args",)) if isinstance(node.value, dict)]
    for route, node in calls:
        if route != ("args",) and "_target_" not in node.value:
            continue
        function = root.value.get("function") if route == ("args",) else node.value["_target_"]
        for name in resolvers.keys() & node.value.keys():
            resolver = resolvers[name]
            if resolver.functions is not None and (function is None or function.value not in resolver.functions):
                continue
            root, finding = _expand_one(root, route, name, resolver)
            if finding is not None:
                found.append(finding)
    return root, tuple(found)


def _expand_one(root: Node, route: Route, name: str, resolver: Resolver) -> tuple[Node, Diagnostic | None]:
    parent, _ = find(root, route)
    short = parent.value[name]
    where = Label(short.span)
    ref = short.value
    if resolver.choices is not None and ref not in resolver.choices:
        near = did_you_mean(str(ref), resolver.choices)
        help_ = (f"did you mean `{near}`? " if near else "") + f"one of: {', '.join(resolver.choices)}"
        return root, Diagnostic(
            "RCP520", f"`{name}` has no `{visible(str(ref), 60)}`", where, help=help_, route=(*route, name)
        )
    if not isinstance(ref, str) or not _REF.match(ref):
        message = f"`{name}` takes a name, not `{visible(str(ref), 60)}`"
        return root, Diagnostic(
            "RCP520", message, where, help="write an identifier such as `llama3_8b`", route=(*route, name)
        )
    if resolver.argument in parent.value:
        other = Label(parent.value[resolver.argument].span, f"`{resolver.argument}` is set here")
        message = f"`{name}` stands for `{resolver.argument}`, which is set too"
        return root, Diagnostic("RCP520", message, where, (other,), help="remove one of the two", route=(*route, name))
    value = _filled(resolver.value, ref, short)
    start, end = (parent.keys or {})[name]
    long = replaced(without(parent, name), (resolver.argument,), value)
    if long.keys is not None:
        long.keys[resolver.argument] = (start, end)
    return replaced(root, route, long), None


def _filled(template: Json, ref: str, at: Node) -> Node:
    if isinstance(template, dict):
        value: Any = {key: _filled(child, ref, at) for key, child in template.items()}
        return Node(at.source, at.start, at.end, value, dict.fromkeys(value, (at.start, at.end)))
    if isinstance(template, list):
        return Node(at.source, at.start, at.end, [_filled(child, ref, at) for child in template])
    text = template.replace(PLACEHOLDER, ref) if isinstance(template, str) else template
    return Node(at.source, at.start, at.end, text)
