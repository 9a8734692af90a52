"""One process, measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ENV = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RECIPEC_"))}


@dataclass(frozen=True)
class Run:
    """What one process and those it started took: seconds on the clock, seconds of CPU, the largest peak in KiB."""

    wall_s: float
    cpu_s: float
    peak_kib: int


def run(command: Sequence[str], root: Path) -> Run:
    """One process in `root`, which has no folder `out` yet."""
    shutil.rmtree(root / "out", ignore_errors=True)
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, env=ENV, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def output(command: Sequence[str], root: Path) -> str:
    """What a process prints, less the last line end."""
    return subprocess.run(command, cwd=root, env=ENV, check=True, capture_output=True, text=True).stdout.rstrip("\n")
