"""Daemons by process id, in a way that never signals a process that is not the rig's."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.rig import settings
from tests.rig.shell import RigError, remove, tail, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

# The daemon's own process writes its id, its start time (field 22 of its stat, the 20th after
# the name) and the boot before it becomes the daemon: however early the rig is killed, no
# daemon runs unrecorded. nsenter and unshare exec in place, so the id stays the same.
_RECORD: Final = r"""
twentieth() { printf %s "${20}"; }
stat=$(cat "/proc/$$/stat")
read -r boot < /proc/sys/kernel/random/boot_id
# shellcheck disable=SC2086
printf '%s %s %s\n' $$ "$(twentieth ${stat##*) })" "$boot" > "$1.part"
mv "$1.part" "$1"
shift
exec "$@"
"""
_HOSTNAME: Final = 'hostname "$1"; shift; exec "$@"'
_KILL_LIMIT_S: Final = 15.0


@dataclass(frozen=True)
class Process:
    """A process that the rig started. `started` is in clock ticks since boot."""

    pid: int
    started: int
    boot: str

    def alive(self) -> bool:
        """Whether this very process still runs; a zombie does not."""
        return self.boot == _boot() and _stat(self.pid) == self.started

    def send(self, number: signal.Signals) -> bool:
        """Whether it was there to get the signal.

        The descriptor is opened first and the start time compared after: from then on a
        process that gets the same id later cannot be hit.
        """
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            if not self.alive():
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True


@dataclass(frozen=True)
class Daemon:
    """How to start one daemon: in which host of the rig, and what."""

    name: str
    host: str
    argv: Sequence[str | Path]

    @property
    def pid_file(self) -> Path:
        """Holds `pid start-time boot-id` of the running daemon."""
        return settings.state_dir() / "pids" / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """What the daemon says on stdout and stderr."""
        return settings.state_dir() / "log" / f"{self.name}.out"

    def process(self) -> Process | None:
        """The recorded process, None where none was or the record is not whole."""
        try:
            pid, started, boot = self.pid_file.read_text(encoding="ascii").split()
            return Process(int(pid), int(started), boot)
        except (OSError, ValueError):
            return None

    def running(self) -> bool:
        """Whether the recorded process is alive."""
        process = self.process()
        return process is not None and process.alive()

    def start(self) -> None:
        """Starts it in the background; returns once its process is recorded."""
        if self.running():
            message = f"{self.name} runs already"
            raise RigError(message)
        remove(self.pid_file)
        # setsid --fork: a Ctrl-C at the terminal must not reach the daemons, and a daemon
        # that is nobody's child leaves no zombie and no warning in the test process.
        words = ["setsid", "--fork", "sh", "-euc", _RECORD, "sh", str(self.pid_file)]
        words += ["nsenter", f"--net=/run/netns/{settings.namespace(self.host)}"]
        words += ["unshare", "--uts", "--mount", "--propagation", "slave"]
        words += ["sh", "-euc", _HOSTNAME, "sh", self.host]
        words += [str(word) for word in self.argv]
        with self.log.open("ab") as log:
            subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # A cluster's daemons know nothing of the shell that runs the tests.
                env={"PATH": daemon_path(), "HOME": "/root", "LANG": "C.UTF-8"},
                check=True,
                timeout=10,
            )
        wait_until(self.pid_file.exists, what=f"{self.name} to start", timeout_s=10, log=self.log)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, timeout_s: float = 20) -> None:
        """Signals the recorded process and returns once it is gone."""
        process = self.process()
        if process is None:
            return
        if process.send(number):
            what = f"{self.name} to end after {number.name}"
            wait_until(lambda: not process.alive(), what=what, timeout_s=timeout_s, log=self.log)
        remove(self.pid_file)

    def check(self) -> None:
        """Emits: RigError with the end of its log when it is not running."""
        if not self.running():
            message = f"{self.name} has ended\n{tail(self.log)}"
            raise RigError(message)


def daemon_path() -> str:
    """PATH of the daemons and of what the rig's clients run under."""
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def kill_namespace(name: str) -> None:
    """Ends every process in a network namespace of the rig: daemons, job steps, their children.

    Job steps outlive slurmd by design and are recorded nowhere, but only what the rig started
    can be in a namespace that the rig made.
    """
    inode = Path("/run/netns", name).stat().st_ino

    def empty() -> bool:
        entries = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return not [pid for pid in map(int, entries) if _kill_inside(pid, inode)]

    wait_until(empty, what=f"the processes in namespace {name} to end", timeout_s=_KILL_LIMIT_S)


def _kill_inside(pid: int, inode: int) -> bool:
    """Whether `pid` lived in the namespace with this inode; it is killed if so."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if Path(f"/proc/{pid}/ns/net").stat().st_ino != inode:
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _stat(pid: int) -> int | None:
    """Start time in clock ticks, None where no such process lives."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
