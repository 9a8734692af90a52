"""A real Apptainer on a Debian that has no package of it.

Debian's newest suite has one, built against a newer C library. It is unpacked into a folder
of its own with that library beside it, and its two programs are told to load from there.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests.rig import packages, settings
from tests.rig.shell import InstallError, RigError, remove, run, whole

_SUITE: Final = "sid"
_PACKAGE: Final = "apptainer"
_LIBRARIES: Final = ("libc6", "libseccomp2", "libsqlite3-0")
# Part of the folder's name: raise it when what this module makes changes.
_REVISION: Final = 2
_LIMIT_S: Final = 120.0


def folder() -> Path:
    """Where this Apptainer is installed; absolute paths in it hold only there."""
    return settings.INSTALL_DIR / f"apptainer-r{_REVISION}"


def program() -> Path:
    """The command, patched to run on this machine."""
    return folder() / "bin" / "apptainer"


def version() -> str:
    """Its version as it says it, such as `1.4.5`."""
    return run([program(), "version"], timeout_s=30).stdout.strip()


def install() -> None:
    """Makes `apptainer` a command of every user and job, unless it is one already."""
    if not program().exists():
        with whole(folder()) as part, tempfile.TemporaryDirectory() as scratch:
            _unpack(Path(scratch), into=part)
    link = settings.APPTAINER_LINK
    if link.is_symlink() and link.readlink() == program():
        return
    if link.exists() and settings.INSTALL_DIR not in link.resolve().parents:
        message = f"{link} is an Apptainer that the rig did not install; it stays"
        raise InstallError(message)
    with whole(link) as part:
        part.symlink_to(program())
    for older in settings.INSTALL_DIR.glob("apptainer-r*"):
        if older != folder():
            remove(older)


def _unpack(scratch: Path, *, into: Path) -> None:
    debs = packages.download([_PACKAGE, *_LIBRARIES], suite=_SUITE, folder=scratch / "apt")
    for deb in debs:
        target = scratch / deb.name.partition("_")[0]
        run(["dpkg-deb", "-x", deb, target], timeout_s=_LIMIT_S)
    # Apptainer finds its own files by where its program lies: PREFIX/bin, PREFIX/etc.
    into.mkdir(mode=0o755)
    source = scratch / _PACKAGE
    run(["cp", "-a", source / "etc", *(source / "usr").iterdir(), into], timeout_s=_LIMIT_S)
    libraries = into / "glibc"
    libraries.mkdir()
    for name in _LIBRARIES:
        found = sorted((scratch / name).glob("usr/lib/*-linux-gnu/*.so*"))
        # On some architectures the loader lies beside that folder, not in it.
        found += sorted((scratch / name).glob("usr/lib/ld-linux*.so*"))
        run(["cp", "-a", *found, libraries], timeout_s=_LIMIT_S)
    loader = next(libraries.glob("ld-linux*.so*"), None)
    if loader is None:
        message = "no loader in the libc6 of the newer suite"
        raise InstallError(message)
    _patch(into, loader=loader.name)
    _configure(into)


def _patch(part: Path, *, loader: str) -> None:
    final = folder() / "glibc"
    starters = list(part.glob("lib/*-linux-gnu/apptainer/bin/starter"))
    for binary in (part / "bin" / "apptainer", *starters):
        # --force-rpath: with RUNPATH the libraries' own needs would come from the machine.
        words = ["patchelf", "--set-interpreter", str(final / loader)]
        words += ["--force-rpath", "--set-rpath", str(final), str(binary)]
        run(words, timeout_s=_LIMIT_S)


def _configure(part: Path) -> None:
    conf = part / "etc" / "apptainer" / "apptainer.conf"
    text = conf.read_text(encoding="utf-8")
    # Root of a small virtual machine may lack a capability, and Apptainer then refuses to
    # hand "all" of them on. In a container of a cluster's user there are none either.
    wanted = text.replace("root default capabilities = full", "root default capabilities = no")
    if wanted == text:
        message = f"{conf.name} has no line `root default capabilities = full`"
        raise RigError(message)
    conf.write_text(wanted, encoding="utf-8")
    # The program takes PREFIX for the prefix and its starter PREFIX/lib, when not in /usr.
    (part / "var/lib/apptainer/mnt/session").mkdir(parents=True)
    for name in ("etc", "var"):
        (part / "lib" / name).symlink_to(Path("..", name))
