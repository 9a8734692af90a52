"""Laws that hold for all inputs, tried on many: hypothesis chooses them, the same ones on each machine."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from recipe_compiler import driver
from recipe_compiler.compose import history, merge
from recipe_compiler.diag import Diagnostic, Diagnostics, Route, Source, arrange, visible
from recipe_compiler.host import files
from recipe_compiler.render import Templates, sh
from recipe_compiler.report.json_v1 import document
from recipe_compiler.report.text import findings
from recipe_compiler.syntax import Node, find, parse, parse_bytes, parse_value, plain, walk
from recipe_compiler.workspace import Input, Workspace
from tests.test_syntax import WORDS

# ---------------------------------------------------------------- what is tried

PRINTABLE = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
TEXT = st.text(st.one_of(PRINTABLE, st.sampled_from("\n\t'\"`$\\ #:-{}[]!&*?|>%@~,;()<>=")), max_size=30)
KEYS = st.text(PRINTABLE, max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    st.sampled_from(
        ["no", "1e-4", "010", "1:30", "~", "", "null", "<<", "---", "- a", "a: b", "# c", "é", "\U0001f600"]
    ),
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
SMALL = st.recursive(
    st.integers(0, 3) | st.none() | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
LAYERS = st.dictionaries(st.sampled_from("abc"), SMALL, max_size=3)


class Block(yaml.SafeDumper):
    """PyYAML's emitter: block style, and quotes around every text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML's signature
        return True


Block.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def as_flow(data: Any) -> str:
    """JSON, which is YAML."""
    return json.dumps(data, ensure_ascii=False) + "\n"


def as_block(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=Block, default_flow_style=False, allow_unicode=True, sort_keys=False, width=40)
    return text


EMITTERS = st.sampled_from([as_flow, as_block])


def read(text: str, file: str = "r.yaml") -> Node:
    node, found = parse_value(Source(file, text))
    assert [item for item in found if item.severity == "error"] == []
    assert node is not None
    return node


def same(one: Any, other: Any) -> bool:
    """Equal in type and value at every depth: `1`, `1.0` and `True` are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other)


# ---------------------------------------------------------------- syntax


@given(DATA, EMITTERS)
def test_parse_is_the_inverse_of_any_emitter(data: Any, emit: Any) -> None:
    assert same(plain(read(emit({"x": data}))), {"x": data})


@given(DATA, EMITTERS)
def test_a_span_lies_in_its_parent_and_spells_its_scalar(data: Any, emit: Any) -> None:
    root = read(emit({"x": data}))
    check_spans(root)
    for _, node in walk(root):
        if not isinstance(node.value, (dict, list)) and node.start < node.end:
            assert same(plain(read(node.span.text)), node.value)


def check_spans(root: Node) -> None:
    """Every value and key lies within its parent, in the order of the text."""
    assert 0 <= root.start <= root.end <= len(root.source.text)
    for _, node in walk(root):
        if isinstance(node.value, dict) and node.source.text[node.start : node.start + 1] != "*":
            at = node.start
            for key, child in node.value.items():
                start, end = (node.keys or {})[key]
                assert at <= start <= end <= child.end
                assert start <= child.start <= child.end <= node.end
                at = child.end
        elif isinstance(node.value, list) and node.source.text[node.start : node.start + 1] != "*":
            at = node.start
            for child in node.value:
                assert at <= child.start <= child.end <= node.end
                at = child.end


def test_spans_of_any_yaml_lie_in_their_parents() -> None:
    dice = random.Random(11)
    tried = 0
    for _ in range(8000):
        node, found = parse(Source("r.yaml", "".join(dice.choices(WORDS, k=dice.randint(2, 12)))))
        if node is not None and not found:
            check_spans(node)
            tried += 1
    assert tried > 200


# ---------------------------------------------------------------- layers


def leaves(data: Any, route: Route = ()) -> Iterator[Route]:
    if isinstance(data, dict) and data:
        for key, child in data.items():
            yield from leaves(child, (*route, key))
    else:
        yield route


def shown(root: Node) -> dict[Route, list[str]]:
    """The layers of each leaf's history."""
    return {route: [step.source.file for step in history(root, route)] for route in leaves(plain(root))}


@given(LAYERS, LAYERS, LAYERS)
def test_merge_is_associative(first: Any, second: Any, third: Any) -> None:
    one, two, three = (read(as_flow(data), name) for data, name in ((first, "1"), (second, "2"), (third, "3")))
    left, right = merge(merge(one, two), three), merge(one, merge(two, three))
    assert same(plain(left), plain(right))
    assert shown(left) == shown(right)


