"""The fuzzer's targets: what is known to them always, and new inputs under atheris where it runs.

`make fuzz` searches for minutes; here each target gets its seeds, and a few hundred inputs that are the same each time.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import seeds
from tests.fuzz.__main__ import TARGETS
from tests.fuzz.targets import TARGETS as FUNCTIONS
from tests.project import REPO

HAS_WHEEL = (
    sys.platform == "linux"
    and platform.machine() == "x86_64"
    and sys.implementation.name == "cpython"
    and (3, 11) <= sys.version_info[:2] <= (3, 13)
)
"""Where the `test` extra installs atheris."""
RUNS = {"override": 1500, "recipe": 600, "profile": 1000, "sweep": 600}


def test_the_targets_are_those_that_the_command_names() -> None:
    assert tuple(FUNCTIONS) == TARGETS == tuple(RUNS)


@pytest.mark.parametrize("target", TARGETS)
def test_every_seed_holds(target: str) -> None:
    tried = seeds.seeds(target)
    assert len(tried) > 90
    for data in tried:
        FUNCTIONS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_inputs_guided_by_coverage_hold(target: str, tmp_path: Path) -> None:
    if not HAS_WHEEL:
        pytest.skip("atheris has no wheel for this Python and machine")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, f"--runs={RUNS[target]}", f"--kept={tmp_path}"],
        cwd=REPO,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"Done {RUNS[target]} runs" in done.stderr
