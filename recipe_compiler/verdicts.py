"""A policy against what a job asks for: verdicts as data. What has none passes.

A verdict names the policy's rule and what of the recipe it is about by route; `admission` gives
both their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recipe_compiler.asks import Asks
from recipe_compiler.budget import SECONDS_PER_HOUR, gpu_hours
from recipe_compiler.check.functions import permitted
from recipe_compiler.diag import Route, did_you_mean, route_text, visible
from recipe_compiler.policy import ANY, ANY_DEPTH, Allow, Limit, Policy, RouteRule, Team, VerdictName, canonical
from recipe_compiler.schema.fields import duration_text
from recipe_compiler.syntax import Json


@dataclass(frozen=True, slots=True)
class About:
    """A part of the recipe that a verdict is about, and what to say of it there."""

    route: Route
    text: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says no to. `rule` is a route below the profile's root."""

    code: str
    message: str
    rule: Route
    about: tuple[About, ...]
    verdict: VerdictName
    help: str
    notes: tuple[str, ...] = ()


def judge(policy: Policy, cluster: str, asked: Asks) -> Iterator[Verdict]:
    """What the policy of `cluster` says. Emits: RCP406, RCP409, RCP731, RCP732, RCP733, RCP734."""
    team = policy.team(asked.account)
    yield from _limits(policy, team, asked)
    yield from _names(policy, team, cluster, asked)
    for index, rule in enumerate(policy.routes):
        yield from _route(rule, ("policy", "routes", index), cluster, asked)


# ---------------------------------------------------------------- limits


def number(amount: float) -> str:
    """`688128`, `1.5`: never an exponent."""
    return str(int(amount)) if amount == int(amount) else f"{amount:.1f}"


def _limits(policy: Policy, team: str | None, asked: Asks) -> Iterator[Verdict]:
    nodes = About(("resources", "nodes"), f"{asked.nodes} nodes" if asked.nodes != 1 else "1 node")
    gpus = About(("resources", "gpus_per_node"), f"{asked.gpus_per_node} GPUs a node")
    time = About(("resources", "time"), duration_text(asked.walltime_s))
    sweep = (About(("sweep",), f"{asked.points} points"),) if asked.points and asked.points > 1 else ()
    amounts: list[tuple[str, float, str, tuple[About, ...]]] = [
        ("nodes", asked.nodes, "nodes", (nodes,)),
        ("gpus", asked.gpus, "GPUs", (nodes, gpus)),
    ]
    notes: tuple[str, ...] = ()
    if asked.points is not None:
        hours = gpu_hours(asked.nodes, asked.gpus_per_node, asked.walltime_s, points=asked.points, attempts=asked.runs)
        amounts.append(("points", asked.points, "points", sweep))
        amounts.append(("gpu_hours", hours, "GPU h", (nodes, gpus, time, *sweep)))
        times = [
            *([f"{asked.runs} runs"] if asked.runs > 1 else []),
            *([f"{asked.points} points"] if asked.points > 1 else []),
        ]
        factors = [
            nodes.text,
            f"{asked.gpus_per_node} GPUs",
            f"{number(asked.walltime_s / SECONDS_PER_HOUR)} h",
            *times,
        ]
        notes = (f"{' x '.join(factors)} = {number(hours)} GPU h at most",)
    for field, amount, unit, about in amounts:
        limit, rule = _limit(policy, team, field)
        passed = _passed(limit, amount)
        if limit is None or passed is None:
            continue
        verdict, most = passed
        written = (*rule, verdict) if limit.warn is not None else rule
        whose = f" of team `{team}`" if team is not None and rule[1] == "teams" else ""
        yield Verdict(
            "RCP406" if field == "gpu_hours" else "RCP409",
            f"{number(amount)} {unit} are over the limit{whose}, {number(most)} {unit}",
            written,
            about,
            verdict,
            f"ask for at most {number(most)} {unit}",
            notes if field == "gpu_hours" else (),
        )


def _limit(policy: Policy, team: str | None, field: str) -> tuple[Limit | None, Route]:
    """The limit that holds, a team's own before that for all, and where it stands."""
    own: Limit | None = getattr(policy.teams[team], field) if team is not None else None
    if team is not None and own is not None:
        return own, ("policy", "teams", team, field)
    for_all: Limit | None = getattr(policy.limits, field)
    return for_all, ("policy", "limits", field)


def _passed(limit: Limit | None, amount: float) -> tuple[VerdictName, float] | None:
    if limit is not None and limit.deny is not None and amount > limit.deny:
        return "deny", limit.deny
    if limit is not None and limit.warn is not None and amount > limit.warn:
        return "warn", limit.warn
    return None


