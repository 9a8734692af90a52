"""What another catalog means for one recipe: the edits that are surely right, and defaults that changed in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from recipe_compiler.catalog import Catalogs, Param, signature
from recipe_compiler.catalog.compare import renamed
from recipe_compiler.catalog.conform import Conform
from recipe_compiler.catalog.types import ANY, NONE, Type, known
from recipe_compiler.check.assigned import step_into
from recipe_compiler.check.calls import calls, made_of
from recipe_compiler.check.functions import permitted
from recipe_compiler.diag import Diagnostic, Route, Span, route_text
from recipe_compiler.forms import assignments, is_plain_mapping, is_raw
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, find, label, walk


class Edit(NamedTuple):
    """A replacement of a few characters of a file, the same whichever recipe asks for it."""

    file: str
    start: int
    end: int
    old: str
    new: str

    @classmethod
    def at(cls, span: Span, old: str, new: str) -> Edit | None:
        """The edit of a scalar, quoted or not, that is written as `old`; None where it is written in another way."""
        text, start = span.text, span.start
        if text[:1] in {"'", '"'} and text[1:-1] == old:
            text, start = text[1:-1], start + 1
        return cls(span.source.file, start, start + len(old), old, new) if text == old else None


def edits(settled: Settled, new: Catalogs, moved: Mapping[str, str]) -> Iterator[Edit]:
    """What surely mends a recipe that is settled with the old catalogs. `moved`: definitions, by their old path."""
    old = settled.catalogs
    if old is None:
        return
    for path, span in _named(settled):
        found = old.resolve(path)
        to = moved.get(found.path) if found is not None and new.resolve(path) is None else None
        if to is not None and permitted(to, settled.cluster.functions):
            yield from _one(Edit.at(span, path, to))
    for call in calls(settled):
        was, is_ = made_of(call.path, old), made_of(call.path, new)
        again = renamed(was.params, is_.params) if was and is_ and was.known and is_.known else {}
        for name, now in again.items():
            if name not in call.given:
                continue
            span = label(settled.tree, (*call.args, name), key=True).span
            if now not in call.given or call.given[now].source.file != span.source.file:  # a layer above has it now
                yield from _one(Edit.at(span, name, now))
    for at, way, made in _assignments(settled, old):
        yield from _fields(settled, at, way, made, new)


def _one(edit: Edit | None) -> Iterator[Edit]:
    if edit is not None:
        yield edit


def _named(settled: Settled) -> Iterator[tuple[str, Span]]:
    """Each function that the recipe names, and where."""
    args = settled.tree.value.get("args")
    if settled.recipe.function is not None:
        yield settled.recipe.function, label(settled.tree, ("function",)).span
    for route, node in _below(args, ("args",)) if args is not None else ():
        if route[-1] == "_target_" and isinstance(node.value, str):
            yield node.value, node.span


def _below(node: Node, route: Route) -> Iterator[tuple[Route, Node]]:
    """Each node but what is passed as it is."""
    yield route, node
    if is_raw(node):
        return
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _below(child, (*route, key))
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _below(child, (*route, index))


def _assignments(settled: Settled, old: Catalogs) -> Iterator[tuple[Route, tuple[str, ...], Type]]:
    """Each assignment of `_overrides_`: where, its steps, and the type that it starts from."""
    args, conform = settled.tree.value.get("args"), Conform(old)
    for route, node in _below(args, ("args",)) if args is not None else ():
        value = node.value
        if isinstance(value, dict) and "_overrides_" in value and "_target_" in value and not is_raw(node):
            made = conform.produced(node)
            if is_plain_mapping(value["_overrides_"]):
                for at, way, _ in assignments(value["_overrides_"], (*route, "_overrides_")):
                    yield at, way or (), made


def _fields(settled: Settled, at: Route, way: tuple[str, ...], made: Type, new: Catalogs) -> Iterator[Edit]:
    """The steps of one dotted key whose fields have another name now. A key in several parts is left alone."""
    old = settled.catalogs
    span = label(settled.tree, at, key=True).span
    if old is None or span.text.strip("\"'") != ".".join(way):
        return
    here, now = made, []
    for step in way:
        now.append(_field_now(here, step, old, new))
        here = step_into(here, step, old) or ANY
    if tuple(now) != way:
        yield from _one(Edit.at(span, ".".join(way), ".".join(now)))


def _field_now(type_: Type, step: str, old: Catalogs, new: Catalogs) -> str:
    """The name that a field of a class has in the new catalogs."""
    type_ = known(type_, old)
    several = type_.args if type_.kind == "union" else (type_,)
    classes = [one.name for one in several if one.kind == "class" and one != NONE]
    names = {renamed(_all_fields(path, old), _all_fields(path, new)).get(step, step) for path in classes}
    return names.pop() if len(names) == 1 else step


def _all_fields(path: str, catalogs: Catalogs) -> list[Param]:
    """The fields of a class and of its bases, as parameters."""
    found = catalogs.resolve(path)
    if found is None or found.kind != "class":
        return []
    made = signature(found, catalogs)
    rows = {param.name: param for param in (made.params if made else ())}
    for one in catalogs.ancestors(found.path).classes:
        for field in one.entry.get("fields", ()):
            row = Param(field["name"], "", field.get("type", ""), field.get("default"))
            rows.setdefault(field["name"], row)
    return list(rows.values())


def silent(settled: Settled, new: Catalogs) -> Iterator[Diagnostic]:
    """Parameters that the recipe leaves to defaults that are others now. Emits: RCP314."""
    old = settled.catalogs
    for call in calls(settled) if old is not None else ():
        was, is_ = made_of(call.path, old), made_of(call.path, new)  # type: ignore[arg-type]
        if was is None or is_ is None:
            continue
        given = {*call.given, *(param.name for param in was.positional[: len(call.positional)])}
        now = is_.named
        for name, param in was.named.items():
            after = now.get(name)
            if name in given or after is None or not param.default or not after.default:
                continue
            if param.default != after.default:
                message = (
                    f"`{name}` of `{call.path}`, which is not set, was `{param.default}` and will be `{after.default}`"
                )
                keep = f"set `{route_text((*call.args, name))}` to keep what it was"
                notes = (f"declared at {is_.at}",)
                where = label(settled.tree, call.at)
                yield Diagnostic("RCP314", message, where, notes=notes, help=keep, route=(*call.args, name))


def uses(tree: Node, edit: Edit) -> bool:
    """Whether any value or key of a tree stands where the edit is."""
    for route, node in walk(tree):
        if node.source.file != edit.file:
            continue
        if not isinstance(node.value, (dict, list)) and node.start <= edit.start < max(node.end, node.start + 1):
            return True
        if route and isinstance(route[-1], str):
            span = _key_span(tree, route)
            if span.source.file == edit.file and span.start <= edit.start < span.end:
                return True
    return False


def _key_span(tree: Node, route: Route) -> Span:
    parent, _ = find(tree, route[:-1])
    return parent.key_span(str(route[-1]))


def right_for_all(edit: Edit, others: Iterable[tuple[Node | None, frozenset[Edit]]]) -> bool:
    """Whether no other recipe has the edited value and does not want this edit. `others`: trees, and their edits."""
    return all(edit in wanted or (tree is not None and not uses(tree, edit)) for tree, wanted in others)


def edited(text: str, changes: Iterable[Edit]) -> str:
    """The text with all edits made; comments and layout stay."""
    for edit in sorted(set(changes), key=lambda one: -one.start):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text
