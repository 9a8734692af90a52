"""The findings of another run, read from its JSON as one reads a stranger's letter.

Nothing of it is trusted: what is not as the schema says is refused, counts are counted anew, and
the text is escaped by the format that shows it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recipe_compiler.report.markdown import Row, Summary
from recipe_compiler.report.run import Verdict

MAX_BYTES = 4 << 20
_Text = Annotated[str, Field(max_length=4096)]
_Count = Annotated[int, Field(ge=0, lt=1 << 31)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _Place(_Model):
    line: _Count
    column: _Count


class _Range(_Model):
    start: _Place


class _Diagnostic(_Model):
    code: Annotated[str, Field(pattern=r"^RCP[0-9]{3}$")]
    severity: Literal["error", "warning"]
    summary: _Text
    file: _Text | None
    range: _Range | None
    label: _Text
    help: _Text | None


class _Verdict(_Model):
    recipe: _Text
    error_count: _Count
    warning_count: _Count


class _Document(_Model):
    format_version: Annotated[str, Field(pattern=r"^1\.[0-9]{1,4}$")]
    cluster: _Text | None = None
    verdicts: tuple[_Verdict, ...] = ()
    diagnostics: tuple[_Diagnostic, ...]


def read(data: bytes) -> Summary | str:
    """What a summary shows of the document, or why it is not one."""
    if len(data) > MAX_BYTES:
        return f"it is larger than {MAX_BYTES >> 20} MiB"
    try:
        document = _Document.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ").lower()
    rows = tuple(map(_row, sorted(document.diagnostics, key=lambda item: item.severity)))
    errors = sum(row.severity == "error" for row in rows)
    verdicts = tuple(Verdict(item.recipe, item.error_count, item.warning_count) for item in document.verdicts)
    return Summary(errors, len(rows) - errors, document.cluster, verdicts, rows)


def _row(item: _Diagnostic) -> Row:
    place = item.file or ""
    if item.range is not None:
        place = f"{place}:{item.range.start.line}:{item.range.start.column}"
    said = f"{item.summary} — {item.label}" if item.label else item.summary
    return Row(place, item.severity, item.code, said, item.help or "")
