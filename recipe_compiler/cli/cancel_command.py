"""`recipec cancel`."""

from __future__ import annotations

import sys

import click

from recipe_compiler.cli.options import exit_code, format_option, print_json, say


@click.command(name="cancel")
@click.argument("names", nargs=-1, required=True, metavar="JOB...")
@format_option
def command(names: tuple[str, ...], format_: str) -> None:
    """End jobs. A job that is over is left as it is.

    JOB is a job id, a recipe's name or a bundle.

    \b
    Examples:
      recipec cancel hello
      recipec cancel hello --format json
    """
    from recipe_compiler.cli import jobs
    from recipe_compiler.diag import arrange

    records, found = jobs.find(names)
    known, wrong = jobs.states(records)
    found += wrong
    rows = []
    for record in records:
        now = known.get(record.job_id)
        over = now is not None and now.ended
        trouble = None if over else jobs.SCHEDULERS[record.target].cancel(record)
        found += [trouble] if trouble else []
        if trouble is None:
            rows.append({"job_id": record.job_id, "cancelled": not over})
            if format_ == "text":
                click.echo(f"{record.job_id}  {'is over: ' + now.state if over and now else 'cancelled'}")
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, jobs=rows))
    else:
        say(arranged)
    sys.exit(exit_code(arranged))
