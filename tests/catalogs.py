"""Catalogs made from sources in a test, and recipes checked against them in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from textwrap import dedent

from recipe_compiler import driver, extract
from recipe_compiler.catalog import Catalog, Catalogs
from recipe_compiler.catalog.make import make
from recipe_compiler.cli.session import read
from recipe_compiler.host import files
from recipe_compiler.render import Templates
from recipe_compiler.workspace import Input, Workspace

CLUSTER = """\
name: c1
target: slurm
runs_dir: /shared/runs
functions: ["*"]
catalogs: [acme]
defaults: {nodes: 2, gpus_per_node: 8}
"""
TEMPLATES = files.templates()


def text_of(sources: Mapping[str, str]) -> str:
    """The catalog `acme` of files."""
    facts = list(extract.modules((name, dedent(text).encode()) for name, text in sources.items()))
    return make("acme", {"acme": facts})[0]


def catalogs_of(sources: Mapping[str, str]) -> Catalogs:
    """The same, opened."""
    return Catalogs([Catalog("acme", text_of(sources).encode())])


def found_in(
    recipe: str,
    sources: Mapping[str, str],
    *,
    cluster: str = CLUSTER,
    constraints: str = "",
    sets: tuple[str, ...] = (),
) -> list[str]:
    """`CODE [text under the caret] message | help` of each finding."""
    project, _ = driver.load_project(None, "recipec.yaml")
    profile, wrong = driver.load_cluster(cluster.encode(), "clusters/c1.yaml")
    assert project is not None
    assert profile is not None, wrong
    known = {"acme": Catalog("acme", text_of(sources).encode())}
    rules, wrong = driver.load_constraints(
        dedent(constraints or "constraints: []").encode(), "catalogs/acme.constraints.yaml"
    )
    assert not wrong, wrong
    space = Workspace(PurePath("/p"), project, None, profile, Templates(TEMPLATES), known, {"acme": rules})
    item = Input("r.yaml", f"name: r\n{dedent(recipe)}".encode(), PurePath("/p/r.yaml"))
    return [
        f"{one.code} [{one.primary.span.text if one.primary else ''}] {one.message} | {one.help}"
        for one in driver.compile_recipe(item, sets, space, read).found
    ]
