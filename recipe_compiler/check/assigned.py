"""`_overrides_` against the fields of what the call makes: `train.train_iterz` is no field of its class."""

from __future__ import annotations

from collections.abc import Iterator

from recipe_compiler.catalog import Catalogs
from recipe_compiler.catalog.conform import Conform
from recipe_compiler.catalog.declared import declared
from recipe_compiler.catalog.nearest import best_of
from recipe_compiler.catalog.types import ANY, NONE, SCALARS, Type, known, union, words
from recipe_compiler.check.calls import mismatch
from recipe_compiler.diag import Diagnostic, Fix, Label, Route, Span, visible
from recipe_compiler.forms import assignments, is_plain_mapping, is_raw, steps_of
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, label


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP202, RCP307, RCP308."""
    args = settled.tree.value.get("args")
    if settled.catalogs is not None and args is not None:
        yield from _inside(settled, args, ("args",), Conform(settled.catalogs))


def _inside(settled: Settled, node: Node, route: Route, conform: Conform) -> Iterator[Diagnostic]:
    value = node.value
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _inside(settled, child, (*route, index), conform)
    if not isinstance(value, dict) or is_raw(node):
        return
    overrides = value.get("_overrides_")
    if overrides is not None and "_target_" in value and is_plain_mapping(overrides):
        made = conform.produced(node)
        said: set[Route] = set()
        for at, way, child in assignments(overrides, (*route, "_overrides_")):
            for finding in _assignment(settled, made, way or (), at, child, conform):
                if finding.route not in said:
                    yield finding
                said.add(finding.route)
    for key, child in value.items():
        yield from _inside(settled, child, (*route, key), conform)


def _assignment(
    settled: Settled, made: Type, way: tuple[str, ...], at: Route, node: Node, conform: Conform
) -> Iterator[Diagnostic]:
    """One `a.b.c: value`: each step must be a field, and the value what the last one takes."""
    here = made
    for depth, step in enumerate(way):
        following = step_into(here, step, conform.catalogs)
        if following is None and any(_below(here, step, conform.catalogs)):
            following = ANY  # the object may be of a subclass that has the field
        if following is None:
            yield _no_field(settled, here, way, depth, at, conform.catalogs)
            return
        here = following
    problem = conform.problem(node, here)
    if problem is not None:
        yield mismatch(problem, at, (f"`{'.'.join(way)}` takes {words(known(here, conform.catalogs))}",))


def step_into(type_: Type, step: str, catalogs: Catalogs) -> Type | None:
    """The type behind one step; None where there surely is no such field."""
    type_ = known(type_, catalogs)
    if type_.kind == "union":
        behind = [step_into(one, step, catalogs) for one in type_.args if one != NONE]
        inner = tuple(one for one in behind if one is not None)
        return union(inner) if inner else None
    if type_.kind in {"list", "tuple", "dict"}:
        item = type_.args[-1] if type_.args else ANY
        return ANY if item is ... else item
    if type_.name in SCALARS or type_ == NONE:
        return None
    found = catalogs.resolve(type_.name) if type_.kind == "class" else None
    if found is None or found.kind != "class":
        return ANY
    line = catalogs.ancestors(found.path)
    for one in line.classes:
        for field in one.entry.get("fields", ()):
            if field["name"] == step:
                return declared(field.get("type", ""), field.get("default"), catalogs)
        if step in one.entry.get("attributes", ()):
            return ANY
    return None if line.known else ANY


def _below(type_: Type, step: str, catalogs: Catalogs) -> Iterator[bool]:
    """Whether a class below that of the type has such a field."""
    type_ = known(type_, catalogs)
    for one in type_.args if type_.kind == "union" else (type_,):
        if one.kind == "class":
            yield bool(catalogs.subclasses_naming(step, one.name))


def fields(type_: Type, catalogs: Catalogs) -> list[str]:
    """The names of all fields of a class, or of each class of a union."""
    type_ = known(type_, catalogs)
    if type_.kind == "union":
        return [name for one in type_.args for name in fields(one, catalogs)]
    found = catalogs.resolve(type_.name) if type_.kind == "class" else None
    if found is None or found.kind != "class":
        return []
    return [field["name"] for one in catalogs.ancestors(found.path).classes for field in one.entry.get("fields", ())]


def _no_field(
    settled: Settled, here: Type, way: tuple[str, ...], depth: int, at: Route, catalogs: Catalogs
) -> Diagnostic:
    step, names = way[depth], sorted(set(fields(here, catalogs)))
    near = best_of(step, names) or best_of(step, set(_beside(here, catalogs)))
    whole = ".".join((*way[:depth], near)) if near else ""
    where, route = _token(settled, at, step, way, depth)
    fix = Fix(where.span, near, "unsafe") if near and where.span.text == step else None
    listed = f"its fields: {', '.join(names[:12])}" if names else f"set `{'.'.join(way[:depth])}` itself"
    help_ = f"did you mean `{whole}`?" if near else listed
    message = f"{words(known(here, catalogs))} has no field `{visible(step, 60)}`"
    return Diagnostic("RCP307", message, where, help=help_, fix=fix, route=route)


def _beside(type_: Type, catalogs: Catalogs) -> Iterator[str]:
    """The fields of the classes that are defined beside the type's own: those below it, most likely."""
    type_ = known(type_, catalogs)
    for one in type_.args if type_.kind == "union" else (type_,):
        module = f"{one.name.rpartition('.')[0]}."
        for path in catalogs.paths() if one.kind == "class" and "." in one.name else ():
            found = catalogs.resolve(path) if path.startswith(module) else None
            if found is not None and found.kind == "class" and one.name in catalogs.ancestors(found.path).paths:
                yield from (field["name"] for field in found.entry.get("fields", ()))


def _token(settled: Settled, at: Route, step: str, way: tuple[str, ...], depth: int) -> tuple[Label, Route]:
    """The part of a key that is wrong, and the key's route; the whole key where it is written in another way.

    The steps of `way` lie in the keys of nested mappings, one or more in each.
    """
    rest, keys = len(way), len(at)
    while keys and rest > depth:
        keys -= 1
        rest -= len(steps_of(str(at[keys])) or ())
    route = at[: keys + 1]
    span = label(settled.tree, route, key=True).span
    before = ".".join(way[rest:depth])
    start = span.text.rfind(f"{before}.{step}" if before else step)
    if start >= 0:
        begin = span.start + start + (len(before) + 1 if before else 0)
        return Label(Span(span.source, begin, begin + len(step)), "no such field"), route
    return Label(span, "no such field"), route
