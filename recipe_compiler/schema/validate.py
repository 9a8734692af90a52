"""Any tree against any pydantic model; every pydantic error becomes a diagnostic with a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from recipe_compiler.diag import Diagnostic, Diagnostics, Fix, Label, Route, did_you_mean, route_text, visible
from recipe_compiler.schema.fields import kind
from recipe_compiler.syntax import Json, Node, find, label, plain


class Model(BaseModel):
    """What all our models are: strict, frozen, and closed to unknown keys."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "int": "an integer",
    "string": "text",
    "bool": "true or false",
    "float": "a number",
    "dict": "a mapping",
    "list": "a list",
    "tuple": "a list",
    "model": "a mapping",
}
_EMPTY = {"a mapping": "`{}`", "a list": "`[]`"}
_MAX_HELPED = 100
"""Findings for which a similar key is looked for; fewer are shown."""
_REMOVE = "remove it, or use a known key"


def validate(model: type[M], root: Node, at: Route = (), data: Json = None) -> tuple[M | None, Diagnostics]:
    """`model` made from the tree at `at`, or every reason why not.

    `data` is the plain data of that tree where the caller has it already.
    Emits: RCP201-RCP204, RCP206, RCP208, RCP209, and the codes of the field types.
    """
    if data is None:
        node, found = find(root, at)
        data = plain(node) if found == at else {}
    try:
        return model.model_validate(data), ()
    except ValidationError as error:
        found_all = error.errors(include_url=False, include_input=True)
    return None, tuple(_unique(_diagnostic(model, root, at, item, number) for number, item in enumerate(found_all)))


