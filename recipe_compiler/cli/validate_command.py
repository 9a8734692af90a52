"""`recipec validate`."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from recipe_compiler.cli.options import (
    cluster_option,
    exit_code,
    format_option,
    print_json,
    say,
    set_file_option,
    set_option,
    use_color,
)


@click.command(name="validate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@cluster_option
@click.option(
    "--all-clusters", is_flag=True, help="Check for every cluster of the project: which take what, and why not."
)
@set_option
@set_file_option
@format_option
def command(
    paths: tuple[str, ...],
    *,
    all_clusters: bool,
    cluster: str | None,
    sets: tuple[str, ...],
    set_files: tuple[str, ...],
    format_: str,
) -> None:
    """Check recipes and say everything that is wrong with them.

    PATH is a file, a folder, a glob, or `-` for standard input. Nothing is written, nothing is
    imported, no network is asked. With `--all-clusters` the exit code is 0 if each recipe is
    taken by at least one cluster of the project.

    \b
    Examples:
      recipec validate recipes
      recipec validate recipes/hello.yaml --set args.name=you
      recipec validate 'recipes/*.yaml' --cluster local --format json
      recipec validate recipes --all-clusters
    """
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides
    from recipe_compiler.diag import arrange
    from recipe_compiler.driver import collisions

    if all_clusters:
        if cluster is not None:
            raise click.UsageError("`--all-clusters` and `--cluster` do not go together")
        _all_clusters(paths, sets, set_files, format_)
    space, wrong = open_workspace(paths, cluster)
    texts, odd = overrides(sets, set_files)
    found, names, bad = [*wrong, *odd], [], 0
    if space is not None and not odd:
        done = []
        for item in compile_all(paths, texts, space):
            done.append(item.named)
            found += item.found
            names.append(item.file)
            bad += item.bundle is None
        found += collisions(done)
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, recipes=names))
    else:
        say(arranged, err=False)
        if space is not None and not exit_code(arranged):
            what = "1 recipe is" if len(names) == 1 else f"{len(names)} recipes are"
            click.echo(f"{what} valid for cluster {space.profile.cluster.name}")
    sys.exit(exit_code(arranged))


def _all_clusters(paths: tuple[str, ...], sets: tuple[str, ...], set_files: tuple[str, ...], format_: str) -> NoReturn:
    from recipe_compiler.cli import matrix
    from recipe_compiler.cli.session import overrides

    texts, odd = overrides(sets, set_files)
    made = matrix.Matrix(broken={"": odd}) if odd else matrix.matrix(paths, texts)
    if format_ == "json":
        print_json(matrix.document(made))
    else:
        click.echo(matrix.text(made, color=use_color()), nl=False, color=True)
    sys.exit(made.exit_code)
