"""The schema of one recipe: what it takes and refuses is what `validate` does, and an editor can use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from recipe_compiler.syntax import parse_bytes, plain
from tests.language_server import language_server
from tests.project import REPO, Project

SOURCE = '''\
import enum
from dataclasses import dataclass
from typing import Literal, Optional


class Mode(enum.Enum):
    FAST = 1
    SAFE = 2


@dataclass
class Adam:
    """An optimizer."""

    lr: float = 1e-3
    """Step size."""
    betas: tuple[float, float] = (0.9, 0.99)


def main(
    steps: int,
    optim: Optional[Adam] = None,
    schedule: Literal["cosine", "linear"] = "cosine",
    mode: Mode = Mode.FAST,
    sizes: list[int] = [],
    name: str = "run",
) -> None:
    """Train.

    Args:
        steps: How many optimizer steps.
    """
'''
RECIPE = """\
name: sft
function: acme.train.main
args:
  steps: 1000
  optim:
    _target_: acme.train.Adam
    lr: 0.1
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "default_cluster: gpu\n")
    made.write(
        "clusters/gpu.yaml",
        'name: gpu\ntarget: slurm\nruns_dir: /runs\nfunctions: ["acme.*"]\ncatalogs: [acme]\ndefaults: {nodes: 1}\n',
    )
    made.write("src/acme/__init__.py", "")
    made.write("src/acme/train.py", SOURCE)
    said = made.run("catalog", "src", "--name", "acme")
    assert said.code == 0, said.err
    made.write("recipes/sft.yaml", RECIPE)
    return made


def schema_of(project: Project) -> dict[str, Any]:
    said = project.run("schema", "--for", "recipes/sft.yaml")
    assert said.code == 0, said.err
    jsonschema.Draft202012Validator.check_schema(said.json)
    return said.json


def taken(schema: dict[str, Any], text: str) -> bool:
    node, wrong = parse_bytes("r.yaml", text.encode())
    assert node is not None, wrong
    return jsonschema.Draft202012Validator(schema).is_valid(plain(node))


@pytest.mark.parametrize(
    ("more", "right"),
    [
        pytest.param("", True, id="as-it-is"),
        pytest.param("  widht: 1\n", False, id="an-unknown-argument"),
        pytest.param("  schedule: linear\n", True, id="a-literal"),
        pytest.param("  schedule: linaer\n", False, id="no-such-literal"),
        pytest.param("  schedule: ${vars.s}\nvars: {s: linear}\n", True, id="a-reference-stands-for-anything"),
        pytest.param("  name: 5\n", False, id="a-number-is-no-text"),
        pytest.param("  sizes: [1, 2]\n", True, id="a-list"),
        pytest.param("  sizes: [1, two]\n", False, id="a-wrong-item"),
        pytest.param("  mode: {_enum_: acme.train.Mode.SAFE}\n", True, id="a-member"),
        pytest.param("  mode: {_enum_: acme.train.Mode.SLOW}\n", False, id="no-such-member"),
        pytest.param("    betas: {_tuple_: [0.9, 0.95]}\n", True, id="a-form"),
        pytest.param("    betas: [0.9]\n", False, id="too-few-values"),
        pytest.param("    lrr: 1\n", False, id="an-unknown-argument-of-a-call"),
        pytest.param("launcher: {kind: torchrun}\n", True, id="a-section"),
        pytest.param("launcher: torchrun\n", True, id="a-short-section"),
        pytest.param("sizes: 1\n", False, id="an-unknown-key"),
    ],
)
def test_the_schema_takes_what_validate_takes(project: Project, more: str, *, right: bool) -> None:
    schema = schema_of(project)
    text = RECIPE + more
    project.write("recipes/sft.yaml", text)
    said = project.run("validate", "recipes/sft.yaml", "--format", "json")
    assert (said.code == 0) == right, said.out
    assert taken(schema, text) == right


def test_an_argument_says_its_doc_type_and_default(project: Project) -> None:
    args = schema_of(project)["properties"]["args"]["properties"]
    assert args["steps"]["description"] == "How many optimizer steps. `int`. required"
    assert args["name"]["default"] == "run"
    assert args["schedule"]["anyOf"][0] == {"enum": ["cosine", "linear"]}


def test_a_recipe_with_a_wrong_argument_has_a_schema_still(project: Project) -> None:
    project.write("recipes/sft.yaml", RECIPE + "  widht: 1\n")
    assert "steps" in schema_of(project)["properties"]["args"]["properties"]


