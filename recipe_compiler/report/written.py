"""A value in one line, as YAML's flow style has it."""

from __future__ import annotations

from typing import Any

from recipe_compiler.diag import visible
from recipe_compiler.secret_shapes import masked
from recipe_compiler.values import flow


def written(value: Any, limit: int) -> str:  # noqa: ANN401  JSON
    """A value as YAML's flow style has it, cut at `limit`; a secret is never printed."""
    return visible(masked(flow(value)), limit)
