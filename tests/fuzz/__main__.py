"""Run the targets under atheris, all at once, each in a process of its own.

What was found is kept in `.fuzz/TARGET/`, so that a later run goes on from there; an input that broke a
target is written to `.fuzz/` and its path printed. `python -m tests.fuzz TARGET FILE` tries such a file again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tests.project import REPO

KEPT = REPO / ".fuzz"
TARGETS = ("override", "recipe", "profile", "sweep")
MEMORY_MIB = 2048
HANG_S = 20


def main() -> int:
    """0 if no target broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="fuzz the compiler, guided by coverage")
    parser.add_argument("target", nargs="?", choices=TARGETS, help="this one alone")
    parser.add_argument("file", nargs="?", type=Path, help="try this file, and no other input")
    parser.add_argument("--minutes", type=float, default=10, help="how long")
    parser.add_argument("--runs", type=int, help="so many inputs, the same ones each time, and nothing is kept")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where inputs are kept")
    given = parser.parse_args()
    if given.file is not None:
        from tests.fuzz.targets import TARGETS as FUNCTIONS

        FUNCTIONS[given.target](given.file.read_bytes())
        return 0
    if given.target is not None:
        fuzz(given.target, given.kept, given.minutes, given.runs)
        return 0
    own = [f"--minutes={given.minutes}", f"--kept={given.kept}", *([f"--runs={given.runs}"] if given.runs else [])]
    running = {
        name: subprocess.Popen([sys.executable, "-m", "tests.fuzz", name, *own], cwd=REPO, stderr=subprocess.PIPE)
        for name in TARGETS
    }
    codes = []
    for name, process in running.items():
        _, said = process.communicate()
        lines = said.decode("utf-8", "replace").splitlines()
        codes.append(process.returncode)
        broke = process.returncode != 0
        print(f"{name}: {'broke' if broke else 'held'}; {next((line for line in lines[::-1] if 'cov:' in line), '')}")
        if broke:
            print("\n".join(lines[-60:]))
    return int(any(codes))


def fuzz(name: str, kept: Path, minutes: float, runs: int | None) -> None:
    """Run one target; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["recipe_compiler"]):
        from tests.fuzz.targets import TARGETS as FUNCTIONS
    from tests.fuzz.seeds import seeds, words

    first, found = kept / f"{name}-seeds", kept / name
    for folder in (first, found):
        folder.mkdir(parents=True, exist_ok=True)
    for old in first.iterdir():
        old.unlink()
    for number, data in enumerate(seeds(name)):
        (first / f"{number:04d}").write_bytes(data)
    table = kept / f"{name}.dict"
    table.write_text("".join(f'"{_escaped(word)}"\n' for word in words()), encoding="ascii")
    length = [f"-runs={runs}", "-seed=1"] if runs else [f"-max_total_time={minutes * 60:.0f}"]
    limits = [f"-timeout={HANG_S}", f"-rss_limit_mb={MEMORY_MIB}", "-max_len=9000", "-len_control=20"]
    argv = ["fuzz", *length, *limits, f"-dict={table}", f"-artifact_prefix={kept}/{name}-", str(found), str(first)]
    atheris.Setup(argv, FUNCTIONS[name])
    atheris.Fuzz()


def _escaped(word: str) -> str:
    """As libFuzzer's dictionaries have it."""
    plain = set(range(0x20, 0x7F)) - set(b'"\\')
    return "".join(chr(byte) if byte in plain else f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    sys.exit(main())
