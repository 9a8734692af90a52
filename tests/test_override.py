"""`--set`: what a text means, what it changes, and what is said about one that cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest

from recipe_compiler.compose import history
from recipe_compiler.diag import Diagnostic, Source
from recipe_compiler.override import apply, parse
from recipe_compiler.schema import Recipe, validate
from recipe_compiler.syntax import Node, plain
from recipe_compiler.syntax import parse as read

FIELDS = frozenset(Recipe.model_fields)
RECIPE = """\
name: r
function: a.b
args:
  lr: 0.1
  opt: [{lr: 1}, {lr: 2}]
  m: {a: 1}
  e: []
  raw: {_raw_: true, x: {y: 1}}
launcher: torchrun
"""


def tree() -> Node:
    node, found = read(Source("r.yaml", RECIPE))
    assert found == ()
    assert node is not None
    return node


def set_(text: str) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    override, found = parse(text)
    return (None, found) if override is None else apply(tree(), override, FIELDS)


def args_after(text: str) -> Any:
    node, found = set_(text)
    assert found == ()
    assert node is not None
    return plain(node)["args"]


def said(text: str) -> list[str]:
    """`CODE column [text under the caret] message | help` of each finding."""
    _, found = set_(text)
    lines = []
    for item in found:
        assert item.primary is not None
        where = item.primary.span.place.rpartition(":")[2]
        lines.append(f"{item.code} {where} [{item.primary.span.text}] {item.message} | {item.help}")
    return lines


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("lr=3e-4", 3e-4, id="number"),
        pytest.param("args.lr=3e-4", 3e-4, id="args-may-be-written"),
        pytest.param("lr=1", 1, id="integer"),
        pytest.param("lr=true", True, id="bool"),
        pytest.param("lr=null", None, id="null"),
        pytest.param("lr=no", "no", id="no-is-text"),
        pytest.param("lr=", "", id="nothing-is-an-empty-text"),
        pytest.param("lr=  ", "", id="blanks-are-an-empty-text"),
        pytest.param("lr= 1", 1, id="blank-before-the-value"),
        pytest.param("lr=a b", "a b", id="text-with-a-space"),
        pytest.param("lr=a,b", "a,b", id="text-with-a-comma"),
        pytest.param("lr=a=b", "a=b", id="only-the-first-equals-counts"),
        pytest.param("lr=a#b", "a#b", id="number-sign-inside-text"),
        pytest.param("lr='1'", "1", id="quotes-make-text"),
        pytest.param('lr="a\\tb"', "a\tb", id="escapes"),
        pytest.param("lr=hf://meta/x", "hf://meta/x", id="url"),
        pytest.param("lr=[1, x]", [1, "x"], id="list"),
        pytest.param("lr={a: 1, 'b:c': 2}", {"a": 1, "b:c": 2}, id="mapping"),
        pytest.param("lr={_target_: a.b}", {"_target_": "a.b"}, id="call"),
        pytest.param("lr={a}", {"a": None}, id="key-alone"),
        pytest.param("lr=$(x) `y`", "$(x) `y`", id="shell-text-is-text"),
        pytest.param("++lr=5", 5, id="either-sign-on-an-old-key"),
    ],
)
def test_value(text: str, value: Any) -> None:
    assert args_after(text)["lr"] == value


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        pytest.param("opt[0].lr=5", "opt", [{"lr": 5}, {"lr": 2}], id="index"),
        pytest.param("opt.1.lr=5", "opt", [{"lr": 1}, {"lr": 5}], id="index-after-a-dot"),
        pytest.param("opt[1]=5", "opt", [{"lr": 1}, 5], id="item"),
        pytest.param("opt=[1]", "opt", [1], id="whole-list"),
        pytest.param("m.a=2", "m", {"a": 2}, id="inside-a-mapping"),
        pytest.param("m={b: 2}", "m", {"b": 2}, id="a-mapping-is-replaced"),
        pytest.param("+m.b=2", "m", {"a": 1, "b": 2}, id="new-key"),
        pytest.param("++m.b=2", "m", {"a": 1, "b": 2}, id="either-sign-on-a-new-key"),
        pytest.param("+m.b.c.d=2", "m", {"a": 1, "b": {"c": {"d": 2}}}, id="new-keys-on-the-way"),
        pytest.param("+new={a: [1]}", "new", {"a": [1]}, id="new-argument"),
        pytest.param("raw=1", "raw", 1, id="a-raw-mapping-as-a-whole"),
    ],
)
def test_route(text: str, key: str, value: Any) -> None:
    assert args_after(text)[key] == value


@pytest.mark.parametrize(
    ("text", "route", "value"),
    [
        pytest.param("name=x", ["name"], "x", id="top-level-key"),
        pytest.param("launcher=python", ["launcher"], "python", id="section"),
        pytest.param("resources.nodes=4", ["resources", "nodes"], 4, id="a-key-of-the-language-needs-no-sign"),
        pytest.param("description=x", ["description"], "x", id="a-field-that-is-not-set"),
        pytest.param("+env.A=x", ["env", "A"], "x", id="environment"),
    ],
)
def test_field(text: str, route: list[str], value: Any) -> None:
    node, found = set_(text)
    assert found == ()
    assert node is not None
    data = plain(node)
    for key in route:
        data = data[key]
    assert data == value


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param(
            "lr",
            "RCP510 1 [lr] cannot read the override `lr` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="no-equals",
        ),
        pytest.param(
            "=1",
            "RCP510 1 [=1] cannot read the override `=1` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="no-key",
        ),
        pytest.param(
            "",
            "RCP510 1 [] cannot read the override `` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="empty",
        ),
        pytest.param(
            "a b=1",
            "RCP510 1 [a b=1] cannot read the override `a b=1` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="space-in-the-key",
        ),
        pytest.param(
            "m..a=1",
            "RCP510 1 [m..a=1] cannot read the override `m..a=1` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="two-dots",
        ),
        pytest.param(
            "opt[x]=1",
            "RCP510 1 [opt[x]=1] cannot read the override `opt[x]=1` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="index-that-is-none",
        ),
        pytest.param(
            "opt[-1]=1",
            "RCP510 1 [opt[-1]=1] cannot read the override `opt[-1]=1` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="negative-index",
        ),
        pytest.param(
            "opt[" + "9" * 5000 + "]=1",
            f"RCP510 1 [opt[{'9' * 5000}]=1] cannot read the override `opt[{'9' * 76}…` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="index-of-5000-digits",
        ),
        pytest.param(
            "[0]=1",
            "RCP510 1 [[0]=1] cannot read the override `[0]=1` | write `args.lr=3e-4`, or `+args.new=1` for a new key",
            id="index-first",
        ),
        pytest.param(
            "~lr",
            "RCP510 1 [~lr] cannot read the override `~lr` | a value cannot be removed by an override; write `key=null`, or change the recipe",
            id="removal",
        ),
        pytest.param(
            "lr*=2", "RCP510 1 [lr*] an override cannot multiply a value | write the new value: `lr=…`", id="product"
        ),
        pytest.param(
            "extends=x",
            "RCP510 1 [extends] `extends` cannot be overridden: bases come before overrides | change the recipe, or override the values that differ",
            id="extends",
        ),
        pytest.param(
            ".".join("a" * 65) + "=1",
            f"RCP103 1 [{'.'.join('a' * 65)}] the override is nested deeper than 64 levels | write a flatter structure",
            id="deep",
        ),
        pytest.param(
            "lr=a #b",
            "RCP510 6 [#b] `#b` is not part of the value: ` #` starts a comment | put the value in YAML's quotes: `key='\"a #b\"'`",
            id="comment",
        ),
        pytest.param(
            "lr=#b",
            "RCP510 4 [#b] `#b` is not part of the value: ` #` starts a comment | put the value in YAML's quotes: `key='\"a #b\"'`",
            id="comment-alone",
        ),
        pytest.param(
            "lr={a:1}",
            "RCP510 5 [a:1] `a:1` is one key without a value | write a space after the colon: `a: 1`",
            id="no-space-after-the-colon",
        ),
        pytest.param(
            "lr=[1",
            "RCP115 6 [] not valid YAML: expected `,` or `]` | close the bracket, separate its entries with `,`, or put text in quotes",
            id="open-bracket",
        ),
        pytest.param(
            "lr='x' y",
            "RCP115 8 [y] not valid YAML: text after the closing `'` | put the whole value in quotes",
            id="text-after-quotes",
        ),
        pytest.param(
            "lr=!!python/name:os.system",
            "RCP107 4 [!!python/name:os.system] the tag `!!python/name:os.system` is not allowed: recipes are plain data | remove the tag; a call is written `_target_: package.function`",
            id="tag",
        ),
        pytest.param(
            "lr=010",
            'RCP113 4 [010] `010` is ambiguous: decimal in YAML 1.2, octal in YAML 1.1 | write `10` or `8` for the number, or `"010"` for the text',
            id="leading-zero",
        ),
        pytest.param(
            "lr=\x1b", "RCP206 4 [\x1b] control character \\x1b in the file | remove it", id="control-character"
        ),
        pytest.param(
            "new=1",
            "RCP511 1 [new] `args.new` is not set in any layer | a new key is written `+args.new=…`",
            id="new-key-without-a-sign",
        ),
        pytest.param(
            "m.b.c=1",
            "RCP511 1 [m.b.c] `args.m.b.c` is not set in any layer | a new key is written `+args.m.b.c=…`",
            id="new-key-deeper",
        ),
        pytest.param(
            "ltr=1",
            "RCP511 1 [ltr] `args.ltr` is not set in any layer | did you mean `args.lr`? a new key is written `+args.ltr=…`",
            id="near-argument",
        ),
        pytest.param(
            "resource.nodes=1",
            "RCP511 1 [resource.nodes] `args.resource.nodes` is not set in any layer | did you mean `resources.nodes`? a new key is written `+args.resource.nodes=…`",
            id="near-field",
        ),
        pytest.param(
            "env.A=1",
            "RCP511 1 [env.A] `env.A` is not set in any layer | a new key is written `+env.A=…`",
            id="new-environment-name",
        ),
        pytest.param(
            "+lr=1", "RCP511 2 [lr] `args.lr` exists already | write `args.lr=…` to change it", id="old-key-with-a-sign"
        ),
        pytest.param(
            "+q[0]=1",
            "RCP511 2 [q[0]] `args.q` is not set in any layer, so it has no items | write the whole list: `+args.q=[…]`",
            id="item-of-a-new-list",
        ),
        pytest.param(
            "lr.x=1",
            "RCP512 1 [lr.x] `args.lr` is no mapping, so it has no `x` | override `args.lr` as a whole",
            id="through-a-number",
        ),
        pytest.param(
            "launcher.x=1",
            "RCP512 1 [launcher.x] `launcher` is no mapping, so it has no `x` | override `launcher` as a whole",
            id="through-a-text",
        ),
        pytest.param(
            "opt[2]=1",
            "RCP512 1 [opt[2]] `args.opt` is a list of 2, so it has no `[2]` | use an index from 0 to 1, or write the whole list: `args.opt=[…]`",
            id="past-the-end",
        ),
        pytest.param(
            "+opt[2]=1",
            "RCP512 2 [opt[2]] `args.opt` is a list of 2, so it has no `[2]` | use an index from 0 to 1, or write the whole list: `args.opt=[…]`",
            id="lists-do-not-grow",
        ),
        pytest.param(
            "opt.x=1",
            "RCP512 1 [opt.x] `args.opt` is a list of 2, so it has no `x` | use an index from 0 to 1, or write the whole list: `args.opt=[…]`",
            id="key-of-a-list",
        ),
        pytest.param(
            "e[0]=1",
            "RCP512 1 [e[0]] `args.e` is an empty list, so it has no `[0]` | write the whole list: `args.e=[…]`",
            id="empty-list",
        ),
        pytest.param(
            "m[0]=1",
            "RCP512 1 [m[0]] `args.m` is a mapping, so it has no `[0]` | override `args.m` as a whole",
            id="index-of-a-mapping",
        ),
        pytest.param(
            "raw.x.y=2",
            "RCP512 1 [raw.x.y] `args.raw` is `_raw_`: it is passed as it is, and nothing in it can be overridden | override `args.raw` as a whole",
            id="inside-raw",
        ),
    ],
)
def test_finding(text: str, finding: str) -> None:
    assert said(text) == [finding]


def test_what_yaml_1_1_would_read_does_not_matter_on_a_command_line() -> None:
    assert said("lr=1e-4") == []
    assert said("lr=off") == []


def test_the_source_of_a_finding_is_the_override() -> None:
    _, found = set_("lr=\u202e")
    assert [item.primary.span.source.file for item in found if item.primary] == ["<--set lr=\\u202e>"]


def test_the_history_begins_with_the_override() -> None:
    node, _ = set_("lr=3")
    assert node is not None
    assert [step.span.place for step in history(node, ("args", "lr"))] == ["<--set lr=3>:1:4", "r.yaml:4:7"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("resources.nodez=4", "<--set resources.nodez=4>:1:1 resources.nodez", id="key"),
        pytest.param("resources.nodes=0", "<--set resources.nodes=0>:1:17 0", id="value"),
    ],
)
def test_a_later_finding_points_into_the_override(text: str, place: str) -> None:
    node, found = set_(text)
    assert found == ()
    assert node is not None
    _, wrong = validate(Recipe, node)
    assert [f"{item.primary.span.place} {item.primary.span.text}" for item in wrong if item.primary] == [place]


def test_many_overrides_nest_no_deeper_than_their_own_routes() -> None:
    node: Node | None = tree()
    for text in ("+" + ".".join("a" * 60) + "=1", ".".join("a" * 60) + "=" + "[" * 60 + "]" * 60):
        override, found = parse(text)
        assert override is not None
        assert node is not None
        node, found = apply(node, override, FIELDS)
        assert found == ()
    assert node is not None
    validate(Recipe, node)
