"""The JSON Schema of one recipe: its arguments, and those of the calls in it, as the catalogs have them.

It is for a file that is being written, so nothing is required (a base may say it), and whatever
`validate` may take is taken: every place takes a call or a `${…}` too, an unknown type anything.
"""

from __future__ import annotations

import ast
from typing import Any

from recipe_compiler.catalog import Catalogs, Param, Signature
from recipe_compiler.catalog.assign import Assign, is_foundation
from recipe_compiler.catalog.declared import declared
from recipe_compiler.catalog.signature import is_enum, members, short
from recipe_compiler.catalog.types import Type, known, words
from recipe_compiler.check.calls import calls, made_of
from recipe_compiler.forms import CALL, MARKERS
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node

Schema = dict[str, Any]
_ANY: Schema = {"$ref": "#/$defs/any"}
_MADE: Schema = {"$ref": "#/$defs/call"}
_MEMBER: Schema = {"$ref": "#/$defs/member"}
_SCALARS: dict[str, Schema] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "complex": {"type": "number"},
    "str": {"type": "string"},
    "path": {"type": "string"},
    "bytes": _MADE,
    "timedelta": _MADE,
}
_TAKES_PLAIN = frozenset({"torch._C.device", "torch.device"})
_VALUES = (str, int, float, bool, type(None))


def typed(base: Schema, settled: Settled) -> Schema:
    """The schema of recipes `base` with `args` as the function of this recipe takes them."""
    if settled.catalogs is None:
        return base
    every = list(calls(settled))
    signatures = {call.path: made_of(call.path, settled.catalogs) for call in every}
    known_calls = {path: made for path, made in signatures.items() if made is not None}
    writer = _Writer(settled.catalogs, known_calls)
    defs = {**base["$defs"], **writer.shared(), **{path: writer.call(path) for path in known_calls}}
    args = dict(base["properties"]["args"])
    own = settled.recipe.function
    if own in known_calls:
        tree = settled.tree.value.get("args")
        given = tree.value if tree is not None else {}
        args = {"description": f"The arguments of `{own}`.", **writer.arguments(own, given)}
        args["type"] = "object"
    return {**base, "$defs": defs, "properties": {**base["properties"], "args": args}}


