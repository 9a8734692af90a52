"""Sweeps: what the table holds, what is refused, and that a point of it reaches the function."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.project import Project
from tests.test_check import findings

CLUSTER = "name: c\ntarget: slurm\nruns_dir: /runs\nfunctions: [acme.*]\n"
RECIPE = "name: r\nfunction: acme.train\nargs: {lr: 1.0, optim: {wd: 0, betas: [0.9, 0.95]}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "default_cluster: c\n")
    made.write("clusters/c.yaml", CLUSTER)
    return made


def rows(project: Project, sweep: str) -> list[dict[str, Any]]:
    project.write("r.yaml", RECIPE + sweep)
    said = project.run("points", "r.yaml", "--format", "json")
    assert said.code == 0, said
    table: list[dict[str, Any]] = said.json["points"]
    return table


def values(project: Project, sweep: str) -> list[dict[str, Any]]:
    return [{".".join(map(str, route[1:])): value for route, value in row["set"]} for row in rows(project, sweep)]


def test_a_grid_has_every_combination_and_its_first_key_is_slowest(project: Project) -> None:
    assert values(project, "sweep: {grid: {lr: [1, 2], args.optim.wd: [0.1, 0.2]}}") == [
        {"lr": 1, "optim.wd": 0.1},
        {"lr": 1, "optim.wd": 0.2},
        {"lr": 2, "optim.wd": 0.1},
        {"lr": 2, "optim.wd": 0.2},
    ]


def test_zip_goes_in_step_and_reaches_into_lists(project: Project) -> None:
    assert values(project, "sweep: {zip: {lr: [1, 2], 'optim.betas[0]': [0.8, 0.7]}}") == [
        {"lr": 1, "optim.betas.0": 0.8},
        {"lr": 2, "optim.betas.0": 0.7},
    ]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param("{range: [0, 6, 2]}", [0, 2, 4], id="range-of-integers-stops-before-the-end"),
        pytest.param("{range: [0.1, 0.4, 0.1]}", [0.1, 0.2, 0.3], id="range-of-floats-has-no-rounding-noise"),
        pytest.param("{linspace: [0, 1, 3]}", [0.0, 0.5, 1.0], id="linspace-has-both-ends"),
        pytest.param("{logspace: [1.0e-5, 1.0e-3, 3]}", [1e-05, 0.0001, 0.001], id="logspace-by-its-ends"),
        pytest.param(
            "{choice: {of: [a, b, c, d], count: 2, seed: 1}}", ["c", "d"], id="a-seed-chooses-the-same-everywhere"
        ),
        pytest.param("[{_target_: acme.cosine}, null]", [{"_target_": "acme.cosine"}, None], id="values-may-be-calls"),
    ],
)
def test_forms_of_an_axis(project: Project, form: str, expected: list[Any]) -> None:
    assert [row["lr"] for row in values(project, f"sweep: {{grid: {{lr: {form}}}}}")] == expected


def test_numbers_and_digests_stay_when_points_are_appended(project: Project) -> None:
    before = rows(project, "sweep: {grid: {lr: [1, 2]}, points: [{lr: 7, name: big}]}")
    after = rows(project, "sweep: {grid: {lr: [1, 2]}, points: [{lr: 7, name: big}, {lr: 8}]}")
    assert after[:3] == before
    assert before[2]["name"] == "big"


def test_exclude_drops_the_points_that_have_all_of_its_values(project: Project) -> None:
    sweep = "sweep: {grid: {lr: [1, 2], optim.wd: [0, 1]}, exclude: [{lr: 1, optim.wd: 0}]}"
    assert [(row["lr"], row["optim.wd"]) for row in values(project, sweep)] == [(1, 1), (2, 0), (2, 1)]


def test_an_index_is_one_route_in_both_forms(project: Project) -> None:
    before = rows(project, "sweep: {grid: {'optim.betas[0]': [0.8]}, exclude: [{optim.betas.0: 0.5}]}")
    assert rows(project, "sweep: {grid: {optim.betas.0: [0.8]}}") == before
    assert before[0]["set"] == [[["args", "optim", "betas", 0], 0.8]]


GITHUB = """\
sweep:
  grid: {fruit: [apple, pear], animal: [cat, dog]}
  include:
  - {color: green}
  - {color: pink, animal: cat}
  - {fruit: apple, shape: circle}
  - {fruit: banana}
  - {fruit: banana, animal: cat}
