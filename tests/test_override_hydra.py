"""hydra-core's own parser is the oracle: what it accepts, recipec reads to the same value or refuses by name.

The rows are the cases of Hydra's `tests/test_overrides_parser.py`, written as whole overrides, and
texts from hypothesis. Each way in which the language differs on purpose is a row of `DIFFERS`.
"""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, IntervalSweep, OverrideType, QuotedString, RangeSweep
from hydra.errors import HydraException
from hypothesis import example, given
from hypothesis import strategies as st

from recipe_compiler.override import parse, route_of
from recipe_compiler.override.functions import Sweep
from recipe_compiler.override.read import MAX_TEXT
from recipe_compiler.syntax import plain

HYDRA = OverridesParser.create()
SIGNS = {OverrideType.CHANGE: "", OverrideType.ADD: "+", OverrideType.FORCE_ADD: "++", OverrideType.DEL: "~"}

DIFFERS = {
    "package": "no defaults lists: `extends` names bases",
    "group": "no config groups: `extends` names bases",
    "interval": "a sweep is a table of points",
    "glob": "no config groups to select from",
    "shuffle": "points keep their written order; the same input gives the same bytes",
    "sort": "points keep their written order",
    "tag": "a sweep has no tags",
    "sweep-inside": "a sweep is the whole value: Hydra puts a Python object into the list",
    "sweep-removed": "a removal has one value",
    "non-finite": "JSON and YAML 1.2 core have none; one written form `{_float_: nan}`",
    "out-of-64-bit": "other readers would round it",
    "leading-zero": "decimal or octal: YAML 1.1 and 1.2 disagree",
    "key-not-text": "arguments have names",
    "duplicate-key": "the first value would be lost without a word",
    "empty-key": "there is no `_global_` package",
    "extends": "bases come before overrides",
    "range-of-bool": "true is no number",
    "range-step": "a step of 0 never ends",
    "minus": '`k-=1` subtracts; the key `k-` is written `["k-"]`',
    "cast-limits": "a cast gives a finite number of 64 bits",
    "hidden": "a reviewer must see what is set: no invisible characters",
}
REFUSED: dict[str, list[tuple[str, str]]] = {
    "package": [("a@b=1", "RCP515"), ("db@pkg.x=mysql", "RCP515"), ("+db@=mysql", "RCP515"), ("~db@pkg", "RCP515")],
    "group": [("db/kind=mysql", "RCP515"), ("+a/b/c=1", "RCP515"), ("~a/b", "RCP515"), ("hydra/launcher=x", "RCP515")],
    "interval": [("a=interval(1,2)", "RCP515"), ("a=float(interval(1,2))", "RCP515")],
    "glob": [("a=glob(*)", "RCP515"), ("a=glob([a*,b*],exclude=c)", "RCP515")],
    "shuffle": [("a=shuffle(1,2,3)", "RCP515"), ("a=shuffle([1,2])", "RCP515")],
    "sort": [("a=sort(3,2,1)", "RCP515"), ("a=sort([2,3,1],reverse=true)", "RCP515"), ("a=int(sort(3,2))", "RCP515")],
    "tag": [("a=tag(x,choice(1,2))", "RCP515")],
    "sweep-inside": [
        ("a=[choice(1,2)]", "RCP515"),
        ("a={x:range(1,2)}", "RCP515"),
        ("a=choice(x,choice(y,z))", "RCP515"),
        ("a=range(1,3),5", "RCP515"),
    ],
    "sweep-removed": [("~a=1,2", "RCP515"), ("~a=choice(1,2)", "RCP515")],
    "non-finite": [
        ("a=inf", "RCP205"),
        ("a=-INF", "RCP205"),
        ("a=[nan]", "RCP205"),
        ("a=1e999", "RCP205"),
        ("a=str(nan)", "RCP205"),
    ],
    "out-of-64-bit": [("a=18446744073709551616", "RCP203"), ("a={x:-9223372036854775809}", "RCP203")],
    "leading-zero": [("a=010", "RCP113"), ("a=[007]", "RCP113")],
    "key-not-text": [
        ("a={1:x}", "RCP207"),
        ("a={true:x}", "RCP207"),
        ("a={null:x}", "RCP207"),
        ("a={1.5:x}", "RCP207"),
    ],
    "duplicate-key": [("a={x:1,x:2}", "RCP102")],
    "empty-key": [("=1", "RCP510"), ("+=1", "RCP510"), ("~", "RCP510")],
    "extends": [("extends=x", "RCP510"), ("~extends", "RCP510")],
    "range-of-bool": [("a=range(true,3)", "RCP510")],
    "range-step": [("a=range(1,3,0)", "RCP510")],
    "minus": [],
    "cast-limits": [("a=float('inf')", "RCP205"), ("a=int(1e30)", "RCP203")],
    "hidden": [("a='\u202ex'", "RCP703"), ("a='\x07'", "RCP206")],
}
CODES = {"RCP102", "RCP103", "RCP106", "RCP113", "RCP114", "RCP203", "RCP205", "RCP206", "RCP207", "RCP515", "RCP703"}
"""What recipec may say of a text that Hydra accepts; RCP510 only where `by_name` says why."""


