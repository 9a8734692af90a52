"""Which cluster profile a bundle is held against when it is submitted: the submitting side's own.

It is looked for where the person who submits says: `RECIPEC_CLUSTERS`, `--cluster FILE`, or the project of
the working directory; never beside the bundle, which may come from anybody.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from recipe_compiler import admission as admissions
from recipe_compiler.bundle import MANIFEST, Bundle
from recipe_compiler.cli.session import open_workspace
from recipe_compiler.diag import Diagnostic, Diagnostics, visible
from recipe_compiler.schema.fields import NAME
from recipe_compiler.workspace import Profile


def admission(cluster: str | None) -> Callable[[Bundle], Diagnostics]:
    """A function that says what the policy says of a bundle; each profile is read once."""
    known: dict[str, tuple[Profile | None, Diagnostics]] = {}

    def admit(bundle: Bundle) -> Diagnostics:
        name = str(bundle.manifest["cluster"]["name"])
        if not NAME.match(name) or name.endswith((".yaml", ".yml")):  # it is the bundle's word, and would be a path
            message = f"`{visible(name, 60)}` cannot be a cluster's name"
            return (Diagnostic("RCP835", message, file=f"{bundle.folder}/{MANIFEST}", help="compile it again"),)
        if name not in known:
            known[name] = _profile(name, cluster)
        profile, found = known[name]
        if profile is None:
            return found or (_no_policy(bundle, name),)
        said = admissions.submitted(bundle.manifest, bundle.files, bundle.folder, profile.cluster, profile.tree)
        return (*found, *said)

    return admit


def _profile(name: str, cluster: str | None) -> tuple[Profile | None, Diagnostics]:
    """The profile of the cluster `name`; without one and without a finding, there is no policy here."""
    for where in dict.fromkeys(item for item in (cluster, name) if item is not None):
        space, wrong = open_workspace((), where)
        if space is not None and space.profile.cluster.name == name:
            return space.profile, wrong
        missing = space is not None or [item.code for item in wrong] == ["RCP003"]
        if not missing or (where == name and os.environ.get("RECIPEC_CLUSTERS")):
            return None, wrong or (_other(name, where),)
    return None, ()


def _other(name: str, where: str) -> Diagnostic:
    message = f"the profile `{visible(where, 60)}` is not of the cluster `{visible(name, 60)}`"
    return Diagnostic("RCP003", message, help="give the profile's file the name of its cluster")


def _no_policy(bundle: Bundle, name: str) -> Diagnostic:
    message = f"no profile of the cluster `{visible(name, 60)}` lies here, so no policy was asked"
    help_ = "set RECIPEC_CLUSTERS to the folder of the execution team's profiles"
    return Diagnostic("RCP735", message, file=f"{bundle.folder}/{MANIFEST}", help=help_)
