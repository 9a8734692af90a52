"""Relations between arguments and resources, as data beside a catalog: `catalogs/NAME.constraints.yaml`.

A constraint is of a family of functions. Its names are paths from the arguments of such a call into
nested calls and their `_overrides_`; what is not set has its default where the source gives a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from recipe_compiler.catalog.registry import Catalogs
from recipe_compiler.catalog.signature import signature
from recipe_compiler.diag import Route
from recipe_compiler.forms import assignments, is_plain_mapping
from recipe_compiler.schema import Model
from recipe_compiler.schema.fields import Text, Version, wrong
from recipe_compiler.syntax import Node

FACTS = ("nodes", "gpus_per_node", "gpus")
"""Names that every constraint has: what the job asks for. `gpus` is of all nodes."""
Names = Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]


class Constraint(Model):
    """One relation. Of `divides`, `equal` and `at_most` it has one; a list of names means their product."""

    functions: Names
    """Patterns of full paths, `*` for any part: where a function is defined, or by which it is named."""
    let: dict[Text, Names] = {}
    """What a name stands for: paths such as `trainer.num_nodes`; the first that is known counts."""
    divides: Names | None = None
    """The product of these divides that of `into`."""
    into: Names | None = None
    equal: Annotated[tuple[Text, Text], Field(strict=False)] | None = None
    at_most: Annotated[tuple[Text, Text], Field(strict=False)] | None = None
    about: Literal["parallelism", "batch", "resources"]
    why: Text

    @model_validator(mode="after")
    def _one_relation(self) -> Constraint:
        given = [name for name in ("divides", "equal", "at_most") if getattr(self, name) is not None]
        if len(given) != 1 or (self.divides is None) != (self.into is None):
            message = "a constraint says one of `divides` with `into`, `equal`, `at_most`"
            raise wrong("RCP202", message, "write `divides: [tp, pp]` and `into: [gpus]`")
        unknown = [name for name in self.names if name not in self.let and name not in FACTS]
        if unknown:
            message = f"`{unknown[0]}` is not under `let`"
            raise wrong("RCP202", message, f"add it there, or use one of {', '.join(FACTS)}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the relation uses."""
        return tuple(
            dict.fromkeys((*(self.divides or ()), *(self.into or ()), *(self.equal or ()), *(self.at_most or ())))
        )

    def is_for(self, *paths: str) -> bool:
        """Whether it is about a function that has these paths."""
        return _named(self.functions, paths)


@lru_cache(maxsize=4096)  # the same few functions in every recipe of a run
def _named(patterns: tuple[str, ...], paths: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for path in paths for pattern in patterns)


class Constraints(Model):
    """What `NAME.constraints.yaml` says."""

    recipec: Version = 1
    constraints: Annotated[tuple[Constraint, ...], Field(strict=False)] = ()


class Value(NamedTuple):
    """A number of a recipe: where it is set, or that it is the default of a parameter."""

    number: int
    route: Route | None = None
    node: Node | None = None


def number_at(node: Node, route: Route, path: tuple[str, ...], catalogs: Catalogs) -> Iterator[Value]:
    """The number that `path` leads to from the call at `route`, if it is known; at most one."""
    value = node.value
    if not path:
        if type(value) is int:
            yield Value(value, route, node)
        return
    if not isinstance(value, dict):
        return
    step, rest = path[0], path[1:]
    overrides = value.get("_overrides_")
    if overrides is not None and is_plain_mapping(overrides):
        for at, way, child in assignments(overrides, (*route, "_overrides_")):
            if way == path and type(child.value) is int:
                yield Value(child.value, at, child)
                return
    if step in value:
        yield from number_at(value[step], (*route, step), rest, catalogs)
    elif not rest and "_target_" in value:
        yield from default(str(value["_target_"].value), step, catalogs)


def default(function: str, name: str, catalogs: Catalogs) -> Iterator[Value]:
    """The default of a parameter, where it is a whole number."""
    found = catalogs.resolve(function)
    made = signature(found, catalogs) if found is not None else None
    param = made.named.get(name) if made is not None and made.known else None
    if param is not None and param.default is not None and param.default.isdecimal():
        yield Value(int(param.default))


def product(names: tuple[str, ...], values: Mapping[str, Value]) -> int | None:
    """The product of names; None where one is not known."""
    result = 1
    for name in names:
        if name not in values:
            return None
        result *= values[name].number
    return result


def holds(constraint: Constraint, values: Mapping[str, Value]) -> bool:
    """Whether the relation holds, or cannot be told.

    A divisor that is not known counts as 1: whatever it is, the others must divide too.
    """
    if constraint.divides is not None and constraint.into is not None:
        known = tuple(name for name in constraint.divides if name in values)
        divisor, whole = product(known, values), product(constraint.into, values)
        return whole is None or divisor is None or divisor == 0 or whole % divisor == 0
    left, right = constraint.equal or constraint.at_most or ("", "")
    if left not in values or right not in values:
        return True
    one, two = values[left].number, values[right].number
    return one == two if constraint.equal else one <= two