"""


def test_include_means_what_it_means_in_github_actions(project: Project) -> None:
    """The example of GitHub's page "Running variations of jobs in a workflow", and its six points."""
    args = "args: {fruit: none, animal: none, color: none, shape: none}\n"
    project.write("r.yaml", f"name: r\nfunction: acme.train\n{args}{GITHUB}")
    said = project.run("points", "r.yaml", "--format", "json")
    assert [{route[-1]: value for route, value in row["set"]} for row in said.json["points"]] == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        pytest.param(
            "sweep: {grid: {lr: [1, 2]}, exclude: [{lr: 2}], include: [{lr: 2}]}",
            [{"lr": 1}, {"lr": 2}],
            id="it-comes-after-exclude",
        ),
        pytest.param("sweep: {include: [{lr: 1}, {lr: 2}]}", [{"lr": 1}, {"lr": 2}], id="alone-each-is-a-point"),
        pytest.param(
            "sweep: {zip: {lr: [1, 2]}, include: [{lr: 2, optim.wd: 3}], points: [{lr: 9}]}",
            [{"lr": 1}, {"lr": 2, "optim.wd": 3}, {"lr": 9}],
            id="points-stay-last-and-as-they-are",
        ),
        pytest.param(
            "sweep: {grid: {optim: [{wd: 1}]}, include: [{optim.wd: 2}]}",
            [{"optim": {"wd": 1}, "optim.wd": 2}],
            id="a-part-after-the-whole",
        ),
        pytest.param(
            "sweep: {grid: {lr: [1, 1.0]}, include: [{lr: 1, optim.wd: 2}]}",
            [{"lr": 1, "optim.wd": 2}, {"lr": 1.0}],
            id="one-and-one-point-zero-are-two",
        ),
    ],
)
def test_include(project: Project, sweep: str, expected: list[dict[str, Any]]) -> None:
    assert values(project, sweep) == expected


def test_include_names_a_point_that_is_there(project: Project) -> None:
    table = rows(project, "sweep: {grid: {lr: [1, 2]}, include: [{lr: 2, name: big}]}")
    assert [row.get("name") for row in table] == [None, "big"]


