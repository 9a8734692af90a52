"""`recipec submit`."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import (
    cluster_option,
    exit_code,
    format_option,
    print_json,
    say,
    set_file_option,
    set_option,
)


@click.command(name="submit")
@click.argument("paths", nargs=-1, required=True, metavar="BUNDLE|RECIPE...", shell_complete=recipes)
@click.option(
    "--out",
    default="bundles",
    metavar="DIR",
    help="Where bundles of recipes, and copies of bundles at URLs, are written.",
    show_default=True,
)
@click.option("--rerun", is_flag=True, help="Submit again a bundle that was submitted before.")
@click.option("--wait", is_flag=True, help="Wait until the jobs are over; exit with 1 if one did not complete.")
@cluster_option
@set_option
@set_file_option
@format_option
def command(  # noqa: PLR0913  click passes an argument for each option
    paths: tuple[str, ...],
    out: str,
    *,
    rerun: bool,
    wait: bool,
    cluster: str | None,
    sets: tuple[str, ...],
    set_files: tuple[str, ...],
    format_: str,
) -> None:
    """Submit bundles, or recipes compiled on the way, as jobs.

    A bundle is verified to the last bit, held against the policy of the cluster profile that
    lies here, and submitted as it is. A bundle that was submitted before is not submitted twice:
    its job is printed, and the exit code is 0. Exit code 4: the policy says no.

    \b
    Examples:
      recipec submit bundles/hello-*
      recipec submit recipes/hello.yaml --cluster local --wait
    """
    from recipe_compiler.cli import jobs
    from recipe_compiler.cli.admit import admission
    from recipe_compiler.diag import arrange

    bundles, recipes = jobs.sort_out(paths)
    found, compiled = (
        jobs.compile_recipes(recipes, out=out, cluster=cluster, sets=sets, set_files=set_files) if recipes else ([], [])
    )
    rows = []
    admit = admission(cluster)
    for path in (*bundles, *compiled):
        folder, wrong = jobs.fetched(path, out=out, cluster=cluster)
        found += wrong
        if folder is None:
            continue
        outcome, wrong = jobs.submit_one(folder, rerun=rerun, admit=admit if path in bundles else lambda _: ())
        found += wrong
        if outcome is not None:
            rows.append({**asdict(outcome.record), "already": outcome.already})
            if format_ == "text":
                already = "already submitted" if outcome.already else "submitted"
                click.echo(f"{outcome.record.job_id}  {already} {outcome.record.bundle} to {outcome.record.cluster}")
    failed = False
    if wait and rows:
        failed = jobs.wait_for([row["job_id"] for row in rows], quiet=format_ == "json")
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, jobs=rows))
    else:
        say(arranged)
    sys.exit(exit_code(arranged) or int(failed))
