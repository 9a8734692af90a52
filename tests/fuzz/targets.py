"""What the fuzzer calls: one function a target, from bytes to nothing, or an `AssertionError`.

Whatever the bytes are, only diagnostics come out, each with a place in its own text, the same ones twice, in
bounded time; and both forms of the report can be written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import PurePath
from typing import Any

from recipe_compiler import driver, override
from recipe_compiler.codes import CODES
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Source
from recipe_compiler.host import files
from recipe_compiler.parameters import as_json, listed
from recipe_compiler.render import Templates
from recipe_compiler.report.json_v1 import document
from recipe_compiler.report.text import findings
from recipe_compiler.syntax import Node, parse, plain, walk
from recipe_compiler.workspace import Input, Workspace, catalog_names
from tests.hostile import hidden

LIMIT_S = 2.0
"""Of processor time for one input, and of a compile's two runs for each: what the hostile inputs are held to."""
MAX_LISTED = 5000
"""Above so many values the list of parameters is not asked for: instrumented, it takes longer than the limit."""
ROOT = PurePath("/p")
SLURM = """\
name: hpc
target: {kind: slurm, max_array: 200}
container: apptainer
runs_dir: /shared/runs
partitions: {gpu: {max_time: 2-00:00:00, max_nodes: 16, gpus_per_node: 8}}
images: {train: {path: /shared/t.sif, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}}
defaults: {partition: gpu}
functions: [a.*, acme.*, pathlib.Path]
raw_jobs: true
env_allow: ["*"]
secrets: {HF_TOKEN: /shared/hf}
"""
PROJECT = """\
resolvers:
  ref: {argument: model, value: {_target_: "acme.${ref}.build", size: [1, "${ref}"]}, choices: [small, large]}
  data_ref: {argument: data, value: "/data/${ref}"}
"""
PROJECT_FILES = {
    PurePath("/p/b.yaml"): b"args: {lr: 1, list: [1, {name: x, k: 2}], sub: {a: {b: 1}}}\nvars: {v: 1}\n",
    PurePath("/p/c.yaml"): b"extends: b.yaml\nargs: {list: {_append_: [3]}, sub: {_delete_: true}}\n",
    PurePath("/p/s.sh"): b"echo $1\n",
}
TREE = """\
name: r
function: acme.main
args:
  lr: 0.1
  n: 6
  text: x
  none: null
  list: [1, {k: 2, name: x}, [3, 4]]
  one: &shared {lr: 1, opt: {wd: 0}}
  two: *shared
  odd: {"a.b": 1, "c d": 2, "k-": 3, k: 1, "": 0}
  raw: {_raw_: true, lr: 1, deep: [{k: 1}]}
  name: inner
  env: {A: x}
  ref: small
vars: {v: 1}
env: {B: y}
resources: {nodes: 1, time: 1h}
sweep: {grid: {n: [1, 2]}, zip: {text: [x, y], lr: [1, 2]}, points: [{lr: 3}]}
"""
SWEPT = """\
name: r
function: acme.main
args:
  lr: 0.1
  n: 6
  list: [1, {k: 2}]
  sub: {a: {b: 1}, "a.b": 2}
  one: &shared {lr: 1}
  two: *shared
  raw: {_raw_: true, lr: 1}
"""
COMPILED = "name: r\nfunction: acme.main\nargs: {lr: 1}\nresources: {nodes: 2}\nlauncher: torchrun\nenv: {A: x}\n"


def on_override(data: bytes) -> None:
    """One override of a line, or several, put into a fixed tree."""
    twice(data, _overridden)


def on_recipe(data: bytes) -> None:
    """The bytes of a recipe through the whole compile, for a cluster and for this machine, and its parameters."""
    twice(data, lambda data: _compiled(data, (), SLURM) + _compiled(data, (), None))


def on_profile(data: bytes) -> None:
    """The bytes of a cluster profile, and of a project file; with what can be read of it a recipe is compiled."""
    twice(data, _profiled)


def on_sweep(data: bytes) -> None:
    """The value of `sweep:`; after a `=`, an axis as an override's value."""
    if data.startswith(b"="):
        twice(data, lambda data: _compiled(SWEPT.encode(), (f"lr{_text(data)}",), SLURM))
    else:
        twice(data, lambda data: _compiled(SWEPT.encode() + b"sweep: " + data, (), SLURM))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "override": on_override,
    "recipe": on_recipe,
    "profile": on_profile,
    "sweep": on_sweep,
}


