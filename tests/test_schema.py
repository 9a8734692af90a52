"""A recipe's fields: one mistake a row, the whole message, and the place it points at."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field

from recipe_compiler.diag import Diagnostic, Source
from recipe_compiler.schema import Model, Recipe, validate
from recipe_compiler.schema.fields import AbsolutePath, PlainPath, duration_text, function_trouble, kind, seconds
from recipe_compiler.syntax import parse

HEAD = "name: r\nfunction: a.b\n"


def checked(text: str) -> tuple[Recipe | None, tuple[Diagnostic, ...]]:
    root, found = parse(Source("r.yaml", text))
    assert root is not None
    assert [item for item in found if item.severity == "error"] == []
    return validate(Recipe, root)


def said(text: str) -> list[str]:
    """`CODE line:column [text under the caret] message | help` of each finding."""
    model, found = checked(text)
    assert (model is None) == bool(found)
    lines = []
    for item in found:
        assert item.primary is not None
        place = item.primary.span.place.removeprefix("r.yaml:")
        lines.append(f"{item.code} {place} [{item.primary.span.text}] {item.message} | {item.help}")
    return lines


def get(text: str, *names: str) -> Any:
    value: Any
    value, found = checked(HEAD + text)
    assert found == ()
    for name in names:
        value = getattr(value, name)
    return value


# ---------------------------------------------------------------- what is taken


@pytest.mark.parametrize(
    ("text", "route", "value"),
    [
        pytest.param("recipec: 1", ("recipec",), 1, id="version"),
        pytest.param("", ("recipec",), 1, id="version-when-absent"),
        pytest.param("", ("args",), {}, id="no-args"),
        pytest.param("resources: {time: 24:00:00}", ("resources", "time"), 86_400, id="h-mm-ss"),
        pytest.param("resources: {time: 1-00:00:01}", ("resources", "time"), 86_401, id="d-hh-mm-ss"),
        pytest.param("resources: {time: 90m}", ("resources", "time"), 5_400, id="minutes"),
        pytest.param("resources: {time: 1d12h}", ("resources", "time"), 129_600, id="days-and-hours"),
        pytest.param("resources: {mem_per_node: 64G}", ("resources", "mem_per_node"), 65_536, id="gigabytes"),
        pytest.param("resources: {mem_per_node: 64GiB}", ("resources", "mem_per_node"), 65_536, id="gibibytes"),
        pytest.param("resources: {mem_per_node: 2T}", ("resources", "mem_per_node"), 2 << 20, id="terabytes"),
        pytest.param("resources: {mem_per_node: 2048K}", ("resources", "mem_per_node"), 2, id="kilobytes"),
        pytest.param("resources: {nodes: null}", ("resources", "nodes"), None, id="null-leaves-it-to-the-cluster"),
        pytest.param("launcher: torchrun", ("launcher", "kind"), "torchrun", id="launcher-in-short"),
        pytest.param("launcher: {kind: x, a: 1}", ("launcher", "options"), {"a": 1}, id="launcher-options"),
        pytest.param("secrets: [A, B]", ("secrets",), ("A", "B"), id="secrets"),
        pytest.param('description: ""', ("description",), "", id="empty-description"),
        pytest.param("args: {a: null, 'b c': [1.5]}", ("args",), {"a": None, "b c": [1.5]}, id="any-args"),
    ],
)
def test_taken(text: str, route: tuple[str, ...], value: Any) -> None:
    assert get(text, *route) == value


@pytest.mark.parametrize("name", ["a", "0", "a.b_c-d", "llama3-8b.v2", "x" * 63])
def test_name_taken(name: str) -> None:
    assert said(f"name: '{name}'\nfunction: a.b") == []


@pytest.mark.parametrize("path", ["a.b", "a:b", "a.b.c", "a.b:c", "a.b:c.d", "_a._b", "A1.b2"])
def test_function_taken(path: str) -> None:
    assert said(f"name: a\nfunction: {path}") == []


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param(
            "nme: x", "RCP201 3:1 [nme] unknown key `nme` | a key with a similar name exists: `name`", id="unknown-key"
        ),
        pytest.param(
            "Name: x", "RCP201 3:1 [Name] unknown key `Name` | a key with a similar name exists: `name`", id="capitals"
        ),
        pytest.param(
            "foo: x",
            "RCP201 3:1 [foo] unknown key `foo` | remove it, or use a known key",
            id="unknown-key-like-no-other",
        ),
        pytest.param(
            "nodes: 2",
            "RCP201 3:1 [nodes] unknown key `nodes` | `nodes` is a key of `resources`: write it there",
            id="key-of-a-section",
        ),
        pytest.param(
            "extend: x",
            "RCP201 3:1 [extend] unknown key `extend` | a key with a similar name exists: `extends`",
            id="near-extends",
        ),
        pytest.param(
            "resources:\n  gpus-per-node: 8",
            "RCP201 4:3 [gpus-per-node] unknown key `gpus-per-node` in `resources` | a key with a similar name exists: `gpus_per_node`",
            id="unknown-key-in-a-section",
        ),
        pytest.param(
            "resources: {extra: [--wrap=x]}",
            "RCP201 3:13 [extra] unknown key `extra` in `resources` | remove it, or use a known key",
            id="no-raw-options",
        ),
        pytest.param(
            '"a\\nb": 1',
            'RCP201 3:1 ["a\\nb"] unknown key `a\\nb` | remove it, or use a known key',
            id="key-with-a-line-break",
        ),
        pytest.param("resources: x", "RCP202 3:12 [x] `resources` must be a mapping | write a mapping", id="mapping"),
        pytest.param(
            "resources:", "RCP202 3:11 [] `resources` must be a mapping | write `{}`, or remove the key", id="nothing"
        ),
        pytest.param("args: [1]", "RCP202 3:7 [[1]] `args` must be a mapping | write a mapping", id="list-for-args"),
        pytest.param(
            "resources: {nodes: true}",
            "RCP202 3:20 [true] `resources.nodes` must be an integer | write an integer",
            id="true-is-no-integer",
        ),
        pytest.param(
            "resources: {nodes: '4'}",
            "RCP202 3:20 ['4'] `resources.nodes` must be an integer | write `4` without quotes",
            id="quoted-integer",
        ),
        pytest.param(
            "resources: {nodes: '3_0'}",
            "RCP202 3:20 ['3_0'] `resources.nodes` must be an integer | write an integer",
            id="underscores",
        ),
        pytest.param(
            "resources: {nodes: 4.0}",
            "RCP202 3:20 [4.0] `resources.nodes` must be an integer | write `4`",
            id="float-for-integer",
        ),
        pytest.param(
            "resources: {nodes: 1.5}",
            "RCP202 3:20 [1.5] `resources.nodes` must be an integer | write an integer",
            id="fraction",
        ),
        pytest.param(
            "resources: {nodes: 1-1000}",
            "RCP202 3:20 [1-1000] `resources.nodes` must be an integer | write an integer",
            id="range",
        ),
        pytest.param(
            "resources: {partition: 5}",
            'RCP202 3:24 [5] `resources.partition` must be text | write `"5"`',
            id="integer-for-text",
        ),
        pytest.param(
            "env: {A: 1.0e-4}",
            'RCP202 3:10 [1.0e-4] `env.A` must be text | write `"1.0e-4"`',
            id="a-number-is-quoted-as-it-is-written",
        ),
        pytest.param("env: {A: true}", 'RCP202 3:10 [true] `env.A` must be text | write `"true"`', id="bool-for-text"),
        pytest.param(
            "env: {A: null}",
            "RCP202 3:10 [null] `env.A` must be text | write text, or remove the key",
            id="null-for-text",
        ),
        pytest.param(
            "container: ''",
            "RCP202 3:12 [''] `container`: the text is empty | write a value, or remove the key",
            id="empty-text",
        ),
        pytest.param("secrets: X", "RCP202 3:10 [X] `secrets` must be a list | write `[X]`", id="text-for-a-list"),
        pytest.param(
            "secrets: {A: b}", "RCP202 3:10 [{A: b}] `secrets` must be a list | write a list", id="mapping-for-a-list"
        ),
        pytest.param("secrets: [1]", 'RCP202 3:11 [1] `secrets[0]` must be text | write `"1"`', id="item-of-a-list"),
        pytest.param(
            "launcher: 5",
            "RCP202 3:11 [5] `launcher` must be a name or a mapping | write a name or a mapping",
            id="section",
        ),
        pytest.param("launcher: {kind: 5}", 'RCP202 3:18 [5] `launcher.kind` must be text | write `"5"`', id="kind"),
        pytest.param(
            "launcher: {nproc: 1}", "RCP208 3:1 [launcher] `kind` is missing in `launcher` | add `kind:`", id="no-kind"
        ),
        pytest.param(
            "recipec: true",
            "RCP202 3:10 [true] `recipec` must be an integer | write an integer",
            id="true-is-no-version",
        ),
        pytest.param(
            "recipec: 1.0", "RCP202 3:10 [1.0] `recipec` must be an integer | write `1`", id="a-float-is-no-version"
        ),
        pytest.param(
            "recipec: '1'",
            "RCP202 3:10 ['1'] `recipec` must be an integer | write `1` without quotes",
            id="text-is-no-version",
        ),
        pytest.param("recipec: 2", "RCP209 3:10 [2] `recipec` cannot be `2` | one of: 1", id="later-version"),
        pytest.param(
            "resources: {nodes: 0}",
            "RCP203 3:20 [0] `resources.nodes` must be at least 1, and is 0 | write at least 1",
            id="too-small",
        ),
        pytest.param(
            "resources: {nodes: 18446744073709551615}",
            "RCP203 3:20 [18446744073709551615] `resources.nodes` must be at most 100000, and is 18446744073709551615 | write at most 100000",
            id="too-large",
        ),
        pytest.param(
            "resources: {time: 60}",
            "RCP204 3:19 [60] `resources.time`: `60` has no unit | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
            id="minutes-or-seconds",
        ),
        pytest.param(
            "resources: {time: 1:30}",
            "RCP204 3:19 [1:30] `resources.time`: `1:30` is not a clear duration | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
            id="two-parts",
        ),
        pytest.param(
            "resources: {time: 1:60:00}",
            "RCP204 3:19 [1:60:00] `resources.time`: `1:60:00` is not a clear duration | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
            id="sixty-minutes",
        ),
        pytest.param(
            "resources: {time: 0s}",
            "RCP203 3:19 [0s] `resources.time`: a duration of 0 | write how long the job may run",
            id="no-time",
        ),
        pytest.param(
            "resources: {time: [1]}",
            "RCP202 3:19 [[1]] `resources.time` must be a duration | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
            id="list-for-a-time",
        ),
        pytest.param(
            "resources: {mem_per_node: 64}",
            "RCP204 3:27 [64] `resources.mem_per_node`: `64` is not a memory size | write a number and a unit such as `64G`",
            id="memory-without-a-unit",
        ),
        pytest.param(
            "resources: {mem_per_node: 1K}",
            "RCP203 3:27 [1K] `resources.mem_per_node`: less than 1M of memory | write at least `1M`",
            id="too-little-memory",
        ),
        pytest.param(
            "resources: {account: 'a b'}",
            "RCP803 3:22 ['a b'] `resources.account`: `a b` cannot stand in an #SBATCH line | use letters, digits and `._@+-`, first a letter or digit",
            id="directive",
        ),
        pytest.param(
            "resources: {qos: --wrap}",
            "RCP803 3:18 [--wrap] `resources.qos`: `--wrap` cannot stand in an #SBATCH line | use letters, digits and `._@+-`, first a letter or digit",
            id="directive-like-an-option",
        ),
        pytest.param(
            "command: []",
            "RCP203 3:10 [[]] `command` must have at least 1 item | add what is missing",
            id="too-few-items",
        ),
        pytest.param(
            "script: " + "a" * 1025,
            f"RCP203 3:9 [{'a' * 1025}] `script` must have at most 1024 characters | write less",
            id="too-many-characters",
        ),
    ],
)
def test_finding(text: str, finding: str) -> None:
    assert said(HEAD + text) == [finding]


NAME_HELP = "use lower-case letters, digits, `.`, `_` and `-`, first a letter or digit, at most 63 characters"
PATH_HELP = "write `package.module.function` or `package.module:function`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("A", "`A` cannot be a name", id="capital"),
        pytest.param("-a", "`-a` cannot be a name", id="option"),
        pytest.param("..", "`..` cannot be a name", id="parent-folder"),
        pytest.param("a/b", "`a/b` cannot be a name", id="path"),
        pytest.param("a#b", "`a#b` cannot be a name", id="number-sign"),
        pytest.param("train --time=1", "`train --time=1` cannot be a name", id="space"),
        pytest.param('"a\\n#SBATCH --x"', "`a\\n#SBATCH --x` cannot be a name", id="line-break"),
        pytest.param('"a\\n"', "`a\\n` cannot be a name", id="line-break-at-the-end"),
        pytest.param("caf\u00e9", "`caf\u00e9` cannot be a name", id="accent"),
        pytest.param("''", "an empty text cannot be a name", id="empty"),
        pytest.param("a" * 64, f"`{'a' * 64}` cannot be a name", id="64-characters"),
        pytest.param("a" * 5000, f"`{'a' * 80}…` cannot be a name", id="a-message-shows-80-characters"),
    ],
)
def test_name_refused(text: str, message: str) -> None:
    assert said(f"name: {text}\nfunction: a.b") == [f"RCP701 1:7 [{text}] `name`: {message} | {NAME_HELP}"]


def test_a_name_is_no_lock_file() -> None:
    assert said("name: a.lock\nfunction: a.b") == [
        "RCP701 1:7 [a.lock] `name`: `a.lock` cannot be a name | `.lock` at the end is kept for lock files"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "train", "`train` cannot be a function path: it is not a dotted path of identifiers", id="no-module"
        ),
        pytest.param(
            "..train:main",
            "`..train:main` cannot be a function path: it is not a dotted path of identifiers",
            id="relative",
        ),
        pytest.param("a..b", "`a..b` cannot be a function path: it is not a dotted path of identifiers", id="two-dots"),
        pytest.param(
            "a:b:c", "`a:b:c` cannot be a function path: it is not a dotted path of identifiers", id="two-colons"
        ),
        pytest.param("a-b.c", "`a-b.c` cannot be a function path: it is not a dotted path of identifiers", id="dash"),
        pytest.param("a.b()", "`a.b()` cannot be a function path: it is not a dotted path of identifiers", id="call"),
        pytest.param("a.1b", "`a.1b` cannot be a function path: it is not a dotted path of identifiers", id="digit"),
        pytest.param("a b.c", "`a b.c` cannot be a function path: it is not a dotted path of identifiers", id="space"),
        pytest.param(
            '"a.b\\n"', "`a.b\\n` cannot be a function path: it is not a dotted path of identifiers", id="line-break"
        ),
        pytest.param(
            "''", "an empty text cannot be a function path: it is not a dotted path of identifiers", id="empty"
        ),
        pytest.param(
            "a.__globals__",
            "`a.__globals__` cannot be a function path: names with two leading underscores are not allowed",
            id="dunder",
        ),
        pytest.param(
            "acme.tr\u0430in",
            "`acme.tr\u0430in` cannot be a function path: identifiers are ASCII, `\u0430` is cyrillic small letter a",
            id="homoglyph",
        ),
        pytest.param(
            "a." * 200 + "b", f"`{'a.' * 40}…` cannot be a function path: it is longer than 255 characters", id="long"
        ),
    ],
)
def test_function_refused(text: str, message: str) -> None:
    assert said(f"name: a\nfunction: {text}") == [f"RCP704 2:11 [{text}] `function`: {message} | {PATH_HELP}"]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("function: a.b", ["RCP208 1:1 [f] `name` is missing | add `name:`"], id="no-name"),
        pytest.param(
            "name: 5\nfunction: [a]",
            [
                'RCP202 1:7 [5] `name` must be text | write `"5"`',
                f"RCP202 2:11 [[a]] `function` must be a function path | {PATH_HELP}",
            ],
            id="types",
        ),
        pytest.param(
            "name:\nfunction:",
            ["RCP202 1:6 [] `name` must be text | write text, or remove the key"],
            id="nothing",
        ),
        pytest.param(
            HEAD + "resources: {nodes: 0, time: 5, x: 1}\nfoo: 1",
            [
                "RCP203 3:20 [0] `resources.nodes` must be at least 1, and is 0 | write at least 1",
                "RCP204 3:29 [5] `resources.time`: `5` has no unit | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
                "RCP201 3:32 [x] unknown key `x` in `resources` | remove it, or use a known key",
                "RCP201 4:1 [foo] unknown key `foo` | remove it, or use a known key",
            ],
            id="all-at-once",
        ),
    ],
)
def test_findings(text: str, findings: list[str]) -> None:
    assert said(text) == findings


def test_a_label_says_what_was_expected_and_what_was_found() -> None:
    _, found = checked(HEAD + "resources: {nodes: [1]}\nenv: {A: {}}\nsecrets: 1.5\n")
    assert [item.primary.text for item in found if item.primary] == [
        "expected an integer, found a list",
        "expected text, found a mapping",
        "expected a list, found a number",
    ]
    assert [kind(value) for value in (None, True, 1, "")] == ["nothing", "true or false", "an integer", "text"]


def test_known_keys_are_listed_and_a_near_one_is_an_unsafe_fix() -> None:
    _, found = checked(HEAD + "resources: {gpus_per_nod: 8}\n")
    fix = found[0].fix
    assert found[0].notes == (
        "known keys: nodes, gpus_per_node, cpus_per_node, mem_per_node, time, partition, account, qos",
    )
    assert fix is not None
    assert (fix.span.text, fix.replacement, fix.applicability) == ("gpus_per_nod", "gpus_per_node", "unsafe")


def test_a_message_stays_short_and_visible_whatever_the_key() -> None:
    _, found = checked(HEAD + f'env: {{"{"k" * 1000}": 1, "a\\tb": 2}}\n')
    assert [len(item.message) < 160 and item.message.isprintable() for item in found] == [True, True]


def test_finding_of_a_section_that_stands_deeper() -> None:
    """Options of a plugin are validated alone; the route and the place are those in the file."""

    class Options(Model):
        count: int = Field(default=1, gt=0, lt=10)
        inner: dict[str, int] = {}

    root, _ = parse(Source("r.yaml", "launcher: {kind: x, count: 10, inner: {a: b}, cuont: 1}\n"))
    assert root is not None
    _, found = validate(Options, root, ("launcher",), {"count": 10, "inner": {"a": "b"}, "cuont": 1})
    assert [(item.code, item.message, item.route) for item in found] == [
        ("RCP203", "`launcher.count` must be less than 10, and is 10", ("launcher", "count")),
        ("RCP202", "`launcher.inner.a` must be an integer", ("launcher", "inner", "a")),
        ("RCP201", "unknown key `cuont` in `launcher`", ("launcher", "cuont")),
    ]
    assert [item.primary.span.text for item in found if item.primary] == ["10", "b", "cuont"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("a/b", "RCP602 `p`: `a/b` is not a plain absolute path", id="relative"),
        pytest.param("/", "RCP602 `p`: `/` is not a plain absolute path", id="root"),
        pytest.param("/a/../b", "RCP602 `p`: `/a/../b` is not a plain absolute path", id="parent"),
        pytest.param("/a/./b", "RCP602 `p`: `/a/./b` is not a plain absolute path", id="here"),
        pytest.param("/a//b", "RCP602 `p`: `/a//b` is not a plain absolute path", id="two-slashes"),
        pytest.param('"/a\\nb"', "RCP206 `p`: control character in the path `/a\\nb`", id="line-break"),
        pytest.param("5", "RCP202 `p` must be an absolute path", id="integer"),
    ],
)
def test_path_refused(text: str, finding: str) -> None:
    class Holder(Model):
        p: AbsolutePath

    root, _ = parse(Source("r.yaml", f"p: {text}\n"))
    assert root is not None
    assert [f"{item.code} {item.message}" for item in validate(Holder, root)[1]] == [finding]


def test_a_path_for_a_directive_has_a_small_alphabet() -> None:
    class Holder(Model):
        p: PlainPath

    assert Holder(p="/shared/runs/").p == "/shared/runs"
    root, _ = parse(Source("r.yaml", "p: /a b\n"))
    assert root is not None
    assert validate(Holder, root)[1][0].message == "`p`: `/a b` cannot stand in an #SBATCH line"


def test_durations_are_written_the_one_way_that_slurm_reads() -> None:
    for text in ("0:00:01", "1:02:03", "24:00:00", "3-04:05:06", "999-23:59:59"):
        total = seconds(text)
        assert total is not None
        assert seconds(duration_text(total)) == total
    assert duration_text(86_400) == "1-00:00:00"


def test_a_long_path_that_is_no_function_takes_no_time() -> None:
    assert function_trouble("a." * 500_000 + "!") == "it is longer than 255 characters"
