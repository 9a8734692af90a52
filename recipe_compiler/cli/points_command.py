"""`recipec points`."""

from __future__ import annotations

import json
import sys

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


@click.command(name="points")
@click.argument("recipe", shell_complete=recipes)
@cluster_option
@set_option
@set_file_option
@format_option
def command(recipe: str, cluster: str | None, sets: tuple[str, ...], set_files: tuple[str, ...], format_: str) -> None:
    """Show the points of a sweep: what each sets, and its digest.

    The table is `points.jsonl` of the bundle: line N is what task N of the job array sets.

    \b
    Examples:
      recipec points sweeps/lr.yaml --cluster example
      recipec points sweeps/lr.yaml --cluster example --format json
    """
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides
    from recipe_compiler.cli.status_command import table
    from recipe_compiler.diag import Diagnostic, arrange, route_text

    space, wrong = open_workspace((recipe,), cluster)
    texts, odd = overrides(sets, set_files)
    found, rows = [*wrong, *odd], []
    for item in compile_all((recipe,), texts, space) if space is not None and not odd else ():
        found += item.found
        if item.plan is not None and item.plan.array is not None:
            rows += [json.loads(line) for line in item.plan.array.table.splitlines()]
        elif item.plan is not None:
            found.append(Diagnostic("RCP002", f"{item.file} has no sweep", file=item.file, help="add `sweep:`"))
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, points=rows))
    else:
        if rows:
            routes = list(dict.fromkeys(route_text(tuple(route)) for row in rows for route, _ in row["set"]))
            click.echo(table([_cells(row, routes) for row in rows]))
        say(arranged)
    sys.exit(exit_code(arranged))


def _cells(row: dict[str, object], routes: list[str]) -> dict[str, str]:
    from recipe_compiler.diag import route_text, visible

    values = {route_text(tuple(route)): json.dumps(value) for route, value in row["set"]}  # type: ignore[attr-defined]
    head = {"index": str(row["index"]), "digest": str(row["digest"]), "name": visible(str(row.get("name", "")), 40)}
    return head | {route: visible(values.get(route, ""), 40) for route in routes}
