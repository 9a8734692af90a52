"""What a parameter takes, by its annotation and by its default.

Some annotations are contradicted by the default beside them (`init_method_std: int = 0.02`): then the
default is right, as it is what runs, and values of its kind are taken too.
"""

from __future__ import annotations

import ast
from typing import Any

from recipe_compiler.catalog.registry import Catalogs
from recipe_compiler.catalog.types import ANY, NONE, SCALARS, Type, known, parse, union

_CLASSES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "int": int,
    "float": (int, float),
    "complex": (int, float, complex),
    "str": str,
    "bytes": bytes,
}
_CONTAINERS: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "dict": dict}


def declared(text: str, default: str | None, catalogs: Catalogs) -> Type:
    """The type of a parameter or a field. `text`: its annotation, `default`: as the source has it."""
    key = (text, default)
    if key not in catalogs.types:
        catalogs.types[key] = _declared(text, default, catalogs)
    made: Type = catalogs.types[key]
    return made


def _declared(text: str, default: str | None, catalogs: Catalogs) -> Type:
    type_ = known(parse(text), catalogs) if text else ANY
    if default is None or type_ == ANY:
        return type_
    try:
        value = ast.literal_eval(default)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return type_
    return type_ if value is ... or _takes(type_, value, catalogs) else union((type_, _of(value)))


def _takes(type_: Type, value: Any, catalogs: Catalogs) -> bool:  # noqa: ANN401  any literal
    type_ = known(type_, catalogs)
    if type_.kind == "union":
        return any(_takes(one, value, catalogs) for one in type_.args)
    if type_.kind == "literal":
        return any(value == one and type(value) is type(one) for one in type_.args)
    if type_.kind == "class" and type_.name in _CLASSES:
        return isinstance(value, _CLASSES[type_.name]) and (type_.name == "bool" or not isinstance(value, bool))
    if type_.kind in _CONTAINERS:
        return isinstance(value, _CONTAINERS[type_.kind]) and _items(type_, value, catalogs)
    return type_ == ANY or (type_ == NONE and value is None)


def _items(type_: Type, value: Any, catalogs: Catalogs) -> bool:  # noqa: ANN401  any container
    args = type_.args
    if not args:
        return True
    if type_.kind == "dict":
        return len(args) != 2 or all(_takes(args[1], one, catalogs) for one in value.values())
    if type_.kind == "tuple" and args[-1] is not ...:
        return len(args) == len(value) and all(map(_takes, args, value, [catalogs] * len(args)))
    return all(_takes(args[0], one, catalogs) for one in value)


def _of(value: Any) -> Type:  # noqa: ANN401  any literal
    """The type of a literal, as loose as can be."""
    if value is None:
        return NONE
    name = type(value).__name__
    return Type("class", (), name) if name in SCALARS else Type(name if name in _CONTAINERS else "any")
