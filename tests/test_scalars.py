"""Plain scalars: YAML 1.2 core, and a word about each that YAML 1.1 would read otherwise."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from recipe_compiler.diag import Diagnostic, Source
from recipe_compiler.syntax import parse, plain
from recipe_compiler.syntax.scalars import resolve

Row = tuple[str, str, str]
# What npm `yaml` 2.9.1 answers, so that no test needs node; `tests/data/scalars.mjs` wrote it.
TABLE: list[Row] = [
    (*line.split("\t"),)  # type: ignore[misc]
    for line in Path(__file__).with_name("data").joinpath("scalars.tsv").read_text(encoding="utf-8").splitlines()
]
REFUSED = {"RCP113", "RCP203", "RCP205"}


def one(text: str) -> tuple[Any, list[Diagnostic]]:
    """The value of `x: text`, and what is said about it."""
    node, found = parse(Source("r.yaml", f"x: {text}\n"))
    assert node is not None
    assert [item.primary.span.text for item in found if item.primary] == [text] * len(found)
    assert [item.primary.span.place for item in found if item.primary] == ["r.yaml:1:4"] * len(found)
    return plain(node)["x"], list(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("0", 0, id="zero"),
        pytest.param("-12", -12, id="minus"),
        pytest.param("+1", 1, id="plus-is-a-sign"),
        pytest.param("0x1F", 31, id="hex"),
        pytest.param("9223372036854775808", 2**63, id="uint64"),
        pytest.param("18446744073709551615", 2**64 - 1, id="largest-integer"),
        pytest.param("-9223372036854775808", -(2**63), id="smallest-integer"),
        pytest.param("1.", 1.0, id="point-without-digits-after-it"),
        pytest.param(".5", 0.5, id="point-without-digits-before-it"),
        pytest.param("00.5", 0.5, id="leading-zeros-of-a-float"),
        pytest.param("1.0e-4", 1e-4, id="exponent"),
        pytest.param("-0.0", -0.0, id="minus-zero"),
        pytest.param("1.0e-400", 0.0, id="too-small-is-zero"),
        pytest.param("true", True, id="true"),
        pytest.param("FALSE", False, id="false-in-capitals"),
        pytest.param("tRue", "tRue", id="other-capitals-are-text"),
        pytest.param("null", None, id="null"),
        pytest.param("~", None, id="tilde-is-null"),
        pytest.param("", None, id="nothing-is-null"),
        pytest.param("nan", "nan", id="nan-without-a-point-is-text"),
        pytest.param("inf", "inf", id="inf-without-a-point-is-text"),
        pytest.param("y", "y", id="y-is-text"),
        pytest.param("N", "N", id="n-is-text"),
        pytest.param("04:00:00", "04:00:00", id="a-time-with-a-leading-zero-is-text-for-all"),
        pytest.param("2026-99-99", "2026-99-99", id="there-are-no-dates"),
        pytest.param("1.2.3", "1.2.3", id="a-version-is-text"),
        pytest.param("0o8", "0o8", id="8-is-no-octal-digit"),
        pytest.param("0xg", "0xg", id="g-is-no-hex-digit"),
        pytest.param("e5", "e5", id="an-exponent-needs-a-number"),
        pytest.param("1e", "1e", id="an-exponent-needs-digits"),
        pytest.param("=x", "=x", id="equals-is-text"),
        pytest.param("<", "<", id="less-is-text"),
        pytest.param("'1'", "1", id="quoted-is-text"),
        pytest.param('"no"', "no", id="quoted-words-are-text"),
        pytest.param("1" + ":59" * 12_000, "1" + ":59" * 12_000, id="base-60-with-many-parts-is-text"),
    ],
)
def test_value(text: str, value: Any) -> None:
    found_value, found = one(text)
    assert [item.code for item in found] == []
    assert (type(found_value), found_value) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "value", "finding"),
    [
        pytest.param(
            "1e-4",
            1e-4,
            "RCP111 `1e-4` is the number 0.0001 here (YAML 1.2), YAML 1.1 loaders such as PyYAML read the text"
            ' "1e-4" | write `1.0e-4`, which every loader reads as a number | safe 1.0e-4',
            id="exponent-without-point",
        ),
        pytest.param(
            "+.5",
            0.5,
            'RCP111 `+.5` is the number 0.5 here (YAML 1.2), YAML 1.1 loaders such as PyYAML read the text "+.5"'
            " | write `+0.5`, which every loader reads as a number | safe +0.5",
            id="sign-before-a-point",
        ),
        pytest.param(
            "0o17",
            15,
            'RCP111 `0o17` is the number 15 here (YAML 1.2), YAML 1.1 loaders such as PyYAML read the text "0o17"'
            " | write `15`, which every loader reads as a number | unsafe 15",
            id="octal",
        ),
        pytest.param(
            "1_000",
            "1_000",
            "RCP111 `1_000` is text here (YAML 1.2), YAML 1.1 loaders read a number"
            ' | write `"1_000"` for the text, or the number in plain digits',
            id="underscores-are-text",
        ),
        pytest.param(
            "-0x1F",
            "-0x1F",
            "RCP111 `-0x1F` is text here (YAML 1.2), YAML 1.1 loaders read a number"
            ' | write `"-0x1F"` for the text, or the number in plain digits',
            id="signed-hex-is-text",
        ),
        pytest.param(
            "0b11",
            "0b11",
            "RCP111 `0b11` is text here (YAML 1.2), YAML 1.1 loaders read a number"
            ' | write `"0b11"` for the text, or the number in plain digits',
            id="binary-is-text",
        ),
        pytest.param(
            "no",
            "no",
            'RCP110 `no` is the text "no" here (YAML 1.2), other loaders read it as false'
            ' | write `false`, or `"no"` for the text',
            id="norway-is-text",
        ),
        pytest.param(
            "On",
            "On",
            'RCP110 `On` is the text "On" here (YAML 1.2), other loaders read it as true'
            ' | write `true`, or `"On"` for the text',
            id="on-is-text",
        ),
        pytest.param(
            "24:00:00",
            "24:00:00",
            "RCP112 `24:00:00` is text here (YAML 1.2), YAML 1.1 loaders read a number in base 60"
            ' | write `"24:00:00"` | safe "24:00:00"',
            id="no-base-60",
        ),
        pytest.param(
            "010",
            None,
            "RCP113 `010` is ambiguous: decimal in YAML 1.2, octal in YAML 1.1"
            ' | write `10` or `8` for the number, or `"010"` for the text',
            id="leading-zero",
        ),
        pytest.param(
            "-08",
            None,
            "RCP113 `-08` is ambiguous: decimal in YAML 1.2, text in YAML 1.1"
            ' | write `8` for the number, or `"-08"` for the text',
            id="leading-zero-without-octal",
        ),
        pytest.param(
            "0" * 30,
            None,
            "RCP113 `000000000000000000000000…` is ambiguous: decimal in YAML 1.2, octal in YAML 1.1"
            ' | write `0` for the number, or `"000000000000000000000000…"` for the text',
            id="many-zeros",
        ),
        pytest.param(
            ".nan",
            None,
            'RCP205 `.nan` is not a finite number | write a number, for an argument `{_float_: nan}`, or `".nan"` for the text',
            id="not-a-number",
        ),
        pytest.param(
            "-.INF",
            None,
            'RCP205 `-.INF` is not a finite number | write a number, for an argument `{_float_: -inf}`, or `"-.INF"` for the text',
            id="infinity",
        ),
        pytest.param(
            "1e999",
            None,
            "RCP205 `1e999` is too large for a 64-bit float | write a finite number, or quote the digits for text",
            id="float-too-large",
        ),
        pytest.param(
            "18446744073709551616",
            None,
            "RCP203 integer out of range (64 bit) | write a smaller number, or quote the digits for text",
            id="integer-too-large",
        ),
        pytest.param(
            "-9223372036854775809",
            None,
            "RCP203 integer out of range (64 bit) | write a smaller number, or quote the digits for text",
            id="integer-too-small",
        ),
        pytest.param(
            "0x" + "f" * 100_000,
            None,
            "RCP203 integer out of range (64 bit) | write a smaller number, or quote the digits for text",
            id="long-hex-takes-no-time",
        ),
    ],
)
def test_finding(text: str, value: Any, finding: str) -> None:
    found_value, found = one(text)
    assert (type(found_value), found_value) == (type(value), value)
    fixes = [f" | {item.fix.applicability} {item.fix.replacement}" if item.fix else "" for item in found]
    assert [f"{item.code} {item.message} | {item.help}{fix}" for item, fix in zip(found, fixes, strict=True)] == [
        finding
    ]


@pytest.mark.parametrize(
    ("key", "finding"),
    [
        pytest.param(
            "on",
            'RCP110 `on` is the text "on" here (YAML 1.2), other loaders read it as true | write `"on"`, which every loader reads as text',
            id="word",
        ),
        pytest.param(
            "1_0",
            'RCP111 `1_0` is text here (YAML 1.2), YAML 1.1 loaders read a number | write `"1_0"`, which every loader reads as text',
            id="underscore",
        ),
        pytest.param("1", 'RCP207 the key `1` is not text | write `"1"` for a text key', id="integer"),
        pytest.param("1e5", 'RCP207 the key `1e5` is not text | write `"1e5"` for a text key', id="float"),
        pytest.param(
            "010", 'RCP207 the key `010` is not text | write `"010"` for a text key', id="leading-zero-is-said-once"
        ),
        pytest.param("True", 'RCP207 the key `True` is not text | write `"True"` for a text key', id="bool"),
        pytest.param("~", 'RCP207 the key `~` is not text | write `"~"` for a text key', id="null"),
        pytest.param(".inf", 'RCP207 the key `.inf` is not text | write `".inf"` for a text key', id="infinity"),
    ],
)
def test_key_finding(key: str, finding: str) -> None:
    _, found = parse(Source("r.yaml", f"{key}: x\n"))
    assert [f"{item.code} {item.message} | {item.help}" for item in found] == [finding]
    assert [item.primary.span.text for item in found if item.primary] == [key]


def kind(value: object) -> str:
    return {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}[type(value)]


def test_each_scalar_is_what_npm_yaml_reads() -> None:
    """An editor with yaml-language-server shows the value that the compiler takes."""
    assert len(TABLE) > 3900
    wrong: list[tuple[Any, ...]] = []
    for text, wanted, answer in TABLE:
        value, trouble = resolve(text)
        if trouble is not None and trouble.code in REFUSED:
            digits = text.lstrip("+-")
            legal = {
                "RCP113": wanted == "int" and digits[0] == "0" and len(digits) > 1,
                "RCP203": wanted == "int" and not -(2**63) <= int(answer) < 2**64,
                "RCP205": wanted == "float" and not math.isfinite(float(answer)),
            }
            if not legal[trouble.code]:
                wrong.append((text, trouble, answer))
        elif (
            kind(value) != wanted
            or (wanted == "int" and value != int(answer))
            or (wanted == "float" and value != float(answer))
        ):
            wrong.append((text, value, answer))
    assert wrong == []


TAGS = {"null": "null", "bool": "bool", "int": "int", "float": "float"}


def by_pyyaml(text: str) -> str:
    """The kind that YAML 1.1 sees. Dates are left alone: no recipe has any, and text is what is meant."""
    tag: str = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return TAGS.get(tag.rpartition(":")[2], "str")


def test_a_warning_stands_where_yaml_1_1_reads_something_else_and_nowhere_else() -> None:
    wrong = []
    for text, _, _ in TABLE:
        value, trouble = resolve(text)
        if trouble is not None and trouble.code in REFUSED:
            continue
        if (by_pyyaml(text) != kind(value)) != (trouble is not None):
            wrong.append((text, value, by_pyyaml(text), trouble))
    assert wrong == []


def test_a_safe_fix_means_the_same_to_every_loader() -> None:
    fixed = 0
    for text, _, _ in TABLE:
        value, trouble = resolve(text)
        if trouble is not None and trouble.replacement is not None:
            fixed += 1
            node, found = parse(Source("r.yaml", f"x: {trouble.replacement}\n"))
            assert node is not None
            assert (plain(node)["x"], found) == (value, ())
            assert yaml.safe_load(trouble.replacement) == value
    assert fixed > 100
