"""`recipec params`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from recipe_compiler.cli.complete import recipes, routes
from recipe_compiler.cli.options import cluster_option, exit_code, format_option, print_json, say, set_option

if TYPE_CHECKING:
    from recipe_compiler.catalog import Param
    from recipe_compiler.diag import Route
    from recipe_compiler.unset import Row, Unset

MAX_UNSET = 30


@click.command(name="params")
@click.argument("recipe", shell_complete=recipes)
@cluster_option
@set_option
@click.option(
    "--filter",
    "globs",
    multiple=True,
    metavar="GLOB",
    help="Only these: `args.optim.*`, `lr`. Repeatable.",
    shell_complete=routes,
)
@click.option("--tree", is_flag=True, help="Show them as a tree, as YAML with a comment each.")
@click.option("--set-only", "which", flag_value="set", help="Without those that the recipe leaves to defaults.")
@click.option("--unset", "which", flag_value="unset", help="Only those that the recipe leaves to defaults.")
@click.option("--all", "all_", is_flag=True, help=f"More than {MAX_UNSET} defaults of one call too.")
@click.option("--fields", is_flag=True, help="Fields of what factories make too: what `_overrides_` can set.")
@format_option
def command(  # noqa: PLR0913  click gives each option
    recipe: str,
    *,
    cluster: str | None,
    sets: tuple[str, ...],
    globs: tuple[str, ...],
    tree: bool,
    which: str | None,
    all_: bool,
    fields: bool,
    format_: str,
) -> None:
    """List every parameter of a recipe: its value, who set it, and whether it can be overridden.

    With catalogs, also those that it leaves to their defaults, at every depth. The recipe may have
    findings, as long as its layers compose; they are printed too.

    \b
    Examples:
      recipec params recipes/hello.yaml
      recipec params recipes/hello.yaml --set args.name=you --filter 'args.*' --tree
      recipec params recipes/hello.yaml --set-only --filter name --format json
    """
    from recipe_compiler.cli.session import compose_one
    from recipe_compiler.diag import Diagnostic, arrange, visible
    from recipe_compiler.driver import FIELDS
    from recipe_compiler.parameters import chosen, listed

    one = compose_one(recipe, cluster, sets)
    file, stages, settled, found = one.file, one.stages, one.settled, list(one.found)
    told: dict[Route, Param] = {}
    rows: list[Row] = [*listed(stages, file, one.profile, FIELDS)] if stages else []
    if settled is not None and settled.catalogs is not None:
        from recipe_compiler.unset import given, unset

        told = given(settled)
        if which != "set":
            rows = _joined(rows, unset(settled, stages, fields=fields))
    if which == "unset":
        rows = [row for row in rows if is_unset(row)]
    rows = chosen(rows, globs)
    if stages and not rows and which != "unset":
        shown = ", ".join(f"`{visible(glob, 60)}`" for glob in globs)
        help_ = "write a route such as `args.optim.*`, or a name such as `lr`"
        found.append(Diagnostic("RCP002", f"no parameter of {file} is named by {shown}", file=file, help=help_))
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, parameters=[_json(row, told) for row in rows]))
    else:
        from recipe_compiler.cli import params_text

        lines = params_text.tree if tree else params_text.table
        if rows:
            click.echo("\n".join(lines(rows, told, all_=all_ or bool(globs))))
        say(arranged)
    sys.exit(exit_code(arranged))


def is_unset(row: Row) -> bool:
    """Whether the recipe leaves it to its default."""
    return hasattr(row, "param")


def _joined(rows: Sequence[Row], more: Iterable[Unset]) -> list[Row]:
    """The rows of each call, then what it leaves to defaults."""
    after: dict[int, list[Row]] = {}
    for row in more:
        place = max((i for i, one in enumerate(rows) if one.route[: len(row.call)] == row.call), default=None)
        if place is None:
            above = row.call[:-1]
            place = max((i for i, one in enumerate(rows) if one.route[: len(above)] == above), default=len(rows) - 1)
        after.setdefault(place, []).append(row)
    joined: list[Row] = []
    for index, one in enumerate(rows):
        joined += [one, *sorted(after.get(index, ()), key=lambda row: -len(row.call))]
    return joined


def _json(row: Row, told: Mapping[Route, Param]) -> dict[str, Any]:
    from recipe_compiler import parameters, unset

    if isinstance(row, unset.Unset):
        return unset.as_json(row)
    return parameters.as_json(row) | unset.described(told.get(row.route))
