"""The page's account of a change: what it means, then the scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recipe_compiler.difference import Change, Difference, Script
from recipe_compiler.report import diff_words as words
from recipe_compiler.report.html import Html, element
from recipe_compiler.side import Value

_ROWS = 1_000
_LINES = 2_000
_CHARS = 2_000
_POINTS = 100
_CLASSES = {"+": "added", "-": "removed", "@": "hunk"}


def change(difference: Difference, share: float) -> Html:
    """All of it."""
    rows = max(int(_ROWS * share), 1)
    parts = [element("p", words.heading(difference), class_="quiet"), element("p", words.verdict(difference))]
    changes = (*difference.job, *difference.parameters)
    if changes:
        parts.append(_table(changes[:rows]))
        if len(changes) > rows:
            parts.append(element("p", f"{len(changes) - rows} more", class_="quiet"))
    if difference.points is not None:
        parts.append(element("p", words.points_line(difference.points)))
        parts += _points(difference, max(int(_POINTS * share), 1))
    if difference.inputs:
        parts.append(element("p", "inputs: ", element("code", words.inputs_line(difference)), class_="quiet"))
    parts += [_script(script, share) for script in difference.scripts]
    return element("div", *parts)


def _table(changes: Sequence[Change]) -> Html:
    heads = ("", "what", "before", "after", "set by")
    head = element(
        "thead",
        element(
            "tr", *(element("th", name or element("span", "kind", class_="unseen"), scope="col") for name in heads)
        ),
    )
    body = element("tbody", *(_row(one) for one in changes))
    return element(
        "div", element("table", head, body), class_="scroll", tabindex="0", role="region", aria_label="changes"
    )


def _row(one: Change) -> Html:
    sign = element("td", words.SIGNS[one.kind], element("span", f" {one.kind}", class_="unseen"), class_="sign")
    return element(
        "tr",
        sign,
        element("th", element("code", one.what[:_CHARS]), scope="row"),
        element("td", _value(one.what, one.before)),
        element("td", _value(one.what, one.after), f" ({words.delta(one)})" if words.delta(one) else None),
        element("td", words.places(one), class_="place"),
        class_=one.kind,
    )


def _value(what: str, value: Value | None) -> Html | str:
    return "" if value is None else element("code", words.shown(what, value, 200))


def _points(difference: Difference, limit: int) -> Iterator[Html]:
    points = difference.points
    for kind, rows in (("added", points.added), ("removed", points.removed)) if points else ():
        if not rows:
            continue
        items = [element("li", element("code", words.point_line(row))) for row in rows[:limit]]
        if len(rows) > limit:
            items.append(element("li", f"{len(rows) - limit} more"))
        yield element("details", element("summary", f"{len(rows)} points {kind}"), element("ul", *items))


def _script(script: Script, share: float) -> Html:
    limit, chars = max(int(_LINES * share), 1), max(int(_CHARS * share), 1)
    summary = element("summary", element("code", script.name), f" {script.kind}")
    if not script.lines:
        return element("p", element("code", script.name), f": {script.kind}")
    lines: list[Html | str] = []
    for line in script.lines[:limit]:
        kind = _CLASSES.get(line[:1])
        shown = f"{line[:chars]}\n"
        lines.append(element("span", shown, class_=kind) if kind else shown)
    if len(script.lines) > limit:
        lines.append(f"… {len(script.lines) - limit} more lines\n")
    pre = element("pre", element("code", *lines), class_="diff", tabindex="0", aria_label=f"diff of {script.name}")
    return element("details", summary, pre, open=True)
