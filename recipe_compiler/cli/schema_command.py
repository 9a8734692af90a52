"""`recipec schema`."""

from __future__ import annotations

import click


@click.command(name="schema")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="json",
    help="Both print JSON.",
    show_default=True,
)
def command(format_: str) -> None:  # noqa: ARG001  a schema is JSON either way
    """Print the JSON Schema of recipes, for editors.

    \b
    Examples:
      recipec schema > recipe.schema.json
      recipec schema --format json
    """
    from recipe_compiler.driver import json_schema

    click.echo(json_schema(), nl=False)
