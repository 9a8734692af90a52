"""`recipec schema`."""

from __future__ import annotations

import sys

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import cluster_option, exit_code, say


@click.command(name="schema")
@click.option(
    "--for",
    "recipe",
    metavar="RECIPE",
    shell_complete=recipes,
    help="With the arguments of this recipe's function, and of the calls in it, from the catalogs.",
)
@cluster_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="json",
    help="Both print JSON.",
    show_default=True,
)
def command(recipe: str | None, cluster: str | None, format_: str) -> None:  # noqa: ARG001  a schema is JSON either way
    """Print the JSON Schema of recipes, for editors.

    With `--for` its `args` have the names, types, defaults and descriptions that the function
    takes. The arguments may still be wrong; the rest of the recipe must be right.

    \b
    Examples:
      recipec schema > recipe.schema.json
      recipec schema --for recipes/hello.yaml > hello.schema.json
      recipec schema --format json
    """
    from recipe_compiler.driver import json_schema

    if recipe is None:
        if cluster is not None:
            raise click.UsageError("'--cluster' goes with '--for'.")
        click.echo(json_schema(), nl=False)
        return
    from recipe_compiler.cli.session import compose_one
    from recipe_compiler.diag import arrange

    one = compose_one(recipe, cluster, ())
    if one.settled is None:
        found = arrange(one.found)
        say(found)
        sys.exit(exit_code(found) or 1)
    click.echo(json_schema(one.settled), nl=False)
