"""The plain stack: what recipec costs is measured against this.

    python bench/plain.py CLUSTER RECIPES OUT REFERENCE

What a sensible engineer writes who wants no feature: the C parser of PyYAML, eight strict pydantic
models, one Jinja template compiled once, files written straight to where they belong. It has no
command-line library, no places for messages, no policy, no digests, no temporary names.

It writes as much as recipec. REFERENCE is a bundle of recipec for such a recipe: `job.sbatch` is
rendered here and filled up to the length of that one with a comment; the other files are its texts,
read once and written for each recipe. `python -m bench` stops unless folders, files and bytes agree.
"""

# ruff: noqa: PTH103, PTH112, PTH118, PTH120, PTH123, PTH208

from __future__ import annotations

import os
import shlex
import sys
from typing import Annotated, Any, Literal

import jinja2
import yaml
from pydantic import BaseModel, ConfigDict, Field

SCRIPT = "job.sbatch"
Count = Annotated[int, Field(ge=1, le=100_000)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$")]
Path = Annotated[str, Field(pattern=r"^/[^\n]*$")]
Function = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*([.:][A-Za-z_][A-Za-z0-9_]*)+$")]


class Model(BaseModel):
    """What every model is: strict, and closed to unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Resources(Model):
    """What a job asks for."""

    nodes: Count = 1
    gpus_per_node: Annotated[int, Field(ge=0, le=1024)] = 0
    cpus_per_node: Count | None = None
    time: Annotated[str, Field(pattern=r"^[0-9]+[dhms]$|^([0-9]+-)?[0-9]+:[0-9]{2}:[0-9]{2}$")] = "1h"


class Launcher(Model):
    """What starts the ranks."""

    kind: Literal["torchrun", "python"] = "torchrun"
    max_restarts: Annotated[int, Field(ge=0, le=100)] = 0


class Recipe(Model):
    """One recipe."""

    recipec: Literal[1] = 1
    name: Word
    description: str = ""
    function: Function
    args: dict[str, Any] = {}
    resources: Resources = Resources()
    launcher: Launcher = Launcher()
    container: Word
    env: dict[str, str] = {}
    secrets: list[str] = []


class Container(Model):
    """A cluster's container runtime."""

    kind: Literal["apptainer"]
    gpu: Literal["nv", "rocm", "none"] = "nv"


class Image(Model):
    """A container image."""

    path: Path
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Partition(Model):
    """The limits of a queue."""

    max_time: str | int | None = None  # YAML 1.1 reads 01:00:00 as a number
    max_nodes: Count | None = None
    gpus_per_node: Count | None = None
    cpus_per_node: Count | None = None
    mem_per_node: str | None = None


class Defaults(Model):
    """What a recipe need not say."""

    partition: Word
    account: Word
    nodes: Count = 1
    gpus_per_node: Count = 8
    time: str | int = "1h"
    launcher: str = "torchrun"
    container: Word


class Cluster(Model):
    """One cluster."""

    cluster: Literal[1] = 1
    name: Word
    target: Literal["slurm"]
    runs_dir: Path
    container: Container
    images: dict[str, Image]
    binds: list[str] = []
    partitions: dict[str, Partition]
    accounts: list[str] = []
    defaults: Defaults
    env: dict[str, str] = {}
    env_allow: list[str] = []
    functions: list[str] = []
    secrets: dict[str, Path] = {}


def load(path: str) -> Any:  # noqa: ANN401  YAML
    """The data of a YAML file."""
    with open(path, encoding="utf-8") as stream:
        return yaml.load(stream.read(), yaml.CSafeLoader)


def main(cluster_file: str, recipes: str, out: str, reference: str) -> None:
    """Write a folder for each recipe."""
    cluster = Cluster.model_validate(load(cluster_file))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.dirname(__file__)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quote"] = shlex.quote
    template = environment.get_template("plain.sbatch.j2")
    fixed = {}
    for name in os.listdir(reference):
        with open(os.path.join(reference, name), encoding="utf-8") as stream:
            fixed[name] = stream.read()
    length = len(fixed.pop(SCRIPT))
    files = [recipes]
    if os.path.isdir(recipes):
        files = sorted(os.path.join(recipes, name) for name in os.listdir(recipes))
    for file in files:
        recipe = Recipe.model_validate(load(file))
        script = template.render(recipe=recipe, cluster=cluster, image=cluster.images[recipe.container])
        folder = os.path.join(out, recipe.name)
        os.makedirs(folder)
        for name, text in (*fixed.items(), (SCRIPT, script + "#" * (length - len(script)))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
                stream.write(text)
        print(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
