"""`recipec params`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from recipe_compiler.cli.options import cluster_option, exit_code, format_option, print_json, say, set_option

if TYPE_CHECKING:
    from recipe_compiler.parameters import Change, Parameter

_FILE_STAGES = frozenset({"recipe", "base", "override"})
"""Where the place alone says who set a value."""
_PLAIN = re.compile(r"[\w./][\w./:@+-]*(?: [\w./][\w./@+-]*)*")


@click.command(name="params")
@click.argument("recipe")
@cluster_option
@set_option
@click.option("--filter", "globs", multiple=True, metavar="GLOB", help="Only these: `args.optim.*`, `lr`. Repeatable.")
@click.option("--tree", is_flag=True, help="Show them as a tree, as YAML with a comment each.")
@format_option
def command(
    recipe: str, cluster: str | None, sets: tuple[str, ...], globs: tuple[str, ...], tree: bool, format_: str
) -> None:
    """List every parameter of a recipe: its value, who set it, and whether it can be overridden.

    The recipe may have findings, as long as its layers compose; they are printed too.

    \b
    Examples:
      recipec params recipes/hello.yaml
      recipec params recipes/hello.yaml --set args.name=you --filter 'args.*' --tree
      recipec params recipes/hello.yaml --filter name --format json
    """
    from recipe_compiler.cli.session import compose_one
    from recipe_compiler.diag import Diagnostic, arrange, visible
    from recipe_compiler.driver import FIELDS
    from recipe_compiler.parameters import as_json, chosen, listed

    file, stages, profile, wrong = compose_one(recipe, cluster, sets)
    found = list(wrong)
    rows = chosen(listed(stages, file, profile, FIELDS), globs) if stages else []
    if stages and not rows:
        shown = ", ".join(f"`{visible(glob, 60)}`" for glob in globs)
        help_ = "write a route such as `args.optim.*`, or a name such as `lr`"
        found.append(Diagnostic("RCP002", f"no parameter of {file} is named by {shown}", file=file, help=help_))
    arranged = arrange(found)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        print_json(document(arranged, parameters=[as_json(row) for row in rows]))
    else:
        if rows:
            click.echo("\n".join(_tree(rows)) if tree else _table(rows))
        say(arranged)
    sys.exit(exit_code(arranged))


def shown(value: Any, limit: int) -> str:  # noqa: ANN401  JSON
    """A value as YAML's flow style has it, cut at `limit`; a secret is never printed."""
    from recipe_compiler.diag import visible
    from recipe_compiler.secret_shapes import masked
    from recipe_compiler.syntax.scalars import resolve

    if isinstance(value, str) and _PLAIN.fullmatch(value) and resolve(value) == (value, None):
        return visible(masked(value), limit)
    return visible(masked(json.dumps(value, ensure_ascii=False)), limit)


def set_by(change: Change) -> str:
    """The place of who set a value, and the stage where the place does not say it."""
    return change.place if change.by in _FILE_STAGES else f"{change.place} ({change.by})"


def _table(rows: Sequence[Parameter]) -> str:
    from recipe_compiler.cli.status_command import table
    from recipe_compiler.diag import route_text, visible
    from recipe_compiler.syntax import plain

    return table(
        [
            {
                "parameter": visible(route_text(row.route), 80),
                "value": shown(plain(row.node), 40),
                "type": row.kind,
                "set_by": visible(set_by(row.set_by), 80),
                "overridable": visible(_overridable(row), 120),
            }
            for row in rows
        ]
    )


def _overridable(row: Parameter) -> str:
    if not row.overridable:
        return f"no: {row.why}"
    return f"as `{row.via}`: {row.why}" if row.via else "yes"


def _tree(rows: Sequence[Parameter]) -> Iterator[str]:
    """YAML with a comment to each leaf."""
    from recipe_compiler.diag import visible
    from recipe_compiler.syntax import plain

    lines: list[tuple[str, str]] = []
    above: tuple[str | int, ...] = ()
    for row in rows:
        shared = 0
        while shared < len(above) and above[: shared + 1] == row.route[: shared + 1]:
            shared += 1
        lines += [(f"{'  ' * depth}{_part(row.route[depth])}:", "") for depth in range(shared, len(row.route) - 1)]
        last = len(row.route) - 1
        note = set_by(row.set_by) + ("" if row.overridable and not row.via else f"; {_note(row)}")
        lines.append((f"{'  ' * last}{_part(row.route[last])}: {shown(plain(row.node), 60)}", visible(note, 160)))
        above = row.route[:-1]
    width = max(len(text) for text, _ in lines)
    return (f"{text:<{width}}  # {note}" if note else text for text, note in lines)


def _note(row: Parameter) -> str:
    return f"override `{row.via}`" if row.via else f"not overridable: {row.why}"


def _part(part: str | int) -> str:
    from recipe_compiler.diag import visible

    return f"[{part}]" if isinstance(part, int) else visible(part, 60)
