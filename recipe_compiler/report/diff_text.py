"""A difference for a terminal: the meaning first, then the scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recipe_compiler.diag import visible
from recipe_compiler.difference import Change, Difference, Script
from recipe_compiler.report import diff_words as words

MAX_POINTS = 20


def render(difference: Difference, note: str = "") -> str:
    """The whole text, with its final newline."""
    lines = [words.heading(difference)]
    if note:
        lines.append(f"({note})")
    lines.append(words.verdict(difference))
    for title, changes in (("job", difference.job), ("parameters", difference.parameters)):
        lines += _section(title, changes)
    if difference.points is not None:
        lines += ["", words.points_line(difference.points)]
        for sign, rows in (("+", difference.points.added), ("-", difference.points.removed)):
            lines += [f"  {sign} {words.point_line(row)}" for row in rows[:MAX_POINTS]]
            if len(rows) > MAX_POINTS:
                lines.append(f"  {sign} {len(rows) - MAX_POINTS} more")
    if difference.inputs:
        lines += ["", f"inputs: {words.inputs_line(difference)}"]
    for script in difference.scripts:
        lines += ["", *_script(script)]
    return "\n".join(lines) + "\n"


def _section(title: str, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        return
    yield ""
    yield title
    rows = [(visible(change.what, 100), words.moved(change)) for change in changes]
    name, value = (min(max(len(row[at]) for row in rows), 40) for at in (0, 1))
    for change, row in zip(changes, rows, strict=True):
        text = f"  {words.SIGNS[change.kind]} {row[0]:<{name}}  {row[1]:<{value}}  {words.places(change)}"
        yield text.rstrip()


def _script(script: Script) -> Iterator[str]:
    if not script.lines:
        yield f"{script.name}: {script.kind}"
        return
    for line in script.lines:
        yield "\t".join(visible(part) for part in line.split("\t"))
