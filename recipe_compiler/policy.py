"""What the execution team lets a job ask for, as data: `policy:` of a cluster profile.

Nothing here is decided; `verdicts` weighs a job against it. Every model is frozen, so no recipe,
plugin or rule can change a policy that was read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from recipe_compiler.diag import Route, visible
from recipe_compiler.override import route_of
from recipe_compiler.schema import Model
from recipe_compiler.schema.fields import DirectiveWord, Name, Text, expected, function_trouble, wrong

ROUTED = ("args", "container", "env", "launcher", "resources", "secrets")
"""What a rule may be about: the parts of a recipe that a bundle still has when it is submitted."""
ANY, ANY_DEPTH = "*", "**"
_OWNERS = "or ask the owners of the cluster profile"
VerdictName = Literal["warn", "deny"]


def _pattern(value: object) -> str:
    if not isinstance(value, str):
        raise expected("a function path")
    body = "a.b" if value == "*" else value.removesuffix(".*")
    if "*" in body or (trouble := function_trouble(body if "." in body or ":" in body else f"{body}.x")) is not None:
        why = "`*` stands only at the end" if "*" in body else trouble
        raise wrong("RCP704", f"`{value}` is not a function pattern: {why}", "write an exact path, `package.*`, or `*`")
    return value


FunctionPattern = Annotated[str, PlainValidator(_pattern)]
"""An exact path, `package.*`, or `*`."""


def _limit(value: Any) -> Any:  # noqa: ANN401  a validator takes anything
    """`16` is short for `{deny: 16}`."""
    return {"deny": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise expected("a number")
    if value < 0:
        raise wrong("RCP203", f"{value} is less than 0", "write what a job may ask for at most")
    return value


Amount = Annotated[float, PlainValidator(_amount)]


class Limit(Model):
    """From which amount on a job is warned about or refused: what is more than `deny` is refused."""

    warn: Amount | None = None
    deny: Amount | None = None


LimitField = Annotated[Limit, BeforeValidator(_limit)]


class Limits(Model):
    """Of one job, all points of its sweep counted where they count."""

    nodes: LimitField | None = None
    gpus: LimitField | None = None
    """Of all nodes together."""
    gpu_hours: LimitField | None = None
    """In the worst case: nodes x GPUs x time limit x runs x points."""
    points: LimitField | None = None


Words = Annotated[tuple[Text, ...], Field(strict=False)]


class Allow(Model):
    """Names that a job may ask for, where the profile's own lists are wider. What is not set is not asked about."""

    functions: Annotated[tuple[FunctionPattern, ...], Field(strict=False)] | None = None
    images: Words | None = None
    partitions: Words | None = None
    qos: Words | None = None
    env: Words | None = None
    """Names, or prefixes ending in `*`."""
    secrets: Words | None = None
    verdict: VerdictName = "deny"


class Team(Limits):
    """A team's own entries, which win over those for all. A job is of the team that its account is of."""

    accounts: Annotated[tuple[DirectiveWord, ...], Field(strict=False, min_length=1)]
    allow: Allow = Allow()


def _route(value: object) -> Route:
    help_ = "write a route such as `args.lr`, `args.*.lr` (one step) or `args.**.lr` (any depth)"
    if not isinstance(value, str):
        raise expected("a route", help_)
    route = route_of(value)
    if route is None or route.count(ANY_DEPTH) > 1:
        raise wrong("RCP202", f"`{visible(value, 80)}` is not a route", help_)
    if route[0] not in ROUTED:
        raise wrong(
            "RCP202",
            f"`{visible(value, 80)}` is not a route that a policy can ask about",
            f"begin with one of: {', '.join(ROUTED)}",
        )
    return route


RouteField = Annotated[Route, PlainValidator(_route)]


def canonical(value: object) -> str:
    """A value as JSON, one text for one value: `1.0` is `1`, keys are sorted."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return json.dumps(whole, sort_keys=True, ensure_ascii=False)


class RouteRule(Model):
    """What a recipe must, must not, or may only say at a route."""

    require: RouteField | None = None
    forbid: RouteField | None = None
    lock: RouteField | None = None
    to: Annotated[str | None, PlainValidator(canonical)] = None
    """The only value of a locked route, as JSON, which nothing can change; without it no recipe may set the route."""
    verdict: VerdictName = "deny"
    why: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> RouteRule:
        said = [kind for kind in ("require", "forbid", "lock") if getattr(self, kind) is not None]
        if len(said) != 1:
            raise wrong("RCP202", "a rule has exactly one of `require`, `forbid` and `lock`", "write a rule for each")
        if "to" in self.model_fields_set and said != ["lock"]:
            raise wrong("RCP202", f"`to` belongs to `lock`, not to `{said[0]}`", "remove it, or write `lock:`")
        return self

    @property
    def kind(self) -> Literal["require", "forbid", "lock"]:
        """Which of the three it is."""
        return "require" if self.require is not None else "forbid" if self.forbid is not None else "lock"

    @property
    def route(self) -> Route:
        """The route it is about; a part may be `*` or `**`."""
        return self.require or self.forbid or self.lock or ()


def _no_teams() -> Mapping[Name, Team]:
    return MappingProxyType({})


class Policy(Model):
    """`policy:` of a cluster profile."""

    contact: str = ""
    """Whom to ask for an exception, and how."""
    limits: Limits = Limits()
    teams: Annotated[Mapping[Name, Team], AfterValidator(MappingProxyType)] = Field(default_factory=_no_teams)
    allow: Allow = Allow()
    routes: tuple[RouteRule, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _one_team_an_account(self) -> Policy:
        owner: dict[str, str] = {}
        for name, team in self.teams.items():
            for account in team.accounts:
                if owner.setdefault(account, name) != name:
                    message = f"the account `{account}` is of the teams `{owner[account]}` and `{name}`"
                    raise wrong("RCP102", message, "give each account one team")
        return self

    def team(self, account: str | None) -> str | None:
        """The team that an account is of."""
        return next((name for name, team in self.teams.items() if account in team.accounts), None)

    def exception(self, help_: str) -> str:
        """`help_` of a finding, and how to ask for an exception."""
        if self.contact:
            return f"{help_}; for an exception: {self.contact}"
        return f"{help_}{'' if help_.endswith('?') else ','} {_OWNERS}"
