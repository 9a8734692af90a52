"""The points of a sweep as a scatter plot over its first axes, in SVG drawn from data alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from recipe_compiler.report.html import Html, element
from recipe_compiler.report.written import written

_WIDTH, _HEIGHT = 640, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 20, 18, 58
_SERIES = 6
_TICKS = 8
_LABEL_CHARS = 12
_LOG_RATIO = 10
_STEP_PX = 7
_NAMED = 8


class _Axis(NamedTuple):
    """A route, the place of each of its values from 0 to 1, and where it is marked."""

    route: str
    places: Mapping[str, float]
    ticks: Sequence[tuple[float, str]]
    scale: str


def plot(rows: Sequence[Mapping[str, Any]], values: Mapping[str, Sequence[Any]]) -> Html | None:
    """The plot; None where no value differs. The third axis is the colour, the others share places."""
    varied = [route for route, found in values.items() if len(found) > 1]
    if not varied:
        return None
    x = _axis(varied[0], values[varied[0]])
    y = _axis(varied[1], values[varied[1]]) if len(varied) > 1 else None
    third = next((route for route in varied[2:] if len(values[route]) <= _SERIES), None)
    series = [_key(value) for value in values[third]] if third else [""]
    places: dict[tuple[float, float, int], list[Mapping[str, Any]]] = {}
    for at, row in enumerate(rows):
        across = x.places.get(_key(row["values"].get(x.route)))
        height = at / max(len(rows) - 1, 1) if y is None else y.places.get(_key(row["values"].get(y.route)))
        if across is None or height is None:
            continue
        which = series.index(_key(row["values"][third])) if third and third in row["values"] else 0
        places.setdefault((across, height, which), []).append(row)
    most = max((len(found) for found in places.values()), default=1)
    dots = [_dot(place, found, most, len(series)) for place, found in places.items()]
    up = f"{y.route[:200]} up{y.scale}" if y else "number up"
    said = f"{len(rows)} points: {x.route[:200]} across{x.scale}, {up}"
    picture = element(
        "svg",
        element("title", said),
        *_frame(x, y, len(rows)),
        *dots,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        width=_WIDTH,
        height=_HEIGHT,
        role="img",
        aria_label=said,
        class_="plot",
    )
    legend = _legend(third, values[third]) if third else None
    scroll = element("div", picture, class_="scroll", tabindex="0", role="region", aria_label="plot")
    return element("figure", scroll, element("figcaption", said, legend))


def _key(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _axis(route: str, values: Sequence[Any]) -> _Axis:
    if all(type(value) in {int, float} for value in values):
        numbers = sorted(float(value) for value in values)
        low, high = numbers[0], numbers[-1]
        is_log = low > 0 and high / low >= _LOG_RATIO
        if math.isfinite(high - low) and low < high:
            return _numeric(route, values, is_log=is_log)
    step = 1 / max(len(values) - 1, 1)
    places = {_key(value): at * step for at, value in enumerate(values)}
    every = math.ceil(len(values) / _TICKS)
    ticks = [(at * step, written(value, _LABEL_CHARS)) for at, value in enumerate(values) if at % every == 0]
    return _Axis(route, places, ticks, "")


def _numeric(route: str, values: Sequence[float], *, is_log: bool) -> _Axis:
    low, high = min(values), max(values)

    def place(value: float) -> float:
        if is_log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    marks: list[float] = sorted(set(values))
    if len(marks) > _TICKS:
        marks = [low * (high / low) ** (at / 4) if is_log else low + (high - low) * at / 4 for at in range(5)]
    shown = {place(mark): f"{mark:.4g}" for mark in marks}
    spaced: list[tuple[float, str]] = []
    for at, label in shown.items():
        if not spaced or at - spaced[-1][0] > 0.06:
            spaced.append((at, label))
    return _Axis(route, {_key(value): place(value) for value in values}, spaced, " (log)" if is_log else "")


def _x(place: float) -> float:
    return _LEFT + 14 + place * (_WIDTH - _LEFT - _RIGHT - 28)


def _y(place: float) -> float:
    return _HEIGHT - _BOTTOM - 12 - place * (_HEIGHT - _TOP - _BOTTOM - 24)


def _frame(x: _Axis, y: _Axis | None, count: int) -> list[Html]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [
        element("line", x1=_LEFT, y1=bottom, x2=right, y2=bottom, class_="axis"),
        element("line", x1=_LEFT, y1=_TOP, x2=_LEFT, y2=bottom, class_="axis"),
    ]
    for place, label in x.ticks:
        parts.append(element("line", x1=_x(place), y1=_TOP, x2=_x(place), y2=bottom, class_="grid"))
        parts.append(element("text", label, x=_x(place), y=bottom + 18, text_anchor="middle"))
    ticks = y.ticks if y is not None else [(0.0, "0"), (1.0, str(count - 1))]
    for place, label in ticks:
        parts.append(element("line", x1=_LEFT, y1=_y(place), x2=right, y2=_y(place), class_="grid"))
        parts.append(element("text", label, x=_LEFT - 8, y=_y(place) + 4, text_anchor="end"))
    name = f"{x.route[-60:]}{x.scale}"
    parts.append(element("text", name, x=(_LEFT + right) / 2, y=_HEIGHT - 12, text_anchor="middle", class_="name"))
    up = f"{y.route[-40:]}{y.scale}" if y is not None else "number"
    parts.append(element("text", f"↑ {up}", x=8, y=12, class_="name"))
    return parts


def _dot(place: tuple[float, float, int], found: Sequence[Mapping[str, Any]], most: int, series: int) -> Html:
    across, up, which = place
    shift = (which - (series - 1) / 2) * _STEP_PX
    radius = 4 + 5 * math.sqrt(len(found) / most) if most > 1 else 5.0
    names = ", ".join(f"#{row['index']}" for row in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    sets = " ".join(f"{route[:80]}={written(value, 40)}" for route, value in list(found[0]["values"].items())[:_NAMED])
    title = f"{names}{more}: {sets}" if len(found) == 1 else f"{len(found)} points: {names}{more}"
    return element(
        "circle", element("title", title), cx=_x(across) + shift, cy=_y(up), r=radius, class_=f"dot s{which}"
    )


def _legend(route: str, values: Sequence[Any]) -> Html:
    items = [
        element("li", element("i", class_=f"s{at}"), " ", element("code", written(value, 40)))
        for at, value in enumerate(values)
    ]
    return element("div", element("code", route[:200]), element("ul", *items, class_="legend"))
