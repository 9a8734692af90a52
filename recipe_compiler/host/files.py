"""Reading and writing files, with nothing followed that was not asked for.

Every read is bounded and refuses what is not a regular file; every write is a temporary name,
then a rename, so that a reader sees the old content or the new one.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files as package_files
from pathlib import Path

from recipe_compiler.bundle import MAX_BYTES, MAX_FILES, Bundle
from recipe_compiler.diag import Diagnostic, Diagnostics, visible

_TEMPLATES = (
    "exit_code.sh.j2",
    "header.sh.j2",
    "local/run.sh.j2",
    "local/step.sh.j2",
    "slurm/job.sbatch.j2",
    "slurm/step.sh.j2",
    "step.sh.j2",
    "verify.sh.j2",
)


def read_bytes(path: Path, limit: int, file: str | None = None) -> tuple[bytes | None, Diagnostics]:
    """At most `limit` + 1 bytes of a regular file, called `file` in messages. Emits: RCP001, RCP108."""
    shown = visible(file or str(path), 200)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        help_ = "check the path" if isinstance(error, FileNotFoundError) else "check its permissions"
        return None, (Diagnostic("RCP001", f"cannot read {shown}: {_reason(error)}", file=shown, help=help_),)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None, (Diagnostic("RCP108", f"{shown} is not a regular file", file=shown, help="name a file"),)
        return _at_most(descriptor, limit + 1, status.st_size), ()
    except OSError as error:
        return None, (
            Diagnostic("RCP001", f"cannot read {shown}: {_reason(error)}", file=shown, help="check the disk"),
        )
    finally:
        os.close(descriptor)


def map_file(path: Path, file: str) -> tuple[mmap.mmap | None, Diagnostics]:
    """A regular file mapped into memory: only what is looked at is read. Emits: RCP001, RCP108."""
    shown = visible(file, 200)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return None, (
            Diagnostic("RCP001", f"cannot read {shown}: {_reason(error)}", file=shown, help="check the path"),
        )
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None, (Diagnostic("RCP108", f"{shown} is not a regular file", file=shown, help="name a file"),)
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ), ()
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        return None, (Diagnostic("RCP001", f"cannot read {shown}: {error}", file=shown, help="make it anew"),)
    finally:
        os.close(descriptor)


def _at_most(descriptor: int, count: int, size: int) -> bytes:
    """The first `count` bytes. A buffer as large as the limit would cost more than the file: ask for its `size`."""
    data = os.read(descriptor, min(count, size + 1))
    while data and len(data) < count and (more := os.read(descriptor, min(count - len(data), 1 << 16))):
        data += more
    return data


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def templates() -> Mapping[str, str]:
    """The texts of the built-in templates by name, and the runner that each bundle carries."""
    root = package_files("recipe_compiler.templates")
    texts = {name: root.joinpath(name).read_text(encoding="utf-8") for name in _TEMPLATES}
    texts["runtime.py"] = package_files("recipe_compiler").joinpath("runtime.py").read_text(encoding="utf-8")
    return texts


def page_assets() -> Mapping[str, str]:
    """The style and the script of the HTML page."""
    root = package_files("recipe_compiler.report")
    return {name: root.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js")}


def recipe_files(path: Path) -> Iterator[Path]:
    """Each `*.yaml` and `*.yml` below a folder, once, sorted; hidden folders, `bases` and links are left out."""
    for folder, names, file_names in os.walk(path):
        names[:] = sorted(name for name in names if not name.startswith(".") and name != "bases")
        for name in sorted(file_names):
            file = Path(folder, name)
            if name.endswith((".yaml", ".yml")) and not name.startswith(".") and not file.is_symlink():
                yield file


class CannotWrite(Exception):  # noqa: N818  says what happened
    """A file could not be written: disk full, read-only, no permission."""


def write_bundle(bundle: Bundle, out: Path) -> tuple[Path, bool]:
    """The folder of the bundle below `out`, and whether it had to be written.

    Written to a temporary folder and renamed: a killed compile leaves no half bundle. A folder
    of that name with the right content is left as it is. Raises: CannotWrite.
    """
    target = out / bundle.folder
    try:
        if is_same(bundle, target):
            return target, False
        temporary = _new_folder(out, bundle.folder)
        try:
            for name, text in bundle.files.items():
                _write(f"{temporary}/{name}", text.encode())
            os.chmod(temporary, 0o755)  # noqa: PTH101, S103  as text: a path object costs as much as the call
            _move(temporary, target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        msg = f"cannot write {visible(str(target), 200)}: {_reason(error)}"
        raise CannotWrite(msg) from error
    return target, True


def write_text(path: Path, text: str) -> bool:
    """Whether the file had to be written; one with the same text is left as it is. Raises: CannotWrite."""
    data = text.encode()
    try:
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        _write(str(temporary), data)
        temporary.replace(path)
    except OSError as error:
        msg = f"cannot write {visible(str(path), 200)}: {_reason(error)}"
        raise CannotWrite(msg) from error
    return True


def _new_folder(out: Path, name: str) -> str:
    """A folder for this process alone, beside the target; `out` is made if it is missing."""
    path = f"{out}/.{name}.{os.getpid()}"
    try:
        os.mkdir(path, 0o700)  # noqa: PTH102
    except FileNotFoundError:
        out.mkdir(parents=True, exist_ok=True)
        os.mkdir(path, 0o700)  # noqa: PTH102
    except FileExistsError:  # a killed compile left it, or a process of this number on another machine
        return tempfile.mkdtemp(prefix=f".{name}-", dir=out)
    return path


def _write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    finally:
        os.close(descriptor)


def _move(temporary: str, target: Path) -> None:
    try:
        os.rename(temporary, target)  # noqa: PTH104
    except OSError:
        if not target.is_dir() or target.is_symlink():
            raise
        # A folder of this name with other content: somebody changed it. Ours takes its place.
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        target.rename(aside / "old")
        os.rename(temporary, target)  # noqa: PTH104
        shutil.rmtree(aside, ignore_errors=True)


def is_same(bundle: Bundle, target: Path) -> bool:
    """Whether `target` holds exactly the bundle."""
    try:
        names = set(os.listdir(target))  # noqa: PTH208  one call, no objects
    except OSError:
        return False
    if target.is_symlink() or names != bundle.files.keys():
        return False
    for name, text in bundle.files.items():
        data, found = read_bytes(target / name, len(text.encode()))
        if found or data != text.encode() or (target / name).is_symlink():
            return False
    return True


def read_bundle(path: Path) -> tuple[dict[str, bytes] | None, Diagnostics]:
    """Every member of a bundle's folder, bounded. Emits: RCP824, RCP825, RCP826."""
    shown = visible(str(path), 200)
    members: dict[str, bytes] = {}
    total = 0
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        return None, (
            Diagnostic(
                "RCP824", f"cannot read the bundle {shown}: {_reason(error)}", file=shown, help="check the path"
            ),
        )
    for entry in entries:
        name = visible(entry.name, 80)
        if len(members) >= MAX_FILES:
            return None, (
                Diagnostic(
                    "RCP826", f"the bundle has more than {MAX_FILES} files", file=shown, help="compile it again"
                ),
            )
        if entry.is_symlink() or not entry.is_file(follow_symlinks=False):
            return None, (
                Diagnostic(
                    "RCP825",
                    f"`{name}` is a link or a folder; a bundle holds regular files",
                    file=f"{shown}/{name}",
                    help="remove it",
                ),
            )
        data, found = read_bytes(Path(entry.path), MAX_BYTES - total)
        if data is None:
            return None, found
        total += len(data)
        if total > MAX_BYTES:
            return None, (
                Diagnostic(
                    "RCP826", f"the bundle is larger than {MAX_BYTES >> 20} MiB", file=shown, help="compile it again"
                ),
            )
        members[entry.name] = data
    return members, ()


def write_record(path: Path, text: str) -> bool:
    """A new file with `text`, durable, or False if there is one already. Raises: CannotWrite.

    Written under a temporary name, then linked: of several writers exactly one succeeds, on
    NFS too, and a reader never sees half a record.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            # A lost answer of link() says so too (NFS): two names mean that ours succeeded.
            if os.stat(temporary).st_nlink != 2:  # noqa: PTH116
                return False
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        msg = f"cannot write {visible(str(path), 200)}: {_reason(error)}"
        raise CannotWrite(msg) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
    return True
