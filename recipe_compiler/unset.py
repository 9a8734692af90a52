"""What a recipe leaves to defaults: each parameter of each call that it does not set, from the catalogs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from recipe_compiler.catalog import Catalogs, Param
from recipe_compiler.catalog.conform import Conform
from recipe_compiler.catalog.signature import short
from recipe_compiler.catalog.types import NONE, Type, known, parse
from recipe_compiler.check.calls import Call, calls, made_of
from recipe_compiler.diag import Route, route_text
from recipe_compiler.forms import assignments, is_plain_mapping
from recipe_compiler.parameters import Parameter, access
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Json, Node, find
from recipe_compiler.values import of_default

_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Unset:
    """One parameter or field that the recipe does not set. `of` is the call or class that has it, at `call`."""

    route: Route
    call: Route
    param: Param
    of: str
    at: str
    value: Json
    known: bool
    """Whether `value` is the default; else its source alone is known."""
    overridable: bool = True
    via: str | None = None
    why: str = ""

    @property
    def required(self) -> bool:
        """Whether the job fails without it."""
        return self.param.default is None

    @property
    def by(self) -> str:
        """Where its value comes from: a factory may set a field that has another default in its class."""
        if self.required:
            return "not set"
        return "class default" if self.call[-1] == "_overrides_" else "default"

    @property
    def default(self) -> str:
        """The default as the source has it."""
        return self.param.default or ""


Row: TypeAlias = Parameter | Unset


def given(settled: Settled) -> dict[Route, Param]:
    """The parameter that each argument of the recipe is for."""
    found: dict[Route, Param] = {}
    if settled.catalogs is None:
        return found
    for call in calls(settled):
        made = made_of(call.path, settled.catalogs)
        if made is not None:
            found.update({(*call.args, name): made.named[name] for name in call.given if name in made.named})
    return found


def unset(settled: Settled, stages: Mapping[str, Node], *, fields: bool) -> Iterator[Unset]:
    """Every parameter that is not set, of the outer call first; with `fields` also those of what factories make."""
    if settled.catalogs is None:
        return
    for call in calls(settled):
        made = made_of(call.path, settled.catalogs)
        can, via, why = _access(stages, call)
        if made is None:
            continue
        by_place = {param.name for param in made.positional[: len(call.positional)]}
        module = made.path.rpartition(".")[0]
        for param in made.params:
            if param.kind[:1] != "*" and param.kind != "positional-only" and param.name not in {*call.given, *by_place}:
                route = (*call.args, param.name)
                value, is_known = of_default(param.default or "", settled.catalogs, module)
                key = via or f"+{route_text(route)}"
                yield Unset(
                    route, call.args, param, made.path, made.at, value, is_known, can, key if can else None, why
                )
        if fields and call.args != ("args",) and not call.partial:
            yield from _fields(settled, call, can=can, why=why)


def _access(stages: Mapping[str, Node], call: Call) -> tuple[bool, str | None, str]:
    """Whether an override can add to a call, by which other key, and why."""
    route = call.at
    node, there = find(stages["walk"], route)
    if there != route or call.args == ("args",):
        return True, None, ""
    can, via, why = access(stages, route, node)
    return can and via is None, None, why if not can else f"{why}, set `{via}`" if via else ""


def _fields(settled: Settled, call: Call, *, can: bool, why: str) -> Iterator[Unset]:
    """The fields of what a factory makes, that `_overrides_` does not set."""
    conform = Conform(settled.catalogs or Catalogs([]))
    node, _ = find(settled.tree, call.args)
    table = node.value.get("_overrides_")
    route = (*call.args, "_overrides_")
    there = set()
    if table is not None and is_plain_mapping(table):
        there = {way for _, way, _ in assignments(table, route) if way}
    found = conform.catalogs.resolve(call.path)
    if found is not None and found.kind == "function":
        for way, param, of, at in _below(conform.produced(node), conform.catalogs, (), ()):
            if not any(way[: len(one)] == one for one in there):
                value, is_known = of_default(param.default or "", conform.catalogs, of.rpartition(".")[0])
                full = (*route, *way)
                key = f"+{route_text(full)}" if can else None
                yield Unset(full, route, param, of, at, value, is_known and bool(param.default), can, key, why)


def _below(
    type_: Type, catalogs: Catalogs, way: tuple[str, ...], within: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Param, str, str]]:
    """Each field that holds no catalogued object, at every depth, with its class and place."""
    type_ = known(type_, catalogs)
    several = [one for one in (type_.args if type_.kind == "union" else (type_,)) if one != NONE]
    for one in several:
        found = catalogs.resolve(one.name) if one.kind == "class" else None
        if found is None or found.kind != "class" or found.path in within or len(way) >= _MAX_DEPTH:
            continue
        seen = set()
        for line in catalogs.ancestors(found.path).classes:
            for field in line.entry.get("fields", ()):
                name, text = field["name"], field.get("type", "")
                if name in seen or name[0] == "_" or text.startswith("ClassVar"):
                    continue
                seen.add(name)
                inner = list(_below(parse(text), catalogs, (*way, name), (*within, found.path))) if text else []
                param = Param(name, "", text, field.get("default") or "", field.get("doc", ""))
                yield from inner or [((*way, name), param, found.path, line.entry["at"])]


def as_json(row: Unset) -> dict[str, Json]:
    """The wire form: that of a parameter, and what the catalog says."""
    file, _, line = row.at.rpartition(":")
    return {
        "route": route_text(row.route),
        "path": list(row.route),
        "value": row.value,
        "type": None,
        "set_by": {"by": row.by, "file": file, "line": int(line)},
        "overridable": row.overridable,
        "via": row.via,
        "why": row.why,
        "set": False,
        "required": row.required,
        "default": row.default or None,
        **described(row.param),
    }


def described(param: Param | None) -> dict[str, Json]:
    """What a catalog says of a parameter, for programs."""
    if param is None:
        return {"annotation": None, "doc": ""}
    return {"annotation": short(param.type) or None, "doc": param.doc}
