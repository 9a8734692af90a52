"""Compile the corpus with the real pipeline, in this process, and score what it finds.

`correct.yaml` holds recipes that nothing is wrong with, by name. `mistakes.yaml` holds, by kind, rows
`[recipe, old, new, codes, caret, suggestion]`: the text `old` of that recipe becomes `new`, which is
the mistake. `old` may be `--set`, and `new` then the override; `+` appends `new` to the recipe;
`=` makes `new` the whole recipe. The codes are those that may say so, the caret is the text
that must be underlined, and the suggestion is what the help must name, `null` where there is none.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePath
from shutil import copytree

from recipe_compiler import driver
from recipe_compiler.cli.session import open_workspace, read
from recipe_compiler.diag import Diagnostic
from recipe_compiler.workspace import Input
from tests.mistakes.rows import Mistake, correct, mistakes

HERE = Path(__file__).parent
REPO = HERE.parent.parent
BARS = {"found": 1.0, "caret": 0.95, "suggestion": 0.9}


@dataclass
class Result:
    """What recipec says of one mistake."""

    mistake: Mistake
    findings: tuple[Diagnostic, ...]

    @cached_property
    def hit(self) -> Diagnostic | None:
        """The finding that names the mistake, the best placed one."""
        hits = [one for one in self.findings if one.code in self.mistake.codes]
        return max(hits, key=lambda one: (self._at(one), self._says(one)), default=None)

    @property
    def caret(self) -> bool:
        """Whether the right token is underlined."""
        return self.hit is not None and self._at(self.hit)

    @property
    def suggestion(self) -> bool:
        """Whether the help names what to write."""
        return self.hit is not None and self._says(self.hit)

    def _at(self, one: Diagnostic) -> bool:
        return one.primary is not None and one.primary.span.text.strip("\"'") == self.mistake.caret.strip("\"'")

    def _says(self, one: Diagnostic) -> bool:
        wanted = self.mistake.suggestion
        return wanted is None or wanted in one.help


@dataclass
class Score:
    """The results of a run over the corpus."""

    results: list[Result] = field(default_factory=list)
    alarms: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    """What was said of each correct recipe."""
    took_s: float = 0.0

    def share(self, what: str) -> float:
        """The share of the mistakes that were found, well placed, or answered with the right suggestion."""
        asked = [one for one in self.results if what != "suggestion" or one.mistake.suggestion is not None]
        good = {
            "found": lambda one: one.hit is not None,
            "caret": lambda one: one.caret,
            "suggestion": lambda one: one.suggestion,
        }
        return sum(map(good[what], asked)) / len(asked)

    @property
    def false_alarms(self) -> dict[str, tuple[Diagnostic, ...]]:
        """The correct recipes that something was said of."""
        return {name: found for name, found in self.alarms.items() if found}


def project(root: Path) -> Path:
    """A project at `root` with the corpus's cluster and bases, and this repository's catalogs."""
    (root / "clusters").mkdir(parents=True)
    (root / "clusters" / "corpus.yaml").write_bytes((HERE / "cluster.yaml").read_bytes())
    (root / "recipec.yaml").write_bytes((HERE / "project.yaml").read_bytes())
    (root / "catalogs").symlink_to(REPO / "catalogs")
    copytree(HERE / "bases", root / "bases")
    return root


def score(root: Path) -> Score:
    """Compile every recipe of the corpus, as `recipec compile` does, in a project at `root`."""
    project(root)
    space, wrong = open_workspace([str(root)], None)
    assert space is not None, wrong
    begun, result = time.monotonic(), Score()

    def compiled(name: str, text: str, sets: tuple[str, ...] = ()) -> tuple[Diagnostic, ...]:
        item = Input(f"{name}.yaml", text.encode(), PurePath(root / f"{name}.yaml"))
        return driver.compile_recipe(item, sets, space, read).found

    for name, text in correct().items():
        result.alarms[name] = compiled(name, text)
    for one in mistakes():
        result.results.append(Result(one, compiled(one.name, one.text, one.sets)))
    result.took_s = time.monotonic() - begun
    return result
