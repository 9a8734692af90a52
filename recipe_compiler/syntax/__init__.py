"""YAML text to a tree of plain values, each with its place. YAML 1.2, no tags, no merges.

Source: YAML 1.2.2; the budgets and refusals are listed in `docs/language.md`.
"""

from __future__ import annotations

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Source, Span, has_errors
from recipe_compiler.syntax.build import Builder
from recipe_compiler.syntax.node import Json, Node, find, label, plain, walk
from recipe_compiler.syntax.text import decode, hidden, tabs

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
        if not has_errors(found):
            found = (*found, _not_a_mapping(source, "the file is empty"))
    elif not isinstance(node.value, dict):
        what = "a list" if isinstance(node.value, list) else "null" if node.value is None else "a single value"
        found = (*found, _not_a_mapping(source, f"the file holds {what}"))
        node = None
    elif not node.value and not has_errors(found):
        found = (*found, _not_a_mapping(source, "the file holds an empty mapping"))
        node = None
    return node, found


def parse_value(source: Source, start: int = 0) -> tuple[Node | None, Diagnostics]:
    """The tree of any YAML value, read from the offset `start` of `source` to its end."""
    found = list(hidden(source))
    if any(item.code != "RCP703" for item in found):
        return None, tuple(found)
    builder = Builder(source, " " * start + source.text[start:] if start else None)
    builder.run()
    if builder.syntax_error:
        spaced, tab_findings = tabs(source)
        if tab_findings:
            builder = Builder(source, spaced)
            builder.run()
            found += tab_findings
    found += builder.found
    return builder.root, tuple(found)


def _not_a_mapping(source: Source, message: str) -> Diagnostic:
    span = Span(source, 0, 1)
    return Diagnostic(
        "RCP200", f"{message}; a mapping of keys is needed", Label(span), help="write `name:` and `function:`"
    )
