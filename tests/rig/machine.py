"""What the rig needs of the machine: whether it can run here, and putting it there."""

from __future__ import annotations

import os
import platform
import pwd
import shutil
from pathlib import Path
from typing import Final

from tests.rig import apptainer, images, packages, settings
from tests.rig.shell import RigError, lock, run

_FUSE: Final = Path("/dev/fuse")
_LOCK_LIMIT_S: Final = 1800.0


def why_not() -> str | None:
    """Why this machine cannot run the rig, None where it can. Changes nothing, takes 10 ms."""
    if platform.system() != "Linux":
        return "the rig needs Linux"
    if os.geteuid() != 0:
        return "the rig needs root"
    if _release().get("ID") != "debian" or shutil.which("apt-get") is None:
        return "the rig needs Debian, whose packages it installs"
    if not hasattr(os, "pidfd_open"):
        return "the rig needs a Python with os.pidfd_open"
    try:
        tried = run(["unshare", "--net", "--uts", "true"], timeout_s=10, check=False)
    except RigError as error:
        return f"the rig needs unshare: {error}"
    if tried.returncode != 0:
        return f"the rig may make no network namespace: {tried.stderr.strip()}"
    return None


def install() -> dict[str, images.Image]:
    """The images, after installing all that the rig needs and that is not here yet.

    Emits: InstallError where something cannot be had.
    """
    handle = lock(settings.INSTALL_LOCK_FILE, timeout_s=_LOCK_LIMIT_S)
    try:
        packages.install()
        apptainer.install()
        _add_user()
        # A boot resets this. Mode 666 is what udev gives it on most machines; without it
        # only root can mount an image.
        if _FUSE.exists():
            _FUSE.chmod(0o666)
        return images.build()
    finally:
        os.close(handle)


def _add_user() -> None:
    try:
        pwd.getpwnam(settings.USER)
    except KeyError:
        # A shell, because `sbatch --export=NONE` reads the environment with `su - USER`.
        words = ["useradd", "--system", "--create-home", "--shell", "/bin/bash", settings.USER]
        run(words, timeout_s=30)


def _release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
