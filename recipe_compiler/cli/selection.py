"""`validate --changed-since REF`: the recipes that a change affects, read off git and off their texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from recipe_compiler import affected, driver
from recipe_compiler.affected import Why
from recipe_compiler.cli.places import PROJECT, display
from recipe_compiler.cli.session import inputs, read
from recipe_compiler.diag import Diagnostic, Diagnostics, has_errors
from recipe_compiler.host import files, git
from recipe_compiler.layering import Read, joined
from recipe_compiler.override import Text
from recipe_compiler.syntax import find, label
from recipe_compiler.syntax.text import MAX_BYTES
from recipe_compiler.workspace import Input, Workspace, catalog_names

Named = tuple[str, str]
"""The name and the file of a recipe."""


class Selection(NamedTuple):
    """What to check: `reader` gives the affected recipes alone."""

    reader: Read
    line: str
    """How many are affected, and why."""
    chosen: dict[PurePath, Why]
    recipes: dict[PurePath, str]
    found: Diagnostics

    def as_json(self) -> list[dict[str, Any]]:
        """Each affected recipe with the reason."""
        return [{"recipe": self.recipes[path], "why": why.text} for path, why in self.chosen.items()]


def select(paths: Sequence[str], space: Workspace, ref: str, sets: Sequence[str | Text] = ()) -> Selection:
    """The recipes of `paths` that what changed since `ref` affects; all where that cannot be told. Emits: RCP007."""
    recipes = {item.path: item.file for item, _ in inputs(paths, space, b"", _unread) if item is not None}
    changes, wrong = git.changes(Path(space.root), ref)
    if changes is None:
        why = wrong[0]
        found = Diagnostic("RCP007", f"{why.message}: every recipe is checked", help=why.help)
        return Selection(read, "every recipe is checked", {}, recipes, (found,))
    others = frozenset(changes.yaml) - frozenset(recipes)
    work = affected.Files(frozenset(changes.changed), frozenset(changes.new), others)
    projects = [path for path in work.changed if path.name == PROJECT]  # one that is gone is not the space's root
    chosen = affected.select(
        recipes,
        work,
        [*_shared(space), *projects],
        lambda path: _shown(path, space),
        _text,
        _inputs_of(space, recipes, sets),
    )

    profile = Path(space.root) / space.profile.tree.source.file
    own: Diagnostics = (
        (_own_policy(space),) if profile in work.changed and any(path in work.changed for path in recipes) else ()
    )

    def reader(path: PurePath, root: PurePath, file: str) -> tuple[bytes | None, Diagnostics]:
        return read(path, root, file) if path in chosen else (None, ())

    return Selection(reader, affected.summary(chosen, len(recipes), ref), chosen, recipes, own)


def _own_policy(space: Workspace) -> Diagnostic:
    """The finding that recipes and the policy they are checked by changed together. Emits: RCP730."""
    where = label(space.profile.tree, ("name",), "changed too")
    message = f"recipes changed together with the profile of cluster `{space.profile.cluster.name}` that judges them"
    help_ = "check them by the profile of the base commit: `RECIPEC_CLUSTERS=DIR`, or `trusted` of the action"
    return Diagnostic("RCP730", message, where, help=help_)


def others_named(selection: Selection, names: Collection[str], space: Workspace) -> list[Named]:
    """The recipes that are not affected and have one of the names."""
    rest = [path for path in selection.recipes if path not in selection.chosen] if selection.chosen else []
    same = []
    for path in affected.names_to_ask(rest, names, _text):
        item = Input(selection.recipes[path], _text(path), path)
        tree = driver.compose_recipe(item, (), space, read).tree
        name = tree.value.get("name") if tree is not None else None
        if name is not None and name.value in names:
            same.append((str(name.value), item.file))
    return same


def _unread(_path: PurePath, _root: PurePath, _file: str) -> tuple[bytes | None, Diagnostics]:
    return b"", ()


@cache
def _text(path: PurePath) -> bytes:
    return files.read_bytes(Path(path), MAX_BYTES)[0] or b""


def _shown(path: PurePath, space: Workspace) -> str:
    return display(Path(path), Path(space.root))


def _shared(space: Workspace) -> list[PurePath]:
    """What every recipe depends on: the project file, the profile, the catalogs and what stands beside them."""
    root = Path(space.root)
    home = Path(os.environ.get("RECIPEC_CATALOGS") or root / space.project.catalogs)
    names = [name for name, _ in catalog_names(space.profile)]
    catalogs = [home / f"{name}{ending}" for name in names for ending in (".json", ".constraints.yaml")]
    return [root / PROJECT, root / space.profile.tree.source.file, *catalogs]


def _inputs_of(
    space: Workspace, recipes: dict[PurePath, str], sets: Sequence[str | Text]
) -> Callable[[PurePath], Collection[str] | None]:
    def made_of(path: PurePath) -> Collection[str] | None:
        item = Input(recipes[path], _text(path), path)
        composed = driver.compose_recipe(item, sets, space, read)
        if composed.tree is None or has_errors(composed.found):
            return None
        node, there = find(composed.tree, ("script", "path"))
        if there[:1] != ("script",) or not isinstance(node.value, str):  # `script: FILE` is short for `path`
            return composed.digests.keys()
        return {*composed.digests, _shown(joined(path.parent, node.value), space)}

    return made_of
