"""The pipeline. This module alone knows all the stages, and reads as they run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from recipe_compiler import (
    admission,
    asks,
    check,
    compose,
    entry,
    interpolate,
    lower,
    override,
    project,
    render,
    schema,
    settle,
    spread,
    syntax,
)
from recipe_compiler.bundle import Bundle, seal
from recipe_compiler.catalog import Constraint, Constraints
from recipe_compiler.catalog.store import DamagedError
from recipe_compiler.cluster import LOCAL, Cluster
from recipe_compiler.diag import Diagnostic, Diagnostics, arrange, has_errors
from recipe_compiler.layering import Read, layers_of, script_text
from recipe_compiler.manifest import facts
from recipe_compiler.plan import JobPlan, Provenance
from recipe_compiler.settle import Settled
from recipe_compiler.sweep import Point, expand
from recipe_compiler.syntax import Node
from recipe_compiler.targets import TARGETS
from recipe_compiler.typed_schema import typed
from recipe_compiler.version import VERSION
from recipe_compiler.workspace import Input, Profile, Workspace, catalog_names

_EXTENDS = "Files, relative to this one, whose content this recipe changes."
FIELDS = frozenset(schema.Recipe.model_fields)


class Compiled(NamedTuple):
    """What became of one recipe."""

    file: str
    bundle: Bundle | None
    plan: JobPlan | None
    found: Diagnostics

    @property
    def named(self) -> tuple[str, str] | None:
        """The recipe's name and file, if it got as far as a name."""
        return (self.plan.name, self.file) if self.plan else None


class Checked(NamedTuple):
    """What the rules found in one recipe, and the recipe as they saw it."""

    composed: Composed
    settled: Settled | None
    found: Diagnostics


class Composed(NamedTuple):
    """One recipe's tree after each stage that sets values, by the stage's name, in order."""

    stages: dict[str, Node]
    digests: dict[str, str]
    """The digest of each file it came from."""
    found: Diagnostics
    extends: tuple[tuple[str, str], ...] = ()
    """Which of these files extends which."""

    @property
    def tree(self) -> Node | None:
        """The tree as the recipe means it; None where the layers did not compose."""
        return self.stages.get("walk")


def compose_recipe(item: Input, sets: Sequence[str | override.Text], space: Workspace, read: Read) -> Composed:
    """The tree of one recipe with every value in its place, and how it came to be."""
    layers = layers_of(item, space, read)
    found = list(layers.found)
    if has_errors(found):
        return Composed({}, layers.digests, tuple(found))
    tree, wrong = compose.finished(compose.compose(layers.nodes))
    found += wrong
    stages = {"layers": tree}
    stages["override"], wrong = _override(stages["layers"], sets)
    found += wrong
    stages["resolver"], wrong = project.expand(stages["override"], space.project.resolvers)
    found += wrong
    stages["interpolation"], wrong = interpolate.interpolate(stages["resolver"], FIELDS)
    found += wrong
    if any(item.code == "RCP503" for item in wrong):  # there is more of this tree than can be looked at
        return Composed({}, layers.digests, tuple(found))
    stages["broadcast"], wrong = spread.broadcast(stages["interpolation"], layers.digests)
    found += wrong
    stages["walk"], wrong = spread.walk(stages["broadcast"])
    found += wrong
    return Composed(stages, layers.digests, tuple(found), tuple(layers.extends))


def settle_recipe(
    composed: Composed, item: Input, space: Workspace, read: Read
) -> tuple[Settled | None, str | None, Diagnostics]:
    """The recipe with nothing left open, and the text of its script's file; the findings are those of these stages."""
    tree = composed.tree
    if tree is None:
        return None, None, ()
    recipe, wrong = schema.validate(schema.Recipe, tree)
    found = list(wrong)
    if recipe is None or has_errors((*composed.found, *found)):
        return None, None, tuple(found)
    found += entry.one_of(recipe, tree)
    text, wrong = script_text(recipe, tree, item, space, read)
    found += wrong
    if has_errors(found):
        return None, None, tuple(found)
    profile = space.profile
    settled, wrong = settle.settle(recipe, tree, profile.cluster, profile.tree, space.registry, script=text)
    return settled, text, (*found, *wrong)


def check_recipe(item: Input, sets: Sequence[str | override.Text], space: Workspace, read: Read) -> Checked:
    """One recipe against every rule; nothing is rendered."""
    composed = compose_recipe(item, sets, space, read)
    settled, _, wrong = settle_recipe(composed, item, space, read)
    found = [*composed.found, *wrong]
    if settled is not None:
        found += _judge(settled, space)[2]
    return Checked(composed, settled, arrange(found))


def _judge(settled: Settled, space: Workspace) -> tuple[tuple[Point, ...], asks.Asks, Diagnostics]:
    """The points of its sweep, what the job asks for, and what the rules, the target and the policy find."""
    target = TARGETS[space.profile.cluster.target.kind]
    unsupported = target.supports(settled)
    points, wrong = ((), ()) if unsupported else _points(settled, target.max_array(space.profile.options))
    asked = asks.of(settled, points, counted=bool(points) or settled.recipe.sweep is None)
    try:
        ruled = (*check.check(settled), *check.check_points(settled, points))
    except DamagedError as error:
        where = next(iter(catalog_names(space.profile)))[1]
        ruled = (Diagnostic("RCP310", str(error), where, help="make it anew with `recipec catalog`"),)
    return points, asked, (*ruled, *unsupported, *wrong, *admission.compiled(settled, asked))


