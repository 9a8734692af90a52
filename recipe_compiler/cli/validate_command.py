"""`recipec validate`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import (
    cluster_option,
    output_option,
    print_json,
    run_format_option,
    set_file_option,
    set_option,
    use_color,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recipe_compiler.cli.selection import Selection
    from recipe_compiler.layering import Read
    from recipe_compiler.override import Text
    from recipe_compiler.workspace import Workspace


@click.command(name="validate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=recipes)
@cluster_option
@click.option(
    "--all-clusters", is_flag=True, help="Check for every cluster of the project: which take what, and why not."
)
@click.option(
    "--changed-since",
    "since",
    metavar="REF",
    help="Only the recipes that a change since this git revision affects.",
)
@click.option(
    "--stdin-filename",
    metavar="FILE",
    shell_complete=recipes,
    help="With PATH `-`: check standard input as what FILE would be, saved.",
)
@set_option
@set_file_option
@run_format_option
@output_option
def command(  # noqa: PLR0913  click gives each option
    paths: tuple[str, ...],
    *,
    all_clusters: bool,
    since: str | None,
    stdin_filename: str | None,
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
      recipec validate recipes --changed-since main
      recipec validate - --stdin-filename recipes/hello.yaml --format json < recipes/hello.yaml
      recipec validate recipes --format github --output sarif=recipec.sarif --output markdown=summary.md
    """
    from recipe_compiler.cli.output import emit, run_of, verdict
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides, read
    from recipe_compiler.cli.unsaved import unsaved

    reader: Read = read
    if stdin_filename is not None:
        if paths != ("-",) or all_clusters or since is not None:
            raise click.UsageError(
                "`--stdin-filename` goes with the PATH `-` alone, not with `--all-clusters` or `--changed-since`"
            )
        paths, reader = (stdin_filename,), unsaved(stdin_filename)
    if all_clusters:
        if cluster is not None or since is not None:
            raise click.UsageError("`--all-clusters` goes with neither `--cluster` nor `--changed-since`")
        _all_clusters(paths, sets, set_files, format_)
    space, wrong = open_workspace(paths, cluster)
    texts, odd = overrides(sets, set_files)
    found, done = [*wrong, *odd], []
    others: list[tuple[str, str]] = []
    fields: dict[str, Any] = {}
    if space is not None and not odd:
        chosen = _selected(paths, space, since, texts)
        for item in compile_all(paths, texts, space, reader=chosen.reader if chosen else reader):
            found += item.found
            done.append(verdict(item))
        if chosen is not None:
            from recipe_compiler.cli.selection import others_named

            found += chosen.found
            others = others_named(chosen, {item.name for item in done if item.name}, space)
            fields["affected"] = chosen.as_json()
    run = run_of(found, done, space, others, recipes=[item.recipe for item in done], **fields)
    sys.exit(emit(run, format_, outputs))


def _selected(
    paths: tuple[str, ...], space: Workspace, since: str | None, sets: Sequence[str | Text]
) -> Selection | None:
    """The affected recipes, said on stderr; None without `--changed-since`."""
    if since is None:
        return None
    from recipe_compiler.cli.selection import select

    chosen = select(paths, space, since, sets)
    click.echo(chosen.line, err=True)
    return chosen


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