# ---------------------------------------------------------------- names


def _names(policy: Policy, team: str | None, cluster: str, asked: Asks) -> Iterator[Verdict]:
    env, secrets = asked.recipe.get("env") or {}, asked.recipe.get("secrets") or []
    image = [] if asked.image is None else [(("container",), asked.image.name)]
    named: tuple[tuple[str, str, Sequence[tuple[Route, str]]], ...] = (
        ("functions", "function", asked.functions),
        ("images", "image", image),
        ("partitions", "partition", _one(("resources", "partition"), asked.partition)),
        ("qos", "QOS", _one(("resources", "qos"), asked.qos)),
        ("env", "environment name", [(("env", name), name) for name in env]),
        ("secrets", "secret", [(("secrets", index), name) for index, name in enumerate(secrets)]),
    )
    for field, what, items in named:
        allow, names, rule = _allowed(policy, team, field)
        if names is None:
            continue
        whose = f"team `{team}`" if rule[1] == "teams" else "a job"
        for route, name in items:
            if not _matches(field, name, names):
                near = did_you_mean(name, [one for one in names if not one.endswith("*")])
                known = f"{field} it may use: {', '.join(names[:8]) or 'none'}"
                message = f"the policy of cluster `{cluster}` does not let {whose} use the {what} `{visible(name, 80)}`"
                help_ = (f"did you mean `{near}`? " if near else "") + known
                yield Verdict("RCP734", message, rule, (About(route),), allow.verdict, help_)


def _one(route: Route, name: str | None) -> list[tuple[Route, str]]:
    return [] if name is None else [(route, name)]


def _allowed(policy: Policy, team: str | None, field: str) -> tuple[Allow, tuple[str, ...] | None, Route]:
    own: Team | None = policy.teams[team] if team is not None else None
    if team is not None and own is not None and (names := getattr(own.allow, field)) is not None:
        return own.allow, names, ("policy", "teams", team, "allow", field)
    return policy.allow, getattr(policy.allow, field), ("policy", "allow", field)


def _matches(field: str, name: str, names: Sequence[str]) -> bool:
    if field == "functions":
        return permitted(name, names)
    return any(name == one or (field == "env" and one.endswith("*") and name.startswith(one[:-1])) for one in names)


# ---------------------------------------------------------------- routes


def _route(rule: RouteRule, at: Route, cluster: str, asked: Asks) -> Iterator[Verdict]:
    shown = visible(route_text(rule.route).replace('["**"]', ".**").replace('["*"]', ".*"), 80)
    why = (rule.why,) if rule.why else ()
    places = _occurrences(rule.route, asked)
    owner = f"the policy of cluster `{cluster}`"

    def verdict(code: str, said: str, about: About, help_: str) -> Verdict:
        return Verdict(code, f"{owner} {said}", (*at, rule.kind), (about,), rule.verdict, help_, why)

    if rule.kind == "require" and not places:
        yield verdict("RCP731", f"requires `{shown}`", About(rule.route, "not set here"), f"set `{shown}`")
    for route, value in () if rule.kind == "require" else places:
        name, to = visible(route_text(route), 80), visible(rule.to or "", 80)
        if rule.kind == "forbid":
            yield verdict("RCP732", f"does not let a recipe set `{name}`", About(route), "remove it")
        elif rule.to is None:
            yield verdict("RCP733", f"keeps `{name}` for itself", About(route), "remove it")
        elif value != rule.to:
            yield verdict("RCP733", f"locks `{name}` to `{to}`", About(route), f"write `{to}`, or remove it")


def _occurrences(pattern: Route, asked: Asks) -> list[tuple[Route, str]]:
    """Where a recipe and the points of its sweep set what a rule is about, and the value as JSON; each once."""
    found = dict.fromkeys(_inside(pattern, asked.recipe))
    for route, value in asked.sets:
        tree = value
        for part in reversed(route):
            tree = {part: tree}
        found.update(dict.fromkeys(_inside(pattern, tree)))
    return list(found)


def _inside(pattern: Route, value: Json, at: Route = ()) -> Iterator[tuple[Route, str]]:
    if not pattern:
        yield at, canonical(value)
        return
    part, rest = pattern[0], pattern[1:]
    children = list(
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    if part == ANY_DEPTH:
        yield from _inside(rest, value, at)
        for key, child in children:
            yield from _inside(pattern, child, (*at, key))
        return
    for key, child in children:
        if part in {ANY, key}:
            yield from _inside(rest, child, (*at, key))
