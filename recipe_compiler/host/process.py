"""Starting programs: argument lists, a time limit, a clean environment. Never a shell."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_KEPT = (
    "HOME",
    "KRB5CCNAME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SLURM_CONF",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_RUNTIME_DIR",
)
TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Result:
    """What a program answered. `code` is None when it did not end in time."""

    code: int | None
    out: str
    err: str


class Missing(Exception):  # noqa: N818  says what happened
    """The program is not on PATH."""


def clean_environment() -> dict[str, str]:
    """What a scheduler's client needs of our environment: `SBATCH_*` would override the bundle."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def run(
    argv: Sequence[str], *, text: str | None = None, env: Mapping[str, str] | None = None, timeout_s: int = TIMEOUT_S
) -> Result:
    """The answer of a program; it is killed with its children after `timeout_s`. Raises: Missing."""
    code, out, err = run_bytes(argv, text=text, env=env, timeout_s=timeout_s)
    return Result(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def run_bytes(
    argv: Sequence[str], *, text: str | None = None, env: Mapping[str, str] | None = None, timeout_s: int = TIMEOUT_S
) -> tuple[int | None, bytes, bytes]:
    """As `run`: the exit code, what it printed and what it complained, byte for byte. Raises: Missing."""
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env) if env is not None else clean_environment(),
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError) as error:
        msg = f"`{argv[0]}` is not on PATH"
        raise Missing(msg) from error
    try:
        out, err = process.communicate(text.encode() if text is not None else None, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return None, out, err
    return process.returncode, out, err
