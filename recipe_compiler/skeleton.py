"""A recipe for a function, written from its signature: what is required stands there, what is not as a comment.

A required value is the smallest of its type, so that the recipe is valid before anyone has filled it in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from recipe_compiler.catalog import Catalogs, Found, Param, Signature, signature
from recipe_compiler.catalog.signature import is_enum, is_marked, members, short
from recipe_compiler.catalog.types import Type, known, parse
from recipe_compiler.check.functions import by_name, permitted
from recipe_compiler.diag import Diagnostic, Label, Route, Source, Span, route_text, visible
from recipe_compiler.syntax import Json
from recipe_compiler.values import flow, of_default

_MAX_DEPTH = 8
_MAX_OPTIONAL = 30
"""Of a class within: more than these are not listed."""
_WIDTH = 116
_SMALLEST: dict[str, Json] = {
    "bool": False,
    "int": 0,
    "float": 0.0,
    "complex": 0.0,
    "str": "",
    "bytes": {"_bytes_": ""},
    "path": {"_path_": "."},
    "timedelta": {"_timedelta_": "0s"},
    "list": [],
    "set": {"_set_": []},
    "dict": {},
    "none": None,
}


class Call(NamedTuple):
    """A nested call that stands for a required value."""

    found: Found
    made: Signature


class CannotMakeError(Exception):
    """A type of which no value can be written; its text says why."""


def recipe(
    name: str,
    found: Found,
    path: str,
    catalogs: Catalogs,
    *,
    functions: Sequence[str],
    container: str | None,
    file: str,
) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text of a recipe that calls `found`, named by `path`, and what could not be filled in. Emits: RCP316."""
    writer = _Writer(catalogs, functions)
    return writer.recipe(name, found, path, container, file)