@given(LAYERS)
def test_the_empty_mapping_is_the_unit_of_merge(data: Any) -> None:
    layer, empty = read(as_flow(data), "layer"), read("{}\n", "empty")
    assume(data)
    for merged in (merge(layer, empty), merge(empty, layer)):
        assert same(plain(merged), data)
        assert shown(merged) == shown(layer)


@given(st.lists(LAYERS, min_size=1, max_size=5))
def test_a_leaf_is_of_the_last_layer_that_set_it(layers: list[Any]) -> None:
    nodes = [read(as_flow(data), str(number)) for number, data in enumerate(layers)]
    root = nodes[0]
    for node in nodes[1:]:
        root = merge(root, node)
    assume(plain(root))
    for route, files_of in shown(root).items():
        setters = [node.source.file for node in nodes if find(node, route)[1] == route]
        assert files_of[0] == setters[-1]
        assert set(files_of) <= set(setters)
        assert files_of == sorted(files_of, reverse=True)
        assert (
            same(plain(find(root, route)[0]), plain(find(nodes[int(files_of[0])], route)[0]))
            or plain(find(root, route)[0]) == {}
        )


# ---------------------------------------------------------------- text survives


def space() -> Workspace:
    project, found = driver.load_project(None, "")
    assert project is not None, found
    profile, found = driver.load_cluster(None, "")
    assert profile is not None, found
    return Workspace(PurePath("/p"), project, None, profile, Templates(files.templates()))


SPACE = space()


def nothing_there(path: PurePath, root: PurePath, file: str = "") -> tuple[bytes | None, Diagnostics]:  # noqa: ARG001
    return None, (Diagnostic("RCP001", "cannot read it: no such file or directory", file=file or "x", help="-"),)


def compiled(text: str | bytes) -> driver.Compiled:
    data = text.encode() if isinstance(text, str) else text
    return driver.compile_recipe(Input("r.yaml", data, PurePath("/p/r.yaml")), [], SPACE, nothing_there)


@given(st.dictionaries(KEYS.filter(lambda key: not re.fullmatch("_.*_", key)), DATA, max_size=4))
def test_arguments_reach_the_call_unchanged(args: dict[str, Any]) -> None:
    text = as_flow({"name": "x", "function": "a.b", "args": {"_raw_": True, **args}})
    done = compiled(text)
    assert [item for item in done.found if item.severity == "error"] == []
    assert done.bundle is not None
    call = json.loads(done.bundle.files["call.json"])
    assert same(call["args"], {"_raw_": True, **args})


@given(
    st.lists(
        st.text(st.one_of(PRINTABLE, st.sampled_from("\n\t\r'\"`$\\ !#&*?~{}[]();<>|\x1b\u202e"))),
        min_size=1,
        max_size=60,
    )
)
def test_any_text_survives_the_shell(texts: list[str]) -> None:
    script = f"printf '%s\\0' {' '.join(sh(text) for text in texts)}\n"
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["/bin/bash", "-p"], input=script.encode(), capture_output=True, check=True, env=env)
    assert done.stdout.decode().split("\0")[:-1] == texts


