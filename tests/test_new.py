"""`recipec new`: a recipe from a function's signature, which is valid as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project

SOURCE = '''\
import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Literal, Optional, Union

import torch


class Mode(enum.Enum):
    FAST = 1
    SAFE = 2


@dataclass
class Adam:
    """An optimizer.

    Args:
        lr: The learning rate.
    """

    lr: float
    betas: tuple[float, float] = (0.9, 0.95)
    groups: list[str] = field(default_factory=lambda: ["a"])


@dataclass
class Model:
    optim: Adam
    layers: int = 2


def main(
    model: Model,
    name: str,
    mode: Mode,
    *,
    where: Path,
    kind: Literal["a", "b"],
    limit: Optional[int],
    size: Union[int, str],
    flags: dict[str, bool],
    steps: int = 1000,
    best: Mode = Mode.SAFE,
    eps: float = 1e-8,
    note: str = "no",
    hook: Callable = print,
    **more,
) -> None:
    """Train a model.

    Args:
        model: What to train.
        steps: How many, at most.
    """


def odd(weights: torch.Tensor, callback: Callable, untyped) -> None: ...
def bare() -> None: ...
def loop(node: "Node") -> None: ...


@dataclass
class Node:
    child: "Node"
'''
CLUSTER = """\
name: local
target: local
functions: [acme.*]
catalogs: [acme]
"""
MAIN = """\
# Train a model.
# declared at acme.py:33
name: main
function: acme.main
args:
  # (Model, required) What to train.
  model:
    _target_: acme.Model
    # (Adam, required)
    optim:
      _target_: acme.Adam
      # (float, required) The learning rate.
      lr: 0.0
      # (tuple[float, float])
      # betas: {_tuple_: [0.9, 0.95]}
      # (list[str])
      # groups: [a]
    # (int)
    # layers: 2
  # (str, required)
  name: ""
  # (Mode, required)
  mode: {_enum_: acme.Mode.FAST}
  # (Path, required)
  where: {_path_: .}
  # (Literal['a', 'b'], required)
  kind: a
  # (Optional[int], required)
  limit: null
  # (Union[int, str], required)
  size: 0
  # (dict[str, bool], required)
  flags: {}
  # (int) How many, at most.
  # steps: 1000
  # (Mode)
  # best: {_enum_: acme.Mode.SAFE}
  # (float)
  # eps: 1.0e-08
  # (str)
  # note: "no"
  # (Callable)
  # hook:   # default: print
  # (**more) any other argument
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "recipec: 1\n")
    made.write("src/acme.py", SOURCE)
    made.write("clusters/local.yaml", CLUSTER)
    assert made.run("catalog", "src", "--name", "acme").code == 0
    return made


def test_every_parameter_its_type_default_and_words(project: Project) -> None:
    said = project.run("new", "--from-function", "acme.main")
    assert (said.code, said.out, said.err) == (0, MAIN, "")


def test_what_is_written_validates(project: Project) -> None:
    said = project.run("new", "--from-function", "acme.main", "--out", "recipes/train.yaml")
    assert (said.code, said.out, said.err) == (0, "wrote recipes/train.yaml\n", "")
    text = (project.root / "recipes/train.yaml").read_text()
    assert text == MAIN.replace("name: main", "name: train", 1)
    assert project.run("validate", "recipes").out == "1 recipe is valid for cluster local\n"


def test_comments_are_parameters_once_they_are_none(project: Project) -> None:
    lines = [
        line.replace("# ", "", 1) if ": " in line and "hook" not in line and "# (" not in line else line
        for line in MAIN.splitlines()
    ]
    project.write("recipes/all.yaml", "\n".join(lines[2:]) + "\n")
    assert project.run("validate", "recipes").out == "1 recipe is valid for cluster local\n"


def test_what_cannot_be_made_is_said(project: Project) -> None:
    said = project.run("new", "--from-function", "acme.odd")
    assert said.out == (
        "# declared at acme.py:58\n"
        "name: odd\n"
        "function: acme.odd\n"
        "args:\n"
        "  # (Tensor, required)\n"
        "  weights: null  # fill in: no catalog has `Tensor`\n"
        "  # (Callable, required)\n"
        "  callback: null  # fill in: a function is wanted: `{_target_: package.function, _call_: false}`\n"
        "  # (required)\n"
        "  untyped: null  # fill in: its type is not known\n"
    )
    assert said.code == 1
    assert said.err.startswith(
        "warning[RCP316]: `args.weights` is required, and no value of it can be written: no catalog has `Tensor`\n"
        " --> <new recipe>:6:3\n"
    )
    codes = project.run("new", "--from-function", "acme.odd", "--format", "json").codes
    assert codes == ["RCP316", "RCP316", "RCP202", "RCP316"]


def test_a_class_that_needs_itself(project: Project) -> None:
    said = project.run("new", "--from-function", "acme.loop")
    assert "    child: null  # fill in: `acme.Node` needs itself\n" in said.out


def test_no_arguments_and_the_image_that_has_the_function(project: Project) -> None:
    image = "images: {app: {path: /app.sif, sha256: '%s', catalogs: [acme]}}\ncontainer: apptainer\n" % ("0" * 64)
    project.write(
        "clusters/gpu.yaml",
        CLUSTER.replace("name: local", "name: gpu")
        .replace("target: local", "target: slurm\nruns_dir: /runs")
        .replace("catalogs: [acme]\n", image),
    )
    said = project.run("new", "--from-function", "acme.bare", "--cluster", "gpu")
    text = "# declared at acme.py:59\nname: bare\nfunction: acme.bare\ncontainer: app\n"
    assert (said.code, said.out, said.err) == (0, text, "")


def test_a_class_that_is_not_permitted_is_made_by_a_function_that_is(project: Project) -> None:
    project.write("src/acme.py", "class Model: ...\ndef small() -> Model: ...\ndef main(model: Model) -> None: ...\n")
    project.write("clusters/local.yaml", CLUSTER.replace("acme.*", "acme.main, acme.small"))
    assert project.run("catalog", "src", "--name", "acme").code == 0
    said = project.run("new", "--from-function", "acme.main")
    assert said.out.endswith("args:\n  # (Model, required)\n  model:\n    _target_: acme.small\n")
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        pytest.param(
            ("acme.mian",),
            "error[RCP315]: no catalog of cluster `local` has a function `acme.mian`\n  = help: did you mean `acme.main`?\n",
            id="typo",
        ),
        pytest.param(("acme",), "error[RCP315]: no catalog of cluster `local` has a function `acme`\n", id="module"),
        pytest.param(
            ("acme.main", "--cluster", "bare"),
            "error[RCP315]: cluster `bare` has no catalog, so `acme.main` is not known\n",
            id="no-catalog",
        ),
        pytest.param(
            ("acme.main", "--out", "recipec.yaml"), "error[RCP913]: recipec.yaml is there already\n", id="no-overwrite"
        ),
        pytest.param(
            ("acme.main", "--catalog", "acne"), "error[RCP310]: cannot read the catalog `acne`", id="no-such-catalog"
        ),
    ],
)
def test_what_it_refuses(project: Project, args: tuple[str, ...], text: str) -> None:
    project.write("clusters/bare.yaml", "name: bare\ntarget: local\nfunctions: [acme.*]\n")
    said = project.run("new", "--from-function", *args)
    assert said.code != 0
    assert said.err.startswith(text)
