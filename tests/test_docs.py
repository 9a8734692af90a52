"""Every block of commands in the README and in `docs/` runs, and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project import REPO
from tests.test_explain import matches, read, run

PAGES = [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    part = read(page.read_text(encoding="utf-8"))
    run(part, tmp_path)
    for command in part.commands:
        assert matches(command.shown, command.said), f"{command.text}{command.said}"


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_names_the_two_commands_that_ci_runs() -> None:
    text = (REPO / "README.md").read_text(encoding="utf-8")
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    for command in re.findall(r"^make ([a-z]+) ", text, re.MULTILINE):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command
    assert "make test" in (REPO / ".ci/run").read_text(encoding="utf-8")
