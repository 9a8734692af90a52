"""`k*=2`, `k/=2`, `k+=1`, `k-=1`, and `k+=[a]` for a list.

Numbers are computed as they are written, in decimal: 0.1 three times is 0.3. An integer stays one
where the outcome is whole; a float stays a float.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal

from recipe_compiler.diag import Diagnostic, Label, visible
from recipe_compiler.syntax import Node
from recipe_compiler.syntax.scalars import INT_MAX, INT_MIN

_DECIMAL = Context(prec=50)


def computed(now: Node, operator: str, value: Node, name: str) -> Node | Diagnostic:
    """The node that stands for `now` after the operation, at the place of `value`. Emits: RCP516."""
    if operator == "+" and isinstance(now.value, list) and isinstance(value.value, list):
        return Node(value.source, value.start, value.end, [*now.value, *value.value])
    for node in (now, value):
        if type(node.value) not in {int, float}:
            help_ = f"write the whole value: `{name}=…`" if node is now else f"write a number: `{name}{operator}=2`"
            if isinstance(now.value, list):
                help_ = f"a list takes a list: `{name}+=[…]`"
            what = name if node is now else visible(node.span.text, 40)
            message = f"`{what}` is {_kind(node)}, no number to compute with"
            return Diagnostic("RCP516", message, Label(value.span), (Label(now.span, "set here"),), help=help_)
    done = _number(now.value, operator, value.value)
    if done is None:
        message = f"`{name}` {operator} {value.value} has no value: it is over the range, or a division by 0"
        help_ = f"write the value itself: `{name}=…`"
        return Diagnostic("RCP516", message, Label(value.span), (Label(now.span, "set here"),), help=help_)
    return Node(value.source, value.start, value.end, done)


def _number(now: float, operator: str, value: float) -> int | float | None:
    """The outcome, or None where there is none in 64 bits."""
    one, other = Decimal(repr(now)), Decimal(repr(value))
    if operator == "/" and not other:
        return None
    context = {"*": _DECIMAL.multiply, "/": _DECIMAL.divide, "+": _DECIMAL.add, "-": _DECIMAL.subtract}
    exact = context[operator](one, other)
    if isinstance(now, int) and exact == exact.to_integral_value():
        whole = int(exact) if abs(exact) <= INT_MAX else INT_MAX + 1
        return whole if INT_MIN <= whole <= INT_MAX else None
    done = float(exact)
    return done if math.isfinite(done) else None


def _kind(node: Node) -> str:
    names = {bool: "true or false", str: "text", list: "a list", dict: "a mapping", type(None): "null"}
    return names.get(type(node.value), "no number")
