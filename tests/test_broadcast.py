"""`broadcast:` and `walk:`: where they reach, what they refuse, and the arithmetic of an expression."""

from __future__ import annotations

import json
import math
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import fiddle as fdl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recipe_compiler import driver
from recipe_compiler.arithmetic import MAX_TEXT, Trouble, read
from recipe_compiler.cli.session import read as read_file
from recipe_compiler.compose import history
from recipe_compiler.render import Templates
from recipe_compiler.workspace import Input, Workspace
from tests.test_check import findings, templates

CLUSTER = "name: l\ntarget: local\nfunctions: ['*']\n"
HEAD = "name: r\nfunction: acme.train\n"


def workspace() -> Workspace:
    project, _ = driver.load_project(None, "recipec.yaml")
    profile, _ = driver.load_cluster(CLUSTER.encode(), "clusters/l.yaml")
    assert project is not None
    assert profile is not None
    return Workspace(PurePath("/p"), project, None, profile, Templates(templates))


def compiled(recipe: str, *sets: str) -> driver.Compiled:
    return driver.compile_recipe(
        Input("r.yaml", (HEAD + recipe).encode(), PurePath("/p/r.yaml")), sets, workspace(), read_file
    )


def composed(recipe: str, *sets: str) -> driver.Composed:
    return driver.compose_recipe(
        Input("r.yaml", (HEAD + recipe).encode(), PurePath("/p/r.yaml")), sets, workspace(), read_file
    )


def call(recipe: str, *sets: str) -> dict[str, Any]:
    done = compiled(recipe, *sets)
    assert done.bundle is not None, done.found
    data: dict[str, Any] = json.loads(done.bundle.files["call.json"])
    return data


def args(recipe: str, *sets: str) -> Any:
    return call(recipe, *sets)["args"]


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        pytest.param("args: {s: 1, a: {s: 2}}\nbroadcast: {s: 9}", {"s": 9, "a": {"s": 9}}, id="at-every-depth"),
        pytest.param(
            "args: {l: [{s: 2}, [{s: 3}], 4]}\nbroadcast: {s: 9}", {"l": [{"s": 9}, [{"s": 9}], 4]}, id="through-lists"
        ),
        pytest.param(
            "args: {m: {_target_: acme.m, _args_: [{s: 1}], s: 2}}\nbroadcast: {s: 9}",
            {"m": {"_target_": "acme.m", "_args_": [{"s": 9}], "s": 9}},
            id="through-calls-and-their-positional-arguments",
        ),
        pytest.param(
            "args: {s: 1, a: {_raw_: true, s: 2}, b: {_raw_: false, s: 3}}\nbroadcast: {s: 9}",
            {"s": 9, "a": {"_raw_": True, "s": 2}, "b": {"_raw_": False, "s": 9}},
            id="raw-is-left-alone",
        ),
        pytest.param(
            "args: {s: 1}\nbroadcast: {s: {_target_: acme.s, s: 5}}",
            {"s": {"_target_": "acme.s", "s": 5}},
            id="a-call-is-a-value",
        ),
        pytest.param(
            "args: {a: {b: 1}, c: {a: 2, b: 3}}\nbroadcast: {a: {b: 0}, b: 7}",
            {"a": {"b": 0}, "c": {"a": {"b": 0}, "b": 7}},
            id="what-is-put-in-place-is-not-searched-again",
        ),
        pytest.param("vars: {n: 4}\nargs: {s: 1}\nbroadcast: {s: '${vars.n}'}", {"s": 4}, id="references-come-first"),
        pytest.param(
            "args: {s: 1, t: '${args.s}'}\nbroadcast: {s: 9}", {"s": 9, "t": 1}, id="a-reference-reads-what-was-before"
        ),
        pytest.param("args: {s: 1, l: [{s: 3}]}\nwalk: {s: value * 2}", {"s": 2, "l": [{"s": 6}]}, id="walk-each-once"),
        pytest.param(
            "args: {s: 1, t: 2}\nbroadcast: {s: 20}\nwalk: {s: value * 2}", {"s": 40, "t": 2}, id="broadcast-then-walk"
        ),
        pytest.param(
            "args: {s: 8, t: 8, u: 8}\nwalk: {s: value / 2, t: value // 3, u: 1 - value}",
            {"s": 4.0, "t": 2, "u": -7},
            id="division-makes-a-float",
        ),
        pytest.param(
            "args: {s: 8}\nwalk: {s: 'min(max(value, 10), 12) + round(2.5) + int(3.9) + float(1)'}",
            {"s": 16.0},
            id="functions",
        ),
        pytest.param(
            "args: {o: {s: 1}, p: '${args.o}'}\nwalk: {s: value + 1}",
            {"o": {"s": 2}, "p": {"s": 2}},
            id="a-copied-value-is-walked-once",
        ),
        pytest.param(
            "vars: {k: 3}\nargs: {s: 2}\nwalk: {s: 'value * ${vars.k}'}", {"s": 6}, id="a-reference-in-an-expression"
        ),
        pytest.param("args: {s: 2}\nbroadcast: {}\nwalk: {}", {"s": 2}, id="nothing-to-do"),
    ],
)
def test_reach(recipe: str, expected: Any) -> None:
    assert args(recipe) == expected


@pytest.mark.parametrize("change", ["broadcast: {s: 9}", "walk: {s: value + 8}"])
def test_an_anchored_node_is_changed_once_and_stays_one_object(change: str) -> None:
    data = call(f"args: {{a: &x {{s: 1, l: [{{s: 1}}]}}, b: *x}}\n{change}")
    assert data["args"] == {"a": {"_shared_": 0}, "b": {"_shared_": 0}}
    assert data["shared"] == [{"s": 9, "l": [{"s": 9}]}]


def test_an_override_changes_what_is_broadcast_and_how_is_walked() -> None:
    recipe = "args: {s: 1}\nbroadcast: {s: 9}\nwalk: {s: value * 2}"
    assert args(recipe, "broadcast.s=10", "walk.s=value * 3") == {"s": 30}


@pytest.mark.parametrize(
    ("recipe", "finding"),
    [
        pytest.param(
            "args: {seq_length: 1, a: {lr: 2}}\nbroadcast: {seq_lenght: 9}",
            "RCP540 r.yaml:4:13 [seq_lenght] `seq_lenght` occurs nowhere below `args` | did you mean `seq_length`? names that occur: a, lr, seq_length",
            id="a-name-that-occurs-nowhere",
        ),
        pytest.param(
            "broadcast: {s: 9}",
            "RCP540 r.yaml:3:13 [s] `s` occurs nowhere below `args` | names that occur: none",
            id="no-arguments",
        ),
        pytest.param(
            "args: {a: {_raw_: true, s: 1}}\nwalk: {s: value}",
            "RCP540 r.yaml:4:8 [s] `s` occurs nowhere below `args` | names that occur: a",
            id="names-inside-raw-do-not-occur",
        ),
        pytest.param(
            "args: {a: {_target_: acme.m}}\nbroadcast: {_target_: acme.n}",
            "RCP540 r.yaml:4:13 [_target_] `broadcast` sets arguments, not the marker `_target_` | set it where the call is written",
            id="a-marker-is-no-argument",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: 'vlaue * 2'}",
            "RCP542 r.yaml:4:12 [vlaue] `walk.s` cannot be read: there is no `vlaue` in an expression | did you mean `value`? "
            "write arithmetic over `value`, such as `value * 2`; functions: min, max, round, int, float",
            id="unknown-name-in-an-expression",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: value *}",
            "RCP542 r.yaml:4:17 [*] `walk.s` cannot be read: the expression ends too early | "
            "write arithmetic over `value`, such as `value * 2`; functions: min, max, round, int, float",
            id="an-expression-that-ends-too-early",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: value.real}",
            "RCP542 r.yaml:4:16 [.] `walk.s` cannot be read: `.` is not expected here | "
            "write arithmetic over `value`, such as `value * 2`; functions: min, max, round, int, float",
            id="no-attributes",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: 'min(value)'}",
            "RCP542 r.yaml:4:12 [min] `walk.s` cannot be read: `min` takes 2 or more values, not 1 | give it 2 or more values",
            id="too-few-values",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: ''}",
            "RCP202 r.yaml:4:11 [''] `walk.s`: the text is empty | write a value, or remove the key",
            id="empty",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: 2}",
            'RCP202 r.yaml:4:11 [2] `walk.s` must be text | write `"2"`',
            id="a-number-is-no-expression",
        ),
        pytest.param(
            "args: {s: 1}\nbroadcast: [s]",
            "RCP202 r.yaml:4:12 [[s]] `broadcast` must be a mapping | write a mapping",
            id="broadcast-is-a-mapping",
        ),
        pytest.param(
            "args: {a: {s: fast}}\nwalk: {s: value * 2}",
            "RCP543 r.yaml:3:15 [fast] `walk.s` maps numbers, `args.a.s` is text | write a number here, or remove the name from `walk`",
            id="text-is-no-number",
        ),
        pytest.param(
            "args: {s: true}\nwalk: {s: value * 2}",
            "RCP543 r.yaml:3:11 [true] `walk.s` maps numbers, `args.s` is true/false | write a number here, or remove the name from `walk`",
            id="true-is-no-number",
        ),
        pytest.param(
            "args: {s: 0}\nwalk: {s: 1 / value}",
            "RCP544 r.yaml:4:13 [/] `walk.s` of 0 has no result: division by zero | divide by a number that is never 0, such as `max(1, value)`",
            id="division-by-zero",
        ),
        pytest.param(
            "args: {s: 9}\nwalk: {s: value**value**value}",
            "RCP544 r.yaml:4:16 [**] `walk.s` of 9 has no result: the result of `**` is too large | write an expression of smaller numbers",
            id="a-tower-of-powers",
        ),
        pytest.param(
            "args: {s: -8}\nwalk: {s: value ** 0.5}",
            "RCP544 r.yaml:4:17 [**] `walk.s` of -8 has no result: a negative number has no such power | write a whole exponent",
            id="no-complex-numbers",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: value * 2 ** 64}",
            "RCP544 r.yaml:4:17 [*] `walk.s` of 1 has no result: the result is out of range (64 bit) | write a smaller number",
            id="an-integer-over-64-bit",
        ),
        pytest.param(
            "args: {s: 1}\nwalk: {s: 'round(value, 10 ** 9)'}",
            "RCP544 r.yaml:4:12 [round] `walk.s` of 1 has no result: `round` takes a whole number of digits, at most 20 | write `round(value, 4)`",
            id="digits-are-limited",
        ),
    ],
)
def test_finding(recipe: str, finding: str) -> None:
    assert findings(HEAD + recipe, CLUSTER) == [finding]


