"""Every function that a recipe names, at every depth, must be permitted by the cluster.

A wildcard never covers the standard library, the builtins or recipec itself: those need their
exact name in the profile. What launches programs or code is never permitted.
Source: Hydra CVE-2026-106439 (a policy reached through a target); ADR-0005.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from recipe_compiler.catalog import Catalogs, Found
from recipe_compiler.catalog.nearest import best_of, nearest, of_module
from recipe_compiler.catalog.signature import is_enum, is_marked, members
from recipe_compiler.check.standard_library import MODULES
from recipe_compiler.diag import Diagnostic, Fix, Route, did_you_mean, visible
from recipe_compiler.forms import enum_of, is_raw
from recipe_compiler.schema.fields import function_trouble
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node, find, label

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
    """Emits: RCP209, RCP301, RCP704, RCP710, RCP711, RCP712, RCP714."""
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
    help_ = settled.cluster.policy.exception("name a permitted function")
    where = label(settled.tree, (kind,), key=True)
    yield Diagnostic("RCP714", message, where, settled.policy("raw_jobs"), help=help_, route=(kind,))


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
        unknown = _unknown(settled, path, route, what)
        yield unknown if unknown is not None and unknown.help else _refusal(settled, path, route, what)
    elif settled.catalogs is not None:
        yield from _catalogued(settled, settled.catalogs, path, route, what)


def _catalogued(settled: Settled, catalogs: Catalogs, path: str, route: Route, what: str) -> Iterator[Diagnostic]:
    """A wildcard permits what the catalogs have, and of that nothing that loads code.

    A name of its own in the profile permits that too, and what lies in no catalogued module.
    """
    found = catalogs.resolve(path)
    named = by_name(path, settled.cluster.functions)
    if found is not None and what == "enum":
        yield from _member(settled, found, route, catalogs)
    if found is None or found.kind == "module":
        unknown = None if named and not catalogs.covers(path) else _unknown(settled, path, route, what)
        if unknown is not None:
            yield unknown
    elif not named and found.entry.get("loads") and not is_marked(found):
        message = f"`{visible(path, 80)}` starts programs or loads code: it calls `{found.entry['loads']}`"
        notes = (f"declared at {found.entry['at']}", "a wildcard of the profile does not cover such a function")
        help_ = "name another, or ask the owners of the cluster profile for its exact name"
        yield Diagnostic("RCP712", message, label(settled.tree, route), notes=notes, help=help_, route=route)


def _member(settled: Settled, found: Found, route: Route, catalogs: Catalogs) -> Iterator[Diagnostic]:
    """A member that the enum has not. Emits: RCP209."""
    node, _ = find(settled.tree, route)
    path, _, name = str(node.value).replace(":", ".").rpartition(".")
    names = members(found) if is_enum(found, catalogs) else []
    if not names or name in names or catalogs.resolve(f"{path}.{name}") is not None:
        return
    near = best_of(name, names)
    help_ = f"did you mean `{path}.{near}`?" if near else f"one of: {', '.join(names[:12])}"
    message = f"`{path.rpartition('.')[2]}` has no member `{visible(name, 60)}`"
    where = label(settled.tree, route)
    yield Diagnostic("RCP209", message, where, notes=(f"declared at {found.entry['at']}",), help=help_, route=route)


def _unknown(settled: Settled, path: str, route: Route, what: str) -> Diagnostic | None:
    """A path that leads to nothing in the catalogs; None where there are none, or it leads to something."""
    catalogs = settled.catalogs
    root = path.replace(":", ".").partition(".")[0]
    if catalogs is None or root in NEVER or root in MODULES:
        return None
    where, shown = label(settled.tree, route), visible(path, 80)
    found = catalogs.resolve(path)
    if found is not None and found.kind == "module":
        inner = of_module(path, catalogs)
        help_ = f"did you mean {' or '.join(f'`{one}`' for one in inner)}?" if inner else "name a function of it"
        return Diagnostic("RCP301", f"`{shown}` is a module, not a {what}", where, help=help_, route=route)
    if found is not None:
        return None
    names = ", ".join(catalogs.names)
    if (imported := catalogs.imported(path)) is not None:
        message = f"`{imported[1]}` is not defined in `{imported[0]}`, which imports it from elsewhere"
        help_ = "name the function where it is defined"
        return Diagnostic("RCP711", message, where, notes=(f"catalogs: {names}",), help=help_, route=route)
    near = nearest(path, catalogs)
    fix = Fix(where.span, near[0], "unsafe") if near and where.span.text == path else None
    help_ = " or ".join(f"`{one}`" for one in near)
    message = f"there is no {what} `{shown}`"
    notes = (f"catalogs of cluster `{settled.cluster.name}`: {names}",)
    help_ = f"did you mean {help_}?" if near else ""
    return Diagnostic("RCP301", message, where, notes=notes, help=help_, fix=fix, route=route)


def permitted(path: str, patterns: Iterable[str]) -> bool:
    """Whether a profile's patterns let a recipe name `path`."""
    dotted = path.replace(":", ".")
    root = dotted.partition(".")[0]
    if root in NEVER:
        return False
    patterns = tuple(patterns)
    if by_name(path, patterns):
        return True
    if root in MODULES:
        return False
    return any(pattern == "*" or (pattern.endswith(".*") and dotted.startswith(pattern[:-1])) for pattern in patterns)


def by_name(path: str, patterns: Iterable[str]) -> bool:
    """Whether a profile names `path` itself, and not by a wildcard."""
    return path.replace(":", ".") in _exact(tuple(patterns))


@lru_cache(maxsize=64)
def _exact(patterns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(pattern.replace(":", ".") for pattern in patterns if not pattern.endswith("*"))


def _refusal(settled: Settled, path: str, route: Route, what: str) -> Diagnostic:
    exact = [pattern for pattern in settled.cluster.functions if not pattern.endswith("*") and pattern != path]
    near = did_you_mean(path, exact)
    root = path.replace(":", ".").partition(".")[0]
    notes = [f"functions of cluster `{settled.cluster.name}`: {', '.join(settled.cluster.functions[:8]) or 'none'}"]
    help_ = settled.cluster.policy.exception(f"did you mean `{near}`?" if near else "name a permitted function")
    related = settled.policy("functions")
    if root in NEVER:
        notes = [f"`{root}` starts programs or loads code; no profile can permit it"]
        help_, related = f"name another {what}", ()
    elif root in MODULES:
        notes.append("a wildcard does not cover the standard library")
    message = f"cluster `{settled.cluster.name}` does not permit the {what} `{visible(path, 80)}`"
    where = label(settled.tree, route)
    return Diagnostic("RCP710", message, where, related, notes=tuple(notes), help=help_, route=route)
