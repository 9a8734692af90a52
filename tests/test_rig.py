"""The rig's own tests: what the other end-to-end tests take for granted of it."""

from __future__ import annotations

import os
import secrets
import signal
from typing import TYPE_CHECKING

import pytest

from tests.rig import RigError, settings, shell
from tests.rig.processes import Process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rig import Rig

_SUBMIT = ("sbatch", "--parsable", "--export=NONE", "--chdir=/")
_BASH = "#!/bin/bash\nset -euo pipefail\nunset SLURM_EXPORT_ENV\n"


def _submit(rig: Rig, script: str, *options: str, user: str | None = None) -> str:
    words = [*_SUBMIT, f"--output={rig.shared}/%j.out", *options]
    return rig.run(words, stdin=_BASH + script, user=user, check=True).stdout.strip()


def _output(rig: Rig, job_id: str) -> str:
    return (rig.shared / f"{job_id}.out").read_text(encoding="utf-8")


def test_every_node_is_idle_and_a_host_of_its_own(rig: Rig) -> None:
    rig.wait_idle()
    nodes = rig.run(["sinfo", "-hNo", "%N %T %G", "-p", "gpu"], check=True).stdout
    assert nodes.splitlines() == [f"node{n} idle gpu:h200:8" for n in (1, 2, 3, 4)]
    job = _submit(rig, "srun hostname\n", "--nodes=4")
    rig.wait_state(job, "COMPLETED")
    assert sorted(_output(rig, job).splitlines()) == ["node1", "node2", "node3", "node4"]


def test_every_task_sees_the_gpus_of_its_node(rig: Rig) -> None:
    job = _submit(rig, "srun printenv CUDA_VISIBLE_DEVICES\n", "--nodes=2", "--gpus-per-node=2")
    rig.wait_state(job, "COMPLETED")
    assert _output(rig, job) == "0,1\n0,1\n"


def test_image_runs_in_a_job_of_a_user_other_than_root(rig: Rig) -> None:
    image = rig.images["python"].path
    script = f"apptainer exec --cleanenv --no-eval --no-home {image} python3 -c 'print(40 + 2)'\n"
    job = _submit(rig, script, "--account=ops", user=settings.USER)
    row = rig.wait_job(job)
    assert (row["User"], row["Account"], row["State"]) == (settings.USER, "ops", "COMPLETED")
    assert _output(rig, job).splitlines()[-1] == "42"


def test_image_digest_is_that_of_its_bytes(rig: Rig) -> None:
    image = rig.images["training"]
    said = rig.run(["sha256sum", image.path], check=True).stdout.split()[0]
    assert said == image.sha256


def test_accounting_has_how_a_job_ended(rig: Rig) -> None:
    job = _submit(rig, "exit 3\n")
    row = rig.wait_job(job)
    assert (row["State"], row["ExitCode"], row["Account"]) == ("FAILED", "3:0", "research")


def test_stopped_controller_gives_the_text_of_sbatch(rig: Rig) -> None:
    rig.stop_controller()
    try:
        done = rig.run(_SUBMIT, stdin=_BASH)
    finally:
        rig.start_controller()
    said = "sbatch: error: Batch job submission failed: Unable to contact slurm controller"
    assert (done.returncode, done.stderr) == (1, f"{said} (connect failure)\n")


def test_paused_controller_loses_the_answer_and_not_the_job(rig: Rig) -> None:
    name = f"unanswered-{secrets.token_hex(4)}"
    rig.pause_controller()
    try:
        done = rig.run([*_SUBMIT, f"--job-name={name}", "--output=/dev/null"], stdin=_BASH)
    finally:
        rig.resume_controller()
    said = "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    names = ["squeue", "-h", "-t", "all", f"--name={name}", "-o", "%j"]
    shell.wait_until(lambda: rig.run(names).stdout == f"{name}\n", what="the job", timeout_s=20)


def test_dead_node_fails_its_job_and_comes_back(rig: Rig) -> None:
    job = _submit(rig, "sleep 300\n", "--nodelist=node3", "--no-requeue")
    rig.wait_state(job, "RUNNING")
    rig.cut("node3")
    try:
        rig.wait_state(job, "NODE_FAIL", timeout_s=60)
    finally:
        rig.heal("node3")
    rig.wait_idle()


def test_folder_of_a_killed_build_is_not_used(tmp_path: Path) -> None:
    target = tmp_path / "tree"

    def build() -> None:
        with shell.whole(target) as part:
            part.mkdir()
            message = "killed here"
            raise RigError(message)

    with pytest.raises(RigError, match="killed here"):
        build()
    assert not target.exists()
    with shell.whole(target) as part:
        part.mkdir()
    assert list(tmp_path.iterdir()) == [target]


def test_recycled_process_id_is_not_signalled() -> None:
    boot = shell.run(["cat", "/proc/sys/kernel/random/boot_id"], timeout_s=5).stdout.strip()
    earlier = Process(os.getpid(), 1, boot)
    assert not earlier.alive()
    assert not earlier.send(signal.SIGCONT)


def test_wait_names_what_it_waited_for_and_shows_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\nlast words\n", encoding="utf-8")
    with pytest.raises(RigError) as caught:
        shell.wait_until(lambda: False, what="the moon", timeout_s=0.1, log=log)
    shown = f"waited 0.1 s for the moon\n--- end of {log}\nfirst\nlast words"
    assert str(caught.value) == shown
