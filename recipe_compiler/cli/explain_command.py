"""`recipec explain`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recipe_compiler.cli.options import EXIT_FINDINGS, format_option, print_json


@click.command(name="explain")
@click.argument("code", required=False)
@format_option
def command(code: str | None, format_: str) -> None:
    """Say what a diagnostic code means, with an example and what to write instead.

    CODE is a code such as RCP201 or its name such as `unknown-key`; without one, all are listed.

    \b
    Examples:
      recipec explain RCP201
      recipec explain
    """
    from recipe_compiler import explain  # noqa: PLC0415
    from recipe_compiler.codes import CODES  # noqa: PLC0415
    from recipe_compiler.diag import did_you_mean, visible  # noqa: PLC0415

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
