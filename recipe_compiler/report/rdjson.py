"""Reviewdog's diagnostic format, with fixes as suggestions. Its columns count UTF-8 bytes from 1.

Source: reviewdog, `proto/rdf/reviewdog.proto`.
"""

from __future__ import annotations

import json
from typing import Any

from recipe_compiler.diag import Diagnostic, Span
from recipe_compiler.report.run import Run, sentence

_SEVERITY = {"error": "ERROR", "warning": "WARNING"}


def render(run: Run) -> str:
    """Every finding."""
    document = {"source": {"name": "recipec"}, "diagnostics": [_diagnostic(item, run) for item in run.found]}
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _diagnostic(item: Diagnostic, run: Run) -> dict[str, Any]:
    path = run.path(item.where)
    location: dict[str, Any] = {"path": path or f"{run.folder}recipec.yaml"}
    if path and item.primary is not None:
        location["range"] = _range(item.primary.span)
    result: dict[str, Any] = {
        "message": sentence(item),
        "location": location,
        "severity": _SEVERITY[item.severity],
        "code": {"value": item.code},
    }
    if path and item.fix is not None and item.primary and item.fix.span.source is item.primary.span.source:
        result["suggestions"] = [{"range": _range(item.fix.span), "text": item.fix.replacement}]
    return result


def _range(span: Span) -> dict[str, Any]:
    return {"start": _position(span, span.start), "end": _position(span, max(span.start, span.end))}


def _position(span: Span, offset: int) -> dict[str, int]:
    source = span.source
    at = min(offset, len(source.text))
    line, column = source.position(at)
    before = source.text[at - column + 1 : at]
    return {"line": line, "column": len(before.encode("utf-8", "replace")) + 1}
