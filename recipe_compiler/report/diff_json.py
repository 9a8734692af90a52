"""The wire form of a difference: part of the document of `recipec diff --format json`, version 1.0."""

from __future__ import annotations

from typing import Any

from recipe_compiler.difference import Change, Difference, Points
from recipe_compiler.side import Side, Value


def fields(difference: Difference | None, note: str) -> dict[str, Any]:
    """The document's own fields; `same` is null where a side has errors."""
    if difference is None:
        return {"same": None, "note": note}
    return {
        "same": difference.same,
        "note": note,
        "before": _side(difference.before),
        "after": _side(difference.after),
        "job": [_change(one) for one in difference.job],
        "parameters": [_change(one) for one in difference.parameters],
        "points": _points(difference.points),
        "inputs": [_change(one) for one in difference.inputs],
        "scripts": [
            {"name": one.name, "kind": one.kind, "diff": list(one.lines) or None} for one in difference.scripts
        ],
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "title": side.title,
        "name": side.name,
        "digest": side.digest,
        "cluster": side.cluster,
        "gpu_hours": side.job["GPU-hours"].value,
        "world_size": side.job["world size"].value,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "what": change.what,
        "kind": change.kind,
        "before": _value(change.before),
        "after": _value(change.after),
    }


def _value(value: Value | None) -> dict[str, Any] | None:
    return None if value is None else {"value": value.value, "set_by": value.place}


def _points(points: Points | None) -> dict[str, Any] | None:
    if points is None:
        return None
    return {
        "before": points.before,
        "after": points.after,
        "moved": points.moved,
        "added": [dict(row) for row in points.added],
        "removed": [dict(row) for row in points.removed],
    }
