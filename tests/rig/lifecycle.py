"""Up, down, and who may use the one rig of the machine now."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from tests.rig import cluster, daemons, machine, network, settings
from tests.rig.shell import RigError, lock, remove

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.rig.cluster import Rig
    from tests.rig.images import Image

# A test session waits for another one on the same machine; a person is told at once.
_SESSION_LIMIT_S: Final = 1800.0
_PERSON_LIMIT_S: Final = 5.0


def up() -> Rig:
    """A new cluster, all its nodes idle; installs what is missing and removes an older one.

    It stays when the process ends. Emits: RigError with the log of what did not start, or
    where a test session uses the rig.
    """
    reason = machine.why_not()
    if reason is not None:
        raise RigError(reason)
    with _exclusive(_PERSON_LIMIT_S):
        return _up(machine.install(), by_hand=True)


def down() -> None:
    """Ends every process of the rig and removes its network; logs and `shared` stay."""
    with _exclusive(_PERSON_LIMIT_S):
        _down()


def current() -> Rig | None:
    """The cluster that is up and whole, None where there is none."""
    whole = network.exists() and all(daemon.running() for daemon in daemons.every())
    return cluster.rig() if whole else None


@contextlib.contextmanager
def session() -> Iterator[Rig]:
    """A cluster for this process alone until the block ends.

    One that was brought up by hand stays up after it, and is used as it is when it is idle.
    Everything else is new and taken down.
    """
    with _exclusive(_SESSION_LIMIT_S):
        found = machine.install()
        by_hand = _by_hand().exists()
        try:
            if by_hand and current() is not None and _unused():
                cluster.link_images(found)
                yield cluster.rig()
            else:
                yield _up(found, by_hand=by_hand)
        finally:
            if not by_hand:
                _down()


@contextlib.contextmanager
def _exclusive(limit_s: float) -> Iterator[None]:
    # The lock goes with the process: a killed one never blocks the next.
    handle = lock(settings.LOCK_FILE, timeout_s=limit_s)
    try:
        yield
    finally:
        os.close(handle)


def _up(found: Mapping[str, Image], *, by_hand: bool) -> Rig:
    network.clean()
    daemons.prepare()
    cluster.link_images(found)
    try:
        network.build()
        daemons.start_accounting()
        for node in settings.NODES:
            daemons.slurmd(node).start()
        daemons.start_controller()
        rig = cluster.rig()
        rig.wait_idle()
    except BaseException:
        # The logs stay, and the message of the error has the end of one already.
        _down()
        raise
    if by_hand:
        _by_hand().touch()
    return rig


def _down() -> None:
    remove(_by_hand())
    network.clean()
    for daemon in daemons.every():
        remove(daemon.pid_file)


def _unused() -> bool:
    """Whether all nodes are idle and nothing is queued: a killed session may have left jobs."""
    if not daemons.answers(["sinfo"]):
        return False
    rig = cluster.rig()
    return cluster.idle() and not rig.run(["squeue", "--noheader"]).stdout


def _by_hand() -> Path:
    return settings.state_dir() / "by-hand"
