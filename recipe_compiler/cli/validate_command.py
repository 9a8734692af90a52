"""`recipec validate`."""

from __future__ import annotations

import sys

import click

from recipe_compiler.cli.options import (
    cluster_option,
    exit_code,
    format_option,
    print_json,
    say,
    set_file_option,
    set_option,
)


@click.command(name="validate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@cluster_option
@set_option
@set_file_option
@format_option
def command(
    paths: tuple[str, ...], cluster: str | None, sets: tuple[str, ...], set_files: tuple[str, ...], format_: str
) -> None:
    """Check recipes and say everything that is wrong with them.

    PATH is a file, a folder, a glob, or `-` for standard input. Nothing is written, nothing is
    imported, no network is asked.

    \b
    Examples:
      recipec validate recipes
      recipec validate recipes/hello.yaml --set args.name=you
      recipec validate 'recipes/*.yaml' --cluster local --format json
    """
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides
    from recipe_compiler.diag import arrange
    from recipe_compiler.driver import collisions

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
