"""Whether an object of one type may stand where another is expected; what cannot be known may."""

from __future__ import annotations

from recipe_compiler.catalog.registry import Ancestors, Catalogs
from recipe_compiler.catalog.signature import is_enum
from recipe_compiler.catalog.types import ANY, Type, known

TAKEN = {"float": {"int", "float"}, "complex": {"int", "float"}, "path": {"path"}}
"""What stands for what: an integer is a number."""
_CLASS = "class"
_CONTAINERS = frozenset({"list", "dict", "tuple", "set"})
_PAIRS = frozenset({("tuple", "list"), ("list", "tuple"), ("set", "list"), ("dict", "list")})
_LEVELS = dict.fromkeys(("", "ABC", "Generic", "Protocol", "abc", "contextlib", "dataclasses", "enum", "object"), 0) | {
    "torch": 1,
    "pydantic": 1,
    "lightning": 2,
    "pytorch_lightning": 2,
}
"""Packages that others build on: a class derives from none of a higher level. What stands here not is on top."""
_TOP = 3


class Assign:
    """Types against types, with the catalogs that say what the names mean."""

    def __init__(self, catalogs: Catalogs) -> None:
        """Hold the catalogs."""
        self.catalogs = catalogs

    def may(self, made: Type, type_: Type) -> bool:
        """Whether a value of the type `made` may be one of `type_`."""
        if ANY in (made, type_):
            return True
        if made.kind == "union":
            return any(self.may(member, type_) for member in made.args)
        if type_.kind == "union":
            return any(self.may(made, member) for member in type_.args)
        if made.kind == _CLASS and made.name not in TAKEN and "." in made.name:
            return self._instance(made, type_)
        if made.kind == _CLASS and type_.kind == _CLASS:
            return made.name == type_.name or made.name in TAKEN.get(type_.name, ()) or type_.name == "object"
        if type_.kind == "callable":
            return made.kind in {"callable", "type"}
        if type_.kind == _CLASS and made.kind in {"callable", "type"}:
            return self.is_protocol(type_)
        if type_.kind == "type":  # a function is called as a class is
            return made.kind == "callable" or (made.kind == "type" and self._subclass(made, type_))
        if made.kind == "literal":
            return type_.kind in {"literal", _CLASS}
        return made.kind == type_.kind or (made.kind, type_.kind) in _PAIRS

    def may_return(self, made: Type, type_: Type) -> bool:
        """Whether what is said to return a `made` may return one of a class below it."""
        if type_.kind == "union":
            return any(self.may_return(made, member) for member in type_.args)
        if made.kind == "union":
            return any(self.may_return(member, type_) for member in made.args)
        if made.kind != _CLASS or type_.kind != _CLASS:
            return False
        line, wanted = self.catalogs.ancestors(made.name), self.catalogs.ancestors(type_.name)
        if made.name in wanted.paths:
            return True
        # NeMo's `tokenizer()` is said to return a LightningModule: of so general a class only its like is ruled out
        return _is_general(line) and not _is_general(wanted)

    def _instance(self, made: Type, type_: Type) -> bool:
        """Whether an instance of a catalogued class may be one of `type_`."""
        line = self.catalogs.ancestors(made.name)
        found = self.catalogs.resolve(made.name)
        if found is not None and is_enum(found, self.catalogs):
            return made.name == type_.name or (type_.kind == _CLASS and type_.name in line.outside)
        if any("metaclass" in one.entry.get("keywords", {}) for one in line.classes):
            return True
        if type_.kind == "callable":
            return not line.known or any("__call__" in one.entry for one in line.classes)
        if type_.kind == _CLASS:
            return type_.name in line.paths or self.is_protocol(type_) or not apart(line, type_)
        return type_.kind in _CONTAINERS and not is_foundation(line)

    def _subclass(self, made: Type, type_: Type) -> bool:
        if not made.args or not type_.args:
            return True
        wanted = known(type_.args[0], self.catalogs)
        return wanted.kind != _CLASS or self.may(made.args[0], wanted)

    def is_protocol(self, type_: Type) -> bool:
        """Whether the class is met by anything of the right shape."""
        found = self.catalogs.resolve(type_.name)
        return found is not None and "Protocol" in self.catalogs.ancestors(found.path).outside

    def is_called(self, type_: Type) -> bool:
        """Whether a protocol is that of a function: to be called and nothing else."""
        found = self.catalogs.resolve(type_.name)
        return (
            found is not None and self.is_protocol(type_) and "__call__" in found.entry and "fields" not in found.entry
        )


def _is_general(line: Ancestors) -> bool:
    """Whether this is a class of Lightning itself, from which a framework's own derive."""
    return bool(line.classes) and line.classes[0].path.startswith("lightning.")


def apart(line: Ancestors, type_: Type) -> bool:
    """Whether the bases outside the catalogs surely do not derive from `type_`: they lie below it."""
    return all(_level(name) < _level(type_.name) for name in line.outside)


def is_foundation(line: Ancestors) -> bool:
    """Whether all bases outside the catalogs are those of well-known packages: no text and no list is one."""
    return all(_level(name) < _TOP for name in line.outside)


def _level(name: str) -> int:
    return _LEVELS.get(name.partition("[")[0].partition(".")[0], _TOP)
