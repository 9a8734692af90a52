"""What a submission leaves behind: small text files, one for each fact, never changed.

`STATE/<name>-<digest12>/intent.N.json` says that attempt N was begun, `submitted.N.json` which
job it became, `refused.N.json` that the scheduler took nothing. All are readable years later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Intent:
    """An attempt that was begun. `token` is what the job carries, so that it can be found again."""

    bundle: str
    digest: str
    attempt: int
    at: str
    user: str
    host: str

    @property
    def token(self) -> str:
        """`recipec:<digest12>.<attempt>`."""
        return f"recipec:{self.digest[:12]}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class Record:
    """One submission. Paths are as the submitting machine sees them; `at` is UTC."""

    job_id: str
    bundle: str
    digest: str
    attempt: int
    name: str
    cluster: str
    target: str
    at: str
    user: str
    host: str
    bundle_dir: str
    run_dir: str
    log: str


def write(fact: Intent | Record) -> str:
    """A fact as text."""
    return json.dumps({"record": VERSION, **asdict(fact)}, indent=2) + "\n"


def read_record(text: str) -> Record | None:
    """The record that a text holds, or None when it is damaged or of another version."""
    data = _fields(text)
    try:
        return Record(**data) if data is not None else None
    except TypeError:
        return None


def _fields(text: str) -> Mapping[str, Any] | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    if not isinstance(data, dict) or data.pop("record", None) != VERSION:
        return None
    typed = all(isinstance(value, int if key == "attempt" else str) for key, value in data.items())
    return data if typed else None
