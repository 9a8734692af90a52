"""The laws of compose with edits in play: merging is associative, an empty mapping changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_compiler.compose import compose, finished, history, merge
from recipe_compiler.diag import Source, route_text
from recipe_compiler.patches import Deleted, Edits, read_markers
from recipe_compiler.syntax import Node, parse, plain, walk

WORDS = st.sampled_from(["x", "y"])
LEAVES = st.sampled_from([0, 1, None, "x", "y", {"n": "x"}, {"n": "y", "v": 1}, {"n": "x", "v": [2]}])
ITEMS = st.lists(LEAVES, max_size=3)
FORMS = st.sampled_from(["leaf", "list", "delete", "mapping", "mapping", "edits", "edits"])


@st.composite
def value(draw: Any, depth: int) -> Any:
    """A value of a layer, with markers."""
    form = draw(FORMS) if depth else "leaf"
    if form == "leaf":
        return draw(LEAVES)
    if form == "list":
        return draw(ITEMS)
    if form == "delete":
        return {"_delete_": True}
    if form == "mapping":
        return draw(st.dictionaries(st.sampled_from("abc"), value(depth - 1), max_size=3))
    made: dict[str, Any] = {}
    for marker in draw(st.sets(st.sampled_from(["_append_", "_prepend_", "_at_", "_by_"]), min_size=1)):
        if marker == "_at_":
            made[marker] = draw(
                st.dictionaries(st.sampled_from(["0", "1", "-1"]), value(depth - 1), min_size=1, max_size=2)
            )
        elif marker == "_by_":
            made[marker] = {"n": draw(st.dictionaries(WORDS, value(depth - 1), min_size=1, max_size=2))}
        else:
            made[marker] = draw(ITEMS)
    return made


@st.composite
def layer_of(draw: Any) -> Any:
    return draw(st.dictionaries(st.sampled_from("abc"), value(3), max_size=3))


layers = layer_of()


def node(data: Any, name: str = "layer") -> Node:
    text = json.dumps(data)
    if not data:
        return Node(Source(name, text), 0, 2, {}, {})
    tree, found = parse(Source(name, text))
    assert tree is not None, found
    tree, found = read_markers(tree)
    assert found == (), (data, found)
    return tree


def shape(tree: Node) -> Any:
    """The tree with its waiting edits, as data."""
    value = tree.value
    if isinstance(value, Edits):
        return (
            "edits",
            {key: shape(child) for key, child in value.markers.items()},
            shape(tree.over) if tree.over else None,
        )
    if isinstance(value, Deleted):
        return ("deleted", tree.over is None)
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    return [shape(child) for child in value] if isinstance(value, list) else value


def outcome(tree: Node) -> Any:
    done, found = finished(tree)
    return plain(done), sorted((item.code, item.message) for item in found)


@given(layers, layers, layers)
def test_merge_is_associative(one: Any, two: Any, three: Any) -> None:
    a, b, c = node(one, "a"), node(two, "b"), node(three, "c")
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    assert outcome(left) == outcome(right)
    assert shape(left) == shape(right)


@given(layers, layers, layers)
def test_history_does_not_depend_on_the_grouping(one: Any, two: Any, three: Any) -> None:
    a, b, c = node(one, "a"), node(two, "b"), node(three, "c")
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    for route, _ in walk(left):
        who = [[step.source.file for step in history(tree, route)] for tree in (left, right)]
        assert who[0] == who[1], route_text(route)


@given(layers)
def test_the_empty_mapping_is_the_unit(layer: Any) -> None:
    whole = node(layer)
    for tree in (merge(node({}), whole), merge(whole, node({}))):
        assert shape(tree) == shape(whole)
        assert outcome(tree) == outcome(whole)


@given(st.lists(layers, min_size=1, max_size=4))
def test_no_edit_is_left_in_a_finished_tree(rows: list[Any]) -> None:
    done, found = finished(compose([node(row) for row in rows]))
    assert {item.code for item in found} <= {"RCP506"}
    json.dumps(plain(done))


BASE = {"l": [1, {"n": "x", "v": 1}, {"n": "y"}], "m": {"k": 1}, "s": 1}


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        pytest.param({"l": {"_append_": [2]}}, [1, {"n": "x", "v": 1}, {"n": "y"}, 2], id="append"),
        pytest.param(
            {"l": {"_prepend_": [2, 3]}}, [2, 3, 1, {"n": "x", "v": 1}, {"n": "y"}], id="prepend-keeps-its-order"
        ),
        pytest.param(
            {"l": {"_at_": {"1": {"v": 2, "w": 3}}}},
            [1, {"n": "x", "v": 2, "w": 3}, {"n": "y"}],
            id="an-item-by-index-is-merged",
        ),
        pytest.param(
            {"l": {"_at_": {"-1": {"v": 2}}}}, [1, {"n": "x", "v": 1}, {"n": "y", "v": 2}], id="index-from-the-end"
        ),
        pytest.param({"l": {"_at_": {"0": 7}}}, [7, {"n": "x", "v": 1}, {"n": "y"}], id="a-plain-item-is-replaced"),
        pytest.param(
            {"l": {"_by_": {"n": {"y": {"v": 5}}}}},
            [1, {"n": "x", "v": 1}, {"n": "y", "v": 5}],
            id="an-item-by-key-is-merged",
        ),
        pytest.param({"l": {"_by_": {"n": {"x": {"_delete_": True}}}}}, [1, {"n": "y"}], id="an-item-is-deleted"),
        pytest.param(
            {"l": {"_at_": {"0": {"_delete_": True}, "1": {"v": 0}}}},
            [{"n": "x", "v": 0}, {"n": "y"}],
            id="indices-are-of-the-list-as-it-was",
        ),
        pytest.param(
            {"l": {"_append_": [9], "_prepend_": [0], "_at_": {"0": 5}}},
            [0, 5, {"n": "x", "v": 1}, {"n": "y"}, 9],
            id="all-together",
        ),
        pytest.param({"l": [4]}, [4], id="a-list-replaces"),
    ],
)
def test_list_edit(layer: Any, expected: Any) -> None:
    data, found = outcome(compose([node(BASE), node(layer)]))
    assert (data["l"], found) == (expected, [])


def test_deletion_and_a_fresh_start() -> None:
    gone = node({"m": {"_delete_": True}})
    assert outcome(compose([node(BASE), gone]))[0].keys() == {"l", "s"}
    assert outcome(compose([node(BASE), gone, node({"m": {"j": 2}})]))[0]["m"] == {"j": 2}


@pytest.mark.parametrize(
    ("layer", "finding"),
    [
        pytest.param(
            {"q": {"_append_": [1]}}, "`_append_` stands over no list: no layer below sets the key", id="no-list"
        ),
        pytest.param({"m": {"_append_": [1]}}, "`_append_` stands over a mapping", id="over-a-mapping"),
        pytest.param({"s": {"_prepend_": [1]}}, "`_prepend_` stands over a single value", id="over-a-number"),
        pytest.param({"l": {"_at_": {"3": 1}}}, "the list has 3 items, no `3`", id="past-the-end"),
        pytest.param({"l": {"_by_": {"n": {"z": {"v": 1}}}}}, "no item of the list has `n: z`", id="no-match"),
        pytest.param({"l": {"_at_": {"1": 1, "-2": 1}}}, "item 1 of the list is edited twice", id="twice"),
        pytest.param(
            {"q": {"_delete_": True}}, "`_delete_` removes nothing: no layer below sets the key", id="nothing-to-delete"
        ),
        pytest.param(
            {"q": [{"_delete_": True}]},
            "`_delete_` removes nothing: no layer below sets the key",
            id="inside-a-new-list",
        ),
    ],
)
def test_an_edit_without_its_target(layer: Any, finding: str) -> None:
    _, found = outcome(compose([node(BASE), node(layer)]))
    assert found == [("RCP506", finding)]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("a: {_append_: 1}", "RCP508 [1] `_append_` has another form | write a list: `_append_: [a, b]`", id="append-takes-a-list"),
        pytest.param("a: {_append_: [1], b: 2}", "RCP508 [b] `b` cannot stand beside `_append_` | write the markers alone: they stand for the whole value of the key", id="beside-a-key"),
        pytest.param("a: {_at_: {first: 1}}", 'RCP508 [first] `_at_` has another form | write items by index: `_at_: {"0": {lr: 1}}`', id="index"),
        pytest.param("a: {_by_: {name: 1}}", "RCP508 [1] `_by_` has another form | write items by a key of theirs: `_by_: {name: {ema: {decay: 0.9}}}`", id="by"),
        pytest.param("a: {_delete_: false}", "RCP508 [false] `_delete_` has another form | write true: `_delete_: true`", id="delete-takes-true"),
        pytest.param("_append_: [1]", "RCP508 [_append_: [1]] a whole layer is no edit | edit a value inside: `args: {callbacks: {_append_: […]}}`", id="whole-layer"),
    ],
)  # fmt: skip
def test_a_misshapen_marker(text: str, finding: str) -> None:
    tree, _ = parse(Source("r.yaml", text))
    assert tree is not None
    _, found = read_markers(tree)
    assert [
        f"{item.code} [{item.primary.span.text}] {item.message} | {item.help}" for item in found if item.primary
    ] == [finding]


def test_raw_data_may_hold_markers() -> None:
    tree, _ = parse(Source("r.yaml", "a: {_raw_: true, x: {_append_: [1]}, y: {_delete_: true}}"))
    assert tree is not None
    assert read_markers(tree) == (tree, ())