@given(st.lists(st.text(PRINTABLE, max_size=20), min_size=1, max_size=40))
def test_any_line_survives_as_an_environment_value(texts: list[str]) -> None:
    env = {f"V{number}": text for number, text in enumerate(texts)}
    assume(not any("${" in text for text in texts))
    done = compiled(as_flow({"name": "x", "function": "a.b", "env": env}))
    assert done.bundle is not None, done.found
    exports = [line for line in done.bundle.files["step.sh"].splitlines() if line.startswith("export V")]
    script = "\n".join(exports) + "\nenv -0\n"
    run = subprocess.run(
        ["/bin/bash", "-p"],
        input=script.encode(),
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    got = dict(line.split("=", 1) for line in run.stdout.decode().split("\0") if line.startswith("V"))
    assert got == env


# ---------------------------------------------------------------- the pipeline

RECIPE = """\
name: r
description: a job
function: acme.train.main
args:
  lr: 1.0e-4
  model: {_target_: acme.models.build, _args_: [1, x], _partial_: true}
  tags: [a, "b", 'c', null, ~]
  note: |
    some text
  plain: &n {_raw_: true, a: 1}
  again: {x: [1, 2.5], y: *n}
vars: {k: v}
resources: {nodes: 1, gpus_per_node: 0, time: 0:10:00, mem_per_node: 1G}
launcher: {kind: torchrun, nproc_per_node: 2}
container: none
env: {A: b}
secrets: []
"""
PIECES = [
    *WORDS, *RECIPE.split("\n"), "${vars.k}", "${", "}", "_target_: ", "os.system", "extends: x.yaml\n", "sweep: {grid: {lr: [1, 2]}}\n",
    "command: [a]\n", "script: x.sh\n", "module: a.b\n", "\u202e", "\u2028", "\x00", "\ufeff", "\ud800", "1" * 40, "0x", "1e9", ".nan", "-", "nodes: 0", "time: 60", "'", "*n", "&n ", "9" * 30,
]  # fmt: skip


def mutated(dice: random.Random) -> bytes:
    """The recipe with a few pieces put in, cut out or doubled."""
    data = RECIPE.encode()
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data) + 1)
        piece = dice.choice(PIECES).encode("utf-8", "surrogatepass")
        end = min(len(data), at + dice.choice([0, 0, 1, 3, 20, 200]))
        kind = dice.randrange(4)
        if kind == 0:
            data = data[:at] + piece + data[end:]
        elif kind == 1:
            data = data[:at] + data[end:]
        elif kind == 2:
            data = data[:end] + data[at:end] + data[end:]
        else:
            data = data[:at] + bytes([dice.randrange(256)]) + data[at:]
    return data


def check_compiled(data: bytes) -> None:
    """Whatever the bytes: an outcome, findings at places that exist, and reports that can be written."""
    done = compiled(data)
    errors = [item for item in done.found if item.severity == "error"]
    assert (done.bundle is None) == bool(errors)
    for item in done.found:
        assert item.message == visible(item.message)
        assert len(item.message) < 4096
        for label in (item.primary, *item.related):
            if label is not None:
                length = len(label.span.source.text)
                assert 0 <= label.span.start <= label.span.end <= length + 1
    text = findings(arrange(done.found))
    assert text.split("\n") == [visible(line) for line in text.split("\n")]
    json.dumps(document(arrange(done.found)))


@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_no_bytes_make_the_driver_raise(data: bytes) -> None:
    check_compiled(data)
    parse_bytes("r.yaml", data)


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_no_pieces_of_yaml_make_the_driver_raise(pieces: list[str]) -> None:
    check_compiled("".join(pieces).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("seed", range(4))
def test_no_change_to_a_recipe_makes_the_driver_raise(seed: int) -> None:
    assert compiled(RECIPE).bundle is not None
    dice = random.Random(seed)
    for _ in range(int(os.environ.get("RECIPEC_MUTATIONS", "250"))):
        data = mutated(dice)
        try:
            check_compiled(data)
        except Exception as error:
            error.add_note(repr(data)) if hasattr(error, "add_note") else None
            raise


@given(
    st.text(max_size=40)
    | st.tuples(st.sampled_from(["lr", "args.tags", "+x", "resources", "m.a[0]", "++env.A"]), TEXT).map("=".join)
)
def test_no_override_makes_the_driver_raise(text: str) -> None:
    item = Input("r.yaml", RECIPE.encode(), PurePath("/p/r.yaml"))
    done = driver.compile_recipe(item, [text], SPACE, nothing_there)
    findings(arrange(done.found))
    json.dumps(document(arrange(done.found)))


@given(DATA)
def test_compiling_twice_gives_the_same_bytes(data: Any) -> None:
    text = as_flow({"name": "x", "function": "a.b", "args": {"_raw_": True, "data": data}})
    first, second = compiled(text), compiled(text)
    assert first.bundle is not None
    assert second.bundle is not None
    assert dict(first.bundle.files) == dict(second.bundle.files)


def test_compiling_does_not_depend_on_the_process(tmp_path: Path) -> None:
    """Another seed for hashes, another folder, another time zone, another user's environment: the same bytes."""
    outcomes = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        root = tmp_path / f"project-{seed}"
        root.mkdir()
        (root / "recipec.yaml").write_text("recipec: 1\n", encoding="utf-8")
        (root / "r.yaml").write_text(RECIPE, encoding="utf-8")
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "USER": f"user{seed}"}
        command = [sys.executable, "-m", "recipe_compiler", "compile", "r.yaml", "--out", "out"]
        subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)
        outcomes.append(
            {
                path.relative_to(root).as_posix(): path.read_bytes()
                for path in (root / "out").rglob("*")
                if path.is_file()
            }
        )
    assert len(outcomes[0]) >= 4
    assert outcomes[0] == outcomes[1]
