"""One run, printed in one format and written in any others: `--format`, and `--output FORMAT=FILE`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any, cast

import click

from recipe_compiler.cli.options import exit_code, say, use_color
from recipe_compiler.diag import Diagnostic, Diagnostics, arrange
from recipe_compiler.driver import Compiled, collisions
from recipe_compiler.report import FORMATS
from recipe_compiler.report.run import Format, Run, Verdict, counts, without_secrets
from recipe_compiler.workspace import Workspace


def rendered(name: str, run: Run) -> str:
    """The run in the format of that name."""
    module = cast("Format", import_module(f"recipe_compiler.report.{FORMATS[name]}"))
    return module.render(run)


def verdict(item: Compiled) -> Verdict:
    """What became of one recipe, without its bundle: a run may have ten thousand."""
    errors, warnings = counts(item.found)
    digest = item.bundle.digest if item.bundle else None
    return Verdict(item.file, errors, warnings, item.plan.name if item.plan else None, digest)


def run_of(
    found: Sequence[Diagnostic],
    verdicts: Sequence[Verdict],
    space: Workspace | None,
    others: Iterable[tuple[str, str]] = (),
    **fields: Any,  # noqa: ANN401  JSON values
) -> Run:
    """The run of a command that looked at recipes; `fields` are its own in JSON.

    `others`: name and file of recipes that it did not look at, for two of one name are an error.
    """
    named = [(item.name, item.recipe) for item in verdicts if item.name]
    same = collisions([*others, *named])
    hit = {item.file for item in same}
    return Run(
        tuple(without_secrets(item) for item in arrange((*found, *same))),
        recipes=tuple(item.recipe for item in verdicts),
        verdicts=tuple(item._replace(errors=item.errors + 1) if item.recipe in hit else item for item in verdicts),
        cluster=space.profile.cluster.name if space else None,
        fields=fields,
        folder=_folder(space.root) if space else "",
    )


def _folder(root: PurePath) -> str:
    """The project's folder below the repository's: `.git` says where that is."""
    top = next((folder for folder in (root, *root.parents) if Path(folder, ".git").exists()), root)
    return f"{root.relative_to(top).as_posix()}/" if top != root else ""


def emit(run: Run, format_: str, outputs: Iterable[tuple[str, str]], *, quiet: bool = False) -> int:
    """Write the files, print the run on stdout, and answer with the exit code.

    `quiet`: in the format for people, findings alone, on stderr; stdout is the command's own.
    """
    failed = write_outputs(run, outputs)
    if format_ != "text":
        click.echo(rendered(format_, run), nl=False)
    elif quiet:
        say(run.found)
    else:
        click.echo(rendered("text", run._replace(color=use_color())), nl=False, color=True)
    say(failed)
    return exit_code((*run.found, *failed))


def write_outputs(run: Run, outputs: Iterable[tuple[str, str]]) -> Diagnostics:
    """What went wrong with writing each `FORMAT=FILE`. Emits: RCP913."""
    from recipe_compiler.host.edits import write_report
    from recipe_compiler.host.files import CannotWrite

    found = []
    for name, file in outputs:
        try:
            write_report(Path(file), rendered(name, run))
        except CannotWrite as error:
            found.append(Diagnostic("RCP913", str(error), help="free space, or choose another file"))
    return tuple(found)
