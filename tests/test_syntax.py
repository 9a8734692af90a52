"""YAML text to a tree: values, places, budgets, and what is said about text that is not YAML."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from recipe_compiler.diag import Source
from recipe_compiler.syntax import Node, build, find, label, parse, parse_bytes, parse_value, plain, walk

Place = tuple[str, str]
PYTHON = [pytest.param(yaml.CSafeLoader, id="libyaml"), pytest.param(build.PurePython, id="python")]


def said(data: bytes | str) -> list[str]:
    """`CODE line:column [text under the caret] message | help` of each finding."""
    _, found = parse_bytes("r.yaml", data.encode() if isinstance(data, str) else data)
    lines = []
    for item in found:
        assert item.primary is not None
        place = item.primary.span.place.removeprefix("r.yaml:")
        lines.append(f"{item.code} {place} [{item.primary.span.text}] {item.message} | {item.help}")
    return lines


def data_of(text: str) -> Any:
    node, found = parse(Source("r.yaml", text))
    assert found == ()
    assert node is not None
    return plain(node)


def spans(text: str) -> dict[str, Place]:
    """`line:column` and the text of each value and each key, by route."""
    node, found = parse(Source("r.yaml", text))
    assert found == ()
    assert node is not None
    places = {}
    for route, inner in walk(node):
        name = "/".join(map(str, route))
        places[name] = (inner.span.place.removeprefix("r.yaml:"), inner.span.text)
        for key in inner.keys or {}:
            span = inner.key_span(key)
            places[f"{name}/{key}:"] = (span.place.removeprefix("r.yaml:"), span.text)
    return places


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param("a: {b: [1, x]}", {"a": {"b": [1, "x"]}}, id="flow"),
        pytest.param("a:\n- 1\n- - 2\n  - 3\n", {"a": [1, [2, 3]]}, id="block-list-at-the-key's-indent"),
        pytest.param("a: x\n  y\n\n  z", {"a": "x y\nz"}, id="plain-text-over-lines-folds"),
        pytest.param("a: |\n  x\n   y\n", {"a": "x\n y\n"}, id="literal-block"),
        pytest.param("a: |-\n  x\n", {"a": "x"}, id="literal-block-stripped"),
        pytest.param("a: |+\n  x\n\nb: 1\n", {"a": "x\n\n", "b": 1}, id="literal-block-kept"),
        pytest.param("a: >\n  x\n  y\n", {"a": "x y\n"}, id="folded-block"),
        pytest.param("a: |2\n    x\n", {"a": "  x\n"}, id="block-with-indentation"),
        pytest.param("a: 'it''s'", {"a": "it's"}, id="single-quotes"),
        pytest.param('a: "\\u00e9\\x41\\t\\n\\/"', {"a": "éA\t\n/"}, id="escapes"),
        pytest.param('a: "\\U0001F600"', {"a": "😀"}, id="escape-of-8-digits"),
        pytest.param("? a\n: b\n", {"a": "b"}, id="explicit-key"),
        pytest.param("?x: 1\n", {"?x": 1}, id="question-mark-in-a-key"),
        pytest.param("'': 1", {"": 1}, id="empty-quoted-key"),
        pytest.param("a:\nb:", {"a": None, "b": None}, id="nothing-is-null"),
        pytest.param("a: # c\n  b\n", {"a": "b"}, id="comment-before-the-value"),
        pytest.param("a: b#c", {"a": "b#c"}, id="number-sign-inside-text"),
        pytest.param("---\na: 1\n...\n", {"a": 1}, id="document-markers"),
        pytest.param("# c\n--- # d\na: 1\n", {"a": 1}, id="comment-before-the-document"),
        pytest.param("a: &x 1\nb: *x\n", {"a": 1, "b": 1}, id="alias-of-a-scalar"),
        pytest.param("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}, id="alias-of-a-mapping"),
        pytest.param("&k a: *k\n", {"a": "a"}, id="alias-of-a-key"),
        pytest.param("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}, id="the-last-anchor-of-a-name"),
        pytest.param("a: &x\nb: *x\n", {"a": None, "b": None}, id="anchor-on-nothing"),
        pytest.param("a: &unused {b: 1}", {"a": {"b": 1}}, id="anchor-without-alias"),
        pytest.param("a: [b: 1]", {"a": [{"b": 1}]}, id="pair-in-a-list"),
        pytest.param("a: {b, c: 1}", {"a": {"b": None, "c": 1}}, id="flow-key-without-value"),
        pytest.param("a: {b:1}", {"a": {"b:1": None}}, id="colon-without-space-is-part-of-the-key"),
        pytest.param("A: 1\na: 2", {"A": 1, "a": 2}, id="case-matters"),
        pytest.param("a: {'<<': 1}", {"a": {"<<": 1}}, id="quoted-merge-key-is-text"),
        pytest.param("a: '\u2009\u00a0\u4e2d'", {"a": "\u2009\u00a0\u4e2d"}, id="visible-unicode-is-text"),
        pytest.param("a: \u0645\u200c\u0646", {"a": "\u0645\u200c\u0646"}, id="joiners-are-text-in-a-value"),
    ],
)
def test_value(text: str, data: Any) -> None:
    assert data_of(text) == data


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    node, found = parse_bytes("r.yaml", b"\xef\xbb\xbfa: 1\n")
    assert found == ()
    assert node is not None
    assert (plain(node), node.value["a"].span.place) == ({"a": 1}, "r.yaml:1:4")


def test_line_breaks_of_windows_are_one_line_break() -> None:
    text = "a: 1\r\nb: |\r\n  x\r\n  y\r\nc:\r\n  - z\r\n"
    assert data_of(text) == {"a": 1, "b": "x\ny\n", "c": ["z"]}
    assert spans(text)["c/0"] == ("6:5", "z")
    assert said("a: 1\r\na: 2\r\n")[0].startswith("RCP102 2:1 [a]")


def test_an_alias_has_a_place_of_its_own_and_the_value_of_its_anchor() -> None:
    node, _ = parse(Source("r.yaml", "a: &x {b: 1}\nc: *x\nd: &x [2]\ne: &y {f: *x}\n"))
    assert node is not None
    first, second, third = (node.value[key] for key in "acd")
    assert (second.span.place, second.span.text) == ("r.yaml:2:4", "*x")
    assert second.value is first.value
    assert (second.anchor, second.anchor == third.anchor) == (first.anchor, False)
    assert len({node.value[key].anchor for key in "ade"}) == 3


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param("a: xy", {"a": ("1:4", "xy"), "/a:": ("1:1", "a"), "": ("1:1", "a: xy")}, id="scalar"),
        pytest.param("a: 'x y' # c", {"a": ("1:4", "'x y'")}, id="quotes-are-in-the-span"),
        pytest.param('"k": v', {"/k:": ("1:1", '"k"')}, id="quotes-of-a-key"),
        pytest.param(
            "a:\n  b: 1\n  c: [2]\n\n# end\n", {"a": ("2:3", "b: 1\n  c: [2]")}, id="block-ends-with-its-last-value"
        ),
        pytest.param("a:\n- x\n- y\n\nb: 1", {"a": ("2:1", "- x\n- y")}, id="block-list"),
        pytest.param("a: {b: 1, c: [2, 3]}", {"a": ("1:4", "{b: 1, c: [2, 3]}"), "a/c/1": ("1:18", "3")}, id="flow"),
        pytest.param("a: &x 5\nb: *x", {"a": ("1:7", "5"), "b": ("2:4", "*x")}, id="an-anchor-is-not-in-the-span"),
        pytest.param("a: &x\n  b: 1\n", {"a": ("2:3", "b: 1")}, id="anchor-of-a-block"),
        pytest.param("a: &x # c\n  b\n", {"a": ("2:3", "b")}, id="anchor-and-comment"),
        pytest.param("a: &x [1]", {"a": ("1:7", "[1]")}, id="anchor-of-a-flow"),
        pytest.param("&k a: 1", {"/a:": ("1:4", "a")}, id="anchor-of-a-key"),
        pytest.param("a:\nb: 1", {"a": ("1:3", ""), "": ("1:1", "a:\nb: 1")}, id="nothing-has-a-place"),
        pytest.param("漢: 字", {"漢": ("1:4", "字"), "/漢:": ("1:1", "漢")}, id="columns-count-characters"),
        pytest.param("😀: [😀, x]", {"😀/1": ("1:8", "x")}, id="a-character-past-ffff-counts-once"),
        pytest.param("a: |\n  x\n  y\nb: 1", {"a": ("1:4", "|\n  x\n  y\n")}, id="block-text"),
        pytest.param("a: x\n  y", {"a": ("1:4", "x\n  y")}, id="text-over-lines"),
        pytest.param("? a\n: b", {"a": ("2:3", "b"), "/a:": ("1:3", "a")}, id="explicit-key"),
    ],
)
def test_place(text: str, places: dict[str, Place]) -> None:
    found = spans(text)
    assert {name: found[name] for name in places} == places


def test_a_label_of_what_is_not_there_is_at_its_parent() -> None:
    node, _ = parse(Source("r.yaml", "a:\n  b: {c: 1}\n"))
    assert node is not None
    assert label(node, ("a", "b", "c"), key=True).span.place == "r.yaml:2:7"
    assert label(node, ("a", "b", "x", "y")).span.text == "b"
    assert label(node, ("x",)).span.text == "a"
    assert find(node, ("a", "b", "x"))[1] == ("a", "b")
    assert find(node, ("a", 0))[1] == ("a",)


# ---------------------------------------------------------------- findings


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        pytest.param(
            b"name: \xff\n",
            "RCP100 1:7 [\ufffd] the file is not UTF-8: byte 6 is 0xff | save the file as UTF-8",
            id="not-utf8",
        ),
        pytest.param(
            b"\xef\xbb\xbfname: \xff\n",
            "RCP100 1:7 [\ufffd] the file is not UTF-8: byte 9 is 0xff | save the file as UTF-8",
            id="not-utf8-after-a-byte-order-mark",
        ),
        pytest.param(
            "a: é\nb: ".encode() + b"\xed\xa0\x80",
            "RCP100 2:4 [\ufffd] the file is not UTF-8: byte 9 is 0xed | save the file as UTF-8",
            id="surrogate-in-utf8",
        ),
        pytest.param(
            "name: a".encode("utf-16"),
            "RCP100 1:1 [\ufffd] the file is UTF-16: byte 0 is 0xff | save the file as UTF-8",
            id="utf16",
        ),
        pytest.param(
            b"a: x\nb: \0\n",
            "RCP100 2:4 [\0] the file has a NUL byte: byte 8 is 0x00 | save the file as UTF-8",
            id="nul",
        ),
        pytest.param(
            "a: 1\n\tb: 2\n",
            "RCP101 2:1 [\t] tab used for indentation | replace the tab with spaces",
            id="tab-before-a-key",
        ),
        pytest.param(
            "a:\n \t\tb: 2\n",
            "RCP101 2:2 [\t\t] tab used for indentation | replace each tab with 2 spaces",
            id="tabs-after-a-space",
        ),
        pytest.param(
            "a: |\n\tx\n",
            "RCP101 2:1 [\t] tab used for indentation | replace the tab with spaces",
            id="tab-before-a-block-text",
        ),
        pytest.param(
            "a: 1\nb: {a: 2, 'a': 3}\n",
            "RCP102 2:11 ['a'] duplicate key `a` | remove one of the two",
            id="duplicate-key-in-other-quotes",
        ),
        pytest.param(
            "a: " + "[" * 64,
            "RCP103 1:67 [[] nested deeper than 64 levels | write a flatter structure",
            id="flow-of-65-levels",
        ),
        pytest.param(
            "a:\n" + "".join("  " * n + "b:\n" for n in range(1, 66)),
            "RCP103 65:129 [b] nested deeper than 64 levels | write a flatter structure",
            id="block-of-65-levels",
        ),
        pytest.param(
            "a: &x " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 30 + "*x" + "]" * 30,
            "RCP103 2:34 [*x] nested deeper than 64 levels | write a flatter structure",
            id="levels-of-an-alias-count",
        ),
        pytest.param(
            "a: *x\n",
            "RCP104 1:4 [*x] no anchor `&x` stands before this alias"
            " | write `&x` before it, or put text that starts with `*` in quotes",
            id="alias-without-anchor",
        ),
        pytest.param(
            "a: &x [*x]\n",
            "RCP104 1:8 [*x] the alias `*x` is inside its own anchor | write the value out",
            id="alias-in-itself",
        ),
        pytest.param(
            "a: &x 1\nb: [" + "*x, " * 101 + "]",
            "RCP104 2:405 [*x] too many aliases: at most 100, and 50000 values after expansion"
            " | write the values out, or use `extends`",
            id="101-aliases",
        ),
        pytest.param(
            "a: &x [" + "0, " * 5000 + "]\nb: [" + "*x, " * 10 + "]",
            "RCP104 2:37 [*x] too many aliases: at most 100, and 50000 values after expansion"
            " | write the values out, or use `extends`",
            id="too-many-values-after-expansion",
        ),
        pytest.param(
            "a: {<<: {b: 1}}",
            "RCP105 1:5 [<<] merge keys (`<<`) are not part of the recipe language"
            " | write the keys out, or share them with `extends`",
            id="merge-key",
        ),
        pytest.param(
            "a: [" + "0," * 50_000 + "]",
            "RCP106 1:99999 [0] more than 50000 values in one file | split the file",
            id="too-many-values",
        ),
        pytest.param(
            b"#" * (1 << 20) + b"#",
            "RCP106 1:1048577 [#] the file is larger than 1024 KiB | split it, or move data out of the recipe",
            id="too-many-bytes",
        ),
        pytest.param(
            "? " + "k" * 1025 + "\n: 1",
            "RCP106 1:3 [" + "k" * 1025 + "] a key of more than 1024 characters | shorten the key",
            id="key-too-long",
        ),
        pytest.param(
            "a: !!python/name:os.system ''",
            "RCP107 1:4 [!!python/name:os.system] the tag `!!python/name:os.system` is not allowed: recipes are plain data"
            " | remove the tag; a call is written `_target_: package.function`",
            id="tag",
        ),
        pytest.param(
            "a: &x !t [1]",
            "RCP107 1:7 [!t] the tag `!t` is not allowed: recipes are plain data"
            " | remove the tag; a call is written `_target_: package.function`",
            id="tag-after-an-anchor",
        ),
        pytest.param(
            "a: ! x",
            "RCP107 1:4 [!] the tag `!` is not allowed: recipes are plain data"
            " | remove the tag; a call is written `_target_: package.function`",
            id="tag-without-a-name",
        ),
        pytest.param(
            "a: !e!x y",
            "RCP107 1:4 [!] tags are not allowed: recipes are plain data"
            " | remove the tag, or put text that starts with `!` in quotes",
            id="tag-with-an-unknown-handle",
        ),
        pytest.param(
            "%YAML 1.1\n---\na: no\n",
            "RCP107 1:1 [%YAML 1.1] YAML directives are not allowed | remove the line that starts with `%`",
            id="yaml-directive",
        ),
        pytest.param(
            "%TAG ! tag:yaml.org,2002:python/\n---\na: 1\n",
            "RCP107 1:1 [%TAG ! tag:yaml.org,2002:python/] YAML directives are not allowed"
            " | remove the line that starts with `%`",
            id="tag-directive",
        ),
        pytest.param(
            "%FOO\n---\na: 1\n",
            "RCP107 1:1 [%] YAML directives are not allowed | remove the line that starts with `%`",
            id="unknown-directive",
        ),
        pytest.param(
            "a: 1\n---\na: 2\n",
            "RCP109 2:1 [---] a second document starts here | keep one document in a file",
            id="two-documents",
        ),
        pytest.param(
            "---\n---\na: 2\n",
            "RCP109 2:1 [---] a second document starts here | keep one document in a file",
            id="second-document-after-an-empty-one",
        ),
        pytest.param(
            "a: 1\n...\nb: 2\n",
            "RCP109 3:1 [b] text after the end of the document | keep one document in a file",
            id="text-after-the-end",
        ),
        pytest.param(
            "a: 1 # x\u2028b: 2\n",
            "RCP114 1:9 [\u2028] invisible line break \\u2028: YAML ends the line here, git and editors do not"
            " | end lines with LF",
            id="line-separator",
        ),
        pytest.param(
            "a: 1 # x\rb: 2\n",
            "RCP114 1:9 [\r] invisible line break \\r: YAML ends the line here, git and editors do not"
            " | end lines with LF",
            id="carriage-return-alone",
        ),
        pytest.param(
            "",
            "RCP200 1:1 [] the file is empty; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="empty",
        ),
        pytest.param(
            "# x\n",
            "RCP200 1:1 [#] the file is empty; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="comments",
        ),
        pytest.param(
            "---\n",
            "RCP200 2:1 [] the file is empty; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="a-marker-alone",
        ),
        pytest.param(
            "...\n",
            "RCP200 1:1 [.] the file is empty; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="an-end-alone",
        ),
        pytest.param(
            "# x\nnull\n",
            "RCP200 2:1 [n] the file holds `null`; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="null",
        ),
        pytest.param(
            "# x\n- a\n",
            "RCP200 2:1 [-] the file holds a list; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="list",
        ),
        pytest.param(
            "hello\n",
            "RCP200 1:1 [h] the file holds a single value; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="text",
        ),
        pytest.param(
            "{}\n",
            "RCP200 1:1 [{] the file holds an empty mapping; a mapping of keys is needed | write keys and values, such as `name: …`",
            id="empty-mapping",
        ),
        pytest.param(
            'a: "x\\0"', 'RCP206 1:4 ["x\\0"] control character \\x00 in a value | remove the escape', id="escaped-nul"
        ),
        pytest.param(
            'a: "x\\r"',
            'RCP206 1:4 ["x\\r"] control character \\r in a value | remove the escape',
            id="escaped-carriage-return",
        ),
        pytest.param(
            '"x\\e": 1',
            'RCP206 1:1 ["x\\e"] control character \\x1b in a value | remove the escape',
            id="escape-in-a-key",
        ),
        pytest.param(
            "a: 1 # \x1b[2J",
            "RCP206 1:8 [\x1b] control character \\x1b in the file | remove it",
            id="escape-in-a-comment",
        ),
        pytest.param(
            "a: \ufffe", "RCP206 1:4 [\ufffe] control character \\ufffe in the file | remove it", id="no-character"
        ),
        pytest.param(
            'a: "x\\ud800"',
            "RCP206 1:6 [\\ud800] `\\ud800` is not a character: half of a surrogate pair, or past U+10FFFF"
            " | write the character itself, or its number as `\\U` and 8 hex digits",
            id="half-a-surrogate-pair",
        ),
        pytest.param(
            'a: "\\U0011FFFF"',
            "RCP206 1:5 [\\U0011FFFF] `\\U0011FFFF` is not a character: half of a surrogate pair, or past U+10FFFF"
            " | write the character itself, or its number as `\\U` and 8 hex digits",
            id="past-the-last-character",
        ),
        pytest.param(": 1", 'RCP207 1:1 [:] a key is missing before `:` | write `""` for a text key', id="no-key"),
        pytest.param(
            "?\n: 1", 'RCP207 1:1 [?] a key is missing before `:` | write `""` for a text key', id="no-explicit-key"
        ),
        pytest.param(
            "? [a]\n: 1", "RCP207 1:3 [[] a list or mapping cannot be a key | write the key as text", id="list-as-a-key"
        ),
        pytest.param(
            "a: {{ x }}",
            "RCP207 1:5 [{] a list or mapping cannot be a key | put text with `{{ }}` in quotes",
            id="braces-of-a-template",
        ),
        pytest.param(
            "a: &x b\n*x : 1", "RCP207 2:1 [*x] an alias cannot be a key | write the key as text", id="alias-as-a-key"
        ),
        pytest.param(
            "a: x # \u202e y",
            "RCP703 1:8 [\u202e] hidden character \\u202e in the file | remove it",
            id="bidi-override",
        ),
        pytest.param(
            "a\u200b\u200b: 1",
            "RCP703 1:2 [\u200b\u200b] hidden character \\u200b in the file | remove it",
            id="a-run-of-one-hidden-character-is-one-finding",
        ),
        pytest.param(
            "a\u200db: 1",
            "RCP703 1:1 [a\u200db] the key `a\\u200db` has a hidden character | type the key anew",
            id="joiner-in-a-key",
        ),
        pytest.param(
            "cafe\u0301: 1",
            "RCP703 1:1 [cafe\u0301] the key `cafe\u0301` has a letter and its accent as two characters"
            " (it is not in Unicode normal form NFC) | type the key anew",
            id="key-that-looks-like-another",
        ),
    ],
)
def test_finding(data: bytes | str, finding: str) -> None:
    assert said(data) == [finding]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param(
            "a: 'x\nb: 1", "1:4 ['] this quote is never closed | close it before the end of the file", id="open-quote"
        ),
        pytest.param(
            "a: [1, 2\nb: 3",
            "2:2 [:] expected `,` or `]` | close the bracket, separate its entries with `,`, or put text in quotes",
            id="open-bracket",
        ),
        pytest.param(
            "a: {b: 1",
            "1:9 [] expected `,` or `}` | close the bracket, separate its entries with `,`, or put text in quotes",
            id="open-brace",
        ),
        pytest.param(
            "a: 'b' c", "1:8 [c] text after the closing `'` | put the whole value in quotes", id="text-after-quotes"
        ),
        pytest.param(
            "a: [b]]", "1:7 []] text after the closing `]` | put the whole value in quotes", id="one-bracket-too-many"
        ),
        pytest.param(
            "{a: 1} b", "1:8 [b] text after the closing `}` | put the whole value in quotes", id="text-after-a-brace"
        ),
        pytest.param(
            "a: b: c",
            "1:5 [:] `:` makes a key here, in the middle of a value"
            " | put the value in quotes, or align the line with the keys of its mapping",
            id="two-colons",
        ),
        pytest.param(
            "a: 1\n b: 2",
            "2:3 [:] `:` makes a key here, in the middle of a value"
            " | put the value in quotes, or align the line with the keys of its mapping",
            id="one-space-too-many",
        ),
        pytest.param(
            "a:\n   b: 1\n  c: 2",
            "3:3 [c] expected a key | align the line with the keys of its mapping",
            id="key-between-two-levels",
        ),
        pytest.param(
            "a: 1\n- b", "2:1 [-] expected a key | align the line with the keys of its mapping", id="item-among-keys"
        ),
        pytest.param(
            "- b\na: 1",
            "2:1 [a] expected a list item | start the line with `- `, or align it with the key that it belongs to",
            id="key-among-items",
        ),
        pytest.param(
            "a: - b",
            "1:4 [-] a list item cannot start here | write `- item` on a line of its own",
            id="item-behind-a-key",
        ),
        pytest.param(
            "a: 1\nb\nc: 2",
            "2:1 [b] no `:` follows this key | write `key: value`, or indent the line if it goes on with the value above",
            id="key-without-colon",
        ),
        pytest.param("a: @x", "1:4 [@] a value cannot start with `@` | put the value in quotes", id="at-sign"),
        pytest.param("a: `x`", "1:4 [`] a value cannot start with a backtick | put the value in quotes", id="backtick"),
        pytest.param("a: %x", "1:4 [%] a value cannot start with `%` | put the value in quotes", id="percent"),
        pytest.param(
            "a: *.txt", "1:4 [*] `*` starts an alias here, and no name follows | put the value in quotes", id="glob"
        ),
        pytest.param(
            "a: & b", "1:4 [&] `&` starts an anchor here, and no name follows | put the value in quotes", id="ampersand"
        ),
        pytest.param("a: , b", "1:4 [,] expected a value, not `,` | write a value, or put text in quotes", id="comma"),
        pytest.param(
            'a: "\\q"',
            "1:5 [\\q] `\\q` is not an escape | write `\\\\` for a backslash, or use single quotes",
            id="no-escape",
        ),
        pytest.param(
            'a: "\\xZ"',
            "1:5 [\\x] hex digits are missing in `\\x` | write all of them, or `\\\\` for a backslash",
            id="half-an-escape",
        ),
        pytest.param(
            "a: |x\n  b",
            "1:4 [|] a block text starts with `|` or `>`, and nothing else stands on that line"
            " | write the text on the next lines, indented",
            id="block-text-on-the-first-line",
        ),
        pytest.param(
            "a: 'b\n--- c'",
            "2:1 [-] a line of a quoted text starts with `---` or `...` | indent the line",
            id="marker-in-quotes",
        ),
        pytest.param(
            "k" * 1025 + ": 1", "1:1026 [:] a key of more than 1024 characters | shorten the key", id="long-key"
        ),
    ],
)
def test_not_yaml(text: str, finding: str) -> None:
    assert said(text) == [f"RCP115 {finding.replace('] ', '] not valid YAML: ', 1)}"]


def test_an_error_of_a_bracket_shows_where_it_opens() -> None:
    _, found = parse(Source("r.yaml", "a: [1,\n  2\nb: 3"))
    assert [(item.span.place, item.text) for item in found[0].related] == [("r.yaml:1:4", "the bracket is opened here")]


def test_a_duplicate_shows_both_places() -> None:
    _, found = parse(Source("r.yaml", "a: 1\nb: 2\na: 3\n"))
    primary = found[0].primary
    assert primary is not None
    assert (primary.span.place, primary.text) == (
        "r.yaml:3:1",
        "second value; YAML 1.1 loaders would silently keep this one",
    )
    assert [(item.span.place, item.text) for item in found[0].related] == [("r.yaml:1:1", "first value")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("a:\n\tb: 1\nc: 010\nc: 1\n", ["RCP101", "RCP113", "RCP102"], id="after-a-tab"),
        pytest.param(
            "a: !x 010\nb: *y\nb: .inf\n",
            ["RCP107", "RCP113", "RCP104", "RCP205", "RCP102"],
            id="after-a-tag-and-an-alias",
        ),
        pytest.param("? [a, 010]\n: 1\n1: 2\n<: *z\n", ["RCP207", "RCP113", "RCP207", "RCP104"], id="after-an-odd-key"),
        pytest.param("a: &x [*x, .nan]\n", ["RCP104", "RCP205"], id="after-an-alias-in-itself"),
        pytest.param("a\u200b: 010\n", ["RCP703", "RCP113"], id="after-a-hidden-character"),
        pytest.param(
            "a: {x: 1}\na: {x: 2}\nb: &b {c: *b}\n", ["RCP102", "RCP104"], id="after-a-duplicate-that-was-dropped"
        ),
    ],
)
def test_reading_goes_on(text: str, codes: list[str]) -> None:
    _, found = parse(Source("r.yaml", text))
    assert [item.code for item in found] == codes


def test_tabs_of_a_block_text_are_its_own() -> None:
    """Another error in the file does not make them indentation."""
    assert data_of("a: |\n  all:\n  \tcc\n") == {"a": "all:\n\tcc\n"}
    assert [line[:10] for line in said("a: |\n  all:\n  \tcc\nb: [1\nc: 2\n")] == ["RCP115 5:2"]
    assert [line[:10] for line in said("a: |\n  all:\n  \tcc\nb:\n\tc: 2\n")] == ["RCP101 5:1"]


def test_the_fix_of_tabs_gives_spaces() -> None:
    _, found = parse(Source("r.yaml", "a:\n\t b: 1\n"))
    fix = found[0].fix
    assert fix is not None
    assert (fix.span.text, fix.replacement, fix.applicability) == ("\t ", "   ", "safe")


def test_the_fix_of_an_anchored_number_keeps_the_anchor() -> None:
    text = "a: &lr 1e-4\nb: *lr\n"
    _, found = parse(Source("r.yaml", text))
    fix = found[0].fix
    assert fix is not None
    mended = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    assert data_of(mended) == {"a": 1e-4, "b": 1e-4}


def test_64_levels_and_50000_values_and_100_aliases_are_allowed() -> None:
    assert said("a: " + "[" * 63 + "]" * 63) == []
    assert said("a: [" + "0," * 49_997 + "]") == []
    assert said("a: &x 1\nb: [" + "*x, " * 100 + "]") == []
    assert said("a: " + "x" * ((1 << 20) - 3)) == []


def test_a_chain_of_aliases_cannot_nest_without_end() -> None:
    """Each line stays within 64 levels, all together would be a thousand: no RecursionError later."""
    lines = ["a0: &a0 " + "[" * 20 + "]" * 20] + [
        f"a{n}: &a{n} " + "[" * 20 + f"*a{n - 1}" + "]" * 20 for n in range(1, 60)
    ]
    assert [line[:11] for line in said("\n".join(lines))] == ["RCP103 4:29"]


def test_a_value_may_start_in_the_middle_of_a_text() -> None:
    node, found = parse_value(Source("s", "lr=[1, x]"), 3)
    assert found == ()
    assert node is not None
    assert (plain(node), node.value[1].span.place) == ([1, "x"], "s:1:8")
    _, found = parse_value(Source("s", "lr=[1,\n\t!"), 3)
    assert [(item.code, item.primary.span.place if item.primary else "") for item in found] == [
        ("RCP107", "s:2:2"),
        ("RCP115", "s:2:3"),
    ]


# ---------------------------------------------------------------- both parsers


def shape(node: Node | None) -> Any:
    if node is None:
        return None
    inner = node.value
    if isinstance(inner, dict):
        inner = {(key, (node.keys or {})[key]): shape(child) for key, child in inner.items()}
    elif isinstance(inner, list):
        inner = [shape(child) for child in inner]
    return (node.start, node.end, node.anchor, inner)


def read_by(monkeypatch: pytest.MonkeyPatch, parser: Any, text: str) -> tuple[Any, list[tuple[str, str, str]]]:
    monkeypatch.setattr(build, "PARSER", parser)
    node, found = parse(Source("r.yaml", text))
    return shape(node), [(item.code, item.primary.span.place, item.message) for item in found if item.primary]


WORDS = [
    "a",
    "b: ",
    "c:",
    "- ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "\n  ",
    "\n    ",
    "'",
    '"',
    "|\n",
    ">-\n",
    "#x",
    " # c",
    "&n ",
    "*n",
    "!t ",
    "1",
    "x y",
    "é",
    "😀",
    "---\n",
    "...\n",
    "\r\n",
    "<<: ",
    "\\",
    "\\u0041",
    "~",
]


def test_libyaml_and_python_read_the_same() -> None:
    """Trees and places: a machine without libyaml compiles the same bundle.

    Where both refuse a text, they may stop at different places and in different words. No tabs:
    PyYAML's own parser refuses them inside plain text.
    """
    dice = random.Random(7)
    texts = ["a: {b: [1, x], c: &n {d: 1e4}}\ne: *n\nf: |\n  x\n  y\ng: 'q'\n\n# end\n"]
    texts += ["".join(dice.choices(WORDS, k=dice.randint(1, 14))) for _ in range(6000)]
    same = 0
    with pytest.MonkeyPatch.context() as patch:
        for text in texts:
            first = read_by(patch, yaml.CSafeLoader, text)
            second = read_by(patch, build.PurePython, text)
            if first[1] == []:
                assert first == second, text
                same += 1
            elif first[0] is not None:
                assert [item[0] for item in first[1]] == [item[0] for item in second[1]], text
            else:
                assert second[1] != [], text
    assert same > 200


@pytest.mark.parametrize("parser", PYTHON)
@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        pytest.param("a: [1, 2\nb: 3", "RCP115", "2:2", id="bracket"),
        pytest.param("a: 'x", "RCP115", "1:4", id="quote"),
        pytest.param("a: b: c", "RCP115", "1:5", id="colon"),
        pytest.param("a: @x", "RCP115", "1:4", id="at"),
        pytest.param("a: *.txt", "RCP115", "1:4", id="glob"),
        pytest.param("a:\n\tb: 1", "RCP101", "2:1", id="tab"),
        pytest.param("a: 1\n...\nb: 2", "RCP109", "3:1", id="after-the-end"),
        pytest.param('a: "\\UFFFFFFFF"', "RCP206", "1:5", id="character-number"),
        pytest.param('a: "\\q"', "RCP115", "1:5", id="escape"),
        pytest.param("a: !e!x y", "RCP107", "1:4", id="tag-handle"),
        pytest.param("...\n", "RCP200", "1:1", id="end-alone"),
        pytest.param("[" * 100_000, "RCP103", "1:65", id="deep"),
    ],
)
def test_both_parsers_refuse_at_the_same_place(
    monkeypatch: pytest.MonkeyPatch, parser: Any, text: str, code: str, place: str
) -> None:
    _, found = read_by(monkeypatch, parser, text)
    assert [(item[0], item[1]) for item in found] == [(code, f"r.yaml:{place}")]
