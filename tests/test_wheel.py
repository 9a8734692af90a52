"""The wheel has every file of the package, and compiles a recipe with nothing else of this tree."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.project import REPO

KEPT = {".css", ".j2", ".js", ".md", ".py", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from what git has, in a copy, so that no build folder is left in the tree."""
    source = tmp_path_factory.mktemp("source")
    out = tmp_path_factory.mktemp("wheel")
    for folder in ("recipe_compiler", "templates"):
        for path in (REPO / folder).rglob("*"):
            if path.suffix in KEPT:
                target = source / path.relative_to(REPO)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    for name in ("pyproject.toml", "README.md"):
        (source / name).write_bytes((REPO / name).read_bytes())
    argv = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(source)]
    subprocess.run(argv, check=True, capture_output=True, timeout=300)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_tree(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tree = {path.relative_to(REPO).as_posix() for path in (REPO / "recipe_compiler").rglob("*") if path.suffix in KEPT}
    tree |= {
        f"recipe_compiler/{path.relative_to(REPO).as_posix()}"
        for path in (REPO / "templates").rglob("*")
        if path.suffix in KEPT
    }
    assert packed == tree


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= 500_000  # a page of every code is in it


def test_the_wheel_compiles_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    project = tmp_path / "project"
    project.mkdir()
    (project / "r.yaml").write_text("name: r\nfunction: hello.main\n")
    argv = ["-m", "recipe_compiler", "compile", "r.yaml", "--out"]
    said = []
    for path, out in ((str(site), "a"), (str(REPO), "b")):
        env = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
        done = subprocess.run(
            [sys.executable, *argv, out], cwd=project, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.strip()[1:])
    assert said[0] == said[1]
