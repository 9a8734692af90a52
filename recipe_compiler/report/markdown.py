"""A summary in Markdown for a job's page or a comment: verdicts, findings, then the run's sections.

Whatever a recipe can say stands in a code span or a fenced block: no link, image, mention or
HTML of it comes to life. A host shows 1 MiB; what is longer is cut on a row, with a count.
Source: GitHub Flavored Markdown 0.29; GitHub docs, "Adding a job summary".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from recipe_compiler.diag import Diagnostic, visible
from recipe_compiler.report.run import Run, Section, Verdict, count_text, counts, sentence, worst_first

LIMIT = 1 << 20
_RESERVE = 300
"""Bytes for what says that there is more."""
_TEXT = 500
_WORDS = {"error": "**error**", "warning": "warning", "ok": "ok"}
_RANK = {"error": 0, "warning": 1, "ok": 2}


class Row(NamedTuple):
    """A finding as a row shows it."""

    place: str
    severity: str
    code: str
    text: str
    help: str = ""


class Summary(NamedTuple):
    """What a summary is made of. `errors` and `warnings` count all; `rows` may be fewer."""

    errors: int
    warnings: int
    cluster: str | None
    verdicts: tuple[Verdict, ...]
    rows: tuple[Row, ...]
    sections: tuple[Section, ...] = ()


def render(run: Run) -> str:
    """The summary of a run, at most `LIMIT` bytes."""
    errors, warnings = counts(run.found)
    rows = tuple(_row(item, run) for item in worst_first(run.found))
    verdicts = tuple(item._replace(recipe=run.path(item.recipe) or item.recipe) for item in run.verdicts)
    return summarize(Summary(errors, warnings, run.cluster, verdicts, rows, run.sections), LIMIT)


def summarize(summary: Summary, limit: int) -> str:
    """The summary in at most `limit` bytes of UTF-8."""
    page = _Page(limit - _RESERVE)
    levels = zip((summary.errors, summary.warnings), ("error", "warning"), strict=True)
    said = ", ".join(count_text(number, word) for number, word in levels if number) or "no findings"
    cluster = f" for cluster {code(summary.cluster)}" if summary.cluster else ""
    page.add([f"### recipec: {said} in {count_text(len(summary.verdicts), 'recipe')}{cluster}"])
    _verdicts(page, summary.verdicts)
    _findings(page, summary.rows)
    for section in summary.sections:
        _section(page, section)
    return page.text()


def code(text: str) -> str:
    """`text` as a code span of a table's cell: nothing in it is Markdown."""
    shown = visible(text, _TEXT)
    if not shown.strip():
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    body = shown.replace("|", "\\|")
    return f"{ticks}{pad}{body}{pad}{ticks}"


class _Page:
    """Lines, as long as there is room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lines: list[str] = []

    def add(self, lines: Iterable[str]) -> bool:
        """Whether there was room for all of these lines; else none is added."""
        new = list(lines)
        size = sum(len(line.encode("utf-8", "replace")) + 1 for line in new)
        if size > self._room:
            return False
        self._room -= size
        self._lines += new
        return True

    def force(self, line: str) -> None:
        """A line that says that there is more."""
        self._lines.append(line)

    def drop(self, count: int) -> None:
        """Take the last lines back; their room stays theirs."""
        del self._lines[-count:]

    def table(self, head: list[str], rows: Iterable[list[str]], what: str) -> None:
        """A table, cut on a row."""
        waiting = [f"| {' | '.join(row)} |" for row in rows]
        if not waiting:
            return
        if self.add(["", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]):
            for shown, line in enumerate(waiting):
                if not self.add([line]):
                    rest = [f"{len(waiting) - shown} more {what}", *[""] * (len(head) - 1)]
                    self._room = 0
                    self.force(f"| {' | '.join(rest)} |")
                    return

    def text(self) -> str:
        """The page."""
        return "".join(f"{line}\n" for line in self._lines)


def _verdicts(page: _Page, verdicts: tuple[Verdict, ...]) -> None:
    columns = list(dict.fromkeys(name for item in verdicts for name in item.more))
    ranked = sorted(verdicts, key=lambda item: (_RANK[item.outcome], not item.more))
    shown = [item for item in ranked if item.outcome != "ok" or item.more]
    quiet = len(ranked) - len(shown)
    rows = [[code(item.recipe), _outcome(item), *(code(item.more.get(name, "")) for name in columns)] for item in shown]
    if shown and quiet:
        rows.append(["1 other" if quiet == 1 else f"{quiet} others", _WORDS["ok"], *[""] * len(columns)])
    page.table(["recipe", "verdict", *map(code, columns)], rows, "recipes")


def _outcome(item: Verdict) -> str:
    levels = zip((item.errors, item.warnings), ("error", "warning"), strict=True)
    said = ", ".join(count_text(number, word) for number, word in levels if number)
    return f"{_WORDS[item.outcome]} ({said})" if said else _WORDS[item.outcome]


def _findings(page: _Page, rows: tuple[Row, ...]) -> None:
    cells = ([code(row.place), _WORDS.get(row.severity, ""), code(row.code), _said(row)] for row in rows)
    page.table(["where", "level", "code", "finding"], cells, "findings")


def _said(row: Row) -> str:
    return code(row.text) + (f"<br>help: {code(row.help)}" if row.help else "")


def _row(item: Diagnostic, run: Run) -> Row:
    file = run.path(item.where) or item.where or ""
    place = file
    if item.primary is not None:
        line, column = item.primary.span.source.position(item.primary.span.start)
        place = f"{file}:{line}:{column}"
    return Row(place, item.severity, item.code, sentence(item), item.help or "")


def _section(page: _Page, section: Section) -> None:
    """A folded block; its text is shown as it is, cut on a line where it is too long."""
    lines = [visible(line.replace("\t", "    ")) for line in section.text.splitlines()]
    ticks = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    language = section.language if section.language.isalnum() else ""
    title = f"<details><summary><code>{escape(visible(section.title, _TEXT))}</code></summary>"
    end = [ticks, "", "</details>"]
    if not page.add(["", title, "", f"{ticks}{language}", *end]):
        return
    page.drop(len(end))
    for shown, line in enumerate(lines):
        if not page.add([line]):
            page.force(f"… {len(lines) - shown} more lines")
            break
    for line in end:
        page.force(line)
