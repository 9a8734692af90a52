"""JUnit XML: each recipe is a test case, which fails if the recipe has an error.

Source: the Jenkins xUnit plugin's `junit-10.xsd`.
"""

from __future__ import annotations

from html import escape

from recipe_compiler.diag import Diagnostic, visible
from recipe_compiler.report.run import Run, sentence

_SHOWN = 50
"""Findings of one file that are written out."""


def render(run: Run) -> str:
    """One suite, named for the cluster. A file with findings that is no recipe is a case too."""
    of_file: dict[str, list[Diagnostic]] = {file: [] for file in run.recipes}
    for item in run.found:
        of_file.setdefault(item.where or "recipec.yaml", []).append(item)
    cases = "".join(_case(file, found, run) for file, found in of_file.items())
    failed = sum(any(item.severity == "error" for item in found) for found in of_file.values())
    suite = f"recipec {run.cluster}" if run.cluster else "recipec"
    total = f'tests="{len(of_file)}" failures="{failed}" errors="0"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="recipec" {total}>\n'
        f'<testsuite name="{_escaped(suite)}" {total} skipped="0">\n{cases}</testsuite>\n</testsuites>\n'
    )


def _case(file: str, found: list[Diagnostic], run: Run) -> str:
    path = run.path(file) or file
    head = f'<testcase classname="recipec" name="{_escaped(path)}"'
    errors = [item for item in found if item.severity == "error"]
    warnings = [item for item in found if item.severity == "warning"]
    if not found:
        return f"{head}/>\n"
    body = ""
    if errors:
        message = _escaped(f"{errors[0].code}: {sentence(errors[0])}")
        body += f'<failure type="{errors[0].code}" message="{message}">{_listed(errors)}</failure>'
    if warnings:
        body += f"<system-out>{_listed(warnings)}</system-out>"
    return f"{head}>{body}</testcase>\n"


def _listed(found: list[Diagnostic]) -> str:
    rows = []
    for item in found[:_SHOWN]:
        place = item.primary.span.place if item.primary else item.where or "recipec"
        rows.append(f"{_escaped(place)}: {item.severity}[{item.code}]: {_escaped(sentence(item))}")
        if item.help:
            rows.append(f"  help: {_escaped(item.help)}")
    if len(found) > _SHOWN:
        rows.append(f"{len(found) - _SHOWN} more")
    return "\n".join(rows)


def _escaped(text: str) -> str:
    """Text for XML 1.0, which has no form for most control characters."""
    return escape(visible(text))
