"""The right side of an override as tokens, by Hydra's lexer: the longest match wins, then the first.

Source: hydra-core 1.3, `OverrideLexer.g4`. Beyond Hydra, a character outside ASCII may stand unquoted.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Token(NamedTuple):
    """One token; `start` and `end` are offsets in the source."""

    kind: str
    start: int
    end: int


_WHOLE = r"(?:0|[1-9](?:_?[0-9])*)"
_DIGITS = r"[0-9](?:_?[0-9])*"
_POINT = rf"(?:{_WHOLE}?\.{_DIGITS}|{_WHOLE}\.)"
_NO_WORD = r"(?![A-Za-z0-9_-])"
# Ordered so that the first alternative that matches is also the longest.
_TOKEN = re.compile(
    rf"""
    (?P<open_call>[ \t]*\([ \t]*)
  | (?P<comma>[ \t]*,[ \t]*)
  | (?P<close_call>[ \t]*\))
  | (?P<open_list>\[[ \t]*)
  | (?P<close_list>[ \t]*\])
  | (?P<open_dict>\{{[ \t]*)
  | (?P<close_dict>[ \t]*\}})
  | (?P<colon>[ \t]*:[ \t]*)
  | (?P<equal>[ \t]*=[ \t]*)
  | (?P<float>[+-]?(?:(?:{_POINT}|{_WHOLE})[eE][+-]?{_DIGITS}|{_POINT})
      | [+-](?i:inf|nan) | (?i:inf|nan){_NO_WORD})
  | (?P<int>[+-]?{_WHOLE})
  | (?P<bool>(?i:true|false){_NO_WORD})
  | (?P<null>(?i:null){_NO_WORD})
  | (?P<word>[A-Za-z_][A-Za-z0-9_-]*)
  | (?P<escape>(?:\\[\\()\[\]{{}}:=,\ \t])+)
  | (?P<reference>\$\{{[^}}]+\}})
  | (?P<space>[ \t]+)
  | (?P<other>[/\-\\+.$%*@?|]|[^\x00-\x7f])
    """,
    re.VERBOSE,
)
_QUOTE = {quote: re.compile(rf"(?<!\\)(\\*){quote}") for quote in "'\""}


def tokens(text: str, start: int, end: int) -> tuple[list[Token], int | None]:
    """The tokens of `text` from `start` to `end`, and where the first unreadable character stands."""
    found: list[Token] = []
    at = start
    while at < end:
        if text[at] in _QUOTE:
            stop = quote_end(text, at, end)
            if stop is None:
                return found, at
            found.append(Token("quoted", at, stop))
            at = stop
            continue
        match = _TOKEN.match(text, at, end)
        if match is None:
            return found, at
        found.append(Token(match.lastgroup or "", at, match.end()))
        at = match.end()
    return found, None


def quote_end(text: str, start: int, end: int) -> int | None:
    """Where the quoted text that begins at `start` ends: at a quote after an even number of backslashes."""
    at = start + 1
    while (match := _QUOTE[text[start]].search(text, at, end)) is not None:
        if len(match.group(1)) % 2 == 0:
            return match.end()
        at = match.end()
    return None


def unquoted(text: str) -> str:
    """What a quoted text says. A backslash is an escape only before a quote and before the end."""
    body = text[1:-1]
    core = body.rstrip("\\")
    said = re.sub(rf"(?<!\\)\\+{text[0]}", lambda match: match.group()[1::2], core)
    return said + "\\" * ((len(body) - len(core)) // 2)
