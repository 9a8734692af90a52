"""The whole path on real Slurm, Apptainer and torchrun: a recipe becomes a job that runs.

Every job here is compiled and submitted by the real command. What stands in: GPUs (device files
without a device) and NeMo (a package of the same signatures, since NeMo needs CUDA).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project import REPO, Project, Said
from tests.rig import Rig

PROBE = '''\
"""What a job sees: its environment, its arguments, where it runs."""

import json, os, socket, sys, time


def main(*args, **kwargs):
    name = f"seen-{os.environ.get('RANK', os.environ.get('SLURM_PROCID', '0'))}.json"
    with open(os.path.join(os.environ["RECIPEC_RUN_DIR"], name), "w") as file:
        json.dump({"args": args, "kwargs": kwargs, "env": dict(os.environ), "host": socket.gethostname(), "python": sys.version_info[:2]}, file)


def fail(code=None, text="boom"):
    if code is not None:
        sys.exit(code)
    raise RuntimeError(text)


def sleep(seconds):
    print("sleeping", flush=True)
    time.sleep(seconds)
'''


class Site:
    """A project of authors, and the place on the cluster that its bundles are submitted from."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self.rig = rig
        self.project = Project(folder / "authors")
        self.shared = rig.shared / folder.name
        self.elsewhere = folder / "elsewhere"
        self.state = folder / "state"
        for path in (self.project.root, self.shared, self.elsewhere):
            path.mkdir(parents=True)
        self.shared.chmod(0o755)
        (self.shared / "runs").mkdir(mode=0o777)
        (self.shared / "runs").chmod(0o777)
        (self.shared / "code").mkdir()
        (self.shared / "code/probe.py").write_text(PROBE)
        (self.shared / "hf_token").write_text("s3cret $(touch /tmp/PWNED) 'q'")
        self.profile("")

    def profile(self, more: str, *, sha256: str | None = None) -> None:
        """The rig's cluster profile, in the folder of the execution team."""
        images = "".join(
            f"  {name}: {{path: {image.path}, sha256: {sha256 or image.sha256}}}\n"
            for name, image in self.rig.images.items()
        )
        text = f"""\
name: rig
target: slurm
container: apptainer
runs_dir: {self.shared}/runs
partitions:
  gpu: {{max_time: 2-00:00:00, max_nodes: 4, gpus_per_node: 8, cpus_per_node: 8}}
images:
{images}binds: ["{self.shared}/code:{self.shared}/code:ro"]
defaults: {{partition: gpu, time: 5m, launcher: python, container: training}}
functions: ["nemo.collections.llm.*", "recipes.functions.*", "probe.*"]
env: {{PYTHONPATH: {self.shared}/code}}
env_allow: [TAG, NCCL_*]
secrets: {{HF_TOKEN: {self.shared}/hf_token}}
{more}"""
        self.project.write("clusters/rig.yaml", text)
        resolvers = (REPO / "recipec.yaml").read_text().replace("default_cluster: example", "default_cluster: rig")
        self.project.write("recipec.yaml", resolvers)

    def compile(self, recipe: str, *sets: str) -> Path:
        """The bundle, carried to the cluster; the authors' copy is gone, as on another machine."""
        self.project.write("recipes/r.yaml", textwrap.dedent(recipe))
        args = [part for text in sets for part in ("--set", text)]
        folder = self.project.compile("recipes/r.yaml", *args)
        there = self.shared / folder.name
        shutil.rmtree(there, ignore_errors=True)
        shutil.move(folder, there)
        return there

    def recipec(self, *args: str, timeout_s: int = 180, **env: str) -> Said:
        """The command on the cluster, in a folder that is not the project's."""
        return Project(self.elsewhere).run(
            *args,
            timeout_s=timeout_s,
            **{
                **self.rig.env,
                "RECIPEC_STATE_DIR": str(self.state),
                "RECIPEC_CLUSTERS": str(self.project.root / "clusters"),
                **env,
            },
        )

    def submit(self, bundle: Path, *args: str, **env: str) -> str:
        """The id of the job."""
        said = self.recipec("submit", str(bundle), "--format", "json", *args, **env)
        assert said.code == 0, said
        job_id: str = said.json["jobs"][0]["job_id"]
        return job_id

    def ended(self, job_id: str, timeout_s: float = 120) -> tuple[str, str]:
        """State and exit code, as sacct reports them."""
        row = self.rig.wait_job(job_id, timeout_s=timeout_s)
        return row["State"], row["ExitCode"]

    def run_dir(self, name: str, job_id: str) -> Path:
        return self.shared / "runs" / name / job_id

    def log(self, name: str, job_id: str) -> str:
        return (self.shared / "runs" / f"{name}-{job_id}.log").read_text()

    def seen(self, name: str, job_id: str, rank: int = 0) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.run_dir(name, job_id) / f"seen-{rank}.json").read_text())
        return data


