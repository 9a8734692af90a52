"""A project in a folder: write files, run the real command, read what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The document on stdout."""
        data: dict[str, Any] = json.loads(self.out)
        return data

    @property
    def codes(self) -> list[str]:
        """The codes of a JSON document's findings, in order."""
        return [item["code"] for item in self.json["diagnostics"]]


class Project:
    """A project below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(
        self, *args: str, stdin: str | None = None, timeout_s: int = 60, cwd: Path | None = None, **env: str
    ) -> Said:
        """The real command, as a process of its own, in the project's folder."""
        done = subprocess.run(
            [sys.executable, "-m", "recipe_compiler", *args],
            cwd=cwd or self.root,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, **env},
        )
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def compile(self, *args: str, out: str = "bundles", **env: str) -> Path:
        """The folder of the one bundle that a compile must give."""
        said = self.run("compile", *args, "--out", out, **env)
        assert said.code == 0, said.err
        return self.root / said.out.strip()
