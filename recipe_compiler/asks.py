"""What a job asks for, as plain data: what a policy weighs, at compile and again at submission.

`of` takes it from a settled recipe, `read` from the manifest and the call of a bundle; both give
the same facts, so a policy that has not changed says the same twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recipe_compiler.diag import Route
from recipe_compiler.entry import KINDS
from recipe_compiler.forms import enum_of
from recipe_compiler.policy import ROUTED
from recipe_compiler.settle import Settled
from recipe_compiler.sweep import Point
from recipe_compiler.syntax import Json, plain

RUNS = 1
"""How often the scheduler may run a job. The script says `--no-requeue`, and what a launcher starts
again runs inside the same time limit, so it costs no more than that."""
MAX_VALUES = 1_000_000
"""Of a call with its shared values in place: a bundle that somebody made by hand may say anything."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A folder that the container sees."""

    source: str
    target: str
    mode: str


@dataclass(frozen=True, slots=True)
class ImageAsked:
    """An image by the name that the recipe said, and the file and digest that the job takes."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Asks:
    """One job. Times in seconds."""

    kind: str
    """`function`, or what the recipe says instead of one."""
    functions: tuple[tuple[Route, str], ...]
    """Each function that is named, at every depth, and where first."""
    recipe: Mapping[str, Json]
    """What the recipe itself says, of the keys that a policy can ask about."""
    sets: tuple[tuple[Route, Json], ...]
    """What the points of a sweep set, each once."""
    nodes: int
    gpus_per_node: int
    cpus_per_node: int | None
    mem_mib_per_node: int | None
    walltime_s: int
    points: int | None
    """None where the sweep could not be counted."""
    runs: int
    partition: str | None
    account: str | None
    qos: str | None
    image: ImageAsked | None
    binds: tuple[Bound, ...]

    @property
    def gpus(self) -> int:
        """Of all nodes together."""
        return self.nodes * self.gpus_per_node

    def data(self) -> dict[str, Any]:
        """What a manifest says of it beside `job` and the call, which hold the rest."""
        return {
            "kind": self.kind,
            "functions": sorted({name for _, name in self.functions}),
            "recipe": {key: value for key, value in self.recipe.items() if key != "args"},
            "runs": self.runs,
            "binds": [f"{one.source}:{one.target}:{one.mode}" for one in self.binds],
        }


def of(settled: Settled, points: Sequence[Point], *, counted: bool = True) -> Asks:
    """The facts of a settled recipe; `counted` is false where its sweep has no points because it is wrong."""
    recipe = {key: plain(settled.tree.value[key]) for key in ROUTED if key in settled.tree.value}
    sets = _once((route, value) for point in points for route, value in point.values)
    image = settled.image_file
    function = settled.recipe.function
    return Asks(
        kind=next(kind for kind in KINDS if getattr(settled.recipe, kind) is not None),
        functions=_functions(function, recipe.get("args"), sets),
        recipe=recipe,
        sets=sets,
        nodes=settled.nodes.value,
        gpus_per_node=settled.gpus_per_node.value,
        cpus_per_node=settled.cpus_per_node.value,
        mem_mib_per_node=settled.mem_per_node.value,
        walltime_s=settled.time_s.value,
        points=(len(points) or 1) if counted else None,
        runs=RUNS,
        partition=settled.partition.value,
        account=settled.account.value,
        qos=settled.qos.value,
        image=ImageAsked(settled.image.value, image.path, image.sha256) if image else None,
        binds=tuple(Bound(one.source, one.target, one.mode) for one in settled.cluster.binds) if image else (),
    )


def read(files: Mapping[str, str], manifest: Mapping[str, Any]) -> Asks:
    """The facts of a bundle. What it runs is read from its call, which is what runs.

    Raises ValueError for a bundle that does not say them: it is of another release, or made by hand.
    """
    try:
        job, said = manifest["job"], manifest["asks"]
        call = json.loads(files["call.json"])
        args = _Unshared(call.get("shared", [])).value(call.get("args", {}))
        points = [json.loads(line) for line in files.get("points.jsonl", "").splitlines()]
        sets = _once((tuple(route), value) for point in points for route, value in point["set"])
        function = call.get("function")
        named = _functions(function, args, sets)
        image = job["image"]
        return Asks(
            kind="function" if isinstance(function, str) else next(kind for kind in KINDS[1:] if kind in call),
            functions=(*named, *((("args",), str(name)) for name in said["functions"])),
            recipe={**{key: said["recipe"][key] for key in ROUTED if key in said["recipe"]}, "args": args},
            sets=sets,
            nodes=_count(job["nodes"]),
            gpus_per_node=_count(job["gpus_per_node"]),
            cpus_per_node=_count(job["cpus_per_node"] or 0) or None,
            mem_mib_per_node=_count(job["mem_mib_per_node"] or 0) or None,
            walltime_s=_count(job["walltime_s"]),
            points=max(len(points), 1),
            runs=_count(said["runs"]),
            partition=_text(job["partition"]),
            account=_text(job["account"]),
            qos=_text(job["qos"]),
            image=ImageAsked(str(image["name"]), str(image["path"]), str(image["sha256"])) if image else None,
            binds=tuple(Bound(*one.rsplit(":", 2)) for one in said["binds"]),
        )
    except (KeyError, TypeError, AttributeError, StopIteration, RecursionError) as error:
        msg = "the bundle does not say what it asks for"
        raise ValueError(msg) from error


def _count(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _text(value: object) -> str | None:
    if not (value is None or isinstance(value, str)):
        raise TypeError
    return value


class _Unshared:
    """Plain data with each `{_shared_: N}` replaced by the value that it stands for."""

    def __init__(self, shared: Sequence[Json]) -> None:
        self._shared = shared
        self._left = MAX_VALUES

    def value(self, data: Json) -> Json:
        self._left -= 1
        if self._left < 0:
            raise RecursionError
        if isinstance(data, list):
            return [self.value(item) for item in data]
        if not isinstance(data, dict) or data.get("_raw_") is True:
            return data
        if data.keys() == {"_shared_"}:
            return self.value(self._shared[data["_shared_"]])
        return {key: self.value(item) for key, item in data.items()}


def _once(items: Iterator[tuple[Route, Json]]) -> tuple[tuple[Route, Json], ...]:
    """A grid gives a value to many points; the first is enough."""
    seen: dict[tuple[Route, str], tuple[Route, Json]] = {}
    for route, value in items:
        seen.setdefault((route, json.dumps(value)), (route, value))
    return tuple(seen.values())


def _functions(function: str | None, args: Json, sets: Sequence[tuple[Route, Json]]) -> tuple[tuple[Route, str], ...]:
    first: dict[str, Route] = {} if function is None else {function: ("function",)}
    for route, value in ((("args",), args), *sets):
        for at, name in _named(value, route):
            first.setdefault(name, at)
    return tuple((at, name) for name, at in first.items())


def _named(value: Json, at: Route) -> Iterator[tuple[Route, str]]:
    """Each function and enum that a value names, and where."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named(item, (*at, index))
    if not isinstance(value, dict) or value.get("_raw_") is True:
        return
    for key, item in value.items():
        if key == "_target_" and isinstance(item, str):
            yield (*at, key), item
        elif key == "_enum_" and isinstance(item, str) and "." in item:
            yield (*at, key), enum_of(item)
        else:
            yield from _named(item, (*at, key))