@pytest.fixture
def site(rig: Rig, tmp_path: Path) -> Iterator[Site]:
    made = Site(rig, tmp_path)
    yield made
    shutil.rmtree(made.shared, ignore_errors=True)


def test_the_recipe_of_the_conversation(site: Site) -> None:
    bundle = site.compile((REPO / "recipes/llama3_8b_ckpt_import.yaml").read_text())
    team = shutil.copytree(site.project.root / "clusters", site.elsewhere / "clusters")
    shutil.rmtree(site.project.root)
    job_id = site.submit(bundle, RECIPEC_CLUSTERS=str(team))
    assert site.ended(job_id) == ("COMPLETED", "0:0")
    received = json.loads((site.run_dir("llama3_8b_ckpt_import", job_id) / "received.json").read_text())
    assert received["model"]["type"] == "LlamaModel"
    assert received["model"]["config"]["value"]["hidden_size"] == 4096
    del received["model"]
    assert received == {
        "source": {"type": "str", "value": "hf://meta-llama/Meta-Llama-3-8B"},
        "output_path": {"type": "NoneType", "value": None},
        "overwrite": {"type": "bool", "value": False},
    }


def test_two_nodes_four_ranks_and_the_right_sum(site: Site) -> None:
    site.project.write(
        "bases/torchrun.yaml", (REPO / "bases/torchrun.yaml").read_text().replace("TORCH_NCCL_ASYNC", "NCCL_ASYNC")
    )
    bundle = site.compile((REPO / "recipes/allreduce_2x2.yaml").read_text())
    job_id = site.submit(bundle)
    assert site.ended(job_id) == ("COMPLETED", "0:0"), site.log("allreduce-2x2", job_id)
    run_dir = site.run_dir("allreduce-2x2", job_id)
    result = json.loads((run_dir / "result.json").read_text())
    assert (result["world_size"], result["sum"], result["backend"]) == (4, 15.0, "gloo")
    ranks = [(row["rank"], row["local_rank"]) for row in result["ranks"]]
    assert ranks == [(0, 0), (1, 1), (2, 0), (3, 1)]
    hosts = [row["host"] for row in result["ranks"]]
    assert hosts[0] == hosts[1] != hosts[2] == hosts[3]
    # One agent a node: each has one folder of rank logs, with the two ranks that it started.
    agents = sorted(path.relative_to(run_dir / "ranks").parts[0] for path in (run_dir / "ranks").glob("node-*/*"))
    assert agents == ["node-0", "node-1"]


@pytest.mark.parametrize("launcher", ["{kind: torchrun, nproc_per_node: 2}", "{kind: python, nproc_per_node: 2}"])
def test_the_exit_code_of_the_rank_is_kept(site: Site, launcher: str) -> None:
    recipe = f"name: failing\nfunction: recipes.functions.allreduce.main\nargs: {{fail_rank: 2, exit_code: 3}}\nresources: {{nodes: 2}}\nlauncher: {launcher}\n"
    job_id = site.submit(site.compile(recipe))
    assert site.ended(job_id) == ("FAILED", "3:0"), site.log("failing", job_id)


def test_an_exception_is_in_the_log_whole(site: Site) -> None:
    job_id = site.submit(site.compile("name: raising\nfunction: probe.fail\nargs: {text: 'no such data: /x'}\n"))
    assert site.ended(job_id) == ("FAILED", "1:0")
    log = site.log("raising", job_id)
    assert "RuntimeError: no such data: /x" in log
    assert "probe.py" in log
    assert "runtime.py" not in log.replace('"$RECIPEC_BUNDLE_DIR"/runtime.py', "")
    assert "RuntimeError" in site.recipec("logs", job_id).out


HOSTILE = "$(touch /tmp/PWNED) `touch /tmp/PWNED` 'a' \"b\" \\ $HOME ~root/* {x,y}, =; é"


