"""`recipec catalog diff`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import cluster_option, exit_code, format_option, print_json, say

if TYPE_CHECKING:
    from recipe_compiler.catalog import Catalog
    from recipe_compiler.catalog.compare import Change, Comparison, Difference
    from recipe_compiler.cli.migration import Migration
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.upgrade import Edit
    from recipe_compiler.workspace import Input

_SIGNS = {"added": "+", "gone": "-"}


@click.command(name="diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("recipes", nargs=-1, metavar="[RECIPE]...", shell_complete=recipes)
@cluster_option
@click.option("--filter", "globs", multiple=True, metavar="GLOB", help="Show changes of these paths only. Repeatable.")
@click.option("--fix", is_flag=True, help="Edit the recipes where the new name is certain.")
@format_option
def command(
    old: str,
    new: str,
    recipes: tuple[str, ...],
    *,
    cluster: str | None,
    globs: tuple[str, ...],
    fix: bool,
    format_: str,
) -> None:
    """Compare two catalogs: what changed, and which recipes break.

    OLD and NEW are names of catalogs or their files. Each recipe (default: all of the project) is
    checked with NEW in the place of OLD; it breaks if it then has errors that it has not now.
    `--fix` mends what is certain: a definition that is elsewhere as it was, and a parameter or field
    that went while exactly one of its type, its default and nearly its name came. A base is edited
    only if that is right for all recipes that extend it.

    \b
    Examples:
      recipec catalog . --package hello --name old
      recipec catalog diff old catalogs/old.json
      recipec catalog diff old old recipes/hello.yaml --filter 'hello.*' --fix
    """
    from recipe_compiler.cli.catalogs import open_catalog
    from recipe_compiler.cli.migration import Migration, project_recipes, slot_of
    from recipe_compiler.cli.session import inputs, open_workspace
    from recipe_compiler.diag import arrange

    found: list[Diagnostic] = []
    pair = [open_catalog(name, found) for name in (old, new)]
    comparison = _compared(pair, (old, new), found)
    changes: list[Change] = []
    rows: list[dict[str, Any]] = []
    made: list[Edit] = []
    kept: list[Edit] = []
    if comparison is not None and pair[0] is not None and pair[1] is not None:
        changes = [one for one in comparison.changes if not globs or any(fnmatchcase(one.path, g) for g in globs)]
        space, wrong = open_workspace(recipes or (".",), cluster)
        found += wrong
        slot, wrong = slot_of(space, pair[0], pair[1]) if space is not None else (None, ())
        found += wrong
        if space is not None and slot is not None:
            migration = Migration(space, slot, pair[0], pair[1], comparison.moved)
            every = list(project_recipes(space))
            wanted = []
            for item, wrong in inputs(recipes, space) if recipes else ((item, ()) for item in every):
                found += wrong
                wanted += [item] if item is not None else []
            every += [item for item in wanted if item.file not in {one.file for one in every}]
            rows, made, kept = _migrated(migration, wanted, every, found, fix=fix)
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(
            document(
                arranged,
                changes=[_change_json(one) for one in changes],
                recipes=rows,
                edits=[one._asdict() for one in made],
                not_edited=[one._asdict() for one in kept],
            )
        )
    else:
        for line in (
            *_text(changes, "no such path changed" if globs else "nothing changed"),
            *_edit_lines(made, kept),
            *map(_recipe_line, rows),
        ):
            click.echo(line)
        say(arranged, err=False)
    sys.exit(exit_code(arranged))


def _compared(pair: Sequence[Catalog | None], names: tuple[str, str], found: list[Diagnostic]) -> Comparison | None:
    """All changes, or a finding that a catalog is damaged. Emits: RCP310."""
    from recipe_compiler.catalog.compare import compare
    from recipe_compiler.diag import Diagnostic, visible

    if pair[0] is None or pair[1] is None:
        return None
    try:
        return compare(pair[0], pair[1])
    except (ValueError, LookupError, TypeError, AttributeError):  # cut, or edited by hand
        shown = " or ".join(f"`{visible(name, 80)}`" for name in names)
        found.append(
            Diagnostic("RCP310", f"the catalog {shown} is damaged", help="make it anew with `recipec catalog`")
        )
        return None


def _migrated(
    migration: Migration, wanted: Sequence[Input], every: Sequence[Input], found: list[Diagnostic], *, fix: bool
) -> tuple[list[dict[str, Any]], list[Edit], list[Edit]]:
    """A row for each recipe, the edits, and those that were not made; findings are added to `found`."""
    before = {item.file: migration.checked(item, migration.old).found for item in wanted}
    made, kept = migration.fix(wanted, every) if fix else ([], [])
    rows = []
    for item in wanted:
        broken, silent, both = migration.breaks(item, before[item.file])
        found += (*broken, *silent)
        errors = sum(one.severity == "error" for one in broken)
        row = {"file": item.file, "breaks": errors > 0, "errors": errors, "errors_with_both": both}
        rows.append({**row, "defaults_changed": len(silent)})
    if made:
        _write(migration, every, found)
    return rows, made, kept


def _write(migration: Migration, every: Sequence[Input], found: list[Diagnostic]) -> None:
    from recipe_compiler.diag import Diagnostic
    from recipe_compiler.host import files

    for file, text in sorted(migration.texts.items()):
        path = migration.path_of(file, every)
        mark = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
        try:
            files.write_text(path, mark + text)
        except files.CannotWrite as error:
            found.append(Diagnostic("RCP913", str(error), file=file, help="free space, or check the permissions"))


def _change_json(change: Change) -> dict[str, Any]:
    return {**change._asdict(), "differences": [one._asdict() for one in change.differences]}


def _text(changes: Sequence[Change], nothing: str) -> Iterator[str]:
    """What changed, by kind; names of one module that are gone without a trace stand in one line."""
    counts = {kind: sum(one.kind == kind for one in changes) for kind in ("gone", "moved", "renamed", "changed", "new")}
    yield ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or nothing
    for kind in counts:
        lost: dict[str, list[str]] = {}
        for change in changes:
            if change.kind != kind:
                continue
            module, _, name = change.path.rpartition(".")
            if kind in {"gone", "new"} and not change.to:
                lost.setdefault(module, []).append(name)
                continue
            arrow = {"gone": "perhaps ", "changed": "now ", "renamed": "probably "}.get(kind, "")
            to = f"  -> {arrow}{', '.join(change.to)}" if change.to else ""
            yield f"{kind:<8} {change.path}{to}"
            yield from map(_difference, change.differences)
        for module, names in lost.items():
            yield f"{kind:<8} {module}: {', '.join(names)}"


def _difference(one: Difference) -> str:
    word = "field " if one.of == "field" else ""
    if one.kind in {"order", "returns", "bases"}:
        return f"    ~ {one.kind}: {one.old or 'none'} -> {one.new or 'none'}"
    if one.kind in _SIGNS:
        needed = "  (required)" if "required" in one.aspects else ""
        return f"    {_SIGNS[one.kind]} {word}{one.old or one.new}{needed}"
    return f"    ~ {word}{one.old} -> {one.new}"


def _edit_lines(made: Sequence[Edit], kept: Sequence[Edit]) -> Iterator[str]:
    for edit in made:
        yield f"edited   {edit.file}: `{edit.old}` is `{edit.new}` now"
    for edit in kept:
        no_file = edit.file == "<stdin>" or "://" in edit.file
        why = "is not in a file" if no_file else "is not right for all recipes that share the file"
        yield f"kept     {edit.file}: `{edit.old}`, for `{edit.new}` {why}"


def _recipe_line(row: dict[str, Any]) -> str:
    count = row["errors"]
    if row["breaks"]:
        return f"breaks   {row['file']}: {count} error{'s' if count > 1 else ''}"
    if row["errors_with_both"]:
        return f"invalid  {row['file']}: with the old catalog too"
    count = row["defaults_changed"]
    return (
        f"doubtful {row['file']}: {count} default{'s' if count > 1 else ''} changed"
        if count
        else f"holds    {row['file']}"
    )
