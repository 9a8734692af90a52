"""`recipec check --import`: the calls of a recipe, bound to the functions that are really there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.project import Project

SOURCE = """\
import enum, functools, sys, threading

print("imported")
open("/dev/null").read()


class Mode(enum.Enum):
    FAST = 1


class Model:
    def __init__(self, size, *, layers=2):
        sys.exit("a constructor ran")


def wrapped(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner


@wrapped
def decorated(a): ...


def main(model=None, *, lr: float = 1.0, other=None, mode=None):
    sys.exit("the function ran")


value = 7
threading.Thread(target=lambda: threading.Event().wait(), daemon=False).start()
"""
GOOD = """\
name: good
function: acme.main
args:
  model: &model {_target_: acme.Model, size: 4}
  other: [*model, {_target_: acme.Model, _partial_: true, layers: 1}, {_target_: acme.main, _call_: false}]
  mode: {_enum_: acme.Mode.FAST}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "recipec: 1\n")
    made.write("acme.py", SOURCE)
    made.write("broken.py", "import nothing_of_that_name\n")
    made.write("leaves.py", "import sys\nsys.exit(3)\n")
    made.write("crashes.py", "import os\nos._exit(9)\n")
    made.write("recipes/r.yaml", GOOD)
    return made


def check(project: Project, text: str, *args: str) -> tuple[int, str]:
    project.write("recipes/r.yaml", text)
    said = project.run("check", "--import", "recipes/r.yaml", *args)
    assert said.err == ""
    return said.code, said.out


def test_every_call_is_bound_and_none_is_called(project: Project) -> None:
    assert check(project, GOOD) == (0, "5 names were found and take what they are given\n")
    assert not list(project.root.rglob("*.pyc"))


def test_all_that_is_wrong_is_said_at_its_place(project: Project) -> None:
    text = """\
name: bad
function: acme.main
args:
  learning_rate: 1.0
  model: {_target_: acme.Model, layers: 3}
  other: {_target_: acme.Modle}
"""
    python = ".".join(map(str, sys.version_info[:3]))
    assert check(project, text) == (
        1,
        f"""\
error[RCP321]: `acme.main` does not take these arguments: got an unexpected keyword argument 'learning_rate'
 --> recipes/r.yaml:2:11
  |
2 | function: acme.main
  |           ^^^^^^^^^
  |
  = note: it is `acme.main(model=None, *, lr: float = 1.0, other=None, mode=None)`
  = note: Python {python} of this machine
  = help: give what the signature takes

error[RCP321]: `acme.Model` does not take these arguments: missing a required argument: 'size'
 --> recipes/r.yaml:5:21
  |
5 |   model: {{_target_: acme.Model, layers: 3}}
  |                     ^^^^^^^^^^
  |
  = note: it is `acme.Model(size, *, layers=2)`
  = note: Python {python} of this machine
  = help: give what the signature takes

error[RCP320]: `acme.Modle` cannot be had: cannot import `acme.Modle`: `acme` has no `Modle`
 --> recipes/r.yaml:6:21
  |
6 |   other: {{_target_: acme.Modle}}
  |                     ^^^^^^^^^^
  |
  = note: Python {python} of this machine
  = help: name what the image has, or another image

3 findings (3 errors); `recipec explain RCP321` says more
""",
    )


