"""Layers to one tree: merging, and the history of each value."""

from __future__ import annotations

from typing import Any

import pytest

from recipe_compiler.compose import bases, compose, history, merge, replaced, without
from recipe_compiler.diag import Route, Source, Span
from recipe_compiler.syntax import Node, find, label, parse, plain


def layer(file: str, text: str) -> Node:
    node, found = parse(Source(file, text))
    assert found == ()
    assert node is not None
    return node


def of(*texts: str) -> Node:
    """The texts as layers `a`, `b`, …, composed."""
    return compose([layer(chr(ord("a") + index), text) for index, text in enumerate(texts)])


def places(root: Node, *route: str | int) -> list[str]:
    return [node.span.place for node in history(root, route)]


@pytest.mark.parametrize(
    ("texts", "data"),
    [
        pytest.param(["x: 1"], {"x": 1}, id="one-layer"),
        pytest.param(["x: 1\ny: 2", "x: 3"], {"x": 3, "y": 2}, id="the-last-one-wins"),
        pytest.param(["x: {a: 1, b: 2}", "x: {b: 3, c: 4}"], {"x": {"a": 1, "b": 3, "c": 4}}, id="mappings-merge"),
        pytest.param(
            ["x: {a: {b: {c: 1}}}", "x: {a: {b: {d: 2}}}"], {"x": {"a": {"b": {"c": 1, "d": 2}}}}, id="at-every-depth"
        ),
        pytest.param(["x: [1, 2, 3]", "x: [4]"], {"x": [4]}, id="lists-are-replaced"),
        pytest.param(["x: [{a: 1}]", "x: [{b: 2}]"], {"x": [{"b": 2}]}, id="mappings-in-lists-are-replaced"),
        pytest.param(["x: {a: 1}", "x: 5"], {"x": 5}, id="a-value-replaces-a-mapping"),
        pytest.param(["x: 5", "x: {a: 1}"], {"x": {"a": 1}}, id="a-mapping-replaces-a-value"),
        pytest.param(["x: {a: 1}", "x: null"], {"x": None}, id="null-is-a-value"),
        pytest.param(["x: {a: 1}", "x: {}"], {"x": {"a": 1}}, id="an-empty-mapping-changes-nothing"),
        pytest.param(["x: {a: 1}", "x: 5", "x: {b: 2}"], {"x": {"b": 2}}, id="a-replaced-mapping-does-not-come-back"),
        pytest.param(["b: 1\na: 2", "c: 3\na: 4"], {"b": 1, "a": 4, "c": 3}, id="keys-keep-their-first-place"),
        pytest.param(["extends: x\na: 1", "extends: [y]\nb: 2"], {"a": 1, "b": 2}, id="extends-is-dropped"),
        pytest.param(
            ["a: &n {p: 1}\nb: *n", "a: {q: 2}"],
            {"a": {"p": 1, "q": 2}, "b": {"p": 1}},
            id="a-shared-value-changes-in-one-place",
        ),
    ],
)
def test_compose(texts: list[str], data: Any) -> None:
    root = of(*texts)
    assert plain(root) == data
    assert list(plain(root)) == list(data)


def test_the_history_is_newest_first() -> None:
    root = of("x: 1\ny: {a: 1}", "x: 2", "y: {b: 2}\nx: 3")
    assert places(root, "x") == ["c:2:4", "b:1:4", "a:1:4"]
    assert places(root, "y", "a") == ["a:2:8"]
    assert places(root, "y", "b") == ["c:1:8"]
    assert places(root, "y") == ["c:1:4", "a:2:4"]
    assert places(root, "z") == []


def test_a_label_is_in_the_layer_that_set_the_value() -> None:
    root = of("x: {a: 1, b: 2}", "\nx:\n  b: 3")
    assert label(root, ("x", "b")).span.place == "b:3:6"
    assert label(root, ("x", "b"), key=True).span.place == "b:3:3"
    assert label(root, ("x", "a"), key=True).span.place == "a:1:5"
    assert label(root, ("x", "c")).span.place == "b:2:1"
    assert label(root, ("y",)).span.place == "b:2:1"


def test_layers_are_not_changed() -> None:
    first, second = layer("a", "x: {a: 1}\ny: [1]"), layer("b", "x: {b: 2}\ny: [2]")
    compose([first, second])
    assert (plain(first), plain(second)) == ({"x": {"a": 1}, "y": [1]}, {"x": {"b": 2}, "y": [2]})
    assert find(first, ("x",))[0].over is None


