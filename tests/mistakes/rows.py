"""The corpus as plain data, for peers: only the standard library and PyYAML."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
MARKERS = frozenset({"_target_", "_args_", "_partial_", "_call_", "_overrides_", "_raw_"})


@dataclass(frozen=True)
class Mistake:
    """One recipe with one mistake, and what must be said of it."""

    name: str
    kind: str
    text: str
    sets: tuple[str, ...]
    codes: tuple[str, ...]
    caret: str
    suggestion: str | None


def correct() -> dict[str, str]:
    """The correct recipes by name."""
    texts: dict[str, str] = yaml.safe_load((HERE / "correct.yaml").read_text(encoding="utf-8"))
    return {name: f"name: {name}\n{text}" for name, text in texts.items()}


def mistakes() -> Iterator[Mistake]:
    """Every seeded mistake. Raises: AssertionError where an edit does not meet its recipe exactly once."""
    recipes = correct()
    rows = yaml.safe_load((HERE / "mistakes.yaml").read_text(encoding="utf-8"))
    for kind, listed in rows.items():
        for index, (recipe, old, new, codes, caret, suggestion) in enumerate(listed):
            name = f"{kind}-{index}"
            text, sets = recipes.get(recipe, ""), ()
            if old == "--set":
                sets = (new,)
            elif old == "+":
                text = f"{text}{new}\n"
            elif old == "=":
                text = f"name: {name}\n{new}"
            else:
                assert text.count(old) == 1, f"{name}: {old!r} stands {text.count(old)} times in {recipe}"
                text = text.replace(old, new)
            yield Mistake(name, kind, text, sets, tuple(codes.split()), caret, suggestion)


def every() -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """The name, text and overrides of each recipe, and whether it is correct."""
    for name, text in correct().items():
        yield name, text, (), True
    for one in mistakes():
        yield one.name, one.text, one.sets, False


def composed(text: str, sets: tuple[str, ...]) -> dict[str, Any]:
    """The recipe with its base, references and overrides applied, as PyYAML reads it."""
    recipe = yaml.safe_load(text)
    if "extends" in recipe:
        base = yaml.safe_load((HERE / recipe["extends"]).read_text(encoding="utf-8"))
        recipe = _merged(base, recipe)
    if "model_ref" in recipe.get("args", {}):  # what the resolver would write
        recipe["args"]["model"] = {"_target_": f"nemo.collections.llm.{recipe['args'].pop('model_ref')}.model"}
    for one in sets:
        key, _, value = one.lstrip("+").partition("=")
        steps = key.split(".") if key.split(".")[0] in recipe else ["args", *key.split(".")]
        here = recipe
        for step in steps[:-1]:
            here = here[step]
        here[steps[-1]] = yaml.safe_load(value)
    return _referred(recipe, recipe)


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {**base, **{key: _merged(base[key], value) if key in base else value for key, value in over.items()}}


def _referred(value: Any, root: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_referred(one, root) for one in value]
    if isinstance(value, dict):
        return {key: _referred(one, root) for key, one in value.items()}
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        here: Any = root
        for step in value[2:-1].split("."):
            here = here[step]
        return copy.deepcopy(here)
    return value
