"""What an override changes: signs, arithmetic, removal, sweeps, two readings, files of overrides."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_compiler.compose import history
from recipe_compiler.diag import Source, route_text
from recipe_compiler.override import apply, parse, route_of, texts_of_file
from recipe_compiler.schema import Recipe
from recipe_compiler.syntax import Node, find, plain
from recipe_compiler.syntax import parse as read
from tests.project import Project

FIELDS = frozenset(Recipe.model_fields)
RECIPE = """\
name: r
function: a.b
args:
  lr: 0.1
  n: 6
  big: 1e300
  text: x
  list: [1, {k: 2}]
  odd: {"a.b": 1, "c d": 2, "k-": 3, k: 1}
  name: inner
  env: {A: x}
sweep: {grid: {n: [1, 2]}, zip: {text: [x, y]}}
"""


def tree() -> Node:
    node, found = read(Source("r.yaml", RECIPE))
    assert node is not None, found
    return node


def after(*texts: str) -> Node:
    node = tree()
    for text in texts:
        override, found = parse(text)
        assert override is not None, found
        changed, found = apply(node, override, FIELDS)
        assert changed is not None, found
        node = changed
    return node


def said(text: str) -> str:
    override, found = parse(text)
    if override is not None:
        _, found = apply(tree(), override, FIELDS)
    (item,) = found
    assert item.primary is not None
    column = item.primary.span.place.rpartition(":")[2]
    return f"{item.code} {column} [{item.primary.span.text}] {item.message} | {item.help}"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        pytest.param("lr*=3", "lr", 0.3, id="decimal-as-written"),
        pytest.param("lr/=4", "lr", 0.025, id="quotient"),
        pytest.param("lr+=1", "lr", 1.1, id="a-float-stays-a-float"),
        pytest.param("lr-=0.1", "lr", 0.0, id="difference"),
        pytest.param("n*=2", "n", 12, id="an-integer-stays-one"),
        pytest.param("n/=2", "n", 3, id="a-whole-quotient-is-an-integer"),
        pytest.param("n*=0.5", "n", 3, id="a-whole-product-is-an-integer"),
        pytest.param("n/=4", "n", 1.5, id="a-quotient-that-is-not-whole"),
        pytest.param("n-=7", "n", -1, id="below-zero"),
        pytest.param("list+=[3, x]", "list", [1, {"k": 2}, 3, "x"], id="a-list-takes-items"),
        pytest.param("list.1.k*=5", "list", [1, {"k": 10}], id="inside-a-list"),
        pytest.param("~list[0]", "list", [{"k": 2}], id="an-item-is-removed"),
        pytest.param("~list.1.k", "list", [1, {}], id="a-key-in-an-item-is-removed"),
        pytest.param("~list[1].k=2", "list", [1, {}], id="removed-for-it-has-the-value"),
        pytest.param('odd["a.b"]=5', "odd", {"a.b": 5, "c d": 2, "k-": 3, "k": 1}, id="a-key-with-a-dot"),
        pytest.param("odd['k-']=5", "odd", {"a.b": 1, "c d": 2, "k-": 5, "k": 1}, id="a-key-that-ends-in-minus"),
        pytest.param("++lr=0.1", "lr", 0.1, id="either-may-leave-it"),
        pytest.param("text={a: 1, b: [x, 'y, z']}", "text", {"a": 1, "b": ["x", "y, z"]}, id="a-mapping"),
        pytest.param("args.name=y", "name", "y", id="the-argument-by-its-prefix"),
    ],
)
def test_change(text: str, key: str, value: Any) -> None:
    data = plain(after(text))["args"]
    assert data[key] == value
    assert type(data[key]) is type(value)


def test_a_dot_means_the_field_and_a_removal_leaves_the_rest() -> None:
    assert plain(after(".name=y"))["name"] == "y"
    assert "text" not in plain(after("~text"))["args"]
    assert "sweep" not in plain(after("~sweep"))


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("name=y", "RCP513 1 [name] `name` has two readings: the recipe's field and the argument `args.name` | write `.name` for the field, or `args.name` for the argument"),
        ("+env.B=y", "RCP513 2 [env.B] `env.B` has two readings: the recipe's field and the argument `args.env.B` | write `.env.B` for the field, or `args.env.B` for the argument"),
        ("odd.k-=1", 'RCP513 1 [odd.k] `args.odd.k-=…` may set `k-` or subtract from `k` | write `args.odd["k-"]=…` to set the key that ends in `-`'),
        (".nmae=y", "RCP511 1 [.nmae] `.nmae` is no field of a recipe | did you mean `.name`?"),
        ("n=6", "RCP514 1 [n] the override sets `args.n` as it is | remove the override, or write `++args.n=…` where it may be so already"),
        ("n*=1", "RCP514 1 [n] the override leaves `args.n` as it is | remove the override, or write `++args.n=…` where it may be so already"),
        ("list+=[]", "RCP514 1 [list] the override leaves `args.list` as it is | remove the override, or write `++args.list=…` where it may be so already"),
        ("text*=2", "RCP516 7 [2] `args.text` is text, no number to compute with | write the whole value: `args.text=…`"),
        ("n*=x", "RCP516 4 [x] `x` is text, no number to compute with | write a number: `args.n*=2`"),
        ("list+=3", "RCP516 7 [3] `args.list` is a list, no number to compute with | a list takes a list: `args.list+=[…]`"),
        ("n/=0", "RCP516 4 [0] `args.n` / 0 has no value: it is over the range, or a division by 0 | write the value itself: `args.n=…`"),
        ("big*=1e300", "RCP516 6 [1e300] `args.big` * 1e+300 has no value: it is over the range, or a division by 0 | write the value itself: `args.big=…`"),
        ("~lr=3", "RCP511 5 [3] `args.lr` has another value, so it is not removed | write `~args.lr` to remove it whatever it is"),
        ("~ltr", "RCP511 2 [ltr] `args.ltr` is not set in any layer | did you mean `args.lr`? name a key that is set"),
        ("q*=2", "RCP511 1 [q] `args.q` is not set in any layer | name a key that is set"),
        ("+lr*=2", "RCP510 2 [lr] `+lr*=` has a sign and an operator | write `lr*=…`, or `+lr=…`"),
        ("text=a,b", "RCP515 1 [text] `args.text` is swept by `sweep.zip` already | change the recipe, or remove the axis first: `~sweep.zip`"),
        ("lr*=1,2", "RCP515 5 [1,2] `1,2` is a sweep: nothing can be computed with it | write one value"),
        ("args.lr==3", "RCP510 9 [=] `=` stands where a value is due | put text with such characters in quotes: `key='a=b'`"),
        ("lr='x", "RCP510 4 ['] the quote `'` is not closed | write `'` at the end of the text"),
        ("lr=inf", "RCP205 4 [inf] `inf` is not a finite number | write `{_float_: inf}`, or quote it for text"),
        ("lr=!!python/name:os.system", "RCP107 4 [!!python/name:os.system] the tag `!!python/name:os.system` is not allowed: an override is plain data | remove the tag; a call is written `{_target_: package.function}`"),
    ],
)  # fmt: skip
def test_finding(text: str, finding: str) -> None:
    assert said(text) == finding


SHARED = """\
name: r
args:
  a: &a {lr: 1, o: {k: 1}}
  b: *a
  c: &c [*a, 2]
  d: *c
  raw: {_raw_: true, o: *a}
