"""What compile, validate and submit begin with: which recipes, which project, which cluster."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import NamedTuple

from recipe_compiler import driver
from recipe_compiler.cli.known import known_catalogs
from recipe_compiler.cli.places import PROJECT, display, find_project
from recipe_compiler.cli.progress import Progress
from recipe_compiler.diag import Diagnostic, Diagnostics, did_you_mean, visible
from recipe_compiler.host import files, urls
from recipe_compiler.layering import Read
from recipe_compiler.override import Text, texts_of_file
from recipe_compiler.project import Project
from recipe_compiler.render import Templates
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node
from recipe_compiler.syntax.text import MAX_BYTES, decode
from recipe_compiler.workspace import Input, Workspace


@dataclass(frozen=True, slots=True)
class Opened:
    """A project: its folder, its file's content and digest."""

    root: Path
    project: Project
    sha256: str | None


def open_project(paths: Sequence[str]) -> tuple[Opened | None, Diagnostics]:
    """The project of the first path; the defaults where there is none."""
    first = next((path for path in paths if path != "-" and not urls.is_url(path)), None)
    start = Path.cwd() if first is None else _anchor(Path(first).absolute())
    found_root = find_project(start)
    data: bytes | None = None
    if found_root is not None:
        data, wrong = files.read_bytes(found_root / PROJECT, MAX_BYTES)
        if data is None:
            return None, wrong
    project, wrong = driver.load_project(data, PROJECT)
    if project is None:
        return None, wrong
    return Opened(found_root or start, project, None if data is None else driver.digest(data)), wrong


def open_cluster(opened: Opened, name: str) -> tuple[Workspace | None, Diagnostics]:
    """The project with one of its clusters."""
    profile_data, file, wrong = _profile(opened.root, opened.project.clusters, name)
    if wrong:
        return None, wrong
    profile, wrong = driver.load_cluster(profile_data, file)
    if profile is None:
        return None, wrong
    catalogs, constraints, odd = known_catalogs(opened.root, opened.project.catalogs, profile)
    if odd:
        return None, (*wrong, *odd)
    root, templates = PurePath(opened.root), Templates(files.templates())
    return Workspace(root, opened.project, opened.sha256, profile, templates, catalogs, constraints), wrong


def open_workspace(paths: Sequence[str], cluster: str | None) -> tuple[Workspace | None, Diagnostics]:
    """The project of the first path, and its cluster profile."""
    opened, wrong = open_project(paths)
    if opened is None:
        return None, wrong
    space, more = open_cluster(opened, cluster or opened.project.default_cluster)
    return space, (*wrong, *more)


def cluster_names(opened: Opened) -> list[str]:
    """The clusters that have a profile, by name; the embedded one where none has."""
    return sorted(item.stem for item in _profiles(opened.root, opened.project.clusters).glob("*.yaml")) or ["local"]


def _profiles(root: Path, folder: str) -> Path:
    """Where profiles lie: the folder that the execution team names, else the project's."""
    trusted = os.environ.get("RECIPEC_CLUSTERS")
    return Path(trusted) if trusted else root / folder


def _anchor(path: Path) -> Path:
    """The folder where the search for a project starts: the first that exists, without wildcards."""
    while not path.is_dir():
        path = path.parent
    return path


def _profile(root: Path, folder: str, name: str) -> tuple[bytes | None, str, Diagnostics]:
    """The bytes of a cluster profile and its name; no bytes mean the embedded one."""
    home = _profiles(root, folder)
    if "/" in name or name.endswith((".yaml", ".yml")):
        path = Path(name)
    else:
        path = home / f"{name}.yaml"
        if not path.exists():
            if name == "local":
                return None, "", ()
            known = [*sorted(item.stem for item in home.glob("*.yaml")), "local"]
            near = did_you_mean(name, known)
            help_ = (f"did you mean `{near}`? " if near else "") + f"clusters of this project: {', '.join(known)}"
            return None, "", (Diagnostic("RCP003", f"there is no cluster `{visible(name, 60)}`", help=help_),)
    data, wrong = files.read_bytes(path, MAX_BYTES)
    return data, display(path, root), wrong


@lru_cache(maxsize=1024)
def _real_folder(folder: str) -> str:
    """The folder behind any links; asked once a run, for a thousand recipes lie in few folders."""
    return os.path.realpath(folder)


def _real(path: PurePath) -> str:
    """The file behind any links."""
    real = os.path.join(_real_folder(str(path.parent)), path.name)  # noqa: PTH118  text is all that is needed
    return os.path.realpath(real) if os.path.islink(real) else real  # noqa: PTH114


def read(path: PurePath, root: PurePath, file: str | None = None) -> tuple[bytes | None, Diagnostics]:
    """A file of the project, refused when a link leads out of it. Emits: RCP001, RCP108, RCP611."""
    inside = _real_folder(str(root)).rstrip("/") + "/"
    if not f"{_real(path)}/".startswith(inside):
        shown = visible(file or str(path), 200)
        return None, (
            Diagnostic(
                "RCP611",
                f"{shown} is a link that leads out of the project",
                file=shown,
                help="put the file itself there",
            ),
        )
    return files.read_bytes(Path(path), MAX_BYTES, file)


