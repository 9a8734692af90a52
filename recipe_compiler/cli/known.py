"""The catalogs of a project: where they lie, and those that a profile names."""

from __future__ import annotations

import os
from pathlib import Path

from recipe_compiler import driver
from recipe_compiler.catalog import Catalog, Constraint
from recipe_compiler.cli.places import PROJECT, display, find_project
from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.host import files
from recipe_compiler.syntax.text import MAX_BYTES
from recipe_compiler.workspace import Profile, catalog_names


def catalog_folder(out: str | None) -> tuple[Path | None, Diagnostics]:
    """Where `recipec catalog` writes: `out`, else the project's folder of catalogs."""
    if out is not None:
        return Path(out), ()
    root = find_project(Path.cwd())
    data, wrong = files.read_bytes(root / PROJECT, MAX_BYTES) if root else (None, ())
    project, odd = driver.load_project(data, PROJECT)
    return (None if project is None else (root or Path.cwd()) / project.catalogs), (*wrong, *odd)


def known_catalogs(
    root: Path, folder: str, profile: Profile
) -> tuple[dict[str, Catalog], dict[str, tuple[Constraint, ...]], Diagnostics]:
    """The catalogs that a profile names, opened, and the constraints beside them. Emits: RCP310.

    Of a catalog only its header is read.
    """
    home = Path(os.environ.get("RECIPEC_CATALOGS") or root / folder)
    catalogs, constraints = {}, {}
    found: list[Diagnostic] = []
    for name, where in catalog_names(profile):
        path = home / f"{name}.json"
        data, wrong = files.map_file(path, display(path, root))
        try:
            if data is None:
                reason = wrong[0].message
            else:
                catalogs[name] = Catalog(name, data)
                beside = path.with_name(f"{name}.constraints.yaml")
                if beside.is_file():
                    text, odd = files.read_bytes(beside, MAX_BYTES, display(beside, root))
                    constraints[name], more = driver.load_constraints(text or b"", display(beside, root))
                    found += (*odd, *more)
                continue
        except ValueError as error:
            reason = f"{display(path, root)} is not a catalog: {error}"
        help_ = "make it with `recipec catalog`, or correct the name in the profile"
        found.append(Diagnostic("RCP310", f"cannot read the catalog `{name}`: {reason}", where, help=help_))
    return catalogs, constraints, tuple(found)
