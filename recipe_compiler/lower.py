"""A settled, checked recipe to a job plan: the call as data, the step, and typed holes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from recipe_compiler.entry import Entry
from recipe_compiler.forms import assignments, is_path, is_raw
from recipe_compiler.plan import (
    Array,
    ImageFile,
    JobPlan,
    Mount,
    Provenance,
    Queue,
    RuntimeVar,
    Secret,
    Topology,
    Word,
    word,
)
from recipe_compiler.settle import Settled
from recipe_compiler.sweep import Point, table
from recipe_compiler.syntax import Json, Node, plain

CALL_FORMAT = 1
_POINT = (word("--points=", RuntimeVar.BUNDLE_DIR, "/points.jsonl"), word("--point=", RuntimeVar.POINT))
_RUNTIME = (word(RuntimeVar.BUNDLE_DIR, "/runtime.py"), word(RuntimeVar.BUNDLE_DIR, "/call.json"))


def lower(settled: Settled, raw: Entry | None, points: Sequence[Point], provenance: Provenance) -> JobPlan:
    """The scheduler-neutral job of a recipe that no rule objects to. `raw` is what it runs if no function."""
    cluster, recipe = settled.cluster, settled.recipe
    topology = Topology(settled.nodes.value, settled.gpus_per_node.value, settled.cpus_per_node.value)
    launch = settled.launcher.launch(_RUNTIME + (_POINT if points else ()), topology, settled.launcher_options)
    image = settled.image_file
    step = settled.container.wrap(
        launch,
        env=_environment(settled, launch.env),
        secrets=tuple(Secret(name, cluster.secrets[name]) for name in recipe.secrets),
        mounts=_mounts(settled),
        image=ImageFile(image.path, image.sha256) if image else None,
        topology=topology,
        options=settled.container_options,
    )
    return JobPlan(
        name=recipe.name,
        description=recipe.description,
        function=raw.shown if raw else str(recipe.function),
        topology=topology,
        nproc_per_node=launch.nproc_per_node,
        launcher=settled.launcher.NAME,
        container=settled.container.NAME,
        mem_mib_per_node=settled.mem_per_node.value,
        walltime_s=settled.time_s.value,
        queue=Queue(settled.partition.value, settled.account.value, settled.qos.value),
        step=step,
        runs_dir=cluster.runs_dir,
        modules=cluster.modules,
        call_json=_text({"format": CALL_FORMAT, **raw.call})
        if raw
        else call_json(str(recipe.function), settled.tree.value.get("args")),
        scripts=tuple(raw.files.items()) if raw else (),
        array=_array(settled, points),
        provenance=provenance,
    )


def _array(settled: Settled, points: Sequence[Point]) -> Array | None:
    sweep = settled.recipe.sweep
    return Array(len(points), sweep.max_parallel, table(points)) if sweep else None


def _environment(settled: Settled, launcher_env: tuple[tuple[str, Word], ...]) -> tuple[tuple[str, Word], ...]:
    """The job's environment: launcher, cluster, recipe, the later one winning; then what recipec says."""
    env: dict[str, Word] = dict(launcher_env)
    env.update((name, word(value)) for name, value in settled.cluster.env.items())
    env.update((name, word(value)) for name, value in settled.recipe.env.items())
    env["RECIPEC_RUN_DIR"] = word(RuntimeVar.RUN_DIR)
    env["RECIPEC_JOB_ID"] = word(RuntimeVar.JOB_ID)
    if settled.recipe.sweep is not None:
        env["RECIPEC_POINT"] = word(RuntimeVar.POINT)
    return tuple(env.items())


def _mounts(settled: Settled) -> tuple[Mount, ...]:
    binds = tuple(Mount(word(bind.source), word(bind.target), bind.mode == "ro") for bind in settled.cluster.binds)
    bundle, run = word(RuntimeVar.BUNDLE_DIR), word(RuntimeVar.RUN_DIR)
    return (*binds, Mount(bundle, bundle, read_only=True), Mount(run, run, read_only=False))


def call_json(function: str, args: Node | None) -> str:
    """The text of `call.json`: what `runtime.py` builds and calls.

    A collection under a YAML anchor that is used more than once stands once in `shared`, and
    `{"_shared_": N}` where it is used: one object in the job.
    """
    sharing = _Sharing()
    call: dict[str, Any] = {"format": CALL_FORMAT, "function": function, "args": {}}
    if args is not None:
        sharing.count(args)
        call["args"] = sharing.data(args)
        if sharing.shared:
            call["shared"] = sharing.shared
    return _text(call)


def _text(call: dict[str, Any]) -> str:
    return json.dumps(call, indent=2, ensure_ascii=False) + "\n"


class _Sharing:
    """Plain data of a tree with anchored collections taken out. What is `_raw_` is copied as it is."""

    def __init__(self) -> None:
        self.shared: list[Json] = []
        self._uses: dict[int, int] = {}
        self._numbers: dict[int, int] = {}

    def count(self, node: Node) -> None:
        value = node.value
        if not isinstance(value, (dict, list)):
            return
        if node.anchor:
            self._uses[id(value)] = self._uses.get(id(value), 0) + 1
            if self._uses[id(value)] > 1:
                return
        if is_raw(node):
            return
        for child in value if isinstance(value, list) else self._children(value):
            self.count(child)

    def _children(self, value: dict[str, Node]) -> Iterator[Node]:
        for key, child in value.items():
            if key == "_overrides_":
                yield from (item.node for item in assignments(child, ()))
            else:
                yield child

    def data(self, node: Node) -> Json:
        value = node.value
        if not isinstance(value, (dict, list)):
            return value
        if not node.anchor or self._uses[id(value)] < 2:
            return self._copy(node)
        if id(value) not in self._numbers:
            copy = self._copy(node)  # first: what it refers to gets the lower numbers
            self._numbers[id(value)] = len(self.shared)
            self.shared.append(copy)
        return {"_shared_": self._numbers[id(value)]}

    def _copy(self, node: Node) -> Json:
        if is_raw(node):
            return plain(node)
        if isinstance(node.value, list):
            return [self.data(child) for child in node.value]
        return {
            key: self._overrides(child) if key == "_overrides_" else self.data(child)
            for key, child in node.value.items()
        }

    def _overrides(self, node: Node) -> Json:
        """A mapping that is a longer path is no value, so it is not one object with another."""
        if is_path(node):
            return {key: self._overrides(child) for key, child in node.value.items()}
        return self.data(node)
