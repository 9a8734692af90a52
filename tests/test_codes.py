"""The table of codes and the source agree: every code is emitted, and nothing else is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import recipe_compiler
from recipe_compiler.codes import CODES, RETIRED

PACKAGE = Path(recipe_compiler.__path__[0])
TABLES = {"codes.py", "cli/options.py"}
"""They sort codes, and emit none."""
SOURCES = sorted(PACKAGE.rglob("*.py"))
CODE = re.compile(r"RCP\d{3}")


def emitted(text: str) -> set[str]:
    """The codes that stand in a module as values; one that is only compared with is none."""
    tree = ast.parse(text)
    compared = {id(item) for node in ast.walk(tree) if isinstance(node, ast.Compare) for item in ast.walk(node)}
    values = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in compared)
    return {node.value for node in values if isinstance(node.value, str) and CODE.fullmatch(node.value)}


EMITTED = {
    code
    for path in SOURCES
    if path.relative_to(PACKAGE).as_posix() not in TABLES
    for code in emitted(path.read_text(encoding="utf-8"))
}


def test_every_code_is_emitted_somewhere() -> None:
    assert sorted(CODES.keys() - EMITTED) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_code_that_the_source_names_is_in_the_table(path: Path) -> None:
    """In docstrings too: `Emits:` must not go stale."""
    assert set(CODE.findall(path.read_text(encoding="utf-8"))) <= CODES.keys() | RETIRED


def test_a_retired_code_is_not_given_out_again() -> None:
    assert not RETIRED & CODES.keys()


def test_names_are_unique_and_in_kebab_case() -> None:
    slugs = [item.slug for item in CODES.values()]
    assert len(slugs) == len(set(slugs))
    assert [slug for slug in slugs if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", slug)] == []


def test_codes_are_three_digits_in_order() -> None:
    assert [code for code in CODES if not re.fullmatch(r"RCP\d{3}", code)] == []
    assert list(CODES) == sorted(CODES)
