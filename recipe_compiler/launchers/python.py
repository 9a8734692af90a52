"""`python`: plain processes with the environment of torchrun, and no agent.

For functions that need no torch, for one process a node, and for laptops. The processes are
started by `runtime.py` itself.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recipe_compiler.plan import Argv, Launch, RuntimeVar, Topology, word, words
from recipe_compiler.schema import Model

NAME = "python"
NEEDS: tuple[str, ...] = ()


class Options(Model):
    """How many processes a node starts."""

    nproc_per_node: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Default: 1."""


def launch(runtime: Argv, topology: Topology, options: Options) -> Launch:
    """One `python3` a node; `runtime` is the runner and the call's file."""
    nproc = options.nproc_per_node or 1
    script, *rest = runtime
    argv = (*words("python3", "-u"), script, *words(f"--nproc-per-node={nproc}"))
    if topology.nodes > 1:
        argv += (
            word(f"--nnodes={topology.nodes}"),
            word("--node-rank=", RuntimeVar.NODE_RANK),
            word("--master-addr=", RuntimeVar.HEAD_HOST),
            word("--master-port=", RuntimeVar.HEAD_PORT),
        )
    return Launch((*argv, *rest), nproc)
