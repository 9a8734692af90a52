"""The root file systems that the images are made of: slow to make, seldom changed."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from typing import TYPE_CHECKING, Final

from tests.rig import packages, settings
from tests.rig.shell import CONTAINED, InstallError, RigError, remove, run, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Part of every key: raise it when what this module makes changes.
_REVISION: Final = 1
TORCH: Final = ("torch==2.13.0", "numpy==2.4.6")
SITE: Final = f"usr/local/lib/python{settings.IMAGE_PYTHON}/dist-packages"
_LIMIT_S: Final = 1800.0
# Headers and test programs: a fifth of torch, and no job needs them.
_UNUSED: Final = ("torch/include", "torch/test", "torch/share", "torch/bin/protoc", "bin")
_TORCHRUN: Final = """\
#!/usr/bin/python3
import sys

from torch.distributed.run import main

sys.exit(main())
"""


def key(*parts: str) -> str:
    """A short name for the content that `parts` determine."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def base() -> Path:
    """A minimal Debian with Python and nothing else."""
    return _cached(f"base-{key(str(_REVISION), settings.IMAGE_SUITE)}", _debootstrap)


def with_torch() -> Path:
    """The same with torch, and `torchrun` on PATH."""
    root = base()
    name = f"torch-{key(root.name, *TORCH)}"
    return _cached(name, lambda part: _pip_install(root, part))


def _cached(name: str, make: Callable[[Path], None]) -> Path:
    target = settings.cache_dir() / name
    if not target.exists():
        with whole(target) as part:
            make(part)
    return target


def _debootstrap(part: Path) -> None:
    words = ["debootstrap", "--variant=minbase", "--include=python3-minimal,python3"]
    words += [f"--keyring={packages.KEYRING}", settings.IMAGE_SUITE, str(part), packages.mirror()]
    try:
        run([*CONTAINED, *words], timeout_s=_LIMIT_S)
    except RigError as error:
        raise InstallError(str(error)) from error
    for archive in (part / "var" / "cache" / "apt" / "archives").glob("*.deb"):
        archive.unlink()


def _pip_install(root: Path, part: Path) -> None:
    run(["cp", "-a", root, part], timeout_s=_LIMIT_S)
    site = part / SITE
    words = [*_pip(), "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    words += ["--root-user-action=ignore", "--only-binary=:all:", "--target", str(site)]
    words += ["--python-version", settings.IMAGE_PYTHON, *TORCH]
    try:
        run([*CONTAINED, *words], timeout_s=_LIMIT_S)
    except RigError as error:
        raise InstallError(str(error)) from error
    for name in _UNUSED:
        remove(site / name)
    # The image is read-only when it runs: without these files every rank would compile torch.
    # Some files are templates or for other versions and do not compile: the status says so.
    compiler = ["python3", "-m", "compileall", "-qq", "-j", "0", f"/{SITE}"]
    run([*CONTAINED, "chroot", part, *compiler], timeout_s=_LIMIT_S, check=False)
    torchrun = part / "usr" / "local" / "bin" / "torchrun"
    torchrun.write_text(_TORCHRUN, encoding="utf-8")
    torchrun.chmod(0o755)


def _pip() -> list[str]:
    """The machine's own pip, with its settings; it need not be the image's Python."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        found = shutil.which(name)
        if found is not None:
            return [found]
    message = "no pip to install torch into the image with"
    raise InstallError(message)
