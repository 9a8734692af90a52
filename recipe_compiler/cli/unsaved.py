"""A recipe that an editor has not saved yet: the text of standard input, as a file."""

from __future__ import annotations

from pathlib import Path, PurePath

import click

from recipe_compiler.cli.session import read_stdin
from recipe_compiler.diag import Diagnostics
from recipe_compiler.host import urls
from recipe_compiler.layering import Read


def unsaved(file: str) -> Read:
    """What reads `file`, which need not exist: standard input. Its bases are read from the disk."""
    if urls.is_url(file) or Path(file).is_dir():
        raise click.UsageError("`--stdin-filename` is the path of a file")
    text = read_stdin()

    def reader(_: PurePath, __: PurePath, ___: str | None = None) -> tuple[bytes | None, Diagnostics]:
        return text, ()

    return reader
