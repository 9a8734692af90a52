"""The page's points of a sweep: a plot over its first axes, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recipe_compiler.difference import axes
from recipe_compiler.report.html import Html, element
from recipe_compiler.report.plot import plot
from recipe_compiler.report.written import written

_ROWS = 2_000
_COLUMNS = 24
_CHARS = 200


def points(rows: Sequence[Mapping[str, Any]], share: float) -> Html:
    """The plot where two points differ, and the table, which a click on a heading sorts."""
    limit = max(int(_ROWS * share), 1)
    values = axes(rows)
    routes = list(values)[:_COLUMNS]
    named = any(row.get("name") is not None for row in rows)
    heads = ["#", *(["name"] if named else []), *routes, "digest"]
    head = element("thead", element("tr", *(element("th", name[:_CHARS], scope="col") for name in heads)))
    body = element("tbody", *(_row(row, routes, named=named) for row in rows[:limit]))
    table = element("table", head, body, class_="sortable")
    notes = [f"{len(rows)} points"]
    if len(rows) > limit:
        notes.append(f"the first {limit} are shown")
    if len(values) > _COLUMNS:
        notes.append(f"{len(values) - _COLUMNS} more axes are not shown")
    return element(
        "div",
        element("p", "; ".join(notes), class_="quiet"),
        plot(rows[:limit], values),
        element("div", table, class_="scroll tall", tabindex="0", role="region", aria_label="table of points"),
    )


def _row(row: Mapping[str, Any], routes: Sequence[str], *, named: bool) -> Html:
    cells = [element("td", str(row["index"]))]
    if named:
        cells.append(element("td", str(row["name"] or "")[:80]))
    sets = row["values"]
    cells += [element("td", written(sets[route], 80) if route in sets else "") for route in routes]
    return element("tr", *cells, element("td", element("code", str(row["digest"])[:12])))
