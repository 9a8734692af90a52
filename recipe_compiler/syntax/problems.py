"""What the YAML parser says about broken YAML, in words for the person who mends it.

Source: libyaml 0.2.5, `scanner.c` and `parser.c`; PyYAML's own parser says nearly the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from recipe_compiler.diag import Diagnostic, Label, Source, Span, visible

_KEY_CHARS = 1024
"""The length at which the key of `key: value` ends for every YAML parser."""
_ESCAPE = re.compile(r"\\(?:[uUx][0-9A-Fa-f]*|.)?")
_NO_KEY = "expected a key"
_NO_VALUE = "expected a value, not {here}"
_AFTER_END = "text after the end of the document"
_NEW_KEY = "`:` makes a key here, in the middle of a value"


@dataclass(frozen=True, slots=True)
class _Case:
    """A pattern of the parser's words, and ours. {here} is the text there, `{0}` the first group.

    `at_start`: the place to mend is where the broken thing begins, not where reading stopped;
    `related` is said where it begins. `escape`: the place is a whole escape, `\\ud800`.
    """

    pattern: str
    message: str
    help: str
    code: str = "RCP115"
    at_start: bool = False
    escape: bool = False
    related: str = ""


_CASES = (
    _Case("document start", _AFTER_END, "keep one document in a file", "RCP109"),
    _Case(
        "directive|incompatible YAML",
        "YAML directives are not allowed",
        "remove the line that starts with `%`",
        "RCP107",
        at_start=True,
    ),
    _Case(
        "undefined tag handle|(?:scanning|parsing) a tag",
        "tags are not allowed: recipes are plain data",
        "remove the tag, or put text that starts with `!` in quotes",
        "RCP107",
        at_start=True,
    ),
    _Case(
        "invalid Unicode character escape",
        "{here} is not a character: half of a surrogate pair, or past U+10FFFF",
        "write the character itself, or its number as `\\U` and 8 hex digits",
        "RCP206",
        escape=True,
    ),
    _Case(
        "unknown escape character",
        "{here} is not an escape",
        "write `\\\\` for a backslash, or use single quotes",
        escape=True,
    ),
    _Case(
        "hexdecimal|hexadecimal",
        "hex digits are missing in {here}",
        "write all of them, or `\\\\` for a backslash",
        escape=True,
    ),
    _Case("tab character|'\\\\t'", "tab used for indentation", "replace the tab with spaces", "RCP101"),
    _Case("cannot start any token", "a value cannot start with {here}", "put the value in quotes"),
    _Case(
        "values are not allowed",
        _NEW_KEY,
        "put the value in quotes, or align the line with the keys of its mapping",
    ),
    _Case("end of stream.* quoted", "this quote is never closed", "close it before the end of the file", at_start=True),
    _Case("document (?:indicator|separator)", "a line of a quoted text starts with `---` or `...`", "indent the line"),
    _Case(
        "block scalar",
        "a block text starts with `|` or `>`, and nothing else stands on that line",
        "write the text on the next lines, indented",
        at_start=True,
    ),
    _Case(
        "expected ',' or '([]}])'",
        "expected `,` or `{0}`",
        "close the bracket, separate its entries with `,`, or put text in quotes",
        related="the bracket is opened here",
    ),
    _Case(
        "expected ':'",
        "no `:` follows this key",
        "write `key: value`, or indent the line if it goes on with the value above",
        at_start=True,
    ),
    _Case(
        "scanning an (alias|anchor)",
        "{here} starts an {0} here, and no name follows",
        "put the value in quotes",
        at_start=True,
    ),
    _Case("sequence entries are not allowed", "a list item cannot start here", "write `- item` on a line of its own"),
    _Case(
        "block (?:collection|sequence)",
        "expected a list item",
        "start the line with `- `, or align it with the key that it belongs to",
        related="the list starts here",
    ),
    _Case(
        "block mapping",
        _NO_KEY,
        "align the line with the keys of its mapping",
        related="the mapping starts here",
    ),
    _Case("node content", _NO_VALUE, "write a value, or put text in quotes"),
)


def explain(error: Exception, source: Source) -> tuple[Diagnostic, int]:
    """The finding for an error of the YAML parser, and the offset where reading stopped.

    Emits: RCP101, RCP107, RCP109, RCP115, RCP206, RCP207.
    """
    text = source.text
    problem, context = (getattr(error, name, None) or "" for name in ("problem", "context"))
    stopped, began = (_offset(error, name, text) for name in ("problem_mark", "context_mark"))
    at = stopped if stopped is not None else began or 0
    said = f"{problem} {context}".replace("<", "").replace(">", "").strip()
    case, groups = _case(said)
    if case is None:
        message = visible(f"not valid YAML: {said or error}", 200)
        help_ = "mend the indentation, quotes or brackets here"
        return Diagnostic("RCP115", message, Label(Span(source, at, at + 1)), help=help_), at
    where = began if case.at_start and began is not None else at
    span = _escape(source, at) if case.escape else Span(source, where, where + 1)
    here = "a backtick" if span.text == "`" else f"`{visible(span.text)}`" if span.text else "the end of the file"
    code, message, help_ = case.code, case.message.format(*groups, here=here), case.help
    related: tuple[Label, ...] = ()
    if case.message in {_NO_KEY, _AFTER_END} and (closing := _closing_before(text, at)):
        code, message, help_ = "RCP115", f"text after the closing `{closing}`", "put the whole value in quotes"
    elif case.message in {_NO_KEY, _NO_VALUE} and span.text == ":":
        code, message, help_ = "RCP207", "a key is missing before `:`", 'write `""` for a text key'
    elif case.message == _NEW_KEY and at - text.rfind("\n", 0, at) > _KEY_CHARS:
        message, help_ = f"a key of more than {_KEY_CHARS} characters", "shorten the key"
    elif case.related and began is not None:
        related = (Label(Span(source, began, began + 1), case.related),)
    if code == "RCP115":
        message = f"not valid YAML: {message}"
    return Diagnostic(code, message, Label(span), related, help=help_), at


def _case(said: str) -> tuple[_Case | None, tuple[str, ...]]:
    for case in _CASES:
        if match := re.search(case.pattern, said):
            return case, match.groups()
    return None, ()


def _offset(error: Exception, name: str, text: str) -> int | None:
    mark = getattr(error, name, None)
    return min(mark.index, len(text)) if mark else None


def _closing_before(text: str, at: int) -> str:
    """The quote or bracket that ends the value before `at` on its line, or nothing."""
    before = text[text.rfind("\n", 0, at) + 1 : at].rstrip()[-1:]
    return before if before in {'"', "'", "]", "}"} else ""


def _escape(source: Source, at: int) -> Span:
    """The escape that the parser was reading at `at`."""
    start = source.text.rfind("\\", 0, at + 1)
    match = _ESCAPE.match(source.text, max(start, 0))
    return Span(source, *match.span()) if match else Span(source, at, at + 1)
