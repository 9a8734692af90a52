"""What a recipe says, typed. The language reference is `docs/language.md`."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from recipe_compiler.schema.fields import (
    DirectiveWord,
    Duration,
    FunctionPath,
    Memory,
    ModulePath,
    Name,
    Text,
    Version,
    expected,
)
from recipe_compiler.schema.validate import Model


def _section(value: Any) -> Any:  # noqa: ANN401  a validator takes anything
    """`torchrun` is short for `{kind: torchrun}`; what is not `kind` is an option of that kind."""
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, dict):
        kind = {"kind": value["kind"]} if "kind" in value else {}
        return {**kind, "options": {k: v for k, v in value.items() if k != "kind"}}
    raise expected("a name or a mapping")


class Section(Model):
    """A choice among plugins, and its options, which the plugin's own model validates."""

    kind: Text
    options: dict[str, Any] = {}


SectionField = Annotated[Section, BeforeValidator(_section, json_schema_input_type=str | dict[str, Any])]


class Resources(Model):
    """What the job asks of the cluster. What is not set comes from the cluster's defaults."""

    nodes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    gpus_per_node: Annotated[int, Field(ge=0, le=1024)] | None = None
    cpus_per_node: Annotated[int, Field(ge=1, le=65_536)] | None = None
    mem_per_node: Memory | None = None
    """In MiB; written with a unit: `64G`."""
    time: Duration | None = None
    """In seconds; written `H:MM:SS`, `D-HH:MM:SS` or with units."""
    partition: Text | None = None
    account: DirectiveWord | None = None
    qos: DirectiveWord | None = None


class Sweep(Model):
    """The axes of a sweep. A key is a route such as `args.lr`; `lr` alone means `args.lr`."""

    grid: dict[Text, Any] = {}
    """Every combination of the values of its keys."""
    zip: dict[Text, Any] = {}
    """The first value of each key together, then the second, and so on."""
    points: tuple[dict[str, Any], ...] = Field(default=(), strict=False)
    """Points written out; `name` in one is its name."""
    exclude: tuple[dict[Text, Any], ...] = Field(default=(), strict=False)
    """Points that have all of these values are left out."""
    include: tuple[dict[Text, Any], ...] = Field(default=(), strict=False)
    """Values for the points of `grid` and `zip` that they do not contradict; else a point of their own."""
    max_parallel: Annotated[int, Field(ge=1)] | None = None
    """How many run at once; the cluster's limit when not set."""


def _argv(value: object) -> object:
    """Words of a command line: texts, and numbers as they are written."""
    if isinstance(value, list):
        return tuple(str(one) if type(one) in {int, float} else one for one in value)
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_argv, json_schema_input_type=list[str | int | float])]


def _path(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


class Script(Model):
    """A file of the project, or text, that each rank runs."""

    path: Annotated[Text, Field(max_length=1024)] | None = None
    """Relative to the recipe."""
    inline: Text | None = None
    interpreter: Literal["bash", "python"] | None = None
    """Default: python for a path that ends in `.py`, else bash."""
    argv: Words = ()


class Module(Model):
    """A Python module that each rank runs, as `python -m` does."""

    name: ModulePath
    argv: Words = ()


def _module(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Recipe(Model):
    """One recipe: a function, its arguments, and what the job needs."""

    ELSEWHERE: ClassVar[tuple[str, ...]] = ("extends",)
    """Keys that are read before the recipe is validated."""

    recipec: Version = 1
    """The version of the language."""
    name: Name
    description: str = ""
    function: FunctionPath | None = None
    command: Annotated[Words, Field(min_length=1)] | None = None
    """Instead of `function`: a program and its arguments, run by each rank."""
    module: Annotated[Module, BeforeValidator(_module, json_schema_input_type=str | Module)] | None = None
    script: Annotated[Script, BeforeValidator(_path, json_schema_input_type=str | Script)] | None = None
    args: dict[str, Any] = {}
    vars: dict[str, Any] = {}
    """Values to refer to: `${vars.name}`."""
    broadcast: dict[Text, Any] = {}
    """Values for every argument of that name, at every depth."""
    walk: dict[Text, Text] = {}
    """Expressions for every number of that name, such as `value * 2`."""
    resources: Resources = Resources()
    launcher: SectionField | None = None
    container: Text | None = None
    """The name of an image in the cluster profile, or `none`."""
    sweep: Sweep | None = None
    env: dict[str, str] = {}
    secrets: tuple[Text, ...] = Field(default=(), strict=False)
    """Names only; the cluster profile says where the values lie."""
