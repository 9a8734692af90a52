"""`recipec graph`: layers, calls and inputs, as text for other tools and as a picture of our own."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from recipe_compiler.graph import MAX_CALLS, Edge, Graph, GraphNode
from recipe_compiler.report.graph_svg import svg
from recipe_compiler.report.graph_text import dot, mermaid
from tests.jobs import project_at
from tests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_at(tmp_path, sweep=True)


def test_mermaid(project: Project) -> None:
    assert project.run("graph", "recipes/sft.yaml").out == (
        "flowchart LR\n"
        '  n0["bases/sft.yaml"]\n'
        '  n1(["sft<br>recipes/sft.yaml"])\n'
        '  n2[["acme.train.main<br>runs"]]\n'
        '  n3[["acme.optim.Adam"]]\n'
        '  n4[["acme.data.Mix"]]\n'
        '  n5[["acme.data.Source"]]\n'
        '  n6[("h200<br>cluster profile")]\n'
        '  n7["nemo<br>/images/nemo.sif"]\n'
        '  n8["4 points<br>points.jsonl"]\n'
        '  n9{{"job<br>4 × 8 GPUs, 1-00:00:00"}}\n'
        "  n0 --> n1\n"
        '  n3 -->|"optim"| n2\n'
        '  n4 -->|"data"| n2\n'
        '  n5 -->|"sources#91;0#93;"| n4\n'
        "  n1 --> n2\n"
        "  n6 --> n9\n"
        "  n7 --> n9\n"
        "  n1 --> n8\n"
        "  n8 --> n9\n"
        "  n2 --> n9\n"
    )


def test_a_bundle_has_the_graph_of_its_recipe(project: Project) -> None:
    bundle = project.compile("recipes/sft.yaml")
    of_recipe = project.run("graph", "recipes/sft.yaml", "--format", "json").json
    of_bundle = project.run("graph", str(bundle), "--format", "json").json
    calls = [[one for one in side["nodes"] if one["kind"] == "call"] for side in (of_recipe, of_bundle)]
    assert calls[0] == calls[1]


def test_an_object_used_twice_is_one_box(project: Project) -> None:
    project.write(
        "recipes/a.yaml",
        "name: a\nfunction: acme.f\nargs:\n  x: &one {_target_: acme.One}\n  y: {_target_: acme.Two, of: *one}\n",
    )
    said = project.run("graph", "recipes/a.yaml", "--format", "json").json
    assert [one["label"] for one in said["nodes"] if one["kind"] == "call"] == ["acme.f", "acme.One", "acme.Two"]
    assert [one for one in said["edges"] if one["source"].startswith("shared")] == [
        {"source": "shared 0", "target": "call", "label": "x"},
        {"source": "shared 0", "target": "args.y", "label": "of"},
    ]


def test_more_calls_than_can_be_read_are_counted(project: Project) -> None:
    calls = ", ".join(["{_target_: acme.Layer}"] * (MAX_CALLS + 30))
    project.write("recipes/a.yaml", f"name: a\nfunction: acme.f\nargs: {{layers: [{calls}]}}\n")
    said = project.run("graph", "recipes/a.yaml").out
    assert '["31 more calls"]' in said
    assert said.count("acme.Layer") == MAX_CALLS - 1


NASTY = '</script><script>alert(1)</script> " ]] --> \\ \n %% \u202e'


def nasty() -> Graph:
    return Graph(NASTY, (GraphNode("a", "call", NASTY), GraphNode("b", "job", "b", NASTY)), (Edge("a", "b", NASTY),))


def test_text_of_others_stays_text() -> None:
    assert mermaid(nasty()).count("\n") == 4
    assert "<script" not in mermaid(nasty())
    assert dot(nasty()).splitlines()[3] == (
        '  n0 [label="</script><script>alert(1)</script> \\" ]] --> \\\\ \\\\n %% \\\\u202e" shape=component]'
    )
    root = ET.fromstring(svg(nasty()))
    assert {one.tag.partition("}")[2] for one in root.iter()} == {"svg", "style", "title", "g", "path", "rect", "text"}


def test_svg_is_drawn_without_overlaps(project: Project) -> None:
    root = ET.fromstring(project.run("graph", "recipes/sft.yaml", "--format", "svg").out)
    space = "{http://www.w3.org/2000/svg}"
    boxes = [
        tuple(float(one.attrib[key]) for key in ("x", "y", "width", "height")) for one in root.iter(f"{space}rect")
    ]
    assert len(boxes) == 10
    for at, (x, y, width, height) in enumerate(boxes):
        assert 0 <= x < x + width <= float(root.attrib["width"])
        assert 0 <= y < y + height <= float(root.attrib["height"])
        for other in boxes[at + 1 :]:
            assert (
                x + width <= other[0] or other[0] + other[2] <= x or y + height <= other[1] or other[1] + other[3] <= y
            )


def test_a_circle_of_edges_ends() -> None:
    nodes = (GraphNode("a", "call", "a"), GraphNode("b", "call", "b"))
    assert svg(Graph("x", nodes, (Edge("a", "b"), Edge("b", "a")))).startswith("<svg")
