"""Running commands, waiting with a limit, replacing files whole, and the rig's lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_POLL_S: Final = 0.05
_TAIL_LINES: Final = 25
# A killed run must not leave a builder behind that goes on writing: the command gets a process
# namespace that dies with its parent, and mounts of its own.
CONTAINED: Final = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


class RigError(Exception):
    """The rig cannot do what was asked; the message says what and shows the log."""


class InstallError(RigError):
    """This machine lacks something that could not be installed."""


def tail(path: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log, or a word on why there are none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"({path}: {error.strerror})"
    return f"--- end of {path}\n" + "\n".join(text.splitlines()[-lines:])


def run(
    argv: Sequence[str | Path],
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """The finished command, its output as text.

    Emits: RigError when it runs past `timeout_s`, and with `check` when it fails.
    """
    words = [str(word) for word in argv]
    shown = " ".join(words)
    try:
        done = subprocess.run(
            words,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            env=None if env is None else {**os.environ, **env},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"no end after {timeout_s:g} s: {shown}"
        raise RigError(message) from error
    except OSError as error:
        message = f"{error.strerror}: {shown}"
        raise RigError(message) from error
    if check and done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL_LINES:])
        message = f"exit {done.returncode}: {shown}\n{said}"
        raise RigError(message)
    return done


def wait_until(condition: Callable[[], bool], *, what: str, timeout_s: float, log: Path | None = None) -> None:
    """Returns once `condition()` is true.

    Emits: RigError after `timeout_s`, naming `what` and with the end of `log`.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {timeout_s:g} s for {what}"
            if log is not None:
                message += "\n" + tail(log)
            raise RigError(message)
        time.sleep(_POLL_S)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name to build `path` under; it gets its real name only when the block succeeds.

    So a file or folder with the real name is always complete, whenever the run was killed.
    """
    part = path.with_name(f".{path.name}.part")
    remove(part)
    path.parent.mkdir(parents=True, exist_ok=True)
    yield part
    if path.is_dir() and not path.is_symlink():
        remove(path)
    part.replace(path)


def remove(path: Path) -> None:
    """Removes a file, a link or a folder; it may be absent."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def lock(path: Path, *, timeout_s: float) -> int:
    """The descriptor that holds `path`'s lock until it is closed or the process dies.

    Emits: RigError after `timeout_s`, with the process id of the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def taken() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        wait_until(taken, what=f"the lock {path}", timeout_s=timeout_s)
    except BaseException as error:
        holder = os.pread(handle, 64, 0).decode(errors="replace").strip()
        os.close(handle)
        if isinstance(error, RigError):
            message = f"{error}, held by process {holder or 'unknown'}"
            raise RigError(message) from None
        raise
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle
