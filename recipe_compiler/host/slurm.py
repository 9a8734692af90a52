"""Slurm as this machine reaches it: sbatch, squeue, sacct, scancel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from recipe_compiler import slurm_queue as words
from recipe_compiler.bundle import Bundle
from recipe_compiler.diag import Diagnostic
from recipe_compiler.host import process
from recipe_compiler.host.files import CannotWrite
from recipe_compiler.ledger import Intent, Record
from recipe_compiler.slurm_queue import State

NAME = "slurm"
FIRST_POINT = 0
"""The task of an array whose folder and log a record names; `ID_N` on the command line means the others."""


def submit(bundle: Bundle, bundle_dir: Path, intent: Intent, state: Path) -> tuple[str | None, Diagnostic | None]:  # noqa: ARG001
    """The id of the queued job, or what the scheduler said. Emits: RCP901-RCP904.

    Raises: CannotWrite, when the folder for logs cannot be made.
    """
    runs_dir = str(bundle.manifest["job"]["runs_dir"])
    try:
        os.makedirs(runs_dir, exist_ok=True)  # noqa: PTH103
    except OSError as error:
        msg = f"cannot make the folder for runs {runs_dir}: {(error.strerror or '').lower()}"
        raise CannotWrite(msg) from error
    try:
        result = process.run(
            words.sbatch_argv(str(bundle_dir), intent.token), text=bundle.files["job.sbatch"], timeout_s=120
        )
    except process.Missing as error:
        return None, Diagnostic("RCP901", str(error), help="submit from a login node of the cluster")
    answer, said = words.read_sbatch(result.code, result.out, result.err)
    if answer == "accepted":
        return said, None
    if answer == "away":
        return None, Diagnostic(
            "RCP902", f"the scheduler is away: {said}", help="nothing was submitted; repeat the command later"
        )
    if answer == "unknown":
        return None, Diagnostic(
            "RCP903",
            f"it is not known whether the job was queued: {said}",
            help="repeat the command: it looks for the job before it submits again",
        )
    return None, Diagnostic(
        "RCP904", f"sbatch refused the job: {said}", help="ask the owners of the cluster profile, or mend the recipe"
    )


def adopt(bundle: Bundle, intent: Intent) -> tuple[str | None, Diagnostic | None]:
    """The job that an earlier attempt of unknown outcome left in the queue, if squeue knows it. Emits: RCP903."""
    try:
        result = process.run(words.find_argv(bundle.name))
    except process.Missing as error:
        return None, Diagnostic("RCP901", str(error), help="submit from a login node of the cluster")
    if result.code != 0:
        return None, Diagnostic(
            "RCP902", f"the scheduler is away: {' '.join(result.err.split())}", help="repeat the command later"
        )
    job_id = words.find_token(result.out, intent.token)
    if job_id is None:
        return None, Diagnostic(
            "RCP903",
            f"attempt {intent.attempt} of {intent.bundle} was begun, and no job of it is in the queue",
            help="if you know that it never ran, submit again with `--rerun`",
        )
    return job_id, None


def paths(bundle: Bundle, job_id: str, state: Path) -> tuple[Path, Path]:  # noqa: ARG001  the protocol
    """The job's own folder and its log."""
    runs = Path(str(bundle.manifest["job"]["runs_dir"]))
    name = job_id if bundle.manifest["job"]["points"] is None else f"{job_id}_{FIRST_POINT}"
    return runs / bundle.name / name, runs / f"{bundle.name}-{name}.log"


def states(records: Sequence[Record]) -> tuple[dict[str, State], Diagnostic | None]:
    """The state of each job: the accounting's word, and the queue's for what is not over. Emits: RCP901, RCP902."""
    job_ids = [record.job_id for record in records]
    known: dict[str, State] = {}
    trouble = None
    try:
        accounted = process.run(words.account_argv(job_ids))
        known.update(words.read_account(accounted.out))
    except process.Missing:
        pass  # a site without accounting
    whole = _whole(known, job_ids)
    if all(job_id in whole and whole[job_id].ended for job_id in job_ids):
        return whole, None
    try:
        queued = process.run(words.queue_argv(job_ids))
    except process.Missing as error:
        return known, Diagnostic("RCP901", str(error), help="ask from a login node of the cluster")
    for job_id, state in words.read_queue(queued.out).items():
        if job_id not in known or not known[job_id].ended:
            known[job_id] = state
    known = _whole(known, job_ids)
    if queued.code != 0 and "invalid job id" not in queued.err.lower():
        trouble = Diagnostic(
            "RCP902", f"the scheduler is away: {' '.join(queued.err.split())}", help="repeat the command later"
        )
    return known, trouble


def _whole(known: dict[str, State], job_ids: Sequence[str]) -> dict[str, State]:
    """One state a job: an array's from those of its tasks."""
    gathered = {job_id: words.gathered(known, job_id) for job_id in job_ids}
    return {job_id: state for job_id, state in gathered.items() if state is not None}


def cancel(record: Record) -> Diagnostic | None:
    """End the job. Emits: RCP901, RCP902."""
    try:
        result = process.run(words.cancel_argv(record.job_id))
    except process.Missing as error:
        return Diagnostic("RCP901", str(error), help="cancel from a login node of the cluster")
    if result.code != 0:
        return Diagnostic(
            "RCP902", f"cannot cancel job {record.job_id}: {' '.join(result.err.split())}", help="repeat the command"
        )
    return None
