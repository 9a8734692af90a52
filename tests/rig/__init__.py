"""A real cluster on one machine, for the end-to-end tests. README.md says what is in it."""

from __future__ import annotations

from tests.rig.cluster import Rig
from tests.rig.images import Image
from tests.rig.lifecycle import current, down, session, up
from tests.rig.machine import install, why_not
from tests.rig.shell import InstallError, RigError

__all__ = (
    "Image",
    "InstallError",
    "Rig",
    "RigError",
    "current",
    "down",
    "install",
    "session",
    "up",
    "why_not",
)
