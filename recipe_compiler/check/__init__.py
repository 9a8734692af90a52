"""Rules over a settled recipe. One file and one line here each; all findings in one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from recipe_compiler.check import environment, functions, markers, resources
from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.settle import Settled


class Rule(Protocol):
    """A module that satisfies this is a rule."""

    def check(self, settled: Settled) -> Iterator[Diagnostic]:
        """Every finding of this rule."""


RULES: tuple[Rule, ...] = (functions, markers, resources, environment)


def check(settled: Settled) -> Diagnostics:
    """What any rule finds."""
    return tuple(finding for rule in RULES for finding in rule.check(settled))