@pytest.mark.parametrize(
    ("call", "line"),
    [
        pytest.param("function: nowhere.main", "error[RCP320]: `nowhere.main` cannot be had: cannot import `nowhere.main`: there is no module `nowhere`", id="no-module"),
        pytest.param("function: broken.main", "error[RCP320]: `broken.main` cannot be had: cannot import `broken.main`: ModuleNotFoundError: No module named 'nothing_of_that_name'", id="import-fails"),
        pytest.param("function: leaves.main", "error[RCP320]: `leaves.main` cannot be had: importing it raised SystemExit: 3", id="import-ends-the-process"),
        pytest.param("function: crashes.main", "error[RCP322]: the calls of recipes/r.yaml were not bound: Python: exit code 9", id="import-crashes"),
        pytest.param("function: acme.value", "error[RCP320]: `acme.value` cannot be had: `acme.value` is not callable", id="not-callable"),
        pytest.param("function: acme.decorated\nargs: {b: 1}", "warning[RCP323]: what `acme.decorated` wraps does not take these arguments: missing a required argument: 'a'", id="behind-a-wrapper"),
        pytest.param("function: acme.main\nargs: {mode: {_enum_: acme.Mode.SLOW}}", "error[RCP320]: `acme.Mode.SLOW` cannot be had: `acme.Mode` has no member `SLOW`; it has FAST", id="no-member"),
        pytest.param("function: acme.main\nargs: {model: {_target_: acme.Model, _args_: [1, 2]}}", "error[RCP321]: `acme.Model` does not take these arguments: too many positional arguments", id="by-place"),
        pytest.param("function: acme.main\nargs: {model: {_target_: acme.Model, size: 1, _overrides_: {a: {_target_: acme.Model}}}}", "error[RCP321]: `acme.Model` does not take these arguments: missing a required argument: 'size'", id="in-overrides"),
        pytest.param("function: acme.main\nargs: {model: {_raw_: true, _target_: acme.Modle}}", "1 name was found and takes what it is given", id="raw-is-no-call"),
        pytest.param("command: [echo, hi]", "0 names were found and take what they are given", id="no-function"),
        pytest.param("function: acme.main\nargs: {model: 1}\nnmae: x", "error[RCP201]: unknown key `nmae`", id="an-invalid-recipe"),
    ],
)  # fmt: skip
def test_what_is_found(project: Project, call: str, line: str) -> None:
    code, out = check(project, f"name: r\n{call}\n")
    assert out.splitlines()[0] == line
    assert code == line.startswith("error")


def test_the_points_of_a_sweep_are_bound(project: Project) -> None:
    project.write(
        "clusters/s.yaml",
        f"name: s\ntarget: slurm\nruns_dir: /runs\nfunctions: [acme.*]\nenv: {{PYTHONPATH: {project.root}}}\n",
    )
    text = "name: r\nfunction: acme.decorated\nargs: {a: 0}\nsweep: {grid: {args.a: [1, {_target_: acme.Modle}]}}\n"
    code, out = check(project, text, "--cluster", "s")
    assert (code, out.splitlines()[0]) == (
        1,
        "error[RCP320]: `acme.Modle` cannot be had: cannot import `acme.Modle`: `acme` has no `Modle`",
    )


def test_it_is_asked_for(project: Project) -> None:
    said = project.run("check", "recipes/r.yaml")
    assert said.code == 2
    assert "write `--import` to import what the recipes name; `recipec validate` checks without" in said.err


@pytest.mark.parametrize(
    ("more", "line"),
    [
        pytest.param("", "no /nowhere.sif on this machine", id="no-image"),
    ],
)
def test_without_the_image_it_says_so(project: Project, more: str, line: str) -> None:
    image = f"images: {{app: {{path: /nowhere.sif, sha256: '{0:064}'}}}}"
    text = f"name: g\ntarget: slurm\nruns_dir: /runs\nfunctions: [acme.*]\ncontainer: apptainer\n{image}\n{more}"
    project.write("clusters/g.yaml", text)
    code, out = check(project, GOOD + "container: app\n", "--cluster", "g")
    assert code == 1
    assert out == (
        f"error[RCP322]: the calls of recipes/r.yaml were not bound: image `app`: there is {line}\n"
        " --> recipes/r.yaml:7:12\n"
        "  |\n"
        "7 | container: app\n"
        "  |            ^^^\n"
        "  |\n"
        "  = help: run it on a machine that has the image and Apptainer\n"
        "\n"
        "1 finding (1 error); `recipec explain RCP322` says more\n"
    )


def test_another_python(project: Project) -> None:
    code, out = check(project, GOOD, "--python", "/nowhere/python3")
    first = "error[RCP322]: the calls of recipes/r.yaml were not bound: Python: `/nowhere/python3` is not on PATH"
    assert (code, out.splitlines()[0]) == (1, first)
    said = project.run("check", "--import", "recipes/r.yaml", "--python", sys.executable, "--format", "json")
    assert (said.code, said.json["looked_up"], said.json["recipes"]) == (0, 5, ["recipes/r.yaml"])
