"""`recipec explain`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recipe_compiler.cli.complete import recipes_or_codes, routes
from recipe_compiler.cli.options import (
    EXIT_FINDINGS,
    cluster_option,
    exit_code,
    format_option,
    print_json,
    say,
    set_option,
)


@click.command(name="explain")
@click.argument("what", required=False, metavar="[CODE | RECIPE]", shell_complete=recipes_or_codes)
@click.option(
    "--value", metavar="ROUTE", help="Say where the value of RECIPE at this route comes from.", shell_complete=routes
)
@cluster_option
@set_option
@format_option
def command(what: str | None, value: str | None, cluster: str | None, sets: tuple[str, ...], format_: str) -> None:
    """Say what a diagnostic code means, or with `--value` where a value comes from.

    CODE is a code such as RCP201 or its name such as `unknown-key`; without one, all are listed.
    ROUTE is `args.optim.lr` or `args.layers[0].size`; `lr` alone means `args.lr`. The history
    of the value is printed, newest first.

    \b
    Examples:
      recipec explain RCP201
      recipec explain
      recipec explain --value args.name recipes/hello.yaml --set args.name=you
    """
    if value is not None:
        if what is None:
            raise click.UsageError("Missing argument 'RECIPE'.")
        _explain_value(what, value, cluster, sets, format_)
    elif cluster is not None or sets:
        raise click.UsageError("'--cluster' and '--set' go with '--value'.")
    else:
        _explain_code(what, format_)


def _explain_value(recipe: str, route: str, cluster: str | None, sets: tuple[str, ...], format_: str) -> None:
    from recipe_compiler.cli.session import compose_one
    from recipe_compiler.cli.status_command import table
    from recipe_compiler.diag import arrange, visible
    from recipe_compiler.driver import FIELDS
    from recipe_compiler.parameters import change_json, history, wanted
    from recipe_compiler.report.written import written
    from recipe_compiler.syntax import plain

    one = compose_one(recipe, cluster, sets)
    file, stages, wrong = one.file, one.stages, one.found
    target, missing = wanted(stages, route, file, FIELDS) if stages else ((), ())
    changes = history(stages, target, file) if stages and not missing else ()
    arranged = arrange((*wrong, *missing))
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        steps = [{"value": plain(change.node), **change_json(change)} for change in changes]
        print_json(document(arranged, path=list(target), history=steps))
    else:
        if changes:
            cells = [(written(plain(one.node), 60), visible(one.place, 100), one.by) for one in changes]
            click.echo(table([dict(zip(("value", "place", "set_by"), row, strict=True)) for row in cells]))
        say(arranged)
    sys.exit(exit_code(arranged))


def _explain_code(code: str | None, format_: str) -> None:
    from recipe_compiler import explain
    from recipe_compiler.codes import CODES
    from recipe_compiler.diag import did_you_mean, visible

    if code is None:
        if format_ == "json":
            print_json({"format_version": "1.0", "codes": {key: item._asdict() for key, item in CODES.items()}})
        else:
            click.echo("\n".join(f"{key}  {item.severity:<8} {item.slug}" for key, item in CODES.items()))
        return
    slugs = {item.slug: key for key, item in CODES.items()}
    wanted = slugs.get(code.lower(), code.upper())
    page = Path(explain.__path__[0], f"{wanted}.md")
    if wanted not in CODES or not page.is_file():
        near = did_you_mean(code, [*CODES, *slugs])
        click.echo(
            f"recipec: there is no code `{visible(code, 60)}`" + (f"; did you mean `{near}`?" if near else ""), err=True
        )
        sys.exit(EXIT_FINDINGS)
    text = page.read_text(encoding="utf-8")
    if format_ == "json":
        print_json({"format_version": "1.0", "code": wanted, "name": CODES[wanted].slug, "page": text})
    else:
        click.echo(text, nl=False)
