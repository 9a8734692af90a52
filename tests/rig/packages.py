"""Debian packages: those of this machine, and files of a newer suite beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.rig.shell import InstallError, RigError, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACKAGES: Final = (
    *("slurm-wlm", "slurm-client", "slurmdbd", "slurm-wlm-mysql-plugin"),
    *("munge", "mariadb-server", "mariadb-client"),
    # Apptainer: to build images, and to mount them for a user other than root.
    *("squashfs-tools", "squashfuse", "fuse3", "uidmap", "patchelf"),
    *("debootstrap", "debian-archive-keyring", "ca-certificates", "iproute2", "strace", "util-linux"),
)
KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
_APT_LIMIT_S: Final = 900.0
# RUNLEVEL: no daemon of the machine is to be started, the rig starts its own.
_QUIET: Final = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1", "LC_ALL": "C.UTF-8"}


def install(names: Sequence[str] = PACKAGES) -> None:
    """Installs what is missing of `names`; well below a second when nothing is.

    Emits: InstallError with apt's own words.
    """
    missing = [name for name in names if not _installed(name)]
    if not missing:
        return
    options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold"]
    _apt("apt-get", "update")
    _apt("apt-get", "install", "--yes", "--no-install-recommends", *options, *missing)


def mirror() -> str:
    """The address of the Debian archive that this machine is set up to use.

    apt itself is asked, so every form of sources file counts and none is parsed here. It
    knows an archive's origin only after an update.
    """
    words = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    words += ["Origin: Debian", "Label: Debian", "Component: main"]
    for attempt in range(2):
        found = run(words, timeout_s=60).stdout.split()
        if found:
            return found[0]
        if attempt == 0:
            _apt("apt-get", "update")
    message = "apt knows no Debian archive with the component main"
    raise InstallError(message)


def download(names: list[str], *, suite: str, folder: Path) -> list[Path]:
    """The newest packages of `suite`, fetched into `folder` and not installed.

    apt runs on a sources list and lists of its own, so the machine's choice of packages
    never sees the other suite.
    """
    lists, archives = folder / "lists", folder / "cache" / "archives"
    for made in (lists / "partial", archives / "partial"):
        made.mkdir(parents=True)
    sources = folder / "sources.list"
    line = f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n"
    sources.write_text(line, encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": lists,
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    _apt("apt-get", *options, "update")
    # apt downloads into the folder it runs in.
    inside = 'cd "$1"; shift; exec "$@"'
    _apt("sh", "-euc", inside, "sh", str(folder), "apt-get", *options, "download", *names)
    return sorted(folder.glob("*.deb"))


def _installed(name: str) -> bool:
    words = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", name]
    return run(words, timeout_s=30, check=False).stdout == "installed"


def _apt(*words: str) -> None:
    try:
        run(words, timeout_s=_APT_LIMIT_S, env=_QUIET)
    except RigError as error:
        raise InstallError(str(error)) from error
