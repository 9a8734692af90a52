"""The sides that `diff`, `report` and `graph` look at: bundles, recipes, and recipes at a git revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import NamedTuple

from recipe_compiler import driver
from recipe_compiler.bundle import open_bundle
from recipe_compiler.cli.places import PROJECT
from recipe_compiler.cli.session import inputs, open_workspace, read
from recipe_compiler.diag import Diagnostic, Diagnostics, visible
from recipe_compiler.host import files, git, urls
from recipe_compiler.layering import Read
from recipe_compiler.override import Text
from recipe_compiler.side import Side, side_of
from recipe_compiler.syntax import Node
from recipe_compiler.workspace import Input, Workspace

Sets = Sequence[str | Text]


class Opened(NamedTuple):
    """A side, and what only a recipe's own files say of it."""

    side: Side
    stages: Mapping[str, Node]
    """The recipe's tree after each stage; none of a bundle."""
    profile: Node | None
    file: str
    extends: tuple[tuple[str, str], ...]
    found: Diagnostics


class Sides(NamedTuple):
    """What to compare. `before` is None where the recipe was not there; `after` where there are errors."""

    before: Side | None
    after: Opened | None
    note: str
    """What a reader must know of how they were made."""
    found: Diagnostics


def is_bundle(text: str) -> bool:
    """Whether an argument names a bundle: a folder with a manifest, or a URL that is no YAML file."""
    return not text.endswith((".yaml", ".yml")) if urls.is_url(text) else Path(text, "manifest.json").exists()


def open_side(text: str, cluster: str | None, sets: Sets) -> tuple[Opened | None, Diagnostics]:
    """A bundle as it lies there, or a recipe compiled in memory, and every finding."""
    if is_bundle(text):
        return _bundle(text, cluster)
    item, space, wrong = _one(text, cluster)
    if item is None or space is None:
        return None, wrong
    opened, found = _compiled(item, item.file, sets, space, read)
    return opened, (*wrong, *found)


def compared(
    paths: Sequence[str], against: str | None, cluster: str | None, sets: Sets, *, cluster_at_ref: bool
) -> Sides:
    """The two sides that a command's arguments name.

    Two paths; one path at a revision and now; or one path without `sets` and with them.
    """
    if against is not None:
        return _against(paths[0], against, cluster, sets, cluster_at_ref=cluster_at_ref)
    if len(paths) > 1:
        before, wrong = open_side(paths[0], cluster, sets)
        after, odd = open_side(paths[1], cluster, sets)
    else:
        before, wrong = open_side(paths[0], cluster, ())
        after, odd = open_side(paths[0], cluster, sets)
        if after is not None:
            after = after._replace(
                side=after.side._replace(title=f"{after.side.title} with {' '.join(map(str, sets))}")
            )
    if before is None or after is None:
        return Sides(None, None, "", (*wrong, *odd))
    return Sides(before.side, after, "", (*wrong, *odd))


def _against(path: str, ref: str, cluster: str | None, sets: Sets, *, cluster_at_ref: bool) -> Sides:
    item, space, wrong = _one(path, cluster)
    if item is None or space is None:
        return Sides(None, None, "", wrong)
    after, found = _compiled(item, item.file, sets, space, read)
    found = (*wrong, *found)
    tree, odd = git.open_tree(Path(space.root), ref)
    if tree is None or after is None:
        return Sides(None, None, "", (*found, *odd))
    then, odd = _workspace_at(tree, space, cluster, cluster_at_ref=cluster_at_ref)
    if then is None:
        return Sides(None, None, "", (*found, *odd))
    source = f"at {tree.ref}" if cluster_at_ref else "of the working tree, for both sides"
    note = f"{tree.ref} is {tree.commit[:12]}; cluster profile `{space.profile.cluster.name}` {source}"
    data, odd = tree.read(item.path, space.root, item.file)
    if data is None:
        if odd[0].code == "RCP001":
            return Sides(None, after, f"{item.file} is not there at {tree.ref}; {note}", found)
        return Sides(None, None, note, (*found, *odd))
    title = f"{item.file} at {tree.ref}"
    before, odd = _compiled(Input(item.file, data, item.path), title, sets, then, tree.read)
    if before is None:
        odd = tuple(replace(one, notes=(*one.notes, f"this is the recipe at {tree.ref}")) for one in odd)
        return Sides(None, None, note, (*found, *odd))
    return Sides(before.side, after, note, found)


def _workspace_at(
    tree: git.Tree, space: Workspace, cluster: str | None, *, cluster_at_ref: bool
) -> tuple[Workspace | None, Diagnostics]:
    """The workspace with the project file of the revision, and with its profile if that is wanted."""
    data, _ = tree.read(space.root / PROJECT, space.root, PROJECT)
    project, wrong = driver.load_project(data, PROJECT)
    if project is None:
        return None, wrong
    digest = None if data is None else driver.digest(data)
    then = replace(space, project=project, project_sha256=digest, layers={})
    if not cluster_at_ref:
        return then, ()
    name = cluster or project.default_cluster
    file = f"{project.clusters}/{name}.yaml"
    data, wrong = tree.read(space.root / PurePath(file), space.root, file)
    if data is None and name != "local":
        return None, wrong
    profile, wrong = driver.load_cluster(data, file)
    return (None if profile is None else replace(then, profile=profile)), wrong


def _one(text: str, cluster: str | None) -> tuple[Input | None, Workspace | None, Diagnostics]:
    """The one recipe that an argument names. Emits: RCP002."""
    space, wrong = open_workspace((text,), cluster)
    if space is None:
        return None, None, wrong
    named = list(inputs((text,), space))
    if len(named) != 1:
        message = f"{visible(text, 200)} names {len(named)} recipes"
        return None, None, (*wrong, Diagnostic("RCP002", message, file=text, help="name one recipe"))
    item, refused = named[0]
    return item, space, (*wrong, *refused)


def _compiled(item: Input, title: str, sets: Sets, space: Workspace, read_: Read) -> tuple[Opened | None, Diagnostics]:
    composed = driver.compose_recipe(item, sets, space, read_)
    compiled = driver.compile_recipe(item, sets, space, read_)
    if compiled.bundle is None:
        return None, compiled.found
    side, odd = side_of(title, compiled.bundle)
    if side is None:
        return None, odd
    opened = Opened(side, composed.stages, space.profile.tree, item.file, composed.extends, compiled.found)
    return opened, compiled.found


def _bundle(text: str, cluster: str | None) -> tuple[Opened | None, Diagnostics]:
    if urls.is_url(text):
        space, wrong = open_workspace((), cluster)
        where, wrong = (None, wrong) if space is None else urls.split(text, space.profile.cluster.schemes)
        if where is None:
            return None, wrong
        members, wrong = urls.read_bundle(where) if isinstance(where, str) else files.read_bundle(where)
        folder = str(where).rstrip("/").rpartition("/")[2]
    else:
        members, wrong = files.read_bundle(Path(text))
        folder = Path(text).absolute().name
    bundle, wrong = (None, wrong) if members is None else open_bundle(folder, members)
    side, odd = (None, wrong) if bundle is None else side_of(folder, bundle)
    return (None if side is None else Opened(side, {}, None, folder, (), ())), odd
