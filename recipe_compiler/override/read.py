"""The text of an override, whole: from `--set`, or a line of a file."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, Source, Span, visible
from recipe_compiler.override.functions import Sweep
from recipe_compiler.override.keys import read_key
from recipe_compiler.override.values import read_value
from recipe_compiler.syntax import Node
from recipe_compiler.syntax.text import hidden

MAX_TEXT = 1 << 13

Text: TypeAlias = Span
"""Where an override stands: the whole text of a `--set`, or a line of a file."""


class Override(NamedTuple):
    """One parsed override.

    `sign`: "" must exist, "+" must be new, "++" either, "~" removes. `operator`: "" or one of `*/+-`.
    `value` is None only for a bare `~key`. `at_top`: the key is a field of the recipe, said so by a dot.
    """

    sign: str
    route: Route
    key: Span
    value: Node | Sweep | None
    operator: str = ""
    at_top: bool = False


def parse(text: str | Text) -> tuple[Override | None, Diagnostics]:
    """The override that `text` says.

    Emits: RCP102, RCP103, RCP106, RCP107, RCP113, RCP203, RCP205-RCP207, RCP510, RCP515, RCP703.
    """
    if isinstance(text, str):
        text = Span(Source(f"<--set {visible(text, 80)}>", text), 0, len(text))
    if text.end - text.start > MAX_TEXT:
        at = Label(Span(text.source, text.start, text.start + 1))
        message = f"an override of more than {MAX_TEXT >> 10} KiB"
        return None, (Diagnostic("RCP106", message, at, help="write large values in a recipe or a base"),)
    if not text.text.isprintable() and (odd := _hidden(text)):
        return None, odd
    key = read_key(text)
    if isinstance(key, Diagnostic):
        return None, (key,)
    if key.value_at is None:
        return Override(key.sign, key.route, key.span, None, key.operator, key.at_top), ()
    start = key.value_at
    while start < text.end and text.source.text[start] in " \t":
        start += 1
    value, found = read_value(Span(text.source, start, text.end))
    if value is None:
        return None, found
    if isinstance(value, Sweep) and (key.operator or key.sign == "~"):
        what = "removed" if key.sign else "computed"
        message = f"`{visible(value.span.text, 40)}` is a sweep: nothing can be {what} with it"
        return None, (Diagnostic("RCP515", message, Label(value.span), help="write one value"),)
    return Override(key.sign, key.route, key.span, value, key.operator, key.at_top), ()


def _hidden(text: Text) -> Diagnostics:
    found = hidden(text.source)
    return tuple(item for item in found if item.primary and text.start <= item.primary.span.start < text.end)


def texts_of_file(source: Source) -> tuple[Text, ...]:
    """The overrides of a file: one a line; lines that are empty or begin with `#` are none."""
    found: list[Text] = []
    at = 0
    for line in source.text.split("\n"):
        text = line.strip(" \t\r")
        if text and not text.startswith("#"):
            start = at + line.index(text)
            found.append(Span(source, start, start + len(text)))
        at += len(line) + 1
    return tuple(found)