def test_a_recipe_that_says_no_function_has_none(project: Project) -> None:
    project.write("recipes/sft.yaml", "name: sft\n")
    said = project.run("schema", "--for", "recipes/sft.yaml")
    assert (said.code, said.out) == (1, "")
    assert "RCP211" in said.err


def test_the_part_of_a_recipe_that_a_base_completes_is_taken(project: Project) -> None:
    project.write("bases/sft.yaml", RECIPE.replace("name: sft\n", ""))
    leaf = "extends: ../bases/sft.yaml\nname: leaf\nargs: {optim: {lr: 0.2}}\n"
    project.write("recipes/sft.yaml", leaf)
    schema = schema_of(project)
    assert taken(schema, leaf)
    assert not taken(schema, leaf.replace("lr:", "lrr:"))


@pytest.mark.parametrize("path", [pytest.param(one, id=one.name) for one in sorted((REPO / "recipes").glob("*.yaml"))])
def test_recipes_for_nemo_and_megatron_bridge_are_taken(path: Path) -> None:
    said = Project(REPO).run("schema", "--for", str(path), "--cluster", "example")
    assert taken(json.loads(said.out), path.read_text(encoding="utf-8"))


def test_an_editor_completes_hovers_and_finds_the_same_lines(project: Project) -> None:
    schema = project.write("sft.schema.json", project.run("schema", "--for", "recipes/sft.yaml").out)
    wrong = RECIPE.replace("steps: 1000", "steps: many").replace("lr: 0.1", "lrr: 0.1") + "  sch\n"
    uri = project.write("recipes/sft.yaml", wrong.replace("  sch\n", "  widht: 1\n")).as_uri()
    ours = project.run("validate", "recipes/sft.yaml", "--format", "json").json["diagnostics"]
    with language_server(project.root, schema) as server:
        text = wrong.replace("  sch\n", "  widht: 1\n")
        server.tell(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}},
        )
        theirs = server.found_in(uri)
        place = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 4}}
        hover = server.ask("textDocument/hover", place)
        server.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": wrong}]},
        )
        at = {"line": len(wrong.splitlines()) - 1, "character": 5}
        offered = server.ask("textDocument/completion", {**place, "position": at})
    assert "How many optimizer steps" in json.dumps(hover)
    assert "schedule" in [item["label"] for item in offered["items"]]
    lines = {one["range"]["start"]["line"] + 1 for one in theirs}
    assert lines == {one["range"]["start"]["line"] for one in ours} == {4, 7, 8}


def unsaved(project: Project, text: str, *more: str, file: str = "recipes/sft.yaml") -> Any:
    return project.run("validate", "-", "--stdin-filename", file, "--format", "json", *more, stdin=text)


def test_unsaved_text_is_what_is_checked_and_findings_name_its_file(project: Project) -> None:
    said = unsaved(project, RECIPE + "  widht: 1\n")
    assert said.code == 1
    assert [(one["code"], one["file"]) for one in said.json["diagnostics"]] == [("RCP303", "recipes/sft.yaml")]
    saved = project.write("recipes/sft.yaml", RECIPE + "  widht: 1\n")
    assert project.run("validate", str(saved), "--format", "json").json["diagnostics"] == said.json["diagnostics"]


def test_bases_are_relative_to_the_file_and_it_need_not_exist(project: Project) -> None:
    project.write("recipes/deep/base.yaml", RECIPE.replace("name: sft\n", ""))
    assert unsaved(project, "name: a\nextends: base.yaml\n", file="recipes/deep/new.yaml").code == 0
    assert unsaved(project, "name: a\nextends: base.yaml\n", file="recipes/new.yaml").json["diagnostics"]


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("recipes", "--stdin-filename", "recipes/sft.yaml"), id="without-standard-input"),
        pytest.param(("-", "--stdin-filename", "recipes"), id="a-folder"),
        pytest.param(("-", "--stdin-filename", "https://host/r.yaml"), id="a-url"),
        pytest.param(("-", "--stdin-filename", "a.yaml", "--all-clusters"), id="all-clusters"),
    ],
)
def test_a_name_without_its_text_is_refused(project: Project, args: tuple[str, ...]) -> None:
    said = project.run("validate", *args, stdin=RECIPE)
    assert said.code == 2
    assert "--stdin-filename" in said.err
