"""Which recipes a change affects: those whose inputs are not what they were, and why each.

It errs on one side only. A recipe is left out when nothing that it is made of changed: neither itself, nor a
base or script of it, nor what all recipes share. Where that cannot be told from its text, it is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple


class Why(NamedTuple):
    """Why a recipe is affected: `edited`, `new`, `through` a base or script, or `shared` by all."""

    kind: str
    file: str = ""

    @property
    def text(self) -> str:
        """For people: `through bases/common.yaml`."""
        return {"through": f"through {self.file}", "shared": f"{self.file} changed"}.get(self.kind, self.kind)


class Files(NamedTuple):
    """The files of a project at a change: what is `changed`, and which of those are `new`."""

    changed: Collection[PurePath]
    new: Collection[PurePath]
    others: Collection[PurePath]
    """Every YAML file beside the recipes: what a recipe may extend."""


def select(
    recipes: Mapping[PurePath, str],
    files: Files,
    shared: Iterable[PurePath],
    shown: Callable[[PurePath], str],
    text: Callable[[PurePath], bytes],
    inputs: Callable[[PurePath], Collection[str] | None],
) -> dict[PurePath, Why]:
    """The affected ones of `recipes` (path to name), each with the reason, in their order.

    `shared` are the files that every recipe depends on. `inputs` gives the names of what a recipe
    is made of, None where it does not compose; `shown` the name of a path.
    """
    common = next((path for path in shared if path in files.changed), None)
    if common is not None:
        return {path: Why("shared", shown(common)) for path in recipes}
    mentions = _mentions(recipes, files, text)
    chosen: dict[PurePath, Why] = {}
    for path in recipes:
        if path in files.changed:
            chosen[path] = Why("new" if path in files.new else "edited")
        elif path in mentions:
            why = _through(path, files, shown, inputs)
            if why is not None:
                chosen[path] = why
    return chosen


def _mentions(recipes: Iterable[PurePath], files: Files, text: Callable[[PurePath], bytes]) -> set[PurePath]:
    """The files whose text names a changed one, or names one that does. `\\x62ase.yaml` names anything."""
    rest = {path: text(path) for path in {*recipes, *files.others} - set(files.changed)} if files.changed else {}
    found: set[PurePath] = set()
    names = {path.name for path in files.changed}
    while names and rest:
        pattern = _any_of(names)
        hits = [path for path, data in rest.items() if pattern.search(data)]
        names = {path.name for path in hits}
        for path in hits:
            del rest[path]
        found.update(hits)
    return found


def _through(
    path: PurePath,
    files: Files,
    shown: Callable[[PurePath], str],
    inputs: Callable[[PurePath], Collection[str] | None],
) -> Why | None:
    """The changed file that a recipe depends on; None where it only says its name."""
    made_of = inputs(path)
    changed = {shown(one): one for one in sorted(files.changed)}
    if made_of is None:
        return Why("through", next(iter(changed)))
    return next((Why("through", name) for name in changed if name in made_of), None)


def _any_of(names: Iterable[str]) -> re.Pattern[bytes]:
    """What finds one of the names in a YAML text, or an escape that could spell it."""
    return re.compile(b"|".join([rb'"[^"]*\\', *(re.escape(name.encode()) for name in sorted(names))]))


def summary(chosen: Mapping[PurePath, Why], total: int, ref: str) -> str:
    """`affected since main: 17 of 2041 recipes (2 edited, 15 through bases/common.yaml)`."""
    counts: dict[str, int] = {}
    for why in chosen.values():
        counts[why.text] = counts.get(why.text, 0) + 1
    reasons = ", ".join(f"{count} {text}" for text, count in counts.items())
    return f"affected since {ref}: {len(chosen)} of {total} recipes" + (f" ({reasons})" if reasons else "")


def names_to_ask(others: Sequence[PurePath], names: Iterable[str], text: Callable[[PurePath], bytes]) -> list[PurePath]:
    """The recipes that are not affected and may have one of the `names`: two of one name are an error."""
    wanted = sorted(set(names))
    if not wanted:
        return []
    pattern = _any_of(wanted)
    return [path for path in others if pattern.search(data := text(path)) or b"\nname:" not in b"\n" + data]
