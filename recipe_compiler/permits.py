"""The profile's own lists and limits against what a bundle asks for: verdicts as data.

At compile the rules of `check` hold a recipe against the same lists; here they are the submitting
team's as they are now.
"""

from __future__ import annotations

from collections.abc import Iterator

from recipe_compiler.asks import Asks
from recipe_compiler.check.environment import may_set, owned
from recipe_compiler.check.functions import permitted
from recipe_compiler.cluster import Cluster
from recipe_compiler.diag import visible
from recipe_compiler.schema.fields import duration_text
from recipe_compiler.verdicts import About, Verdict

_AGAIN = "compile the recipe again"


def permits(cluster: Cluster, asked: Asks) -> Iterator[Verdict]:
    """What the profile no longer permits. Emits: RCP401, RCP403, RCP407, RCP709, RCP710, RCP714, RCP734."""
    yield from _functions(cluster, asked)
    yield from _names(cluster, asked)
    yield from _container(cluster, asked)
    yield from _partition(cluster, asked)


def _deny(code: str, message: str, key: str, about: About | None, help_: str) -> Verdict:
    return Verdict(code, message, (key,), () if about is None else (about,), "deny", help_)


def _functions(cluster: Cluster, asked: Asks) -> Iterator[Verdict]:
    if asked.kind != "function" and not cluster.raw_jobs:
        message = f"cluster `{cluster.name}` takes functions only, no `{asked.kind}`"
        yield _deny("RCP714", message, "raw_jobs", About((asked.kind,)), "name a permitted function")
    for route, name in asked.functions:
        if not permitted(name, cluster.functions):
            message = f"cluster `{cluster.name}` does not permit the function `{visible(name, 80)}`"
            yield _deny("RCP710", message, "functions", About(route), "name a permitted function")


def _names(cluster: Cluster, asked: Asks) -> Iterator[Verdict]:
    no = f"cluster `{cluster.name}` does not"
    for name in asked.recipe.get("env") or {}:
        if owned(name) or not may_set(name, cluster.env_allow):
            message = f"{no} let a recipe set `{visible(name, 60)}`"
            yield _deny("RCP709", message, "env_allow", About(("env", name)), "remove it")
    for index, name in enumerate(asked.recipe.get("secrets") or []):
        if name not in cluster.secrets:
            message = f"{no} have the secret `{visible(str(name), 60)}` any more"
            yield _deny("RCP734", message, "secrets", About(("secrets", index)), "remove it")
    if cluster.accounts is not None and asked.account is not None and asked.account not in cluster.accounts:
        message = f"{no} take the account `{visible(asked.account, 60)}`"
        help_ = f"one of: {', '.join(cluster.accounts)}"
        yield _deny("RCP407", message, "accounts", About(("resources", "account")), help_)


def _container(cluster: Cluster, asked: Asks) -> Iterator[Verdict]:
    """The image by file and digest: another image of the same name is not what was reviewed."""
    image, no = asked.image, f"cluster `{cluster.name}` does not"
    there = {(one.path, one.sha256) for one in cluster.images.values()}
    if image is not None and (image.path, image.sha256) not in there:
        message = f"{no} have the image `{visible(image.name, 60)}` of the digest {image.sha256[:12]} any more"
        yield _deny("RCP734", message, "images", About(("container",)), _AGAIN)
    modes = {(one.source, one.target): one.mode for one in cluster.binds}
    for bind in asked.binds:
        if modes.get((bind.source, bind.target)) not in {"rw", bind.mode}:
            shown = visible(f"{bind.source}:{bind.target}:{bind.mode}", 120)
            yield _deny("RCP734", f"{no} bind `{shown}` any more", "binds", None, _AGAIN)


def _partition(cluster: Cluster, asked: Asks) -> Iterator[Verdict]:
    name = asked.partition
    if name is None:
        return
    partition = cluster.partitions.get(name)
    if partition is None:
        message = f"cluster `{cluster.name}` does not have the partition `{visible(name, 60)}` any more"
        help_ = f"partitions: {', '.join(cluster.partitions) or 'none'}"
        yield _deny("RCP734", message, "partitions", About(("resources", "partition")), help_)
        return
    if partition.max_time is not None and asked.walltime_s > partition.max_time:
        message = f"{duration_text(asked.walltime_s)} is over the time limit of partition `{name}`"
        about = (About(("resources", "time"), duration_text(asked.walltime_s)),)
        yield Verdict("RCP401", message, ("partitions", name, "max_time"), about, "deny", f"{_AGAIN}, for less time")
    for field, limit_of, what, amount in (
        ("nodes", "max_nodes", "nodes", asked.nodes),
        ("gpus_per_node", "gpus_per_node", "GPUs a node", asked.gpus_per_node),
        ("cpus_per_node", "cpus_per_node", "CPUs a node", asked.cpus_per_node),
        ("mem_per_node", "mem_per_node", "MiB of memory a node", asked.mem_mib_per_node),
    ):
        limit = getattr(partition, limit_of)
        if limit is not None and amount is not None and amount > limit:
            message = f"partition `{name}` has {limit} {what}, {amount} asked"
            about = (About(("resources", field)),)
            yield Verdict("RCP403", message, ("partitions", name, limit_of), about, "deny", f"{_AGAIN}, for less")
