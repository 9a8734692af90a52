"""The page's tree of parameters: each leaf with its value, who set it, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from recipe_compiler.diag import Route
from recipe_compiler.report.html import Html, element
from recipe_compiler.report.written import written

_ROWS = 3_000
_CHARS = 300
_OPEN = 300
"""With more leaves than these only the top level is open."""


class Step(NamedTuple):
    """A value and who set it."""

    value: Any
    place: str


class Leaf(NamedTuple):
    """One parameter. `before` are the values it replaced, newest first; `note` is how to override it."""

    route: Route
    now: Step
    before: Sequence[Step] = ()
    note: str = ""


def tree(leaves: Sequence[Leaf], share: float) -> Html:
    """Nested lists that open without a script; with one, a field that filters them."""
    limit = max(int(_ROWS * share), 1)
    search = element(
        "p",
        element("label", "Filter ", for_="filter"),
        element(
            "input", type="search", id="filter", autocomplete="off", spellcheck="false", placeholder="lr, optim, a.yaml"
        ),
        " ",
        element("button", "Open all", type="button", id="open-all"),
        " ",
        element("button", "Close all", type="button", id="close-all"),
        " ",
        element("span", id="filter-said", role="status", class_="quiet"),
        class_="tools",
        hidden=True,
    )
    items = _level(leaves[:limit], 0, deep=len(leaves) <= _OPEN)
    cut = element("p", f"{len(leaves) - limit} more", class_="quiet") if len(leaves) > limit else None
    return element("div", search, element("ul", *items, class_="tree"), cut)


def _level(leaves: Sequence[Leaf], depth: int, *, deep: bool) -> list[Html]:
    groups: dict[str | int, list[Leaf]] = {}
    for leaf in leaves:
        groups.setdefault(leaf.route[depth] if depth < len(leaf.route) else "", []).append(leaf)
    items = []
    for part, group in groups.items():
        name = f"[{part}]" if isinstance(part, int) else part[:_CHARS]
        below = [leaf for leaf in group if len(leaf.route) > depth + 1]
        items += [_leaf(name, leaf) for leaf in group if len(leaf.route) <= depth + 1]
        if below:
            count = element("span", f" {len(below)}", class_="count")
            summary = element("summary", element("code", name), count)
            inner = element("ul", *_level(below, depth + 1, deep=deep))
            items.append(element("li", element("details", summary, inner, open=deep or depth == 0)))
    return items


def _leaf(name: str, leaf: Leaf) -> Html:
    history = _history(leaf.before) if leaf.before else None
    note = element("span", leaf.note, class_="note") if leaf.note else None
    return element(
        "li",
        element("code", name, class_="key"),
        " ",
        element("code", written(leaf.now.value, 200), class_="value"),
        " ",
        element("span", leaf.now.place[:_CHARS], class_="place"),
        note,
        history,
        class_="leaf",
        data_find=f"{'.'.join(map(str, leaf.route))} {leaf.now.place}"[:_CHARS].lower(),
    )


def _history(steps: Iterable[Step]) -> Html:
    items = [
        element(
            "li", "was ", element("code", written(step.value, 200)), " ", element("span", step.place, class_="place")
        )
        for step in steps
    ]
    return element("ul", *items, class_="history")
