"""Options that several commands share, and how a command says what it found."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from recipe_compiler.cli.complete import clusters, overrides
from recipe_compiler.report import FORMATS

F = TypeVar("F", bound=Callable[..., Any])

EXIT_FINDINGS = 1
EXIT_POLICY = 4
EXIT_INTEGRITY = 5
EXIT_CANNOT_WRITE = 73
EXIT_RETRY = 75
_POLICY = frozenset(
    {"RCP406", "RCP407", "RCP409", "RCP709", "RCP710", "RCP714", "RCP731", "RCP732", "RCP733", "RCP734"}
)
"""By these the execution team says no to what could be done: somebody may make an exception. A name that the
cluster does not have (RCP404, RCP608, RCP721) and a limit of the machine (RCP401, RCP403) are mistakes."""
_INTEGRITY = frozenset({"RCP821", "RCP823", "RCP824", "RCP825", "RCP826", "RCP835"})
_CANNOT_WRITE = frozenset({"RCP912", "RCP913"})
_RETRY = frozenset({"RCP901", "RCP902", "RCP903"})

format_option = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print.", show_default=True
)
run_format_option = click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), default="text", help="How to print.", show_default=True
)


def _outputs(_: click.Context, __: click.Parameter, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each `FORMAT=FILE` as its two parts."""
    pairs = []
    for value in values:
        name, _equals, file = value.partition("=")
        if name not in FORMATS or not file:
            raise click.BadParameter(f"{value!r} is not FORMAT=FILE; formats: {', '.join(FORMATS)}")
        pairs.append((name, file))
    return tuple(pairs)


output_option = click.option(
    "--output",
    "outputs",
    callback=_outputs,
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write the same run to a file too, in any format: `sarif=recipec.sarif`. Repeatable.",
)
cluster_option = click.option(
    "--cluster",
    metavar="NAME",
    shell_complete=clusters,
    help="The cluster profile: a name below `clusters/`, or a file. Default: the project's, else `local`.",
)
set_option = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=overrides,
    help="Override a value: `lr=3e-4`, `resources.nodes=4`, `+args.new=1`, `~args.old`, `lr*=2`, `lr=1,2`.",
)
set_file_option = click.option(
    "--set-file",
    "set_files",
    multiple=True,
    metavar="FILE",
    help="Overrides from a file, one a line, `#` begins a comment line; before those of `--set`.",
)


def use_color() -> bool:
    """Whether to colour: NO_COLOR and FORCE_COLOR, else only on a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def say(found: Sequence[Any], *, err: bool = True) -> None:
    """Print findings for people."""
    if found:
        from recipe_compiler.report.text import findings

        click.echo(findings(found, color=use_color()), err=err, nl=False, color=True)


def print_json(document: dict[str, Any]) -> None:
    """The one document on stdout."""
    click.echo(json.dumps(document, indent=1, ensure_ascii=True))


def exit_code(found: Sequence[Any]) -> int:
    """0, or the code of the worst finding: integrity, a full disk, a scheduler away, then the rest.

    4 only when every error is the policy's: who mends the others need not ask anybody.
    """
    codes = {item.code for item in found if item.severity == "error"}
    if not codes:
        return 0
    for family, code in ((_INTEGRITY, EXIT_INTEGRITY), (_CANNOT_WRITE, EXIT_CANNOT_WRITE), (_RETRY, EXIT_RETRY)):
        if codes & family:
            return code
    return EXIT_POLICY if codes <= _POLICY else EXIT_FINDINGS
