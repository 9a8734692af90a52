"""Keeps the tests of the one rig on one xdist worker.

`--dist=loadgroup` is made for that, but the worker says which group a test is in by writing a
private name of pytest's items, and pytest 9.2 has another name there: with xdist 3.8.0 the mark
`xdist_group` does nothing. Here the workers name the tests in a file that the controller reads.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

from tests.rig.settings import MARK

if TYPE_CHECKING:
    from xdist.remote import Producer  # type: ignore[import-untyped]

_FILE: Final = pytest.StashKey[Path]()
_INPUT: Final = "recipec_rig_tests"
_SUFFIX: Final = "@rig"


class RigScheduling(LoadGroupScheduling):  # type: ignore[misc]
    """One unit of work for all tests of the rig, one for each other test or group."""

    def schedule(self) -> None:
        """Reads which tests are the rig's; every worker has collected by now."""
        self._ours = frozenset(self.config.stash[_FILE].read_text(encoding="utf-8").splitlines())
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return "rig" if nodeid.removesuffix(_SUFFIX) in self._ours else super()._split_scope(nodeid)


def pytest_configure_node(node: Any) -> None:
    """Tells a worker the file to name its tests in."""
    config = node.config
    if _FILE not in config.stash:
        handle, name = tempfile.mkstemp(prefix="recipec-rig-tests-")
        os.close(handle)
        config.stash[_FILE] = Path(name)
        config.add_cleanup(config.stash[_FILE].unlink)
    node.workerinput[_INPUT] = str(config.stash[_FILE])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker, names the tests. All workers write the same lines."""
    path: str | None = getattr(config, "workerinput", {}).get(_INPUT)
    if path is not None:
        ours = [item.nodeid.removesuffix(_SUFFIX) for item in items if item.get_closest_marker(MARK)]
        with Path(path).open("a", encoding="utf-8") as file:
            file.write("".join(f"{nodeid}\n" for nodeid in ours))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> RigScheduling | None:
    """The scheduler for `-n N`; another one that was asked for by name is left alone."""
    return RigScheduling(config, log) if config.getoption("dist") in {"load", "loadgroup"} else None
