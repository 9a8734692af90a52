"""`recipec diff`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import EXIT_FINDINGS, cluster_option, exit_code, print_json, say, set_option

if TYPE_CHECKING:
    from recipe_compiler.cli.sides import Sides
    from recipe_compiler.difference import Difference

against_option = click.option(
    "--against", metavar="REF", help="Compare the recipe with itself at a git revision: a branch, a tag or a commit."
)
cluster_at_option = click.option(
    "--cluster-at-ref",
    is_flag=True,
    help="Take the cluster profile from REF too. Default: the working tree's, for both sides.",
)


@click.command(name="diff")
@click.argument("a", metavar="A", shell_complete=recipes)
@click.argument("b", required=False, metavar="[B]", shell_complete=recipes)
@against_option
@cluster_at_option
@cluster_option
@set_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    help="How to print.",
    show_default=True,
)
def command(
    a: str,
    b: str | None,
    *,
    against: str | None,
    cluster_at_ref: bool,
    cluster: str | None,
    sets: tuple[str, ...],
    format_: str,
) -> None:
    """Say what differs between two jobs: first what it means, then the scripts.

    A and B are recipes or bundles. With `--against`, A is compared with itself at a git revision:
    its bases, scripts and project file are read from there, nothing is checked out. With neither,
    A is compared with itself under the overrides of `--set`. The exit code is 0 for the same job, 1
    for another one, and 1 with findings where a side does not compile.

    \b
    Examples:
      recipec diff recipes/hello.yaml bundles/hello-*
      recipec diff recipes/hello.yaml --against HEAD
      recipec diff bundles/hello-* recipes/hello.yaml --format markdown
    """
    check_sides(b, against, sets, cluster_at_ref=cluster_at_ref)
    from recipe_compiler.cli.sides import compared
    from recipe_compiler.diag import arrange
    from recipe_compiler.difference import difference

    paths = (a,) if b is None else (a, b)
    sides = compared(paths, against, cluster, sets, cluster_at_ref=cluster_at_ref)
    made = None if sides.after is None else difference(sides.before, sides.after.side)
    arranged = arrange(sides.found)
    if format_ == "json":
        from recipe_compiler.report.diff_json import fields
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, **fields(made, sides.note)))
    else:
        if made is not None:
            _print(made, sides, format_)
        say(arranged)
    sys.exit(exit_code(arranged) or (EXIT_FINDINGS if made is None or not made.same else 0))


def check_sides(b: str | None, against: str | None, sets: tuple[str, ...], *, cluster_at_ref: bool) -> None:
    """Refuse what names no two sides. Raises: UsageError."""
    if b is not None and against is not None:
        raise click.UsageError("'B' and '--against' are two ways to name the other side.")
    if b is None and against is None and not sets:
        raise click.UsageError("Missing argument 'B', or '--against', or '--set'.")
    if cluster_at_ref and against is None:
        raise click.UsageError("'--cluster-at-ref' goes with '--against'.")


def _print(made: Difference, sides: Sides, format_: str) -> None:
    if format_ == "html":
        from recipe_compiler.cli.pages import page

        assert sides.after is not None  # noqa: S101  `made` is made from it
        click.echo(page(sides.after, made, sides.note), nl=False)
    elif format_ == "markdown":
        from recipe_compiler.report import diff_markdown

        click.echo(diff_markdown.render(made, sides.note), nl=False)
    else:
        from recipe_compiler.report import diff_text

        click.echo(diff_text.render(made, sides.note), nl=False)
