"""A bug of ours: one paragraph for the user, and a file to send. No locals, so no secrets."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback

from recipe_compiler.version import VERSION

EXIT_INTERNAL = 70


def damaged(error: BaseException) -> int:
    """Say that a catalog is damaged, where that is what happened: 1, else 0."""
    from recipe_compiler.catalog.store import DamagedError

    if not isinstance(error, DamagedError):
        return 0
    from recipe_compiler.cli.options import EXIT_FINDINGS, say
    from recipe_compiler.diag import Diagnostic

    say([Diagnostic("RCP310", str(error), help="make it anew with `recipec catalog`")])
    return EXIT_FINDINGS


def report(error: BaseException) -> int:
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
    return EXIT_INTERNAL
