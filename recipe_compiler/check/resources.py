"""What a job asks for must fit the partition it asks it of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from recipe_compiler.cluster import Partition
from recipe_compiler.diag import Diagnostic, did_you_mean, visible
from recipe_compiler.schema.fields import duration_text
from recipe_compiler.settle import Choice, Settled
from recipe_compiler.syntax import label


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP401, RCP403, RCP404, RCP407."""
    yield from _account(settled)
    name = settled.partition.value
    if name is None:
        yield from _any_partition(settled)
        return
    partition = settled.cluster.partitions.get(name)
    if partition is None:
        yield _unknown(settled, name)
        return
    yield from _time(settled, name, partition)
    yield from _capacity(settled, name, partition)


def _any_partition(settled: Settled) -> Iterator[Diagnostic]:
    """Slurm has a default partition that the profile does not name: one of them must take the job."""
    refusals = [
        [*_time(settled, name, partition), *_capacity(settled, name, partition)]
        for name, partition in settled.cluster.partitions.items()
    ]
    if refusals and all(refusals):
        yield from min(refusals, key=len)


def _account(settled: Settled) -> Iterator[Diagnostic]:
    allowed, account = settled.cluster.accounts, settled.account
    if allowed is None or account.value is None or account.value in allowed:
        return
    near = did_you_mean(account.value, allowed)
    known = f"one of: {', '.join(allowed) or 'none'}"
    help_ = settled.cluster.policy.exception((f"did you mean `{near}`? " if near else "") + known)
    message = f"cluster `{settled.cluster.name}` does not take the account `{visible(account.value, 60)}`"
    related = settled.policy("accounts")
    yield Diagnostic("RCP407", message, account.label(), related, help=help_, route=account.route)


def _unknown(settled: Settled, name: str) -> Diagnostic:
    known = ", ".join(settled.cluster.partitions) or "none"
    near = did_you_mean(name, settled.cluster.partitions)
    notes = tuple(
        f"`{visible(char)}` at character {index} is {unicodedata.name(char, 'not ASCII').lower()}"
        for index, char in enumerate(name, 1)
        if not char.isascii()
    )
    message = f"cluster `{settled.cluster.name}` has no partition `{visible(name, 60)}`"
    help_ = (f"did you mean `{near}`? " if near else "") + f"partitions: {known}"
    return Diagnostic(
        "RCP404", message, settled.partition.label(), notes=notes, help=help_, route=settled.partition.route
    )


def _time(settled: Settled, name: str, partition: Partition) -> Iterator[Diagnostic]:
    asked, limit = settled.time_s, partition.max_time
    if limit is None or asked.value <= limit:
        return
    longer = [
        other
        for other, facts in settled.cluster.partitions.items()
        if facts.max_time is None or facts.max_time >= asked.value
    ]
    help_ = f"ask for at most {duration_text(limit)}" + (f", or use partition `{longer[0]}`" if longer else "")
    message = f"{duration_text(asked.value)} is over the time limit of partition `{name}`"
    limit_at = label(settled.profile, ("partitions", name, "max_time"), f"the limit, {duration_text(limit)}")
    yield Diagnostic(
        "RCP401", message, asked.label(f"{duration_text(limit)} allowed"), (limit_at,), help=help_, route=asked.route
    )


def _capacity(settled: Settled, name: str, partition: Partition) -> Iterator[Diagnostic]:
    pairs: tuple[tuple[str, str, Choice[Any], str], ...] = (
        ("nodes", "max_nodes", settled.nodes, "nodes"),
        ("gpus_per_node", "gpus_per_node", settled.gpus_per_node, "GPUs a node"),
        ("cpus_per_node", "cpus_per_node", settled.cpus_per_node, "CPUs a node"),
        ("mem_per_node", "mem_per_node", settled.mem_per_node, "MiB of memory a node"),
    )
    for _, field, asked, what in pairs:
        limit = getattr(partition, field)
        if limit is None or asked.value is None or asked.value <= limit:
            continue
        message = f"partition `{name}` has {limit} {what}, {asked.value} asked"
        limit_at = label(settled.profile, ("partitions", name, field), "what there is")
        yield Diagnostic(
            "RCP403",
            message,
            asked.label(f"at most {limit}"),
            (limit_at,),
            help=f"ask for at most {limit}",
            route=asked.route,
        )
