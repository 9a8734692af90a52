"""One job as a reader compares and looks at it: its facts, its parameters, its points, its files.

It is read off a bundle, and a bundle may come from anybody: every fact is checked for its type,
and a `call.json` that refers to itself, or to more than can be looked at, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from recipe_compiler.budget import gpu_hours
from recipe_compiler.bundle import Bundle
from recipe_compiler.diag import Diagnostic, Diagnostics, below, route_text
from recipe_compiler.schema.fields import duration_text

MAX_LEAVES = 100_000
MAX_DEPTH = 128
_SHARED = "_shared_"
_NUMBERS = ("nodes", "gpus_per_node", "nproc_per_node", "world_size", "walltime_s")


class Value(NamedTuple):
    """A value and the place of who set it, `file:line`; none for what follows from others."""

    value: Any
    place: str | None = None


class Call(NamedTuple):
    """A function that is called to build an argument, and where its result goes."""

    key: str
    target: str
    into: str | None
    """The key of the call that takes it; None for the job's own function."""
    name: str
    """The route of the argument, from the call that takes it."""


class Side(NamedTuple):
    """One job."""

    title: str
    name: str
    digest: str
    cluster: str
    job: Mapping[str, Value]
    """World size, GPU-hours, image and what else the job asks, by name."""
    parameters: Mapping[str, Value]
    """Each leaf of the arguments, the environment and the options, by route."""
    points: tuple[Mapping[str, Any], ...]
    """Index, digest, name and values of each point."""
    files: Mapping[str, str]
    inputs: Mapping[str, str]
    """The digest of each file that went in, by name."""
    layers: tuple[str, ...]
    """The recipe's own file and its bases."""
    calls: tuple[Call, ...]


class _Odd(Exception):  # noqa: N818  says what it is
    """A fact is not what recipec writes."""


def side_of(title: str, bundle: Bundle) -> tuple[Side | None, Diagnostics]:
    """The bundle as one side, called `title`. Emits: RCP824."""
    try:
        return _side(title, bundle), ()
    except _Odd as error:
        message = f"`{bundle.folder}` was not written by recipec: {error}"
        help_ = "compile it again, or fetch it again"
        return None, (Diagnostic("RCP824", message, file=title, help=help_),)


def _side(title: str, bundle: Bundle) -> Side:
    manifest = bundle.manifest
    job, cluster, inputs = (_mapping(manifest, key) for key in ("job", "cluster", "inputs"))
    places = {key: value for key, value in _mapping(manifest, "values").items() if isinstance(value, str)}
    call = _json(bundle.files.get("call.json", ""), "call.json")
    if not isinstance(call, dict):
        raise _Odd("call.json is not a mapping")
    points = tuple(_point(line) for line in bundle.files.get("points.jsonl", "").splitlines())
    name = str(cluster.get("name"))
    return Side(
        title=title,
        name=bundle.name,
        digest=bundle.digest,
        cluster=name,
        job=_facts(bundle.name, job, cluster, places, len(points)),
        parameters=_parameters(call, job, places, name),
        points=points,
        files=bundle.files,
        inputs=_inputs(inputs, cluster, str(manifest.get("recipec"))),
        layers=tuple(map(str, _mapping(inputs, "recipe"))),
        calls=tuple(_Calls(call).found(str(job.get("function")))),
    )


def _facts(
    name: str, job: Mapping[str, Any], cluster: Mapping[str, Any], places: Mapping[str, str], points: int
) -> dict[str, Value]:
    for key in _NUMBERS:
        if type(job.get(key)) is not int or job[key] < 0:
            raise _Odd(f"`job.{key}` is not a number")
    image = job["image"] if isinstance(job.get("image"), dict) else {}
    hours = gpu_hours(job["nodes"], job["gpus_per_node"], job["walltime_s"], points=points or 1)
    memory = job.get("mem_mib_per_node")
    facts: dict[str, tuple[Any, str | None]] = {
        "name": (name, "name"),
        "cluster": (str(cluster.get("name")), None),
        "runs": (job.get("function"), "function"),
        "nodes": (job["nodes"], "resources.nodes"),
        "GPUs per node": (job["gpus_per_node"], "resources.gpus_per_node"),
        "world size": (job["world_size"], None),
        "time": (duration_text(job["walltime_s"]), "resources.time"),
        "points": (points or None, "sweep"),
        "at once": (job.get("max_parallel"), "sweep.max_parallel"),
        "GPU-hours": (hours, None),
        "CPUs per node": (job.get("cpus_per_node"), "resources.cpus_per_node"),
        "memory per node": (None if memory is None else f"{memory} MiB", "resources.mem_per_node"),
        "partition": (job.get("partition"), "resources.partition"),
        "account": (job.get("account"), "resources.account"),
        "QOS": (job.get("qos"), "resources.qos"),
        "image": (image.get("name"), "container"),
        "image file": (image.get("path"), None),
        "image sha256": (image.get("sha256"), None),
        "launcher": (job.get("launcher"), "launcher"),
        "container": (job.get("container"), None),
        "secrets": (", ".join(map(str, job.get("secrets") or ())) or None, "secrets"),
    }
    return {
        what: Value(value, None if route is None else _place(places, route, str(cluster.get("name"))))
        for what, (value, route) in facts.items()
        if value is not None
    }


