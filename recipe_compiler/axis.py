"""The values of one axis of a sweep: a list, or one of the forms that stand for one."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

from recipe_compiler.diag import Diagnostic, Route, route_text
from recipe_compiler.syntax import Json, Node, label

_FORMS = ("range", "linspace", "logspace", "choice")
_FORMS_HELP = (
    "write a list, `{range: [start, stop, step]}`, `{linspace: [first, last, count]}`, "
    "`{logspace: [first, last, count]}` or `{choice: {of: […], count: 2, seed: 0}}`"
)


def values_of(written: Json, at: Route, root: Node, found: list[Diagnostic]) -> Sequence[Json] | None:
    """The values of an axis: a list, or a mapping of one of the forms."""
    if isinstance(written, list) and written:
        return written
    form = next(iter(written)) if isinstance(written, dict) and len(written) == 1 else None
    numbers = written[form] if form in _FORMS else None
    if form == "choice":
        chosen = _choice(numbers)
        if chosen is not None:
            return chosen
    elif form is not None and isinstance(numbers, list) and all(type(one) in {int, float} for one in numbers):
        if form == "range" and len(numbers) in {2, 3} and (len(numbers) == 2 or numbers[2]):
            steps = _range(*numbers)
            if steps is not None:
                return steps
        spaced = len(numbers) == 3 and type(numbers[2]) is int and numbers[2] > 1
        if form == "linspace" and spaced and math.isfinite(float(numbers[1]) - float(numbers[0])):
            return _Spaced(*numbers, log=False)
        if form == "logspace" and spaced and min(numbers[:2]) > 0 and 0 < numbers[1] / numbers[0] < math.inf:
            return _Spaced(*numbers, log=True)
    message = f"`{route_text(at)}` gives no values"
    found.append(Diagnostic("RCP531", message, label(root, at), help=_FORMS_HELP, route=at))
    return None


def _round(value: float) -> float:
    """To 12 digits: the last ones differ between maths libraries, and bytes must not."""
    return float(f"{value:.12g}")


class _Spaced(Sequence[float]):
    """`count` numbers from `first` to `last`, both included, evenly or by equal ratios."""

    def __init__(self, first: float, last: float, count: int, *, log: bool) -> None:
        self._first, self._last, self.count_, self._log = first, last, count, log

    def __len__(self) -> int:
        return self.count_

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401  an int or a slice
        if isinstance(index, slice):
            return list(islice(self, *index.indices(self.count_)))
        if not 0 <= index < self.count_:
            raise IndexError(index)
        part = index / (self.count_ - 1)
        if self._log:
            return _round(self._first * math.exp(math.log(self._last / self._first) * part))
        return _round(self._first + (self._last - self._first) * part)


def _range(start: float, stop: float, step: float = 1) -> Sequence[Json] | None:
    """As Python's range, for floats too: `stop` is not included. None if a float cannot count them."""
    if all(type(one) is int for one in (start, stop, step)):
        return range(int(start), int(stop), int(step))
    steps = (float(stop) - float(start)) / step
    if not math.isfinite(steps):
        return None
    count = max(0, math.ceil(_round(steps)))
    return _Spaced(start, start + step * (count - 1), count, log=False) if count > 1 else [start][:count]


def _choice(written: Json) -> Sequence[Json] | None:
    """`count` of the values of `of`, the same ones for the same `seed` on every machine."""
    if not isinstance(written, dict) or written.keys() != {"of", "count", "seed"}:
        return None
    options, count, seed = written["of"], written["count"], written["seed"]
    if (
        not isinstance(options, list)
        or type(count) is not int
        or type(seed) is not int
        or not 0 < count <= len(options)
    ):
        return None

    def rank(index: int) -> str:
        return hashlib.sha256(f"{seed}:{index}:{json.dumps(options[index], sort_keys=True)}".encode()).hexdigest()

    chosen = sorted(range(len(options)), key=rank)[:count]
    return [options[index] for index in sorted(chosen)]


def count_of(values: Sequence[Json]) -> int:
    """`len` of any number: Python's own ends at 2**63."""
    if isinstance(values, range):
        return max(0, -((values.start - values.stop) // values.step))
    return values.count_ if isinstance(values, _Spaced) else len(values)