def test_a_large_include_is_refused_soon() -> None:
    args = ", ".join(f"a{n}: 0" for n in range(400))
    entries = ", ".join(f"{{a{n}: 1}}" for n in range(400))
    text = f"name: r\nfunction: acme.train\nargs: {{lr: 0, {args}}}\nsweep: {{grid: {{lr: {{range: [0, 1000]}}}}, include: [{entries}]}}\n"
    start = time.process_time()
    (finding,) = findings(text, CLUSTER)
    assert finding.startswith("RCP405 r.yaml:4:")
    assert finding.endswith("`include` gives more than 200000 values to the points | give them to fewer points")
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("sweep", "finding"),
    [
        pytest.param(
            "sweep: {grid: {lr: [1], args.lr: [2]}}",
            "RCP530 r.yaml:4:25 [args.lr] `args.lr` sets again what another key of the same point sets | remove one of the two; of a value and a part of it, write the whole value first",
            id="one-route-by-two-keys",
        ),
        pytest.param(
            "sweep: {points: [{'optim.betas[0]': 1, optim.betas.0: 2}]}",
            "RCP530 r.yaml:4:40 [optim.betas.0] `optim.betas.0` sets again what another key of the same point sets | remove one of the two; of a value and a part of it, write the whole value first",
            id="one-item-by-two-keys",
        ),
        pytest.param(
            "sweep: {zip: {optim.wd: [1], optim: [{wd: 2}]}}",
            "RCP530 r.yaml:4:30 [optim] `optim` sets again what another key of the same point sets | remove one of the two; of a value and a part of it, write the whole value first",
            id="the-whole-after-its-part",
        ),
        pytest.param(
            "sweep: {grid: {optim.wd: [1]}, include: [{optim: {wd: 2}}]}",
            "RCP530 r.yaml:4:43 [optim] `optim` sets again what another key of the same point sets | remove one of the two; of a value and a part of it, write the whole value first",
            id="the-whole-in-include-after-its-part",
        ),
        pytest.param(
            "sweep: {grid: {lr: [1, 2]}, include: [{lr: 2}]}",
            "RCP532 r.yaml:4:39 [{lr: 2}] this entry of `include` adds nothing to point 1 of the sweep, which has its values | remove it, or give it another value",
            id="include-that-adds-nothing",
        ),
        pytest.param(
            "sweep: {grid: {optim.betas.2: [1]}}",
            "RCP511 r.yaml:4:16 [optim.betas.2] `args.optim.betas[2]` is not set in any layer | give it a value under `args`, the sweep changes it",
            id="no-such-item",
        ),
        pytest.param(
            "sweep: {grid: {rl: [1]}}",
            "RCP511 r.yaml:4:16 [rl] `args.rl` is not set in any layer | did you mean `args.lr`? give it a value under `args`, the sweep changes it",
            id="unknown-argument",
        ),
        pytest.param(
            "sweep: {grid: {resources.nodes: [1, 2]}}",
            "RCP530 r.yaml:4:16 [resources.nodes] a sweep cannot change `resources.nodes`: its points are one job array | sweep over arguments, and compile other jobs apart",
            id="not-an-argument",
        ),
        pytest.param(
            "sweep: {grid: {a b: [1]}}",
            "RCP530 r.yaml:4:16 [a b] `a b` is not a route | write `args.name`, or `name` alone",
            id="not-a-route",
        ),
        pytest.param(
            "sweep: {zip: {lr: [1], optim.wd: [1, 2]}}",
            "RCP531 r.yaml:4:9 [zip] the lists of `zip` differ in length: `args.lr` 1, `args.optim.wd` 2 | give each key as many values",
            id="zip-of-two-lengths",
        ),
        pytest.param(
            "sweep: {}",
            "RCP531 r.yaml:4:1 [sweep] the sweep has no points | give `grid`, `zip` or `points` some values",
            id="no-points",
        ),
        pytest.param(
            "sweep: {grid: {lr: [1, 1]}}",
            "RCP532 r.yaml:4:1 [sweep] points 0 and 1 of the sweep set the same values | remove one of the two",
            id="one-point-twice",
        ),
        pytest.param(
            "sweep: {grid: {lr: [{_target_: os.system}]}}",
            "RCP710 r.yaml:4:32 [os.system] cluster `c` does not permit the function `os.system` | name another function",
            id="a-function-in-a-value-is-checked",
        ),
        pytest.param(
            "sweep: {gird: {}}",
            "RCP201 r.yaml:4:9 [gird] unknown key `gird` in `sweep` | a key with a similar name exists: `grid`",
            id="unknown-key",
        ),
    ],
)
def test_finding(sweep: str, finding: str) -> None:
    assert findings(RECIPE + sweep, CLUSTER) == [finding]


