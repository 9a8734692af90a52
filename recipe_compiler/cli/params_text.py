"""Parameters as a table and as a tree, for `recipec params` and `recipec explain --value`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recipe_compiler.catalog import Param
from recipe_compiler.catalog.signature import short
from recipe_compiler.cli.params_command import MAX_UNSET
from recipe_compiler.cli.status_command import table as aligned
from recipe_compiler.diag import Route, route_text, visible
from recipe_compiler.parameters import Change
from recipe_compiler.report.written import written
from recipe_compiler.syntax import plain
from recipe_compiler.unset import Row, Unset

_FILE_STAGES = frozenset({"recipe", "base", "override"})
"""Where the place alone says who set a value."""


def set_by(change: Change) -> str:
    """The place of who set a value, and the stage where the place does not say it."""
    return change.place if change.by in _FILE_STAGES else f"{change.place} ({change.by})"


def table(rows: Sequence[Row], told: Mapping[Route, Param], *, all_: bool) -> Iterator[str]:
    """A line for each; a call with many defaults is cut."""
    kept, left = _cut(rows, all_=all_)
    cells = [_cells(row, told.get(row.route)) for row in kept]
    if not any(one["description"] for one in cells):
        for one in cells:
            del one["description"]
    yield aligned(cells)
    yield from left


def _cut(rows: Sequence[Row], *, all_: bool) -> tuple[list[Row], list[str]]:
    """At most `MAX_UNSET` defaults of each call, and a line for what is left out."""
    count: dict[Route, int] = {}
    kept: list[Row] = []
    for row in rows:
        if isinstance(row, Unset):
            count[row.call] = count.get(row.call, 0) + 1
            if count[row.call] > MAX_UNSET and not all_:
                continue
        kept.append(row)
    more = {call: many - MAX_UNSET for call, many in count.items() if many > MAX_UNSET and not all_}
    return kept, [f"… {many} more of {visible(route_text(call), 80)}: --all" for call, many in more.items()]


def _cells(row: Row, param: Param | None) -> dict[str, str]:
    if isinstance(row, Unset):
        param = row.param
    return {
        "parameter": visible(route_text(row.route), 80),
        "value": _value(row, 40),
        "type": _type(row, param),
        "set_by": visible(_who(row), 80),
        "overridable": visible(_overridable(row), 120),
        "description": visible(param.doc, 60) if param is not None else "",
    }


def _value(row: Row, limit: int) -> str:
    if not isinstance(row, Unset):
        return written(plain(row.node), limit)
    if row.required:
        return "(required)"
    return written(row.value, limit) if row.known else visible(row.default or "…", limit)


def _type(row: Row, param: Param | None) -> str:
    if param is not None and param.type:
        return visible(short(param.type), 40)
    return "" if isinstance(row, Unset) else row.kind


def _who(row: Row) -> str:
    if isinstance(row, Unset):
        return f"{row.at} ({row.by})"
    return set_by(row.set_by)


def _overridable(row: Row) -> str:
    if not row.overridable:
        return f"no: {row.why}"
    if isinstance(row, Unset):
        return f"as `{row.via}`"
    return f"as `{row.via}`: {row.why}" if row.via else "yes"


def tree(rows: Sequence[Row], told: Mapping[Route, Param], *, all_: bool) -> Iterator[str]:
    """YAML with a comment to each leaf; what is not set is a comment itself."""
    lines: list[tuple[str, str]] = []
    above: Route = ()
    kept, left = _cut(rows, all_=all_)
    for row in kept:
        shared = 0
        while shared < len(above) and above[: shared + 1] == row.route[: shared + 1]:
            shared += 1
        lines += [(f"{'  ' * depth}{_part(row.route[depth])}:", "") for depth in range(shared, len(row.route) - 1)]
        last = len(row.route) - 1
        mark = "# " if isinstance(row, Unset) else ""
        text = f"{'  ' * last}{mark}{_part(row.route[last])}: {_value(row, 60)}"
        lines.append((text, visible(_note(row, told.get(row.route)), 160)))
        above = row.route[:-1]
    width = max(len(text) for text, _ in lines)
    yield from (f"{text:<{width}}  # {note}" if note else text for text, note in lines)
    yield from (f"# {line}" for line in left)


def _note(row: Row, param: Param | None) -> str:
    if isinstance(row, Unset):
        return "; ".join(filter(None, (short(row.param.type), _who(row), row.param.doc)))
    note = set_by(row.set_by)
    if not row.overridable or row.via:
        note += f"; override `{row.via}`" if row.via else f"; not overridable: {row.why}"
    return f"{note}; {param.doc}" if param is not None and param.doc else note


def _part(part: str | int) -> str:
    return f"[{part}]" if isinstance(part, int) else visible(part, 60)
