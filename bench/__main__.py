"""`python -m bench [--quick] [--dir DIR]`: whole processes, measured in turn, as ratios to a plain stack.

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
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.recipes import write_project

PLAIN = str(Path(__file__).with_name("plain.py"))
RECIPEC = str(Path(sys.executable).with_name("recipec"))
IMPORTS = "import yaml, jinja2, pydantic, click"
ENV = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RECIPEC_"))}
KIB = 1024
MEMORY = Path("/dev/shm")
NEEDED_BYTES = 2 << 30
FLAT_MIB = 8
"""How much the peak may grow: of each recipe its name and file are kept, to find two of one name."""


@dataclass(frozen=True)
class Run:
    """What one process took: seconds on the clock, seconds of CPU, peak memory in KiB."""

    wall_s: float
    cpu_s: float
    peak_kib: int


@dataclass(frozen=True)
class Row:
    """One comparison: two commands, how often, and the ratio that is aimed at."""

    what: str
    ours: Sequence[str]
    yardstick: Sequence[str]
    pairs: int
    aim: float


def main() -> None:
    """Measure, print the table, and say which aims are missed. The exit code is 0 either way."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under 20 s: fewer pairs, no 10,000")
    parser.add_argument("--dir", type=Path, help="where to write, such as a folder on a disk")
    options = parser.parse_args()
    counts = (1, 100, 1000) if options.quick else (1, 100, 1000, 10_000)
    scratch = Path(tempfile.mkdtemp(prefix="recipec-bench-", dir=options.dir or place()))
    try:
        write_project(scratch, counts)
        report(scratch, counts, quick=options.quick)
    finally:
        shutil.rmtree(scratch)


def place() -> str | None:
    """The folder in memory, or None where there is none or it is small."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED_BYTES
    return str(MEMORY) if roomy else None


def report(root: Path, counts: Sequence[int], *, quick: bool) -> None:
    """Print the table row by row."""
    load = ", ".join(f"{item:.1f}" for item in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load}, in {root.parent}")
    print("a ratio below 1: recipec takes less than its yardstick; middle [smallest largest] of the pairs\n")
    head = f"{'':<15}{'pairs':>5}  {'wall ratio':<18}  {'cpu ratio':<18}{'wall ms':>15}{'peak MiB':>11}  aim (wall)"
    print(f"{head}\n{'-' * len(head)}")
    missed, peaks = [], {}
    for row, count in rows(root, counts, quick=quick):
        ours, yardstick = measure(row, root)
        wall = [a.wall_s / b.wall_s for a, b in zip(ours, yardstick, strict=True)]
        cpu = [a.cpu_s / b.cpu_s for a, b in zip(ours, yardstick, strict=True)]
        met = statistics.median(wall) <= row.aim
        missed += [] if met else [row.what]
        peaks[count] = statistics.median(item.peak_kib for item in ours)
        memory = f"{peaks[count] / KIB:.0f} / {statistics.median(item.peak_kib for item in yardstick) / KIB:.0f}"
        times = " / ".join(f"{statistics.median(item.wall_s for item in side) * 1e3:.0f}" for side in (ours, yardstick))
        print(
            f"{row.what:<15}{row.pairs:>5}  {spread(wall):<18}  {spread(cpu):<18}{times:>15}{memory:>11}"
            f"  {row.aim:.2f} {'met' if met else 'MISSED'}",
            flush=True,
        )
    most = max(counts)
    growth = (peaks[most] - peaks[1]) / KIB
    flat = growth <= FLAT_MIB
    missed += [] if flat else ["memory"]
    verdict = "met" if flat else "MISSED"
    print(f"\npeak memory of {most:,} recipes against 1: {growth:+.1f} MiB  aim {FLAT_MIB} {verdict}")
    print(f"missed: {', '.join(missed)}" if missed else "all aims met")
    print("yardsticks: --help, --version: python -c 'import yaml, jinja2, pydantic, click'; compile: bench/plain.py")


def rows(root: Path, counts: Sequence[int], *, quick: bool) -> Iterator[tuple[Row, int]]:
    """Each comparison, with the number of recipes in it."""
    imports = (sys.executable, "-c", IMPORTS)
    pairs = {0: 7, 1: 7, 100: 3, 1000: 1} if quick else {0: 21, 1: 31, 100: 11, 1000: 9, 10_000: 5}
    yield Row("--help", (RECIPEC, "--help"), imports, pairs[0], 0.7), 0
    yield Row("--version", (RECIPEC, "--version"), imports, pairs[0], 0.7), 0
    for count in counts:
        recipes = f"recipes-{count}"
        reference = reference_bundle(root, recipes)
        ours = (RECIPEC, "compile", recipes, "--out", "out")
        plain = (sys.executable, PLAIN, "clusters/gpu.yaml", recipes, "out", reference)
        same_output(root, recipes, ours, plain)
        what = "compile ONE" if count == 1 else f"compile {count:,}"
        yield Row(what, ours, plain, pairs[count], 1.15 if count == 1 else 2.0), count


def reference_bundle(root: Path, recipes: str) -> str:
    """A bundle of the first recipe, whose texts the plain stack writes."""
    command = [RECIPEC, "compile", f"{recipes}/r00000.yaml", "--out", f"reference-{recipes}"]
    return subprocess.run(command, cwd=root, env=ENV, check=True, capture_output=True, text=True).stdout.strip()


def same_output(root: Path, recipes: str, *commands: Sequence[str]) -> None:
    """Stop unless all write as many folders, files and bytes."""
    sizes = {}
    for command in commands:
        run(command, root)
        sizes[amounts(root / "out")] = command[0]
    if len(sizes) != 1:
        sys.exit(f"{recipes}: the amounts of folders, files and bytes differ: {sizes}")


def amounts(folder: Path) -> tuple[int, int, int]:
    """How many folders, files and bytes lie below; without a list, for the peak of a child starts at ours."""
    folders = files = size = 0
    for path, _, names in os.walk(folder):
        folders += 1
        files += len(names)
        size += sum(os.stat(f"{path}/{name}").st_size for name in names)  # noqa: PTH116
    return folders, files, size


def measure(row: Row, root: Path) -> tuple[list[Run], list[Run]]:
    """The runs of both commands, taken in turn; one of each before that is not counted."""
    ours, yardstick = [], []
    for number in range(row.pairs + 1):
        pair = run(row.ours, root), run(row.yardstick, root)
        shutil.rmtree(root / "out", ignore_errors=True)
        if number:
            ours.append(pair[0])
            yardstick.append(pair[1])
    return ours, yardstick


def run(command: Sequence[str], root: Path) -> Run:
    """One process, into an empty folder `out`."""
    shutil.rmtree(root / "out", ignore_errors=True)
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, env=ENV, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def spread(ratios: Sequence[float]) -> str:
    """`0.98 [0.95 1.04]`: the middle, then the ends."""
    return f"{statistics.median(ratios):.2f} [{min(ratios):.2f} {max(ratios):.2f}]"


if __name__ == "__main__":
    main()
