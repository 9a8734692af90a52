"""`torchrun`: one agent a node, c10d rendezvous on the head node.

The agents meet at a port that only this job uses, under an id made of the job's own id and
restart count: a constant id or port lets two jobs join each other's rendezvous. `is_host` is
said and not guessed: torch compares names and addresses, and hangs where they differ.
Source: PyTorch docs, "torchrun (Elastic Launch)"; pytorch/pytorch#73656.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recipe_compiler.plan import Argv, Launch, RuntimeVar, Topology, word, words
from recipe_compiler.schema import Model

NAME = "torchrun"
NEEDS: tuple[str, ...] = ("torchrun",)


class Options(Model):
    """Options of torchrun that a recipe may set."""

    nproc_per_node: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Ranks a node. Default: the GPUs of a node, or 1 without GPUs."""
    max_restarts: Annotated[int, Field(ge=0, le=100)] = 0
    """How often the agents start all ranks again after a failure."""
    join_timeout_s: Annotated[int, Field(ge=10, le=86_400)] = 600
    """How long a node waits for the others to come up."""


def launch(runtime: Argv, topology: Topology, options: Options) -> Launch:
    """One torchrun agent a node. Rank, head and job stay holes.

    Source: jobscript checklist, items 24, 28 and 36-42.
    """
    nproc = options.nproc_per_node or topology.gpus_per_node or 1
    argv = words(
        "torchrun", f"--nnodes={topology.nodes}", f"--nproc-per-node={nproc}", f"--max-restarts={options.max_restarts}"
    )
    if topology.nodes == 1:
        argv += words("--standalone")
    else:
        argv += (
            word("--rdzv-backend=c10d"),
            word("--rdzv-endpoint=", RuntimeVar.HEAD_HOST, ":", RuntimeVar.HEAD_PORT),
            word("--rdzv-id=recipec-", RuntimeVar.JOB_ID, "-", RuntimeVar.RESTART_COUNT),
            word("--rdzv-conf=is_host=", RuntimeVar.IS_HEAD, f",join_timeout={options.join_timeout_s}"),
        )
    argv += (
        word("--log-dir=", RuntimeVar.RUN_DIR, "/ranks/node-", RuntimeVar.NODE_RANK),
        *words("--redirects=3", "--tee=3"),
    )
    threads = max(1, (topology.cpus_per_node or 0) // nproc)
    return Launch((*argv, *runtime), nproc, env=(("OMP_NUM_THREADS", word(str(threads))),))
