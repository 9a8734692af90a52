"""What is compared with what. Before a row is measured, both sides are seen to make the same."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.process import output, run
from bench.recipes import OVERRIDES

PLAIN, POINTS, HYDRA = (str(Path(__file__).with_name(name)) for name in ("plain.py", "points.py", "hydra_compose.py"))
RECIPEC = str(Path(sys.executable).with_name("recipec"))
YARDSTICKS = """\
--help, --version  python -c 'import yaml, jinja2, pydantic, click'
Tab                the same; what a shell asks for `recipec explain RCP`; the aim is 100 ms
compile            bench/plain.py writes as many folders, files and bytes
compose            bench/hydra_compose.py makes the same data of the same three layers and 20 overrides;
                   recipec validate composes them, validates and checks each recipe and renders it in memory
sweep              recipec compile of the same recipe without its sweep, then in a process of its own
                   bench/points.py, which writes the same bytes as the table of the 10,000 points
check ONE          the import of what recipec validate loads; the recipe is checked against 44,000 entries
check 1,000        recipec validate of one of them; the aim is 2 ms each
catalog            bench/parse.py, which parses the files of the same wheel; the aim is 2 s
change of 20       recipec validate of all 2,000 recipes; with --changed-since the aim is 3 s
no change          recipec validate of all 10,000 recipes; with --changed-since"""


@dataclass(frozen=True)
class Row:
    """One comparison: two commands, how often, and what is aimed at."""

    what: str
    ours: Sequence[str]
    yardstick: Sequence[str]
    pairs: int
    aim: float = 0.0
    """The ratio that is aimed at; 0 where the aim is `limit_ms` on the clock."""
    recipes: int = 0
    """How many are compiled, where the peaks of memory are compared."""
    limit_ms: float = 0.0


def start_rows(*, quick: bool) -> Iterator[Row]:
    """What each command pays, against the libraries alone."""
    imports = (sys.executable, "-c", "import yaml, jinja2, pydantic, click")
    for option in ("--help", "--version"):
        yield Row(option, (RECIPEC, option), imports, 7 if quick else 21, 0.7)
    words = ("COMP_WORDS=recipec explain RCP", "COMP_CWORD=2", "_RECIPEC_COMPLETE=bash_complete")
    yield Row("Tab", ("env", *words, RECIPEC), imports, 7 if quick else 21, limit_ms=100)


def compile_rows(root: Path, counts: Sequence[int], *, quick: bool) -> Iterator[Row]:
    """Many recipes to bundles, against the plain stack."""
    pairs = {1: 7, 100: 3, 1000: 1} if quick else {1: 31, 100: 11, 1000: 9, 10_000: 5}
    for count in counts:
        recipes = f"recipes-{count}"
        # A bundle of the first recipe, whose texts the plain stack writes.
        reference = output((RECIPEC, "compile", f"{recipes}/r00000.yaml", "--out", f"reference-{recipes}"), root)
        ours = (RECIPEC, "compile", recipes, "--out", "out")
        plain = (sys.executable, PLAIN, "clusters/gpu.yaml", recipes, "out", reference)
        _same_amounts(root, recipes, ours, plain)
        what = "compile ONE" if count == 1 else f"compile {count:,}"
        yield Row(what, ours, plain, pairs[count], 1.15 if count == 1 else 2.0, count)


def compose_rows(root: Path, counts: Sequence[int], *, quick: bool) -> Iterator[Row]:
    """Three layers and twenty overrides each, against Hydra's compose."""
    pairs = {1: 3} if quick else {1: 21, 200: 3}
    sets = [word for text in OVERRIDES for word in ("--set", text)]
    for count in counts:
        last = f"layered-{count}/r{count - 1:05d}.yaml"
        hydra = (sys.executable, HYDRA, f"hydra-{count}", *OVERRIDES)
        bundle = output((RECIPEC, "compile", last, "--out", f"reference-layered-{count}", *sets), root)
        if json.loads((root / bundle / "call.json").read_text())["args"] != json.loads(output(hydra, root)):
            sys.exit(f"{last}: Hydra composes other arguments")
        what = "compose ONE" if count == 1 else f"compose {count:,}"
        yield Row(what, (RECIPEC, "validate", f"layered-{count}", *sets), hydra, pairs[count], 1.0)


def sweep_row(root: Path, *, quick: bool) -> Iterator[Row]:
    """A sweep of 10,000 points, against the same recipe without one and the bare writing of the table."""
    ours = (RECIPEC, "compile", "sweep.yaml", "--cluster", "wide", "--out", "out")
    compiled = shlex.join((RECIPEC, "compile", "recipes-1", "--cluster", "wide", "--out", "out"))
    written = shlex.join((sys.executable, "-I", "-S", POINTS, "out/points.jsonl"))
    sequence = ("sh", "-c", f"{compiled} && {written}")
    tables = []
    for command in (ours, sequence):
        run(command, root)
        tables += [path.read_bytes() for path in (root / "out").rglob("points.jsonl")]
    if len(tables) != 2 or tables[0] != tables[1]:
        sys.exit("sweep.yaml: bench/points.py writes another table")
    yield Row("sweep 10,000", ours, sequence, 3 if quick else 15, 2.0)


def _same_amounts(root: Path, recipes: str, *commands: Sequence[str]) -> None:
    """Stop unless all write as many folders, files and bytes."""
    sizes = {}
    for command in commands:
        run(command, root)
        sizes[_amounts(root / "out")] = command[0]
    if len(sizes) != 1:
        sys.exit(f"{recipes}: the amounts of folders, files and bytes differ: {sizes}")


def _amounts(folder: Path) -> tuple[int, int, int]:
    """How many folders, files and bytes lie below; without a list, for the peak of a child starts at ours."""
    folders = files = size = 0
    for path, _, names in os.walk(folder):
        folders += 1
        files += len(names)
        size += sum(os.stat(f"{path}/{name}").st_size for name in names)  # noqa: PTH116
    return folders, files, size
