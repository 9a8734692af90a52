"""The words of sbatch, squeue, sacct and scancel: command lines, and what their answers mean.

Nothing here runs anything. Source: measured on Slurm 22.05; `sbatch` exits with 1 for "certainly
not" and for "perhaps", so the text decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_JOB_ID = re.compile(r"^([0-9]+)(?:;[A-Za-z0-9_.-]+)?$", re.MULTILINE)
_PERHAPS = ("timed out", "zero bytes were transmitted", "unexpected message", "connection reset")
_AWAY = ("unable to contact slurm controller", "connection refused", "connect failure", "unable to establish")
QUEUE_FORMAT = "%i|%T|%r|%N|%k"
ACCOUNT_FIELDS = "JobID,State,ExitCode,Elapsed,NodeList"
ENDED = frozenset(
    {
        "BOOT_FAIL",
        "CANCELLED",
        "COMPLETED",
        "DEADLINE",
        "FAILED",
        "NODE_FAIL",
        "OUT_OF_MEMORY",
        "PREEMPTED",
        "REVOKED",
        "TIMEOUT",
    }
)


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a job: Slurm's own word for its state, `UNKNOWN` when nobody answers."""

    state: str
    exit_code: str = ""
    reason: str = ""
    nodes: str = ""
    elapsed: str = ""

    @property
    def ended(self) -> bool:
        """Whether the job will not run any more."""
        return self.state in ENDED


def sbatch_argv(bundle_dir: str, token: str) -> list[str]:
    """The script comes on stdin: the bytes that were verified are the bytes that are queued."""
    return ["sbatch", "--parsable", "--export=NONE", f"--comment={token}", "/dev/stdin", bundle_dir]


Answer = Literal["accepted", "refused", "away", "unknown"]


def read_sbatch(code: int | None, out: str, err: str) -> tuple[Answer, str]:
    """What sbatch's answer means, and the job id or the reason."""
    said = " ".join(err.replace("sbatch: error:", "").replace("Batch job submission failed:", "").split())
    if code == 0:
        match = _JOB_ID.search(out)
        return ("accepted", match.group(1)) if match else ("unknown", "sbatch printed no job id")
    lowered = said.lower()
    if code is None or any(text in lowered for text in _PERHAPS):
        return "unknown", said or "sbatch did not answer in time"
    if any(text in lowered for text in _AWAY):
        return "away", said
    return "refused", said or f"sbatch exited with {code}"


def find_argv(name: str) -> list[str]:
    """Every job of this name that the scheduler knows, with its comment."""
    return ["squeue", "--noheader", "--states=all", f"--name={name}", f"--format={QUEUE_FORMAT}"]


def find_token(out: str, token: str) -> str | None:
    """The job that carries `token`, by squeue's answer."""
    for line in out.splitlines():
        fields = line.split("|")
        if len(fields) == 5 and fields[4] == token:
            return fields[0]
    return None


def queue_argv(job_ids: Sequence[str]) -> list[str]:
    """The queue's view of some jobs."""
    return ["squeue", "--noheader", "--states=all", f"--jobs={','.join(job_ids)}", f"--format={QUEUE_FORMAT}"]


def read_queue(out: str) -> dict[str, State]:
    """States by job id, by squeue's answer."""
    states = {}
    for line in out.splitlines():
        fields = line.split("|")
        if len(fields) == 5:
            states[fields[0]] = State(fields[1], reason="" if fields[2] == "None" else fields[2], nodes=fields[3])
    return states


def account_argv(job_ids: Sequence[str]) -> list[str]:
    """The accounting's view of some jobs."""
    return [
        "sacct",
        "--allocations",
        "--noheader",
        "--parsable2",
        f"--jobs={','.join(job_ids)}",
        f"--format={ACCOUNT_FIELDS}",
    ]


def read_account(out: str) -> dict[str, State]:
    """States by job id, by sacct's answer. `CANCELLED by 0` is CANCELLED."""
    states = {}
    for line in out.splitlines():
        fields = line.split("|")
        if len(fields) == 5:
            nodes = "" if fields[4] == "None assigned" else fields[4]
            states[fields[0]] = State(fields[1].split(" ")[0], exit_code=fields[2], nodes=nodes, elapsed=fields[3])
    return states


def gathered(states: Mapping[str, State], job_id: str) -> State | None:
    """The state of a job, or of a whole array from its tasks `ID_N`: the first of these that a task is in.

    Running, then waiting, then any bad end, then COMPLETED.
    """
    if job_id in states:
        return states[job_id]
    tasks = [state for task, state in states.items() if task.startswith(f"{job_id}_")]
    if not tasks:
        return None
    for wanted in ("RUNNING", "PENDING"):
        if any(task.state == wanted for task in tasks):
            return State(wanted, reason=_count(tasks))
    bad = next((task for task in tasks if task.state != "COMPLETED"), tasks[0])
    return State(bad.state, exit_code=bad.exit_code, reason=_count(tasks), elapsed=bad.elapsed)


def _count(tasks: Sequence[State]) -> str:
    counts = Counter(task.state for task in tasks)
    return ", ".join(f"{count} {state.lower()}" for state, count in sorted(counts.items()))


def cancel_argv(job_id: str) -> list[str]:
    """End a job."""
    return ["scancel", job_id]