def value_of(node: Any) -> Any:
    if isinstance(node, Sweep):
        return {node.form: [plain(one) for one in node.nodes]}
    return None if node is None else plain(node)


def hydra_value(value: Any) -> Any:
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [hydra_value(one) for one in value]
    if isinstance(value, dict):
        return {key: hydra_value(one) for key, one in value.items()}
    if isinstance(value, ChoiceSweep):
        return {"choice": [hydra_value(one) for one in value.list]}
    if isinstance(value, RangeSweep):
        return {"range": [value.start, value.stop, value.step]}
    return value


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


def by_name(text: str, oracle: Any) -> bool:
    """Whether an RCP510 is one of the differences that have no code of their own."""
    key = oracle.key_or_group
    return key in {"", "extends"} or "range" in text or key.startswith(("hydra/",))


def compare(text: str) -> str:
    """What became of the text: `same`, `refused` by both or by name, or `more` when recipec alone reads it."""
    ours, found = parse(text)
    try:
        oracle = HYDRA.parse_override(text)
    except (HydraException, RecursionError):
        return "refused" if ours is None else "more"
    if ours is None:
        assert found
        assert found[0].code in CODES or by_name(text, oracle), (text, found)
        return "refused"
    if ours.operator == "-":
        assert oracle.key_or_group.endswith("-")
        return "refused"
    assert ours.sign == SIGNS[oracle.type], text
    assert ours.route == tuple(oracle.key_or_group.split(".")), text
    assert not isinstance(oracle.value(), (Glob, IntervalSweep)), text
    assert same(value_of(ours.value), hydra_value(oracle._value)), (text, value_of(ours.value), oracle._value)
    return "same"


