"""What a job comes from, as a graph: layers, calls and inputs, down to the job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from recipe_compiler.side import Side

Kind = Literal["base", "recipe", "call", "input", "cluster", "image", "job", "more"]
MAX_CALLS = 120
"""More than these are one node that counts them: nobody reads a larger picture."""
MAX_LAYERS = 64


class GraphNode(NamedTuple):
    """A box. `detail` is its second line."""

    key: str
    kind: Kind
    label: str
    detail: str = ""


class Edge(NamedTuple):
    """What `source` gives to `target`: for an argument, its name."""

    source: str
    target: str
    label: str = ""


class Graph(NamedTuple):
    """Boxes in a fixed order, and edges between them, without a circle."""

    title: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]


def graph_of(side: Side, file: str, extends: Sequence[tuple[str, str]]) -> Graph:
    """The graph of one job. `extends` says which file of a recipe extends which; a bundle does not know."""
    nodes: dict[str, GraphNode] = {}
    edges: list[Edge] = []
    recipe = GraphNode("recipe", "recipe", side.name, file)
    _layers(side, file, extends, nodes, edges)
    nodes[recipe.key] = recipe
    _calls(side, nodes, edges)
    edges.append(Edge("recipe", "call"))
    job = side.job
    nodes["cluster"] = GraphNode("cluster", "cluster", side.cluster, "cluster profile")
    edges.append(Edge("cluster", "job"))
    if "image file" in job:
        nodes["image"] = GraphNode("image", "image", str(job["image"].value), str(job["image file"].value))
        edges.append(Edge("image", "job"))
    if side.points:
        nodes["points"] = GraphNode("points", "input", f"{len(side.points)} points", "points.jsonl")
        edges += [Edge("recipe", "points"), Edge("points", "job")]
    for name in sorted(side.files):
        if name.startswith("script."):
            nodes[name] = GraphNode(name, "input", name, "script")
            edges.append(Edge(name, "call"))
    size = f"{job['nodes'].value} × {job['GPUs per node'].value} GPUs, {job['time'].value}"
    nodes["job"] = GraphNode("job", "job", "job", size)
    edges.append(Edge("call", "job"))
    return Graph(side.name, tuple(nodes.values()), tuple(dict.fromkeys(edges)))


def _layers(
    side: Side, file: str, extends: Sequence[tuple[str, str]], nodes: dict[str, GraphNode], edges: list[Edge]
) -> None:
    known = [base for _, base in extends] or [layer for layer in side.layers if layer != file]
    for layer in list(dict.fromkeys(known))[:MAX_LAYERS]:
        nodes[f"layer {layer}"] = GraphNode(f"layer {layer}", "base", layer)
    for above, base in extends or [(file, layer) for layer in known]:
        target = "recipe" if above == file else f"layer {above}"
        if f"layer {base}" in nodes:
            edges.append(Edge(f"layer {base}", target))


def _calls(side: Side, nodes: dict[str, GraphNode], edges: list[Edge]) -> None:
    shown = side.calls[:MAX_CALLS]
    for call in shown:
        nodes.setdefault(call.key, GraphNode(call.key, "call", call.target, "runs" if call.into is None else ""))
        if call.into is not None and call.into in nodes and call.into != call.key:
            edges.append(Edge(call.key, call.into, call.name))
    if len(side.calls) > len(shown):
        nodes["more"] = GraphNode("more", "more", f"{len(side.calls) - len(shown)} more calls")
        edges.append(Edge("more", "call"))