def test_merging_can_start_at_either_end() -> None:
    texts = ["x: {a: 1}\nl: 1", "x: 2\nl: [2]", "x: {b: 3}", "x: {a: {c: 4}}\nl: 3"]
    layers = [layer(str(index), text) for index, text in enumerate(texts)]
    left = merge(merge(merge(layers[0], layers[1]), layers[2]), layers[3])
    right = merge(layers[0], merge(layers[1], merge(layers[2], layers[3])))
    assert plain(left) == plain(right) == {"x": {"b": 3, "a": {"c": 4}}, "l": 3}
    for route in (("x",), ("x", "b"), ("x", "a"), ("x", "a", "c"), ("l",)):
        assert places(left, *route) == places(right, *route)


@pytest.mark.parametrize(
    ("route", "data"),
    [
        pytest.param(("x", "a"), {"x": {"a": 9, "l": [1, {"b": 2}]}}, id="value"),
        pytest.param(("x", "new"), {"x": {"a": 1, "l": [1, {"b": 2}], "new": 9}}, id="new-key"),
        pytest.param(("x", "l", 0), {"x": {"a": 1, "l": [9, {"b": 2}]}}, id="item"),
        pytest.param(("x", "l", 1, "b"), {"x": {"a": 1, "l": [1, {"b": 9}]}}, id="key-in-an-item"),
        pytest.param(("x",), {"x": 9}, id="mapping"),
    ],
)
def test_replaced(route: Route, data: Any) -> None:
    root = of("x: {a: 1, l: [1, {b: 2}]}")
    before = plain(root)
    changed = replaced(root, route, layer("new", "v: 9").value["v"])
    assert (plain(changed), plain(root)) == (data, before)
    assert places(changed, *route)[0] == "new:1:4"


def test_replaced_remembers_where_the_key_was_written() -> None:
    source = Source("set", "x.a=9")
    changed = replaced(of("x: {a: 1}"), ("x", "a"), Node(source, 4, 5, 9), Span(source, 0, 3))
    assert label(changed, ("x", "a"), key=True).span.text == "x.a"
    assert label(changed, ("x", "a")).span.text == "9"
    assert places(changed, "x", "a") == ["set:1:5", "a:1:8"]


def test_without() -> None:
    assert plain(without(of("a: 1\nb: 2"), "a")) == {"b": 2}


# ---------------------------------------------------------------- extends


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("a: 1", [], id="none"),
        pytest.param("extends: ../b.yaml", [("../b.yaml", "../b.yaml")], id="one"),
        pytest.param("extends: [a.yaml, 'b c.yaml']", [("a.yaml", "a.yaml"), ("b c.yaml", "'b c.yaml'")], id="some"),
        pytest.param("extends: []", [], id="empty-list"),
    ],
)
def test_bases(text: str, named: list[tuple[str, str]]) -> None:
    found, findings = bases(layer("r.yaml", text))
    assert [(name, span.text) for name, span in found] == named
    assert findings == ()


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param(
            "extends:",
            "RCP202 r.yaml:1:9 `extends` takes a path or a list of paths | write `extends: ../bases/name.yaml`",
            id="nothing",
        ),
        pytest.param(
            "extends: 5",
            "RCP202 r.yaml:1:10 `extends` takes a path or a list of paths | write `extends: ../bases/name.yaml`",
            id="integer",
        ),
        pytest.param(
            "extends: ''",
            "RCP202 r.yaml:1:10 `extends` takes a path or a list of paths | write `extends: ../bases/name.yaml`",
            id="empty",
        ),
        pytest.param(
            "extends: [a, [b]]",
            "RCP202 r.yaml:1:14 `extends` takes a path or a list of paths | write `extends: ../bases/name.yaml`",
            id="list-in-a-list",
        ),
        pytest.param(
            "extends: {a: b}",
            "RCP202 r.yaml:1:10 `extends` takes a path or a list of paths | write `extends: ../bases/name.yaml`",
            id="mapping",
        ),
        pytest.param(
            "extends: " + "a/" * 600,
            "RCP602 r.yaml:1:10 a base's path is longer than 1024 characters | name a file that is there",
            id="long",
        ),
        pytest.param(
            "extends: http://h/b.yaml",
            "RCP603 r.yaml:1:10 the base `http://h/b.yaml` is a URL; bases are files of the project | put the file into the project",
            id="url",
        ),
        pytest.param(
            "extends: reference::file",
            "RCP603 r.yaml:1:10 the base `reference::file` is a URL; bases are files of the project | put the file into the project",
            id="url-in-a-url",
        ),
    ],
)
def test_bases_refused(text: str, finding: str) -> None:
    named, found = bases(layer("r.yaml", text))
    assert named == ()
    assert [
        f"{item.code} {item.primary.span.place} {item.message} | {item.help}" for item in found if item.primary
    ] == [finding]


def test_a_path_with_a_control_character_is_not_looked_for() -> None:
    """The character is an error already, and a NUL would be an exception of the file system."""
    node, found = parse(Source("r.yaml", 'extends: "a\\0b"\n'))
    assert [item.code for item in found] == ["RCP206"]
    assert node is not None
    assert bases(node) == ((), ())
