"""`validate --all-clusters`: one table, every finding once, and an exit code that says whether all can run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "recipec: 1\n")
    slurm = "target: slurm\nruns_dir: /shared/runs\nfunctions: ['a.*']\n"
    made.write("clusters/big.yaml", f"name: big\n{slurm}partitions: {{gpu: {{max_nodes: 16}}}}\n")
    made.write("clusters/small.yaml", f"name: small\n{slurm}partitions: {{gpu: {{max_nodes: 2}}}}\n")
    made.write("recipes/one.yaml", "name: one\nfunction: a.b\n")
    made.write("recipes/wide.yaml", "name: wide\nfunction: a.b\nresources: {nodes: 8}\n")
    return made


def test_the_table_and_each_finding_below(project: Project) -> None:
    said = project.run("validate", "recipes", "--all-clusters")
    assert said.code == 0
    assert said.out == (
        "RECIPE             big  small\n"
        "recipes/one.yaml   ok   ok\n"
        "recipes/wide.yaml  ok   RCP403 partition `gpu` has 2 nodes, 8 asked\n"
        "\n"
        "cluster small:\n"
        "error[RCP403]: partition `gpu` has 2 nodes, 8 asked\n"
        " --> recipes/wide.yaml:3:20\n"
        "  |\n"
        "3 | resources: {nodes: 8}\n"
        "  |                    ^ at most 2\n"
        " ::: clusters/small.yaml:5:31\n"
        "  |\n"
        "5 | partitions: {gpu: {max_nodes: 2}}\n"
        "  |                               - what there is\n"
        "  |\n"
        "  = help: ask for at most 2\n"
        "\n"
        "1 finding (1 error); `recipec explain RCP403` says more\n"
    )


def test_a_mistake_that_every_cluster_finds_is_said_once(project: Project) -> None:
    project.write("recipes/bad.yaml", "name: bad\nfunction: a.b\nresuorces: {}\n")
    said = project.run("validate", "recipes", "--all-clusters")
    assert said.code == 1
    assert said.out.count("error[RCP201]") == 1
    assert "\nevery cluster:\nerror[RCP201]" in said.out
    assert "recipes/bad.yaml   RCP201 unknown key `resuorces`  RCP201 unknown key `resuorces`\n" in said.out


def test_json(project: Project) -> None:
    said = project.run("validate", "recipes", "--all-clusters", "--format", "json")
    assert (said.code, said.json["valid"], said.codes) == (0, True, ["RCP403"])
    assert said.json["matrix"] == [
        {
            "recipe": "recipes/one.yaml",
            "clusters": {"big": {"taken": True, "diagnostics": []}, "small": {"taken": True, "diagnostics": []}},
        },
        {
            "recipe": "recipes/wide.yaml",
            "clusters": {"big": {"taken": True, "diagnostics": []}, "small": {"taken": False, "diagnostics": [0]}},
        },
    ]


@pytest.mark.parametrize(
    ("recipe", "code"),
    [
        pytest.param("name: r\nfunction: a.b\nresources: {nodes: 99}\n", 1, id="too-large-for-all"),
        pytest.param("name: r\nfunction: x.y\n", 4, id="the-policy-of-all-says-no"),
        pytest.param("name: r\nfunction: a.b\n", 0, id="taken"),
    ],
)
def test_the_exit_code_asks_for_one_cluster_for_each_recipe(project: Project, recipe: str, code: int) -> None:
    assert project.run("validate", "-", "--all-clusters", stdin=recipe).code == code


def test_a_profile_that_cannot_be_read_is_said_and_the_others_are_asked(project: Project) -> None:
    project.write("clusters/odd.yaml", "name: odd\ntarget: slrm\n")
    said = project.run("validate", "recipes/one.yaml", "--all-clusters")
    assert said.code == 1
    assert "recipes/one.yaml  ok   its profile cannot be read  ok\n" in said.out
    assert "cluster odd:\nerror[RCP209]: there is no target `slrm`" in said.out


def test_two_recipes_of_one_name(project: Project) -> None:
    project.write("recipes/two.yaml", "name: one\nfunction: a.b\n")
    said = project.run("validate", "recipes", "--all-clusters", "--format", "json")
    assert (said.code, said.codes) == (1, ["RCP705", "RCP403"])


def test_trusted_profiles_are_the_ones_asked(project: Project, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "clusters/big.yaml").rename(tmp_path / "team/big.yaml")
    said = project.run("validate", "recipes", "--all-clusters", RECIPEC_CLUSTERS=str(tmp_path / "team"))
    assert said.out == "RECIPE             big\nrecipes/one.yaml   ok\nrecipes/wide.yaml  ok\n"


def test_one_cluster_and_all_do_not_go_together(project: Project) -> None:
    said = project.run("validate", "recipes", "--all-clusters", "--cluster", "big")
    assert said.code == 2
    assert "`--all-clusters` goes with neither `--cluster` nor `--changed-since`" in said.err