def _unique(items: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """One finding a place: a union reports each of its branches."""
    seen = set()
    for item in items:
        place = (item.route, item.code == "RCP201")
        if place not in seen:
            seen.add(place)
            yield item


def _diagnostic(model: type[BaseModel], root: Node, at: Route, error: ErrorDetails, number: int) -> Diagnostic:
    route = _real_route(root, (*at, *error["loc"]), missing=error["type"] == "missing")
    name = _shown(route)
    kind_of = error["type"]
    context = error.get("ctx", {})
    if kind_of == "extra_forbidden":
        return _unknown_key(model, root, route, at, number)
    if kind_of == "missing":
        parent = _shown(route[:-1])
        message = f"`{route[-1]}` is missing" + (f" in `{parent}`" if parent else "")
        return Diagnostic(
            "RCP208", message, label(root, route, "not set here"), help=f"add `{route[-1]}:`", route=route
        )
    where = label(root, route)
    if kind_of.startswith("RCP"):
        said, help_ = str(context["message"]), str(context["help"])
        return Diagnostic(kind_of, f"`{name}`: {said}", where, help=help_, route=route)
    if kind_of in {"literal_error", "enum"}:
        value = where.span.text.strip("\"'")
        options = [part.strip().strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = did_you_mean(value, options)
        help_ = (f"did you mean `{near}`? " if near else "") + f"one of: {', '.join(options)}"
        return Diagnostic("RCP209", f"`{name}` cannot be `{visible(value, 60)}`", where, help=help_, route=route)
    if (least := context.get("min_length")) is not None:
        message = f"`{name}` must have at least {least} {'item' if least == 1 else 'items'}"
        return Diagnostic("RCP203", message, where, help="add what is missing", route=route)
    if (most := context.get("max_length")) is not None:
        what = "characters" if isinstance(error["input"], str) else "items"
        message = f"`{name}` must have at most {most} {what}"
        return Diagnostic("RCP203", message, where, help="write less", route=route)
    if (limit := _limit(context)) is not None:
        message = f"`{name}` must be {limit}, and is {visible(str(error['input']), 40)}"
        return Diagnostic("RCP203", message, where, help=f"write {limit}", route=route)
    wanted = str(context.get("what", "")) or _EXPECTED.get(kind_of.removesuffix("_type").removesuffix("_parsing"))
    if wanted is None:
        return Diagnostic("RCP202", f"`{name}`: {_lower(error['msg'])}", where, help="see the schema", route=route)
    where = Label(where.span, f"expected {wanted}, found {kind(error['input'])}")
    help_ = str(context.get("help", "")) or _conversion(wanted, error["input"], where.span.text)
    return Diagnostic("RCP202", f"`{name}` must be {wanted}", where, help=help_, route=route)


def _shown(route: Route) -> str:
    return visible(route_text(route), 120)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _limit(context: Mapping[str, Any]) -> str | None:
    """The limit that a value is over or under, in words."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = [f"{word} {context[key]}" for key, word in words.items() if key in context]
    return " and ".join(limits) or None


def _conversion(wanted: str, value: Any, written: str) -> str:  # noqa: ANN401  a value of any type
    """What to write for `value` where `wanted` is needed; `written` is the text in the file."""
    if value is None:
        return f"write {_EMPTY.get(wanted, wanted)}, or remove the key"
    if wanted == "text" and isinstance(value, (bool, int, float)):
        return f'write `"{visible(written, 60)}"`'
    if wanted == "an integer" and isinstance(value, float) and value.is_integer():
        return f"write `{int(value)}`" if abs(value) < 1e15 else "write an integer"
    if wanted == "an integer" and isinstance(value, str) and value.isdecimal():
        return f"write `{visible(value, 60)}` without quotes"
    if wanted == "a list" and isinstance(value, str):
        return f"write `[{visible(written, 60)}]`"
    return f"write {wanted}"


def _real_route(root: Node, loc: tuple[int | str, ...], *, missing: bool) -> Route:
    """`loc` less the parts pydantic adds: union tags and branch names that the tree does not have."""
    route: Route = ()
    for index, part in enumerate(loc):
        node, _ = find(root, (*route, part))
        if find(root, (*route, part))[1] == (*route, part) or (missing and index == len(loc) - 1 and node):
            route = (*route, part)
    return route


def _unknown_key(model: type[BaseModel], root: Node, route: Route, at: Route, number: int) -> Diagnostic:
    key = str(route[-1])
    parent = _shown(route[:-1])
    where = label(root, route, f"not a key of `{parent}`" if parent else "not a key of this file", key=True)
    message = f"unknown key `{visible(key, 80)}`" + (f" in `{parent}`" if parent else "")
    if number >= _MAX_HELPED:
        return Diagnostic("RCP201", message, where, help=_REMOVE, route=route)
    known = _fields_at(model, route[len(at) : -1])
    notes = (f"known keys: {', '.join(known)}",) if known else ()
    near = did_you_mean(key, known)
    if near is not None:
        help_, fix = f"a key with a similar name exists: `{near}`", Fix(where.span, near, "unsafe")
        return Diagnostic("RCP201", message, where, notes=notes, help=help_, fix=fix, route=route)
    inside = [name for name in known if key in _fields_at(model, (*route[len(at) : -1], name))]
    help_ = f"`{key}` is a key of `{_shown((*route[:-1], inside[0]))}`: write it there" if inside else _REMOVE
    return Diagnostic("RCP201", message, where, notes=notes, help=help_, route=route)


def _fields_at(model: type[BaseModel], route: Route) -> list[str]:
    """The keys that the model takes at `route`, below any Optional, list or mapping."""
    annotation: Any = model
    for part in route:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = next((f for name, f in annotation.model_fields.items() if part in (name, f.alias)), None)
            annotation = field.annotation if field else None
        if not (isinstance(part, int)):
            annotation = _inner(annotation)
    annotation = _inner(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        own = [field.alias or name for name, field in annotation.model_fields.items()]
        return [*own, *getattr(annotation, "ELSEWHERE", ())]
    return []


def _inner(annotation: Any) -> Any:  # noqa: ANN401  annotations have no type
    """The model inside an annotation such as `tuple[Bind, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for arg in get_args(annotation):
        inner = _inner(arg)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return annotation
