"""The golden cases: a recipe and a profile, and the bundle they give, byte for byte.

`make golden` writes them anew; look at the diff before you commit it.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePath

from recipe_compiler import driver
from recipe_compiler.bundle import Bundle
from recipe_compiler.cli.session import read
from recipe_compiler.host import files
from recipe_compiler.render import Templates
from recipe_compiler.workspace import Input, Workspace

CASES = Path(__file__).parent / "golden"
NOT_KEPT = frozenset({"runtime.py"})
"""The runner is a file of the package; a copy in each case would only repeat it."""


def cases() -> list[Path]:
    """Each case's folder."""
    return sorted(path.parent for path in CASES.glob("*/recipe.yaml"))


def compile_case(case: Path) -> Bundle:
    """The bundle of one case; a finding of any kind is an error."""
    project, found = driver.load_project(None, "")
    assert project is not None, found
    profile, found = driver.load_cluster((case / "cluster.yaml").read_bytes(), "cluster.yaml")
    assert profile is not None, found
    space = Workspace(PurePath(case), project, None, profile, Templates(files.templates()))
    item = Input("recipe.yaml", (case / "recipe.yaml").read_bytes(), case / "recipe.yaml")
    done = driver.compile_recipe(item, [], space, read)
    assert done.found == (), done.found
    assert done.bundle is not None
    return done.bundle


def main() -> None:
    """Write every case's `expected` folder."""
    from tests.test_golden import trace

    for case in cases():
        bundle = compile_case(case)
        expected = case / "expected"
        shutil.rmtree(expected, ignore_errors=True)
        expected.mkdir()
        for name, text in bundle.files.items():
            if name not in NOT_KEPT:
                (expected / name).write_text(text, encoding="utf-8")
        (case / "trace.txt").write_text(trace(case), encoding="utf-8")


if __name__ == "__main__":
    main()
