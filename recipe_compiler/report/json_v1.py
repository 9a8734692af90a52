"""The wire form of diagnostics: frozen by `docs/findings-1.1.schema.json`, and not a dump of the internal one.

A minor version adds fields and takes none away. Columns count code points from 1, `byte` counts
UTF-8 bytes from 0, `end` is excluded. 1.1 added `verdicts` and `cluster` to what `validate` and `compile` print.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from recipe_compiler.diag import Diagnostic, Label, Span
from recipe_compiler.report.run import Run, Verdict, counts
from recipe_compiler.secret_shapes import masked
from recipe_compiler.version import VERSION

FORMAT_VERSION = "1.1"


def render(run: Run) -> str:
    """The document of a run, with a verdict on each recipe."""
    verdicts = [_verdict(item) for item in run.verdicts]
    return json.dumps(document(run.found, **run.fields, cluster=run.cluster, verdicts=verdicts), indent=1) + "\n"


def _verdict(item: Verdict) -> dict[str, Any]:
    return {
        "recipe": item.recipe,
        "name": item.name,
        "outcome": item.outcome,
        "error_count": item.errors,
        "warning_count": item.warnings,
        "digest": item.digest,
    }


def document(found: Sequence[Diagnostic], **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values
    """The document that every command prints with `--format json`; `more` are its own fields."""
    errors, warnings = counts(found)
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "recipec", "version": VERSION},
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": warnings,
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
