"""A project with N recipes, each another text, of the size that people write (30 lines, 900 bytes).

The same recipes also stand in three layers, as recipec and as Hydra reads them, and one has a sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
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

SWEEP = """\
sweep:
  grid:
    seed: {range: [0, 100]}
    optim.weight_decay: {linspace: [0, 0.99, 100]}
"""

OWN = """\
name: llama3-8b-NUMBER
description: continue the pretraining of llama 3 8B, run NUMBER
args:
  data: {paths: [/data/part-NUMBER.bin, /data/part-common.bin]}
  log: {name: run-NUMBER}
  seed: 1NUMBER
"""

OVERRIDES = (
    *("args.data.seq_length=4096", "args.data.global_batch_size=256", "args.data.micro_batch_size=2"),
    *("args.trainer.max_steps=500", "args.trainer.val_check_interval=50", "args.trainer.precision=bf16"),
    *("args.trainer.gradient_clip_val=0.5", "args.optim.lr=0.00015", "args.optim.weight_decay=0.05"),
    *("args.optim.betas=[0.9,0.98]", "args.log.every_n_steps=5", "args.log.tags=[a,b]", "args.resume=true"),
    *("args.seed=7", "resources.nodes=4", "resources.gpus_per_node=4", "resources.cpus_per_node=48"),
    *("resources.time=6h", "launcher.max_restarts=1", "env.NCCL_DEBUG=WARN"),
)
"""Twenty, which Hydra reads as recipec does."""


def write_project(root: Path, counts: Sequence[int], layered: Sequence[int]) -> None:
    """A project below `root`: a folder `recipes-N` for each of `counts`, and `sweep.yaml`, the first with a sweep.

    For each of `layered`, `layered-N` and for Hydra `hydra-N`.
    """
    (root / "clusters").mkdir(parents=True)
    (root / "recipec.yaml").write_text(PROJECT)
    (root / "clusters/gpu.yaml").write_text(CLUSTER)
    wide = CLUSTER.replace("target: slurm", "target: {kind: slurm, max_array: 10000}")
    (root / "clusters/wide.yaml").write_text(wide)
    (root / "sweep.yaml").write_text(numbered(RECIPE, 0) + SWEEP)
    for count in counts:
        write_each(root / f"recipes-{count}", RECIPE, count)
    start, end = RECIPE.index("function:"), RECIPE.index("resources:")
    job, arguments = RECIPE[end:], numbered(RECIPE[start:end], 0)
    for count in layered:
        write_each(root / f"layered-{count}", f"extends: [bases/job.yaml, bases/arguments.yaml]\n{OWN}", count)
        write_each(root / f"hydra-{count}", f"defaults: [job, arguments, _self_]\n{OWN}", count)
        for folder in (root / f"layered-{count}/bases", root / f"hydra-{count}"):
            folder.mkdir(exist_ok=True)
            (folder / "job.yaml").write_text(job)
            (folder / "arguments.yaml").write_text(arguments)


def write_each(folder: Path, text: str, count: int) -> None:
    """`count` recipes in a new folder."""
    folder.mkdir()
    for number in range(count):
        (folder / f"r{number:05d}.yaml").write_text(numbered(text, number))


def numbered(text: str, number: int) -> str:
    """The text of one recipe."""
    return text.replace("NUMBER", f"{number:05d}")
