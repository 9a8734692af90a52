"""Where a project begins, and what its files are called."""

from __future__ import annotations

from pathlib import Path

PROJECT = "recipec.yaml"


def find_project(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds `recipec.yaml`."""
    for folder in (start, *start.parents):
        if (folder / PROJECT).is_file():
            return folder
    return None


def display(path: Path, root: Path) -> str:
    """The name of a file in messages and manifests: relative to the project where it is inside."""
    absolute = path.absolute()
    if absolute.is_relative_to(root):
        return absolute.relative_to(root).as_posix()
    return str(path)