def test_a_non_number_shows_the_walk_too() -> None:
    (found,) = compiled("args: {s: [1]}\nwalk: {s: value * 2}").found
    assert [(label.span.text, label.text) for label in found.related] == [("value * 2", "maps every `s`")]
    assert found.message == "`walk.s` maps numbers, `args.s` is a list"


def test_an_override_is_not_lost_in_silence() -> None:
    (found,) = compiled("args: {a: {s: 1}}\nbroadcast: {s: 9}", "a.s=5").found
    assert found.primary is not None
    assert (found.code, found.primary.span.place, found.message, found.help) == (
        "RCP541",
        "<--set a.s=5>:1:5",
        "`args.a.s` is set by an override, and `broadcast` would set it again",
        "override `broadcast.s`, or remove it from `broadcast`",
    )
    assert [(label.span.place, label.text) for label in found.related] == [("r.yaml:4:13", "sets every `s`")]


def test_a_broadcast_has_a_budget() -> None:
    big, many = ", ".join(["1"] * 20_000), ", ".join(["{s: 1}"] * 4)
    found = compiled(f"args: {{l: [{many}]}}\nbroadcast: {{s: [{big}]}}").found
    assert [(item.code, item.message) for item in found] == [("RCP545", "`broadcast` sets more than 50000 values")]


def test_the_history_of_a_changed_value_says_so() -> None:
    tree = composed("args: {s: 1}\nvars: {n: 4}\nbroadcast: {s: '${vars.n}'}\nwalk: {s: value * 2}").tree
    assert tree is not None
    chain = history(tree, ("args", "s"))
    assert [(node.value, node.span.text) for node in chain] == [(8, "value * 2"), (4, "'${vars.n}'"), (1, "1")]
    assert tree.value["args"].key_span("s").place == "r.yaml:6:8"


def test_the_manifest_says_who_set_the_value() -> None:
    done = compiled("args: {s: 1, t: 2}\nbroadcast: {s: 9}\nwalk: {t: value * 2}")
    assert done.bundle is not None
    values = json.loads(done.bundle.files["manifest.json"])["values"]
    assert (values["args.s"], values["args.t"]) == ("r.yaml:4", "r.yaml:5")


# --- the equivalences of NeMo-Run's guide: Python, its YAML, and our call.json --------------------------


class Llama3Config8B:
    def __init__(self, seq_length: int = 8192) -> None:
        self.seq_length = seq_length


class LlamaModel:
    def __init__(self, config: Llama3Config8B) -> None:
        self.config = config


class SomeObject:
    def __init__(self, a: int, b: object = None) -> None:
        self.a, self.b = a, b


