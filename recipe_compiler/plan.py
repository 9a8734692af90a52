"""The scheduler-neutral job. Values that exist only on a node are typed holes, never text with `$`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias


class RuntimeVar(Enum):
    """What is known only when the job runs. Each target spells them in its own way."""

    NODE_RANK = "NODE_RANK"
    """The node's number in this job, from 0."""
    IS_HEAD = "IS_HEAD"
    """`1` on node 0, else `0`."""
    HEAD_HOST = "HEAD_HOST"
    """The address of node 0."""
    HEAD_PORT = "HEAD_PORT"
    """A port on node 0 that this job alone uses."""
    JOB_ID = "JOB_ID"
    RESTART_COUNT = "RESTART_COUNT"
    """How often the scheduler has started this job before, from 0."""
    BUNDLE_DIR = "BUNDLE_DIR"
    """Where the bundle lies on this node."""
    POINT = "POINT"
    """The number of this task's point in a sweep."""
    RUN_DIR = "RUN_DIR"
    """The job's own folder for what it writes."""


Word: TypeAlias = tuple[str | RuntimeVar, ...]
"""One word of a command or one value: `("--node-rank=", RuntimeVar.NODE_RANK)`."""
Argv: TypeAlias = tuple[Word, ...]


def word(*parts: str | RuntimeVar) -> Word:
    """A word made of text and holes."""
    return parts


def words(*texts: str) -> Argv:
    """One word for each text, without holes."""
    return tuple((text,) for text in texts)


class Mount(NamedTuple):
    """A folder that the container sees: `source` on the node, `target` inside."""

    source: Word
    target: Word
    read_only: bool


class Secret(NamedTuple):
    """An environment variable whose value lies in a file of the node."""

    name: str
    file: str


class ImageFile(NamedTuple):
    """An image file and the digest that it must have when the job starts."""

    path: str
    sha256: str


class Topology(NamedTuple):
    """How many ranks run where. `nodes` counts hosts, not ranks."""

    nodes: int
    gpus_per_node: int
    cpus_per_node: int | None


class Launch(NamedTuple):
    """What a launcher makes of a call: the command of one node, and how many ranks it starts there."""

    argv: Argv
    nproc_per_node: int
    env: tuple[tuple[str, Word], ...] = ()


class Step(NamedTuple):
    """What each node runs, container included.

    `exports` are set in the node's shell before `argv`, and `secrets` after them under
    `secret_prefix` + name, so that a container hands on exactly these.
    """

    argv: Argv
    exports: tuple[tuple[str, Word], ...]
    secrets: tuple[Secret, ...] = ()
    secret_prefix: str = ""
    needs: tuple[str, ...] = ()
    """Programs that must be on the node's PATH."""
    image: ImageFile | None = None


class Provenance(NamedTuple):
    """What a bundle was made from: hashes and names, no clock, host or user."""

    recipe: str
    cluster: str
    compiler: str


class Queue(NamedTuple):
    """Where in the scheduler the job waits. Names of the cluster profile."""

    partition: str | None = None
    account: str | None = None
    qos: str | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """A sweep as one job array: tasks 0 to `count` - 1, at most `max_parallel` at once."""

    count: int
    max_parallel: int | None
    table: str
    """The text of `points.jsonl`: line N says what task N sets."""


class JobPlan(NamedTuple):
    """One job, ready to be rendered for a target. Times in seconds, memory in MiB."""

    name: str
    description: str
    function: str
    topology: Topology
    nproc_per_node: int
    launcher: str
    container: str
    mem_mib_per_node: int | None
    walltime_s: int
    queue: Queue
    step: Step
    runs_dir: str | None
    modules: tuple[str, ...]
    call_json: str
    scripts: tuple[tuple[str, str], ...]
    """Files of the authors that the call runs: name and text."""
    array: Array | None
    provenance: Provenance

    @property
    def world_size(self) -> int:
        """How many ranks the job has."""
        return self.topology.nodes * self.nproc_per_node


def holes(items: Iterable[Word]) -> frozenset[RuntimeVar]:
    """Every hole in the words."""
    return frozenset(part for item in items for part in item if isinstance(part, RuntimeVar))
