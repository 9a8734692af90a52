"""A project with N recipes, each another text, of the size that people write (30 lines, 900 bytes)."""

from __future__ import annotations

from pathlib import Path

PROJECT = """\
clusters: clusters
default_cluster: gpu
"""

CLUSTER = """\
cluster: 1
name: gpu
target: slurm
runs_dir: /shared/runs
container: {kind: apptainer, gpu: nv}
images:
  nemo-25.04:
    path: /shared/images/nemo-25.04.sif
    sha256: 5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592
binds: ["/shared/data:/data:ro", "/shared/models"]
partitions:
  h100: {max_time: 2-00:00:00, max_nodes: 16, gpus_per_node: 8, cpus_per_node: 96, mem_per_node: 1800G}
  debug: {max_time: 01:00:00, max_nodes: 2, gpus_per_node: 8}
accounts: [llm, infra]
defaults:
  partition: h100
  account: llm
  nodes: 1
  gpus_per_node: 8
  time: 04:00:00
  launcher: torchrun
  container: nemo-25.04
env: {HF_HOME: /shared/models/hf}
env_allow: ["NCCL_*", "TORCH_*", "HF_*"]
functions: ["nemo.collections.*", "trainers.*"]
secrets: {HF_TOKEN: /shared/secrets/hf_token}
"""

# The number has five digits everywhere, so that every bundle has the same size.
RECIPE = """\
recipec: 1
name: llama3-8b-NUMBER
description: continue the pretraining of llama 3 8B, run NUMBER
function: nemo.collections.llm.pretrain
args:
  model: {_target_: nemo.collections.llm.llama3_8b.model}
  data:
    _target_: nemo.collections.llm.gpt.data.PreTrainingDataModule
    paths: [/data/part-NUMBER.bin, /data/part-common.bin]
    seq_length: 8192
    global_batch_size: 512
    micro_batch_size: 1
  trainer:
    max_steps: 1000
    val_check_interval: 100
    precision: bf16-mixed
    gradient_clip_val: 1.0
  optim: {_target_: trainers.optim.adam, lr: 3.0e-4, weight_decay: 0.1, betas: [0.9, 0.95]}
  log: {name: run-NUMBER, every_n_steps: 10, tags: [llama3, "8b", bench]}
  resume: false
  seed: 1NUMBER
resources:
  nodes: 2
  gpus_per_node: 8
  cpus_per_node: 96
  time: 12h
launcher: {kind: torchrun, max_restarts: 3}
container: nemo-25.04
env: {NCCL_DEBUG: INFO, TORCH_NCCL_ASYNC_ERROR_HANDLING: "1"}
secrets: [HF_TOKEN]
"""


def write_project(root: Path, counts: tuple[int, ...]) -> None:
    """A project below `root`, with a folder `recipes-N` for each count."""
    (root / "clusters").mkdir(parents=True)
    (root / "recipec.yaml").write_text(PROJECT)
    (root / "clusters/gpu.yaml").write_text(CLUSTER)
    for count in counts:
        folder = root / f"recipes-{count}"
        folder.mkdir()
        for number in range(count):
            (folder / f"r{number:05d}.yaml").write_text(RECIPE.replace("NUMBER", f"{number:05d}"))
