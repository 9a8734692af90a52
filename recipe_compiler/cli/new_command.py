"""`recipec new`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.options import cluster_option, exit_code, format_option, print_json, say

if TYPE_CHECKING:
    from recipe_compiler.catalog import Catalogs
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.workspace import Workspace


@click.command(name="new")
@click.option("--from-function", "function", required=True, metavar="PATH", help="The function: `package.module.name`.")
@click.option("--out", metavar="FILE", help="The file to write, which must not exist. Default: standard output.")
@cluster_option
@click.option("--catalog", "names", multiple=True, metavar="NAME", help="Catalogs in place of the profile's.")
@format_option
def command(function: str, *, out: str | None, cluster: str | None, names: tuple[str, ...], format_: str) -> None:
    """Write a recipe for a function, with every parameter of it.

    Required parameters stand there with the smallest value of their type, or a call that makes one;
    those with a default are comments. The recipe is checked on the cluster before it is written.

    \b
    Examples:
      recipec catalog . --package hello --name project
      recipec new --from-function hello.main --catalog project
      recipec new --from-function hello.main --catalog project --out recipes/greet.yaml
    """
    from recipe_compiler import driver
    from recipe_compiler.cli.session import open_workspace, read
    from recipe_compiler.diag import Diagnostic, arrange, visible
    from recipe_compiler.skeleton import recipe
    from recipe_compiler.workspace import Input

    space, wrong = open_workspace([out or "."], cluster)
    found = list(wrong)
    text = ""
    if space is not None:
        path = function.replace(":", ".")
        image, catalogs = _home(space, path, names, found)
        there = catalogs.resolve(path) if catalogs is not None else None
        if catalogs is None or there is None or there.kind not in {"function", "class"}:
            if not found:
                found.append(_unknown(space, path, catalogs))
        else:
            file = out or "<new recipe>"
            default = space.profile.cluster.defaults.container
            text, missing = recipe(
                _name(out, path),
                there,
                function,
                catalogs,
                functions=space.profile.cluster.functions,
                container=None if image == default else image,
                file=file,
            )
            where = Path(out).absolute() if out else space.root / "new.yaml"
            checked = driver.compile_recipe(Input(file, text.encode(), where), (), space, read)
            found += (*missing, *checked.found)
    if out is not None and Path(out).exists():
        found.append(Diagnostic("RCP913", f"{visible(out, 200)} is there already", file=out, help="name a new file"))
    elif out is not None and text:
        _write(Path(out), text, found)
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, file=out, recipe=text))
    else:
        click.echo(text if out is None else f"wrote {out}" if text and Path(out).exists() else "", nl=out is not None)
        say(arranged)
    sys.exit(exit_code(arranged))


def _write(path: Path, text: str, found: list[Diagnostic]) -> None:
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.host import files

    try:
        files.write_text(path, text)
    except files.CannotWrite as error:
        found.append(Diagnostic("RCP913", str(error), help="free space, or choose another `--out`"))


def _home(space: Workspace, path: str, names: tuple[str, ...], found: list[Diagnostic]) -> tuple[str, Catalogs | None]:
    """The image that has the function, the default one first, and its catalogs; those of `names` if there are any."""
    from recipe_compiler.catalog import Catalogs
    from recipe_compiler.cli.catalogs import open_catalog

    cluster = space.profile.cluster
    default = cluster.defaults.container
    if names:
        opened = [open_catalog(name, found) for name in names]
        return default, Catalogs([one for one in opened if one is not None])
    first: Catalogs | None = None
    for image in dict.fromkeys((default, *cluster.images, "none")):
        known = cluster.images[image].catalogs if image in cluster.images else None
        listed = cluster.catalogs if known is None else known
        catalogs = None if listed is None else Catalogs([space.catalogs[name] for name in listed])
        if catalogs is not None and catalogs.resolve(path) is not None:
            return image, catalogs
        first = first or catalogs
    return default, first


def _unknown(space: Workspace, path: str, catalogs: Catalogs | None) -> Diagnostic:
    """Why there is no signature. Emits: RCP315."""
    from recipe_compiler.catalog.nearest import nearest
    from recipe_compiler.diag import Diagnostic, visible

    name, shown = space.profile.cluster.name, visible(path, 80)
    if catalogs is None:
        help_ = "make one with `recipec catalog`, and name it in the profile or with `--catalog`"
        return Diagnostic("RCP315", f"cluster `{name}` has no catalog, so `{shown}` is not known", help=help_)
    near = " or ".join(f"`{one}`" for one in nearest(path, catalogs))
    message = f"no catalog of cluster `{name}` has a function `{shown}`"
    return Diagnostic("RCP315", message, help=f"did you mean {near}?" if near else "make its catalog anew")


def _name(out: str | None, path: str) -> str:
    """A name for the recipe: that of its file, or of its function."""
    text = Path(out).stem if out else path.rpartition(".")[2]
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._") or "recipe"
