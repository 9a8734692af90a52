"""The page's facts of a job, its warnings, its scripts and its inputs."""

from __future__ import annotations

from collections.abc import Sequence

from recipe_compiler.diag import Diagnostic
from recipe_compiler.difference import Difference
from recipe_compiler.report.diff_words import shown
from recipe_compiler.report.html import Html, element
from recipe_compiler.side import Side, Value

_FIRST = ("GPU-hours", "world size", "nodes", "GPUs per node", "time", "points", "image", "cluster")
"""What a reviewer looks at first, shown large."""
_LINES = 2_000
_CHARS = 2_000
_INPUTS = 1_000
_OPEN = ("job.sbatch", "run.sh")


def facts(side: Side, change: Difference | None) -> Html:
    """What the job asks: the first ones large, with what they were before; the others in a table."""
    before = {one.what: one.before for one in change.job} if change is not None and change.before is not None else {}
    cards = []
    for what in _FIRST:
        if what in side.job:
            old = before.get(what)
            was = element("span", f"was {shown(what, old, 40)}", class_="was") if old is not None else None
            value = element("dd", shown(what, side.job[what], 40), was)
            cards.append(element("div", element("dt", what), value, class_="changed" if what in before else None))
    rows = [
        element(
            "tr",
            element("th", what, scope="row"),
            element("td", element("code", _full(what, value))),
            element("td", value.place or "", class_="place"),
        )
        for what, value in side.job.items()
        if what not in _FIRST
    ]
    table = _scrolled(_table(("fact", "value", "set by"), rows), "facts of the job")
    more = element("details", element("summary", "All facts"), table)
    return element("div", element("dl", *cards, class_="cards"), more)


def _full(what: str, value: Value) -> str:
    """A digest and a path in full length, where there is room for them."""
    return str(value.value)[:_CHARS] if isinstance(value.value, str) else shown(what, value)


def warnings(found: Sequence[Diagnostic], share: float) -> Html:
    """The warnings of the compile, one line each."""
    items = []
    for item in found[: _count(200, share)]:
        place = item.primary.span.place if item.primary else item.file or ""
        words = (" ", item.message, " ", element("span", place, class_="place"))
        items.append(element("li", element("code", item.code), *words))
    return element("ul", *items)


def scripts(side: Side, share: float) -> Html:
    """Each file of the bundle that a person reads."""
    limit = _count(_LINES, share)
    parts = []
    for name in sorted(side.files, key=lambda name: (name not in _OPEN, name)):
        if name in {"runtime.py", "points.jsonl"}:
            continue
        lines = side.files[name].split("\n")
        body = "\n".join(line[: _count(_CHARS, share)] for line in lines[:limit])
        cut = element("p", f"{len(lines) - limit} more lines", class_="quiet") if len(lines) > limit else None
        pre = element("pre", element("code", body), tabindex="0", aria_label=name)
        parts.append(element("details", element("summary", element("code", name)), pre, cut, open=name in _OPEN))
    return element("div", *parts)


def inputs(side: Side, share: float) -> Html:
    """The digest of each file that went in."""
    rows = [
        element(
            "tr",
            element("th", element("code", name[:_CHARS]), scope="row"),
            element("td", element("code", digest[:16], title=digest[:64])),
        )
        for name, digest in list(side.inputs.items())[: _count(_INPUTS, share)]
    ]
    return _scrolled(_table(("input", "sha256"), rows), "inputs")


def _table(heads: Sequence[str], rows: Sequence[Html]) -> Html:
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in heads)))
    return element("table", head, element("tbody", *rows))


def _scrolled(table: Html, label: str) -> Html:
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=label)


def _count(full: int, share: float) -> int:
    return max(int(full * share), 1)
