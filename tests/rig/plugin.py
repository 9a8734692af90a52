"""The pytest side: the fixture `rig`, and a closing line on the tests that did not run.

In the root conftest: `pytest_plugins = ["tests.rig.plugin"]`.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

from tests.rig import InstallError, Rig, session, why_not
from tests.rig.settings import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIRE: Final = "RECIPEC_REQUIRE_RIG"


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """The cluster, brought up once for all tests of the session and taken down after them.

    Skips where this machine cannot run it; fails there with RECIPEC_REQUIRE_RIG=1. A rig that
    can be installed and does not come up is an error everywhere.
    """
    reason = why_not()
    if reason is not None:
        _refuse(reason)
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(session())
        except InstallError as error:
            _refuse(str(error))
        yield found


def _refuse(reason: str) -> NoReturn:
    if os.environ.get(_REQUIRE) == "1":
        pytest.fail(f"{_REQUIRE}=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker, and under xdist keeps the tests of the one rig on one worker."""
    config.addinivalue_line("markers", f"{MARK}: runs on a real cluster (added by the fixture)")
    if config.pluginmanager.hasplugin("xdist"):
        # Not at the top: the rig works where xdist is not installed.
        from tests.rig import xdist_group

        config.pluginmanager.register(xdist_group)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test that uses the fixture."""
    for item in items:
        if "rig" in getattr(item, "fixturenames", ()):
            item.add_marker(MARK)
            item.add_marker(pytest.mark.xdist_group("rig"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many rig tests ran, and how many did not and why."""
    ran = broken = 0
    skipped: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            if MARK not in getattr(report, "keywords", {}):
                continue
            if outcome == "error":
                broken += 1
            elif outcome != "skipped":
                ran += 1
            elif isinstance(report.longrepr, tuple):
                skipped[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    if ran or broken or skipped:
        line = f"rig: {ran} tests ran, {broken} had no rig, {sum(skipped.values())} skipped"
        terminalreporter.write_line(line)
    for reason, count in skipped.items():
        terminalreporter.write_line(f"rig: {count} skipped: {reason}")
