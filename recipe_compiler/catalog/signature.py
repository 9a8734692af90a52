"""What a call takes: the parameters of a function, or of the constructor that a class has or inherits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from recipe_compiler.catalog.registry import Ancestors, Catalogs, Found

_KEEPING = frozenset(
    {
        "abc.abstractmethod",
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "deprecated",
        "final",
        "fiddle.experimental.auto_config.auto_config",
        "functools.cache",
        "functools.lru_cache",
        "functools.wraps",
        "nemo_run.autoconvert",
        "nemo_run.cli.entrypoint",
        "nemo_run.cli.factory",
        "no_type_check",
        "torch.compile",
        "torch.distributed.elastic.multiprocessing.errors.record",
        "torch.inference_mode",
        "torch.jit.script",
        "torch.no_grad",
        "warnings.deprecated",
    }
)
"""Decorators that leave a function's parameters as they are."""
MARKER = "recipe_entrypoint"
"""The decorator with which a package marks a function that recipes may name."""
_PYDANTIC = frozenset({"pydantic.BaseModel", "pydantic_settings.BaseSettings"})
_GENERATED = ("attr.", "attrs.")
_PLAIN_BASES = frozenset(
    {
        "lightning.pytorch.Callback",
        "lightning.pytorch.LightningDataModule",
        "lightning.pytorch.LightningModule",
        "lightning.pytorch.callbacks.Callback",
        "lightning.pytorch.callbacks.callback.Callback",
        "torch.nn.Module",
    }
)
"""Bases that add no field to a dataclass, catalogued or not."""
_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag", "Enum"})


class Param(NamedTuple):
    """One parameter. `kind` is empty, `positional-only`, `*`, `keyword-only` or `**`; no default: required."""

    name: str
    kind: str = ""
    type: str = ""
    default: str | None = None
    doc: str = ""

    @property
    def shown(self) -> str:
        """`warmup: int = 0`, as the source has it."""
        star = self.kind if self.kind[:1] == "*" else ""
        type_ = f": {short(self.type)}" if self.type else ""
        return f"{star}{self.name}{type_}" + ("" if self.default is None else f" = {self.default or '…'}")


class Signature(NamedTuple):
    """The parameters of a call. `known` is false where they cannot be told from the source."""

    path: str
    at: str
    params: tuple[Param, ...] = ()
    known: bool = True
    extra: frozenset[str] = frozenset()
    """Names that `**kwargs` passes on to a base class, which takes them."""

    @property
    def named(self) -> dict[str, Param]:
        """The parameters that can be given by name."""
        return {param.name: param for param in self.params if param.kind in {"", "keyword-only"}}

    @property
    def positional(self) -> list[Param]:
        """The parameters that can be given by place."""
        return [param for param in self.params if param.kind in {"", "positional-only"}]

    def has(self, kind: str) -> bool:
        """Whether there is a `*args` or a `**kwargs`."""
        return any(param.kind == kind for param in self.params)


def short(text: str) -> str:
    """An annotation without the packages: `Optional[NeMoLogger]`."""
    import re  # noqa: PLC0415  for messages alone

    return re.sub(r"(?:\w+\.)+(\w+)", r"\1", text)


def signature(found: Found, catalogs: Catalogs) -> Signature | None:
    """What calling the definition takes; None where it is not a function or a class."""
    if found.path not in catalogs.signatures:
        catalogs.signatures[found.path] = _signature(found, catalogs)
    made: Signature | None = catalogs.signatures[found.path]
    return made


def _signature(found: Found, catalogs: Catalogs) -> Signature | None:
    entry = found.entry
    if found.kind == "function":
        if entry.get("varies"):
            return Signature(found.path, entry["at"], known=False)
        known = not is_stub(found) and all(_keeps(name, catalogs) for name in entry.get("decorators", ()))
        return Signature(found.path, entry["at"], _unpacked(_params(entry.get("params", ())), catalogs), known=known)
    return _constructor(found, catalogs) if found.kind == "class" else None


def is_stub(found: Found) -> bool:
    """Whether only a stub describes it: what is compiled may take other names and other values too."""
    return str(found.entry["at"]).partition(":")[0].endswith(".pyi")


def _keeps(name: str, catalogs: Catalogs) -> bool:
    """Whether a decorator leaves the parameters as they are: one of the known, or one whose source says so."""
    if name in _KEEPING or name.rpartition(".")[2] == MARKER:
        return True
    found = catalogs.resolve(name)
    return found is not None and found.entry.get("passes", False)


def is_marked(found: Found) -> bool:
    """Whether the source marks the definition as an entry point of recipes."""
    return any(name.rpartition(".")[2] == MARKER for name in found.entry.get("decorators", ()))


def _params(rows: Iterable[dict[str, Any]]) -> tuple[Param, ...]:
    return tuple(Param(**row) for row in rows)


