"""Arithmetic over one number: `value * 2`, `max(1, round(value / 3, 4))`. A grammar of its own, no `eval`.

    sum     = product {("+" | "-") product}
    product = unary {("*" | "/" | "//" | "%") unary}
    unary   = ("-" | "+") unary | power
    power   = atom ["**" unary]
    atom    = number | "value" | "(" sum ")" | function "(" sum {"," sum} ")"

Operators bind and compute as Python's do. A text, an integer on the way and an exponent have limits,
so no expression takes long. Powers of floats are rounded from decimal digits and not by the machine's
C library: the same on every machine.
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from recipe_compiler.diag import did_you_mean, visible

Number: TypeAlias = int | float
MAX_TEXT = 400
MAX_DEPTH = 32
MAX_BITS = 256
MAX_DIGITS = 20
INT_MIN, INT_MAX = -(2**63), 2**64 - 1
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|//|[-+*/%(),])|(?P<odd>\S)"
)
_HELP = "write arithmetic over `value`, such as `value * 2`; functions: {}"


class Trouble(Exception):  # noqa: N818  what is wrong with an expression, caught by its caller
    """Why a text is no expression, or has no result: the message, the characters it is about, what to write."""

    def __init__(self, message: str, start: int, end: int, help_: str) -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.help = message, start, end, help_


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _Step(NamedTuple):
    """One step of a stack machine: take `takes` numbers, put what `name` makes of them."""

    name: str
    takes: int
    number: Number
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that was read: its steps, in the order they are computed."""

    steps: tuple[_Step, ...]

    def of(self, value: Number) -> Number:
        """The result for `value`. Raises `Trouble`."""
        stack: list[Number] = []
        for step in self.steps:
            if step.takes:
                taken = stack[-step.takes :]
                del stack[-step.takes :]
                stack.append(_computed(step, taken))
            else:
                stack.append(value if step.name == "value" else step.number)
        result, last = stack.pop(), self.steps[-1]
        if isinstance(result, int) and not INT_MIN <= result <= INT_MAX:
            raise Trouble("the result is out of range (64 bit)", last.start, last.end, "write a smaller number")
        return result


def read(text: str) -> Expression:
    """The expression that `text` says. Raises `Trouble`."""
    if len(text) > MAX_TEXT:
        raise Trouble(f"longer than {MAX_TEXT} characters", 0, len(text), "compute it in the function")
    tokens = [
        _Token(str(match.lastgroup), match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)
    ]
    reader = _Reader(tokens, len(text))
    reader.sum()
    if reader.token.kind != "end":
        raise reader.unexpected()
    return Expression(tuple(reader.steps))


