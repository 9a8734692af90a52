"""A graph as SVG: columns by rank, drawn from data alone, so the same graph is the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from recipe_compiler.diag import visible
from recipe_compiler.graph import Edge, Graph, GraphNode
from recipe_compiler.report.html import Html, element

_HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 40, 72, 14, 10
_CHAR_PX, _PAD_PX = 7.3, 24
_MAX_CHARS = 38
_ARGUMENT_CHARS = 12
_TITLE_CHARS = 300
_SWEEPS = 4
STYLE = (
    "svg{font:12px ui-monospace,monospace;background:#fff}.box{fill:#f4f6f8;stroke:#8a94a0}"
    ".edge{fill:none;stroke:#8a94a0}.name{fill:#14181d}.detail,.arg{fill:#5a6470;font-size:10px}"
    ".arg{paint-order:stroke;stroke:#fff;stroke-width:3px}"
    ".job .box{fill:#dcebfb;stroke:#2268b0}"
    ".recipe .box{fill:#e4f3e6;stroke:#2f7d3b}.tip{fill:#8a94a0}"
    "@media (prefers-color-scheme:dark){svg{background:#14181d}.box{fill:#222930;stroke:#6b7682}"
    ".edge{stroke:#6b7682}.tip{fill:#6b7682}.name{fill:#e8ecf0}.detail,.arg{fill:#a2acb6}.arg{stroke:#14181d}"
    ".job .box{fill:#17324d;stroke:#6db0f2}.recipe .box{fill:#1a3820;stroke:#74c282}}"
)


class _Box(NamedTuple):
    node: GraphNode
    x: float
    y: float
    width: float


def svg(graph: Graph) -> str:
    """A picture that stands alone, with its own style: a file."""
    head, _, rest = str(drawn(graph, alone=True)).partition(">")
    return f"{head}><style>{STYLE}</style>{rest}\n"


def drawn(graph: Graph, *, alone: bool = False) -> Html:
    """The picture as an element of a page. What it says is in its title and its texts."""
    boxes = _placed(graph)
    width = max(box.x + box.width for box in boxes.values()) + _MARGIN
    height = max(box.y for box in boxes.values()) + _HEIGHT + _MARGIN
    return element(
        "svg",
        element("title", f"what {graph.title} comes from"),
        *(_edge(edge, boxes) for edge in graph.edges),
        *(_argument(edge, boxes[edge.source]) for edge in graph.edges if edge.label),
        *(_box(box) for box in boxes.values()),
        xmlns="http://www.w3.org/2000/svg" if alone else None,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=round(width),
        height=round(height),
        role="img",
        aria_label=f"{len(graph.nodes)} boxes: layers, calls and inputs of {graph.title}",
    )


def _placed(graph: Graph) -> dict[str, _Box]:
    """Each box at its place: columns by rank, in a column near what it is tied to."""
    columns = _ordered(graph, _ranks(graph))
    nodes = {node.key: node for node in graph.nodes}
    tallest = max(len(column) for column in columns) * (_HEIGHT + _GAP_Y)
    boxes: dict[str, _Box] = {}
    x: float = _MARGIN
    for column in columns:
        width = max(_width(nodes[key]) for key in column)
        y = _MARGIN + (tallest - len(column) * (_HEIGHT + _GAP_Y)) / 2
        for key in column:
            boxes[key] = _Box(nodes[key], x, y, width)
            y += _HEIGHT + _GAP_Y
        x += width + _GAP_X
    return boxes


def _ranks(graph: Graph) -> dict[str, int]:
    """The column of each node, from the right: the longest way to the job."""
    after: dict[str, list[str]] = {node.key: [] for node in graph.nodes}
    for edge in graph.edges:
        after[edge.source].append(edge.target)
    ranks = dict.fromkeys(after, 0)
    for _ in graph.nodes:  # at most as many rounds as there are nodes: a circle would end too
        changed = False
        for key, targets in after.items():
            rank = max((ranks[target] + 1 for target in targets), default=0)
            if rank != ranks[key] and rank < len(graph.nodes):
                ranks[key], changed = rank, True
        if not changed:
            break
    return ranks


def _ordered(graph: Graph, ranks: Mapping[str, int]) -> list[list[str]]:
    """The columns, left to right; nodes beside those they are tied to, by a few rounds of barycentres."""
    top = max(ranks.values())
    columns = [[node.key for node in graph.nodes if ranks[node.key] == rank] for rank in range(top, -1, -1)]
    columns = [column for column in columns if column]
    ties: dict[str, list[str]] = {node.key: [] for node in graph.nodes}
    for edge in graph.edges:
        ties[edge.source].append(edge.target)
        ties[edge.target].append(edge.source)
    for turn in range(_SWEEPS):
        for column in reversed(columns) if turn % 2 == 0 else columns:
            place = {key: at / len(other) for other in columns for at, key in enumerate(other)}
            column.sort(key=lambda key: sum(place[one] for one in ties[key]) / max(len(ties[key]), 1))
    return columns


def _short(text: str) -> str:
    """The end of a long name: of a dotted path or a file that part says most."""
    text = visible(text)
    return text if len(text) <= _MAX_CHARS else f"…{text[-_MAX_CHARS + 1 :]}"


def _width(node: GraphNode) -> float:
    longest = max(len(_short(node.label)) * _CHAR_PX, len(_short(node.detail)) * _CHAR_PX * 0.84)
    return longest + _PAD_PX


def _box(box: _Box) -> Html:
    middle = box.y + _HEIGHT / 2
    node = box.node
    texts = [element("text", _short(node.label), x=box.x + 12, y=middle + (0 if node.detail else 4), class_="name")]
    if node.detail:
        texts.append(element("text", _short(node.detail), x=box.x + 12, y=middle + 13, class_="detail"))
    rect = element("rect", x=box.x, y=box.y, width=box.width, height=_HEIGHT, rx=6, class_="box")
    full = element("title", " ".join(part for part in (node.kind, node.label, node.detail) if part)[:_TITLE_CHARS])
    return element("g", full, rect, *texts, class_=node.kind)


def _edge(edge: Edge, boxes: Mapping[str, _Box]) -> Html:
    left, right = boxes[edge.source], boxes[edge.target]
    x1, y1 = left.x + left.width, left.y + _HEIGHT / 2
    x2, y2 = right.x - 5, right.y + _HEIGHT / 2
    bend = max((x2 - x1) / 2, 20)
    line = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    tip = f"M{x2 + 5:.1f} {y2:.1f}l-7 -3.5v7z"
    return element("g", element("path", d=line, class_="edge"), element("path", d=tip, class_="tip"))


def _argument(edge: Edge, source: _Box) -> Html:
    short = visible(edge.label)
    short = short if len(short) <= _ARGUMENT_CHARS else f"{short[: _ARGUMENT_CHARS - 1]}…"
    x, y = source.x + source.width + 6, source.y + _HEIGHT / 2 - 4
    return element("text", element("title", edge.label[:_TITLE_CHARS]), short, x=x, y=y, class_="arg")