NAMES: dict[object, str] = {
    LlamaModel: "nemo.collections.llm.gpt.model.llama.LlamaModel",
    Llama3Config8B: "nemo.collections.llm.gpt.model.llama.Llama3Config8B",
    SomeObject: "acme.SomeObject",  # the guide's `SomeObject` has no module
}
CONFIG_YAML = """\
_target_: nemo.collections.llm.gpt.model.llama.LlamaModel
config:
    _target_: nemo.collections.llm.gpt.model.llama.Llama3Config8B
    seq_length: 16384
"""
PARTIAL_YAML = CONFIG_YAML.replace("config:", "_partial_: true\nconfig:")
OBJECT_YAML = "_target_: acme.SomeObject\na: 5\nb:\n    _target_: acme.SomeObject\n    a: 10\n"


def tree_of(value: Any) -> Any:
    """A Fiddle configuration as the guide writes it in YAML."""
    if not isinstance(value, fdl.Buildable):
        return value
    partial = {"_partial_": True} if isinstance(value, fdl.Partial) else {}
    return {
        "_target_": NAMES[fdl.get_callable(value)],
        **partial,
        **{name: tree_of(item) for name, item in value.__arguments__.items()},
    }


def model_of(text: str, more: str = "", *sets: str) -> Any:
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    return args(f"args:\n  model:\n{indented}{more}", *sets)["model"]


def llama(kind: Any = fdl.Config) -> Any:
    return kind(LlamaModel, config=fdl.Config(Llama3Config8B, seq_length=16384))


def test_guide_a_config_is_a_target() -> None:
    assert model_of(CONFIG_YAML) == yaml.safe_load(CONFIG_YAML) == tree_of(llama())


def test_guide_an_operation_on_a_value() -> None:
    """`config.config.seq_length *= 2`."""
    config = llama()
    config.config.seq_length *= 2
    written = yaml.safe_load(CONFIG_YAML.replace("16384", "32768"))
    assert model_of(CONFIG_YAML, "walk: {seq_length: value * 2}") == written == tree_of(config)
    assert model_of(CONFIG_YAML, "", "model.config.seq_length=32768") == written


def test_guide_broadcast_then_walk() -> None:
    """`config.broadcast(a=20)`, then `config.walk(a=lambda cfg: cfg.a * 2)`."""
    config = fdl.Config(SomeObject, a=5, b=fdl.Config(SomeObject, a=10))
    assert model_of(OBJECT_YAML) == tree_of(config)
    config.a = config.b.a = 20
    after = yaml.safe_load(OBJECT_YAML.replace("5", "20").replace("10", "20"))
    assert model_of(OBJECT_YAML, "broadcast: {a: 20}") == after == tree_of(config)
    config.a, config.b.a = config.a * 2, config.b.a * 2
    walked = yaml.safe_load(OBJECT_YAML.replace("5", "40").replace("10", "40"))
    assert model_of(OBJECT_YAML, "broadcast: {a: 20}\nwalk: {a: value * 2}") == walked == tree_of(config)


def test_guide_a_partial_is_a_target_with_partial() -> None:
    assert model_of(PARTIAL_YAML) == yaml.safe_load(PARTIAL_YAML) == tree_of(llama(fdl.Partial))


