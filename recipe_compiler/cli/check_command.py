"""`recipec check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import cluster_option, exit_code, format_option, print_json, say, set_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.workspace import Input, Workspace


@click.command(name="check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=recipes)
@click.option("--import", "import_", is_flag=True, help="Import the functions, and so run the packages' import code.")
@cluster_option
@set_option
@click.option("--python", metavar="FILE", help="The Python of recipes without an image. Default: recipec's own.")
@click.option(
    "--timeout", "timeout_s", type=click.IntRange(1), default=600, show_default=True, help="Seconds a recipe."
)
@format_option
def command(
    paths: tuple[str, ...],
    *,
    import_: bool,
    cluster: str | None,
    sets: tuple[str, ...],
    python: str | None,
    timeout_s: int,
    format_: str,
) -> None:
    """Bind the calls of recipes to the functions of their images, for real.

    WARNING: this imports every module that the recipes name, and so RUNS the import code of those
    packages: inside the image, which Apptainer shuts off from this machine but for the read-only binds of
    the profile; or on this machine, with your rights, where the recipe says `container: none`. Nothing
    else of recipec does that, so it is asked for with `--import`. No function is called.

    \b
    Examples:
      recipec check --import recipes/hello.yaml
      recipec check --import recipes --python "$(command -v python3)" --format json
    """
    from recipe_compiler.cli.session import inputs, open_workspace
    from recipe_compiler.diag import arrange

    if not import_:
        msg = "write `--import` to import what the recipes name; `recipec validate` checks without"
        raise click.UsageError(msg)
    space, wrong = open_workspace(paths, cluster)
    found, names, looked_up = list(wrong), [], 0
    for item, odd in inputs(paths, space) if space is not None else ():
        found += odd
        if item is not None and space is not None:
            names.append(item.file)
            count, more = _checked(item, sets, space, python, timeout_s)
            looked_up += count
            found += more
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, recipes=names, looked_up=looked_up))
    else:
        say(arranged, err=False)
        if not exit_code(arranged):
            many = f"{looked_up} names were found and take what they are given"
            click.echo("1 name was found and takes what it is given" if looked_up == 1 else many)
    sys.exit(exit_code(arranged))


def _checked(
    item: Input, sets: Sequence[str], space: Workspace, python: str | None, timeout_s: int
) -> tuple[int, Sequence[Diagnostic]]:
    """How many names were looked up, and what is wrong with the recipe. Emits: RCP322, and what a compile finds."""
    from recipe_compiler import bound, driver
    from recipe_compiler.cli.session import read
    from recipe_compiler.diag import Diagnostic, visible
    from recipe_compiler.host import binding

    compiled = driver.compile_recipe(item, sets, space, read)
    settled = driver.check_recipe(item, sets, space, read).settled
    if compiled.bundle is None or settled is None:
        return 0, compiled.found
    request = bound.request(compiled.bundle.files)
    if request is None:
        return 0, compiled.found
    try:
        answer = binding.ask(
            request,
            image=None if settled.image_file is None else settled.image_file.path,
            python=python,
            env={**settled.cluster.env, **settled.recipe.env},
            binds=settled.cluster.binds,
            workdir=str(space.root) if settled.cluster.target.kind == "local" else None,
            timeout_s=timeout_s,
        )
    except binding.CannotRunError as error:
        what = "Python" if settled.image_file is None else f"image `{settled.image.value}`"
        message = f"the calls of {item.file} were not bound: {what}: {visible(str(error), 300)}"
        help_ = (
            "run it on a machine that has the image and Apptainer" if settled.image_file else "name one by `--python`"
        )
        return 0, [*compiled.found, Diagnostic("RCP322", message, settled.image.label(), help=help_)]
    return answer["looked_up"], [*compiled.found, *bound.findings(settled, answer)]
