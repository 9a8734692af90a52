"""The two images: one has Python and nothing else, one has torch and the project's packages.

A change in the project's packages remakes one SIF file and nothing below it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.rig import apptainer, roots, settings
from tests.rig.shell import CONTAINED, remove, run, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

# Part of every key: raise it when what this module makes changes.
_REVISION: Final = 1
_BUILD_LIMIT_S: Final = 600.0
_KEPT_PER_NAME: Final = 3
# Measured on two cores for the image with torch: zstd at level 1 takes 12 s and gives 400 MB,
# lz4 20 s and 525 MB (more bytes to write), gzip at level 1 29 s and 420 MB.
_SQUASHFS: Final = "-comp zstd -Xcompression-level 1"


@dataclass(frozen=True)
class Image:
    """A SIF file and the SHA-256 of its bytes, in hex."""

    path: Path
    sha256: str


def build() -> dict[str, Image]:
    """Both images by name, as they are in the cache; made first where they are not.

    The caller holds the lock of the installation.
    """
    cache = settings.cache_dir()
    (cache / "sif").mkdir(parents=True, exist_ok=True)
    # Nobody else builds now, so what has the name of a part was left by a dead run.
    for part in (*cache.glob(".*.part"), *cache.glob("sif/.*.part")):
        remove(part)
    return {
        "python": _sif("python", roots.base(), []),
        "training": _sif("training", roots.with_torch(), list(_project_files())),
    }


def _project_files() -> Iterator[tuple[Path, Path]]:
    """What the training image has of the repository: (path in dist-packages, file)."""
    standins = settings.REPO / "tests" / "standins"
    packages = sorted(standins.iterdir()) if standins.is_dir() else []
    for package in packages:
        if package.is_dir() and not package.name.startswith((".", "__")):
            yield from _files(package, standins)
    recipes = settings.REPO / "recipes"
    if (recipes / "__init__.py").exists():
        yield Path("recipes/__init__.py"), recipes / "__init__.py"
    yield from _files(recipes / "functions", settings.REPO)


def _files(folder: Path, above: Path) -> Iterator[tuple[Path, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(above), path


def _sif(name: str, root: Path, files: list[tuple[Path, Path]]) -> Image:
    contents = [f"{inside}\0{_digest(file)}" for inside, file in files]
    key = roots.key(str(_REVISION), apptainer.folder().name, _SQUASHFS, root.name, *contents)
    folder = settings.cache_dir() / "sif"
    target, note = folder / f"{name}-{key}.sif", folder / f"{name}-{key}.sha256"
    # The note is written last, so an image with a note is whole.
    if not (target.exists() and note.exists()):
        _build(root, files, target)
        with whole(note) as part:
            part.write_text(_digest(target), encoding="ascii")
        _prune(folder, name)
    os.utime(target)
    return Image(target, note.read_text(encoding="ascii"))


def _build(root: Path, files: list[tuple[Path, Path]], target: Path) -> None:
    staging = target.with_name(f".{target.stem}.tree.part")
    # Hard links: the tree is only read, and all that is added are new files.
    run(["cp", "-al", root, staging], timeout_s=_BUILD_LIMIT_S)
    for inside, file in files:
        copy = staging / roots.SITE / inside
        copy.parent.mkdir(parents=True, exist_ok=True)
        # A package of the project may stand in for a file that is there: not through the link.
        remove(copy)
        shutil.copyfile(file, copy)
    with whole(target) as part:
        words = [str(apptainer.program()), "build", "--mksquashfs-args", _SQUASHFS]
        run([*CONTAINED, *words, str(part), str(staging)], timeout_s=_BUILD_LIMIT_S)
        part.chmod(0o644)
    remove(staging)


def _digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _prune(folder: Path, name: str) -> None:
    newest = sorted(folder.glob(f"{name}-*.sif"), key=lambda path: -path.stat().st_mtime)
    for path in newest[_KEPT_PER_NAME:]:
        path.with_suffix(".sha256").unlink(missing_ok=True)
        path.unlink()
