"""`recipec catalog diff`: what changed between two catalogs, which recipes break, and the edits that are certain.

`data/catalogs/bridge-*.json` are of Megatron Bridge 0.3.0 and 0.3.1: its recipes of Llama, and
`optimizer_utils` and `pretrain`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.project import REPO, Project, Said

DATA = REPO / "tests/data/catalogs"
OLD = """\
from dataclasses import dataclass
from acme.old_place import Helper

@dataclass
class Train:
    train_iters: int = 10
    micro_size: int = 1

@dataclass
class Config:
    train: Train

def config() -> Config: ...
def train(config, model=None, *, lr: float = 1.0e-3, n_steps: int = 5, seed: int = 1): ...
def finetune_config(size: int): ...
"""
NEW = """\
from dataclasses import dataclass

@dataclass
class Train:
    train_iterations: int = 10
    micro_size: int = 1

@dataclass
class Config:
    train: Train

def config() -> Config: ...
def train(config, model=None, *, lr: float = 2.0e-3, num_steps: int = 5, seed: int = 1, tokenizer): ...
def sft_config(size: int): ...
"""
HELPER = "class Helper:\n    def __init__(self, size: int = 1): ...\n"
CLUSTER = "name: local\ntarget: local\nfunctions: [acme.*]\ncatalogs: [acme]\n"
RECIPE = """\
# what the team trains, "acme.old_place.Helper" and all
name: a
extends: ../bases/b.yaml   # with n_steps
function: acme.train
args:
  model: {_target_: "acme.old_place.Helper"}   # a helper
  config: {_target_: acme.config, _overrides_: {train.train_iters: 7}}
  tokenizer: x
"""
FIXED = (
    RECIPE.replace('_target_: "acme.old_place.Helper"', '_target_: "acme.new_place.Helper"')
    .replace("train.train_iters", "train.train_iterations")
)  # fmt: skip
CHANGES = """\
1 gone, 1 moved, 1 renamed, 2 changed
gone     acme.Helper  -> perhaps acme.new_place.Helper
moved    acme.old_place.Helper  -> acme.new_place.Helper
renamed  acme.finetune_config  -> probably acme.sft_config
changed  acme.Train
    ~ train_iters: int = 10 -> train_iterations: int = 10
changed  acme.train
    ~ lr: float = 0.001 -> lr: float = 0.002
    ~ n_steps: int = 5 -> num_steps: int = 5
    + tokenizer  (required)
"""
SILENT = """\
warning[RCP314]: `lr` of `acme.train`, which is not set, was `0.001` and will be `0.002`
 --> recipes/a.yaml:4:11
  |
4 | function: acme.train
  |           ^^^^^^^^^^
  |
  = note: declared at acme/__init__.py:13
  = help: set `args.lr` to keep what it was
"""
BASE_BREAKS = """\
error[RCP303]: `acme.train` has no argument `n_steps`
 --> bases/b.yaml:1:8
  |
1 | args: {n_steps: 7}   # steps
  |        ^^^^^^^ unexpected argument
  |
  = note: declared at acme/__init__.py:13
  = help: did you mean `num_steps`? accepted: config, model, lr, num_steps, seed, tokenizer
  = fix (unsafe): replace with `num_steps`
"""
MINE_BREAKS = """\
error[RCP301]: there is no function `acme.old_place.Helper`
 --> recipes/a.yaml:6:21
  |
6 |   model: {_target_: "acme.old_place.Helper"}   # a helper
  |                     ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: catalogs of cluster `local`: acme-2
  = help: did you mean `acme.new_place.Helper`?

error[RCP307]: a `Train` has no field `train_iters`
 --> recipes/a.yaml:7:55
  |
7 |   config: {_target_: acme.config, _overrides_: {train.train_iters: 7}}
  |                                                       ^^^^^^^^^^^ no such field
  |
  = help: did you mean `train.train_iterations`?
  = fix (unsafe): replace with `train_iterations`
