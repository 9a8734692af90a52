"""A difference as GitHub-flavoured Markdown, for a comment or a step summary.

Every word of a recipe stands in a code span or a fenced block, where neither `@name`, nor a link,
nor HTML means anything; a fence is longer than any run of backticks inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from recipe_compiler.diag import visible
from recipe_compiler.difference import Change, Difference, Script
from recipe_compiler.report import diff_words as words

MAX_LINES = 400
"""Of one script's diff; a step summary takes 1 MiB in all."""
MAX_ROWS = 200
_TICKS = re.compile(r"`+")


def render(difference: Difference, note: str = "") -> str:
    """The whole text, with its final newline."""
    lines = [f"### recipec: {code(words.heading(difference))}", ""]
    lines += [code(note), ""] if note else []
    lines += [f"{words.verdict(difference)}", ""]
    changes = (*difference.job, *difference.parameters)
    lines += _table(changes) if changes else []
    if difference.points is not None:
        lines += [words.points_line(difference.points), ""]
        for sign, rows in (("+", difference.points.added), ("-", difference.points.removed)):
            lines += [f"- {code(f'{sign} {words.point_line(row)}')}" for row in rows[:MAX_ROWS]]
            lines += [f"- {sign} {len(rows) - MAX_ROWS} more"] if len(rows) > MAX_ROWS else []
        lines.append("")
    if difference.inputs:
        lines += [f"inputs: {code(words.inputs_line(difference))}", ""]
    for script in difference.scripts:
        lines += _script(script)
    return "\n".join(lines).rstrip("\n") + "\n"


def code(text: str, *, in_table: bool = False) -> str:
    """A code span of one line, whatever the text."""
    text = visible(text)
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) or not text else ""
    body = text.replace("\\|", "\\\\|").replace("|", "\\|") if in_table else text
    return f"{fence}{pad}{body}{pad}{fence}"


def _table(changes: Sequence[Change]) -> Iterator[str]:
    yield "| | what | before | after | set by |"
    yield "|---|---|---|---|---|"
    for change in changes[:MAX_ROWS]:
        sides = (change.before, change.after)
        shown = ["" if value is None else words.shown(change.what, value) for value in sides]
        delta = words.delta(change)
        cells = [change.what, shown[0], f"{shown[1]} ({delta})" if delta else shown[1], words.places(change)]
        quoted = " | ".join(code(text, in_table=True) if text else "" for text in cells)
        yield f"| {words.SIGNS[change.kind]} | {quoted} |"
    if len(changes) > MAX_ROWS:
        yield f"| | {len(changes) - MAX_ROWS} more | | | |"
    yield ""


def _script(script: Script) -> Iterator[str]:
    name = "".join(f"&#{ord(char)};" if char in "&<>\"'@*_`[]" else char for char in visible(script.name, 120))
    if not script.lines:
        yield f"{code(script.name)}: {script.kind}"
        yield ""
        return
    shown = ["\t".join(visible(part) for part in line.split("\t")) for line in script.lines[:MAX_LINES]]
    if len(script.lines) > MAX_LINES:
        shown.append(f"… {len(script.lines) - MAX_LINES} more lines")
    fence = "`" * max(3, 1 + max((len(run) for line in shown for run in _TICKS.findall(line)), default=0))
    yield f"<details><summary>{name}: {script.kind}</summary>"
    yield ""
    yield f"{fence}diff"
    yield from shown
    yield fence
    yield ""
    yield "</details>"
    yield ""
