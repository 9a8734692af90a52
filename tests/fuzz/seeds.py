"""What the fuzzer starts from: the hostile inputs, the examples of the pages, and the rows of the tests' tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipe_compiler.check import markers
from recipe_compiler.cluster import LOCAL, Cluster
from recipe_compiler.project import Project
from recipe_compiler.schema import Recipe
from tests.fuzz.targets import PROJECT, PROJECT_FILES, SLURM, SWEPT, TREE
from tests.hostile import entries, expand, recipe
from tests.project import REPO
from tests.test_override_hydra import KEYS, REFUSED, VALUES

MAX_SEED = 4096
"""Longer ones, such as a million digits, are the hostile inputs' own tests."""
AXES = [
    "{grid: {lr: [1, 2], args.n: {range: [0, 6, 2]}}, max_parallel: 3}",
    "{zip: {lr: {linspace: [0, 1, 3]}, 'list[1].k': [6, 7, 8]}}",
    "{grid: {sub.a.b: {logspace: [1.0e-5, 1.0e-3, 3]}}, exclude: [{sub.a.b: 0.001}]}",
    "{grid: {list.0: {choice: {of: [a, b, {_target_: acme.x}], count: 2, seed: 1}}}}",
    "{points: [{lr: 7, name: big}, {lr: 8, one: {lr: 2}}], exclude: [{lr: 7}]}",
    "{grid: {'sub[\"a.b\"]': [1]}, zip: {one.lr: [1]}, points: []}",
    "{grid: {raw.lr: [1]}}",
    "{grid: {lr: [1, 2], n: [1]}, include: [{list.0: 3}, {lr: 2, list.0: 4, name: x}, {lr: 9}], exclude: [{n: 2}]}",
    "{zip: {lr: [1, 2]}, include: [{lr: 1}], points: [{'list[0]': 1, list.0: 2}]}",
    "=1,2",
    "=range(1,10,2)",
    "=choice(a,b,[1],{a: 1})",
    "=float(range(1,5))",
]
CHANGES = [
    "lr*=3", "n-=7", "list+=[3, x]", "~list[0]", "~list.1.k=2", 'odd["a.b"]=5', "++lr=0.1", "args.name=y", ".name=y", "~sweep", "one.opt.wd=3",
    "two.lr=1,2", "raw.lr=2", "raw={a: 1}", "+new.a.b={c: [1]}", "lr=1\nlr=2,3\n~sweep\none.lr+=1", "resources.nodes=4", "text=a,b", "list.2.0=9",
]  # fmt: skip


def seeds(target: str) -> list[bytes]:
    """The first inputs of a target, each once, in an order that stays."""
    made = {"override": _overrides, "recipe": _recipes, "profile": _profiles, "sweep": _sweeps}[target]
    return sorted({data for data in made() if len(data) <= MAX_SEED})


def _overrides() -> Iterator[bytes]:
    rows = [text for pairs in REFUSED.values() for text, _ in pairs]
    texts = [*CHANGES, *rows, *(f"text={value}" for value in VALUES), *(f"{key}=1" for key in KEYS)]
    yield from (text.encode() for text in texts)
    yield from (b"++text=" + data for data in _payloads())


def _recipes() -> Iterator[bytes]:
    yield from (text.encode() for text in (TREE, *(f"{SWEPT}sweep: {axes}\n" for axes in AXES if axes[0] != "=")))
    yield from PROJECT_FILES.values()
    yield from (block for block in _blocks() if b"function" in block or b"args" in block)
    for item in entries().values():
        if item["where"].startswith("recipe.") and item["where"] != "recipe.filename":
            yield recipe(item["where"], item["payload"])


def _profiles() -> Iterator[bytes]:
    yield from (text.encode() for text in (SLURM, PROJECT, LOCAL))
    yield from (block for block in _blocks() if b"target" in block or b"resolvers" in block)
    yield from (b"name: " + data for data in _payloads())


def _sweeps() -> Iterator[bytes]:
    yield from (axes.encode() for axes in AXES)
    yield from (block.partition(b"\nsweep:")[2] for block in _blocks() if b"\nsweep:" in block)
    yield from (b"{grid: {lr: " + data + b"}}" for data in _payloads())


def _payloads() -> Iterator[bytes]:
    for item in entries().values():
        if item["where"].startswith("recipe.") and item["where"] not in {"recipe.bytes", "recipe.filename"}:
            yield expand(item["payload"])


def _blocks() -> Iterator[bytes]:
    """Every file of YAML that a page shows, and those of the repository."""
    for page in sorted([*REPO.glob("docs/*.md"), *REPO.glob("recipe_compiler/explain/*.md")]):
        for block in re.findall(
            r"^```yaml[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            yield block.encode()
    for pattern in ("recipes/*.yaml", "clusters/*.yaml", "tests/golden/*/*.yaml"):
        yield from (path.read_bytes() for path in sorted(REPO.glob(pattern)))


def words() -> list[str]:
    """The words of the language, for the fuzzer's dictionary."""
    text = repr([Recipe.model_json_schema(), Cluster.model_json_schema(), Project.model_json_schema()])
    names = set(re.findall(r"'([a-z_]{2,30})'", text))
    names |= {"range", "linspace", "logspace", "choice", "count", "seed", "of", "include", "exclude"}
    names |= {
        "_append_",
        "_prepend_",
        "_at_",
        "_by_",
        "_delete_",
        "_raw_: true",
        "_target_",
        "${args.lr}",
        "$${",
        "${vars.",
    }
    names |= {
        "int(",
        "str(",
        "float(",
        "bool(",
        "choice(",
        "range(",
        "++",
        "+=",
        "*=",
        "-=",
        "/=",
        "\\\\",
        ": ",
        "- ",
        "&a ",
        "*a",
        "\n  ",
    }
    names |= {
        "args.",
        "sweep.grid",
        "torchrun",
        "apptainer",
        "slurm",
        "local",
        "1e999",
        "9223372036854775808",
        "value * 2",
        "é",
        "\u202e",
    }
    return sorted(names | {name for name in vars(markers) if name.isupper() and len(name) < 30})
