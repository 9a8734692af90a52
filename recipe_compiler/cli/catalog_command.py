"""`recipec catalog`: make a catalog; its subcommands compare and show catalogs."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.options import exit_code, format_option, print_json, say

if TYPE_CHECKING:
    from recipe_compiler.diag import Diagnostic

SUBCOMMANDS: tuple[str, ...] = ("make", "diff")


class _Group(click.Group):
    """`recipec catalog SOURCE` is short for `recipec catalog make SOURCE`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Every subcommand."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The subcommand of that name, loaded when it is called."""
        if cmd_name == "make":
            return make
        if cmd_name not in SUBCOMMANDS:
            return None
        found: click.Command = import_module(f"recipe_compiler.cli.catalog_{cmd_name}_command").command
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A first word that is no subcommand is a source."""
        if args and args[0] not in SUBCOMMANDS and args[0] not in {"-h", "--help"}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(name="catalog", cls=_Group)
def command() -> None:
    """Write down what packages define, so that recipes are checked without importing them.

    \b
    Examples:
      recipec catalog nemo_toolkit-2.5.3-py3-none-any.whl --name nemo-2.5.3
      recipec catalog . --package recipes.functions --name project
      recipec catalog nemo.sif --package nemo --package megatron --name nemo-25.04
    """


@click.command(name="make")
@click.argument("sources", nargs=-1, required=True, metavar="WHEEL|FOLDER|IMAGE...")
@click.option("--name", required=True, metavar="NAME", help="The catalog's name: the file is `NAME.json`.")
@click.option("--package", "packages", multiple=True, metavar="PACKAGE", help="Only these. An image needs one.")
@click.option("--out", metavar="DIR", help="The folder to write to. Default: the project's `catalogs`.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file is not what it would be.")
@format_option
def make(
    sources: tuple[str, ...], *, name: str, packages: tuple[str, ...], out: str | None, check: bool, format_: str
) -> None:
    """Make `catalogs/NAME.json` from wheels, folders or images.

    The Python files are read, never imported or run; of an image, by one file of the standard
    library that runs inside it.

    \b
    Examples:
      recipec catalog . --package hello --name project
      recipec catalog . --package hello --name project --check
    """
    from recipe_compiler.catalog.make import make as text_of
    from recipe_compiler.cli.known import catalog_folder
    from recipe_compiler.cli.places import display
    from recipe_compiler.diag import Diagnostic, arrange, visible
    from recipe_compiler.host import packages as host
    from recipe_compiler.schema.fields import NAME

    found, facts = [], {}
    if not NAME.match(name):
        help_ = "use lower-case letters, digits, `.`, `_` and `-`, first a letter or digit"
        found.append(Diagnostic("RCP701", f"`{visible(name, 80)}` cannot be a name", help=help_))
    for source in sources:
        try:
            facts[Path(source).name or " ".join(packages) or "."] = list(host.facts_of(Path(source), packages))
        except (host.CannotReadError, OSError) as error:
            shown = visible(source, 200)
            help_ = "name a wheel, a folder of packages, or an image that Apptainer can run"
            found.append(Diagnostic("RCP311", f"cannot read {shown}: {error}", file=shown, help=help_))
    path, count = None, 0
    if not found:
        text, count, wrong = text_of(name, facts)
        found += wrong
        folder, wrong = catalog_folder(out)
        found += wrong
        if count == 0:
            help_ = "name the folder that the packages lie in, and `--package`"
            found.append(Diagnostic("RCP002", f"{', '.join(sources)}: no Python files", help=help_))
        elif folder is not None:
            path = folder / f"{name}.json"
            found += _stale(path, text) if check else _written(path, text)
    arranged = arrange(found)
    where = display(path, Path.cwd()) if path else None
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, catalog={"name": name, "file": where, "entries": count}))
    else:
        say(arranged)
        if where and not exit_code(arranged):
            click.echo(f"{where}  {count} entries")
    sys.exit(exit_code(arranged))


def _written(path: Path, text: str) -> list[Diagnostic]:
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.host import files

    try:
        files.write_text(path, text)
    except files.CannotWrite as error:
        return [Diagnostic("RCP913", str(error), help="free space, or choose another `--out`")]
    return []


def _stale(path: Path, text: str) -> list[Diagnostic]:
    from recipe_compiler.diag import Diagnostic

    if path.is_file() and path.read_bytes() == text.encode():
        return []
    message = f"{path.name} is not what its sources give"
    return [Diagnostic("RCP312", message, file=str(path), help="make it anew, without `--check`")]
