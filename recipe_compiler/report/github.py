"""GitHub's annotations: workflow commands, one a line, the worst first.

Of one step GitHub shows ten errors and ten warnings. Whatever a recipe says stands in a
command's data or properties, escaped, so that no line of it is a command.
Source: GitHub docs, "Workflow commands"; the runner's `ActionCommand`.
"""

from __future__ import annotations

from recipe_compiler.diag import Diagnostic, visible
from recipe_compiler.report.run import Run, count_text, lines, sentence, worst_first

LIMIT = 10
"""Of each level, in one step."""
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render(run: Run) -> str:
    """At most ten errors, ten warnings, and a notice that counts the rest."""
    shown = [item for level in ("error", "warning") for item in _of(run, level)]
    commands = [_command(item, run) for item in shown]
    if more := len(run.found) - len(shown):
        verb = "is" if more == 1 else "are"
        commands.append(f"::notice title=recipec::{count_text(more, 'finding')} more {verb} in the summary")
    return "".join(f"{line}\n" for line in commands)


def _of(run: Run, level: str) -> list[Diagnostic]:
    return [item for item in worst_first(run.found) if item.severity == level][:LIMIT]


def _command(item: Diagnostic, run: Run) -> str:
    properties: dict[str, object] = {}
    text = sentence(item)
    if path := run.path(item.where):
        properties["file"] = visible(path)
        if item.primary is not None:
            (line, column), (end_line, end_column) = lines(item.primary.span)
            properties["line"] = line
            if line == end_line:
                properties |= {"col": column, "endColumn": max(end_column, column + 1)}
            else:
                properties["endLine"] = end_line
    elif item.where:
        text = f"{visible(item.where, 300)}: {text}"
    properties["title"] = f"{item.code} {item.name}"
    if item.help:
        text += f"\nhelp: {visible(item.help, 1024)}"
    joined = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in properties.items())
    return f"::{item.severity} {joined}::{_escaped(text, _DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
