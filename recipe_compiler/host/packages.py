"""The Python files of a wheel, a folder or an image, for a catalog. Nothing of them is imported or run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from importlib.resources import as_file
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from recipe_compiler import extract
from recipe_compiler.host import process

_NO_PACKAGES = frozenset({"tests", "test", "docs", "doc", "examples", "scripts", "build", "dist"})
_TIMEOUT_S = 600


class CannotReadError(Exception):
    """A source that cannot be read; its text says why."""


def is_image(path: Path) -> bool:
    """Whether this is a SIF file or a sandbox."""
    return path.suffix == ".sif" or (path / ".singularity.d").is_dir()


def facts_of(path: Path, packages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What each module defines, as `extract` gives it. `packages` empty: all. Raises: CannotReadError."""
    if is_image(path):
        return _of_image(path, packages)
    if path.is_dir():
        return extract.modules(extract.files_below(path, packages or _tops(path)))
    return extract.modules(_of_wheel(path, packages))


def _tops(root: Path) -> list[str]:
    names = sorted(item.name for item in root.iterdir() if (item / "__init__.py").is_file())
    names += sorted(item.stem for item in root.glob("*.py"))
    return [name for name in names if name not in _NO_PACKAGES]


def _of_wheel(path: Path, packages: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Member by member: nothing is unpacked, so no name of the archive becomes a path."""
    wanted = tuple(f"{package.replace('.', '/')}" for package in packages)
    try:
        with zipfile.ZipFile(path) as wheel:
            for name in sorted(wheel.namelist()):
                parts = name.split("/")
                if not extract.is_source(parts[-1]) or not all(part.isidentifier() for part in parts[:-1]):
                    continue
                if wanted and not any(
                    name in (f"{top}.py", f"{top}.pyi") or name.startswith(f"{top}/") for top in wanted
                ):
                    continue
                if not wanted and parts[0] in _NO_PACKAGES:
                    continue
                with wheel.open(name) as member:
                    yield name, member.read(extract.MAX_FILE_BYTES + 1)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        msg = f"it is not a wheel, a folder or an image: {error}"
        raise CannotReadError(msg) from error


def _of_image(path: Path, packages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Our one file, run by the Python of the image, isolated: no site, no user, no network of ours."""
    if not packages:
        msg = "of an image, name the packages: `--package nemo`"
        raise CannotReadError(msg)
    with as_file(package_files("recipe_compiler").joinpath("extract.py")) as script:
        command = ["apptainer", "exec", "--containall", "--cleanenv", "--no-home", "--no-eval"]
        command += ["--bind", f"{script}:/recipec-extract.py:ro", str(path), "python3", "-I", "-S"]
        command += ["/recipec-extract.py", *(f"--package={package}" for package in packages)]
        try:
            answer = process.run(command, timeout_s=_TIMEOUT_S)
        except process.Missing as error:
            raise CannotReadError(str(error)) from error
    if answer.code != 0:
        last = answer.err.strip().splitlines()[-1:] or [f"exit code {answer.code}"]
        msg = f"apptainer says: {last[0]}"
        raise CannotReadError(msg)
    for line in answer.out.splitlines():
        yield json.loads(line)
