"""A project with something to compare, draw and report: a base, nested calls, a sweep, a cluster."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.project import Project

CLUSTER = f"""\
name: h200
target: slurm
runs_dir: /shared/runs
container: apptainer
binds: ["/datasets:ro"]
images:
  nemo: {{path: /images/nemo.sif, sha256: "{1:064}"}}
  next: {{path: /images/next.sif, sha256: "{2:064}"}}
defaults: {{container: nemo, launcher: torchrun, nodes: 2, gpus_per_node: 8, time: "24:00:00"}}
env: {{NCCL_DEBUG: WARN}}
env_allow: ["*"]
functions: ["acme.*"]
raw_jobs: true
"""
BASE = """\
args:
  optim: {_target_: acme.optim.Adam, lr: 0.001, betas: [0.9, 0.95]}
  data: {_target_: acme.data.Mix, sources: [{_target_: acme.data.Source, path: /datasets/a}]}
resources: {nodes: 4}
"""
RECIPE = """\
name: sft
extends: ../bases/sft.yaml
function: acme.train.main
args:
  steps: 1000
"""
SWEEP = "sweep: {grid: {args.optim.lr: [0.001, 0.003], args.steps: [1000, 2000]}}\n"


def project_at(root: Path, *, sweep: bool = False) -> Project:
    """The project."""
    made = Project(root)
    made.write("recipec.yaml", "default_cluster: h200\n")
    made.write("clusters/h200.yaml", CLUSTER)
    made.write("bases/sft.yaml", BASE)
    made.write("recipes/sft.yaml", RECIPE + (SWEEP if sweep else ""))
    return made


def git(root: Path, *words: str) -> str:
    """What git says there, as an author who is nobody in particular."""
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=root, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path) -> str:
    """Everything below `root` committed, into a new repository if there is none."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=x")
    return git(root, "rev-parse", "HEAD")
