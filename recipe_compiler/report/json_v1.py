"""The wire form of diagnostics, version 1.0: frozen, and not a dump of the internal one.

Columns count code points from 1, `byte` counts UTF-8 bytes from 0, `end` is excluded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recipe_compiler.diag import Diagnostic, Label, Span
from recipe_compiler.secret_shapes import masked
from recipe_compiler.version import VERSION

FORMAT_VERSION = "1.0"


def document(found: Sequence[Diagnostic], **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values
    """The document that every command prints with `--format json`; `more` are its own fields."""
    errors = sum(item.severity == "error" for item in found)
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "recipec", "version": VERSION},
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": len(found) - errors,
        **more,
        "diagnostics": [diagnostic(item) for item in found],
    }


def diagnostic(item: Diagnostic) -> dict[str, Any]:
    """One finding."""
    return {
        "code": item.code,
        "name": item.name,
        "severity": item.severity,
        "summary": masked(item.message),
        "file": item.where,
        "range": _range(item.primary.span) if item.primary else None,
        "label": masked(item.primary.text) if item.primary else "",
        "pointer": "".join(f"/{_escaped(masked(str(part)))}" for part in item.route),
        "related": [_related(label) for label in item.related],
        "notes": [masked(note) for note in item.notes],
        "help": item.help and masked(item.help),
        "fix": {
            "range": _range(item.fix.span),
            "replacement": masked(item.fix.replacement),
            "applicability": item.fix.applicability,
        }
        if item.fix
        else None,
    }


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _related(label: Label) -> dict[str, Any]:
    return {"message": masked(label.text), "file": label.span.source.file, "range": _range(label.span)}


def _range(span: Span) -> dict[str, Any]:
    return {"start": _place(span, span.start), "end": _place(span, span.end)}


def _place(span: Span, offset: int) -> dict[str, int]:
    line, column = span.source.position(min(offset, len(span.source.text)))
    return {"line": line, "column": column, "byte": len(span.source.text[:offset].encode("utf-8", "replace"))}
