"""Phase one of a parse: bytes become text, and characters that hide text are refused.

U+2028, U+2029, U+0085 and a lone CR end a comment for YAML but not for git or an editor;
bidi controls and zero-width characters make a reviewer read other text than the compiler.
Source: CVE-2021-42574 ("Trojan Source"); YAML 1.1, section 4.1.4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from recipe_compiler.diag import Diagnostic, Fix, Label, Source, Span, visible

MAX_BYTES = 1 << 20
_ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)"
    "|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
    "|[\U000e0000-\U000e007f]|[\ud800-\udfff]"
)
_BREAKS = frozenset("\r\x85\u2028\u2029")
_TAB_INDENT = re.compile(r"^[ ]*\t[ \t]*(?=[^\s#])", re.MULTILINE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def decode(file: str, data: bytes) -> tuple[Source | None, list[Diagnostic]]:
    """The text of `data`, or why it is not UTF-8 text of a sensible size."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB"
        return None, [Diagnostic("RCP106", message, file=file, help="split it, or move data out of the recipe")]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, [_not_utf8(file, data, 0, "the file is UTF-16")]
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(file, data, error.start, "the file is not UTF-8")]
    if (at := data.find(b"\0")) >= 0:
        return None, [_not_utf8(file, data, at, "the file has a NUL byte")]
    return Source(file, text), []


def _not_utf8(file: str, data: bytes, at: int, message: str) -> Diagnostic:
    readable = Source(file, data.decode("utf-8", "replace"))
    offset = len(data[:at].decode("utf-8", "replace"))
    span = Span(readable, offset, offset + 1)
    return Diagnostic("RCP100", f"{message}: byte {at} is 0x{data[at]:02x}", Label(span), help="save the file as UTF-8")


def hidden(source: Source) -> Iterator[Diagnostic]:
    """A finding for each character that a reader cannot see."""
    if source.text.isascii() and source.text.isprintable():
        return
    for match in _ODD.finditer(source.text):
        char = match.group()
        label = Label(Span(source, match.start(), match.end()), unicodedata.name(char, "control character").lower())
        shown = visible(char)
        if char in _BREAKS:
            message = f"invisible line break {shown}: YAML ends the line here, git and editors do not"
            yield Diagnostic("RCP114", message, label, help="end lines with LF")
        elif char < "\xa0" or "\ud800" <= char <= "\udfff":
            yield Diagnostic("RCP206", f"control character {shown} in the file", label, help="remove it")
        else:
            yield Diagnostic("RCP703", f"hidden character {shown} in the file", label, help="remove it")


def control(text: str) -> str | None:
    """The first control character of a value (line breaks and tabs are text), or None."""
    if text.isprintable():
        return None
    match = _CONTROL.search(text)
    return match.group() if match else None


def tabs(source: Source) -> tuple[str, list[Diagnostic]]:
    """The text with tabs in indentation as single spaces (offsets stay), and the findings."""
    found = []
    for match in _TAB_INDENT.finditer(source.text):
        start = match.start() + match.group().index("\t")
        span = Span(source, start, match.end())
        label = Label(span, "YAML indentation must be spaces")
        fix = Fix(span, "  " * (match.end() - start), "safe")
        found.append(
            Diagnostic("RCP101", "tab used for indentation", label, help="replace each tab with 2 spaces", fix=fix)
        )
    spaced = _TAB_INDENT.sub(lambda match: match.group().replace("\t", " "), source.text)
    return spaced, found
