"""What the structure promises, where no linter says it: sizes, registries, and what is never called."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from recipe_compiler.check import RULES
from recipe_compiler.containers import CONTAINERS
from recipe_compiler.host.files import templates
from recipe_compiler.launchers import LAUNCHERS
from recipe_compiler.targets import TARGETS
from tests.project import REPO

PACKAGE = REPO / "recipe_compiler"
MODULES = sorted(PACKAGE.rglob("*.py"))
LIMIT = 300
LONGER = {
    "runtime.py": "one file by need: ADR-0007",
    "extract.py": "one file by need: ADR-0013",
    "compiled_templates.py": "generated from the templates",
}
BANNED_CALLS = {"eval", "exec", "compile", "__import__"}
BANNED_NAMES = {"pickle", "marshal", "shelve", "tarfile"}


@pytest.mark.parametrize("module", [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in MODULES])
def test_module_keeps_the_rules(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    lines = text.count("\n")
    assert lines <= LIMIT or module.name in LONGER, f"{lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in BANNED_CALLS, f"line {node.lineno}: {node.func.id}"
        if isinstance(node, ast.keyword) and node.arg == "shell":
            pytest.fail(f"line {node.value.lineno}: shell=")
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            assert not names & BANNED_NAMES, f"line {node.lineno}: {names}"
        if isinstance(node, ast.Attribute) and node.attr in {"load", "full_load", "unsafe_load"}:
            assert not (isinstance(node.value, ast.Name) and node.value.id == "yaml"), (
                f"line {node.lineno}: yaml.{node.attr}"
            )


def files_of(family: str, *shared: str) -> set[str]:
    return {path.stem for path in (PACKAGE / family).glob("*.py")} - {"__init__", *shared}


def test_a_plugin_is_one_file_and_one_line_in_its_registry() -> None:
    assert files_of("launchers") == LAUNCHERS.keys()
    assert files_of("containers") == CONTAINERS.keys()
    assert files_of("targets", "common") == TARGETS.keys()
    assert files_of("check", "standard_library", "swept") == {rule.__name__.rpartition(".")[2] for rule in RULES}  # type: ignore[attr-defined]
    assert all(name == plugin.NAME for family in (LAUNCHERS, CONTAINERS, TARGETS) for name, plugin in family.items())


def test_every_template_is_read_and_small() -> None:
    there = {path.relative_to(REPO / "templates").as_posix() for path in (REPO / "templates").rglob("*.j2")}
    assert there == templates().keys() - {"runtime.py"}
    for name, text in templates().items():
        if name != "runtime.py":
            assert text.count("\n") <= 90, name
            assert "|safe" not in text.replace(" ", ""), name


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((REPO / "docs/adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_packages_are_all_listed_for_the_wheel() -> None:
    listed = set(
        re.findall(
            r'^  "(recipe_compiler(?:\.[a-z_]+)*)",$',
            (REPO / "pyproject.toml").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    there = {".".join(path.parent.relative_to(REPO).parts) for path in PACKAGE.rglob("__init__.py")}
    there |= {
        "recipe_compiler." + ".".join(path.parent.relative_to(REPO).parts)
        for path in (REPO / "templates").rglob("__init__.py")
    }
    assert there <= listed
