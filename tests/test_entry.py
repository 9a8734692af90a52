"""Raw jobs: commands, modules and scripts, run for real on the local target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project
from tests.test_check import findings

LOCAL = "name: l\ntarget: local\nfunctions: ['*']\nraw_jobs: true\n"
HOSTILE = 'a\'b "c" $HOME `d` $(e) \\ \n;é'


def log_of(project: Project, recipe: str, code: int = 0) -> str:
    project.write("r.yaml", recipe)
    said = project.run("submit", "r.yaml", "--wait", "--cluster", "local")
    assert said.code == code, said
    return project.run("logs", "raw").out


def test_a_command_gets_its_words_exactly(tmp_path: Path) -> None:
    program = "import sys; print(sys.argv[1:] == " + repr([HOSTILE, "3", "-x"]) + ")"
    recipe = {"name": "raw", "command": ["python3", "-c", program, HOSTILE, 3, "-x"]}
    import json

    assert log_of(Project(tmp_path), json.dumps(recipe)) == "True\n"


def test_a_command_keeps_its_exit_code_and_has_its_rank(tmp_path: Path) -> None:
    recipe = "name: raw\ncommand: [sh, -c, 'echo rank $RANK of $WORLD_SIZE; exit $((RANK * 5))']\nlauncher: {kind: python, nproc_per_node: 2}\n"
    log = log_of(Project(tmp_path), recipe, code=1)
    assert "[rank 1] rank 1 of 2" in log
    assert "rank 1 exited with 5" in log


def test_a_module_runs_as_main(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("tool/job.py", "import sys\nprint(__name__, sys.argv[1:])\n")
    assert log_of(project, "name: raw\nmodule: {name: tool.job, argv: [--lr, 0.1]}\n") == "__main__ ['--lr', '0.1']\n"


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        pytest.param("{path: code/x.sh, argv: ['a b', 2]}", "sh a b-2\n", id="shell-file"),
        pytest.param("{path: code/x.py, argv: ['a b']}", "py ['a b']\n", id="python-file"),
        pytest.param('{inline: "echo hi $1", argv: [you]}', "hi you\n", id="inline-shell"),
        pytest.param('{inline: "print(1 + 1)", interpreter: python}', "2\n", id="inline-python"),
    ],
)
def test_a_script_travels_with_the_bundle(tmp_path: Path, script: str, shown: str) -> None:
    project = Project(tmp_path)
    project.write("code/x.sh", 'echo "sh $1-$2"\n')
    project.write("code/x.py", "import sys\nprint('py', sys.argv[1:])\n")
    assert log_of(project, f"name: raw\nscript: {script}\n") == shown


def test_layers_and_overrides_reach_into_raw_jobs(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("base.yaml", "command: [echo, one, two]\nenv: {TAG: base}\n")
    project.write("r.yaml", "name: raw\nextends: base.yaml\nvars: {w: three}\ncommand: [echo, one, '${vars.w}']\n")
    said = project.run("submit", "r.yaml", "--wait", "--cluster", "local", "--set", "command[1]=1")
    assert said.code == 0, said
    assert project.run("logs", "raw").out == "1 three\n"


@pytest.mark.parametrize(
    ("recipe", "finding"),
    [
        pytest.param(
            "name: r\n",
            "RCP211 r.yaml:1:1 [n] the recipe does not say what to run | write `function:`, `command:`, `module:` or `script:`",
            id="nothing",
        ),
        pytest.param(
            "name: r\nfunction: a.b\nmodule: a.c\n",
            "RCP211 r.yaml:3:1 [module] the recipe says `function` and `module`; a job runs one of them | remove one of the two",
            id="two",
        ),
        pytest.param(
            "name: r\ncommand: [x]\nargs: {a: 1}\n",
            "RCP211 r.yaml:3:1 [args] `args` are arguments of a function, and this job runs a command | write its words in `command`",
            id="args",
        ),
        pytest.param(
            "name: r\nscript: {argv: [x]}\n",
            "RCP211 r.yaml:2:1 [script] `script` needs `path` or `inline` | write one of the two",
            id="empty-script",
        ),
        pytest.param(
            "name: r\nscript: ../../x.sh\n",
            "RCP602 r.yaml:2:9 [../../x.sh] the script `../../x.sh` is outside the project | name a file below the project, relative to the recipe",
            id="outside",
        ),
        pytest.param(
            "name: r\nmodule: 'a b'\n",
            "RCP704 r.yaml:2:9 ['a b'] `module`: `a b` cannot be a module's name | write `package.module`",
            id="module-name",
        ),
    ],
)
def test_finding(recipe: str, finding: str) -> None:
    assert findings(recipe, LOCAL) == [finding]


@pytest.mark.parametrize("recipe", ["command: [x]", "module: a.b", "script: {inline: x}"])
def test_a_cluster_takes_raw_jobs_only_if_it_says_so(recipe: str) -> None:
    found = findings(f"name: r\n{recipe}\n", LOCAL.replace("raw_jobs: true\n", ""))
    assert [line[:6] for line in found] == ["RCP714"]