def test_guide_the_partial_called_is_the_config_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`fdl.build(partial)() == fdl.build(config)`."""
    from recipe_compiler import runtime

    module = "nemo_guide_models"
    lines = [
        "class C:",
        "    def __init__(self, seq_length): self.seq_length = seq_length",
        "class M:",
        "    def __init__(self, config): self.config = config",
    ]
    (tmp_path / f"{module}.py").write_text("\n".join([*lines, "def main(model): return model", ""]))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, module, raising=False)

    def built(text: str) -> Any:
        names = {NAMES[LlamaModel]: f"{module}.M", NAMES[Llama3Config8B]: f"{module}.C"}
        for name, ours in names.items():
            text = text.replace(name, ours)
        data = json.loads(
            json.dumps({**call("args: {}"), "function": f"{module}.main", "args": {"model": model_of(text)}})
        )
        return runtime.to_partial(data)()

    assert built(PARTIAL_YAML)().config.seq_length == built(CONFIG_YAML).config.seq_length == 16384


# --- the grammar of expressions -------------------------------------------------------------------------

NUMBERS = (
    st.integers(0, 2**64 - 1).map(str)
    | st.floats(0, 1e300, allow_nan=False).map(repr)
    | st.sampled_from(["2", "3.5", ".5", "1e-3", "7."])
)


def expressions(power: bool) -> st.SearchStrategy[str]:
    signs = ["+", "-", "*", "/", "//", "%"]

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        grown = (
            st.tuples(inner, st.sampled_from(signs), inner).map(" ".join)
            | inner.map("({})".format)
            | inner.map("- {}".format)
            | inner.map("+{}".format)
            | st.tuples(st.sampled_from(["min", "max"]), st.lists(inner, min_size=2, max_size=3)).map(
                lambda pair: f"{pair[0]}({', '.join(pair[1])})"
            )
            | st.tuples(st.sampled_from(["round", "int", "float"]), inner).map(lambda pair: f"{pair[0]}({pair[1]})")
            | st.tuples(inner, st.integers(-5, 5)).map(lambda pair: f"round({pair[0]}, {pair[1]})")
        )
        return grown | st.tuples(inner, st.integers(0, 4).map(str)).map("**".join) if power else grown

    return st.recursive(NUMBERS | st.just("value"), larger, max_leaves=8).filter(lambda text: len(text) <= MAX_TEXT)


def outcome(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except (Trouble, ArithmeticError, ValueError) as error:
        return error


def agrees(text: str, value: float) -> None:
    """The same number and type as Python's, or refused where Python fails or the number is over a limit."""
    ours, theirs = outcome(lambda: read(text).of(value)), outcome(lambda: eval(text, {"value": value}))
    if not isinstance(ours, Trouble):
        same = (type(ours), repr(ours)) == (type(theirs), repr(theirs))
        assert same or ("**" in text and math.isclose(ours, theirs, rel_tol=1e-9)), (ours, theirs)
    elif not isinstance(theirs, Exception):
        assert "too large" in ours.message or (isinstance(theirs, int) and not -(2**63) <= theirs < 2**64), (
            ours.message,
            theirs,
        )


@given(expressions(power=False), st.integers(-(2**63), 2**64 - 1) | st.floats(-1e300, 1e300, allow_nan=False))
def test_arithmetic_agrees_with_python(text: str, value: float) -> None:
    agrees(text, value)


@given(expressions(power=True), st.integers(-1000, 1000))
def test_powers_bind_as_in_python(text: str, value: int) -> None:
    agrees(text, value)


@given(st.floats(1e-3, 1e3), st.floats(-20, 20))
def test_a_power_of_floats_is_python_s_but_for_its_last_bit(base: float, exponent: float) -> None:
    assert math.isclose(float(read(f"value ** ({exponent!r})").of(base)), base**exponent, rel_tol=4e-16)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512),
        ("7 - 2 - 1", 4),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("2 * (3 + 4)", 14),
        ("1 ** 9999999999999999999", 1),
        ("(-1) ** 3", -1),
        ("0 ** 0", 1),
        ("2 ** 0.5", 2**0.5),
        ("value\t*\n2", 16),
        (".5 + 1.", 1.5),
    ],
)
def test_expression(text: str, value: float) -> None:
    assert repr(read(text).of(8)) == repr(value)


def test_the_deepest_expressions_are_read_or_refused() -> None:
    assert read("1" + "+1" * 199).of(0) == 200
    for text in ("(" * 40 + "1" + ")" * 40, "-" * 300 + "1", "2" + "**2" * 100, "min(1," * 50 + "1" + ")" * 50):
        with pytest.raises(Trouble, match="nested deeper than 32 levels"):
            read(text)
    with pytest.raises(Trouble, match="longer than 400 characters"):
        read("1+" * 300)


WORDS = st.sampled_from(
    [
        "value",
        "min(",
        "round(",
        "**",
        "//",
        "9",
        "9e9",
        "99999999999999999999",
        "(",
        ")",
        ",",
        "-",
        "2**2**",
        "__import__",
        ".",
        "0x",
    ]
)


@given(
    st.text(max_size=500) | st.text(string.printable, max_size=60) | st.lists(WORDS, max_size=60).map("".join),
    st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False),
)
def test_no_text_raises_or_takes_long(text: str, value: float) -> None:
    tried(text, value)  # the first wrong name loads difflib
    start = time.process_time()
    tried(text, value)
    assert time.process_time() - start < 0.05


def tried(text: str, value: float) -> None:
    trouble = None
    try:
        assert math.isfinite(read(text).of(value))
    except Trouble as raised:
        trouble = raised
    if trouble is not None:
        assert 0 <= trouble.start <= trouble.end <= len(text)
        assert trouble.message
        assert trouble.help
