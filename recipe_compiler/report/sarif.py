"""SARIF 2.1.0 for code scanning: every finding, with its fix, and a name that survives moved lines.

Every rule is declared even where it is silent, so that an alert closes when its cause is gone.
Columns count code points. No snippet is included: what is in a recipe stays there.
Source: OASIS SARIF 2.1.0; GitHub docs, "SARIF support for code scanning" (5000 results a run).
"""

from __future__ import annotations

import json
from typing import Any

from recipe_compiler.codes import CODES
from recipe_compiler.diag import Diagnostic, Fix, Span, visible
from recipe_compiler.report.run import MAX_MESSAGE, Run, count_text, fingerprints, lines, worst_first
from recipe_compiler.version import VERSION

LIMIT = 5000
"""The results that GitHub keeps of a run."""
_INDEX = {code: index for index, code in enumerate(CODES)}
_MORE = "RCP004"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_INFORMATION = "https://recipec.example/"
_UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
_ROOT = "%SRCROOT%"


def render(run: Run) -> str:
    """One log with one run, on one line."""
    marked = dict(zip(map(id, run.found), fingerprints(run.found), strict=True))
    kept = list(run.found)
    if len(kept) > LIMIT:
        kept = worst_first(kept)[: LIMIT - 1]
    results = [_result(item, marked[id(item)], run) for item in kept]
    if more := len(run.found) - len(kept):
        results.append(_more(more, run))
    driver = {
        "name": "recipec",
        "informationUri": _INFORMATION,
        "semanticVersion": VERSION,
        "version": VERSION,
        "rules": [_rule(code) for code in CODES],
    }
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "results": results,
            }
        ],
    }
    return json.dumps(log, ensure_ascii=True, separators=(",", ":")) + "\n"


def _rule(code: str) -> dict[str, Any]:
    slug, severity = CODES[code]
    words = slug.replace("-", " ")
    return {
        "id": code,
        "name": words.title().replace(" ", ""),
        "shortDescription": {"text": f"{words.capitalize()}."},
        "fullDescription": {"text": f"{words.capitalize()}: `recipec explain {code}` says why it matters."},
        "help": {"text": f"Run `recipec explain {code}`: what it means, why it matters, and what to write instead."},
        "defaultConfiguration": {"level": severity},
    }


def _result(item: Diagnostic, fingerprint: str, run: Run) -> dict[str, Any]:
    help_ = f" Help: {item.help}" if item.help else ""
    said = f": {item.primary.text}" if item.primary and item.primary.text else ""
    result: dict[str, Any] = {
        "ruleId": item.code,
        "ruleIndex": _INDEX[item.code],
        "level": item.severity,
        "message": _text(f"{item.message}{said}.{help_}"),
        "locations": [_location(item.primary.span if item.primary else None, item.where, run)],
        "partialFingerprints": {"recipec/v1": fingerprint},
    }
    if item.related:
        result["relatedLocations"] = [
            {
                "id": index,
                "message": _text(label.text or "see also"),
                **_location(label.span, label.span.source.file, run),
            }
            for index, label in enumerate(item.related)
        ]
    if item.fix is not None and run.path(item.fix.span.source.file):
        result["fixes"] = [_fix(item.fix, run)]
    return result


def _more(count: int, run: Run) -> dict[str, Any]:
    return {
        "ruleId": _MORE,
        "ruleIndex": _INDEX[_MORE],
        "level": "note",
        "message": _text(
            f"{count_text(count, 'finding')} more: a run shows {LIMIT}. Mend the first ones and run again"
        ),
        "locations": [_location(None, run.found[0].where, run)],
        "partialFingerprints": {"recipec/v1": _MORE},
    }


def _text(text: str) -> dict[str, str]:
    shown = visible(text, MAX_MESSAGE)
    shown = shown if shown.endswith((".", "?", "!")) else shown + "."
    return {"text": shown[:1].upper() + shown[1:] if shown[:1].isalpha() else shown}


def _location(span: Span | None, file: str | None, run: Run) -> dict[str, Any]:
    """Where a finding is; one about no file is shown on the project's own."""
    place: dict[str, Any] = {"artifactLocation": _artifact(run.path(file) or f"{run.folder}recipec.yaml")}
    there = span is not None and run.path(span.source.file) is not None
    place["region"] = _region(span) if span is not None and there else {"startLine": 1}
    return {"physicalLocation": place}


def _artifact(path: str) -> dict[str, str]:
    if path.startswith("/") or "://" in path:
        return {"uri": f"file://{_quoted(path)}" if path.startswith("/") else _quoted(path, ":")}
    return {"uri": _quoted(path), "uriBaseId": _ROOT}


def _quoted(path: str, also: str = "") -> str:
    """A path as a URI's, with everything but the unreserved characters of RFC 3986 as percent escapes."""
    kept = f"{_UNRESERVED}{also}".encode()
    return "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in path.encode("utf-8", "replace"))


def _region(span: Span) -> dict[str, int]:
    (line, column), (end_line, end_column) = lines(span)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _fix(fix: Fix, run: Run) -> dict[str, Any]:
    kind = "Replace" if fix.applicability == "safe" else "Perhaps replace"
    replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.replacement}}
    path = run.path(fix.span.source.file) or ""
    return {
        "description": _text(f"{kind} with `{fix.replacement}`."),
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": [replacement]}],
    }
