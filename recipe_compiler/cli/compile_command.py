"""`recipec compile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import (
    cluster_option,
    output_option,
    run_format_option,
    set_file_option,
    set_option,
)


@click.command(name="compile")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=recipes)
@click.option("--out", required=True, metavar="DIR", help="The folder, or URL, that bundles are written below.")
@cluster_option
@set_option
@set_file_option
@run_format_option
@output_option
def command(
    paths: tuple[str, ...],
    *,
    out: str,
    cluster: str | None,
    sets: tuple[str, ...],
    set_files: tuple[str, ...],
    format_: str,
    outputs: tuple[tuple[str, str], ...],
) -> None:
    """Compile recipes into bundles that can be reviewed and submitted later.

    PATH is a file, a folder, a glob, or `-` for standard input. Each recipe becomes the folder
    DIR/<name>-<digest>, the same bytes on every machine; its path is printed. A recipe with an
    error writes nothing, the others are written.

    \b
    Examples:
      recipec compile recipes --out bundles
      recipec compile recipes/hello.yaml --out bundles --cluster local
      recipec compile recipes --out bundles --output sarif=recipec.sarif --output junit=recipec.xml
      recipec compile - --out bundles --set .name=copy < recipes/hello.yaml
    """
    from recipe_compiler.cli.output import emit, run_of, verdict
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.host.files import CannotWrite

    space, wrong = open_workspace(paths, cluster)
    texts, odd = overrides(sets, set_files)
    found, rows, done = [*wrong, *odd], [], []
    if space is not None and not odd:
        try:
            write = writer(out, space.profile.cluster.schemes, found)
            for item in compile_all(paths, texts, space) if write else ():
                found += item.found
                done.append(verdict(item))
                if item.bundle is not None and write:
                    target, is_new = write(item.bundle)
                    if format_ == "text":
                        click.echo(target)
                    rows.append(
                        {"recipe": item.file, "bundle": target, "digest": item.bundle.digest, "written": is_new}
                    )
        except CannotWrite as error:
            found.append(
                Diagnostic(
                    "RCP913", str(error), help="free space or choose another `--out`; what was there is unchanged"
                )
            )
    sys.exit(emit(run_of(found, done, space, bundles=rows), format_, outputs, quiet=True))


def writer(out: str, schemes: tuple[str, ...], found: list[Any]) -> Any:  # noqa: ANN401
    """The function that writes a bundle below `out`, a path or an allowed URL; None if it is not allowed."""
    from recipe_compiler.host import files, urls

    where, wrong = urls.split(out, schemes)
    found.extend(wrong)
    if where is None:
        return None
    if isinstance(where, str):
        url = where
        return lambda bundle: (urls.write_bundle(bundle, url), True)

    folder = Path(where)

    def write(bundle: Any) -> tuple[str, bool]:  # noqa: ANN401
        target, is_new = files.write_bundle(bundle, folder)
        return str(target), is_new

    return write
