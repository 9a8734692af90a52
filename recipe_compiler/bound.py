"""What `bind.py` is asked about a recipe, and its answer as diagnostics at the recipe's places."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from recipe_compiler.diag import Diagnostic, Route, visible
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Json, label

_CODES = {"import": "RCP320", "bind": "RCP321", "wrapped": "RCP323"}
_MAX_TEXT = 600


def request(files: Mapping[str, str]) -> dict[str, Json] | None:
    """The request for the files of a bundle; None where the job calls no function."""
    call = json.loads(files["call.json"])
    if "function" not in call:
        return None
    points: dict[str, Json] = {}
    for line in files.get("points.jsonl", "").splitlines():
        settings = json.loads(line)["set"]
        kept = [[route, value if _calls(route, value) else None] for route, value in settings]
        points.setdefault(json.dumps(kept), settings)
    return {"call": call, "points": list(points.values())}


def _calls(route: list[Any], value: Json) -> bool:
    """Whether what a point sets decides about calls: other values bind alike."""
    return route[-1:] == ["_target_"] or "_target_" in json.dumps(value)


def findings(settled: Settled, answer: Mapping[str, Any]) -> list[Diagnostic]:
    """What is wrong, as diagnostics. The answer comes from the image: nothing in it is trusted.

    Emits: RCP320, RCP321, RCP323.
    """
    found = []
    for row in answer["rows"]:
        route: Route = tuple(part if isinstance(part, int) else str(part) for part in row["route"])
        text = visible(str(row["message"]), _MAX_TEXT)
        where = label(settled.tree, route)
        code = _CODES[row["kind"]]
        notes: tuple[str, ...] = (f"Python {visible(str(answer['python']), 40)} of {_where(settled)}",)
        shown = visible(str(row["path"]), 120)
        if code == "RCP320":
            message, help_ = f"`{shown}` cannot be had: {text}", "name what the image has, or another image"
        else:
            notes = (f"it is `{visible(str(row['signature']), _MAX_TEXT)}`", *notes)
            message, help_ = f"`{shown}` does not take these arguments: {text}", "give what the signature takes"
        if code == "RCP323":
            message = f"what `{shown}` wraps does not take these arguments: {text}"
            help_ = "the wrapper takes them; look whether it passes them on"
        found.append(Diagnostic(code, message, where, notes=notes, help=help_, route=route))
    return found


def _where(settled: Settled) -> str:
    return "this machine" if settled.image_file is None else f"image `{settled.image.value}`"
