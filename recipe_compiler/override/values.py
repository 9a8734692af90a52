"""The value of an override, by Hydra's grammar: text, numbers, lists, mappings, casts and sweep forms.

Source: hydra-core 1.3, `OverrideParser.g4` and `overrides_visitor.py`. Beyond Hydra, a key of a
mapping may be quoted. What is refused on purpose is listed in `docs/language.md`.
"""

from __future__ import annotations

import math
from typing import NoReturn

from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Span, visible
from recipe_compiler.override.functions import Sweep, Wrong, call
from recipe_compiler.override.tokens import Token, tokens, unquoted
from recipe_compiler.syntax import Node
from recipe_compiler.syntax.scalars import INT_MAX, INT_MIN, resolve

MAX_DEPTH = 64
_MAX_DIGITS = 24
_TEXT = frozenset({"word", "null", "int", "float", "bool", "reference", "other", "colon", "escape", "space"})
_KEY = _TEXT - {"colon", "reference"}
_QUOTE_IT = "put text with such characters in quotes: `key='a=b'`"


class _Stop(Exception):  # noqa: N818  control flow inside this module
    """The rest of the text cannot be read."""


def read_value(text: Span) -> tuple[Node | Sweep | None, Diagnostics]:
    """The value, or the sweep, that `text` says.

    Emits: RCP102, RCP103, RCP107, RCP113, RCP203, RCP205, RCP207, RCP510, RCP515.
    """
    reader = _Reader(text)
    try:
        value = reader.value()
    except _Stop:
        return None, tuple(reader.found)
    return (None if reader.found else value), tuple(reader.found)


