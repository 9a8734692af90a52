"""Annotations as data: what values they take, as far as that can be known without importing anything.

Unknown is never wrong: a name that no catalog has, a type variable or an odd expression takes anything.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any, NamedTuple

from recipe_compiler.catalog.registry import Catalogs


class Type(NamedTuple):
    """One type. `kind` is any, none, union, literal, callable, type, class, or a container.

    `args` are its parts: of a union its members, of a container its items' types, of a literal
    its values. `name` is the class's path, or a scalar's name.
    """

    kind: str
    args: tuple[Any, ...] = ()
    name: str = ""


ANY = Type("any")
NONE = Type("none")
CALLABLE = Type("callable")
SCALARS = ("bool", "int", "float", "str", "bytes", "path", "timedelta", "complex")
_NAMES = {
    **{name: Type("class", (), name) for name in ("bool", "int", "float", "str", "bytes", "complex")},
    "None": NONE,
    "pathlib.Path": Type("class", (), "path"),
    "pathlib.PurePath": Type("class", (), "path"),
    "pathlib.PosixPath": Type("class", (), "path"),
    "datetime.timedelta": Type("class", (), "timedelta"),
    "numbers.Number": Type("union", (Type("class", (), "float"), Type("class", (), "complex"))),
    "Callable": CALLABLE,
    "type": Type("type"),
    "Type": Type("type"),
}
_SEQUENCES = ("list", "List", "Sequence", "MutableSequence", "Iterable", "Collection", "Iterator")
_SETS = ("set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet")
_MAPPINGS = ("dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "collections.OrderedDict", "DefaultDict")
_CONTAINERS = {
    **dict.fromkeys(_SEQUENCES, "list"),
    **dict.fromkeys(_SETS, "set"),
    **dict.fromkeys(("tuple", "Tuple"), "tuple"),
    **dict.fromkeys(_MAPPINGS, "dict"),
}
_WRAPPERS = frozenset({"Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "dataclasses.InitVar", "Annotated"})
_BUILT = frozenset({"nemo_run.Config", "fiddle.Config", "nemo_run.config.Config"})
"""What the runner builds into the object itself."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Type:
    """The type that an annotation, with full names, stands for."""
    try:
        return _of(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return ANY


def _of(node: ast.expr) -> Type:
    if isinstance(node, ast.Constant):
        return NONE if node.value is None else ANY
    if isinstance(node, (ast.Name, ast.Attribute)):
        name = _dotted(node)
        if name in _CONTAINERS:
            return Type(_CONTAINERS[name], (), name)
        return _NAMES.get(name) or (Type("class", (), name) if "." in name else ANY)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return union((_of(node.left), _of(node.right)))
    if isinstance(node, ast.Subscript):
        return _subscript(_dotted(node.value), node.slice)
    return ANY


def _subscript(name: str, inside: ast.expr) -> Type:
    parts = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
    if name == "Union":
        return union(tuple(_of(part) for part in parts))
    if name == "Optional":
        return union((_of(inside), NONE))
    if name == "Literal":
        values = tuple(part.value for part in parts if isinstance(part, ast.Constant))
        return Type("literal", values) if len(values) == len(parts) else ANY
    if name in _WRAPPERS or name in _BUILT:
        return _of(parts[0])
    if name == "Callable":
        return CALLABLE
    if name in {"type", "Type"}:
        return Type("type", (_of(inside),))
    if name in _CONTAINERS:
        items = tuple(_item(part) for part in parts)
        if _CONTAINERS[name] == "tuple" and len(items) == 1:
            items = (*items, ...)  # `Tuple[float]` is one float, and nearly always written for any number of them
        return Type(_CONTAINERS[name], items, name)
    return Type("class", (), name) if "." in name else ANY


def _item(part: ast.expr) -> Any:  # noqa: ANN401  a type, or `...`
    return ... if isinstance(part, ast.Constant) and part.value is ... else _of(part)


def union(members: tuple[Type, ...]) -> Type:
    """The type of a value that any of these takes."""
    flat = [one for member in members for one in (member.args if member.kind == "union" else (member,))]
    if ANY in flat:
        return ANY
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else Type("union", tuple(flat))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def known(type_: Type, catalogs: Catalogs, depth: int = 0) -> Type:
    """The type with aliases of the catalogs followed; a class that no catalog has takes anything."""
    if depth or type_.kind != "class":  # no literals as keys: 1 and True are one
        return _known(type_, catalogs, depth)
    if type_ not in catalogs.types:
        catalogs.types[type_] = _known(type_, catalogs, 0)
    made: Type = catalogs.types[type_]
    return made


def _known(type_: Type, catalogs: Catalogs, depth: int) -> Type:
    if depth > 8:
        return ANY
    if type_.kind == "union":
        return union(tuple(known(member, catalogs, depth + 1) for member in type_.args))
    if type_.kind != "class" or type_.name in SCALARS:
        return type_
    found = catalogs.resolve(type_.name)
    if found is None or found.kind in {"module", "function"}:
        return ANY
    if found.kind == "class":
        return Type("class", (), found.path)
    return known(parse(found.entry["is"]), catalogs, depth + 1) if "is" in found.entry else ANY


_WORDS = {
    "bool": "true or false",
    "int": "an integer",
    "float": "a number",
    "str": "text",
    "bytes": "bytes",
    "path": "a path",
    "timedelta": "a duration",
    "complex": "a complex number",
    "list": "a list",
    "set": "a set",
    "tuple": "a list",
    "dict": "a mapping",
    "callable": "a function",
    "type": "a class",
    "none": "null",
}


def words(type_: Type) -> str:
    """The type for people: `an integer`, `one of 'a', 'b'`, `a NeMoLogger`."""
    if type_.kind == "union":
        shown = list(dict.fromkeys(words(member) for member in type_.args))
        return ", ".join(shown[:-1]) + f" or {shown[-1]}" if len(shown) > 1 else shown[0]
    if type_.kind == "literal":
        return ("one of " if len(type_.args) > 1 else "") + ", ".join(repr(value) for value in type_.args)
    if type_.kind == "class" and type_.name not in _WORDS:
        name = type_.name.rpartition(".")[2]
        return f"{'an' if name[0] in 'AEIOU' else 'a'} `{name}`"
    return _WORDS.get(type_.name if type_.kind == "class" else type_.kind, "a value")
