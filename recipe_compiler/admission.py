"""Whether the execution team admits a job: its policy, at compile and again at submission.

At compile a verdict stands at the line of the recipe, with the policy's own line beside it. At
submission there are no recipes, only a bundle: it stands at the policy's line, and says who set what.
The profile is the submitting team's as it is now; what still permits the job does not block it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recipe_compiler import asks
from recipe_compiler.asks import Asks
from recipe_compiler.cluster import Cluster
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, route_text, visible
from recipe_compiler.permits import permits
from recipe_compiler.settle import Choice, Settled
from recipe_compiler.syntax import Node, find, label
from recipe_compiler.verdicts import About, Verdict, judge


def compiled(settled: Settled, asked: Asks) -> Diagnostics:
    """What the policy says of a settled recipe. Emits: what `verdicts.judge` does."""
    policy = settled.cluster.policy
    return tuple(_at_recipe(settled, verdict) for verdict in judge(policy, settled.cluster.name, asked))


def _at_recipe(settled: Settled, verdict: Verdict) -> Diagnostic:
    places = [(one, _place(settled, one, key=verdict.code == "RCP732")) for one in verdict.about]
    places.sort(key=lambda pair: pair[1].span.source is settled.profile.source)  # what the recipe says comes first
    rule = Label(label(settled.profile, verdict.rule).span, "the policy")
    shown = [where for _, where in places]
    return Diagnostic(
        verdict.code,
        verdict.message,
        shown[0] if shown else None,
        (*shown[1:], rule),
        notes=verdict.notes,
        help=settled.cluster.policy.exception(verdict.help),
        route=places[0][0].route if places else (),
        verdict=verdict.verdict,
    )


def _place(settled: Settled, about: About, *, key: bool) -> Label:
    """Where the value was decided: in the recipe, or in the profile's defaults."""
    choices: dict[str, Choice[Any]] = {
        "nodes": settled.nodes,
        "gpus_per_node": settled.gpus_per_node,
        "time": settled.time_s,
        "partition": settled.partition,
        "account": settled.account,
        "qos": settled.qos,
    }
    route = about.route
    if len(route) == 2 and route[0] == "resources" and (choice := choices.get(str(route[1]))) is not None:
        return choice.label(about.text)
    if route == ("container",):
        return settled.image.label(about.text)
    return label(settled.tree, route, about.text, key=key or route[0] in {"sweep", "env"})


def submitted(
    manifest: Mapping[str, Any], files: Mapping[str, str], folder: str, cluster: Cluster, profile: Node
) -> Diagnostics:
    """What the submitting team's profile, as it is now, says of a bundle.

    Emits: RCP835, and what `permits` and `verdicts.judge` do.
    """
    try:
        asked = asks.read(files, manifest)
    except ValueError as error:
        help_ = "compile it again with this release"
        return (Diagnostic("RCP835", f"`{folder}`: {error}", file=f"{folder}/manifest.json", help=help_),)
    verdicts = (*permits(cluster, asked), *judge(cluster.policy, cluster.name, asked))
    values = manifest.get("values")
    set_at = values if isinstance(values, dict) else {}
    return tuple(_at_policy(verdict, folder, cluster, profile, set_at) for verdict in verdicts)


def _at_policy(verdict: Verdict, folder: str, cluster: Cluster, profile: Node, set_at: Mapping[str, Any]) -> Diagnostic:
    found, there = find(profile, verdict.rule)
    where = label(profile, verdict.rule, "the policy", key=there != verdict.rule or not isinstance(found.value, str))
    notes = [f"asked by the bundle {folder}", *verdict.notes]
    for about in verdict.about:
        name = route_text(about.route)
        place = next(
            (str(at) for key, at in set_at.items() if key == name or key.startswith((f"{name}.", f"{name}["))), ""
        )
        said = f": {about.text}" if about.text else ""
        notes += [f"`{visible(name, 80)}`{said}, set at {visible(place, 200)}"] if place else []
    return Diagnostic(
        verdict.code,
        verdict.message,
        where,
        notes=tuple(notes),
        help=cluster.policy.exception(verdict.help),
        route=verdict.about[0].route if verdict.about else (),
        verdict=verdict.verdict,
    )
