"""`recipec diff`: the meaning first, then the scripts, the same in every format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from recipe_compiler.budget import gpu_hours, hours_text
from recipe_compiler.bundle import seal
from recipe_compiler.difference import same_value
from recipe_compiler.report.diff_markdown import code
from recipe_compiler.side import side_of
from tests.jobs import BASE, CLUSTER, RECIPE, SWEEP, commit, project_at
from tests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_at(tmp_path)


def meaning(project: Project, before: str, after: str) -> list[str]:
    """What the text says before the scripts, of a recipe that was changed."""
    project.write("recipes/sft.yaml", before)
    commit(project.root)
    project.write("recipes/sft.yaml", after)
    said = project.run("diff", "recipes/sft.yaml", "--against", "HEAD")
    assert said.code in {0, 1}, said.err
    head = said.out.split("\n--- before/")[0].rstrip("\n").split("\n")
    return [re.sub(r" {2,}", "  ", line) for line in head[2:] if line and not line.startswith("inputs:")]


SAME = ["the same job, from inputs that changed"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(RECIPE, f"# new\n{RECIPE}", SAME, id="a-comment-is-no-change"),
        pytest.param(
            RECIPE,
            RECIPE.replace("1000", "2000"),
            [
                "1 parameter, 1 file differ",
                "parameters",
                "  ~ args.steps  1000 → 2000  recipes/sft.yaml:5",
            ],
            id="an-argument-changed",
        ),
        pytest.param(
            RECIPE,
            RECIPE.replace("1000", "1000.0"),
            [
                "1 parameter, 1 file differ",
                "parameters",
                "  ~ args.steps  1000 → 1000.0  recipes/sft.yaml:5",
            ],
            id="an-integer-is-not-a-float",
        ),
        pytest.param(
            RECIPE,
            f"{RECIPE}  seed: 7\n",
            ["1 parameter, 1 file differ", "parameters", "  + args.seed  7  recipes/sft.yaml:6"],
            id="an-argument-added",
        ),
        pytest.param(
            f"{RECIPE}  seed: 7\n",
            RECIPE,
            ["1 parameter, 1 file differ", "parameters", "  - args.seed  7  was recipes/sft.yaml:6"],
            id="an-argument-removed",
        ),
        pytest.param(
            RECIPE,
            f"{RECIPE}resources: {{nodes: 8, time: '48:00:00'}}\n",
            [
                "4 facts of the job, 2 files differ",
                "job",
                "  ~ nodes  4 → 8  recipes/sft.yaml:6, was bases/sft.yaml:4",
                "  ~ world size  32 → 64",
                "  ~ time  1-00:00:00 → 2-00:00:00  recipes/sft.yaml:6, was <cluster h200>:9",
                "  ~ GPU-hours  768 → 3,072 (+2,304)",
            ],
            id="nodes-and-time",
        ),
        pytest.param(
            RECIPE,
            f"{RECIPE}container: next\n",
            [
                "3 facts of the job, 2 files differ",
                "job",
                "  ~ image  nemo → next  recipes/sft.yaml:6, was <cluster h200>:9",
                "  ~ image file  /images/nemo.sif → /images/next.sif",
                "  ~ image sha256  000000000000 → 000000000000",
            ],
            id="image",
        ),
        pytest.param(
            RECIPE,
            f"{RECIPE}launcher: {{kind: torchrun, max_restarts: 3}}\nenv: {{NCCL_DEBUG: INFO}}\n",
            [
                "2 parameters, 2 files differ",
                "parameters",
                "  ~ env.NCCL_DEBUG  WARN → INFO  recipes/sft.yaml:7, was <cluster h200>",
                "  ~ launcher.max_restarts  0 → 3  recipes/sft.yaml:6, was <cluster h200>",
            ],
            id="launcher-options-and-environment",
        ),
        pytest.param(
            f"{RECIPE}{SWEEP}",
            f"{RECIPE}{SWEEP}".replace("0.003]", "0.003, 0.01]"),
            [
                "2 facts of the job, 1 file, the points of the sweep differ",
                "job",
                "  ~ points  4 → 6  recipes/sft.yaml:6",
                "  ~ GPU-hours  3,072 → 4,608 (+1,536)",
                "4 → 6 points: 2 added",
                "  + #4 args.optim.lr=0.01 args.steps=1000",
                "  + #5 args.optim.lr=0.01 args.steps=2000",
            ],
            id="points",
        ),
    ],
)
def test_meaning(project: Project, before: str, after: str, said: list[str]) -> None:
    assert meaning(project, before, after) == said


def test_the_scripts_follow_the_meaning(project: Project) -> None:
    project.write("recipes/new.yaml", f"{RECIPE}resources: {{nodes: 8}}\n")
    out = project.run("diff", "recipes/sft.yaml", "recipes/new.yaml").out
    assert out.index("\njob\n") < out.index("\n--- before/job.sbatch\n+++ after/job.sbatch\n") < out.index("step.sh")
    assert "\n-#SBATCH --nodes=4\n+#SBATCH --nodes=8\n" in out


def test_a_script_of_the_authors_is_compared_by_its_lines(project: Project) -> None:
    project.write("recipes/a.yaml", 'name: a\nscript: {inline: "echo one\\necho two\\n"}\n')
    project.write("recipes/b.yaml", 'name: a\nscript: {inline: "echo one\\necho three\\n"}\n')
    out = project.run("diff", "recipes/a.yaml", "recipes/b.yaml").out
    assert "+++ after/script.sh\n@@ -1,3 +1,3 @@\n echo one\n-echo two\n+echo three\n" in out


def test_a_call_that_changes_by_its_order_alone_is_shown(project: Project) -> None:
    project.write("recipes/a.yaml", "name: a\nfunction: acme.f\nargs: {x: 1, y: 2}\n")
    project.write("recipes/b.yaml", "name: a\nfunction: acme.f\nargs: {y: 2, x: 1}\n")
    said = project.run("diff", "recipes/a.yaml", "recipes/b.yaml")
    assert said.code == 1
    assert "+++ after/call.json" in said.out


def test_a_recipe_and_its_bundle_are_the_same(project: Project) -> None:
    bundle = project.compile("recipes/sft.yaml")
    said = project.run("diff", "recipes/sft.yaml", str(bundle))
    assert (said.code, said.out) == (0, f"recipes/sft.yaml → {bundle.name}\nthe same job\n")


def test_without_another_side_the_overrides_are_the_change(project: Project) -> None:
    said = project.run("diff", "recipes/sft.yaml", "--set", "args.steps=5")
    assert said.code == 1
    assert "  ~ args.steps  1000 → 5  <--set args.steps=5>:1, was recipes/sft.yaml:5\n" in said.out


@pytest.mark.parametrize(
    ("args", "text"),
    [
        pytest.param((), "Missing argument 'B', or '--against', or '--set'.", id="nothing-to-compare-with"),
        pytest.param(
            ("recipes/sft.yaml", "--against", "HEAD"),
            "'B' and '--against' are two ways to name the other side.",
            id="two",
        ),
        pytest.param(
            ("recipes/sft.yaml", "--cluster-at-ref"), "'--cluster-at-ref' goes with '--against'.", id="at-ref-alone"
        ),
    ],
)
def test_usage(project: Project, args: tuple[str, ...], text: str) -> None:
    said = project.run("diff", "recipes/sft.yaml", *args)
    assert said.code == 2
    assert text in said.err


def test_a_side_with_errors_is_no_difference(project: Project) -> None:
    project.write("recipes/bad.yaml", RECIPE.replace("name: sft", "name: SFT"))
    said = project.run("diff", "recipes/sft.yaml", "recipes/bad.yaml", "--format", "json")
    assert (said.code, said.codes, said.json["same"]) == (1, ["RCP701"], None)


def test_json(project: Project) -> None:
    project.write("recipes/new.yaml", f"{RECIPE}resources: {{nodes: 8}}\n".replace("1000", "5"))
    said = project.run("diff", "recipes/sft.yaml", "recipes/new.yaml", "--format", "json").json
    assert said["same"] is False
    assert said["valid"] is True
    assert [one["what"] for one in said["job"]] == ["nodes", "world size", "GPU-hours"]
    assert said["parameters"] == [
        {
            "what": "args.steps",
            "kind": "changed",
            "before": {"value": 1000, "set_by": "recipes/sft.yaml:5"},
            "after": {"value": 5, "set_by": "recipes/new.yaml:5"},
        }
    ]
    assert (said["before"]["gpu_hours"], said["after"]["gpu_hours"]) == (768.0, 1536.0)
    assert [(one["name"], one["kind"]) for one in said["scripts"]] == [
        ("job.sbatch", "changed"),
        ("step.sh", "changed"),
    ]


def test_markdown_keeps_every_word_in_code(project: Project) -> None:
    nasty = json.dumps("@team `x` ``y`` | <img src=x> [a](http://b)\n# head")
    project.write("recipes/new.yaml", RECIPE.replace("1000", nasty))
    out = project.run("diff", "recipes/sft.yaml", "recipes/new.yaml", "--format", "markdown").out
    row = next(line for line in out.split("\n") if "args.steps" in line)
    quoted = '"@team `x` ``y`` \\| <img src=x> [a](http://b)\\n# head"'
    assert row == (f"| ~ | `args.steps` | `1000` | ```{quoted}``` | `recipes/new.yaml:5, was recipes/sft.yaml:5` |")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        pytest.param("a", "`a`", id="plain"),
        pytest.param("`a", "`` `a ``", id="begins-with-a-backtick"),
        pytest.param("a``b`c", "```a``b`c```", id="a-longer-fence"),
        pytest.param("a\nb", "`a\\nb`", id="one-line"),
        pytest.param("\u202ea", "`\\u202ea`", id="bidi"),
    ],
)
def test_code_span(text: str, span: str) -> None:
    assert code(text) == span


def test_every_format_says_the_same_numbers(project: Project) -> None:
    project.write("recipes/new.yaml", f"{RECIPE}resources: {{nodes: 8}}\n")
    for format_ in ("text", "markdown", "html"):
        said = project.run("diff", "recipes/sft.yaml", "recipes/new.yaml", "--format", format_)
        assert said.code == 1
        assert all(text in said.out for text in ("768", "1,536", "+768")), format_


# A revision of git


def test_against_reads_all_that_the_recipe_is_made_of_from_the_revision(project: Project) -> None:
    head = commit(project.root)
    project.write("bases/sft.yaml", BASE.replace("nodes: 4", "nodes: 8").replace("0.001", "0.01"))
    said = project.run("diff", "recipes/sft.yaml", "--against", "main")
    assert said.code == 1
    head_of = said.out.split("\n--- ")[0]
    assert head_of.split("\n")[:3] == [
        "recipes/sft.yaml at main → recipes/sft.yaml",
        f"(main is {head[:12]}; cluster profile `h200` of the working tree, for both sides)",
        "3 facts of the job, 1 parameter, 2 files differ",
    ]
    assert "  ~ args.optim.lr  0.001 → 0.01  bases/sft.yaml:2\n" in head_of


def test_the_profile_is_the_working_trees_unless_asked(project: Project) -> None:
    commit(project.root)
    project.write("clusters/h200.yaml", CLUSTER.replace("24:00:00", "12:00:00"))
    assert project.run("diff", "recipes/sft.yaml", "--against", "HEAD").code == 0
    said = project.run("diff", "recipes/sft.yaml", "--against", "HEAD", "--cluster-at-ref")
    assert said.code == 1
    assert "cluster profile `h200` at HEAD)" in said.out
    assert "GPU-hours  768 → 384 (-384)" in said.out


def test_a_recipe_that_was_not_there_is_new(project: Project) -> None:
    commit(project.root)
    project.write("recipes/new.yaml", RECIPE)
    said = project.run("diff", "recipes/new.yaml", "--against", "HEAD")
    assert said.code == 1
    assert said.out.startswith("recipes/new.yaml is new\n(recipes/new.yaml is not there at HEAD; HEAD is ")


def test_a_project_below_the_repositorys_root(tmp_path: Path) -> None:
    project = project_at(tmp_path / "deep" / "er")
    commit(tmp_path)
    project.write("recipes/sft.yaml", RECIPE.replace("1000", "5"))
    assert "args.steps  1000 → 5" in project.run("diff", "recipes/sft.yaml", "--against", "HEAD").out


def test_errors_of_the_revision_say_so(project: Project) -> None:
    project.write("recipes/sft.yaml", RECIPE.replace("name: sft", "name: SFT"))
    commit(project.root)
    project.write("recipes/sft.yaml", RECIPE)
    said = project.run("diff", "recipes/sft.yaml", "--against", "HEAD")
    assert said.code == 1
    assert "error[RCP701]" in said.err
    assert "  = note: this is the recipe at HEAD\n" in said.err


# Bundles of strangers


def stranger(**changes: Any) -> Any:
    """A bundle that holds together by its digests and was made by hand."""
    files = {"call.json": '{"format": 1, "function": "f", "args": {}}', **changes.pop("files", {})}
    job = {"nodes": 1, "gpus_per_node": 0, "nproc_per_node": 1, "world_size": 1, "walltime_s": 60, **changes}
    cluster = {"name": "c", "target": "local", "sha256": "0"}
    inputs: dict[str, Any] = {"recipe": {}, "templates": {}}
    return seal("x", files, {"job": job, "cluster": cluster, "inputs": inputs, "values": {}, "recipec": "0"})


BOMB = {
    "format": 1,
    "args": {"_shared_": 40},
    "shared": [[], *([{"_shared_": at}, {"_shared_": at}] for at in range(40))],
}
CIRCLE = {"format": 1, "args": {"a": {"_shared_": 0}}, "shared": [{"b": {"_shared_": 0}}]}


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        pytest.param(stranger(nodes="4"), "`job.nodes` is not a number", id="text-for-a-number"),
        pytest.param(stranger(nodes=True), "`job.nodes` is not a number", id="a-bool-for-a-number"),
        pytest.param(stranger(files={"call.json": "[]"}), "call.json is not a mapping", id="a-list"),
        pytest.param(stranger(files={"call.json": "{"}), "call.json cannot be read", id="no-json"),
        pytest.param(stranger(files={"call.json": "[" * 100_000}), "call.json cannot be read", id="deep"),
        pytest.param(stranger(files={"call.json": "[" * 200 + "]" * 200}), "call.json is too deep", id="too-deep"),
        pytest.param(
            stranger(files={"call.json": json.dumps(CIRCLE)}), "call.json refers to itself, or is too deep", id="circle"
        ),
        pytest.param(
            stranger(files={"call.json": json.dumps(BOMB)}), "call.json has more than 100000 values", id="bomb"
        ),
        pytest.param(
            stranger(files={"call.json": '{"args": {"_shared_": 9}}'}),
            "call.json refers to what it does not hold",
            id="no-such-shared",
        ),
        pytest.param(stranger(files={"points.jsonl": "{}\n"}), "points.jsonl is not a table of points", id="points"),
    ],
)
def test_a_bundle_that_recipec_did_not_write(bundle: Any, why: str) -> None:
    side, found = side_of("b/x", bundle)
    assert side is None
    assert [item.message for item in found] == [f"`{bundle.folder}` was not written by recipec: {why}"]


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [(1, 1, True), (1, 1.0, False), (1, True, False), (0.0, -0.0, False), ("1", 1, False), ({"a": 1}, {"a": 1}, True)],
)
def test_same_value(one: Any, two: Any, same: bool) -> None:
    assert same_value(one, two) is same


def test_gpu_hours() -> None:
    assert gpu_hours(4, 8, 86_400) == 768
    assert gpu_hours(4, 8, 86_400, points=12, attempts=3) == 27_648
    assert gpu_hours(1, 0, 3600) == 0
    assert [hours_text(hours) for hours in (0, 0.25, 1536, 1 / 3, 1234567.5)] == [
        "0",
        "0.25",
        "1,536",
        "0.33",
        "1,234,567.5",
    ]
