"""`recipec logs`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.options import exit_code, format_option, print_json, say

if TYPE_CHECKING:
    from recipe_compiler.diag import Diagnostic

_POLL_S = 0.3
_LIMIT = 1 << 20


@click.command(name="logs")
@click.argument("job")
@click.option("-f", "--follow", is_flag=True, help="Go on printing until the job is over. Ctrl-C leaves the job alone.")
@format_option
def command(job: str, *, follow: bool, format_: str) -> None:
    """Print the log of a job.

    JOB is a job id, a recipe's name or a bundle; of several, the newest is meant.

    \b
    Examples:
      recipec logs hello
      recipec logs hello --follow
    """
    from recipe_compiler.cli import jobs
    from recipe_compiler.diag import Diagnostic

    records, found = jobs.find([job])
    if not records:
        _end(found, format_)
    record = records[-1]
    path = Path(record.log)
    if format_ == "json":
        data = _read(path, 0)
        print_json(
            {
                "format_version": "1.0",
                "job_id": record.job_id,
                "log": str(path),
                "text": (data or b"")[-_LIMIT:].decode("utf-8", "replace"),
            }
        )
        sys.exit(0)
    at = 0
    while True:
        known, _ = jobs.states([record])
        over = record.job_id in known and known[record.job_id].ended
        data = _read(path, at)
        if data is None and not follow:
            found.append(
                Diagnostic(
                    "RCP001",
                    f"there is no log at {path} yet",
                    file=str(path),
                    help="`recipec status` says whether the job has started",
                )
            )
            _end(found, format_)
        at += len(data or b"")
        sys.stdout.write((data or b"").decode("utf-8", "replace"))
        sys.stdout.flush()
        if over or not follow:
            break
        time.sleep(_POLL_S)
    _end(found, format_)


def _read(path: Path, start: int) -> bytes | None:
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            return stream.read()
    except OSError:
        return None


def _end(found: Sequence[Diagnostic], format_: str) -> None:
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(found))
    else:
        say(found)
    sys.exit(exit_code(found))
