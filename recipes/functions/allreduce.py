"""An example to copy: every rank gives one number, and every rank gets the sum of all.

It reads the variables that torchrun and the `python` launcher both set: RANK, LOCAL_RANK,
WORLD_SIZE, MASTER_ADDR and MASTER_PORT. With torch the ranks talk through gloo; without it,
through files in RECIPEC_RUN_DIR, which all nodes see.
"""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

try:
    import torch
    from torch import distributed
except ImportError:
    torch = None

WAIT_S = 120.0


def main(value: float = 1.0, steps: int = 1, fail_rank: Optional[int] = None, exit_code: int = 3) -> None:
    """Sums `(rank + 1) * value` over all ranks, `steps` times; rank 0 writes `result.json`.

    `fail_rank` exits with `exit_code` instead, to show how a job ends when one rank fails.
    """
    rank, world_size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if rank == fail_rank:
        sys.exit(exit_code)
    me = {"rank": rank, "local_rank": int(os.environ["LOCAL_RANK"]), "host": socket.gethostname()}
    run_dir = Path(os.environ["RECIPEC_RUN_DIR"])
    if torch:
        total, ranks = sum_with_gloo((rank + 1) * value, steps, me, world_size)
    else:
        total, ranks = sum_with_files((rank + 1) * value, me, world_size, run_dir)
    expected = value * world_size * (world_size + 1) / 2
    if abs(total - expected) > 1e-9 * abs(expected):
        message = f"the sum over {world_size} ranks is {total}, expected {expected}"
        raise RuntimeError(message)
    if rank == 0:
        backend = "gloo" if torch else "plain"
        write_json(
            run_dir / "result.json",
            {"world_size": world_size, "sum": total, "ranks": ranks, "backend": backend},
        )
        print(f"the sum over {world_size} ranks is {total} ({backend})")


def sum_with_gloo(mine: float, steps: int, me: Dict[str, Any], world_size: int) -> Tuple[float, List[Any]]:
    """The sum of `mine` over all ranks, and every rank's `me`."""
    distributed.init_process_group("gloo")
    try:
        for _ in range(steps):
            total = torch.tensor(mine, dtype=torch.float64)
            distributed.all_reduce(total)
        ranks: List[Any] = [None] * world_size
        distributed.all_gather_object(ranks, me)
        distributed.barrier()  # a rank that leaves while others still talk makes them fail
    finally:
        distributed.destroy_process_group()
    return total.item(), ranks


def sum_with_files(mine: float, me: Dict[str, Any], world_size: int, run_dir: Path) -> Tuple[float, List[Any]]:
    """The same without torch: each rank writes `rank-N.json` and waits for the others' files."""
    write_json(run_dir / f"rank-{me['rank']}.json", {**me, "value": mine})
    paths = [run_dir / f"rank-{rank}.json" for rank in range(world_size)]
    give_up = time.monotonic() + WAIT_S
    while not all(path.exists() for path in paths):
        if time.monotonic() > give_up:
            missing = ", ".join(path.name for path in paths if not path.exists())
            message = f"no {missing} after {WAIT_S:g} s"
            raise TimeoutError(message)
        time.sleep(0.05)
    ranks = [json.loads(path.read_text()) for path in paths]
    return sum(rank.pop("value") for rank in ranks), ranks


def write_json(path: Path, data: object) -> None:
    """Writes a file that is either not there or whole."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(data, indent=2) + "\n")
    temporary.replace(path)
