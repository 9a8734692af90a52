"""What a command loads: everyone waits for what it does not need. No clock is read here; `make bench` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import Project

HEAVY = frozenset({"fsspec", "jinja2", "pydantic", "rich", "yaml"})
PROGRAM = """
import atexit, os, sys
atexit.register(lambda: open(os.environ["LOADED"], "w").write("\\n".join(sys.modules)))
sys.argv[0] = "recipec"
from recipe_compiler.cli.main import run
run()
"""
"""The console script, which writes the names of its modules when it ends."""
CLUSTER = f"""\
name: gpu
target: slurm
runs_dir: /shared/runs
container: apptainer
images: {{app: {{path: /shared/app.sif, sha256: "{0:064}"}}}}
defaults: {{container: app, launcher: torchrun, nodes: 2, gpus_per_node: 8}}
functions: [app.*]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "default_cluster: gpu\n")
    made.write("clusters/gpu.yaml", CLUSTER)
    made.write("recipes/hello.yaml", "name: hello\nfunction: app.main\nargs: {rate: 0.1}\n")
    made.write("recipes/doubtful.yaml", "name: doubtful\nfunction: app.main\nargs: {verbose: no}\n")
    return made


def loaded(project: Project, *args: str, code: int = 0, **env: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    report = project.root / "loaded"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=project.root,
        env={**os.environ, "LOADED": str(report), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return set(report.read_text(encoding="utf-8").split("\n"))


@pytest.mark.parametrize(
    "args",
    [
        pytest.param((), id="nothing"),
        pytest.param(("--help",), id="help"),
        pytest.param(("--version",), id="version"),
        pytest.param(("compile", "--help"), id="help-of-a-command"),
        pytest.param(("explain", "RCP201"), id="explain"),
        pytest.param(("init", "new"), id="init"),
        pytest.param(("status",), id="status"),
    ],
)
def test_no_parser_model_or_template_is_loaded(project: Project, args: tuple[str, ...]) -> None:
    assert loaded(project, *args, code=0 if args else 2) & HEAVY == set()


@pytest.mark.parametrize("words", ["recipec co", "recipec compile --cl", "recipec explain RCP"])
def test_completion_loads_as_little(project: Project, words: str) -> None:
    env = {"_RECIPEC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert loaded(project, **env) & HEAVY == set()


def test_help_loads_no_command(project: Project) -> None:
    assert {name for name in loaded(project, "--help") if name.startswith("recipe_compiler.")} == {
        "recipe_compiler.cli",
        "recipe_compiler.cli.main",
        "recipe_compiler.version",
    }


@pytest.mark.parametrize(
    ("args", "heavy"),
    [
        pytest.param(("validate", "recipes/hello.yaml"), {"pydantic", "yaml"}, id="validate"),
        pytest.param(("compile", "recipes/hello.yaml", "--out", "b"), {"pydantic", "yaml"}, id="compile"),
        pytest.param(("compile", "recipes", "--out", "b"), {"pydantic", "yaml"}, id="compile-with-a-finding"),
    ],
)
def test_templates_are_python_already_and_local_files_need_no_file_systems(
    project: Project, args: tuple[str, ...], heavy: set[str]
) -> None:
    assert loaded(project, *args) & HEAVY == heavy


def test_a_clean_compile_looks_for_no_similar_names(project: Project) -> None:
    unneeded = {
        "difflib",
        "recipe_compiler.report.text",
        "recipe_compiler.report.json_v1",
        "recipe_compiler.cli.output",
    }
    assert loaded(project, "compile", "recipes/hello.yaml", "--out", "b") & unneeded == {"recipe_compiler.cli.output"}
