"""The text of a catalog, from what the modules of its sources define."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recipe_compiler.catalog.link import entries
from recipe_compiler.catalog.store import text
from recipe_compiler.diag import Diagnostic, Diagnostics, visible
from recipe_compiler.version import VERSION


def make(name: str, sources: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, int, Diagnostics]:
    """The file `NAME.json`, how many entries it has, and what could not be read.

    `sources`: the facts of the modules of each wheel, folder or image, by its name. Emits: RCP305.
    """
    readable = [fact for facts in sources.values() for fact in facts if "unreadable" not in fact]
    found = [
        Diagnostic(
            "RCP305",
            f"{visible(fact['file'], 200)} cannot be read: {fact['unreadable']}",
            file=visible(fact["file"], 200),
            help="what it defines is not in the catalog",
        )
        for facts in sources.values()
        for fact in facts
        if "unreadable" in fact
    ]
    linked = entries(dict(fact) for fact in readable)
    header = {
        "name": name,
        "recipec": VERSION,
        "sources": [{"name": source, **_digest(facts)} for source, facts in sources.items()],
    }
    return text(header, linked), len(linked), tuple(found)


def _digest(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How many files were read, and one digest of them all: the same for a wheel and what it installs."""
    pairs = sorted((fact["file"], fact["sha256"]) for fact in facts if "sha256" in fact)
    lines = "".join(f"{digest}  {file}\n" for file, digest in pairs)
    return {"files": len(pairs), "sha256": hashlib.sha256(lines.encode()).hexdigest()}
