"""The functions of an override's value: casts, and the two sweeps that have a table of points.

Source: hydra-core 1.3, `grammar_functions.py`. Hydra's other functions are refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from recipe_compiler.diag import Span, did_you_mean, visible
from recipe_compiler.syntax import Node
from recipe_compiler.syntax.scalars import INT_MAX, INT_MIN

REFUSED = {
    "interval": "a range without steps has no table of points; write `range(…)` or `{linspace: …}` under `sweep`",
    "glob": "there are no config groups to select from; write the values",
    "shuffle": "points keep the order they are written in; write the values in that order",
    "sort": "points keep the order they are written in; write the values in that order",
    "tag": "a sweep has no tags; name points under `sweep: {points: […]}`",
}
"""Functions of Hydra that recipec has not, and what to write."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Several values for one key: `choice` of the nodes, or `range` of start, stop and step."""

    form: Literal["choice", "range"]
    nodes: tuple[Node, ...]
    span: Span

    def axis(self) -> Node:
        """The axis as a recipe writes it: a list, or `{range: […]}`."""
        source, start, end = self.span.source, self.span.start, self.span.end
        listed = Node(source, start, end, list(self.nodes))
        if self.form == "choice":
            return listed
        return Node(source, start, end, {"range": listed}, {"range": (start, end)})


class Wrong(NamedTuple):
    """Why a function has no value."""

    code: str
    message: str
    help: str


def call(
    name: str, args: Sequence[Node | Sweep], named: Mapping[str, Node | Sweep], span: Span
) -> Node | Sweep | Wrong:
    """The value of `name(args, named)` at `span`."""
    shown = visible(name, 40)
    if name in REFUSED:
        return Wrong("RCP515", f"`{name}(…)` of Hydra is not part of the language", REFUSED[name])
    if name in _CASTS:
        return _cast(name, args, named, span)
    if name == "choice":
        return _choice(args, named, span)
    if name == "range":
        return _range(args, named, span)
    known = (*_CASTS, "choice", "range")
    near = did_you_mean(name, known)
    hint = f"did you mean `{near}`? " if near else f"functions are {', '.join(known)}; "
    return Wrong("RCP510", f"there is no function `{shown}`", f"{hint}text with brackets is quoted: `key='{shown}(…)'`")


def _cast(
    name: str, args: Sequence[Node | Sweep], named: Mapping[str, Node | Sweep], span: Span
) -> Node | Sweep | Wrong:
    values = [*args, *named.values()]
    if named and (len(named) > 1 or "value" not in named or args):
        return Wrong("RCP510", f"`{name}` takes one value", f"write `{name}(3)` or `{name}(value=3)`")
    if not values:
        return Wrong("RCP510", f"`{name}` needs a value", f"write `{name}(3)`")
    if len(values) > 1:
        nodes = [value for value in values if isinstance(value, Node)]
        if len(nodes) < len(values):
            return _nested()
        return _cast_sweep(name, Sweep("choice", tuple(nodes), span))
    value = values[0]
    return _cast_sweep(name, value) if isinstance(value, Sweep) else _cast_node(name, value)


def _cast_sweep(name: str, sweep: Sweep) -> Sweep | Wrong:
    if sweep.form == "range" and name not in {"int", "float"}:
        return Wrong("RCP510", f"a range cannot be cast to {name}", "cast it to int or float, or write the values")
    done = []
    for node in sweep.nodes:
        one = _cast_node(name, node)
        if isinstance(one, Wrong):
            return one
        done.append(one)
    return replace(sweep, nodes=tuple(done))


def _cast_node(name: str, node: Node) -> Node | Wrong:
    value: Any = node.value
    if isinstance(value, dict):
        inside = {key: _cast_node(name, child) for key, child in value.items()}
        wrong = next((one for one in inside.values() if isinstance(one, Wrong)), None)
        return wrong or Node(node.source, node.start, node.end, inside, node.keys)
    if isinstance(value, list):
        items = [_cast_node(name, child) for child in value]
        wrong = next((one for one in items if isinstance(one, Wrong)), None)
        return wrong or Node(node.source, node.start, node.end, items)
    try:
        done = _CASTS[name](value)
    except (ValueError, TypeError, OverflowError):
        return Wrong("RCP510", f"`{visible(node.span.text, 40)}` cannot be cast to {name}", "write the value itself")
    if isinstance(done, float) and not math.isfinite(done):
        shown = visible(node.span.text, 40)
        return Wrong("RCP205", f"`{shown}` is not a finite number", "write `{_float_: nan}`, or quote it for text")
    if type(done) is int and not INT_MIN <= done <= INT_MAX:
        return Wrong("RCP203", "integer out of range (64 bit)", "write a smaller number, or quote the digits for text")
    return Node(node.source, node.start, node.end, done)


def _to_str(value: Any) -> str:  # noqa: ANN401  any scalar
    if value is None:
        raise ValueError
    return str(value).lower() if isinstance(value, bool) else str(value)


def _to_bool(value: Any) -> bool:  # noqa: ANN401  any scalar
    if not isinstance(value, str):
        return bool(value)
    if value.lower() not in {"true", "false"}:
        raise ValueError
    return value.lower() == "true"


_CASTS: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "str": _to_str, "bool": _to_bool}


def _nested() -> Wrong:
    return Wrong("RCP515", "a sweep stands inside a sweep", "write one list of values: `choice(a,b,c)`")


def _choice(args: Sequence[Node | Sweep], named: Mapping[str, Node | Sweep], span: Span) -> Sweep | Wrong:
    if named or not args:
        return Wrong("RCP510", "`choice` takes values without names", "write `choice(a,b)`")
    nodes = [arg for arg in args if isinstance(arg, Node)]
    if len(nodes) == len(args):
        return Sweep("choice", tuple(nodes), span)
    return _nested()


def _range(args: Sequence[Node | Sweep], named: Mapping[str, Node | Sweep], span: Span) -> Sweep | Wrong:
    names = ("start", "stop", "step")
    given = dict(zip(names, args, strict=False)) | dict(named)
    help_ = "write `range(stop)`, `range(start,stop)` or `range(start,stop,step)` with numbers"
    if len(args) > 3 or len(given) != len(args) + len(named) or not given.keys() <= set(names) or "start" not in given:
        return Wrong("RCP510", "`range` takes start, stop and step", help_)
    source, at = span.source, span.start
    zero, one = Node(source, at, span.end, 0), Node(source, at, span.end, 1)
    if "stop" not in given:
        given = {"stop": given["start"], "start": zero} | {name: given[name] for name in given if name == "step"}
    nodes = [node for name in names if isinstance(node := given.get(name, one), Node)]
    if len(nodes) < 3 or any(type(node.value) not in {int, float} for node in nodes):
        return Wrong("RCP510", "`range` takes numbers", help_)
    if not nodes[2].value:
        return Wrong("RCP510", "the step of a range is 0", "write a step that leads from start to stop")
    return Sweep("range", tuple(nodes), span)