@pytest.mark.parametrize("key", ["raw.lr", "raw._raw_", "args.raw.deep.0"])
def test_a_sweep_into_raw_is_refused(key: str) -> None:
    recipe = "name: r\nfunction: acme.train\nargs: {raw: {_raw_: true, lr: 1, deep: [1]}}\n"
    assert findings(f"{recipe}sweep: {{grid: {{{key}: [1]}}}}\n", CLUSTER) == [
        f"RCP550 r.yaml:4:16 [{key}] `args.raw` is `_raw_`: it is passed as it is, and nothing in it can be overridden | override `args.raw` as a whole, or change the recipe"
    ]
    assert findings(f"{recipe}sweep: {{grid: {{raw: [{{_raw_: true, lr: 2}}]}}}}\n", CLUSTER) == []


def test_a_part_of_an_anchored_value_is_set_once_by_whatever_route() -> None:
    recipe = "name: r\nfunction: acme.train\nargs: {a: &a {lr: 1}, b: *a}\n"
    assert findings(f"{recipe}sweep: {{grid: {{a.lr: [1], b.lr: [2]}}}}\n", CLUSTER) == [
        "RCP530 r.yaml:4:27 [b.lr] `b.lr` sets again what another key of the same point sets | remove one of the two; of a value and a part of it, write the whole value first"
    ]
    assert findings(f"{recipe}sweep: {{grid: {{a.lr: [1], b: [{{lr: 2}}]}}}}\n", CLUSTER) == []


def test_a_sweep_over_the_limit_is_refused_without_being_expanded() -> None:
    axes = ", ".join(f"lr{n}: {{range: [0, 1000]}}" for n in range(3))
    args = ", ".join(f"lr{n}: 0" for n in range(3))
    start = time.process_time()
    found = findings(f"name: r\nfunction: acme.train\nargs: {{{args}}}\nsweep: {{grid: {{{axes}}}}}\n", CLUSTER)
    assert found == [
        "RCP405 r.yaml:4:1 [sweep] the sweep has 1000000000 points, the cluster takes 1001 | sweep over fewer values"
    ]
    assert time.process_time() - start < 1


def test_the_local_target_refuses_a_sweep_by_name() -> None:
    found = findings(RECIPE + "sweep: {grid: {lr: [1]}}", "name: l\ntarget: local\nfunctions: [acme.*]\n")
    assert found[0].startswith("RCP410 r.yaml:4:1 [sweep] target `local` has no job arrays, so it runs no sweep")


def test_one_bundle_one_array_and_the_throttle(project: Project) -> None:
    project.write("r.yaml", RECIPE + "sweep: {grid: {lr: {range: [0, 10]}}, max_parallel: 3}")
    folder = project.compile("r.yaml")
    assert "#SBATCH --array=0-9%3\n" in (folder / "job.sbatch").read_text()
    assert "r-%A_%a.log" in (folder / "job.sbatch").read_text()
    assert len((folder / "points.jsonl").read_text().splitlines()) == 10


def test_the_runner_calls_the_function_with_its_point(project: Project) -> None:
    code = "import json\ndef train(**kwargs):\n    print(json.dumps(kwargs))\n"
    project.write("acme.py", code)
    shared = "name: r\nfunction: acme.train\nargs:\n  a: &x {v: 1}\n  b: *x\n  l: [1, {k: 2}]\nsweep: {grid: {a.v: [5], 'l[1].k': [6, 7]}}\n"
    project.write("r.yaml", shared)
    folder = project.compile("r.yaml")
    argv = [
        sys.executable,
        str(folder / "runtime.py"),
        str(folder / "call.json"),
        "--points",
        str(folder / "points.jsonl"),
        "--point",
    ]
    done = subprocess.run(
        [*argv, "1"], capture_output=True, text=True, check=False, env={"RECIPEC_WORKDIR": str(project.root)}
    )
    assert json.loads(done.stdout) == {"a": {"v": 5}, "b": {"v": 5}, "l": [1, {"k": 7}]}, done.stderr
    done = subprocess.run([*argv, "2"], capture_output=True, text=True, check=False)
    assert done.returncode == 65
    assert "has no usable point 2" in done.stderr
