"""One line that says how far a long run is."""

from __future__ import annotations

import os
import sys
import time

import click

from recipe_compiler.diag import visible

_AFTER_S = 1.0


class Progress:
    """One line on a terminal's stderr, from the second second on. Nothing in a pipe."""

    def __init__(self) -> None:
        """Look at the terminal, start the clock."""
        self._on = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._start = time.monotonic()
        self._after_s = float(os.environ.get("RECIPEC_PROGRESS_AFTER_S", "") or _AFTER_S)
        self._shown = self._count = 0

    def step(self, what: str) -> None:
        """One more thing is begun."""
        self._count += 1
        if self._on and time.monotonic() - self._start > self._after_s + 0.1 * self._shown:
            self._shown += 1
            click.echo(f"\r\x1b[K{self._count} recipes, now {visible(what, 60)}", err=True, nl=False)

    def done(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
