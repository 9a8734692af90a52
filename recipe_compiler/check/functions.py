"""Every function that a recipe names, at every depth, must be permitted by the cluster.

A wildcard never covers the standard library, the builtins or recipec itself: those need their
exact name in the profile. What launches programs or code is never permitted.
Source: Hydra CVE-2026-106439 (a policy reached through a target); ADR-0005.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recipe_compiler.check.standard_library import MODULES
from recipe_compiler.diag import Diagnostic, Route, did_you_mean, visible
from recipe_compiler.forms import enum_of, is_raw
from recipe_compiler.schema.fields import function_trouble
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, label

NEVER = frozenset(
    {
        "builtins",
        "code",
        "ctypes",
        "importlib",
        "multiprocessing",
        "os",
        "pickle",
        "posix",
        "pty",
        "runpy",
        "shutil",
        "socket",
        "subprocess",
        "sys",
        "recipe_compiler",
    }
)
"""Roots that no profile can open: they start programs, load code, or are this tool."""


def check(settled: Settled) -> Iterator[Diagnostic]:
    """Emits: RCP210, RCP704, RCP710, RCP714."""
    recipe = settled.recipe
    if recipe.function is not None:
        yield from _named(settled, recipe.function, ("function",))
    elif not settled.cluster.raw_jobs:
        yield from _raw_job(settled)
    args = settled.tree.value.get("args")
    if args is not None:
        yield from _inside(settled, args, ("args",))
    sweep = settled.tree.value.get("sweep")
    if sweep is not None:
        yield from _inside(settled, sweep, ("sweep",))


def _raw_job(settled: Settled) -> Iterator[Diagnostic]:
    """Without a function nothing says what the job may call, so the profile must take such jobs as a whole."""
    kind = next(name for name in ("command", "module", "script") if getattr(settled.recipe, name) is not None)
    message = f"cluster `{settled.cluster.name}` takes functions only, no `{kind}`"
    help_ = "name a permitted function, or ask the owners of the cluster profile for `raw_jobs`"
    yield Diagnostic("RCP714", message, label(settled.tree, (kind,), key=True), help=help_, route=(kind,))


def _inside(settled: Settled, node: Node, route: Route) -> Iterator[Diagnostic]:
    value = node.value
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _inside(settled, child, (*route, index))
    if not isinstance(value, dict) or is_raw(node):
        return
    for key, child in value.items():
        if key == "_target_" and isinstance(child.value, str):
            yield from _named(settled, child.value, (*route, key))
        elif key == "_enum_" and isinstance(child.value, str) and "." in child.value:
            yield from _named(settled, enum_of(child.value), (*route, key), what="enum")
        else:
            yield from _inside(settled, child, (*route, key))


def _named(settled: Settled, path: str, route: Route, what: str = "function") -> Iterator[Diagnostic]:
    if (trouble := function_trouble(path)) is not None:
        if what == "function":  # that of an enum is the form's to say
            message = f"`{visible(path, 80)}` cannot be a function path: {trouble}"
            where = label(settled.tree, route)
            yield Diagnostic("RCP704", message, where, help="write `package.module.function`", route=route)
    elif not permitted(path, settled.cluster.functions):
        yield _refusal(settled, path, route, what)


def permitted(path: str, patterns: Iterable[str]) -> bool:
    """Whether a profile's patterns let a recipe name `path`."""
    dotted = path.replace(":", ".")
    root = dotted.partition(".")[0]
    if root in NEVER:
        return False
    patterns = tuple(patterns)
    if dotted in {pattern.replace(":", ".") for pattern in patterns if not pattern.endswith("*")}:
        return True
    if root in MODULES:
        return False
    return any(pattern == "*" or (pattern.endswith(".*") and dotted.startswith(pattern[:-1])) for pattern in patterns)


def _refusal(settled: Settled, path: str, route: Route, what: str) -> Diagnostic:
    exact = [pattern for pattern in settled.cluster.functions if not pattern.endswith("*") and pattern != path]
    near = did_you_mean(path, exact)
    root = path.replace(":", ".").partition(".")[0]
    notes = [f"functions of cluster `{settled.cluster.name}`: {', '.join(settled.cluster.functions[:8]) or 'none'}"]
    if root in NEVER:
        notes = [f"`{root}` starts programs or loads code; no profile can permit it"]
    elif root in MODULES:
        notes.append("a wildcard does not cover the standard library")
    help_ = f"did you mean `{near}`?" if near else "name a permitted function, or ask the owners of the cluster profile"
    message = f"cluster `{settled.cluster.name}` does not permit the {what} `{visible(path, 80)}`"
    return Diagnostic("RCP710", message, label(settled.tree, route), notes=tuple(notes), help=help_, route=route)