class _Writer:
    """Writes types as schemas. `signatures`: of the calls that the recipe names, by path."""

    def __init__(self, catalogs: Catalogs, signatures: dict[str, Signature]) -> None:
        self.catalogs = catalogs
        self.signatures = signatures
        self.assign = Assign(catalogs)

    def shared(self) -> Schema:
        """What the definitions refer to."""
        named = list(self.signatures)
        markers = sorted(MARKERS - CALL - {"_enum_"})
        other = {
            "type": "object",
            "properties": {"_target_": {"type": "string", "description": "What to call: `package.module.name`."}},
            "required": ["_target_"],
            "not": {"properties": {"_target_": {"enum": named}}},
        }
        forms = [{"type": "object", "required": [name], "maxProperties": 1} for name in markers]
        targets = [{"allOf": [{"$ref": _to(path)}, {"required": ["_target_"]}]} for path in named]
        return {
            "any": {
                "if": {"type": "object", "required": ["_target_"]},
                "then": _MADE,
                "else": {"if": {"type": "object", "required": ["_raw_"]}, "else": {"additionalProperties": _ANY}},
                "items": _ANY,
            },
            "call": {"anyOf": [*targets, other, *forms]},
            "member": {"type": "object", "required": ["_enum_"], "maxProperties": 1},
        }

    def call(self, path: str) -> Schema:
        """A call in a recipe: `_target_` and its arguments."""
        made = self.arguments(path, {})
        target = {"const": path, "description": f"Calls `{path}`."}
        marks: Schema = {name: {} for name in sorted(CALL - {"_target_"})}
        return {"type": "object", **made, "properties": {"_target_": target, **marks, **made["properties"]}}

    def arguments(self, path: str, given: dict[str, Node]) -> Schema:
        """What a function takes by name. `given`: what the recipe says."""
        made = self.signatures[path]
        places = {name: self.param(param, given.get(name)) for name, param in made.named.items()}
        return {"properties": places} if made.has("**") or not made.known else _closed(places)

    def param(self, param: Param, node: Node | None) -> Schema:
        """One parameter: its type, its doc, its default."""
        schema = self.place(declared(param.type, param.default, self.catalogs), node)
        head = f"`{short(param.type)}`" if param.type else ""
        default = "required" if param.default is None else f"default: `{param.default or '…'}`"
        schema["description"] = ". ".join(part for part in (param.doc.rstrip("."), head, default) if part)
        try:
            value = ast.literal_eval(param.default or "...")
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            value = ...
        if isinstance(value, _VALUES) and not (isinstance(value, float) and value - value != 0):
            schema["default"] = value
        return schema

    def place(self, type_: Type, node: Node | None = None) -> Schema:
        """What a value of the type may be written as. `node`: what the recipe has there."""
        type_ = known(type_, self.catalogs)
        members_ = type_.args if type_.kind == "union" else (type_,)
        plain = [self.plain(one) for one in members_]
        if _ANY in plain:
            return dict(_ANY)
        target = node.value.get("_target_") if node is not None and isinstance(node.value, dict) else None
        here = [{"$ref": _to(target.value)}] if target is not None and target.value in self.signatures else []
        message = f"must be {words(type_)}"
        hole = {"type": "string", "pattern": r"\$\{", "patternErrorMessage": message}
        member = [] if any("_enum_" in one.get("properties", ()) for one in plain) else [_MEMBER]
        every = [*plain, *here, _MADE, *member, *(() if {"type": "string"} in plain else (hole,))]
        return {"anyOf": [one for index, one in enumerate(every) if one not in every[:index]]}

    def plain(self, type_: Type) -> Schema:
        """One type that is no union."""
        if type_.kind == "none":
            return {"type": "null"}
        if type_.kind == "literal":
            return {"enum": list(type_.args)} if all(isinstance(one, _VALUES) for one in type_.args) else _ANY
        if type_.kind in {"list", "set", "tuple"}:
            return self._items(type_)
        if type_.kind == "dict":
            return {"type": "object", "additionalProperties": self.place(type_.args[1]) if type_.args[1:] else _ANY}
        if type_.kind in {"callable", "type"}:
            return _MADE
        if type_.kind != "class":
            return _ANY
        return _SCALARS[type_.name] if type_.name in _SCALARS else self._instance(type_)

    def _items(self, type_: Type) -> Schema:
        args = [one for one in type_.args if one is not ...]
        if type_.kind == "tuple" and len(args) == len(type_.args) > 0:
            return {"type": "array", "minItems": len(args), "maxItems": len(args)}
        return {"type": "array", "items": self.place(args[0]) if args else _ANY}

    def _instance(self, type_: Type) -> Schema:
        found = self.catalogs.resolve(type_.name)
        if found is None or found.kind != "class" or found.path in _TAKES_PLAIN:
            return _ANY
        if is_enum(found, self.catalogs):
            if self.catalogs.ancestors(found.path).outside & {"str", "int", "enum.StrEnum", "enum.IntEnum"}:
                return _ANY
            names = members(found)  # by any path that leads to the class
            ends = {"type": "string", "pattern": rf"\.({'|'.join(names)})$"}
            return _closed({"_enum_": {**ends, "examples": [f"{found.path}.{name}" for name in names]}})
        line = self.catalogs.ancestors(found.path)
        loose = line.outside & {"TypedDict", "NamedTuple"} or self.assign.is_protocol(type_)
        return _ANY if loose or self.assign.is_called(type_) or not is_foundation(line) else _MADE


def _closed(places: Schema) -> Schema:
    return {"type": "object", "properties": places, "additionalProperties": False}


def _to(path: str) -> str:
    return f"#/$defs/{path.replace('~', '~0').replace('/', '~1')}"
