"""YAML text to a tree of plain values, each with its place. YAML 1.2, no tags, no merges.

Source: YAML 1.2.2; the budgets and refusals are listed in `docs/language.md`.
"""

from __future__ import annotations

from bisect import bisect_left

from recipe_compiler.diag import Diagnostic, Diagnostics, Fix, Label, Source, Span, has_errors
from recipe_compiler.syntax.build import Builder
from recipe_compiler.syntax.node import Json, Node, find, label, plain, walk
from recipe_compiler.syntax.text import MAX_ODD, decode, hidden, untabbed

__all__ = ["Json", "Node", "find", "label", "parse", "parse_bytes", "parse_value", "plain", "walk"]


def parse_bytes(file: str, data: bytes) -> tuple[Node | None, Diagnostics]:
    """The tree of a file's bytes; see `parse`."""
    source, found = decode(file, data)
    return (None, tuple(found)) if source is None else parse(source)


def parse(source: Source) -> tuple[Node | None, Diagnostics]:
    """The tree of one YAML mapping, or None when an error stops the compile.

    Phases go on after errors: a tab does not hide the unknown key ten lines below.
    Emits: RCP100-RCP115, RCP200, RCP203, RCP205-RCP207, RCP703.
    """
    node, found = parse_value(source)
    if node is None:
        what = "is empty"
    elif node.value is None:
        what = "is empty" if node.start == node.end else f"holds `{node.span.text}`"
    elif isinstance(node.value, list):
        what = "holds a list"
    elif not isinstance(node.value, dict):
        what = "holds a single value"
    elif not node.value:
        what = "holds an empty mapping"
    else:
        return node, found
    if not has_errors(found):
        start = node.start if node is not None else 0
        place = Label(Span(source, start, start + 1))
        message = f"the file {what}; a mapping of keys is needed"
        found = (*found, Diagnostic("RCP200", message, place, help="write keys and values, such as `name: …`"))
    return None, found


def parse_value(source: Source, start: int = 0) -> tuple[Node | None, Diagnostics]:
    """The tree of any YAML value, read from the offset `start` of `source` to its end."""
    found = hidden(source)
    if any(item.code != "RCP703" for item in found):
        return None, tuple(found)
    builder = Builder(source, " " * start + source.text[start:] if start else source.text)
    builder.run()
    if builder.broken_at is not None and "\t" in builder.text:
        again, tab_findings = _without_tabs(builder)
        if tab_findings:  # what is not YAML even so may be so because of the tabs
            mended = [item for item in again.found if item.code != "RCP115"]
            return again.root, (*found, *tab_findings, *mended)
    return builder.root, (*found, *builder.found)


def _without_tabs(broken: Builder) -> tuple[Builder, list[Diagnostic]]:
    """A second reading with spaces for the tabs of indentation, and these tabs, if they broke the first."""
    spaced, places = untabbed(broken.text)
    again = Builder(broken.source, spaced)
    again.run()
    if again.broken_at == broken.broken_at:
        return again, []
    inside = [] if again.top is None else [(node.start, node.end) for _, node in walk(again.top) if _is_long(node)]
    inside.sort()
    found: list[Diagnostic] = []
    for start, end in places:
        before = bisect_left(inside, (start, start)) - 1
        if len(found) == MAX_ODD or (again.broken_at is not None and start > again.broken_at):
            break
        if before < 0 or inside[before][1] <= start:  # the tabs inside a text are its own
            span = Span(broken.source, start, end)
            label = Label(span, "YAML indentation must be spaces")
            fix = Fix(span, span.text.replace("\t", "  "), "safe")
            help_ = "replace each tab with 2 spaces"
            found.append(Diagnostic("RCP101", "tab used for indentation", label, help=help_, fix=fix))
    return again, found


def _is_long(node: Node) -> bool:
    return isinstance(node.value, str) and "\n" in node.span.text
