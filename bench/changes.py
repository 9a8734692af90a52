"""What a pull request costs: a change of 20 recipes among 2,000, and of none among many."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.process import ENV
from bench.recipes import write_project
from bench.rows import RECIPEC, Row

EDITED = 20


def change_rows(root: Path, *, quick: bool) -> Iterator[Row]:
    """Rows in git repositories of their own, for a command cannot leave the folder it measures."""
    for count, edited in ((2000, EDITED),) if quick else ((2000, EDITED), (10_000, 0)):
        home = root / f"changed-{count}-{edited}"
        home.mkdir()
        write_project(home, (count,), ())
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "start"]):
            subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *words], cwd=home, env=ENV, check=True)
        folder = f"{home.name}/recipes-{count}"
        for number in range(edited):
            with (root / folder / f"r{number:05d}.yaml").open("a", encoding="utf-8") as file:
                file.write("# changed\n")
        ours = (RECIPEC, "validate", folder, "--changed-since", "main")
        every = (RECIPEC, "validate", folder)
        if edited:
            yield Row("change of 20", ours, every, 3 if quick else 11, limit_ms=3000)
        else:
            yield Row("no change", ours, every, 3, 0.05)
