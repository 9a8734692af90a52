"""Plain scalars by the YAML 1.2 core schema, and the words that YAML 1.1 reads otherwise.

PyYAML's own resolver is YAML 1.1: `no` is false, `1e-4` is text, `24:00:00` is 86400.
Source: YAML 1.2.2, section 10.3.2; PyYAML 6.0.3, `resolver.py`, for what 1.1 would read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_STARTS = frozenset("0123456789+-.~nNtTfFyYoO")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"([-+]?)(?:([0-9]+)(\.[0-9]*)?|(\.[0-9]+))(?:[eE]([-+]?)([0-9]+))?\Z")
_NON_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_FLOAT_11 = re.compile(r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?\Z|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?\Z")
_INT_11 = re.compile(r"[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)\Z")
_SEXAGESIMAL_11 = re.compile(r"[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)\Z")
_WORDS_11 = frozenset(form for word in ("yes", "no", "on", "off") for form in (word, word.capitalize(), word.upper()))
INT_MIN, INT_MAX = -(2**63), 2**64 - 1
_MAX_DIGITS = 24
_MAX_SHOWN = 40
"""Longer scalars are read, and not warned about."""


class Trouble(NamedTuple):
    """What is wrong with, or doubtful about, a scalar: a code, the message and what to write."""

    code: str
    message: str
    help: str
    replacement: str | None = None
    safe: bool = False


def resolve(text: str) -> tuple[bool | int | float | str | None, Trouble | None]:
    """The value of the plain scalar `text`, and what to say about it."""
    if text and text[0] not in _STARTS:
        return text, None
    if text in NULLS:
        return None, None
    if text in BOOLS:
        return BOOLS[text], None
    if text[0] in "nNtTfFyYoO~":
        return text, _word_trouble(text) if text in _WORDS_11 else None
    if _INT.match(text):
        return _integer(text)
    if _BASED.match(text):
        return _based(text)
    if match := _FLOAT.match(text):
        return _floating(text, match)
    if _NON_FINITE.match(text):
        form = text.replace(".", "").lower().lstrip("+")
        help_ = f'write a number, for an argument `{{_float_: {form}}}`, or `"{text}"` for the text'
        return None, Trouble("RCP205", f"`{text}` is not a finite number", help_)
    return text, _text_trouble(text)


def _word_trouble(text: str) -> Trouble:
    meaning = "true" if text.lower() in {"yes", "on"} else "false"
    return Trouble(
        "RCP110",
        f'`{text}` is the text "{text}" here (YAML 1.2), other loaders read it as {meaning}',
        f'write `{meaning}`, or `"{text}"` for the text',
    )


def _integer(text: str) -> tuple[int | None, Trouble | None]:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0":
        number = digits.lstrip("0") or "0"
        octal = set(digits) <= set("01234567")
        other = str(int(digits, 8)) if octal and len(digits) <= _MAX_DIGITS else number
        meant = f"`{_short(number)}`" + (f" or `{other}`" if other != number else "")
        return None, Trouble(
            "RCP113",
            f"`{_short(text)}` is ambiguous: decimal in YAML 1.2, {'octal' if octal else 'text'} in YAML 1.1",
            f'write {meant} for the number, or `"{_short(text)}"` for the text',
        )
    return _ranged(text, 10)


def _based(text: str) -> tuple[int | None, Trouble | None]:
    value, trouble = _ranged(text[2:], 8 if text[1] == "o" else 16)
    if trouble is None and text[1] == "o":
        trouble = _number_trouble(text, f"the number {value}", str(value))
    return value, trouble


def _ranged(digits: str, base: int) -> tuple[int | None, Trouble | None]:
    # int() of a long text is quadratic, and since Python 3.11 an error without a place.
    value = int(digits, base) if len(digits) <= _MAX_DIGITS else None
    if value is None or not INT_MIN <= value <= INT_MAX:
        return None, Trouble(
            "RCP203", "integer out of range (64 bit)", "write a smaller number, or quote the digits for text"
        )
    return value, None


def _floating(text: str, match: re.Match[str]) -> tuple[float | None, Trouble | None]:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        help_ = "write a finite number, or quote the digits for text"
        return None, Trouble("RCP205", f"`{_short(text)}` is too large for a 64-bit float", help_)
    if len(text) > _MAX_SHOWN or _FLOAT_11.match(text):
        return value, None
    sign, whole, point, bare, exponent_sign, exponent = match.groups()
    mantissa = f"0{bare}" if bare else whole + (point if point and point != "." else ".0")
    power = f"e{exponent_sign or '+'}{exponent}" if exponent else ""
    return value, _number_trouble(text, f"the number {value!r}", f"{sign}{mantissa}{power}", safe=True)


def _number_trouble(text: str, meaning: str, replacement: str, *, safe: bool = False) -> Trouble:
    return Trouble(
        "RCP111",
        f'`{text}` is {meaning} here (YAML 1.2), YAML 1.1 loaders such as PyYAML read the text "{text}"',
        f"write `{replacement}`, which every loader reads as a number",
        replacement,
        safe,
    )


def _text_trouble(text: str) -> Trouble | None:
    if len(text) > _MAX_SHOWN:
        return None
    quoted = f'"{text}"'
    if _SEXAGESIMAL_11.match(text):
        return Trouble(
            "RCP112",
            f"`{text}` is text here (YAML 1.2), YAML 1.1 loaders read a number in base 60",
            f"write `{quoted}`",
            quoted,
            safe=True,
        )
    if _INT_11.match(text) or _FLOAT_11.match(text):
        return Trouble(
            "RCP111",
            f"`{text}` is text here (YAML 1.2), YAML 1.1 loaders read a number",
            f"write `{quoted}` for the text, or the number in plain digits",
        )
    return None


def _short(text: str) -> str:
    return text if len(text) <= _MAX_DIGITS else text[:_MAX_DIGITS] + "…"