def _place(places: Mapping[str, str], route: str, cluster: str) -> str:
    """Who set `route`: the place of it, of what stands below it, else the cluster's profile."""
    if route in places:
        return places[route]
    near = (place for key, place in places.items() if key.startswith((f"{route}.", f"{route}[")))
    return next(near, f"<cluster {cluster}>")


def _parameters(
    call: Mapping[str, Any], job: Mapping[str, Any], places: Mapping[str, str], cluster: str
) -> dict[str, Value]:
    leaves: dict[str, Value] = {}
    shared = call["shared"] if isinstance(call.get("shared"), list) else []
    for route, value in _leaves(
        {key: call[key] for key in call if key not in {"format", "function", "shared"}}, shared
    ):
        if len(leaves) >= MAX_LEAVES:
            raise _Odd(f"call.json has more than {MAX_LEAVES} values")
        if (route, value) != ("args", {}):
            leaves[route] = Value(value, places.get(route))
    for section, key in (("env", "env"), ("launcher", "launcher_options"), ("container", "container_options")):
        for route, value in _leaves({section: job.get(key) or {}}, []):
            if value != {}:
                leaves[route] = Value(value, places.get(route, f"<cluster {cluster}>"))
    for mount in job.get("mounts") or ():
        leaves[below("mounts", str(mount))] = Value(str(mount), f"<cluster {cluster}>")
    return leaves


def _leaves(data: Mapping[str, Any], shared: list[Any]) -> Iterator[tuple[str, Any]]:
    """Each leaf and its route; an empty list or mapping is one too."""
    stack: list[tuple[str, Any, int]] = [(below("", str(key)), value, 1) for key, value in reversed(list(data.items()))]
    while stack:
        route, value, depth = stack.pop()
        value = _resolved(value, shared)
        if depth > MAX_DEPTH:
            raise _Odd("call.json refers to itself, or is too deep")
        if isinstance(value, (dict, list)) and value:
            parts = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
            stack += [(below(route, part), child, depth + 1) for part, child in reversed(parts)]
        else:
            yield route, value


def _resolved(value: object, shared: list[Any]) -> Any:  # noqa: ANN401  JSON
    """What `{"_shared_": N}` stands for; any other value is itself."""
    for _ in range(MAX_DEPTH):
        if not isinstance(value, dict) or value.keys() != {_SHARED}:
            return value
        number = value[_SHARED]
        if type(number) is not int or not 0 <= number < len(shared):
            raise _Odd("call.json refers to what it does not hold")
        value = shared[number]
    raise _Odd("call.json refers to itself, or is too deep")


class _Calls:
    """The calls of `call.json`, each once: what an anchor shares is one object with several uses."""

    def __init__(self, call: Mapping[str, Any]) -> None:
        self._call = call
        self._shared: list[Any] = call["shared"] if isinstance(call.get("shared"), list) else []
        self._found: list[Call] = []
        self._seen: set[str] = set()

    def found(self, function: str) -> list[Call]:
        """The job's own first, then those that build its arguments, in order."""
        self._found.append(Call("call", function, None, ""))
        self._look(self._call.get("args"), "args", "call", "", 0)
        return self._found

    def _look(self, value: Any, key: str, into: str, name: str, depth: int) -> None:  # noqa: ANN401
        if depth > MAX_DEPTH or len(self._found) > MAX_LEAVES:
            raise _Odd("call.json refers to itself, or is too deep")
        again = False
        if isinstance(value, dict) and value.keys() == {_SHARED}:
            key = f"shared {value[_SHARED]}"
            again = key in self._seen
            self._seen.add(key)
            value = _resolved(value, self._shared)
        if isinstance(value, dict) and isinstance(value.get("_target_"), str):
            self._found.append(Call(key, value["_target_"], into, name))
            into, name = key, ""
        if again or not isinstance(value, (dict, list)):
            return
        for part, child in value.items() if isinstance(value, dict) else enumerate(value):
            self._look(child, below(key, part), into, below(name, part), depth + 1)


def _point(line: str) -> dict[str, Any]:
    row = _json(line, "points.jsonl")
    try:
        values = {route_text(tuple(route)): value for route, value in row["set"]}
        return {"index": int(row["index"]), "digest": str(row["digest"]), "name": row.get("name"), "values": values}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _Odd("points.jsonl is not a table of points") from error


def _inputs(inputs: Mapping[str, Any], cluster: Mapping[str, Any], version: str) -> dict[str, str]:
    named = {
        **_mapping(inputs, "recipe"),
        "recipec.yaml": inputs.get("project"),
        f"cluster {cluster.get('name')}": cluster.get("sha256"),
        "recipec": version,
        **{f"templates/{name}": digest for name, digest in _mapping(inputs, "templates").items()},
    }
    named |= {f"override {text}": "set" for text in inputs.get("overrides") or ()}
    return {name: str(digest) for name, digest in named.items() if digest is not None}


def _mapping(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise _Odd(f"`{key}` is not a mapping")
    return value


def _json(text: str, file: str) -> Any:  # noqa: ANN401  JSON
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Odd(f"{file} cannot be read") from error
    stack = [(data, 1)]
    while stack:
        value, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise _Odd(f"{file} is too deep")
        if isinstance(value, (dict, list)):
            stack += [(child, depth + 1) for child in (value.values() if isinstance(value, dict) else value)]
    return data
