"""The programs of others that say whether what recipec writes is right, and how tests get them.

Those of PyPI are in the `test` extra. Those of npm are installed by the test that needs them, once,
into `.judges/` of this tree. A test whose judge cannot be had skips and says which; with
RECIPEC_REQUIRE_RIG=1 it fails.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import pytest
import yaml

from tests.project import REPO

HOME = REPO / ".judges"
SARIF = "@microsoft/sarif-multitool-linux@5.7.0"


def missing(what: str) -> NoReturn:
    """Skip for want of a judge, or fail where it is required."""
    if os.environ.get("RECIPEC_REQUIRE_RIG") == "1":
        pytest.fail(f"RECIPEC_REQUIRE_RIG=1, but {what}", pytrace=False)
    pytest.skip(what)


def npm(package: str) -> Path:
    """The folder of a package of npm, installed on first use."""
    if shutil.which("npm") is None:
        missing(f"{package} needs npm")
    name, _, version = package.rpartition("@")
    home = HOME / "npm"
    home.mkdir(parents=True, exist_ok=True)
    there = home / "node_modules" / name
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stated = there / "package.json"
        if not stated.is_file() or json.loads(stated.read_text(encoding="utf-8"))["version"] != version:
            argv = ["npm", "install", "--prefix", str(home), "--no-audit", "--no-fund", "--ignore-scripts", package]
            done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode != 0:
                missing(f"npm cannot install {package}: {done.stderr[-300:]}")
    return there


def beside(name: str) -> str:
    """A program of this environment, from the `test` extra."""
    path = Path(sys.executable).with_name(name)
    if not path.is_file():
        missing(f"{name} is not installed: the `test` extra has it")
    return str(path)


def run(*argv: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """A judge's answer."""
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, **more)


def sarif_messages(path: Path) -> list[str]:
    """What Microsoft's validator says of a SARIF file, with the rules of code scanning."""
    tool = npm(SARIF) / "Sarif.Multitool"
    tool.chmod(0o755)
    out = path.with_suffix(".judged.sarif")
    env = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    argv = [str(tool), "validate", str(path), "--rule-kind", "Sarif;Ghas", "--output", str(out)]
    done = run(*argv, "--log", "ForceOverwrite", env=env)
    assert out.is_file(), done.stdout + done.stderr
    results = json.loads(out.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    return [f"{item['ruleId']}: {json.dumps(item['message'])}" for item in results]


def schema_errors(document: Any, schema: Path) -> list[str]:
    """Where a document is not as a JSON Schema says."""
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def yaml_of(path: Path) -> dict[str, Any]:
    """A workflow's or an action's data. YAML 1.1 reads its key `on` as True."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