class _Writer:
    def __init__(self, catalogs: Catalogs, functions: Sequence[str]) -> None:
        self.catalogs = catalogs
        self.functions = functions
        self.lines: list[str] = []
        self.missing: list[tuple[int, Route, str, str]] = []
        self.within: list[str] = []

    def recipe(
        self, name: str, found: Found, path: str, container: str | None, file: str
    ) -> tuple[str, tuple[Diagnostic, ...]]:
        made = signature(found, self.catalogs)
        if found.entry.get("doc"):
            self._comment("", found.entry["doc"])
        self._comment("", f"declared at {found.entry['at']}")
        self.lines += [f"name: {name}", f"function: {path}"]
        if container is not None:
            self.lines.append(f"container: {container}")
        self.within.append(found.path)
        if made is not None and made.params:
            needed = [param for param in made.params if _is_required(param)]
            self.lines.append("args:" if needed else "# args:")
            if any(param.kind == "positional-only" for param in needed):
                message = f"`{path}` takes arguments by place, which `args` cannot give"
                self.missing.append((len(self.lines), ("args",), message, "name a function that takes them by name"))
            self._params(made.params, "  ", ("args",), everything=True)
        if made is None or not made.known:
            known_ = "a decorator or a base class may change its arguments"
            self._comment("", known_ if made and made.params else "its arguments cannot be told from its source")
        text = "\n".join(self.lines) + "\n"
        source = Source(file, text)
        return text, tuple(self._diagnostic(source, *one) for one in self.missing)

    def _diagnostic(self, source: Source, line: int, route: Route, message: str, help_: str) -> Diagnostic:
        shown, start = source.line(line), source.starts[line - 1]
        indent = len(shown) - len(shown.lstrip())
        where = Label(Span(source, start + indent, start + len(shown)))
        return Diagnostic("RCP316", message, where, help=help_, route=route)

    def _params(self, params: Sequence[Param], indent: str, route: Route, *, everything: bool) -> None:
        optional = [param for param in params if not _is_required(param)]
        for param in params:
            if param.kind[:1] == "*":
                self._comment(indent, f"({param.shown}) {param.doc or 'any other argument'}")
            elif param.kind == "positional-only":
                continue
            elif _is_required(param):
                self._comment(indent, _about(param))
                self._required(param, indent, (*route, param.name))
            elif everything or len(optional) <= _MAX_OPTIONAL:
                self._comment(indent, _about(param))
                self.lines.append(f"{indent}# {param.name}: {self._default(param)}".rstrip())
        if not everything and len(optional) > _MAX_OPTIONAL:
            self._comment(indent, f"{len(optional)} more have defaults")

    def _comment(self, indent: str, text: str) -> None:
        text = visible(re.sub(r"\s+", " ", text).strip())
        limit = _WIDTH - len(indent)
        self.lines.append(f"{indent}# {text if len(text) <= limit else text[: limit - 1] + '…'}")

    def _default(self, param: Param) -> str:
        value, is_known = of_default(param.default or "", self.catalogs, self.within[-1].rpartition(".")[0])
        return flow(value) if is_known else f"  # default: {visible(param.default or '…', 80)}"

    def _required(self, param: Param, indent: str, route: Route) -> None:
        type_ = known(parse(param.type), self.catalogs) if param.type else Type("any")
        value: Json | Call = None
        try:
            value = self._smallest(type_, param.type)
        except CannotMakeError as why:
            message = f"`{route_text(route)}` is required, and no value of it can be written: {why}"
            self.missing.append((len(self.lines) + 1, route, message, "fill it in"))
            self.lines.append(f"{indent}{_key(param.name)}: null  # fill in: {why}")
            return
        if isinstance(value, Call):
            self.lines.append(f"{indent}{_key(param.name)}:")
            self._call(value, indent + "  ", route)
        else:
            self.lines.append(f"{indent}{_key(param.name)}: {flow(value)}")

    def _call(self, call: Call, indent: str, route: Route) -> None:
        self.lines.append(f"{indent}_target_: {call.found.path}")
        self.within.append(call.found.path)
        by_place = [param for param in call.made.params if param.kind == "positional-only" and _is_required(param)]
        if by_place:
            self._by_place(by_place, indent, (*route, "_args_"))
        self._params(call.made.params, indent, route, everything=False)
        self.within.pop()

    def _by_place(self, params: Sequence[Param], indent: str, route: Route) -> None:
        """What has no name, in `_args_`."""
        self._comment(indent, "by place: " + " ".join(_about(param) for param in params))
        try:
            values = [self._plain(known(parse(param.type), self.catalogs), param.type) for param in params]
        except CannotMakeError as why:
            message = f"`{route_text(route)}` is required, and no value of it can be written: {why}"
            self.missing.append((len(self.lines) + 1, route, message, "fill it in"))
            values = [None] * len(params)
        self.lines.append(f"{indent}_args_: {flow(values)}")

    def _smallest(self, type_: Type, text: str) -> Json | Call:
        """The smallest value of a type. Raises: CannotMakeError."""
        if type_.kind == "any":
            raise CannotMakeError(f"no catalog has `{short(text)}`" if "." in text else "its type is not known")
        if type_.kind == "union":
            return self._of_union(type_, text)
        if type_.kind == "literal":
            return type_.args[0]
        if type_.kind == "tuple":
            parts = [one for one in type_.args if one is not ...] if ... not in type_.args else []
            return {"_tuple_": [self._plain(one, text) for one in parts]}
        if type_.kind == "type" and type_.args:
            return {"_target_": self._permitted(type_.args[0].name), "_call_": False}
        if type_.kind in {"callable", "type"}:
            raise CannotMakeError("a function is wanted: `{_target_: package.function, _call_: false}`")
        simple = type_.name if type_.kind == "class" else type_.kind
        return _SMALLEST[simple] if simple in _SMALLEST else self._made(type_.name)

    def _plain(self, type_: Type, text: str) -> Json:
        value = self._smallest(type_, text)
        if isinstance(value, Call):
            raise CannotMakeError("a call within a list")
        return value

    def _of_union(self, type_: Type, text: str) -> Json | Call:
        members_ = sorted(type_.args, key=lambda one: one.kind != "none")
        for index, member in enumerate(members_):
            try:
                return self._smallest(member, text)
            except CannotMakeError:
                if index == len(members_) - 1:
                    raise
        return None

    def _permitted(self, path: str) -> str:
        found = self.catalogs.resolve(path)
        if not permitted(path, self.functions):
            raise CannotMakeError(f"the cluster does not permit `{path}`")
        if (
            found is not None
            and found.entry.get("loads")
            and not by_name(path, self.functions)
            and not is_marked(found)
        ):
            raise CannotMakeError(f"`{path}` loads code")
        return path

    def _made(self, path: str) -> Json | Call:
        """A call of a catalogued class, a member of an enum, or an empty mapping of names."""
        found = self.catalogs.resolve(path)
        if found is None or found.kind != "class":
            raise CannotMakeError(f"no catalog has `{path}`")
        if is_enum(found, self.catalogs):
            names = members(found)
            if not names:
                raise CannotMakeError(f"`{path}` has no members")
            self._permitted(found.path)
            return {"_enum_": f"{found.path}.{names[0]}"}
        if "Protocol" in self.catalogs.ancestors(found.path).outside or found.entry.get("abstract"):
            raise CannotMakeError(f"`{path}` is abstract")
        made = signature(found, self.catalogs)
        if found.path in self.within or len(self.within) >= _MAX_DEPTH:
            raise CannotMakeError(f"`{path}` needs itself")
        if made is None or not made.known:
            raise CannotMakeError(f"what `{path}` takes cannot be told from its source")
        if not permitted(found.path, self.functions) and (maker := self._maker(found)) is not None:
            return maker
        self._permitted(found.path)
        return Call(found, made)

    def _maker(self, wanted: Found) -> Call | None:
        """A function of the profile that makes one without arguments."""
        for path in self.functions:
            found = None if path.endswith("*") else self.catalogs.resolve(path)
            made = signature(found, self.catalogs) if found is not None and found.kind == "function" else None
            if found is None or made is None or not made.known or any(map(_is_required, made.params)):
                continue
            returns = known(parse(str(found.entry.get("returns", "Any"))), self.catalogs)
            if returns.kind == "class" and wanted.path in self.catalogs.ancestors(returns.name).paths:
                return Call(Found(path.replace(":", "."), found.entry), made)
        return None


def _is_required(param: Param) -> bool:
    return param.default is None and param.kind[:1] != "*"


def _about(param: Param) -> str:
    words = [short(param.type)] if param.type else []
    words += ["required"] if _is_required(param) else []
    return f"({', '.join(words)}) {param.doc}" if words else param.doc or "(any)"


def _key(name: str) -> str:
    return name if name not in {"null", "true", "false"} else f'"{name}"'
