"""What every format of a difference says in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recipe_compiler.budget import hours_text
from recipe_compiler.diag import visible
from recipe_compiler.difference import Change, Difference, Points
from recipe_compiler.report.written import written
from recipe_compiler.side import Value

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_DIGEST_CHARS = 12


def shown(what: str, value: Value, limit: int = 80) -> str:
    """The value of one side, as a person reads it."""
    if what == "GPU-hours":
        return hours_text(value.value)
    if what == "image sha256":
        return str(value.value)[:_DIGEST_CHARS]
    return written(value.value, limit)


def moved(change: Change) -> str:
    """`4 → 8`, with the difference where it counts."""
    parts = [shown(change.what, value) for value in (change.before, change.after) if value is not None]
    more = delta(change)
    return " → ".join(parts) + (f" ({more})" if more else "")


def delta(change: Change) -> str:
    """`+768`: by how much the GPU-hours moved; nothing for other facts."""
    if change.what != "GPU-hours" or change.before is None or change.after is None:
        return ""
    hours = change.after.value - change.before.value
    return f"{'+' if hours > 0 else '-'}{hours_text(abs(hours))}"


def places(change: Change) -> str:
    """Who set the values: one place where both are the same."""
    before = change.before.place if change.before is not None else None
    after = change.after.place if change.after is not None else None
    if before and after and before != after:
        return visible(f"{after}, was {before}", 200)
    return visible(after or (f"was {before}" if before and change.kind == "removed" else before or ""), 200)


def points_line(points: Points) -> str:
    """`3 → 4 points: 1 added, 2 renumbered`."""
    counts = ((len(points.added), "added"), (len(points.removed), "removed"), (points.moved, "renumbered"))
    said = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"{points.before} → {points.after} points: {said}"


def point_line(row: Mapping[str, Any], limit: int = 40) -> str:
    """`#3 args.lr=1e-4`, or the point's own name before what it sets."""
    name = f" {visible(str(row['name']), limit)}:" if row.get("name") is not None else ""
    sets = " ".join(f"{visible(route, 80)}={written(value, limit)}" for route, value in row["values"].items())
    return f"#{row['index']}{name} {sets}"


def heading(difference: Difference) -> str:
    """Which two are compared."""
    if difference.before is None:
        return f"{visible(difference.after.title, 200)} is new"
    return f"{visible(difference.before.title, 200)} → {visible(difference.after.title, 200)}"


def verdict(difference: Difference) -> str:
    """The whole in one line."""
    if difference.same:
        return "the same job" if not difference.inputs else "the same job, from inputs that changed"
    counts = (
        (len(difference.job), "fact of the job", "facts of the job"),
        (len(difference.parameters), "parameter", "parameters"),
        (len(difference.scripts), "file", "files"),
    )
    said = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    if difference.points is not None:
        said.append("the points of the sweep")
    return f"{', '.join(said)} {'differs' if len(said) == 1 and said[0].startswith('1 ') else 'differ'}"


def inputs_line(difference: Difference) -> str:
    """The inputs whose digest moved."""
    return ", ".join(f"{SIGNS[one.kind]} {visible(one.what, 120)}" for one in difference.inputs)
