"""The left side of an override: its sign, the route it names, and what is done there.

`a.b[0].c` and `a.b.0.c` are one route; a key that holds dots or spaces is written `a["b.c"]`.
A leading dot means the recipe's own field: `.name`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from recipe_compiler.diag import Diagnostic, Label, Route, Span, visible
from recipe_compiler.override.tokens import quote_end, unquoted

MAX_DEPTH = 64
_SIGN = re.compile(r"\+\+|\+|~|")
_NAME = re.compile(r"[^\s.\[\]{}()=@/:,\"'\\~+*]+")
_LOOSE = re.compile(r"[^\s.\[\]]+")
_INDEX = re.compile(r"\[([0-9]{1,9})\]")
_OPERATOR = re.compile(r"[*/+-](?==)|")
_KEY_HELP = "write `args.lr=3e-4`, or `+args.new=1` for a new key"


class Key(NamedTuple):
    """The part before the value. `at_top`: a leading dot; `value_at`: where the value begins, if there is a `=`."""

    sign: str
    route: Route
    operator: str
    at_top: bool
    span: Span
    value_at: int | None


def route_of(key: str) -> Route | None:
    """The route that `a.b[0].c`, `a.b.0.c` or `a["b.c"]` says, or None."""
    route, end = _route(key, key.startswith("."), len(key), _LOOSE)
    return route if route and end == len(key) else None


def read_key(text: Span) -> Key | Diagnostic:
    """The key of an override's text. Emits: RCP103, RCP510, RCP515."""
    source, end = text.source, text.end
    whole = source.text
    sign = _matched(_SIGN, whole, text.start, end)
    start = text.start + len(sign)
    at_top = whole.startswith(".", start, end)
    route, at = _route(whole, start + at_top, end, _NAME)
    if refused := _hydra_form(Span(source, start, end), at):
        return refused
    operator = _matched(_OPERATOR, whole, at, end)
    if not operator and whole.startswith("=", at) and route and _ends_with_minus(route, whole, at):
        route, operator, at = (*route[:-1], str(route[-1])[:-1]), "-", at - 1
    has_value = whole.startswith("=", at + len(operator), end)
    span = Span(source, start, at)
    if not route or isinstance(route[0], int) or not (has_value or (sign == "~" and at == end)):
        return _unreadable(text)
    if sign and operator:
        shown = visible(whole[text.start : at + len(operator) + 1], 40)
        help_ = f"write `{visible(span.text, 60)}{operator}=…`, or `{sign}{visible(span.text, 60)}=…`"
        return Diagnostic("RCP510", f"`{shown}` has a sign and an operator", Label(span), help=help_)
    if len(route) > MAX_DEPTH:
        message = f"the override is nested deeper than {MAX_DEPTH} levels"
        return Diagnostic("RCP103", message, Label(span), help="write a flatter structure")
    if route[0] == "extends" and (at_top or len(route) == 1):
        message = "`extends` cannot be overridden: bases come before overrides"
        return Diagnostic("RCP510", message, Label(span), help="change the recipe, or override the values that differ")
    return Key(sign, route, operator, at_top, span, at + len(operator) + 1 if has_value else None)


def _matched(pattern: re.Pattern[str], text: str, at: int, end: int) -> str:
    match = pattern.match(text, at, end)
    return match.group() if match else ""


def _ends_with_minus(route: Route, text: str, at: int) -> bool:
    return text[at - 1] == "-" and isinstance(route[-1], str) and len(route[-1]) > 1


def _route(text: str, at: int, end: int, name: re.Pattern[str]) -> tuple[Route, int]:
    """The route from `at` on, as far as it goes, and where it ends."""
    parts: list[str | int] = []
    while at < end:
        if text.startswith("[", at):
            index = _INDEX.match(text, at, end)
            if index is not None:
                parts.append(int(index.group(1)))
                at = index.end()
                continue
            stop = quote_end(text, at + 1, end) if text[at + 1 : at + 2] in {"'", '"'} else None
            if stop is None or not text.startswith("]", stop, end):
                break
            parts.append(unquoted(text[at + 1 : stop]))
            at = stop + 1
            continue
        dot = text.startswith(".", at)
        if dot != bool(parts):
            break
        match = name.match(text, at + dot, end)
        if match is None:
            break
        parts.append(match.group())
        at = match.end()
    return tuple(parts), at


def _hydra_form(text: Span, at: int) -> Diagnostic | None:
    """A key of Hydra's defaults lists, which recipec has not: `group@package=…`, `group/part=…`."""
    whole = text.source.text
    char = whole[at : at + 1] if at < text.end else ""
    if char == "@" or (char == "/" and whole[at + 1 : at + 2] != "="):
        end = whole.find("=", at, text.end)
        key = Span(text.source, text.start, end if end >= 0 else text.end)
        what = "a package" if char == "@" else "a config group"
        message = f"`{visible(key.text, 60)}` names {what} of Hydra, which recipec has not"
        help_ = 'name the value: `args.lr=3e-4`; bases are chosen by `extends`; a key with `/` or `@` is `args["a/b"]`'
        return Diagnostic("RCP515", message, Label(key), help=help_)
    return None


def _unreadable(text: Span) -> Diagnostic:
    message = f"cannot read the override `{visible(text.text, 80)}`"
    at = Label(Span(text.source, text.start, max(text.end, text.start + 1)), "not `key=value`")
    return Diagnostic("RCP510", message, at, help=_KEY_HELP)
