"""What the stand-ins have in common: they leave word of what they were called with."""

from __future__ import annotations

import inspect
import json
import os
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def receive(given: dict[str, Any]) -> None:
    """Leaves the arguments, with their types, in `$RECIPEC_RUN_DIR/received.json`."""
    path = Path(os.environ["RECIPEC_RUN_DIR"]) / "received.json"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps({name: describe(value) for name, value in given.items()}, indent=2) + "\n")
    temporary.replace(path)


def describe(value: Any) -> Any:
    """`{"type": ..., "value": ...}`, all the way down; an object's attributes stand beside its type."""
    kind = type(value).__name__
    if is_dataclass(value) and not isinstance(value, type):
        return {"type": kind, "value": {field.name: inner(getattr(value, field.name)) for field in fields(value)}}
    if isinstance(value, dict):
        return {"type": kind, "value": {str(key): describe(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"type": kind, "value": [describe(item) for item in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"type": kind, "value": value}
    if inspect.isroutine(value) or inspect.isclass(value):
        return {"type": kind, "value": f"{value.__module__}.{value.__qualname__}"}
    if hasattr(value, "__dict__") and not isinstance(value, Path):
        return {"type": kind, **{name: describe(item) for name, item in vars(value).items()}}
    return {"type": kind, "value": repr(value)}


def inner(value: Any) -> Any:
    """The value of a field: what JSON has is its own description."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else describe(value)
