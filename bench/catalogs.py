"""What catalogs cost: making one, and checking recipes against 44,000 entries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.process import ENV
from bench.rows import RECIPEC, Row

REPO = Path(__file__).resolve().parents[1]
WHEEL = "megatron-bridge==0.3.1"
LOADED = "import recipe_compiler.cli.main, recipe_compiler.cli.validate_command, recipe_compiler.cli.session"
"""What `recipec validate` loads before it reads a file."""
PARSE = str(Path(__file__).with_name("parse.py"))
COUNT = 1000


def catalog_rows(root: Path, *, quick: bool) -> Iterator[Row]:
    """Rows whose recipes are this repository's own, in a copy."""
    home = root / "catalogued"
    for name in ("catalogs", "clusters"):
        shutil.copytree(REPO / name, home / name)
    shutil.copy(REPO / "recipec.yaml", home)
    text = (REPO / "recipes/llama3_8b_pretrain.yaml").read_text(encoding="utf-8")
    for folder, count in (("one", 1), ("many", COUNT)):
        (home / folder).mkdir()
        for number in range(count):
            recipe = text.replace("name: llama3_8b_pretrain\n", f"name: r{number:05d}\n")
            (home / folder / f"r{number:05d}.yaml").write_text(recipe, encoding="utf-8")
    loaded = (sys.executable, "-c", LOADED)
    yield Row("check ONE", (RECIPEC, "validate", "catalogued/one"), loaded, 7 if quick else 31, 1.3)
    many = (RECIPEC, "validate", "catalogued/many")
    yield Row(
        f"check {COUNT:,}", many, (RECIPEC, "validate", "catalogued/one"), 1 if quick else 5, limit_ms=2.0 * COUNT
    )
    wheel = _wheel(root)
    if wheel is None:
        print(f"catalog        not run: {WHEEL} cannot be downloaded")
        return
    ours = (RECIPEC, "catalog", str(wheel), "--name", "bridge", "--out", "out")
    yield Row("catalog", ours, (sys.executable, PARSE, str(wheel)), 3 if quick else 11, limit_ms=2000)


def _wheel(root: Path) -> Path | None:
    """The wheel, downloaded without what it depends on."""
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(root / "wheels"), WHEEL]
    env = {**ENV, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(argv, env=env, check=False, capture_output=True)
    return next(iter((root / "wheels").glob("*.whl")), None)
