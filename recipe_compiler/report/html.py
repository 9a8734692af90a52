"""HTML and SVG that cannot be written without escaping.

`element` is the one way to make `Html`: text among its children is escaped, attributes are
escaped and their names are on a list, and no attribute can hold a script, a style or an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from recipe_compiler.diag import visible

_TAGS: Final = re.compile(
    "a|body|button|circle|code|dd|details|div|dl|dt|figcaption|figure|footer|g|h[12]|header|i|input|label|li|line|main|nav"
    "|p|path|pre|rect|section|span|summary|svg|table|tbody|td|text|th|thead|title|tr|ul"
)
_VOID: Final = "input"
_ATTRIBUTES: Final = re.compile(
    "aria-[a-z]+|data-[a-z]+|autocomplete|class|cx|cy|d|for|height|hidden|href|id|lang|open|placeholder|r|role|rx|scope"
    "|spellcheck|tabindex|text-anchor|title|type|viewBox|width|x|x1|x2|xmlns|y|y1|y2"
)
_FRAGMENT: Final = re.compile(r"#[A-Za-z0-9_-]+")


class Html:
    """Markup. Only this module makes it, from escaped text."""

    __slots__ = ("_text",)

    def __init__(self, token: object, text: str) -> None:
        """Hold `text`. `token` is this module's own, so that nobody else calls this."""
        if token is not _TOKEN:
            msg = "Html is made by `element`"
            raise TypeError(msg)
        self._text = text

    def __str__(self) -> str:
        """The markup."""
        return self._text


_TOKEN: Final = object()


def text(value: str) -> Html:
    """Escaped text; control and bidi characters are shown as escapes, line ends and tabs stay."""
    if not value.isascii() or not value.isprintable():
        lines = value.split("\n")
        value = "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in lines)
    return Html(_TOKEN, escape(value, quote=True))


def joined(parts: Iterable[Html | str]) -> Html:
    """One piece of several."""
    return Html(_TOKEN, "".join(str(part if isinstance(part, Html) else text(part)) for part in parts))


def element(tag: str, *children: Html | str | None, **attributes: str | float | bool | None) -> Html:
    """`<tag …>children</tag>`. `class_` and `for_` are attributes whose names are Python's; `_` stands for `-`.

    An attribute that is None or False is left out, one that is True has no value. Raises: ValueError.
    """
    if not _TAGS.fullmatch(tag):
        msg = f"no tag {tag!r} is written"
        raise ValueError(msg)
    head = tag + "".join(_attribute(name, value) for name, value in attributes.items())
    if tag == _VOID:
        return Html(_TOKEN, f"<{head}>")
    return Html(_TOKEN, f"<{head}>{joined(child for child in children if child is not None)}</{tag}>")


def _attribute(name: str, value: str | float | bool | None) -> str:
    name = name.rstrip("_").replace("_", "-")
    if not _ATTRIBUTES.fullmatch(name):
        msg = f"no attribute {name!r} is written"
        raise ValueError(msg)
    if name == "href" and not (isinstance(value, str) and _FRAGMENT.fullmatch(value)):
        msg = f"{value!r} is not a place of this page"
        raise ValueError(msg)
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{text(_number(value))}"'


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
