"""`recipec validate`."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from recipe_compiler.cli.options import (
    cluster_option,
    output_option,
    print_json,
    run_format_option,
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
@run_format_option
@output_option
def command(
    paths: tuple[str, ...],
    *,
    all_clusters: bool,
    cluster: str | None,
    sets: tuple[str, ...],
    set_files: tuple[str, ...],
    format_: str,
    outputs: tuple[tuple[str, str], ...],
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
      recipec validate recipes --format github --output sarif=recipec.sarif --output markdown=summary.md
    """
    from recipe_compiler.cli.output import emit, run_of, verdict
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides

    if all_clusters:
        if cluster is not None:
            raise click.UsageError("`--all-clusters` and `--cluster` do not go together")
        _all_clusters(paths, sets, set_files, format_)
    space, wrong = open_workspace(paths, cluster)
    texts, odd = overrides(sets, set_files)
    found, done = [*wrong, *odd], []
    if space is not None and not odd:
        for item in compile_all(paths, texts, space):
            found += item.found
            done.append(verdict(item))
    run = run_of(found, done, space, recipes=[item.recipe for item in done])
    sys.exit(emit(run, format_, outputs))


def _all_clusters(paths: tuple[str, ...], sets: tuple[str, ...], set_files: tuple[str, ...], format_: str) -> NoReturn:
    from recipe_compiler.cli import matrix
    from recipe_compiler.cli.session import overrides

    if format_ not in {"text", "json"}:
        raise click.UsageError("`--all-clusters` prints text or JSON")
    texts, odd = overrides(sets, set_files)
    made = matrix.Matrix(broken={"": odd}) if odd else matrix.matrix(paths, texts)
    if format_ == "json":
        print_json(matrix.document(made))
    else:
        click.echo(matrix.text(made, color=use_color()), nl=False, color=True)
    sys.exit(made.exit_code)
