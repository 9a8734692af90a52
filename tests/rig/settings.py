"""Names, folders and addresses of the rig. Values only: nothing here acts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

REPO: Final = Path(__file__).resolve().parents[2]

NODES: Final = ("node1", "node2", "node3", "node4")
CONTROLLER: Final = "rigctl"
HOSTS: Final = (CONTROLLER, *NODES)
USER: Final = "recipec"
MARK: Final = "needs_rig"
ACCOUNTS: Final = ("research", "ops")
GPUS_PER_NODE: Final = 8
CPUS_PER_NODE: Final = 8

# Namespaces, links and lines in /etc/hosts are found again by these prefixes alone, so a rig
# whose state folder is gone can still be cleaned. Interface names end at 15 characters.
NAMESPACE_PREFIX: Final = "recipec-"
LINK_PREFIX: Final = "rcp-"
BRIDGE: Final = "recipec-br0"
HOSTS_BEGIN: Final = "# begin recipec test rig"
HOSTS_END: Final = "# end recipec test rig"

# 198.18.0.0/15 is reserved for tests inside one lab (RFC 2544), so no real network of the
# machine has it. The bridge has the last address, the hosts count from 1.
SUBNET: Final = "198.18.77"
BRIDGE_ADDRESS: Final = f"{SUBNET}.254"

# Every daemon listens inside a namespace of the rig: the usual ports clash with nothing.
SLURMCTLD_PORT: Final = 6817
SLURMD_PORT: Final = 6818
SLURMDBD_PORT: Final = 6819
MARIADB_PORT: Final = 3306

# One rig per machine, whatever its state folder: names in /etc/hosts are there once.
LOCK_FILE: Final = Path("/run/lock/recipec-rig.lock")
INSTALL_LOCK_FILE: Final = Path("/run/lock/recipec-rig-install.lock")

# Jobs run as other users, and a home folder is often closed to them, so what a job executes
# is not in the cache. /usr/local/bin is in the PATH of every login environment, which is
# where `sbatch --export=NONE` takes PATH from.
INSTALL_DIR: Final = Path("/usr/local/lib/recipec-rig")
APPTAINER_LINK: Final = Path("/usr/local/bin/apptainer")

IMAGE_SUITE: Final = "bookworm"
IMAGE_PYTHON: Final = "3.11"


def address(host: str) -> str:
    """The IPv4 address of `host`, one of HOSTS."""
    return f"{SUBNET}.{HOSTS.index(host) + 1}"


def namespace(host: str) -> str:
    """The network namespace that `host` lives in."""
    return NAMESPACE_PREFIX + host


def link(host: str) -> str:
    """The machine's end of the cable to `host`."""
    return LINK_PREFIX + host


def state_dir() -> Path:
    """The folder with all that belongs to a running rig.

    The default is not below /tmp or /var/tmp: Apptainer binds both into every container, and
    a test could then not see that a bind is missing from a job script.
    """
    return Path(os.environ.get("RECIPEC_RIG_STATE") or "/var/lib/recipec-rig")


def cache_dir() -> Path:
    """The folder of what is expensive to make: root file systems and images."""
    named = os.environ.get("RECIPEC_RIG_CACHE")
    return Path(named).absolute() if named else Path.home() / ".cache" / "recipec-rig"
