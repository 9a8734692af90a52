"""Diagnostics as data: where, what, and what to write instead.

Stages return them; `report/` prints them. Nothing else formats a message for a person.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from recipe_compiler.codes import CODES, Severity

Route: TypeAlias = tuple[str | int, ...]
"""A path of keys and indices from the root of a document, like pydantic's `loc`."""


class Source:
    """One text that values come from: a file, `-`, or the text of a `--set`.

    `file` is the name shown to people, with `/`; it is never opened again.
    """

    __slots__ = ("_starts", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        """Hold `text` under the name `file`."""
        self.file = file
        self.text = text
        self._starts: list[int] | None = None

    def __repr__(self) -> str:
        """`Source('recipes/a.yaml')`."""
        return f"Source({self.file!r})"

    @property
    def starts(self) -> list[int]:
        """The offset of the first character of each line; found on first use."""
        if self._starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of `offset`, in code points."""
        starts = self.starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of the 1-based line `number`, without its line break."""
        starts = self.starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Span(NamedTuple):
    """A place in a source: code points, 0-based, `end` excluded."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> str:
        """`file:line:column`."""
        line, column = self.source.position(self.start)
        return f"{self.source.file}:{line}:{column}"


class Label(NamedTuple):
    """A span and what to say under its caret."""

    span: Span
    text: str = ""


class Fix(NamedTuple):
    """A replacement of a span's text.

    `safe`: surely what was meant, applied by `recipec fix`. `unsafe`: a guess.
    """

    span: Span
    replacement: str
    applicability: Literal["safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `message` is one line that stands alone: lower case, no full stop. `primary` is None only
    for findings about the machine or the command line. `help` says what to write instead.
    """

    code: str
    message: str
    primary: Label | None = None
    related: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    route: Route = ()
    file: str | None = None
    """The file a finding without a span is about."""
    verdict: Literal["deny", "warn"] = field(default="deny", kw_only=True)
    """What a policy says of what it finds: `warn` makes a warning of a code that is an error."""
    severity: Severity = field(init=False)

    def __post_init__(self) -> None:
        """Take the severity from the table of codes, unless a policy's verdict lowers it."""
        severity: Severity = "warning" if self.verdict == "warn" else CODES[self.code].severity
        object.__setattr__(self, "severity", severity)

    @property
    def name(self) -> str:
        """The slug of the code, such as `unknown-key`."""
        return CODES[self.code].slug

    @property
    def where(self) -> str | None:
        """The file this finding is about."""
        return self.primary.span.source.file if self.primary else self.file


Diagnostics: TypeAlias = tuple[Diagnostic, ...]

MAX_PER_FILE = 50
_MAX_OPTIONS = 200
"""Among more names than these none is looked for: it would take longer than a person reads."""


def has_errors(found: Iterable[Diagnostic]) -> bool:
    """Whether a stage must stop: any finding at error level."""
    return any(item.severity == "error" for item in found)


def _order(item: Diagnostic) -> tuple[str, int, str, str]:
    start = item.primary.span.start if item.primary else -1
    return item.where or "", start, item.code, item.message


def arrange(found: Iterable[Diagnostic]) -> Diagnostics:
    """The findings sorted by place, each once, at most `MAX_PER_FILE` for a file: warnings give way to errors.

    What is arranged already stays as it is.
    """
    kept: list[Diagnostic] = []
    per_file: dict[str, int] = {}
    for item in sorted(dict.fromkeys(found), key=lambda one: (one.severity == "warning", _order(one))):
        file = item.where or ""
        if item.code == "RCP004":
            kept.append(item)
            continue
        per_file[file] = per_file.get(file, 0) + 1
        if per_file[file] <= MAX_PER_FILE:
            kept.append(item)
    kept.sort(key=lambda one: (one.code == "RCP004", _order(one)))
    for file, count in per_file.items():
        if count > MAX_PER_FILE:
            more = count - MAX_PER_FILE
            what = "finding is" if more == 1 else "findings are"
            message = f"{more} more {what} not shown in {file}"
            kept.append(Diagnostic("RCP004", message, file=file, help="mend the first ones and run again"))
    return tuple(kept)


_PLAIN_PART = re.compile(r"[^\s.\[\]{}()=@/:,\"'\\~+*]+")


def route_text(route: Route) -> str:
    """`args.callbacks[0].lr`: the route as people write it in an override, odd keys as `args["a.b"]`."""
    text = ""
    for part in route:
        text = below(text, part)
    return text


def below(text: str, part: str | int) -> str:
    """The text of a route, with one part more."""
    if isinstance(part, int):
        return f"{text}[{part}]"
    if part.isidentifier() or _PLAIN_PART.fullmatch(part):
        return f"{text}.{part}" if text else part
    return f"{text}[{_quoted(part)}]"


def _quoted(part: str) -> str:
    body = re.sub(r'(?<!\\)(\\*)"', lambda match: match.group(1) * 2 + '\\"', part)
    return f'"{body}' + "\\" * (len(part) - len(part.rstrip("\\"))) + '"'


def did_you_mean(name: str, options: Iterable[str]) -> str | None:
    """The option a person most likely meant, or None when nothing is near."""
    from difflib import get_close_matches  # noqa: PLC0415  only needed when something is wrong

    names: Sequence[str] = list(islice(options, _MAX_OPTIONS))
    folded = {option.lower().replace("-", "_"): option for option in names}
    wanted = name.lower().replace("-", "_")
    if wanted in folded:
        return folded[wanted]
    swapped = [option for key, option in folded.items() if sorted(key) == sorted(wanted)]
    if len(swapped) == 1:
        return swapped[0]
    near = get_close_matches(wanted, list(folded), n=1, cutoff=0.72)
    if near:
        return folded[near[0]]
    starts = [option for key, option in folded.items() if len(wanted) >= 3 and key.startswith(wanted)]
    return starts[0] if len(starts) == 1 else None


_HIDDEN = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, limit: int = 0) -> str:
    """`text` with control, bidi and other invisible characters written as escapes.

    With `limit`, at most that many characters of it, then `…`.
    """
    if limit and len(text) > limit:
        text = text[:limit] + "…"
    if text.isascii() and text.isprintable():
        return text
    import unicodedata  # noqa: PLC0415  only needed for odd text

    shown = []
    for char in text:
        kind = unicodedata.category(char)
        if kind[0] != "C" and kind not in {"Zl", "Zp"}:
            shown.append(char)
        elif char in _HIDDEN:
            shown.append(_HIDDEN[char])
        else:
            point = ord(char)
            shown.append(
                f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
            )
    return "".join(shown)
