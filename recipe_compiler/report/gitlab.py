"""GitLab's code quality report: an array of issues, each with a fingerprint of its own.

Source: GitLab docs, "Code Quality", "Code Quality report format".
"""

from __future__ import annotations

import json
from typing import Any

from recipe_compiler.diag import Diagnostic
from recipe_compiler.report.run import Run, fingerprints, lines, sentence

_SEVERITY = {"error": "major", "warning": "minor"}


def render(run: Run) -> str:
    """Every finding; one about no file is shown on the project's own."""
    issues = [_issue(item, mark, run) for item, mark in zip(run.found, fingerprints(run.found), strict=True)]
    return json.dumps(issues, indent=1, ensure_ascii=True) + "\n"


def _issue(item: Diagnostic, mark: str, run: Run) -> dict[str, Any]:
    path = run.path(item.where)
    span = item.primary.span if item.primary and path else None
    (first, _), (last, _) = lines(span) if span else ((1, 1), (1, 1))
    return {
        "description": sentence(item),
        "check_name": f"{item.code} {item.name}",
        "fingerprint": mark,
        "severity": _SEVERITY[item.severity],
        "location": {"path": path or f"{run.folder}recipec.yaml", "lines": {"begin": first, "end": last}},
    }