def compile_recipe(item: Input, sets: Sequence[str | override.Text], space: Workspace, read: Read) -> Compiled:
    """The bundle of one recipe, or every reason why there is none."""
    composed = compose_recipe(item, sets, space, read)
    found: list[Diagnostic] = list(composed.found)
    settled, text, wrong = settle_recipe(composed, item, space, read)
    found += wrong
    if settled is None:
        return Compiled(item.file, None, None, arrange(found))
    points, asked, wrong = _judge(settled, space)
    found += wrong
    if has_errors(found):
        return Compiled(item.file, None, None, arrange(found))

    target = TARGETS[space.profile.cluster.target.kind]
    plan = lower.lower(settled, entry.raw(settled.recipe, text), points, _provenance(item, space))
    try:
        files = target.render(plan, space.profile.options, space.templates)
    except render.RenderError as error:
        found.append(
            Diagnostic("RCP802", str(error), file=item.file, help="report this: a check before it should have said so")
        )
        return Compiled(item.file, None, plan, arrange(found))
    found += target.verify(files)
    if has_errors(found):
        return Compiled(item.file, None, plan, arrange(found))
    bundle = seal(plan.name, files, facts(settled, plan, asked, composed.digests, _texts(sets), space))
    return Compiled(item.file, bundle, plan, arrange(found))


def _override(tree: Node, sets: Sequence[str | override.Text]) -> tuple[Node, Diagnostics]:
    found: list[Diagnostic] = []
    for text in sets:
        parsed, wrong = override.parse(text)
        found += wrong
        if parsed is not None:
            changed, wrong = override.apply(tree, parsed, FIELDS)
            found += wrong
            tree = changed or tree
    return tree, tuple(found)


def _texts(sets: Sequence[str | override.Text]) -> list[str]:
    return [text if isinstance(text, str) else text.text for text in sets]


def _points(settled: Settled, limit: int) -> tuple[tuple[Point, ...], Diagnostics]:
    if settled.recipe.sweep is None:
        return (), ()
    return expand(settled.recipe.sweep, settled.tree, limit, FIELDS)


def _provenance(item: Input, space: Workspace) -> Provenance:
    return Provenance(item.file, space.profile.cluster.name, VERSION)


def load_project(data: bytes | None, file: str) -> tuple[project.Project | None, Diagnostics]:
    """The project file's content, or the defaults where there is none."""
    if data is None or not data.strip():
        return project.Project(), ()
    node, found = syntax.parse_bytes(file, data)
    if node is None or has_errors(found):
        return None, arrange(found)
    model, wrong = schema.validate(project.Project, node)
    return model, arrange((*found, *wrong))


def load_cluster(data: bytes | None, file: str) -> tuple[Profile | None, Diagnostics]:
    """A cluster profile's content, or the embedded `local`."""
    if data is None:
        data, file = LOCAL.encode(), "<embedded cluster local>"
    node, found = syntax.parse_bytes(file, data)
    if node is None or has_errors(found):
        return None, arrange(found)
    cluster, wrong = schema.validate(Cluster, node)
    if cluster is None:
        return None, arrange((*found, *wrong))
    options, wrong = settle.choose(TARGETS, cluster.target, node, ("target",), "target")
    if options is None:
        return None, arrange((*found, *wrong))
    wrong = TARGETS[cluster.target.kind].check_profile(cluster, node)
    if wrong:
        return None, arrange((*found, *wrong))
    return Profile(cluster, node, options, hashlib.sha256(data).hexdigest()), arrange(found)


def load_constraints(data: bytes, file: str) -> tuple[tuple[Constraint, ...], Diagnostics]:
    """The constraints that stand beside a catalog."""
    node, found = syntax.parse_bytes(file, data)
    if node is None or has_errors(found):
        return (), arrange(found)
    model, wrong = schema.validate(Constraints, node)
    return (model.constraints if model is not None else ()), arrange((*found, *wrong))


def collisions(named: Iterable[tuple[str, str] | None]) -> Diagnostics:
    """Recipes of one run that have one name. `named`: name and file of each. Emits: RCP705."""
    first: dict[str, str] = {}
    found = []
    for pair in named:
        if pair is None:
            continue
        name, file = pair
        other = first.setdefault(name, file)
        if other != file:
            message = f"{other} and {file} have the same name `{name}`"
            found.append(Diagnostic("RCP705", message, file=file, help="give each recipe a name of its own"))
    return tuple(found)


def json_schema(settled: Settled | None = None) -> str:
    """The JSON Schema of recipes, for editors; of one recipe, with what its calls take."""
    data = schema.Recipe.model_json_schema()
    data["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    data["title"] = "recipec recipe"
    text = {"type": "string"}
    data["properties"]["extends"] = {"anyOf": [text, {"type": "array", "items": text}], "description": _EXTENDS}
    alone = {"required": data.pop("required"), "oneOf": [{"required": [kind]} for kind in entry.KINDS]}
    data |= {"if": {"not": {"required": ["extends"]}}, "then": alone}  # a base may say what is not said here
    if settled is not None:
        data = typed(data, settled)
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def digest(data: bytes) -> str:
    """The hex sha256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()
