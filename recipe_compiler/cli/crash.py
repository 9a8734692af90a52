"""A bug of ours: one paragraph for the user, and a file to send. No locals, so no secrets."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback

from recipe_compiler.version import VERSION


def report(error: BaseException) -> None:
    """Write the traceback to a file of its own and say where it is."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    text = f"recipec {VERSION}, Python {platform.python_version()}\n" + "".join(lines)
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="recipec-crash-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        where = file.name
    except OSError:
        where = "nowhere: the disk is full or read-only"
    sys.stderr.write(f"recipec: internal error: {type(error).__name__}. This is a bug; what happened is in {where}\n")
