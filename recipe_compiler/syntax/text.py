"""Phase one of a parse: bytes become text, and characters that hide text are refused.

U+2028, U+2029, U+0085 and a lone CR end a comment for YAML but not for git or an editor;
bidi controls and zero-width characters make a reviewer read other text than the compiler.
Source: CVE-2021-42574 ("Trojan Source"); YAML 1.1, section 4.1.4.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from recipe_compiler.diag import Diagnostic, Label, Source, Span, visible

MAX_BYTES = 1 << 20
MAX_ODD = 1000
"""Findings of one kind that are made; fewer are shown."""
_PLAIN = re.compile(r"[\t\n -~]*\Z")
"""Most files: one look at each character says that there is nothing to find."""
_ODD = re.compile(
    "([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff"
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff])\\1*|\r(?!\n)"
)
_BREAKS = frozenset("\r\x85\u2028\u2029")
_TAB_INDENT = re.compile(r"^[ ]*\t[ \t]*(?=[^\s#])", re.MULTILINE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(file: str, data: bytes) -> tuple[Source | None, list[Diagnostic]]:
    """The text of `data`, or why it is not UTF-8 text of a sensible size."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB"
        readable = Source(file, data[: MAX_BYTES + 1].decode("utf-8", "replace"))
        last = Label(Span(readable, len(readable.text) - 1, len(readable.text)), "the first byte too many")
        return None, [Diagnostic("RCP106", message, last, help="split it, or move data out of the recipe")]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, [_not_utf8(file, data, 0, f"the file is UTF-{32 if data[2:4] == bytes(2) else 16}")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(file, data, error.start, "the file is not UTF-8")]
    if (at := data.find(b"\0")) >= 0:
        return None, [_not_utf8(file, data, at, "the file has a NUL byte")]
    return Source(file, text.removeprefix("\ufeff")), []


def _not_utf8(file: str, data: bytes, at: int, message: str) -> Diagnostic:
    readable = Source(file, data.decode("utf-8", "replace").removeprefix("\ufeff"))
    offset = len(data[:at].decode("utf-8", "replace").removeprefix("\ufeff"))
    span = Span(readable, offset, offset + 1)
    return Diagnostic("RCP100", f"{message}: byte {at} is 0x{data[at]:02x}", Label(span), help="save the file as UTF-8")


def hidden(source: Source) -> list[Diagnostic]:
    """A finding for each of the first `MAX_ODD` runs of characters that a reader cannot see."""
    if _PLAIN.match(source.text):
        return []
    return [_hidden(source, match) for match in islice(_ODD.finditer(source.text), MAX_ODD)]


def _hidden(source: Source, match: re.Match[str]) -> Diagnostic:
    char = match.group(1) or match.group()
    label = Label(Span(source, *match.span()), unicodedata.name(char, "control character").lower())
    shown = visible(char)
    if char in _BREAKS:
        message = f"invisible line break {shown}: YAML ends the line here, git and editors do not"
        return Diagnostic("RCP114", message, label, help="end lines with LF")
    if _CONTROL.match(char):
        return Diagnostic("RCP206", f"control character {shown} in the file", label, help="remove it")
    return Diagnostic("RCP703", f"hidden character {shown} in the file", label, help="remove it")


def control(text: str) -> str | None:
    """The first control character of a value (line breaks and tabs are text), or None."""
    if text.isprintable():
        return None
    match = _CONTROL.search(text)
    return match.group() if match else None


def odd_key(key: str) -> str | None:
    """Why another key may look the same as `key`, or None. Joiners are text in a value, a trap in a key."""
    if "\u200c" in key or "\u200d" in key:
        return "has a hidden character"
    if not unicodedata.is_normalized("NFC", key):
        return "has a letter and its accent as two characters (it is not in Unicode normal form NFC)"
    return None


def untabbed(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with tabs in indentation as single spaces (offsets stay), and where they were."""
    places = [(match.start() + match.group().index("\t"), match.end()) for match in _TAB_INDENT.finditer(text)]
    return _TAB_INDENT.sub(lambda match: match.group().replace("\t", " "), text), places
