"""A cluster profile: what one machine has, its defaults and what it permits, as data.

Profiles belong to the execution team. They are read from `clusters/*.yaml` beside the project
file, and checked as strictly as a recipe.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from recipe_compiler.diag import visible
from recipe_compiler.policy import FunctionPattern, Policy
from recipe_compiler.schema import Model, SectionField
from recipe_compiler.schema.fields import (
    AbsolutePath,
    DirectiveWord,
    Duration,
    Memory,
    Name,
    PlainPath,
    Text,
    Version,
    wrong,
)

_MODULE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def _bind(value: Any) -> Any:  # noqa: ANN401  a validator takes anything
    """`/a:/b:ro` is short for `{source: /a, target: /b, mode: ro}`."""
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) == 1:
        return {"source": value, "target": value}
    if len(parts) == 2 and parts[1] in {"ro", "rw"}:
        return {"source": parts[0], "target": parts[0], "mode": parts[1]}
    keys = ("source", "target", "mode")
    if len(parts) > len(keys):
        raise wrong("RCP605", f"`{value}` is not a bind", "write `/host/path:/path/inside:ro`, or a mapping")
    return dict(zip(keys, parts, strict=False))


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.match(value):
        message = f"`{visible(str(value), 80)}` is not a sha256 digest"
        raise wrong("RCP202", message, "write the 64 hex digits that `sha256sum FILE` prints")
    return value


def _module(value: object) -> str:
    if not isinstance(value, str) or not _MODULE_NAME.match(value):
        message = f"`{visible(str(value), 80)}` is not a module name"
        raise wrong("RCP202", message, "write a name as `module load` takes it, such as `cuda/12.4`")
    return value


class Bind(Model):
    """A folder of the node that the container sees."""

    source: AbsolutePath
    target: AbsolutePath
    mode: Literal["ro", "rw"] = "ro"


CatalogNames = Annotated[tuple[Name, ...], Field(strict=False)]


class Image(Model):
    """A container image by name: where it lies on the cluster and what it must be."""

    path: AbsolutePath
    sha256: Annotated[str, PlainValidator(_sha256)]
    catalogs: CatalogNames | None = None
    """The catalogs of what the image has; the cluster's when not set."""


class Partition(Model):
    """A queue and its limits. A limit that is not set is not checked."""

    max_time: Duration | None = None
    max_nodes: Annotated[int, Field(ge=1)] | None = None
    gpus_per_node: Annotated[int, Field(ge=0)] | None = None
    cpus_per_node: Annotated[int, Field(ge=1)] | None = None
    mem_per_node: Memory | None = None


class Defaults(Model):
    """What a recipe gets that does not say otherwise."""

    partition: Text | None = None
    account: DirectiveWord | None = None
    qos: DirectiveWord | None = None
    nodes: Annotated[int, Field(ge=1)] = 1
    gpus_per_node: Annotated[int, Field(ge=0)] = 0
    cpus_per_node: Annotated[int, Field(ge=1)] | None = None
    mem_per_node: Memory | None = None
    time: Duration = 3600
    launcher: SectionField | None = None
    container: Text = "none"
    """The name of an image, or `none`."""


class Cluster(Model):
    """One machine: `clusters/NAME.yaml`."""

    cluster: Version = 1
    """The version of the profile format."""
    name: Name
    description: str = ""
    target: SectionField
    runs_dir: PlainPath | None = None
    """Where jobs write: one folder a job, seen by all nodes and by the submitting machine."""
    container: SectionField | None = None
    """The container runtime and its options, for images of `images`."""
    images: dict[str, Image] = {}
    binds: tuple[Annotated[Bind, BeforeValidator(_bind)], ...] = Field(default=(), strict=False)
    partitions: dict[DirectiveWord, Partition] = {}
    accounts: Annotated[tuple[DirectiveWord, ...], Field(strict=False)] | None = None
    """The accounts a recipe may name; any when not set."""
    defaults: Defaults = Defaults()
    modules: tuple[Annotated[str, PlainValidator(_module)], ...] = Field(default=(), strict=False)
    env: dict[str, str] = {}
    env_allow: tuple[Text, ...] = Field(default=(), strict=False)
    """Environment names, or prefixes ending in `*`, that a recipe may set."""
    functions: tuple[FunctionPattern, ...] = Field(default=(), strict=False)
    """The functions that may be named: exact paths, `package.*`, or `*`."""
    raw_jobs: bool = False
    """Whether recipes may say `command`, `script` or `module` instead of a function."""
    catalogs: CatalogNames | None = None
    """The catalogs of what jobs find; with it, a function that is in none needs its exact name in `functions`."""
    secrets: dict[str, AbsolutePath] = {}
    """Where a secret's value lies on the nodes: a file with the value alone."""
    schemes: tuple[Text, ...] = Field(default=(), strict=False)
    """URL schemes, beside local paths, at which recipes and bundles may lie."""
    policy: Policy = Field(default_factory=Policy)
    """Limits, and what is required, forbidden or locked: `recipe_compiler.policy`."""


LOCAL = """\
cluster: 1
name: local
description: this machine, no scheduler and no container
target: local
functions: ["*"]
raw_jobs: true
env_allow: ["*"]
defaults: {launcher: python}
"""
"""The embedded profile `local`: a laptop, a login node, a CI runner. Without `runs_dir`, jobs
write below the state directory of the user who submits them."""