class _Reader:
    """One pass over the tokens; `steps` grows as operands are known."""

    def __init__(self, tokens: Sequence[_Token], length: int) -> None:
        self.steps: list[_Step] = []
        self._tokens = (*tokens, _Token("end", "", length, length))
        self._at = self._depth = 0

    @property
    def token(self) -> _Token:
        return self._tokens[self._at]

    def sum(self) -> None:
        self._left(self._product, ("+", "-"))

    def unexpected(self) -> Trouble:
        token = self.token
        what = f"`{visible(token.text)}` is not expected here" if token.text else "the expression ends too early"
        return Trouble(what, token.start, token.end, _HELP.format(", ".join(_FUNCTIONS)))

    def _product(self) -> None:
        self._left(self._unary, ("*", "/", "//", "%"))

    def _left(self, operand: Callable[[], None], signs: tuple[str, ...]) -> None:
        operand()
        while self.token.text in signs:
            sign = self._next()
            operand()
            self._put(sign.text, 2, sign)

    def _unary(self) -> None:
        if self.token.text not in {"-", "+"}:
            self._power()
            return
        sign = self._next()
        self._deeper(sign, self._unary)
        self._put(f"{sign.text}1", 1, sign)

    def _power(self) -> None:
        self._atom()
        if self.token.text == "**":
            sign = self._next()
            self._deeper(sign, self._unary)
            self._put("**", 2, sign)

    def _atom(self) -> None:
        token = self.token
        if token.kind == "number":
            self._put("number", 0, self._next(), _number(token))
        elif token.text == "(":
            self._deeper(self._next(), self.sum)
            self._close()
        elif token.kind == "name" and token.text == "value":
            self._put("value", 0, self._next())
        elif token.kind == "name":
            self._call(self._next())
        else:
            raise self.unexpected()

    def _call(self, name: _Token) -> None:
        shown = visible(name.text, 40)
        if name.text not in _FUNCTIONS:
            near = did_you_mean(name.text, ["value", *_FUNCTIONS])
            help_ = (f"did you mean `{near}`? " if near else "") + _HELP.format(", ".join(_FUNCTIONS))
            raise Trouble(f"there is no `{shown}` in an expression", name.start, name.end, help_)
        if self.token.text != "(":
            raise self.unexpected()
        self._deeper(self._next(), self.sum)
        count = 1
        while self.token.text == ",":
            self._deeper(self._next(), self.sum)
            count += 1
        self._close()
        least, most = _FUNCTIONS[name.text]
        if not least <= count <= most:
            takes = f"{least} or more values" if most > 2 else "1 or 2 values" if most == 2 else "1 value"
            raise Trouble(f"`{shown}` takes {takes}, not {count}", name.start, name.end, f"give it {takes}")
        self._put(name.text, count, name)

    def _close(self) -> None:
        if self.token.text != ")":
            raise self.unexpected()
        self._next()

    def _next(self) -> _Token:
        token = self.token
        self._at += 1
        return token

    def _deeper(self, token: _Token, inner: Callable[[], None]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Trouble(f"nested deeper than {MAX_DEPTH} levels", token.start, token.end, "write it flatter")
        inner()
        self._depth -= 1

    def _put(self, name: str, takes: int, token: _Token, number: Number = 0) -> None:
        self.steps.append(_Step(name, takes, number, token.start, token.end))


def _number(token: _Token) -> Number:
    text = token.text
    if text.isdigit():
        if len(text) > 1 and text[0] == "0":
            raise Trouble(f"`{visible(text, 40)}` has a leading zero", token.start, token.end, "write the number alone")
        if len(text) <= MAX_DIGITS and int(text) <= INT_MAX:
            return int(text)
    elif math.isfinite(float(text)):
        return float(text)
    raise Trouble(f"`{visible(text, 40)}` is too large", token.start, token.end, "write a smaller number")


_FUNCTIONS = {"min": (2, MAX_TEXT), "max": (2, MAX_TEXT), "round": (1, 2), "int": (1, 1), "float": (1, 1)}
"""The functions, and how many values each takes."""
_OPERATORS: dict[str, Callable[..., Number]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
    "-1": lambda one: -one,
    "+1": lambda one: +one,
    "min": min,
    "max": max,
    "int": int,
    "float": float,
}


def _computed(step: _Step, taken: Sequence[Number]) -> Number:
    try:
        if step.name == "**":
            result = _power(step, *taken)
        elif step.name == "round":
            result = _round(step, *taken)
        else:
            result = _OPERATORS[step.name](*taken)
    except ZeroDivisionError:
        help_ = "divide by a number that is never 0, such as `max(1, value)`"
        raise Trouble("division by zero", step.start, step.end, help_) from None
    except OverflowError:
        result = math.inf
    if not math.isfinite(result) if isinstance(result, float) else result.bit_length() > MAX_BITS:
        raise Trouble(
            f"the result of `{step.name}` is too large", step.start, step.end, "write an expression of smaller numbers"
        )
    return result


def _power(step: _Step, base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if base.bit_length() * exponent > MAX_BITS and abs(base) > 1:
            raise OverflowError
        power: int = base**exponent
        return power
    if base == 0:
        return float(base) ** exponent  # exact, or a division by zero
    if base < 0 and exponent != math.floor(exponent):
        raise Trouble("a negative number has no such power", step.start, step.end, "write a whole exponent")
    with decimal.localcontext(decimal.Context(prec=40, traps=[])):
        return float(decimal.Decimal(base) ** decimal.Decimal(exponent))


def _round(step: _Step, number: Number, digits: Number = 0) -> Number:
    """Python's `round`; with a second value to that many digits."""
    if not isinstance(digits, int) or abs(digits) > MAX_DIGITS:
        message = f"`round` takes a whole number of digits, at most {MAX_DIGITS}"
        raise Trouble(message, step.start, step.end, "write `round(value, 4)`")
    return round(number) if step.takes == 1 else round(number, digits)
