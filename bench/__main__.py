"""`python -m bench [--quick] [--dir DIR]`: whole processes, measured in turn, as ratios to a yardstick.

Each row runs recipec and its yardstick A B A B, in processes of their own, into an empty folder. A
ratio is taken from each pair of neighbours, so that a busy minute falls on both; shown are the
middle one, the smallest and the largest. `cpu` is user and system time of the process, which noise
disturbs less than the clock. Files are written to memory (`/dev/shm`) where there is some: on a
disk both wait for the disk, and the ratios are nearer to 1. No number here is tested in pytest.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from bench.catalogs import catalog_rows
from bench.changes import change_rows
from bench.process import Run, run
from bench.recipes import write_project
from bench.rows import YARDSTICKS, Row, compile_rows, compose_rows, start_rows, sweep_row

KIB = 1024
MEMORY = Path("/dev/shm")
NEEDED_BYTES = 2 << 30
FLAT_MIB = 8
"""How much the peak may grow: of each recipe its name and file are kept, to find two of one name."""


def main() -> None:
    """Measure, print the table, and say which aims are missed. The exit code is 0 either way."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="about 30 s: fewer pairs, no 10,000, one recipe by Hydra")
    parser.add_argument("--dir", type=Path, help="where to write, such as a folder on a disk")
    options = parser.parse_args()
    quick: bool = options.quick
    counts = (1, 100, 1000) if quick else (1, 100, 1000, 10_000)
    layered = (1,) if quick else (1, 200)
    root = Path(tempfile.mkdtemp(prefix="recipec-bench-", dir=options.dir or place()))
    try:
        write_project(root, counts, layered)
        rows = chain(
            start_rows(quick=quick),
            compile_rows(root, counts, quick=quick),
            compose_rows(root, layered, quick=quick),
            sweep_row(root, quick=quick),
            catalog_rows(root, quick=quick),
            change_rows(root, quick=quick),
        )
        report(root, rows)
    finally:
        shutil.rmtree(root)


def place() -> str | None:
    """The folder in memory, or None where there is none or it is small."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED_BYTES
    return str(MEMORY) if roomy else None


def report(root: Path, rows: Iterable[Row]) -> None:
    """Print the table row by row."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load()}, in {root.parent}")
    print("a ratio below 1: recipec takes less than its yardstick; middle [smallest largest] of the pairs\n")
    head = f"{'':<15}{'pairs':>5}  {'wall ratio':<18}  {'cpu ratio':<18}{'wall ms':>15}{'peak MiB':>11}  aim (wall)"
    print(f"{head}\n{'-' * len(head)}")
    missed, peaks = [], {}
    for row in rows:
        ours, yardstick = measure(row, root)
        wall = [a.wall_s / b.wall_s for a, b in zip(ours, yardstick, strict=True)]
        cpu = [a.cpu_s / b.cpu_s for a, b in zip(ours, yardstick, strict=True)]
        clock_ms = statistics.median(item.wall_s for item in ours) * 1e3
        met = clock_ms <= row.limit_ms if row.limit_ms else statistics.median(wall) <= row.aim
        aim = f"{row.limit_ms:.0f} ms" if row.limit_ms else f"{row.aim:.2f}"
        missed += [] if met else [row.what]
        times = " / ".join(f"{statistics.median(item.wall_s for item in side) * 1e3:.0f}" for side in (ours, yardstick))
        kib = [statistics.median(item.peak_kib for item in side) for side in (ours, yardstick)]
        memory = " / ".join(f"{one / KIB:.0f}" for one in kib)
        if row.recipes:
            peaks[row.recipes] = kib[0]
        print(
            f"{row.what:<15}{row.pairs:>5}  {spread(wall):<18}  {spread(cpu):<18}{times:>15}{memory:>11}"
            f"  {aim} {'met' if met else 'MISSED'}",
            flush=True,
        )
    most = max(peaks)
    growth = (peaks[most] - peaks[1]) / KIB
    flat = growth <= FLAT_MIB
    missed += [] if flat else ["memory"]
    print(
        f"\npeak memory of {most:,} recipes against 1: {growth:+.1f} MiB  aim {FLAT_MIB} {'met' if flat else 'MISSED'}"
    )
    print(f"missed: {', '.join(missed)}" if missed else "all aims met")
    print(f"load at the end {load()}; the yardsticks:\n\n{YARDSTICKS}")


def load() -> str:
    """How many processes wanted a CPU in the last 1, 5 and 15 minutes."""
    return ", ".join(f"{item:.1f}" for item in os.getloadavg())


def measure(row: Row, root: Path) -> tuple[list[Run], list[Run]]:
    """The runs of both commands, taken in turn; one of each before that is not counted."""
    ours, yardstick = [], []
    for number in range(row.pairs + 1):
        pair = run(row.ours, root), run(row.yardstick, root)
        if number:
            ours.append(pair[0])
            yardstick.append(pair[1])
    shutil.rmtree(root / "out", ignore_errors=True)
    return ours, yardstick


def spread(ratios: Sequence[float]) -> str:
    """`0.98 [0.95 1.04]`: the middle, then the ends."""
    return f"{statistics.median(ratios):.2f} [{min(ratios):.2f} {max(ratios):.2f}]"


if __name__ == "__main__":
    main()
