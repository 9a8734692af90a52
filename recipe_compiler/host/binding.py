"""Runs `bind.py` where a job would run: inside its image, or with a Python of this machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.resources import as_file
from importlib.resources import files as package_files
from typing import Any

from recipe_compiler.cluster import Bind
from recipe_compiler.host import process

_KINDS = frozenset({"bind", "import", "wrapped"})


class CannotRunError(Exception):
    """There was no answer; its text says why."""


def ask(
    request: Mapping[str, Any],
    *,
    image: str | None,
    python: str | None,
    env: Mapping[str, str],
    binds: Sequence[Bind],
    workdir: str | None,
    timeout_s: int,
) -> dict[str, Any]:
    """The answer of `bind.py`. `image` None: this machine's `python`. Raises: CannotRunError."""
    with ExitStack() as stack:
        root = package_files("recipe_compiler")
        runtime, script = (
            str(stack.enter_context(as_file(root.joinpath(f"{name}.py")))) for name in ("runtime", "bind")
        )
        if image is None:
            command = [python or sys.executable, "-uB", script, runtime]
            variables = {**process.clean_environment(), **env, **({"RECIPEC_WORKDIR": workdir} if workdir else {})}
        else:
            command = _contained(image, runtime, script, binds)
            inside = {f"APPTAINERENV_{name}": value for name, value in env.items()}
            variables = {**process.clean_environment(), **inside}
        try:
            answer = process.run(command, text=json.dumps(request), env=variables, timeout_s=timeout_s)
        except process.Missing as error:
            raise CannotRunError(str(error)) from error
    return _read(answer, timeout_s)


def _contained(image: str, runtime: str, script: str, binds: Sequence[Bind]) -> list[str]:
    """As a job runs, but nothing can be written and nothing of this machine is seen that is not named."""
    if not os.path.exists(image):  # noqa: PTH110  a path of the profile, as it is
        msg = f"there is no {image} on this machine"
        raise CannotRunError(msg)
    command = ["apptainer", "exec", "--containall", "--cleanenv", "--no-home", "--no-eval"]
    if os.path.isdir("/proc/driver/nvidia"):  # noqa: PTH112  packages look for the driver as they are imported
        command.append("--nv")
    command += ["--bind", f"{runtime}:/recipec-runtime.py:ro", "--bind", f"{script}:/recipec-bind.py:ro"]
    for bind in binds:
        if os.path.exists(bind.source):  # noqa: PTH110
            command += ["--mount", f'type=bind,"src={bind.source}","dst={bind.target}",ro']
    return [*command, image, "python3", "-uB", "/recipec-bind.py", "/recipec-runtime.py"]


def _read(answer: process.Result, timeout_s: int) -> dict[str, Any]:
    if answer.code is None:
        msg = f"it did not end in {timeout_s} s"
        raise CannotRunError(msg)
    try:
        data = json.loads(answer.out)
        sound = all(
            row["kind"] in _KINDS and isinstance(row["route"], list) and row["message"] and row["path"]
            for row in data["rows"]
        )
        sound = sound and isinstance(data["python"], str) and isinstance(data["looked_up"], int)
    except (ValueError, LookupError, TypeError):
        sound = False
    if not sound:
        last = answer.err.strip().splitlines()[-1:] or [f"exit code {answer.code}"]
        raise CannotRunError(last[0])
    result: dict[str, Any] = data
    return result