class _Reader:
    def __init__(self, text: Span) -> None:
        self.found: list[Diagnostic] = []
        self._source = text.source
        self._all = text
        self._tokens, self._odd = tokens(text.source.text, text.start, text.end)
        self._at = 0

    def value(self) -> Node | Sweep:
        """The whole text: one element, or several with commas between them, which is a sweep."""
        if self._odd is not None:
            self._unreadable(self._odd)
        if not self._tokens:
            return Node(self._source, self._all.end, self._all.end, "")
        elements = [self._element(0)]
        while self._take("comma"):
            elements.append(self._element(0))
        if (token := self._peek()) is not None:
            shown = visible(self._text(token).strip() or " ", 20)
            self._stop("RCP510", f"`{shown}` is not part of a value here", token, _QUOTE_IT)
        if len(elements) == 1:
            return elements[0]
        return Sweep("choice", tuple(self._plain_one(one) for one in elements), self._all)

    # ---- tokens

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, kind: str) -> Token | None:
        token = self._peek()
        if token is None or token.kind != kind:
            return None
        self._at += 1
        return token

    def _text(self, token: Token) -> str:
        return self._source.text[token.start : token.end]

    def _stop(self, code: str, message: str, token: Token | None, help_: str) -> NoReturn:
        end = self._all.end
        span = Span(self._source, token.start, token.end) if token else Span(self._source, max(end - 1, 0), end)
        self.found.append(Diagnostic(code, message, Label(span), help=help_))
        raise _Stop

    def _unreadable(self, at: int) -> NoReturn:
        char = self._source.text[at]
        token = Token("", at, at + 1)
        if char in "'\"":
            self._stop("RCP510", f"the quote `{char}` is not closed", token, f"write `{char}` at the end of the text")
        if char == "!" and at == self._all.start:
            tag = Token("", at, self._all.end)
            message = f"the tag `{visible(self._text(tag), 60)}` is not allowed: an override is plain data"
            self._stop("RCP107", message, tag, "remove the tag; a call is written `{_target_: package.function}`")
        help_ = f"put the value in quotes: `key='a {visible(char)} b'`"
        self._stop("RCP510", f"`{visible(char)}` cannot stand in a text without quotes", token, help_)

    # ---- elements

    def _element(self, depth: int) -> Node | Sweep:
        token = self._peek()
        if depth > MAX_DEPTH:
            self._stop("RCP103", f"nested deeper than {MAX_DEPTH} levels", token, "write a flatter structure")
        if token is None:
            self._stop("RCP510", "the override ends where a value is due", None, "write the value, or remove the comma")
        following = self._tokens[self._at + 1].kind if self._at + 1 < len(self._tokens) else ""
        if token.kind == "word" and following == "open_call":
            return self._function(depth)
        if token.kind == "open_list":
            return self._list(depth)
        if token.kind == "open_dict":
            return self._dict(depth)
        if token.kind == "quoted":
            self._at += 1
            return Node(self._source, token.start, token.end, unquoted(self._text(token)))
        return self._primitive(_TEXT)

    def _plain_one(self, element: Node | Sweep) -> Node:
        if isinstance(element, Sweep):
            span = element.span
            message = f"the sweep `{visible(span.text, 40)}` stands inside a value"
            help_ = "a sweep is the whole value: `key=choice(a,b)`"
            self._stop("RCP515", message, Token("", span.start, span.end), help_)
        return element

    def _list(self, depth: int) -> Node:
        start = self._tokens[self._at].start
        self._at += 1
        items: list[Node] = []
        closing = self._take("close_list")
        while closing is None:
            items.append(self._plain_one(self._element(depth + 1)))
            closing = self._take("close_list")
            if closing is None and not self._take("comma"):
                self._stop("RCP510", "the list is not closed", self._peek(), "write `]` at its end, `,` between items")
        return Node(self._source, start, closing.end, items)

    def _dict(self, depth: int) -> Node:
        start = self._tokens[self._at].start
        self._at += 1
        node = Node(self._source, start, start, {}, {})
        closing = self._take("close_dict")
        while closing is None:
            self._pair(node, depth)
            closing = self._take("close_dict")
            if closing is None and not self._take("comma"):
                self._stop(
                    "RCP510", "the mapping is not closed", self._peek(), "write `}` at its end, `,` between keys"
                )
        node.end = closing.end
        return node

    def _pair(self, node: Node, depth: int) -> None:
        token = self._peek()
        quoted = self._take("quoted")
        key = (
            Node(self._source, quoted.start, quoted.end, unquoted(self._text(quoted)))
            if quoted
            else self._primitive(_KEY)
        )
        if not self._take("colon"):
            self._stop("RCP510", "a key of a mapping has no `:`", self._peek() or token, "write `{key: value}`")
        value = self._plain_one(self._element(depth + 1))
        at = Label(key.span)
        if not isinstance(key.value, str):
            shown = visible(key.span.text, 40)
            self.found.append(
                Diagnostic("RCP207", f"the key `{shown}` is not text", at, help=f'write `"{shown}"` for a text key')
            )
        elif key.value in node.value:
            message = f"duplicate key `{visible(key.value, 60)}`"
            self.found.append(Diagnostic("RCP102", message, at, help="remove one of the two"))
        else:
            node.value[key.value] = value
            (node.keys or {})[key.value] = (key.start, key.end)

    def _primitive(self, kinds: frozenset[str]) -> Node:
        """Text without quotes, or the one number or word that it is."""
        first = self._peek()
        parts: list[Token] = []
        while (token := self._peek()) is not None and token.kind in kinds:
            parts.append(token)
            self._at += 1
        if not parts:
            shown = visible(self._text(first).strip(), 20) if first else ""
            message = f"`{shown}` stands where a value is due" if shown else "a value is missing"
            self._stop("RCP510", message, first, _QUOTE_IT)
        if parts[-1].kind == "space" and len(parts) > 1:
            parts.pop()
        if parts[0].kind == "space" and len(parts) > 1:
            parts.pop(0)
        start, end = parts[0].start, parts[-1].end
        if len(parts) == 1 and parts[0].kind == "space":
            self._stop("RCP510", "a value is missing", parts[0], "write the value, or `null`")
        value = self._scalar(parts[0]) if len(parts) == 1 else "".join(map(self._written, parts))
        if isinstance(value, str) and parts[0].kind == "int" and all(part.kind == "int" for part in parts):
            _, trouble = resolve(value)
            if trouble is not None and trouble.code == "RCP113":
                whole = Token("", start, end)
                self._stop("RCP113", trouble.message, whole, trouble.help)
        return Node(self._source, start, end, value)

    def _written(self, token: Token) -> str:
        return self._text(token)[1::2] if token.kind == "escape" else self._text(token)

    def _scalar(self, token: Token) -> str | bool | float | None:
        text = self._text(token)
        if token.kind == "null":
            return None
        if token.kind == "bool":
            return text.lower() == "true"
        if token.kind == "int":
            number = int(text) if len(text) <= _MAX_DIGITS else None
            if number is None or not INT_MIN <= number <= INT_MAX:
                help_ = "write a smaller number, or quote the digits for text"
                self._stop("RCP203", "integer out of range (64 bit)", token, help_)
            return number
        if token.kind == "float":
            value = float(text)
            if not math.isfinite(value):
                self._not_finite(token)
            return value
        return self._written(token)

    def _not_finite(self, token: Token) -> NoReturn:
        text = self._text(token)
        written = text.lstrip("+-").lower()
        sign = "-" if text.startswith("-") and written == "inf" else ""
        help_ = (
            f"write `{{_float_: {sign}{written}}}`, or quote it for text"
            if written in {"inf", "nan"}
            else "write a finite number"
        )
        self._stop("RCP205", f"`{visible(text, 40)}` is not a finite number", token, help_)

    def _function(self, depth: int) -> Node | Sweep:
        name = self._tokens[self._at]
        self._at += 2
        args: list[Node | Sweep] = []
        named: dict[str, Node | Sweep] = {}
        closing = self._take("close_call")
        while closing is None:
            self._argument(args, named, depth)
            closing = self._take("close_call")
            if closing is None and not self._take("comma"):
                self._stop("RCP510", f"`{self._text(name)}(` is not closed", self._peek(), "write `)` at its end")
        span = Span(self._source, name.start, closing.end)
        outcome = call(self._text(name), args, named, span)
        if isinstance(outcome, Wrong):
            self._stop(outcome.code, outcome.message, Token("", span.start, span.end), outcome.help)
        return outcome

    def _argument(self, args: list[Node | Sweep], named: dict[str, Node | Sweep], depth: int) -> None:
        token = self._peek()
        following = self._tokens[self._at + 1].kind if self._at + 1 < len(self._tokens) else ""
        if token is not None and token.kind == "word" and following == "equal":
            self._at += 2
            name = self._text(token)
            if name in named:
                self._stop("RCP510", f"`{visible(name, 40)}` is given twice", token, "remove one of the two")
            named[name] = self._element(depth + 1)
        elif named:
            self._stop("RCP510", "a value without a name stands after one with a name", token, "put it first")
        else:
            args.append(self._element(depth + 1))