def test_values_arrive_byte_for_byte_and_nothing_leaks_in(site: Site) -> None:
    Path("/tmp/PWNED").unlink(missing_ok=True)
    recipe = {
        "name": "exact",
        "function": "probe.main",
        "args": {
            "text": HOSTILE,
            "lines": "x\nEOF\ntouch /tmp/PWNED\n",
            "number": 1e-4,
            "none": None,
            "list": [1, {"a": True}],
        },
        "env": {"TAG": HOSTILE},
        "secrets": ["HF_TOKEN"],
        "resources": {"gpus_per_node": 2, "cpus_per_node": 3},
    }
    bundle = site.compile(json.dumps(recipe))
    leaks = {
        "PET_NNODES": "9",
        "NCCL_LEAK": "1",
        "MASTER_PORT": "29500",
        "APPTAINERENV_LEAK": "1",
        "BASH_ENV": "/dev/null",
        "CANARY": "zz9",
    }
    job_id = site.submit(bundle, **leaks)
    assert site.ended(job_id) == ("COMPLETED", "0:0"), site.log("exact", job_id)
    seen = site.seen("exact", job_id)
    assert seen["kwargs"] == recipe["args"]
    assert seen["env"]["TAG"] == HOSTILE
    assert seen["env"]["HF_TOKEN"] == "s3cret $(touch /tmp/PWNED) 'q'"
    assert seen["env"]["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert not {"PET_NNODES", "NCCL_LEAK", "LEAK", "CANARY", "BASH_ENV", "SLURM_JOB_ID"} & seen["env"].keys()
    assert not Path("/tmp/PWNED").exists()
    for path in [*bundle.iterdir(), *site.state.rglob("*.json"), site.shared / "runs" / f"exact-{job_id}.log"]:
        assert "s3cret" not in path.read_text(), path


def test_the_job_is_what_the_recipe_asked_for(site: Site) -> None:
    recipe = "name: asked\nfunction: probe.sleep\nargs: {seconds: 60}\nresources: {nodes: 2, gpus_per_node: 3, cpus_per_node: 4, time: 1:02:00}\n"
    bundle = site.compile(recipe)
    job_id = site.submit(
        bundle, SBATCH_TIMELIMIT="1", SBATCH_PARTITION="debug", SBATCH_JOB_NAME="other", SLURM_MEM_PER_CPU="1"
    )
    shown = site.rig.wait_state(job_id, "RUNNING")
    assert shown["JobName"] == "asked"
    assert shown["Partition"] == "gpu"
    assert shown["TimeLimit"] == "01:02:00"
    assert shown["NumNodes"] == "2"
    assert shown["CPUs/Task"] == "4"
    assert "gpu:3" in json.dumps(shown)
    assert shown["Comment"] == f"recipec:{bundle.name.rpartition('-')[2]}.1"
    assert shown["Requeue"] == "0"
    rows = site.recipec("status", job_id, "--format", "json").json["jobs"]
    assert [(row["state"], row["name"]) for row in rows] == [("RUNNING", "asked")]
    assert site.recipec("cancel", job_id).out == f"{job_id}  cancelled\n"
    assert site.ended(job_id)[0].startswith("CANCELLED")
    assert site.recipec("status", job_id, "--format", "json").json["jobs"][0]["state"] == "CANCELLED"
    assert site.recipec("cancel", job_id).out == f"{job_id}  is over: CANCELLED\n"


def test_cpus_reach_the_step_without_a_container(site: Site) -> None:
    recipe = "name: bare\nfunction: probe.main\ncontainer: none\nresources: {nodes: 2, cpus_per_node: 3}\n"
    job_id = site.submit(site.compile(recipe))
    assert site.ended(job_id) == ("COMPLETED", "0:0"), site.log("bare", job_id)
    first, second = (site.seen("bare", job_id, rank) for rank in (0, 1))
    assert first["env"]["SLURM_CPUS_PER_TASK"] == "3"
    assert first["env"]["WORLD_SIZE"] == second["env"]["WORLD_SIZE"] == "2"
    assert first["host"] != second["host"]
    assert first["env"]["MASTER_ADDR"] == second["env"]["MASTER_ADDR"]


def test_an_image_that_has_python_and_nothing_else(site: Site) -> None:
    job_id = site.submit(site.compile("name: small\nfunction: probe.main\ncontainer: python\nargs: {a: 1}\n"))
    assert site.ended(job_id) == ("COMPLETED", "0:0"), site.log("small", job_id)
    assert site.seen("small", job_id)["kwargs"] == {"a": 1}


def test_jobs_that_share_nodes_do_not_share_a_port(site: Site) -> None:
    site.profile("")
    recipe = "name: pair{n}\nfunction: recipes.functions.allreduce.main\nargs: {{value: {n}}}\nresources: {{nodes: 2}}\nlauncher: {{kind: torchrun, nproc_per_node: 1}}\n"
    jobs = {n: site.submit(site.compile(recipe.format(n=n))) for n in (1, 2, 3)}
    for n, job_id in jobs.items():
        assert site.ended(job_id, timeout_s=180) == ("COMPLETED", "0:0"), site.log(f"pair{n}", job_id)
        assert json.loads((site.run_dir(f"pair{n}", job_id) / "result.json").read_text())["sum"] == 3.0 * n


def test_a_bundle_changed_after_submission_does_not_run(site: Site) -> None:
    bundle = site.compile("name: swapped\nfunction: probe.main\n")
    held = site.submit(
        site.compile(
            "name: holder\nfunction: probe.sleep\nargs: {seconds: 8}\nresources: {nodes: 4, cpus_per_node: 8}\n"
        )
    )
    job_id = site.submit(bundle)
    step = bundle / "step.sh"
    step.write_text(step.read_text() + "\ntouch /tmp/PWNED\n")
    assert site.ended(held)[0] == "COMPLETED"
    assert site.ended(job_id) == ("FAILED", "65:0")
    assert "is not the one that was compiled" in site.log("swapped", job_id)
    assert not Path("/tmp/PWNED").exists()


def test_an_image_that_is_not_the_one_named_does_not_run(site: Site) -> None:
    site.profile("", sha256=hashlib.sha256(b"other").hexdigest())
    job_id = site.submit(site.compile("name: wrongimage\nfunction: probe.main\ncontainer: python\n"))
    assert site.ended(job_id) == ("FAILED", "65:0")
    assert "not the image that the cluster profile names" in site.log("wrongimage", job_id)


def test_a_person_can_submit_a_bundle_by_hand(site: Site) -> None:
    """`cd bundle && sbatch job.sbatch`, as a user who is not root."""
    bundle = site.compile("name: byhand\nfunction: probe.main\ncontainer: python\n")
    said = site.rig.run(["/bin/bash", "-c", f"cd {bundle} && sbatch --parsable job.sbatch"], user="recipec")
    assert said.returncode == 0, said.stderr
    assert site.ended(said.stdout.strip()) == ("COMPLETED", "0:0"), site.log("byhand", said.stdout.strip())


def test_a_controller_that_is_down_is_exit_code_75_and_repeating_is_safe(site: Site) -> None:
    bundle = site.compile("name: later\nfunction: probe.main\ncontainer: python\n")
    site.rig.stop_controller()
    try:
        said = site.recipec("submit", str(bundle), "--format", "json")
        assert (said.code, said.codes) == (75, ["RCP902"])
        assert said.json["jobs"] == []
        status = site.recipec("status", "--format", "json")
        assert status.json["jobs"] == []
    finally:
        site.rig.start_controller()
    site.rig.wait_idle()
    job_id = site.submit(bundle)
    assert site.ended(job_id) == ("COMPLETED", "0:0")


def test_a_lost_answer_of_sbatch_is_exit_code_75_and_one_job(site: Site) -> None:
    bundle = site.compile("name: lost\nfunction: probe.sleep\nargs: {seconds: 20}\ncontainer: python\n")
    site.rig.pause_controller()
    try:
        said = site.recipec("submit", str(bundle), "--format", "json")
    finally:
        site.rig.resume_controller()
    assert (said.code, said.codes) == (75, ["RCP903"]), said
    again = None
    for _ in range(20):  # the controller works off what it was asked
        again = site.recipec("submit", str(bundle), "--format", "json")
        if again.code == 0:
            break
        time.sleep(0.5)
    assert again is not None
    assert again.code == 0, again
    queued = site.rig.run(["squeue", "--noheader", "--name=lost", "--format=%i"]).stdout.split()
    assert queued == [again.json["jobs"][0]["job_id"]]
    site.recipec("cancel", queued[0])


def test_without_sbatch_on_path_it_says_where_to_go(site: Site) -> None:
    bundle = site.compile("name: nowhere\nfunction: probe.main\ncontainer: python\n")
    said = site.recipec("submit", str(bundle), PATH="/nonexistent")
    assert said.code == 75
    assert "error[RCP901]: `sbatch` is not on PATH" in said.err
    assert "submit from a login node" in said.err


def test_what_sbatch_refuses_is_said_in_its_words(site: Site) -> None:
    profile = site.project.root / "clusters/rig.yaml"
    profile.write_text(
        profile.read_text().replace("  gpu: {", "  gone: {").replace("partition: gpu", "partition: gone")
    )
    bundle = site.compile("name: refused\nfunction: probe.main\ncontainer: python\n")
    said = site.recipec("submit", str(bundle))
    assert said.code == 1
    assert "error[RCP904]: sbatch refused the job:" in said.err
    assert "invalid partition" in said.err.lower()
    assert site.recipec("status", "--format", "json").json["jobs"] == []


def test_gloo_without_slurm_on_the_local_target(rig: Rig, tmp_path: Path) -> None:
    """The local target with torch from the training image's own layer: two ranks under torchrun."""
    project = Project(tmp_path)
    project.write(
        "clusters/box.yaml",
        f"name: box\ntarget: local\ncontainer: apptainer\nfunctions: ['*']\nimages: {{training: {{path: {rig.images['training'].path}, sha256: {rig.images['training'].sha256}}}}}\n",
    )
    project.write("recipec.yaml", "default_cluster: box\n")
    project.write(
        "r.yaml",
        "name: two\nfunction: recipes.functions.allreduce.main\ncontainer: training\nlauncher: {kind: torchrun, nproc_per_node: 2}\n",
    )
    said = project.run("submit", "r.yaml", "--wait", timeout_s=180, **rig.env)
    assert said.code == 0, said
    result = json.loads((tmp_path / "state/runs/two/1/result.json").read_text())
    assert (result["world_size"], result["sum"], result["backend"]) == (2, 3.0, "gloo")


def test_the_scripts_pass_sbatch_test_only(site: Site) -> None:
    bundle = site.compile((REPO / "recipes/llama3_8b_ckpt_import.yaml").read_text())
    done = subprocess.run(
        ["sbatch", "--test-only", str(bundle / "job.sbatch")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **site.rig.env},
        cwd=bundle,
    )
    assert done.returncode == 0, done.stderr
    assert "to start at" in done.stderr


def test_a_sweep_is_one_array_and_each_task_its_point(site: Site) -> None:
    recipe = "name: swept\nfunction: probe.main\ncontainer: python\nargs: {lr: 0, tag: x}\nsweep: {grid: {lr: [1.0, 2.0], tag: [a, '$b']}, max_parallel: 2}\n"
    job_id = site.submit(site.compile(recipe))
    for point, (lr, tag) in enumerate([(1.0, "a"), (1.0, "$b"), (2.0, "a"), (2.0, "$b")]):
        assert site.ended(f"{job_id}_{point}") == ("COMPLETED", "0:0")
        seen = site.seen("swept", f"{job_id}_{point}")
        assert seen["kwargs"] == {"lr": lr, "tag": tag}
        assert seen["env"]["RECIPEC_POINT"] == str(point)
    row = site.recipec("status", job_id, "--format", "json").json["jobs"][0]
    assert (row["state"], row["reason"]) == ("COMPLETED", "4 completed")
    assert site.recipec("logs", f"{job_id}_3").code == 0


def test_calls_are_bound_inside_the_image(site: Site) -> None:
    """What is imported is what the image and the binds of the profile have; nothing is called."""
    recipe = (
        "name: bound\nfunction: probe.main\nargs: {rest: {_target_: probe.sleep, seconds: 600}}\ncontainer: python\n"
    )
    site.project.write("recipes/r.yaml", recipe)
    said = site.project.run("check", "--import", "recipes/r.yaml", **site.rig.env)
    assert (said.code, said.out) == (0, "2 names were found and take what they are given\n"), said
    site.project.write("recipes/r.yaml", recipe.replace("seconds", "minutes").replace("probe.main", "probe.mian"))
    said = site.project.run("check", "--import", "recipes/r.yaml", "--format", "json", **site.rig.env)
    assert said.code == 1
    assert [(item["code"], item["summary"]) for item in said.json["diagnostics"]] == [
        ("RCP320", "`probe.mian` cannot be had: cannot import `probe.mian`: `probe` has no `mian`"),
        ("RCP321", "`probe.sleep` does not take these arguments: missing a required argument: 'seconds'"),
    ]
    assert said.json["diagnostics"][0]["notes"][0].endswith("of image `python`")
