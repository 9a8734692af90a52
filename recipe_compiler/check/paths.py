"""Absolute paths in arguments that the container does not see.

An image has files of its own, so a path is only refused where it surely lies on the cluster: below
`/home`, below the source of a bind, or on a file system of its own that the profile names for the runs,
the images or a secret; and where no bind shows it. Whatever else an image may hold is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipe_compiler.diag import Diagnostic, Fix, Label, Route, visible
from recipe_compiler.forms import is_raw
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node

_PATH = re.compile(r"(/[^\s/:\"'<>|]+)(?:/[^\s:\"'<>|]*)\Z")
_IMAGES_OWN = re.compile(
    r"/(?:app|bin|boot|data|dev|etc|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|workspace)\Z"
)
"""Folders that an image or Apptainer has: a path there may be the image's, whatever the cluster has of that name."""


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP601."""
    if settled.image_file is None:
        return
    roots = _roots(settled)
    for key in ("args", "sweep"):
        if (node := settled.tree.value.get(key)) is not None:
            yield from _inside(settled, node, (key,), roots)


def _roots(settled: Settled) -> frozenset[str]:
    """The first parts of the paths that the cluster has, by its profile's word."""
    cluster = settled.cluster
    known = [bind.source for bind in cluster.binds] + [image.path for image in cluster.images.values()]
    known += [*cluster.secrets.values(), *([cluster.runs_dir] if cluster.runs_dir else [])]
    firsts = {f"/{path.split('/')[1]}" for path in known}
    return frozenset({"/home", *(first for first in firsts if not _IMAGES_OWN.match(first))})


def _inside(settled: Settled, node: Node, route: Route, roots: frozenset[str]) -> Iterator[Diagnostic]:
    value = node.value
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _inside(settled, child, (*route, index), roots)
    elif isinstance(value, dict) and not is_raw(node):
        for key, child in value.items():
            yield from _inside(settled, child, (*route, key), roots)
    elif isinstance(value, str) and (match := _PATH.match(value)) is not None:
        path, binds = value.rstrip("/"), settled.cluster.binds
        surely = match[1] in roots or any(_below(path, bind.source) for bind in binds)
        if surely and not any(_below(path, bind.target) for bind in binds):
            yield _finding(settled, path, node, route)


def _below(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _finding(settled: Settled, path: str, node: Node, route: Route) -> Diagnostic:
    cluster, fix = settled.cluster, None
    binds = ", ".join(f"{one.source} → {one.target} ({one.mode})" for one in cluster.binds[:8]) or "none"
    sources = [one for one in cluster.binds if _below(path, one.source)]
    if sources:
        bind = max(sources, key=lambda one: len(one.source))
        inside = bind.target.rstrip("/") + path[len(bind.source.rstrip("/")) :]
        help_, text = f"write `{visible(inside, 200)}`, where the container sees it", "a path of the node"
        if node.span.text == node.value:
            fix = Fix(node.span, inside, "unsafe")
    elif cluster.runs_dir is not None and _below(path, cluster.runs_dir):
        help_, text = "write a relative path: a job's own folder is its working directory", "not under any bind"
    else:
        help_, text = "use a path under a bind, or ask the owners of the cluster profile for one", "not under any bind"
    return Diagnostic(
        "RCP601",
        f"`{visible(path, 120)}` is not visible inside the container",
        Label(node.span, text),
        notes=(f"binds of cluster `{cluster.name}`: {visible(binds, 400)}",),
        help=help_,
        fix=fix,
        route=route,
    )
