"""`recipec comment`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recipe_compiler.cli.options import EXIT_FINDINGS, format_option, print_json, say

MARKER = "<!-- recipec -->"
"""The first line of a comment: by it the next run finds the comment to replace."""
_LIMIT = 60_000
"""GitHub takes 65536 characters."""


@click.command(name="comment")
@click.argument("file", metavar="FINDINGS")
@format_option
def command(file: str, format_: str) -> None:
    """Print the findings of another run as a comment for a pull request.

    FINDINGS is what `validate --output json=FINDINGS` wrote, perhaps on a machine that ran a
    stranger's branch: it is checked and escaped, and at most 60 kB of it are shown.

    \b
    Examples:
      recipec validate recipes --output json=findings.json && recipec comment findings.json
      recipec comment findings.json --format json
    """
    from recipe_compiler.diag import Diagnostic, visible
    from recipe_compiler.host import files
    from recipe_compiler.report import wire
    from recipe_compiler.report.json_v1 import document
    from recipe_compiler.report.markdown import summarize

    data, found = files.read_bytes(Path(file), wire.MAX_BYTES)
    text = ""
    if data is not None:
        summary = wire.read(data)
        if isinstance(summary, str):
            shown = visible(file, 200)
            message = f"{shown} holds no findings: {visible(summary, 200)}"
            found = (Diagnostic("RCP001", message, file=shown, help="write it with `validate --output json=FILE`"),)
        else:
            text = f"{MARKER}\n{summarize(summary, _LIMIT)}"
    if format_ == "json":
        print_json(document(found, comment=text or None))
    else:
        click.echo(text, nl=False)
        say(found)
    sys.exit(EXIT_FINDINGS if found else 0)
