"""`recipec status`."""

from __future__ import annotations

import sys

import click

from recipe_compiler.cli.options import exit_code, format_option, print_json, say

_COLUMNS = ("job_id", "name", "state", "exit_code", "nodes", "reason")


@click.command(name="status")
@click.argument("names", nargs=-1, metavar="[JOB...]")
@format_option
def command(names: tuple[str, ...], format_: str) -> None:
    """Show what became of submitted jobs.

    JOB is a job id, a recipe's name or a bundle; without one, every recorded job is shown.

    \b
    Examples:
      recipec status
      recipec status hello --format json
    """
    from recipe_compiler.cli import jobs
    from recipe_compiler.diag import arrange

    records, found = jobs.find(names)
    known, wrong = jobs.states(records)
    rows = [jobs.row(record, known) for record in records]
    arranged = arrange([*found, *wrong])
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, jobs=rows))
    else:
        if rows:
            click.echo(table([{key: str(item[key]) for key in _COLUMNS} for item in rows]))
            if len(rows) == 1:
                click.echo(
                    "\n"
                    + "\n".join(
                        f"{key + ':':<14}{rows[0][key]}"
                        for key in ("cluster", "submitted_at", "bundle_dir", "run_dir", "log")
                    )
                )
        elif not arranged:
            click.echo("no jobs are recorded; `recipec submit` makes one")
        say(arranged)
    sys.exit(exit_code(arranged))


def table(rows: list[dict[str, str]], heads: dict[str, str] | None = None) -> str:
    """Columns of text, as wide as their widest cell; `heads` are what to write above them."""
    heads = heads or {key: key.replace("_", " ").upper() for key in rows[0]}
    widths = {key: max(len(heads[key]), *(len(item[key]) for item in rows)) for key in heads}
    lines = [heads, *rows]
    return "\n".join("  ".join(f"{line[key]:<{widths[key]}}" for key in heads).rstrip() for line in lines)