"""
MINE_EDITED = """\
edited   recipes/a.yaml: `acme.old_place.Helper` is `acme.new_place.Helper` now
edited   recipes/a.yaml: `train.train_iters` is `train.train_iterations` now
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose package has two releases, and catalogs of both."""
    made = Project(tmp_path)
    made.write("recipec.yaml", "recipec: 1\n")
    made.write("clusters/local.yaml", CLUSTER)
    for name, text, place in (("acme", OLD, "old_place"), ("acme-2", NEW, "new_place")):
        made.write(f"{name}/acme/__init__.py", text)
        made.write(f"{name}/acme/{place}.py", HELPER)
        assert made.run("catalog", name, "--name", name).code == 0
    made.write("bases/b.yaml", "args: {n_steps: 7}   # steps\n")
    made.write("recipes/a.yaml", RECIPE)
    return made


def diff(project: Project, *args: str) -> Said:
    return project.run("catalog", "diff", "acme", "acme-2", *args)


def read(project: Project, name: str) -> str:
    return (project.root / name).read_text(encoding="utf-8")


def test_without_recipes_it_says_what_changed(project: Project) -> None:
    shutil.rmtree(project.root / "recipes")
    said = diff(project)
    assert (said.code, said.out, said.err) == (0, CHANGES, "")


def test_a_recipe_that_breaks_and_why(project: Project) -> None:
    said = diff(project)
    assert said.code == 1
    assert said.out == (
        f"{CHANGES}breaks   recipes/a.yaml: 3 errors\n{BASE_BREAKS}\n{SILENT}\n{MINE_BREAKS}\n"
        "4 findings (3 errors, 1 warning); `recipec explain RCP303` says more\n"
    )


def test_fix_edits_what_is_certain_and_keeps_comments(project: Project) -> None:
    said = diff(project, "--fix")
    assert said.code == 0
    assert said.out == (
        f"{CHANGES}edited   bases/b.yaml: `n_steps` is `num_steps` now\n{MINE_EDITED}"
        f"doubtful recipes/a.yaml: 1 default changed\n{SILENT}\n"
        "1 finding (1 warning); `recipec explain RCP314` says more\n"
    )
    assert read(project, "recipes/a.yaml") == FIXED
    assert read(project, "bases/b.yaml") == "args: {num_steps: 7}   # steps\n"
    assert "edited" not in diff(project, "--fix").out


def test_a_base_is_kept_when_another_recipe_needs_it_as_it_is(project: Project) -> None:
    project.write("recipes/b.yaml", "name: b\nextends: ../bases/b.yaml\nfunction: acme.other\n")
    said = diff(project, "recipes/a.yaml", "--fix")
    assert said.code == 1
    assert said.out == (
        f"{CHANGES}{MINE_EDITED}"
        "kept     bases/b.yaml: `n_steps`, for `num_steps` is not right for all recipes that share the file\n"
        f"breaks   recipes/a.yaml: 1 error\n{BASE_BREAKS}\n{SILENT}\n"
        "2 findings (1 error, 1 warning); `recipec explain RCP303` says more\n"
    )
    assert read(project, "bases/b.yaml") == "args: {n_steps: 7}   # steps\n"


def test_a_base_is_edited_when_all_its_recipes_need_it(project: Project) -> None:
    project.write("recipes/b.yaml", RECIPE.replace("name: a", "name: b"))
    assert diff(project, "recipes/a.yaml", "--fix").code == 0
    assert read(project, "bases/b.yaml") == "args: {num_steps: 7}   # steps\n"
    assert read(project, "recipes/b.yaml") == RECIPE.replace("name: a", "name: b")


def test_a_layer_below_is_edited_too(project: Project) -> None:
    project.write("recipes/a.yaml", RECIPE + "  n_steps: 9\n")
    assert diff(project, "--fix").code == 0
    assert read(project, "recipes/a.yaml") == FIXED + "  num_steps: 9\n"
    assert read(project, "bases/b.yaml") == "args: {num_steps: 7}   # steps\n"


def test_a_profile_that_does_not_permit_the_new_name_leaves_the_recipe(project: Project) -> None:
    names = "[acme.train, acme.config, acme.old_place.Helper]"
    project.write("clusters/local.yaml", CLUSTER.replace("[acme.*]", names))
    said = diff(project, "--fix")
    assert said.code == 1
    assert "acme.old_place.Helper" in read(project, "recipes/a.yaml").split("args:")[1]


def test_standard_input_is_not_edited(project: Project) -> None:
    said = project.run("catalog", "diff", "acme", "acme-2", "-", "--fix", stdin=RECIPE.replace("../bases", "bases"))
    assert said.code == 1
    line = "kept     <stdin>: `acme.old_place.Helper`, for `acme.new_place.Helper` is not in a file\n"
    assert line in said.out


def test_line_ends_and_a_byte_order_mark_stay(project: Project) -> None:
    text = "\ufeff" + RECIPE.replace("\n", "\r\n").replace("# a helper", "# 日本")
    (project.root / "recipes/a.yaml").write_bytes(text.encode())
    assert diff(project, "--fix").code == 0
    fixed = text.replace('_target_: "acme.old_place', '_target_: "acme.new_place').replace(
        "train_iters", "train_iterations"
    )
    assert (project.root / "recipes/a.yaml").read_bytes() == fixed.encode()


def test_a_recipe_that_was_invalid_before_does_not_break(project: Project) -> None:
    project.write("recipes/a.yaml", "name: a\nfunctoin: acme.train\n")
    said = diff(project)
    assert (said.code, said.out) == (0, f"{CHANGES}invalid  recipes/a.yaml: with the old catalog too\n")


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        pytest.param('"kind":"class"', '"kind":7', id="kind"),
        pytest.param('"params":[', '"params":[3,', id="params"),
        pytest.param('"at":"acme/__init__.py:13",', "", id="no-place"),
        pytest.param('"acme.config":{', '"acme.config":{{', id="no-json"),
        pytest.param('"acme.config":{', '"acme.config":[1],"x":{', id="a-list"),
    ],
)
def test_a_damaged_catalog(project: Project, was: str, is_: str) -> None:
    text = read(project, "catalogs/acme-2.json")
    assert was in text
    project.write("catalogs/acme-2.json", text.replace(was, is_))
    said = diff(project)
    assert said.code in {0, 1}


def test_json_has_everything(project: Project) -> None:
    said = diff(project, "--fix", "--format", "json")
    changes = {change["path"]: change for change in said.json["changes"]}
    assert changes["acme.train"]["differences"][2] == {
        "kind": "added",
        "name": "tokenizer",
        "old": "",
        "new": "tokenizer",
        "aspects": ["required"],
        "of": "parameter",
    }
    assert said.json["recipes"] == [
        {"file": "recipes/a.yaml", "breaks": False, "errors": 0, "errors_with_both": 0, "defaults_changed": 1}
    ]
    assert said.json["edits"][0] == {
        "file": "bases/b.yaml",
        "start": 7,
        "end": 14,
        "old": "n_steps",
        "new": "num_steps",
    }
    assert said.codes == ["RCP314"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param("def f(a: int): ...", "def f(a: int, b=1): ...", "    + b = 1", id="optional-added"),
        pytest.param("def f(a, b): ...", "def f(b, a): ...", "    ~ order: a, b -> b, a", id="order"),
        pytest.param("def f(a: int = 1): ...", "def f(a: int): ...", "    ~ a: int = 1 -> a: int", id="now-required"),
        pytest.param("def f(a: int): ...", "def f(*, a: int): ...", "    ~ a: int -> a: int", id="by-name-only"),
        pytest.param("def f(a: int): ...", "def f(a: str): ...", "    ~ a: int -> a: str", id="type"),
        pytest.param("def f() -> int: ...", "def f() -> str: ...", "    ~ returns: int -> str", id="returns"),
        pytest.param(
            "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\n",
            "import enum\nclass E(enum.Enum):\n    A = 1\n",
            "    - field B = 2",
            id="member-of-an-enum",
        ),
        pytest.param(
            "from typing import List, Optional\ndef f(a: Optional[List[int]]): ...",
            "def f(a: list[int] | None): ...",
            "",
            id="another-spelling-is-no-change",
        ),
        pytest.param('def f(a):\n    """One."""', '\ndef f(a):\n    """Two."""', "", id="places-and-words-are-none"),
    ],
)
def test_one_change(tmp_path: Path, old: str, new: str, line: str) -> None:
    project = Project(tmp_path)
    project.write("recipec.yaml", "recipec: 1\n")
    for name, text in (("one", old), ("two", new)):
        project.write(f"{name}/acme.py", text)
        assert project.run("catalog", name, "--name", name).code == 0
    said = project.run("catalog", "diff", "one", "two")
    changes = said.out.partition("warning")[0].splitlines()
    assert changes[2:] == ([line] if line else [])
    assert (changes[0] == "nothing changed") == (line == "")


def test_two_releases_of_megatron_bridge(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("recipec.yaml", f"recipec: 1\ncatalogs: {DATA}\n")
    cluster = "name: local\ntarget: local\nfunctions: [megatron.bridge.*]\ncatalogs: [bridge-0.3.0]\n"
    project.write("clusters/local.yaml", cluster)
    name = "megatron.bridge.recipes.llama.llama32_1b_finetune_config"
    project.write("recipes/tune.yaml", f"name: tune\nfunction: {name}\n")
    adam = "megatron.bridge.recipes.utils.optimizer_utils.distributed_fused_adam_with_cosine_annealing"
    project.write("recipes/adam.yaml", f"name: adam\nfunction: {adam}\n")
    said = project.run("catalog", "diff", "bridge-0.3.0", "bridge-0.3.1", "--filter", name, "--filter", adam)
    home = "megatron.bridge.recipes.llama"
    assert said.code == 1
    assert said.out.startswith(
        "1 gone, 1 changed\n"
        f"gone     {name}  -> perhaps {home}.llama32_1b_sft_config, {home}.llama32_1b_peft_config\n"
        f"changed  {adam}\n"
        "    ~ adam_eps: float = 1e-05 -> adam_eps: float = 1e-08\n"
        "doubtful recipes/adam.yaml: 1 default changed\n"
        "breaks   recipes/tune.yaml: 1 error\n"
    )


@pytest.mark.parametrize(
    ("args", "text"),
    [
        pytest.param(
            ("acme", "acne"),
            "error[RCP310]: cannot read the catalog `acne`: cannot read catalogs/acne.json: no such file or directory",
            id="no-such-catalog",
        ),
        pytest.param(
            ("acme", "recipes/a.yaml"),
            "error[RCP310]: cannot read the catalog `recipes/a.yaml`: recipes/a.yaml is not a catalog: it has no entries",
            id="not-a-catalog",
        ),
        pytest.param(("acme-2", "acme-2"), "warning[RCP313]: cluster `local` uses no catalog `acme-2`", id="not-used"),
    ],
)
def test_what_it_cannot_compare(project: Project, args: tuple[str, str], text: str) -> None:
    said = project.run("catalog", "diff", *args)
    assert said.code == (1 if text.startswith("error") else 0)
    assert text in said.out
