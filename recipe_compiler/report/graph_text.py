"""A graph as text for other tools: Mermaid, and Graphviz's dot.

Labels are quoted as each language reads them: Mermaid's entity codes (`#quot;`), dot's escapes.
"""

from __future__ import annotations

from recipe_compiler.diag import visible
from recipe_compiler.graph import Graph, GraphNode

_LIMIT = 120
_MERMAID = {"recipe": ("([", "])"), "call": ("[[", "]]"), "job": ("{{", "}}"), "cluster": ("[(", ")]")}
_DOT = {"recipe": "oval", "call": "component", "job": "hexagon", "cluster": "cylinder"}


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart."""
    names = _names(graph)
    lines = ["flowchart LR"]
    for node in graph.nodes:
        left, right = _MERMAID.get(node.kind, ("[", "]"))
        body = "<br>".join(_entities(part) for part in _lines(node))
        lines.append(f'  {names[node.key]}{left}"{body}"{right}')
    for edge in graph.edges:
        label = f'|"{_entities(edge.label)}"|' if edge.label else ""
        lines.append(f"  {names[edge.source]} -->{label} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """A digraph for Graphviz."""
    names = _names(graph)
    lines = [f"digraph {_quoted(graph.title)} {{", "  rankdir=LR", "  node [shape=box]"]
    for node in graph.nodes:
        label = "\\n".join(_quoted(part)[1:-1] for part in _lines(node))
        shape = f" shape={_DOT[node.kind]}" if node.kind in _DOT else ""
        lines.append(f'  {names[node.key]} [label="{label}"{shape}]')
    for edge in graph.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {names[edge.source]} -> {names[edge.target]}{label}")
    return "\n".join((*lines, "}")) + "\n"


def _names(graph: Graph) -> dict[str, str]:
    return {node.key: f"n{index}" for index, node in enumerate(graph.nodes)}


def _lines(node: GraphNode) -> list[str]:
    return [text for text in (node.label, node.detail) if text]


def _entities(text: str) -> str:
    """Letters, digits and a few signs as they are; all else as Mermaid's `#NN;`."""
    return "".join(
        char if char.isalnum() or char in " ._/-:,×…=" else f"#{ord(char)};" for char in visible(text, _LIMIT)
    )


def _quoted(text: str) -> str:
    body = visible(text, _LIMIT).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{body}"'
