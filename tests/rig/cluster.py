"""The running cluster, as a test sees it and what a test can do to it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tests.rig import daemons, images, network, settings
from tests.rig.processes import daemon_path
from tests.rig.shell import RigError, run, tail, wait_until, whole

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.rig.images import Image

_IDLE_LIMIT_S: Final = 60.0
_FIELDS: Final = (
    *("JobID", "JobName", "User", "Account", "Partition", "State", "ExitCode", "DerivedExitCode"),
    *("NodeList", "NNodes", "AllocTRES", "Submit", "Start", "End", "Elapsed", "Comment"),
)
_ENDED: Final = frozenset(
    {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL"}
    | {"OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT"}
)


@dataclass(frozen=True)
class Rig:
    """A cluster that is up. `env` is what a client needs beyond its own environment."""

    env: Mapping[str, str]
    shared: Path
    images: Mapping[str, Image]
    state: Path

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        user: str | None = None,
        timeout_s: float = 60,
        stdin: str = "",
        check: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """The finished command, run with the rig's environment, as `user` if one is given."""
        words, more = [str(word) for word in argv], {**self.env, **(env or {})}
        if user is not None:
            words = ["runuser", "-u", user, "--", *words]
            more.update({"HOME": pwd.getpwnam(user).pw_dir, "USER": user, "LOGNAME": user})
        return run(words, timeout_s=timeout_s, stdin=stdin, check=check, env=more)

    def accounting(self, job_id: int | str) -> dict[str, str]:
        """What sacct has of a job now, by its names of the fields; empty if nothing yet.

        `State` may hold more than one word: `CANCELLED by 0`.
        """
        words = ["sacct", "-X", "-P", "--noheader", f"--format={','.join(_FIELDS)}"]
        rows = self.run([*words, "-j", str(job_id)], check=True).stdout.splitlines()
        # An array has a row per task; a whole array is waited for task by task.
        return dict(zip(_FIELDS, rows[0].split("|"), strict=False)) if rows else {}

    def wait_job(self, job_id: int | str, timeout_s: float = 60) -> dict[str, str]:
        """What sacct says of a job once it has ended, whatever its end.

        The books are written every 5 s (set in Slurm's source), so a short job takes as long.
                Emits: RigError after `timeout_s`, with what the controller knows of the job.
        """
        row: dict[str, str] = {}

        def ended() -> bool:
            row.update(self.accounting(job_id))
            # For an instant a job that ended at once is in the books without its name and
            # partition: the message of its end came in before that of its start.
            return bool(row.get("Partition")) and row["State"].split(" ")[0] in _ENDED

        try:
            wait_until(ended, what=f"job {job_id} to end", timeout_s=timeout_s)
        except RigError as error:
            shown = self.run(["scontrol", "show", "job", str(job_id)]).stdout
            log = tail(self.state / "log" / "slurmctld.log")
            message = f"{error}; sacct: {row}\n{shown}\n{log}"
            raise RigError(message) from None
        return row

    def job(self, job_id: int | str) -> dict[str, str]:
        """What the controller has of a job, by the names of `scontrol show job`.

        Empty when it knows no such job, or gives no answer. `State` in sacct is `JobState`
        here. It is current, where sacct is up to 5 s behind, and it shows no job of before
        MinJobAge, 300 s.
        """
        shown = self.run(["scontrol", "--oneliner", "show", "job", str(job_id)])
        if shown.returncode != 0:
            return {}
        # Values with blanks lose their tails; those of use to a test have none.
        return dict(word.split("=", 1) for word in shown.stdout.split() if "=" in word)

    def wait_state(self, job_id: int | str, *states: str, timeout_s: float = 60) -> dict[str, str]:
        """What the controller has of a job once `JobState` is one of `states`.

        Emits: RigError after `timeout_s`.
        """
        row: dict[str, str] = {}

        def reached() -> bool:
            row.clear()
            row.update(self.job(job_id))
            return row.get("JobState") in states

        log = self.state / "log" / "slurmctld.log"
        what = f"job {job_id} to be {' or '.join(states)}"
        wait_until(reached, what=what, timeout_s=timeout_s, log=log)
        return row

    def wait_idle(self, timeout_s: float = _IDLE_LIMIT_S) -> None:
        """Returns once every node is up and has no job."""
        log = self.state / "log" / "slurmctld.log"
        wait_until(idle, what="all nodes to be idle", timeout_s=timeout_s, log=log)

    def stop_controller(self) -> None:
        """Ends slurmctld in order: it saves its state first."""
        daemons.slurmctld().stop()

    def kill_controller(self) -> None:
        """Ends slurmctld as a crash does: what it had not saved is lost."""
        daemons.slurmctld().stop(signal.SIGKILL)

    def start_controller(self) -> None:
        """Starts slurmctld on the state it left; returns once it answers."""
        daemons.start_controller()

    def pause_controller(self) -> None:
        """Stops slurmctld's clock: it takes connections and answers nothing."""
        self._signal_controller(signal.SIGSTOP)

    def resume_controller(self) -> None:
        """Lets a paused slurmctld go on: it answers what it was asked meanwhile."""
        self._signal_controller(signal.SIGCONT)

    def kill_slurmd(self, node: str) -> None:
        """Ends the daemon of a node as a crash does; steps that run there go on."""
        daemons.slurmd(node).stop(signal.SIGKILL)

    def start_slurmd(self, node: str) -> None:
        """Starts the daemon of a node again."""
        daemons.slurmd(node).start()

    def cut(self, node: str) -> None:
        """Pulls the node's cable: a network partition."""
        network.set_link(node, up=False)

    def heal(self, node: str) -> None:
        """Plugs the node's cable in again."""
        network.set_link(node, up=True)

    def _signal_controller(self, number: signal.Signals) -> None:
        process = daemons.slurmctld().process()
        if process is None or not process.send(number):
            message = f"no slurmctld to send {number.name} to"
            raise RigError(message)


def rig() -> Rig:
    """The rig whose state folder is there, up or not."""
    state, found = settings.state_dir(), _linked()
    shared = state / "shared"
    folders = [*os.environ.get("PATH", "").split(":"), *daemon_path().split(":")]
    env = {**daemons.client_env(), "PATH": ":".join(filter(None, dict.fromkeys(folders)))}
    env |= {"RECIPEC_RIG_SHARED": str(shared), "RECIPEC_RIG_STATE": str(state)}
    for name, image in found.items():
        env[f"RECIPEC_RIG_IMAGE_{name.upper()}"] = str(image.path)
        env[f"RECIPEC_RIG_SHA256_{name.upper()}"] = image.sha256
    return Rig(MappingProxyType(env), shared, MappingProxyType(dict(found)), state)


def link_images(found: Mapping[str, Image]) -> None:
    """Puts the images where every user can read them; the cache may be in a closed home."""
    for name, image in found.items():
        target = settings.state_dir() / "images" / f"{name}.sif"
        with whole(target) as part:
            try:
                os.link(image.path, part)
            except OSError:
                shutil.copyfile(image.path, part)
        with whole(target.with_suffix(".sha256")) as part:
            part.write_text(image.sha256, encoding="ascii")


def _linked() -> dict[str, Image]:
    folder = settings.state_dir() / "images"
    return {
        path.stem: images.Image(path, path.with_suffix(".sha256").read_text(encoding="ascii"))
        for path in sorted(folder.glob("*.sif"))
    }


def idle() -> bool:
    """Whether every node is up and has no job."""
    env = daemons.client_env()
    states = run(["sinfo", "-hNo", "%T"], timeout_s=20, env=env, check=False).stdout.split()
    return bool(states) and set(states) == {"idle"}
