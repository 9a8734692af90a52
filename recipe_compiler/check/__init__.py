"""Rules over a settled recipe. One file and one line here each; all findings in one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from recipe_compiler.check import (
    assigned,
    calls,
    constraints,
    environment,
    functions,
    literal_secrets,
    markers,
    paths,
    resources,
    swept,
)
from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.settle import Settled
from recipe_compiler.sweep import Point


class Rule(Protocol):
    """A module that satisfies this is a rule."""

    def check(self, settled: Settled) -> Iterator[Diagnostic]:
        """Every finding of this rule."""


RULES: tuple[Rule, ...] = (
    functions,
    markers,
    calls,
    assigned,
    constraints,
    resources,
    environment,
    paths,
    literal_secrets,
)


def check(settled: Settled) -> Diagnostics:
    """What any rule finds."""
    return tuple(finding for rule in RULES for finding in rule.check(settled))


def check_points(settled: Settled, points: Sequence[Point]) -> Diagnostics:
    """What is wrong with the values of a sweep's points."""
    return (*swept.check(settled, points), *constraints.check_points(settled, points))
