"""Writing where something already is: reports to whatever a path names, and recipes in place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from recipe_compiler.diag import visible
from recipe_compiler.host.files import CannotWrite, write_text


def write_report(path: Path, text: str) -> None:
    """Replace a file by `text`; what is there and no regular file, such as `/dev/stderr`, is written to.

    Raises: CannotWrite.
    """
    try:
        regular = not path.exists() or (path.is_file() and not path.is_symlink())
        if not regular:
            with path.open("w", encoding="utf-8") as stream:
                stream.write(text)
            return
    except OSError as error:
        raise _cannot(path, error) from error
    write_text(path, text)


def replace(path: Path, before: bytes, after: bytes, root: Path) -> bool:
    """Whether the file, which held `before`, holds `after` now; its mode is kept, a link stays a link.

    Written under a temporary name, then renamed: a reader sees the old text or the new one.
    False if it holds something else by now, or lies outside of `root`. Raises: CannotWrite.
    """
    try:
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(os.path.realpath(root)) or real.read_bytes() != before:
            return False
        temporary = real.with_name(f".{real.name}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(after)
        temporary.chmod(stat.S_IMODE(real.stat().st_mode))
        temporary.replace(real)
    except OSError as error:
        raise _cannot(path, error) from error
    return True


def _cannot(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite(f"cannot write {visible(str(path), 200)}: {(error.strerror or str(error)).lower()}")
