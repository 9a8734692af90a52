"""A catalog that a command names: by its name in the project, or by its file."""

from __future__ import annotations

from pathlib import Path

from recipe_compiler.catalog import Catalog
from recipe_compiler.cli.known import catalog_folder
from recipe_compiler.cli.places import display
from recipe_compiler.diag import Diagnostic, visible
from recipe_compiler.host import files


def open_catalog(name: str, found: list[Diagnostic]) -> Catalog | None:
    """The catalog, or a finding why there is none. Emits: RCP310."""
    folder = None
    if "/" not in name and not name.endswith(".json"):
        folder, wrong = catalog_folder(None)
        found += wrong
    path = Path(name) if folder is None else folder / f"{name}.json"
    shown = display(path, Path.cwd())
    data, odd = files.map_file(path, shown)
    try:
        if data is not None:
            made = Catalog("", data)
            made.name = str(made.header.get("name", path.stem))
            return made
        reason = odd[0].message
    except ValueError as error:
        reason = f"{shown} is not a catalog: {error}"
    message = f"cannot read the catalog `{visible(name, 80)}`: {reason}"
    found.append(Diagnostic("RCP310", message, file=shown, help="make it with `recipec catalog`, or correct the name"))
    return None
