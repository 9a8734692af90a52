"""The mistake corpus: what is found before submit, where the caret stands, and what is suggested.

`make mistakes` prints the table. The recipes are in `tests/mistakes/`, each mistake one edit in a correct one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from recipe_compiler.diag import Diagnostic
from tests.mistakes import hydra_peer
from tests.mistakes.corpus import BARS, Score, score
from tests.mistakes.rows import HERE, correct, mistakes


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Score:
    return score(tmp_path_factory.mktemp("corpus") / "project")


def shown(findings: tuple[Diagnostic, ...]) -> list[str]:
    return [
        f"{one.code} [{one.primary.span.text if one.primary else ''}] {one.message} | {one.help}" for one in findings
    ]


def test_the_corpus_is_large_and_varied() -> None:
    kinds = Counter(one.kind for one in mistakes())
    assert sum(kinds.values()) >= 200
    assert len(kinds) >= 15
    assert len(correct()) >= 50


def test_every_mistake_is_found_before_submit(scored: Score) -> None:
    missed = {one.mistake.name: shown(one.findings) for one in scored.results if one.hit is None}
    assert missed == {}


def test_the_caret_is_on_the_right_token(scored: Score) -> None:
    wrong = {one.mistake.name: shown(one.findings) for one in scored.results if not one.caret}
    assert scored.share("caret") >= BARS["caret"], wrong


def test_the_right_suggestion_is_given(scored: Score) -> None:
    wrong = {one.mistake.name: shown(one.findings) for one in scored.results if not one.suggestion}
    assert scored.share("suggestion") >= BARS["suggestion"], wrong


def test_nothing_is_said_of_correct_recipes(scored: Score) -> None:
    assert {name: shown(found) for name, found in scored.false_alarms.items()} == {}


def test_what_guides_get_wrong_is_refused_with_what_is_right(scored: Score) -> None:
    documented = [one for one in scored.results if one.mistake.kind == "documented"]
    assert [one.mistake.name for one in documented if not (one.caret and one.suggestion)] == []
    severities = {one.mistake.caret: one.hit.severity for one in documented if one.hit}
    assert severities.pop("overwite") == "warning"
    assert set(severities.values()) == {"error"}


def test_the_table(scored: Score, tmp_path: Path) -> None:
    for line in table(scored, tmp_path / "hydra"):
        print(line)


def table(scored: Score, folder: Path) -> Iterator[str]:
    """The score by kind, beside what the peers' dry runs find of the same."""
    hydra, hydra_refuses = hydra_peer.found(folder)
    nemo_run = json.loads((HERE / "nemo_run.json").read_text(encoding="utf-8"))
    runs = set(nemo_run["found"])
    row = "{:<20} {:>8} {:>8} {:>8} {:>11} {:>8} {:>9}".format
    yield ""
    yield row("kind", "mistakes", "found", "caret", "suggestion", "Hydra", "NeMo-Run")
    groups: dict[str, list[int]] = {}
    for one in scored.results:
        name = one.mistake.name
        facts = (True, one.hit is not None, one.caret, one.suggestion, name in hydra, name in runs)
        for kind in (one.mistake.kind, "all"):
            counts = groups.setdefault(kind, [0] * len(facts))
            groups[kind] = [count + fact for count, fact in zip(counts, facts, strict=True)]
    groups["all"] = groups.pop("all")
    yield from (row(kind, *counts) for kind, counts in groups.items())
    share = ", ".join(f"{what} {scored.share(what):.1%}" for what in BARS)
    yield f"{share}; suggestions count where there is one to make"
    yield (
        f"{len(correct())} correct recipes: {len(scored.false_alarms)} with a finding of recipec, "
        f"{len(hydra_refuses)} refused by Hydra, {len(nemo_run['refused'])} by NeMo-Run {nemo_run['nemo_run']}"
    )
    yield f"{len(scored.results) + len(correct())} recipes in {scored.took_s:.1f} s"
