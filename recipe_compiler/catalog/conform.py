"""Whether a value of a recipe is what an annotation says; what cannot be known is never a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from recipe_compiler.catalog.assign import TAKEN, Assign, is_foundation
from recipe_compiler.catalog.nearest import best_of
from recipe_compiler.catalog.registry import Catalogs, Found
from recipe_compiler.catalog.signature import is_enum, members, signature
from recipe_compiler.catalog.types import ANY, CALLABLE, NONE, Type, known, parse, words
from recipe_compiler.diag import Route, did_you_mean, visible
from recipe_compiler.forms import FORMS, enum_of, is_raw
from recipe_compiler.schema.fields import kind
from recipe_compiler.syntax import Node, plain

_CLASS = "class"
_FORM_TYPES = {
    "_bytes_": Type(_CLASS, (), "bytes"),
    "_float_": Type(_CLASS, (), "float"),
    "_path_": Type(_CLASS, (), "path"),
    "_set_": Type("set"),
    "_timedelta_": Type(_CLASS, (), "timedelta"),
    "_tuple_": Type("tuple"),
}
_SCALARS = {bool: "bool", int: "int", float: "float", str: "str"}
_FROM_PLAIN = {"torch._C.device": (str, int), "torch.device": (str, int)}
"""Classes whose values all that takes them makes out of plain ones: `cuda:0` is a device."""
_PLAIN_ENUMS = frozenset({"str", "int", "enum.StrEnum", "enum.IntEnum"})
_PARTIALS = ("nemo_run.Partial", "fiddle.Partial", "nemo_run.config.Partial")


class Problem(NamedTuple):
    """A value that is not what it must be: where below the argument, and in words."""

    route: Route
    node: Node
    expected: str
    found: str
    help: str
    certain: bool = True
    """Whether the job would surely fail; else it is a warning."""


class Conform:
    """Values against types, with the catalogs that say what the names mean."""

    def __init__(self, catalogs: Catalogs) -> None:
        """Hold the catalogs."""
        self.catalogs = catalogs
        self.assign = Assign(catalogs)

    def problem(self, node: Node, type_: Type, route: Route = ()) -> Problem | None:
        """The first thing that is wrong with a value, or None."""
        type_ = known(type_, self.catalogs)
        if type_ == ANY:
            return None
        if type_.kind == "union":
            return self._union(node, type_, route)
        value = node.value
        if isinstance(value, dict) and not is_raw(node):
            if "_target_" in value:
                return self._made(node, self.produced(node), type_, route)
            if "_enum_" in value:
                return self._made(node, self._enum(value["_enum_"]), type_, route)
            form = next((name for name in FORMS if name in value), None)
            if form in _FORM_TYPES:
                return self._form(node, form, type_, route)
        return self._plain(node, type_, route)

    def _union(self, node: Node, type_: Type, route: Route) -> Problem | None:
        tried = [self.problem(node, member, route) for member in type_.args]
        problems = [one for one in tried if one is not None]
        if len(problems) < len(tried):
            return None
        if (doubtful := next((one for one in problems if not one.certain), None)) is not None:
            return doubtful
        inner = [one for one in problems if one.route != route]
        if len(inner) == 1:  # one member is a list, and one of its items is wrong
            return inner[0]
        helps = list(dict.fromkeys(one.help for one in problems if one.help))
        where = problems[0].node if len({id(one.node) for one in problems}) == 1 else node
        return Problem(route, where, words(type_), problems[0].found, helps[0] if len(helps) == 1 else "")

    def _form(self, node: Node, form: str, type_: Type, route: Route) -> Problem | None:
        produced = _FORM_TYPES[form]
        if produced.kind == type_.kind and isinstance(node.value[form].value, list):
            return self._items(node.value[form], type_, (*route, form))
        return self._made(node, produced, type_, route)

    def _made(self, node: Node, produced: Type, type_: Type, route: Route) -> Problem | None:
        found = self.catalogs.resolve(str(node.value["_target_"].value)) if "_target_" in node.value else None
        returned = found is not None and found.kind == "function"
        if self.assign.may(produced, type_) or (returned and self.assign.may_return(produced, type_)):
            return None
        help_ = self._other_way(node, found, type_) if found else ""
        return Problem(route, node.value.get("_target_", node), words(type_), f"it makes {words(produced)}", help_)

    def _other_way(self, node: Node, found: Found, type_: Type) -> str:
        """What to write where the object itself, and not its call, is wanted, or the reverse."""
        if "_call_" in node.value and node.value["_call_"].value is False:
            made = Type(_CLASS, (), found.path)
            return "remove `_call_: false`" if found.kind == _CLASS and self.assign.may(made, type_) else ""
        return "add `_call_: false`, to pass it itself" if self.assign.may(self._object(found), type_) else ""

    def _enum(self, node: Node) -> Type:
        found = self.catalogs.resolve(enum_of(str(node.value)))
        return ANY if found is None else Type(_CLASS, (), found.path)

    def produced(self, node: Node) -> Type:
        """The type of what a call makes; of `_call_: false`, of the object itself."""
        call: dict[str, Node] = node.value
        found = self.catalogs.resolve(str(call["_target_"].value))
        if found is None:
            return ANY
        if "_call_" in call and call["_call_"].value is False:
            return self._object(found)
        if "_partial_" in call and call["_partial_"].value is True:
            return CALLABLE
        if found.kind == "class":
            return Type(_CLASS, (), found.path)
        made = signature(found, self.catalogs)
        returns = str(found.entry.get("returns", ""))
        if made is None or not made.known or not returns or returns.startswith(_PARTIALS):
            return ANY
        if any(name.startswith("contextlib.") for name in found.entry.get("decorators", ())):
            return ANY
        type_ = known(parse(returns), self.catalogs)
        return ANY if type_.kind == "callable" else type_  # an object with `__call__` is one too

    def _object(self, found: Found) -> Type:
        if found.kind == "class":
            return Type("type", (Type(_CLASS, (), found.path),))
        if found.kind == "function":
            return CALLABLE
        if (
            "of" in found.entry
            and (owner := self.catalogs.resolve(found.entry["of"]))
            and is_enum(owner, self.catalogs)
        ):
            return Type(_CLASS, (), owner.path)
        return known(parse(found.entry["type"]), self.catalogs) if "type" in found.entry else ANY

    def _plain(self, node: Node, type_: Type, route: Route) -> Problem | None:
        value: Any = node.value
        if type_ == NONE:
            return None if value is None else self._wrong(node, type_, route)
        if type_.kind == "literal":
            return self._literal(node, type_, route)
        if type_.kind in {"list", "set", "tuple"} and isinstance(value, list):
            return self._items(node, type_, route)
        if type_.kind == "dict" and isinstance(value, dict):
            return self._values(node, type_, route)
        if type_.kind in {"callable", "type"}:
            help_ = "write `{_target_: package.function, _call_: false}`"
            return self._wrong(node, type_, route, help_ if isinstance(value, str) else "")
        if type_.kind != _CLASS:
            return self._wrong(node, type_, route)
        scalar = _SCALARS.get(type(value), "")
        if type_.name in _SCALARS.values() or type_.name in {"bytes", "path", "timedelta", "complex"}:
            return self._scalar(node, type_, scalar, route)
        return self._instance_of(node, type_, route)

    def _scalar(self, node: Node, type_: Type, scalar: str, route: Route) -> Problem | None:
        name = type_.name
        if scalar == name or scalar in TAKEN.get(name, ()):
            return None
        if name == "path" and scalar == "str":
            help_ = f"write `{{_path_: {visible(node.value, 60)}}}`, which is a path in the job"
            return Problem(route, node, words(type_), "text", help_, certain=False)
        helps = {
            ("int", "float"): "write it without a point or an exponent",
            ("int", "bool"): "write 1 or 0",
            ("str", "int"): f'write "{visible(node.span.text, 40)}", in quotes',
            ("str", "float"): f'write "{visible(node.span.text, 40)}", in quotes',
            ("str", "bool"): f'write "{visible(node.span.text, 40)}", in quotes',
            ("timedelta", "str"): "write `{_timedelta_: 90m}`",
            ("bytes", "str"): "write `{_bytes_: …}`, in base64",
        }
        help_ = helps.get((name, scalar), "")
        if (name, scalar) == ("int", "float") and not float(node.value).is_integer():
            help_ = ""
        if scalar == "str" and name in {"int", "float", "bool"} and _is_number(node.value):
            help_ = "remove the quotes"
        return self._wrong(node, type_, route, help_)

    def _instance_of(self, node: Node, type_: Type, route: Route) -> Problem | None:
        """A plain value where an object of a catalogued class must be."""
        found = self.catalogs.resolve(type_.name)
        if found is None or found.kind != _CLASS:
            return None
        if is_enum(found, self.catalogs):
            return None if self._equals_member(node, found) else self._member(node, found, type_, route)
        if found.path in _FROM_PLAIN and isinstance(node.value, _FROM_PLAIN[found.path]):
            return None
        line = self.catalogs.ancestors(found.path)
        if "TypedDict" in line.outside:
            return None if isinstance(node.value, dict) else self._wrong(node, Type("dict"), route)
        if self.assign.is_called(type_):
            return self._plain(node, CALLABLE, route)
        if self.assign.is_protocol(type_) or line.outside & {"NamedTuple"}:
            return None if node.value is not None else self._wrong(node, type_, route)
        if not is_foundation(line):
            return None
        help_ = ""
        if isinstance(node.value, (dict, str)):
            help_ = f"write `_target_: {found.path}` in it" if isinstance(node.value, dict) else ""
            help_ = help_ or f"write `{{_target_: {found.path}, …}}`"
        return self._wrong(node, type_, route, help_)

    def _equals_member(self, node: Node, found: Found) -> bool:
        """Whether text, or a number, is as good as the member of that value: that of a `class X(str, Enum)` is."""
        if not self.catalogs.ancestors(found.path).outside & _PLAIN_ENUMS:
            return False
        return any(field.get("default") == repr(node.value) for field in found.entry.get("fields", ()))

    def _member(self, node: Node, found: Found, type_: Type, route: Route) -> Problem:
        names = members(found)
        near = did_you_mean(str(node.value), names) if isinstance(node.value, str) else None
        example = near or (names[0] if names else "MEMBER")
        return self._wrong(node, type_, route, f"write `{{_enum_: {found.path}.{example}}}`")

    def _literal(self, node: Node, type_: Type, route: Route) -> Problem | None:
        value = plain(node)
        if any(value == one and type(value) is type(one) for one in type_.args):
            return None
        texts = [one for one in type_.args if isinstance(one, str)]
        near = (did_you_mean(value, texts) or best_of(value, texts)) if isinstance(value, str) else None
        found = f"`{visible(node.span.text, 40)}`" if not isinstance(node.value, (dict, list)) else kind(node.value)
        return Problem(route, node, words(type_), found, f"did you mean `{near}`?" if near else "")

    def _items(self, node: Node, type_: Type, route: Route) -> Problem | None:
        items: list[Node] = node.value
        args = type_.args
        if type_.kind == "tuple" and args and args[-1] is not ...:
            if len(items) != len(args):
                expected = f"a list of {len(args)}"
                return Problem(route, node, expected, f"{len(items)} values", f"write {len(args)} values")
            pairs: Iterator[tuple[Node, Any]] = zip(items, args, strict=True)
        else:
            pairs = ((item, args[0] if args else ANY) for item in items)
        for index, (item, one) in enumerate(pairs):
            problem = self.problem(item, one, (*route, index))
            if problem is not None:
                return problem
        return None

    def _values(self, node: Node, type_: Type, route: Route) -> Problem | None:
        if len(type_.args) == 2:
            for key, child in node.value.items():
                problem = self.problem(child, type_.args[1], (*route, key)) if key != "_raw_" else None
                if problem is not None:
                    return problem
        return None

    def _wrong(self, node: Node, type_: Type, route: Route, help_: str = "") -> Problem:
        return Problem(route, node, words(type_), kind(node.value), help_)


def _is_number(text: str) -> bool:
    from recipe_compiler.syntax.scalars import resolve  # noqa: PLC0415  only when something is wrong

    return not isinstance(resolve(text)[0], str)