"""


@pytest.mark.parametrize(
    ("text", "routes", "value"),
    [
        pytest.param("a.lr=3", ["a", "b", "c.0", "d.0"], {"lr": 3, "o": {"k": 1}}, id="changed"),
        pytest.param("b.o.k*=4", ["a", "b", "c.0", "d.0"], {"lr": 1, "o": {"k": 4}}, id="computed-by-the-alias"),
        pytest.param("~d[0].lr", ["a", "b", "c.0", "d.0"], {"o": {"k": 1}}, id="removed-in-two-anchors"),
        pytest.param("+c.0.n.m=1", ["a", "b", "c.0", "d.0"], {"lr": 1, "o": {"k": 1}, "n": {"m": 1}}, id="added"),
        pytest.param("d.1=5", ["c", "d"], [{"lr": 1, "o": {"k": 1}}, 5], id="an-item"),
    ],
)
def test_a_change_inside_an_anchored_value_is_one_change_of_one_object(
    text: str, routes: list[str], value: Any
) -> None:
    node, _ = read(Source("r.yaml", SHARED))
    override, _ = parse(text)
    assert node is not None
    assert override is not None
    changed, found = apply(node, override, FIELDS)
    assert changed is not None, found
    there = [
        find(changed, ("args", *(int(part) if part.isdecimal() else part for part in route.split("."))))
        for route in routes
    ]
    assert [plain(one) for one, _ in there] == [value] * len(routes)
    assert len({id(one.value) for one, _ in there}) == 1
    assert all(one.anchor for one, _ in there)
    assert plain(changed)["args"]["raw"] == {"_raw_": True, "o": {"lr": 1, "o": {"k": 1}}}
    assert plain(node)["args"]["a"] == {"lr": 1, "o": {"k": 1}}


def test_another_value_in_one_place_of_an_anchored_one_is_that_place_s_own() -> None:
    node, _ = read(Source("r.yaml", SHARED))
    override, _ = parse("b={lr: 5}")
    assert node is not None
    assert override is not None
    changed, _ = apply(node, override, FIELDS)
    assert changed is not None
    data = plain(changed)["args"]
    assert (data["a"], data["b"], data["c"][0]) == ({"lr": 1, "o": {"k": 1}}, {"lr": 5}, {"lr": 1, "o": {"k": 1}})


def test_the_history_of_every_place_names_the_override() -> None:
    node, _ = read(Source("r.yaml", SHARED))
    override, _ = parse("a.lr=3")
    assert node is not None
    assert override is not None
    changed, _ = apply(node, override, FIELDS)
    assert changed is not None
    for route in (("args", "a", "lr"), ("args", "d", 0, "lr")):
        assert [step.source.file for step in history(changed, route)] == ["<--set a.lr=3>", "r.yaml"]


def test_an_override_leaves_one_object_in_the_job(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", "name: r\nfunction: t.main\nargs: {a: &a {_target_: t.B, lr: 1}, b: *a}\n")
    call = json.loads((project.compile("r.yaml", "--set", "b.lr=2") / "call.json").read_text())
    assert (call["args"], call["shared"]) == (
        {"a": {"_shared_": 0}, "b": {"_shared_": 0}},
        [{"_target_": "t.B", "lr": 2}],
    )


def test_every_override_is_in_the_history() -> None:
    assert [step.source.file for step in history(after("lr=1", "lr*=2"), ("args", "lr"))] == [
        "<--set lr*=2>",
        "<--set lr=1>",
        "r.yaml",
    ]
    assert [step.source.file for step in history(after("~odd.k"), ("args", "odd"))] == ["<--set ~odd.k>", "r.yaml"]


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("lr=1e-4,3e-4", {"n": [1, 2], "args.lr": [1e-4, 3e-4]}),
        ("n=3,4", {"n": [3, 4]}),
        ("args.n=choice(5)", {"n": [5]}),
        ("lr=range(1,5)", {"n": [1, 2], "args.lr": {"range": [1, 5, 1]}}),
        ("+new=a,b", {"n": [1, 2], "args.new": ["a", "b"]}),
        ("list[1].k=7,8", {"n": [1, 2], "args.list[1].k": [7, 8]}),
        ('odd["a.b"]=7,8', {"n": [1, 2], 'args.odd["a.b"]': [7, 8]}),
    ],
)
def test_a_sweep_form_is_an_axis_of_the_grid(text: str, grid: Any) -> None:
    assert plain(after(text))["sweep"]["grid"] == grid


@given(
    st.lists(st.one_of(st.integers(0, 99), st.text(min_size=1)), min_size=1, max_size=4).filter(
        lambda route: isinstance(route[0], str)
    )
)
def test_a_route_is_read_as_it_is_written(route: list[str | int]) -> None:
    assert route_of(route_text(tuple(route))) == tuple(route)


def test_a_value_that_every_point_replaces_is_no_silent_override() -> None:
    override, _ = parse("lr=5")
    assert override is not None
    _, (finding,) = apply(after("~sweep", "lr=1,2"), override, FIELDS)
    assert finding.code == "RCP514"
    assert finding.message == "every point of the sweep sets `args.lr`, so the override changes nothing"
    assert finding.help == "sweep over one value: `args.lr=choice(5)`, or `~sweep`"


def test_lines_of_a_file() -> None:
    source = Source("s.txt", "# why\nlr=1\r\n\n  n=2  \n")
    assert [(text.text, text.place) for text in texts_of_file(source)] == [("lr=1", "s.txt:2:1"), ("n=2", "s.txt:4:3")]


def test_a_file_of_overrides_on_the_command_line(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("recipec.yaml", "recipec: 1\n")
    project.write("r.yaml", "name: r\nfunction: train.main\nargs: {lr: 0.1, n: 1}\n")
    project.write("night.txt", "# the night's values\nlr=0.2\nnn=2\n")
    said = project.run("validate", "r.yaml", "--set-file", "night.txt", "--set", "lr*=2")
    assert said.code == 1
    assert "--> night.txt:3:1" in said.out
    project.write("night.txt", "lr=0.2\n")
    folder = project.compile("r.yaml", "--set-file", "night.txt", "--set", "lr*=2")
    manifest = (folder / "manifest.json").read_text()
    assert '"lr=0.2"' in manifest
    assert '"lr*=2"' in manifest
    assert '"args.lr": "<--set lr*=2>:1"' in manifest
    assert project.run("validate", "r.yaml", "--set-file", "gone.txt").code == 1


WORDS = ["lr", "list", "odd", "args.", "range(", "choice(", "int(", "1e9", "${", "_delete_", "null"]
ALPHABET = st.sampled_from([*"ab.0[]{}()'\"\\=,:+-~*/@$ \t\né", *WORDS])


@given(st.lists(ALPHABET, max_size=25).map("".join), st.sampled_from(["", "lr=", "+x=", "~", "list[", 'odd["', "n*="]))
def test_any_text_is_a_change_or_a_diagnostic_and_fast(text: str, head: str) -> None:
    start = time.process_time()
    override, found = parse(head + text)
    if override is not None:
        changed, found = apply(tree(), override, FIELDS)
        assert (changed is None) == bool(found)
    else:
        assert found
    assert time.process_time() - start < 0.1