def inputs(
    paths: Sequence[str], space: Workspace, stdin: bytes | None = None, reader: Read = read
) -> Iterator[tuple[Input | None, Diagnostics]]:
    """Each recipe that the arguments name: files, folders, globs, `-` and URLs. Each file once.

    `stdin` is what `-` means where it was read before. What `reader` does not give is left out.
    """
    seen: set[str] = set()
    for text in paths:
        if text == "-":
            written = read_stdin() if stdin is None else stdin
            yield Input("<stdin>", written, space.root / "stdin.yaml"), ()
            continue
        where, wrong = urls.split(text, space.profile.cluster.schemes)
        if where is None:
            yield None, wrong
        elif isinstance(where, str):
            data, wrong = urls.read_bytes(where, MAX_BYTES)
            yield (None if data is None else Input(where, data, space.root / "url.yaml")), wrong
        else:
            yield from _local(where, text, space, seen, reader)


def read_stdin() -> bytes:
    """Standard input, one byte more than a recipe may have."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _local(
    where: Path, text: str, space: Workspace, seen: set[str], reader: Read
) -> Iterator[tuple[Input | None, Diagnostics]]:
    matches = [str(where)]  # texts: ten thousand path objects are 5 MB
    if where.is_dir():
        matches = [str(path) for path in files.recipe_files(where)]
    elif not where.exists() and glob.has_magic(text):
        matches = [str(Path(match)) for match in sorted(glob.glob(text, recursive=True))]  # noqa: PTH207  the user's words
    if not matches:
        shown = visible(text, 200)
        yield (
            None,
            (
                Diagnostic(
                    "RCP002",
                    f"no recipe is named by {shown}",
                    file=shown,
                    help="name a `.yaml` file, or a folder or glob with some",
                ),
            ),
        )
    for path in matches:
        absolute = Path(os.path.abspath(path))  # noqa: PTH100  `..` is worked out as text
        key = _real(absolute)
        if key in seen:
            continue
        seen.add(key)
        inside = absolute.is_relative_to(space.root)
        root = space.root if inside else PurePath(absolute.parent)
        file = absolute.relative_to(root).as_posix() if inside else path
        if not file.isprintable():
            shown = visible(file, 200)
            yield (
                None,
                (
                    Diagnostic(
                        "RCP706",
                        f"the file name {shown} has characters that cannot be shown",
                        file=shown,
                        help="rename the file",
                    ),
                ),
            )
            continue
        data, wrong = reader(absolute, root, path)
        yield (None if data is None else Input(file, data, absolute)), wrong


def compile_all(
    paths: Sequence[str],
    sets: Sequence[str | Text],
    space: Workspace,
    stdin: bytes | None = None,
    reader: Read = read,
) -> Iterator[driver.Compiled]:
    """Each recipe compiled, in order; on a terminal, with progress once it takes a while."""
    progress = Progress()
    for item, wrong in inputs(paths, space, stdin, reader):
        if item is None:
            if wrong:
                yield driver.Compiled(wrong[0].file or "", None, None, wrong)
            continue
        progress.step(item.file)
        yield driver.compile_recipe(item, sets, space, read)
    progress.done()


def overrides(sets: Sequence[str], set_files: Sequence[str]) -> tuple[list[str | Text], Diagnostics]:
    """The overrides of the files, then those of the command line. Emits: RCP001, RCP100, RCP106, RCP108."""
    texts: list[str | Text] = []
    found: list[Diagnostic] = []
    for file in set_files:
        data, wrong = files.read_bytes(Path(file), MAX_BYTES)
        found += wrong
        if data is not None:
            source, odd = decode(visible(file, 200), data)
            found += odd
            texts += () if source is None else texts_of_file(source)
    return [*texts, *sets], tuple(found)


class One(NamedTuple):
    """One recipe: its file, its trees after each stage (none where it does not compose), and its cluster's profile."""

    file: str
    stages: Mapping[str, Node]
    profile: Node | None
    settled: Settled | None
    found: Sequence[Diagnostic]


def compose_one(path: str, cluster: str | None, sets: Sequence[str]) -> One:
    """One recipe as far as it composes, and all of its findings."""
    space, wrong = open_workspace((path,), cluster)
    if space is None:
        return One(path, {}, None, None, wrong)
    named = list(inputs((path,), space))
    if len(named) > 1:
        message = f"{visible(path, 200)} names {len(named)} recipes"
        return One(path, {}, None, None, (*wrong, Diagnostic("RCP002", message, file=path, help="name one recipe")))
    item, refused = named[0]
    if item is None:
        return One(path, {}, None, None, (*wrong, *refused))
    composed = driver.compose_recipe(item, sets, space, read)
    settled, _, _ = driver.settle_recipe(composed, item, space, read)
    compiled = driver.compile_recipe(item, sets, space, read)
    return One(item.file, composed.stages, space.profile.tree, settled, (*wrong, *compiled.found))
