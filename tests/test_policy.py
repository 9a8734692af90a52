"""The execution team's policy: one rule a row, the whole message asserted, at compile and at submission."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recipe_compiler import driver
from recipe_compiler.bundle import canonical, sha256
from recipe_compiler.policy import Policy, Team
from tests.project import Project, Said
from tests.test_check import findings

CLUSTER = """\
name: c1
target: slurm
runs_dir: /shared/runs
partitions: {gpu: {}, debug: {}}
accounts: [research, ops]
defaults: {partition: gpu, launcher: python, account: ops}
functions: ["acme.*"]
env_allow: [NCCL_*]
secrets: {HF_TOKEN: /shared/hf}
policy:
  contact: "#gpu-desk"
"""
RECIPE = "name: r\nfunction: acme.train.sft\n"


@pytest.mark.parametrize(
    ("policy", "recipe", "found"),
    [
        pytest.param(
            "limits: {gpu_hours: 5000}",
            "resources: {nodes: 512, gpus_per_node: 8, time: '7-00:00:00'}",
            "RCP406 r.yaml:3:20 [512] 688128 GPU h are over the limit, 5000 GPU h | ask for at most 5000 GPU h; for an exception: #gpu-desk",
            id="gpu-hours",
        ),
        pytest.param(
            "limits: {gpu_hours: 688128}", "resources: {nodes: 512, gpus_per_node: 8, time: 7d}", "", id="at-the-limit"
        ),
        pytest.param(
            "limits: {gpu_hours: 10}",
            "resources: {gpus_per_node: 2, time: 2h}\nargs: {lr: 0}\nsweep: {grid: {lr: [1, 2, 3]}}",
            "RCP406 r.yaml:3:28 [2] 12 GPU h are over the limit, 10 GPU h | ask for at most 10 GPU h; for an exception: #gpu-desk",
            id="each-point-of-a-sweep-counts",
        ),
        pytest.param(
            "limits: {nodes: 4}",
            "resources: {nodes: 5}",
            "RCP409 r.yaml:3:20 [5] 5 nodes are over the limit, 4 nodes | ask for at most 4 nodes; for an exception: #gpu-desk",
            id="nodes",
        ),
        pytest.param(
            "limits: {gpus: 8}",
            "resources: {nodes: 2, gpus_per_node: 8}",
            "RCP409 r.yaml:3:20 [2] 16 GPUs are over the limit, 8 GPUs | ask for at most 8 GPUs; for an exception: #gpu-desk",
            id="gpus",
        ),
        pytest.param(
            "limits: {points: 2}",
            "args: {lr: 0}\nsweep: {grid: {lr: [1, 2, 3]}}",
            "RCP409 r.yaml:4:1 [sweep] 3 points are over the limit, 2 points | ask for at most 2 points; for an exception: #gpu-desk",
            id="points",
        ),
        pytest.param(
            "{limits: {nodes: 2}, teams: {big: {accounts: [research], nodes: 8}}}",
            "resources: {nodes: 5, account: research}",
            "",
            id="a-team-has-its-own-limit",
        ),
        pytest.param(
            "{limits: {nodes: 2}, teams: {big: {accounts: [research], nodes: 8}}}",
            "resources: {nodes: 5}",
            "RCP409 r.yaml:3:20 [5] 5 nodes are over the limit, 2 nodes | ask for at most 2 nodes; for an exception: #gpu-desk",
            id="the-account-says-which-team",
        ),
        pytest.param(
            "{teams: {big: {accounts: [research], nodes: 8}}}",
            "resources: {nodes: 9, account: research}",
            "RCP409 r.yaml:3:20 [9] 9 nodes are over the limit of team `big`, 8 nodes | ask for at most 8 nodes; for an exception: #gpu-desk",
            id="the-team-is-named",
        ),
        pytest.param("routes: [{require: env.NCCL_DEBUG}]", "env: {NCCL_DEBUG: INFO}", "", id="required-and-there"),
        pytest.param(
            "routes: [{require: env.NCCL_DEBUG}]",
            "",
            "RCP731 r.yaml:1:1 [n] the policy of cluster `c1` requires `env.NCCL_DEBUG` | set `env.NCCL_DEBUG`; for an exception: #gpu-desk",
            id="required",
        ),
        pytest.param(
            "routes: [{forbid: args.trust}]",
            "args: {trust: true}",
            "RCP732 r.yaml:3:8 [trust] the policy of cluster `c1` does not let a recipe set `args.trust` | remove it; for an exception: #gpu-desk",
            id="forbidden",
        ),
        pytest.param("routes: [{forbid: args.trust}]", "args: {model: {trust: true}}", "", id="one-place-is-meant"),
        pytest.param(
            "routes: [{forbid: args.**.trust}]",
            "args: {model: [{x: {trust: true}}]}",
            "RCP732 r.yaml:3:21 [trust] the policy of cluster `c1` does not let a recipe set `args.model[0].x.trust` | remove it; for an exception: #gpu-desk",
            id="forbidden-at-any-depth",
        ),
        pytest.param(
            "routes: [{forbid: args.*.trust}]",
            "args: {a: {b: {trust: 1}}, c: {trust: 1}}",
            "RCP732 r.yaml:3:32 [trust] the policy of cluster `c1` does not let a recipe set `args.c.trust` | remove it; for an exception: #gpu-desk",
            id="one-step",
        ),
        pytest.param(
            "routes: [{forbid: args.**.trust}]",
            "args: {model: {}}\nsweep: {grid: {model: [{a: 1}, {trust: 1}]}}",
            "RCP732 r.yaml:3:8 [model] the policy of cluster `c1` does not let a recipe set `args.model.trust` | remove it; for an exception: #gpu-desk",
            id="a-point-of-a-sweep-hides-nothing",
        ),
        pytest.param(
            "routes: [{lock: resources.qos, to: normal}]", "resources: {qos: normal}", "", id="locked-and-equal"
        ),
        pytest.param("routes: [{lock: args.n, to: 1}]", "args: {n: 1.0}", "", id="one-and-1.0-are-one"),
        pytest.param(
            "routes: [{lock: args.n, to: 1}]",
            "args: {n: true}",
            "RCP733 r.yaml:3:11 [true] the policy of cluster `c1` locks `args.n` to `1` | write `1`, or remove it; for an exception: #gpu-desk",
            id="true-is-not-one",
        ),
        pytest.param(
            "routes: [{lock: resources.qos, to: normal}]",
            "resources: {qos: urgent}",
            'RCP733 r.yaml:3:18 [urgent] the policy of cluster `c1` locks `resources.qos` to `"normal"` | write `"normal"`, or remove it; for an exception: #gpu-desk',
            id="locked",
        ),
        pytest.param(
            "routes: [{lock: resources.qos}]",
            "resources: {qos: urgent}",
            "RCP733 r.yaml:3:18 [urgent] the policy of cluster `c1` keeps `resources.qos` for itself | remove it; for an exception: #gpu-desk",
            id="locked-to-nothing",
        ),
        pytest.param(
            "allow: {functions: [acme.train.*]}",
            "args: {m: {_target_: acme.other.f}}",
            "RCP734 r.yaml:3:22 [acme.other.f] the policy of cluster `c1` does not let a job use the function `acme.other.f` | functions it may use: acme.train.*; for an exception: #gpu-desk",
            id="function",
        ),
        pytest.param(
            "{teams: {r: {accounts: [research], allow: {partitions: [debug]}}}}",
            "resources: {account: research}",
            "RCP734 clusters/c1.yaml:6:23 [gpu] the policy of cluster `c1` does not let team `r` use the partition `gpu` | partitions it may use: debug; for an exception: #gpu-desk",
            id="partition-of-a-team-chosen-by-the-profile",
        ),
        pytest.param(
            "allow: {env: [NCCL_DEBUG]}",
            "env: {NCCL_DEBUG: x, NCCL_P2P: y}",
            "RCP734 r.yaml:3:22 [NCCL_P2P] the policy of cluster `c1` does not let a job use the environment name `NCCL_P2P` | env it may use: NCCL_DEBUG; for an exception: #gpu-desk",
            id="env",
        ),
        pytest.param(
            "allow: {secrets: []}",
            "secrets: [HF_TOKEN]",
            "RCP734 r.yaml:3:11 [HF_TOKEN] the policy of cluster `c1` does not let a job use the secret `HF_TOKEN` | secrets it may use: none; for an exception: #gpu-desk",
            id="secret",
        ),
    ],
)
def test_verdict(policy: str, recipe: str, found: str) -> None:
    text = policy.removeprefix("{").removesuffix("}") if policy.startswith("{") else policy
    lines = text.replace(", teams:", "\n  teams:")
    assert findings(RECIPE + recipe, f"{CLUSTER}  {lines}\n") == ([found] if found else [])


@pytest.mark.parametrize(
    ("policy", "finding"),
    [
        pytest.param(
            "routes: [{}]",
            "RCP202 `policy.routes[0]`: a rule has exactly one of `require`, `forbid` and `lock`",
            id="no-kind",
        ),
        pytest.param(
            "routes: [{forbid: args.a, to: 1}]",
            "RCP202 `policy.routes[0]`: `to` belongs to `lock`, not to `forbid`",
            id="to-without-lock",
        ),
        pytest.param(
            "routes: [{forbid: vars.a}]",
            "RCP202 `policy.routes[0].forbid`: `vars.a` is not a route that a policy can ask about",
            id="route",
        ),
        pytest.param(
            "teams: {a: {accounts: [x]}, b: {accounts: [x]}}",
            "RCP102 `policy`: the account `x` is of the teams `a` and `b`",
            id="account-of-two-teams",
        ),
        pytest.param("limits: {gpu_hour: 1}", "RCP201 unknown key `gpu_hour` in `policy.limits`", id="unknown-limit"),
        pytest.param("limits: {nodes: -1}", "RCP203 `policy.limits.nodes`: -1 is less than 0", id="range"),
    ],
)
def test_a_policy_that_says_nothing_clear(policy: str, finding: str) -> None:
    loaded, found = driver.load_cluster(f"{CLUSTER}  {policy}\n".encode(), "clusters/c1.yaml")
    assert loaded is None
    assert [f"{item.code} {item.message}" for item in found] == [finding]


def test_a_policy_cannot_be_changed() -> None:
    policy = Policy(teams={"a": Team(accounts=("x",))})
    with pytest.raises(Exception, match="frozen"):
        policy.contact = ""  # type: ignore[misc]
    with pytest.raises(Exception, match="frozen"):
        policy.teams["a"].accounts = ()  # type: ignore[misc]


# ---------------------------------------------------------------- the commands


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "default_cluster: box\n")
    made.write("r.yaml", 'name: r\ncommand: ["true"]\nenv: {TAG: x}\nresources: {gpus_per_node: 2, time: 2h}\n')
    profile(made)
    return made


def profile(project: Project, more: str = "", **changes: str) -> None:
    lines = {"raw_jobs": "true", "env_allow": "[TAG]", **changes}
    text = "".join(f"{key}: {value}\n" for key, value in lines.items())
    project.write("clusters/box.yaml", f"name: box\ntarget: local\n{text}{more}")


def submit(project: Project, bundle: Path, **env: str) -> Said:
    state = str(project.root / "state")
    return project.run("submit", str(bundle), "--wait", "--format", "json", **{"RECIPEC_STATE_DIR": state, **env})


LIMIT = "policy: {contact: '#gpu-desk', limits: {gpu_hours: 3}}\n"


@pytest.mark.parametrize("command", [("validate", "r.yaml"), ("compile", "r.yaml", "--out", "b")])
def test_the_policy_says_no_with_exit_code_4(project: Project, command: tuple[str, ...]) -> None:
    profile(project, LIMIT)
    assert project.run(*command).code == 4
    assert project.run(*command, "--set", "+env.OTHER='1'").code == 4  # another no of the policy
    project.write("r.yaml", "name: r\ncommand: [a]\nresources: {gpus_per_node: 8, time: 9h, nodes: 2}\n")
    assert project.run(*command).code == 1  # one node here: that is for the author to mend


def test_a_warning_lets_the_job_pass(project: Project) -> None:
    profile(project, "policy: {limits: {gpu_hours: {warn: 3, deny: 5}}}\n")
    bundle = project.compile("r.yaml")
    said = submit(project, bundle)
    assert (said.code, said.codes, len(said.json["jobs"])) == (0, ["RCP406"], 1)
    assert said.json["diagnostics"][0]["severity"] == "warning"


def test_a_bundle_is_held_against_the_policy_of_today(project: Project) -> None:
    bundle = project.compile("r.yaml")
    profile(project, LIMIT)
    said = submit(project, bundle)
    assert (said.code, said.json["jobs"]) == (4, [])
    shown = project.run("submit", str(bundle), RECIPEC_STATE_DIR=str(project.root / "state")).err
    assert shown == (
        "error[RCP406]: 4 GPU h are over the limit, 3 GPU h\n"
        " --> clusters/box.yaml:5:52\n"
        "  |\n"
        "5 | policy: {contact: '#gpu-desk', limits: {gpu_hours: 3}}\n"
        "  |                                         ^^^^^^^^^ the policy\n"
        "  |\n"
        f"  = note: asked by the bundle {bundle.name}\n"
        "  = note: 1 node x 2 GPUs x 2 h = 4 GPU h at most\n"
        "  = note: `resources.gpus_per_node`: 2 GPUs a node, set at r.yaml:4\n"
        "  = note: `resources.time`: 0-02:00:00, set at r.yaml:4\n"
        "  = help: ask for at most 3 GPU h; for an exception: #gpu-desk\n"
        "\n"
        "1 finding (1 error); `recipec explain RCP406` says more\n"
    ).replace(":5:52", ":5:41")
    profile(project)
    assert submit(project, bundle).code == 0


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        pytest.param(
            {"raw_jobs": "false"}, "RCP714", "cluster `box` takes functions only, no `command`", id="raw-jobs"
        ),
        pytest.param({"env_allow": "[OTHER]"}, "RCP709", "cluster `box` does not let a recipe set `TAG`", id="env"),
    ],
)
def test_a_permission_that_is_gone_blocks_a_bundle(
    project: Project, change: dict[str, str], code: str, message: str
) -> None:
    bundle = project.compile("r.yaml")
    profile(project, **change)
    said = submit(project, bundle)
    assert said.code == 4
    assert [(item["code"], item["summary"]) for item in said.json["diagnostics"]] == [(code, message)]


def test_a_change_that_still_permits_the_job_does_not_block_it(project: Project) -> None:
    bundle = project.compile("r.yaml")
    profile(project, "description: other\npolicy: {limits: {gpu_hours: 4}}\n", env_allow="[TAG, MORE]")
    assert submit(project, bundle).codes == []


def test_a_job_that_was_submitted_is_not_asked_about_again(project: Project) -> None:
    bundle = project.compile("r.yaml")
    assert submit(project, bundle).code == 0
    profile(project, LIMIT)
    said = submit(project, bundle)
    assert (said.code, said.json["jobs"][0]["already"]) == (0, True)


def test_the_profile_comes_from_the_submitting_side(project: Project, tmp_path: Path) -> None:
    bundle = project.compile("r.yaml")
    trusted = Project(tmp_path / "team")
    profile(trusted, LIMIT)
    clusters = str(tmp_path / "team" / "clusters")
    assert submit(project, bundle, RECIPEC_CLUSTERS=clusters).code == 4
    (tmp_path / "team/clusters/box.yaml").unlink()
    assert submit(project, bundle, RECIPEC_CLUSTERS=clusters).codes == ["RCP003"]


def test_a_profile_beside_the_bundle_is_not_read(project: Project, tmp_path: Path) -> None:
    bundle = project.compile("r.yaml")
    elsewhere = Project(tmp_path / "elsewhere")
    elsewhere.write("recipec.yaml", "recipec: 1\n")
    said = submit(elsewhere, bundle)
    assert (said.code, said.codes) == (0, ["RCP735"])


def forged(bundle: Path, change: Any) -> Path:
    """The bundle with another manifest, under the name that its digest gives it."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    change(manifest)
    text = canonical(manifest)
    (bundle / "manifest.json").write_text(text)
    return bundle.rename(bundle.with_name(f"r-{sha256(text)[:12]}"))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda manifest: manifest.pop("asks"), id="no-asks"),
        pytest.param(lambda manifest: manifest["asks"].update(runs="x"), id="no-number"),
        pytest.param(lambda manifest: manifest["cluster"].update(name="../evil.yaml"), id="a-path-for-a-name"),
    ],
)
def test_a_bundle_that_does_not_say_what_it_asks_for(project: Project, change: Any) -> None:
    said = submit(project, forged(project.compile("r.yaml"), change))
    assert (said.code, said.codes) == (5, ["RCP835"])


def test_functions_are_read_from_the_call_that_runs(project: Project) -> None:
    project.write("f.yaml", "name: r\nfunction: acme.good\nargs: {m: {_target_: acme.bad}}\n")
    profile(project, functions='["acme.*"]')
    bundle = project.compile("f.yaml")
    bundle = forged(bundle, lambda manifest: manifest["asks"].update(functions=[]))
    profile(project, functions='["acme.good"]')
    said = submit(project, bundle)
    assert [(item["code"], item["summary"]) for item in said.json["diagnostics"]] == [
        ("RCP710", "cluster `box` does not permit the function `acme.bad`")
    ]