def _unpacked(params: tuple[Param, ...], catalogs: Catalogs) -> tuple[Param, ...]:
    """`**kwargs: Unpack[SomeTypedDict]` as the names that it takes."""
    last = params[-1] if params else None
    if last is None or last.kind != "**" or not last.type.startswith("Unpack["):
        return params
    found = catalogs.resolve(last.type[len("Unpack[") : -1])
    if found is None or found.kind != "class" or not catalogs.ancestors(found.path).known:
        return params
    line = catalogs.ancestors(found.path)
    total = all(one.entry.get("keywords", {}).get("total") != "False" for one in line.classes)
    fields = tuple(
        Param(field["name"], "keyword-only", field["type"], None if total else "", field.get("doc", ""))
        for one in reversed(line.classes)
        for field in one.entry.get("fields", ())
        if "type" in field and field["name"] not in {param.name for param in params}
    )
    return params[:-1] + fields


def _constructor(found: Found, catalogs: Catalogs) -> Signature:
    line = catalogs.ancestors(found.path)
    at = found.entry["at"]
    for index, one in enumerate(line.classes):
        entry = one.entry
        if entry.get("varies") or (line.outside & _ENUMS):
            return Signature(found.path, at, known=False)
        if any(name.startswith(_GENERATED) for name in entry.get("decorators", ())):
            return Signature(found.path, at, known=False)
        if "__init__" in entry:
            params = _unpacked(_params(entry["__init__"]), catalogs)
            return Signature(found.path, at, params, extra=_passed_on(line, index, params))
        if is_dataclass(one) or line.outside & _PYDANTIC:
            return _from_fields(found, line)
        if "NamedTuple" in line.outside or "TypedDict" in line.outside:
            params = tuple(_field(field) for field in entry.get("fields", ()) if "type" in field)
            if "TypedDict" in line.outside:  # a dict of them when it runs: none is required
                params = tuple(param._replace(kind="keyword-only", default="") for param in params)
            return Signature(found.path, at, params)
        if "__new__" in entry or _odd(entry):
            return Signature(found.path, at, _params(entry.get("__new__", ())), known="__new__" in entry)
    return Signature(found.path, at, known=line.known)


def _odd(entry: dict[str, Any]) -> bool:
    """Whether something other than the class's own text may make its constructor."""
    return bool(entry.get("decorators")) or "metaclass" in entry.get("keywords", {})


def is_dataclass(found: Found) -> bool:
    """Whether the decorator of dataclasses makes its constructor."""
    return any(name.rpartition(".")[2] == "dataclass" for name in found.entry.get("decorators", ()))


def _passed_on(line: Ancestors, index: int, params: tuple[Param, ...]) -> frozenset[str]:
    """What `**kwargs` may hand to the constructors of the bases."""
    if not any(param.kind == "**" for param in params):
        return frozenset()
    return frozenset(
        str(row["name"])
        for one in line.classes[index + 1 :]
        for row in (*one.entry.get("__init__", ()), *one.entry.get("fields", ()))
    )


def _field(field: dict[str, Any]) -> Param:
    options = field.get("options", {})
    kind = "keyword-only" if options.get("kw_only") else ""
    return Param(
        str(options.get("alias", field["name"])), kind, field["type"], field.get("default"), field.get("doc", "")
    )


def _from_fields(found: Found, line: Ancestors) -> Signature:
    """The constructor of a dataclass or of a pydantic model: its fields, those of its bases first."""
    pydantic = bool(line.outside & _PYDANTIC)
    fields: dict[str, dict[str, Any]] = {}
    for one in reversed(line.classes):
        if not (pydantic or is_dataclass(one)):
            continue
        for field in one.entry.get("fields", ()):
            if "type" in field:
                fields[field["name"]] = field
            elif field["name"] in fields:  # a bare `x = 1` below an annotated field changes its default
                fields[field["name"]] = {**fields[field["name"]], "default": field.get("default")}
    params = tuple(
        _field(field)
        for field in fields.values()
        if not field["type"].startswith("ClassVar") and field["type"] != "dataclasses.KW_ONLY"
        if field.get("options", {}).get("init", True) and not (pydantic and field["name"] == "model_config")
    )
    known = not line.outside - _PYDANTIC - _PLAIN_BASES - {"object", "Generic", "Protocol", "abc.ABC", "ABC"}
    loose = pydantic and any(
        "extra" in field.get("default", "")
        for one in line.classes
        for field in one.entry.get("fields", ())
        if field["name"] == "model_config"
    )
    return Signature(found.path, found.entry["at"], params, known=known and not loose)


def members(found: Found) -> list[str]:
    """The members of an enum: what its class assigns."""
    return [field["name"] for field in found.entry.get("fields", ()) if "default" in field and field["name"][0] != "_"]


def is_enum(found: Found, catalogs: Catalogs) -> bool:
    """Whether the class is an enumeration."""
    return found.kind == "class" and bool(catalogs.ancestors(found.path).outside & _ENUMS)
