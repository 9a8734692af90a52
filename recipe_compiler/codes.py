"""The table of diagnostic codes. A code is never reused; see `explain/` for a page each.

Groups (as in `docs/adr/0001-code-numbers.md`): 1xx bytes and YAML, 2xx schema and types,
3xx functions and arguments, 4xx resources and limits, 5xx layers and overrides, 6xx paths,
images and URLs, 7xx names and security, 8xx templates and bundles, 9xx submission.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Code(NamedTuple):
    """What a code means: its `slug` for suppressions and its usual severity."""

    slug: str
    severity: Severity = "error"


CODES: dict[str, Code] = {
    "RCP001": Code("cannot-read"),
    "RCP002": Code("nothing-to-do"),
    "RCP003": Code("unknown-cluster"),
    "RCP004": Code("too-many-findings", "warning"),
    "RCP100": Code("not-utf8"),
    "RCP101": Code("tab-indentation"),
    "RCP102": Code("duplicate-key"),
    "RCP103": Code("too-deep"),
    "RCP104": Code("alias-budget"),
    "RCP105": Code("merge-key"),
    "RCP106": Code("too-large"),
    "RCP107": Code("tag-or-directive"),
    "RCP108": Code("not-a-regular-file"),
    "RCP109": Code("several-documents"),
    "RCP110": Code("yaml11-word", "warning"),
    "RCP111": Code("yaml11-number", "warning"),
    "RCP112": Code("yaml11-sexagesimal", "warning"),
    "RCP113": Code("leading-zero"),
    "RCP114": Code("invisible-line-break"),
    "RCP115": Code("yaml-syntax"),
    "RCP200": Code("not-a-mapping"),
    "RCP201": Code("unknown-key"),
    "RCP202": Code("wrong-type"),
    "RCP203": Code("out-of-range"),
    "RCP204": Code("ambiguous-duration"),
    "RCP205": Code("non-finite-number"),
    "RCP206": Code("control-character"),
    "RCP207": Code("key-not-text"),
    "RCP208": Code("missing-key"),
    "RCP209": Code("unknown-choice"),
    "RCP210": Code("reserved-marker"),
    "RCP211": Code("what-to-run"),
    "RCP401": Code("time-over-limit"),
    "RCP403": Code("over-capacity"),
    "RCP404": Code("unknown-partition"),
    "RCP405": Code("sweep-over-limit"),
    "RCP407": Code("account-not-allowed"),
    "RCP410": Code("unsupported-by-target"),
    "RCP501": Code("interpolation"),
    "RCP502": Code("circular-reference"),
    "RCP503": Code("interpolated-size"),
    "RCP504": Code("nested-reference"),
    "RCP505": Code("base-cycle"),
    "RCP506": Code("edit-without-target"),
    "RCP507": Code("base-not-found"),
    "RCP508": Code("edit-shape"),
    "RCP510": Code("override-syntax"),
    "RCP511": Code("override-no-such-key"),
    "RCP512": Code("override-through-value"),
    "RCP513": Code("override-two-readings"),
    "RCP514": Code("override-without-effect"),
    "RCP515": Code("override-form-refused"),
    "RCP516": Code("override-arithmetic"),
    "RCP520": Code("resolver"),
    "RCP530": Code("sweep-route"),
    "RCP531": Code("sweep-values"),
    "RCP532": Code("sweep-double"),
    "RCP540": Code("name-occurs-nowhere"),
    "RCP541": Code("broadcast-over-override"),
    "RCP542": Code("walk-expression"),
    "RCP543": Code("walk-not-a-number"),
    "RCP544": Code("walk-result"),
    "RCP545": Code("broadcast-size"),
    "RCP550": Code("override-into-raw"),
    "RCP602": Code("path-escapes"),
    "RCP603": Code("url-not-allowed"),
    "RCP605": Code("bind-syntax"),
    "RCP608": Code("unknown-image"),
    "RCP611": Code("symlink-out"),
    "RCP701": Code("name"),
    "RCP703": Code("hidden-character"),
    "RCP704": Code("function-path"),
    "RCP705": Code("names-collide"),
    "RCP706": Code("file-name"),
    "RCP707": Code("env-value"),
    "RCP708": Code("env-name"),
    "RCP709": Code("env-not-allowed"),
    "RCP710": Code("function-not-allowed"),
    "RCP714": Code("raw-job-not-allowed"),
    "RCP721": Code("unknown-secret"),
    "RCP801": Code("script-shape"),
    "RCP802": Code("unquoted-output"),
    "RCP803": Code("directive-value"),
    "RCP821": Code("bundle-members"),
    "RCP823": Code("bundle-changed"),
    "RCP824": Code("bundle-unreadable"),
    "RCP825": Code("bundle-link"),
    "RCP826": Code("bundle-too-large"),
    "RCP835": Code("bundle-version"),
    "RCP901": Code("scheduler-missing"),
    "RCP902": Code("scheduler-away"),
    "RCP903": Code("outcome-unknown"),
    "RCP904": Code("submission-refused"),
    "RCP905": Code("no-record"),
    "RCP912": Code("no-state-directory"),
    "RCP913": Code("cannot-write"),
    "RCP914": Code("record-damaged"),
}

RETIRED: frozenset[str] = frozenset()
"""Codes of earlier releases; never given out again."""