def twice(data: bytes, run: Callable[[bytes], str]) -> None:
    """Run it two times: the same text comes out, soon."""
    with _soon():
        first = run(data)
    with _soon():
        assert run(data) == first, "the same input gave other bytes"


@contextmanager
def _soon() -> Any:
    start = time.process_time()
    yield
    took_s = time.process_time() - start
    assert took_s < LIMIT_S, f"took {took_s:.1f} s"


def _text(data: bytes) -> str:
    """As Python reads the words of a command line."""
    return data.decode("utf-8", "surrogateescape")


@cache
def _tree() -> Node:
    node, _ = parse(Source("r.yaml", TREE))
    assert node is not None
    return node


def _overridden(data: bytes) -> str:
    tree, before = _tree(), plain(_tree())
    said = []
    for line in _text(data).split("\n"):
        parsed, found = override.parse(line)
        assert (parsed is None) == bool(found)
        if parsed is not None:
            changed, found = override.apply(tree, parsed, driver.FIELDS)
            assert changed is not None or found
            tree = changed or tree
        said.append(shown(found))
    assert plain(_tree()) == before, "the tree was changed in place"
    return json.dumps(plain(tree)) + "".join(said)


@cache
def _templates() -> Templates:
    return Templates(files.templates())


def _space(cluster: str | None) -> Workspace:
    project, found = driver.load_project(PROJECT.encode(), "recipec.yaml")
    assert project is not None, found
    profile, found = driver.load_cluster(cluster.encode() if cluster else None, "clusters/hpc.yaml")
    assert profile is not None, found
    return Workspace(ROOT, project, None, profile, _templates())


def _read(path: PurePath, _root: PurePath, file: str) -> tuple[bytes | None, Diagnostics]:
    if path in PROJECT_FILES:
        return PROJECT_FILES[path], ()
    return None, (Diagnostic("RCP001", "no such file", file=file),)


def _compiled(data: bytes, sets: tuple[str, ...], cluster: str | None) -> str:
    space = _space(cluster)
    item = Input("r.yaml", data, ROOT / "r.yaml")
    done = driver.compile_recipe(item, sets, space, _read)
    return _outcome(done) + _listed(item, sets, space)


def _listed(item: Input, sets: tuple[str, ...], space: Workspace) -> str:
    """What `recipec params` says of it."""
    composed = driver.compose_recipe(item, sets, space, _read)
    tree = composed.tree
    if tree is None or sum(1 for _ in islice(walk(tree), MAX_LISTED)) == MAX_LISTED:
        return ""
    rows = listed(composed.stages, item.file, space.profile.tree, driver.FIELDS)
    return json.dumps([as_json(row) for row in rows])


def _outcome(done: driver.Compiled) -> str:
    errors = [item for item in done.found if item.severity == "error"]
    assert (done.bundle is None) == bool(errors), "neither a bundle nor a reason"
    assert "RCP802" not in {item.code for item in done.found}, "a check before it should have said so"
    return shown(done.found) + ("" if done.bundle is None else json.dumps(done.bundle.files))


def _profiled(data: bytes) -> str:
    project, found = driver.load_project(data, "recipec.yaml")
    said = shown(found)
    assert project is not None or found
    profile, found = driver.load_cluster(data, "clusters/hpc.yaml")
    said += shown(found)
    assert profile is not None or found
    space = _space(None)
    if (project is not None or profile is not None) and not (profile and list(catalog_names(profile))):
        made = Workspace(ROOT, project or space.project, None, profile or space.profile, _templates())
        item = Input("r.yaml", COMPILED.encode(), ROOT / "r.yaml")
        said += _outcome(driver.compile_recipe(item, (), made, _read))
    return said


def shown(found: Diagnostics) -> str:
    """Both reports of the findings, after a look at each."""
    for item in found:
        assert isinstance(item, Diagnostic)
        assert item.code in CODES
        assert item.message
        assert "\n" not in item.message, "a message is one line"
        for label in (*filter(None, [item.primary]), *item.related):
            _inside(label)
    text = findings(found)
    assert text.isprintable() or not any(map(hidden, text)), "a report with hidden characters"
    text.encode()
    return text + json.dumps(document(found))


def _inside(label: Label) -> None:
    """A place in its text; one behind the last character is where something is missing."""
    span, length = label.span, len(label.span.source.text)
    assert 0 <= span.start <= span.end, span
    assert span.start <= length, f"{span.start} is behind the text's {length} characters"
    assert span.end <= max(length, span.start + 1), f"{span.end} is behind the text's {length} characters"