VALUES = [
    "abc", "abc123", "abc-123", "a b c\t-\t1 2 3", "123abc", "xyz_${a.b.c}", "${env:USER,root}", "c:\\foo\\a-b.txt", "null", "Null", "1", "0.51",
    "10e0", "true", "trUe", "faLse", ".", "abc ", "[1,2,3]", "[1 ]", "[1, 2, 3]", "1,2,3", "1, 2, 3", "${a}, ${b}, ${c}", "[a,b],[c,d]", "int(10.0)",
    "str(10.0)", "bool(10.0)", "float(10)", "float(float(10))", "[]", "[1]", "['a b']", "['[a,b]']", "[[a]]", "[[[a]]]", "[1,[a]]", "{}", "{a:b}",
    "{a:10}", "{a:[a,10]}", "{a:[true,10]}", "{a:10,b:20}", "{a:10,b:{}}", "{a:10,b:{c:[1,2]}}", "choice(a)", "choice(a,b)", "choice (a,b)",
    "choice( 10 , 20 )", "choice(str(10))", "a,b", "a,10,3.14", "a , b", "range(10,11)", "range (10,11)", "range(1,10,2)", "range(start=1,stop=10,step=2)",
    "range(1.0, 3.14)", "range(1.0, 3.14, 0.1)", "range(5)", "float(range(1,5))", "int(range(1.9,5.1))", "/:-\\+.$*", "1__0", "1_000", "-1", "+1", "--5",
    "1e-4", "1E+3", ".5", "5.", "1._5", "1.e5", "1e", "0x10", "0o7", "yes", "no", "on", "12:30", "04:00:00", "2001-01-01", "nan1", "infinite",
    "'hello world'", '"hello"', "'a\\'b'", '"a\\"b"', "'a\"b'", "'\\\\'", '"\\\\\\\\"', "'abc\\\\'", '"abc\\\\\\"def\\\\\\\'ghi\\\\\\\\"', "''", "'${a}'",
    "'null'", "'1'", "'a\\nb'", "a\\,b", "a\\ b", "\\(x\\)", "\\[\\]", "\\{\\}", "a\\=b", "a\\:b", "\\\\", "a\\\\b", "\\,\\,x", "a\\tb", "http://x.y:80/z?q",
    "hf://meta-llama/Meta-Llama-3-8B", "/a/b.c", "a@b", "50%", "a|b", "a*b?", "{a: 1, b: [x]}", "{a b: c d}", "{a:b:c}", "{a/b:1}", "{x:{y:{z:null}}}",
    "int('3')", "int(value=3.7)", "int([1.5,'2'])", "int({a:1.5})", "int(1.5,2.5)", "str(true)", "str([1,true])", "bool(false)", "bool('True')", "bool(0)",
    "bool(null)", "float('1e3')", "str(choice(1,2))", "choice(1,null)", "int(true)", "choice(int(1.0,2.0))", "str()", "int(x)", "int(null)", "foo(x)",
    "range(a)", "choice()", "[1,]", "[,]", "{a}", "{a:}", "a=b", "'open", "(x)", "x)", "1 2", " x", "x y,z w", "$", "${}", "${a:${b}}", "$${a}", ":", ":a",
    "a:", "a : b", "[a:b]", "[ a , b ]", "'a' ", "'a' b", "a'b'", "\ta", "é", "#", "!x", "a\nb", "'a\nb'",
]  # fmt: skip
KEYS = [
    "abc",
    "a.b.c",
    "list.0",
    "a_b",
    "a-b",
    "$db",
    "a.$b.c",
    "a.0.b",
    "a1",
    "0.a",
    "_a",
    "a.b-c",
    "a b",
    "1",
    "a..b",
    ".a",
    "a.",
    "é",
    "a:b",
    "a!",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_read_as_hydra_reads_it_or_refused(value: str) -> None:
    assert compare(f"key={value}") in {"same", "refused", "more"}


def test_the_table_is_mostly_values_that_both_read() -> None:
    outcomes = [compare(f"key={value}") for value in VALUES]
    assert outcomes.count("same") >= 130
    more = [value for value, outcome in zip(VALUES, outcomes, strict=True) if outcome == "more"]
    assert more == ["choice(1,null)", "é"]  # beyond Hydra: null is a choice, characters outside ASCII need no quotes


@pytest.mark.parametrize("sign", ["", "+", "++", "~"])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_read_as_hydra_reads_it(sign: str, key: str) -> None:
    ours, _ = parse(f"{sign}{key}=1")
    try:
        oracle = HYDRA.parse_override(f"{sign}{key}=1")
    except HydraException:
        return
    assert ours is not None
    assert ours.sign == sign
    assert ours.route == tuple(oracle.key_or_group.split("."))


def test_a_removal_needs_no_value() -> None:
    assert compare("~a.b") == compare("~a=") == compare("a=") == compare("a= ") == "same"


def test_every_difference_is_shown() -> None:
    assert REFUSED.keys() == DIFFERS.keys()


@pytest.mark.parametrize(("kind", "text", "code"), [(kind, *row) for kind, rows in REFUSED.items() for row in rows])
def test_a_difference_is_refused_by_name(kind: str, text: str, code: str) -> None:
    assert DIFFERS[kind]
    HYDRA.parse_override(text)
    ours, found = parse(text)
    assert ours is None
    assert [item.code for item in found] == [code]


def test_minus_is_the_one_text_that_is_read_otherwise() -> None:
    ours, _ = parse("k-=1")
    assert ours is not None
    assert (ours.route, ours.operator, HYDRA.parse_override("k-=1").key_or_group) == (("k",), "-", "k-")
    assert route_of('["k-"]') == ("k-",)


SIGNS_AND_WORDS = (
    "a b1 - _ 1 0 10 1.5 .5 1e3 true null inf ' \" \\ \\\\ \\' , : = ( ) [ ] { } $ ${a.b} / @ % | ? * + . é # ! ~"
)
CALLS = ["int(", "str(", "float(", "bool(", "choice(", "range(", "sort(", " ", "\t", "\n"]
pieces = st.sampled_from([*SIGNS_AND_WORDS.split(" "), *CALLS])
texts = st.lists(pieces, max_size=12).map("".join)
scalars = st.sampled_from(
    ["a", "x y", "1", "-2.5", "1e-4", "true", "NULL", "'q, r'", '"s"', "${a}", "a/b", "c:d", "\\,", "1_0"]
)
elements = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(
            lambda items: "{" + ",".join(f"k{n}: {item}" for n, item in enumerate(items)) + "}"
        ),
        st.tuples(st.sampled_from(["int", "float", "str", "bool"]), inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
    ),
    max_leaves=8,
)
values = st.one_of(
    elements,
    st.lists(elements, min_size=1, max_size=3).map(",".join),
    st.lists(elements, min_size=1, max_size=3).map(lambda row: f"choice({','.join(row)})"),
)


@given(values)
def test_well_formed_values_from_hypothesis(text: str) -> None:
    compare(f"key={text}")


@given(texts)
@example("'\\'")
@example("a\\")
@example("[ ]")
@example("{ }")
def test_any_value_from_hypothesis(text: str) -> None:
    compare(f"key={text}")


@given(texts)
def test_any_text_from_hypothesis(text: str) -> None:
    compare(text)


@given(st.text(max_size=40))
def test_any_unicode(text: str) -> None:
    parse(text)
    compare(f"key='{text}'")


UNITS = ["[", "1,", "{a:", " ", "'", "\\", "int(", "9", "${", "a ", "'a',", "-", ":", "a=", "é", "\\,"]


@pytest.mark.parametrize("head", ["a=", "a", "", 'a["', "a=[", "a='", "~"])
@pytest.mark.parametrize("unit", [*UNITS, "a.", "[0]", '["a"]', "~", "@"])
def test_no_text_takes_long(head: str, unit: str) -> None:
    text = head + unit * (MAX_TEXT // len(unit) - len(head))
    took_s = []
    for _ in range(3):  # a busy machine may stop one of them
        start = time.process_time()
        parse(text)
        took_s.append(time.process_time() - start)
    assert min(took_s) < 0.1
    assert parse(text * 3)[1][0].code == "RCP106"
