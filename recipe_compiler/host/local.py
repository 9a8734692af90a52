"""This machine as a target: a process group of its own, a folder, a log, and an exit code on disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from recipe_compiler.bundle import Bundle
from recipe_compiler.diag import Diagnostic
from recipe_compiler.host.files import CannotWrite, read_bytes
from recipe_compiler.ledger import Intent, Record
from recipe_compiler.slurm_queue import State

NAME = "local"
_TERM_S = 10


def _runs(bundle: Bundle, state: Path) -> Path:
    runs_dir = bundle.manifest["job"]["runs_dir"]
    return (Path(str(runs_dir)) if runs_dir else state / "runs") / bundle.name


def submit(bundle: Bundle, bundle_dir: Path, intent: Intent, state: Path) -> tuple[str | None, Diagnostic | None]:  # noqa: ARG001
    """The id of the job, which runs on after this process ends. Raises: CannotWrite."""
    runs = _runs(bundle, state)
    try:
        runs.mkdir(parents=True, exist_ok=True)
        run_dir = _claim(runs)
        environment = dict(os.environ)
        # The Python that runs recipec comes first: in a virtual environment it is the one meant.
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
        with (runs / f"{run_dir.name}.log").open("ab") as log:
            process = subprocess.Popen(
                ["/bin/bash", "-p", str(bundle_dir / "run.sh"), str(run_dir)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        (run_dir / "pid").write_text(f"{process.pid} {_started(process.pid)}\n")
    except OSError as error:
        msg = f"cannot start the job below {runs}: {(error.strerror or '').lower()}"
        raise CannotWrite(msg) from error
    return f"{bundle.name}.{run_dir.name}", None


def _claim(runs: Path) -> Path:
    """The next free number below `runs`, as a folder that only this process has made."""
    taken = [int(path.name) for path in runs.iterdir() if path.is_dir() and path.name.isdigit()]
    number = max(taken, default=0) + 1
    while True:
        try:
            (runs / str(number)).mkdir()
        except FileExistsError:
            number += 1
        else:
            return runs / str(number)


def _started(pid: int) -> str:
    """When a living process started, in the kernel's ticks: a number of its own for each process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def adopt(bundle: Bundle, intent: Intent) -> tuple[str | None, Diagnostic | None]:  # noqa: ARG001
    """A local job is never adopted: it was started by the process that failed to record it. Emits: RCP903."""
    message = f"attempt {intent.attempt} of {intent.bundle} was begun and did not say what became of it"
    return None, Diagnostic("RCP903", message, help="look for its processes, then submit again with `--rerun`")


def paths(bundle: Bundle, job_id: str, state: Path) -> tuple[Path, Path]:
    """The job's own folder and its log."""
    runs, number = _runs(bundle, state), job_id.rpartition(".")[2]
    return runs / number, runs / f"{number}.log"


def states(records: Sequence[Record]) -> tuple[dict[str, State], Diagnostic | None]:
    """The state of each job by what it left on disk."""
    return {record.job_id: _state(record) for record in records}, None


def _state(record: Record) -> State:
    run_dir = Path(record.run_dir)
    data, _ = read_bytes(run_dir / "rc", 16)
    if data is not None:
        code = data.decode("utf-8", "replace").strip()
        return State("COMPLETED" if code == "0" else "FAILED", exit_code=f"{code}:0", nodes="localhost")
    if _pid(run_dir) is not None:
        return State("RUNNING", nodes="localhost")
    return State(
        "CANCELLED" if (run_dir / "cancelled").exists() else "FAILED", nodes="localhost", reason="it left no exit code"
    )


def _pid(run_dir: Path) -> int | None:
    """The job's process, if it is alive and still the one that was started."""
    data, _ = read_bytes(run_dir / "pid", 64)
    pid, _, started = (data or b"").decode("utf-8", "replace").strip().partition(" ")
    return int(pid) if pid.isdigit() and started and _started(int(pid)) == started else None


def cancel(record: Record) -> Diagnostic | None:
    """End the job and what it started: SIGTERM, then SIGKILL."""
    run_dir = Path(record.run_dir)
    pid = _pid(run_dir)
    if pid is None:
        return None
    (run_dir / "cancelled").touch()
    deadline = time.monotonic() + _TERM_S
    os.killpg(pid, signal.SIGTERM)
    while _pid(run_dir) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    if _pid(run_dir) is not None:
        os.killpg(pid, signal.SIGKILL)
    return None
