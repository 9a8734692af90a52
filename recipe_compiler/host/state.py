"""The state directory: where records lie. `RECIPEC_STATE_DIR`, else XDG's, else `~/.local/state`."""

from __future__ import annotations

import os
import pwd
import socket
from datetime import datetime, timezone
from pathlib import Path

from recipe_compiler.diag import Diagnostic, Diagnostics
from recipe_compiler.host.files import read_bytes, write_record
from recipe_compiler.ledger import Intent, Record, read_record, write

_LIMIT = 64 << 10


def state_dir() -> Path | None:
    """The state directory, or None when the environment names none (no HOME)."""
    if named := os.environ.get("RECIPEC_STATE_DIR"):
        return Path(named)
    if named := os.environ.get("XDG_STATE_HOME"):
        return Path(named) / "recipec"
    home = os.environ.get("HOME")
    return Path(home) / ".local/state/recipec" if home else None


def no_state_dir() -> Diagnostic:
    """The finding for a machine without a state directory."""
    return Diagnostic(
        "RCP912",
        "no place for records: none of RECIPEC_STATE_DIR, XDG_STATE_HOME and HOME is set",
        help="set RECIPEC_STATE_DIR to a folder",
    )


def now() -> str:
    """The time in UTC, to the second, for a record. No decision is taken on it."""
    return datetime.now(tz=timezone.utc).isoformat(timespec="seconds")


def user() -> str:
    """The name of the user who submits."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def host() -> str:
    """The name of this machine."""
    return socket.gethostname()


def begin(state: Path, intent: Intent) -> bool:
    """Record an intent; False if this attempt was begun before. Raises: CannotWrite."""
    return write_record(state / intent.bundle / f"intent.{intent.attempt}.json", write(intent))


def settle(state: Path, record: Record) -> bool:
    """Record which job an attempt became; False if that is recorded already. Raises: CannotWrite."""
    return write_record(state / record.bundle / f"submitted.{record.attempt}.json", write(record))


def refuse(state: Path, intent: Intent) -> None:
    """Record that the scheduler took nothing in this attempt. Raises: CannotWrite."""
    write_record(state / intent.bundle / f"refused.{intent.attempt}.json", write(intent))


def attempts(state: Path, bundle: str) -> int:
    """How many attempts of this bundle are over or begun."""
    folder = state / bundle
    count = 0
    while (folder / f"intent.{count + 1}.json").exists():
        count += 1
    return count


def was_refused(state: Path, bundle: str, attempt: int) -> bool:
    """Whether the scheduler took nothing in that attempt."""
    return (state / bundle / f"refused.{attempt}.json").exists()


def record(state: Path, bundle: str, attempt: int) -> Record | None:
    """The record of one attempt, if its job is known."""
    data, _ = read_bytes(state / bundle / f"submitted.{attempt}.json", _LIMIT)
    return read_record(data.decode("utf-8", "replace")) if data is not None else None


def records(state: Path) -> tuple[list[Record], Diagnostics]:
    """Every record, oldest first, and a finding for each damaged one. Emits: RCP914."""
    found: list[Diagnostic] = []
    kept: list[Record] = []
    for path in sorted(state.glob("*/submitted.*.json")):
        data, wrong = read_bytes(path, _LIMIT)
        item = read_record(data.decode("utf-8", "replace")) if data is not None else None
        if item is None:
            reason = wrong[0].message if wrong else "it is damaged"
            found.append(
                Diagnostic(
                    "RCP914",
                    f"the record {path} cannot be used: {reason}",
                    file=str(path),
                    help="move it away; the job itself goes on",
                )
            )
        else:
            kept.append(item)
    return sorted(kept, key=lambda item: (item.at, item.job_id)), tuple(found)
