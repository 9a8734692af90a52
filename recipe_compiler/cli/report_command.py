"""`recipec report`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.diff_command import against_option, cluster_at_option
from recipe_compiler.cli.options import cluster_option, exit_code, format_option, print_json, say, set_option


@click.command(name="report")
@click.argument("a", metavar="A", shell_complete=recipes)
@click.argument("b", required=False, metavar="[B]", shell_complete=recipes)
@click.option("--out", required=True, metavar="FILE", help="The page that is written.")
@against_option
@cluster_at_option
@cluster_option
@set_option
@format_option
def command(  # noqa: PLR0913  click passes an argument for each option
    a: str,
    b: str | None,
    *,
    out: str,
    against: str | None,
    cluster_at_ref: bool,
    cluster: str | None,
    sets: tuple[str, ...],
    format_: str,
) -> None:
    """Write one HTML page about a recipe, a bundle, or a change.

    The page stands alone: parameters and who set them, points of a sweep, scripts, GPU-hours, and
    a picture of what it comes from. With B or `--against` it shows what changes from A to B, or
    from the revision to A. It is under 1 MiB and may load nothing: a browser is told so.

    \b
    Examples:
      recipec report recipes/hello.yaml --out hello.html
      recipec report bundles/hello-* recipes/hello.yaml --out change.html
      recipec report recipes/hello.yaml --against HEAD --out change.html --format json
    """
    from recipe_compiler.cli.diff_command import check_sides
    from recipe_compiler.cli.pages import page
    from recipe_compiler.cli.sides import compared, open_side
    from recipe_compiler.diag import Diagnostic, arrange
    from recipe_compiler.difference import difference
    from recipe_compiler.host.files import CannotWrite, write_text

    text = None
    if b is None and against is None:
        opened, wrong = open_side(a, cluster, sets)
        if opened is not None:
            text = page(opened, None, "")
    else:
        check_sides(b, against, sets, cluster_at_ref=cluster_at_ref)
        sides = compared((a,) if b is None else (a, b), against, cluster, sets, cluster_at_ref=cluster_at_ref)
        wrong = sides.found
        if sides.after is not None:
            text = page(sides.after, difference(sides.before, sides.after.side), sides.note)
    found = list(wrong)
    is_new = False
    try:
        is_new = text is not None and write_text(Path(out), text)
    except CannotWrite as error:
        found.append(Diagnostic("RCP913", str(error), help="free space or choose another `--out`"))
        text = None
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, report=None if text is None else out, written=is_new))
    else:
        if text is not None:
            click.echo(out)
        say(arranged)
    sys.exit(exit_code(arranged))
