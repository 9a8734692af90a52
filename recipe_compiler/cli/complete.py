"""What a shell offers for a word: recipes, clusters, routes and codes. Nothing is parsed or checked for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipe_compiler.cli.places import PROJECT, find_project

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_YAML = (".yaml", ".yml")
_SIGNS = "+~"


def recipes(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """YAML files, and the folders on the way to them."""
    return list(_files(incomplete, _YAML))


def recipes_or_codes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Diagnostic codes, each with its name, and names; recipes too."""
    from recipe_compiler.codes import CODES

    codes = [_offer(code, help=item.slug) for code, item in CODES.items() if code.startswith(incomplete.upper())]
    slugs = [_offer(item.slug, help=code) for code, item in CODES.items() if item.slug.startswith(incomplete)]
    return [*codes, *(slugs if incomplete else ()), *recipes(ctx, param, incomplete)]


def _offer(value: str, *, help: str = "", type: str = "plain") -> CompletionItem:  # noqa: A002  click's names
    from click.shell_completion import CompletionItem

    return CompletionItem(value, type=type, help=help or None)


def _files(incomplete: str, ends: tuple[str, ...]) -> Iterator[CompletionItem]:
    head, _, tail = incomplete.rpartition("/")
    shown = f"{head}/" if "/" in incomplete else ""
    try:
        with os.scandir(Path(shown).expanduser() if shown else ".") as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:
        return
    for name, is_folder in found:
        if not name.startswith(tail) or (name[0] == "." and not tail) or not name.isprintable():
            continue
        if is_folder or (name.endswith(ends) and name != PROJECT):
            yield _offer(f"{shown}{name}" + ("/" if is_folder else ""), type="path")


def clusters(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the project's cluster profiles, and the embedded one; files where a path is begun."""
    if "/" in incomplete:
        return list(_files(incomplete, _YAML))
    first = next(iter(_named(ctx)), None)
    root = find_project((first or Path()).absolute()) or Path.cwd()
    home = Path(os.environ.get("RECIPEC_CLUSTERS") or root / _folder(root))
    names = {*(item.stem for item in home.glob("*.yaml")), "local"}
    return [_offer(name) for name in sorted(names) if name.startswith(incomplete) and name.isprintable()]


def _folder(root: Path) -> str:
    """Where the project file says that profiles lie."""
    try:
        text = (root / PROJECT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "clusters"
    found = re.search(r"^clusters:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    return found[1] if found else "clusters"


def routes(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The routes of the recipe that the line names."""
    return [_offer(route) for route in _routes(ctx) if route.startswith(incomplete)]


def overrides(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same, as the left side of `KEY=VALUE`; `~KEY` takes no value."""
    if "=" in incomplete:
        return []
    sign = incomplete[:1] if incomplete[:1] and incomplete[0] in _SIGNS else ""
    ends = "" if sign == "~" else "="
    begun = incomplete[len(sign) :]
    return [_offer(f"{sign}{route}{ends}") for route in _routes(ctx) if route.startswith(begun)]


def _routes(ctx: click.Context) -> list[str]:
    from recipe_compiler.cli.routes import of_recipe

    every = [route for file in _named(ctx)[:1] for route in of_recipe(file)]
    return [route for route in every if route.isprintable()]


def _named(ctx: click.Context) -> list[Path]:
    """The recipes on the line: those before the cursor, then those after it."""
    words: list[str] = []
    for value in ctx.params.values():
        words += [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, str)]
    words += re.split(r"[\n ]", os.environ.get("COMP_WORDS", ""))
    found = (Path(word).expanduser() for word in words if word.endswith(_YAML))
    return [path for path in found if path.is_file()]
