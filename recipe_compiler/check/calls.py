"""Every call against the signature that the catalogs have of it: names, places, and values.

A finding is what would fail in the job, on every node, after the queue. What the source does not
tell (an unknown base class, a decorator that may change the parameters) is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from recipe_compiler.catalog import Catalogs, Param, Signature, signature
from recipe_compiler.catalog.conform import Conform, Problem
from recipe_compiler.catalog.declared import declared
from recipe_compiler.catalog.nearest import best_of, is_slip
from recipe_compiler.catalog.types import parse, words
from recipe_compiler.diag import Diagnostic, Fix, Label, Route, route_text, visible
from recipe_compiler.forms import MARKERS, is_raw
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, find, label

_SHOWN = 12
"""Names listed in a help."""


class Call(NamedTuple):
    """One call of a recipe: the function's name and where it stands, and what it is given."""

    path: str
    at: Route
    args: Route
    given: dict[str, Node]
    positional: Sequence[Node]
    partial: bool
    """Whether not all arguments need be there, or cannot be told."""


def calls(settled: Settled) -> Iterator[Call]:
    """The calls of a recipe, the recipe's own first. `_call_: false` is none."""
    args = settled.tree.value.get("args")
    given = args.value if args is not None else {}
    if settled.recipe.function is not None:
        yield Call(settled.recipe.function, ("function",), ("args",), given, (), partial=False)
    for name, child in given.items():
        yield from _inside(child, ("args", name))


def _inside(node: Node, route: Route) -> Iterator[Call]:
    value = node.value
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _inside(child, (*route, index))
    if not isinstance(value, dict) or is_raw(node):
        return
    target = value.get("_target_")
    if target is not None and isinstance(target.value, str) and not _is(value, "_call_", wanted=False):
        given = {key: child for key, child in value.items() if key not in MARKERS}
        listed = value["_args_"].value if "_args_" in value else []
        positional = listed if isinstance(listed, list) else []
        partial = _is(value, "_partial_", wanted=True) or (positional is not listed and listed != [])
        yield Call(target.value, (*route, "_target_"), route, given, positional, partial)
    for key, child in value.items():
        yield from _inside(child, (*route, key))


