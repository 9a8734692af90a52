"""The system's Chromium, for tests that open a page: installed where this machine can, else skipped by name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.rig import InstallError, packages, settings
from tests.rig.shell import lock

_LOCK_LIMIT_S = 1800.0


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running headless Chromium. It skips the test without one, and fails it with RECIPEC_REQUIRE_RIG=1."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_program(), args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def _program() -> str:
    found = shutil.which("chromium")
    if found is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        _refuse("there is no `chromium`, and only root on Debian can install it")
    handle = lock(settings.INSTALL_LOCK_FILE, timeout_s=_LOCK_LIMIT_S)
    try:
        packages.install(("chromium",))
    except InstallError as error:
        _refuse(str(error))
    finally:
        os.close(handle)
    found = shutil.which("chromium")
    return found or _refuse("the package `chromium` brought no `chromium`")


def _refuse(reason: str) -> NoReturn:
    if os.environ.get("RECIPEC_REQUIRE_RIG") == "1":
        pytest.fail(f"RECIPEC_REQUIRE_RIG=1, but {reason}", pytrace=False)
    pytest.skip(reason)
