"""`_overrides_` against the fields of what the call makes: `train.train_iterz` is no field of its class."""

from __future__ import annotations

from collections.abc import Iterator

from recipe_compiler.catalog import Catalogs
from recipe_compiler.catalog.conform import Conform
from recipe_compiler.catalog.declared import declared
from recipe_compiler.catalog.nearest import best_of
from recipe_compiler.catalog.types import ANY, NONE, Type, known, union, words
from recipe_compiler.check.calls import mismatch
from recipe_compiler.diag import Diagnostic, Fix, Label, Route, Span, visible
from recipe_compiler.forms import assignments, is_plain_mapping, is_raw
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
        for at, way, child in assignments(overrides, (*route, "_overrides_")):
            yield from _assignment(settled, made, way or (), at, child, conform)
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
    near = best_of(step, names)
    whole = ".".join((*way[:depth], near)) if near else ""
    where = _token(label(settled.tree, at, key=True), step, way, depth)
    fix = Fix(where.span, near, "unsafe") if near and where.span.text == step else None
    help_ = f"did you mean `{whole}`?" if near else f"its fields: {', '.join(names[:12])}"
    message = f"{words(known(here, catalogs))} has no field `{visible(step, 60)}`"
    return Diagnostic("RCP307", message, where, help=help_, fix=fix, route=at)


def _token(whole: Label, step: str, way: tuple[str, ...], depth: int) -> Label:
    """The part of a dotted key that is wrong; the whole key where it is written in another way."""
    text, span = whole.span.text, whole.span
    for skipped in range(depth + 1):  # a key may begin with a later step: nested mappings
        before = ".".join(way[skipped:depth])
        start = len(before) + 1 if before else 0
        if text[start : start + len(step)] == step and text[:start].rstrip(".") == before:
            begin = span.start + start
            return Label(Span(span.source, begin, begin + len(step)), "no such field")
    return Label(span, "no such field")
