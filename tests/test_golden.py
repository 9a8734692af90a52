"""Golden bundles: byte for byte, clean to shellcheck, and run under recording stand-ins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.golden_bundles import NOT_KEPT, cases, compile_case

SHIMS = Path(__file__).parent / "shims"
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
each_case = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases()])


def trace(case: Path) -> str:
    """What the case's job asks srun, scontrol and the container for, one call a line."""
    bundle = compile_case(case)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "b")
        folder.mkdir()
        for name, text in bundle.files.items():
            (folder / name).write_text(text.replace("/shared/", f"{scratch}/shared/"), encoding="utf-8")
        entry = "job.sbatch" if "job.sbatch" in bundle.files else "run.sh"
        # The scratch paths above change the step's digest, so the stand-in run skips that check.
        skip = Path(scratch, "sha256sum")
        skip.write_text("#!/bin/bash\n[[ $1 == --check ]] && exit 0\nprintf '%s  -\\n' \"$SHIM_IMAGE\"\n")
        skip.chmod(0o755)
        shared = Path(scratch, "shared")
        for name in ("runs", "images"):
            (shared / name).mkdir(parents=True)
        image = bundle.manifest["job"]["image"]
        if image:
            Path(str(image["path"]).replace("/shared/", f"{scratch}/shared/")).touch()
        log = Path(scratch, "trace")
        env = {
            "PATH": f"{SHIMS}:{scratch}:/usr/bin:/bin",
            "SHIM_TRACE": str(log),
            "SHIM_IMAGE": image["sha256"] if image else "",
            "SLURM_JOB_ID": "4711",
            "SLURM_JOB_NODELIST": ",".join(f"node{number + 1}" for number in range(bundle.manifest["job"]["nodes"])),
            "SLURM_EXPORT_ENV": "NONE",
            "PET_NNODES": "9",
            "NCCL_LEAK": "from the submitting shell",
            "MASTER_PORT": "29500",
        }
        argv = [
            "/bin/bash",
            "-p",
            str(folder / entry),
            str(folder) if entry == "job.sbatch" else f"{scratch}/shared/runs/1",
        ]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False, cwd=scratch)
        assert done.returncode == 0, done.stderr
        return log.read_text(encoding="utf-8").replace(scratch, "/SCRATCH")


@each_case
def test_bundle_is_the_golden_one(case: Path) -> None:
    bundle = compile_case(case)
    expected = {path.name: path.read_text(encoding="utf-8") for path in (case / "expected").iterdir()}
    assert {name: text for name, text in bundle.files.items() if name not in NOT_KEPT} == expected


@each_case
def test_scripts_are_clean_to_shellcheck(case: Path) -> None:
    scripts = [path for path in (case / "expected").iterdir() if path.suffix in {".sh", ".sbatch"}]
    argv = [str(SHELLCHECK), "--severity=warning", "--exclude=SC2154", "--shell=bash", *map(str, scripts)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0


@each_case
def test_scripts_ask_for_what_the_trace_says(case: Path) -> None:
    assert trace(case) == (case / "trace.txt").read_text(encoding="utf-8")


def test_there_are_cases_for_each_launcher_container_and_target() -> None:
    from recipe_compiler.containers import CONTAINERS
    from recipe_compiler.launchers import LAUNCHERS
    from recipe_compiler.targets import TARGETS

    jobs = [(compile_case(case).manifest["job"], compile_case(case).manifest["cluster"]) for case in cases()]
    assert {job["launcher"] for job, _ in jobs} == LAUNCHERS.keys()
    assert {job["container"] for job, _ in jobs} == CONTAINERS.keys()
    assert {cluster["target"] for _, cluster in jobs} == TARGETS.keys()


def test_bytes_do_not_depend_on_the_machine() -> None:
    case = cases()[0]
    program = f"from pathlib import Path; from tests.golden_bundles import compile_case; print(compile_case(Path({str(case)!r})).digest)"
    digests = set()
    for env in (
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LANG": "C"},
        {"COLUMNS": "1", "HOME": "/nonexistent"},
    ):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **env},
            cwd=Path(__file__).parent.parent,
        )
        digests.add(done.stdout)
    assert len(digests) == 1
