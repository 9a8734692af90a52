"""What one run found: the object that every format renders, so that all of them tell the same."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from recipe_compiler.diag import Diagnostic, Diagnostics, Span, route_text, visible
from recipe_compiler.secret_shapes import masked

MAX_MESSAGE = 4096


class Verdict(NamedTuple):
    """What a run says of one recipe."""

    recipe: str
    """Its file."""
    errors: int
    warnings: int
    name: str | None = None
    digest: str | None = None
    """Of its bundle, where there is one."""
    more: Mapping[str, str] = {}
    """Further columns of a summary: the heading, then what stands below it for this recipe."""

    @property
    def outcome(self) -> str:
        """`error`, `warning` or `ok`."""
        return "error" if self.errors else "warning" if self.warnings else "ok"


class Section(NamedTuple):
    """A folded part of a summary: a title, and text that is shown as it is."""

    title: str
    text: str
    language: str = ""
    """For colours: `diff`."""


class Run(NamedTuple):
    """One run: what it looked at, and what it found."""

    found: Diagnostics
    """Arranged."""
    recipes: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    cluster: str | None = None
    """The name of the cluster, once its profile was read."""
    fields: Mapping[str, Any] = {}
    """What the command adds to its JSON document."""
    sections: tuple[Section, ...] = ()
    """What a summary shows below the findings, in order."""
    folder: str = ""
    """The project's folder below the repository's, with `/` at its end: code hosts count from there."""
    color: bool = False

    def path(self, file: str | None) -> str | None:
        """A file as the code host names it; None for what is no file, such as `<stdin>`."""
        if file is None or file.startswith("<"):
            return None
        return file if file.startswith(("/", "../")) or "://" in file else self.folder + file


def without_secrets(item: Diagnostic) -> Diagnostic:
    """The finding with every secret in its texts masked: no sink prints one."""
    texts = (item.message, item.help or "", *item.notes, item.primary.text if item.primary else "")
    if all(masked(text) == text for text in texts):
        return item
    return replace(
        item,
        message=masked(item.message),
        primary=item.primary._replace(text=masked(item.primary.text)) if item.primary else None,
        notes=tuple(map(masked, item.notes)),
        help=masked(item.help) if item.help else None,
        fix=None,
    )


class Format(Protocol):
    """A module that knows one format."""

    def render(self, run: Run) -> str:
        """The run as text, with a line break at its end unless it is empty."""


def counts(found: Iterable[Diagnostic]) -> tuple[int, int]:
    """How many errors and warnings there are."""
    levels = Counter(item.severity for item in found)
    return levels["error"], levels["warning"]


def count_text(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def worst_first(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Errors before warnings, and of each one finding of every file before the second of any.

    Where a host shows only the first ten, no file hides another.
    """
    seen: Counter[tuple[str, str]] = Counter()
    ranked = []
    for index, item in enumerate(found):
        key = (item.severity, item.where or "")
        ranked.append((item.severity == "warning", seen[key], index))
        seen[key] += 1
    return [found[index] for _, _, index in sorted(ranked)]


def sentence(item: Diagnostic) -> str:
    """The message and what stands under the caret, on one line."""
    said = item.primary.text if item.primary else ""
    text = visible(item.message, MAX_MESSAGE)
    return f"{text} — {visible(said, MAX_MESSAGE)}" if said else text


def lines(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    """The line and column where a span begins and ends; its end is excluded."""
    size = len(span.source.text)
    return span.source.position(min(span.start, size)), span.source.position(min(max(span.end, span.start), size))


def fingerprints(found: Iterable[Diagnostic]) -> Iterator[str]:
    """What stays of each finding when lines move: its code, file, route, and the text it points at.

    Of findings that are alike in all of these, the second has a number of its own, and so on.
    """
    seen: Counter[str] = Counter()
    for item in found:
        parts = [item.code, item.where or "", route_text(item.route)]
        if item.primary is not None:
            span = item.primary.span
            line, _ = span.source.position(min(span.start, len(span.source.text)))
            parts += [span.text, "" if item.route else span.source.line(line).strip()]
        else:
            parts.append(item.message)
        key = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
        seen[key] += 1
        yield key[:32] if seen[key] == 1 else hashlib.sha256(f"{key}{seen[key]}".encode()).hexdigest()[:32]