def _is(value: dict[str, Node], key: str, *, wanted: bool) -> bool:
    return key in value and value[key].value is wanted


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP202, RCP302, RCP303, RCP304, RCP306, RCP308."""
    if settled.catalogs is None:
        return
    conform = Conform(settled.catalogs)
    for call in calls(settled):
        made = made_of(call.path, settled.catalogs)
        if made is not None:
            yield from _names(settled, call, made)
            yield from _values(call, made, conform)


def made_of(path: str, catalogs: Catalogs) -> Signature | None:
    """The signature of a callable; None where the catalogs have none."""
    found = catalogs.resolve(path)
    return None if found is None else signature(found, catalogs)


def _names(settled: Settled, call: Call, made: Signature) -> Iterator[Diagnostic]:
    named, places = made.named, made.positional
    by_place = {param.name for param in places[: len(call.positional)]}
    if made.known and len(call.positional) > len(places) and not made.has("*"):
        message = f"`{call.path}` takes {len(places)} arguments by place, `_args_` has {len(call.positional)}"
        route = (*call.args, "_args_")
        yield Diagnostic(
            "RCP304", message, label(settled.tree, route), notes=_notes(made), help="give the rest by name", route=route
        )
    for name in call.given:
        if name in by_place:
            yield _doubled(settled, call, made, name)
        elif name not in named:
            for finding in _unknown(settled, call, made, name):
                yield finding
                if finding.fix is not None:  # one mistake, one finding: what was meant is not missing too
                    by_place.add(finding.fix.replacement)
    yield from _missing(settled, call, made, by_place)


def _doubled(settled: Settled, call: Call, made: Signature, name: str) -> Diagnostic:
    route = (*call.args, name)
    message = f"`{visible(name, 60)}` of `{call.path}` is given twice, by name and in `_args_`"
    where = label(settled.tree, route, key=True)
    return Diagnostic("RCP304", message, where, notes=_notes(made), help="remove one of the two", route=route)


def _unknown(settled: Settled, call: Call, made: Signature, name: str) -> Iterator[Diagnostic]:
    """A name that is no parameter: refused, or taken in by `**kwargs` where a typo is never seen."""
    route, shown = (*call.args, name), visible(name, 60)
    where = label(settled.tree, route, _set_over(settled, route) or "unexpected argument", key=True)
    if any(param.name == name and param.kind == "positional-only" for param in made.params) and not made.has("**"):
        message = f"`{call.path}` takes `{shown}` by place only"
        yield Diagnostic("RCP304", message, where, notes=_notes(made), help="give it in `_args_`", route=route)
        return
    names = [*made.named, *made.extra]
    near = best_of(name, [other for other in names if other not in call.given]) or best_of(name, names)
    fix = Fix(where.span, near, "unsafe") if near and where.span.text == name else None
    if not made.has("**"):
        if made.known:
            message = f"`{call.path}` has no argument `{shown}`"
            help_ = (f"did you mean `{near}`? " if near else "") + f"accepted: {_listed(list(made.named))}"
            yield Diagnostic("RCP303", message, where, notes=_notes(made), help=help_, fix=fix, route=route)
    elif near is not None and is_slip(name, near) and name not in made.extra:
        message = f"`{call.path}` has no argument `{shown}`; its `**kwargs` takes it in silence"
        yield Diagnostic(
            "RCP306", message, where, notes=_notes(made), help=f"did you mean `{near}`?", fix=fix, route=route
        )


def _set_over(settled: Settled, route: Route) -> str:
    node, _ = find(settled.tree, route)
    if node.over is None:
        return ""
    return f"set here, over {node.over.source.file}:{node.over.source.position(node.over.start)[0]}"


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "no arguments"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _missing(settled: Settled, call: Call, made: Signature, by_place: set[str]) -> Iterator[Diagnostic]:
    if not made.known or call.partial:
        return
    wanted = [
        param
        for param in made.params
        if param.default is None and param.kind[:1] != "*" and param.name not in {*call.given, *by_place}
    ]
    if not wanted:
        return
    names = ", ".join(f"`{param.name}`" for param in wanted)
    what = f"missing required argument{'s' if len(wanted) > 1 else ''} {names} of `{call.path}`"
    is_set = find(settled.tree, call.args)[1] == call.args
    at_args = call.args == ("args",) and is_set
    where = label(settled.tree, call.args if at_args else call.at, f"{names} not set here", key=at_args)
    example = wanted[0]
    under = f"under `{route_text(call.args)}`"
    by = "give it in `_args_`" if example.kind == "positional-only" else f"add `{example.name}: …` {under}"
    takes = words(parse(example.type)) if example.type else ""
    help_ = f"{by}: {takes}" if takes and takes != "a value" else by
    yield Diagnostic("RCP302", what, where, notes=_notes(made, wanted), help=help_, route=call.args)


def _values(call: Call, made: Signature, conform: Conform) -> Iterator[Diagnostic]:
    pairs: list[tuple[Route, Node, Param]] = [
        ((*call.args, name), node, made.named[name]) for name, node in call.given.items() if name in made.named
    ]
    pairs += [
        ((*call.args, "_args_", index), node, param)
        for index, (node, param) in enumerate(zip(call.positional, made.positional, strict=False))
    ]
    for route, node, param in pairs:
        finding = argument(made, param, node, route, conform)
        if finding is not None:
            yield finding


def argument(made: Signature, param: Param, node: Node, route: Route, conform: Conform) -> Diagnostic | None:
    """What is wrong with one argument's value, or None. Emits: RCP202, RCP308."""
    if not param.type:
        return None
    problem = conform.problem(node, declared(param.type, param.default, conform.catalogs))
    return None if problem is None else mismatch(problem, route, _notes(made, [param]))


def mismatch(problem: Problem, route: Route, notes: tuple[str, ...]) -> Diagnostic:
    """A value of the wrong type as a diagnostic at its place."""
    where = (*route, *problem.route)
    text = f"expected {problem.expected}, found {problem.found}"
    at = Label(problem.node.span, text)
    if not problem.certain:
        message = f"`{route_text(where)}` is {problem.expected} in the function's signature"
        return Diagnostic("RCP308", message, at, notes=notes, help=problem.help, route=where)
    message = f"`{route_text(where)}` must be {problem.expected}"
    return Diagnostic("RCP202", message, at, notes=notes, help=problem.help or f"write {problem.expected}", route=where)


def _notes(made: Signature, params: Sequence[Param] = ()) -> tuple[str, ...]:
    """The parameters in question as the source has them, and where that is."""
    shown = [f"`{param.shown}` is a parameter of `{made.path}`" for param in params[:3]]
    return (*shown, f"declared at {made.at}")
