"""Fixes put into a text: by place, so that comments and layout stay, and only where all other keys keep their meaning.

A fix replaces one scalar, one key, or the blanks before them. The text is read before and after:
whatever the fixes do not name must be as it was, else they are left out. So they are in a text
that is not YAML even without its tabs: what its keys mean is not known yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from recipe_compiler import syntax
from recipe_compiler.diag import Diagnostic, Fix, Source
from recipe_compiler.syntax import Node

_INDENTATION = "RCP101"


class Mended(NamedTuple):
    """A text with the fixes that hold, how many those are, and how many were left out."""

    text: str
    made: int
    left_out: int


def mend(source: Source, found: Iterable[Diagnostic], *, unsafe: bool) -> Mended:
    """`source` with the fixes of `found` that lie in it; the guesses only with `unsafe`."""
    kept: list[Fix] = []
    left_out = 0
    for group in _groups(source, found, unsafe=unsafe):
        fresh = [fix for fix in group if not any(_overlap(fix, one) for one in kept)]
        together = sorted([*kept, *fresh], key=lambda fix: fix.span.start)
        if fresh and _holds(source, together):
            kept = together
        else:
            left_out += len(group)
    return Mended(_with(source.text, kept), len(kept), left_out)


def _groups(source: Source, found: Iterable[Diagnostic], *, unsafe: bool) -> Iterator[list[Fix]]:
    """Fixes that stand or fall together: what is safe, the tabs of a file, and each guess by itself."""
    by_place: dict[tuple[int, int], tuple[str, Fix]] = {}
    torn: set[tuple[int, int]] = set()
    for item in found:
        fix = item.fix
        if fix is None or fix.span.source.file != source.file or fix.span.source.text != source.text:
            continue
        place = (fix.span.start, fix.span.end)
        if by_place.setdefault(place, (item.code, fix))[1].replacement != fix.replacement:
            torn.add(place)  # two recipes want two things of one base
    sure: list[Fix] = []
    tabs: list[Fix] = []
    guesses: list[Fix] = []
    for place, (code, fix) in sorted(by_place.items()):
        if place not in torn:
            (guesses if fix.applicability == "unsafe" else tabs if code == _INDENTATION else sure).append(fix)
    yield from (group for group in (tabs, sure) if group)
    if unsafe:
        yield from ([fix] for fix in guesses)


def _overlap(one: Fix, other: Fix) -> bool:
    return one.span.start < other.span.end and other.span.start < one.span.end


def _with(text: str, fixes: Sequence[Fix]) -> str:
    parts, at = [], 0
    for fix in fixes:
        parts += [text[at : fix.span.start], fix.replacement]
        at = fix.span.end
    return "".join([*parts, text[at:]])


def _holds(source: Source, fixes: Sequence[Fix]) -> bool:
    """Whether the text with `fixes` has no new error, and says what it said but for the guesses."""
    before, wrong = syntax.parse(source)
    after, still = syntax.parse(Source(source.file, _with(source.text, fixes)))
    if before is None or after is None or _errors(still) - _errors(wrong):
        return False
    changed = [(fix.span.start, fix.span.end) for fix in fixes if fix.applicability == "unsafe"]
    return _same(before, after, changed)


def _errors(found: Iterable[Diagnostic]) -> Counter[str]:
    return Counter(item.code for item in found if item.severity == "error")


def _same(before: Node, after: Node, changed: Sequence[tuple[int, int]]) -> bool:
    """Whether two trees have one shape, and equal keys and values outside of `changed`."""
    old, new = before.value, after.value
    if type(old) is not type(new):
        return (before.start, before.end) in changed
    if isinstance(old, dict):
        if len(old) != len(new):
            return False
        return all(
            (key == other or (before.keys or {}).get(key) in changed) and _same(child, new[other], changed)
            for (key, child), other in zip(old.items(), new, strict=True)
        )
    if isinstance(old, list):
        return len(old) == len(new) and all(_same(child, other, changed) for child, other in zip(old, new, strict=True))
    return old == new or (before.start, before.end) in changed
