"""The pipeline. This module alone knows all the stages, and reads as they run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from recipe_compiler import check, compose, interpolate, lower, override, project, render, schema, settle, syntax
from recipe_compiler.bundle import Bundle, seal
from recipe_compiler.cluster import LOCAL, Cluster
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Span, arrange, has_errors, route_text, visible
from recipe_compiler.plan import JobPlan, Provenance
from recipe_compiler.settle import Settled
from recipe_compiler.syntax import Node
from recipe_compiler.targets import TARGETS
from recipe_compiler.version import VERSION
from recipe_compiler.workspace import Input, Profile, Workspace

Read = Callable[[PurePath, PurePath], tuple[bytes | None, Diagnostics]]
"""Reads a file below a root: the host's part."""
MAX_LAYERS = 64
FIELDS = frozenset(schema.Recipe.model_fields)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of one recipe."""

    file: str
    bundle: Bundle | None
    plan: JobPlan | None
    found: Diagnostics

    @property
    def named(self) -> tuple[str, str] | None:
        """The recipe's name and file, if it got as far as a name."""
        return (self.plan.name, self.file) if self.plan else None


@dataclass(slots=True)
class _Layers:
    """The layers of one recipe in merge order, and the digest of each file."""

    nodes: list[Node] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)


def compile_recipe(item: Input, sets: Sequence[str], space: Workspace, read: Read) -> Compiled:
    """The bundle of one recipe, or every reason why there is none."""
    found: list[Diagnostic] = []

    layers = _load(item, space, read)
    found += layers.found
    if has_errors(found):
        return Compiled(item.file, None, None, arrange(found))

    tree = compose.compose(layers.nodes)
    tree, wrong = _override(tree, sets)
    found += wrong
    tree, wrong = project.expand(tree, space.project.resolvers)
    found += wrong
    tree, wrong = interpolate.interpolate(tree)
    found += wrong

    recipe, wrong = schema.validate(schema.Recipe, tree)
    found += wrong
    if recipe is None or has_errors(found):
        return Compiled(item.file, None, None, arrange(found))

    settled, wrong = settle.settle(recipe, tree, space.profile.cluster, space.profile.tree)
    found += wrong
    if settled is None:
        return Compiled(item.file, None, None, arrange(found))
    target = TARGETS[space.profile.cluster.target.kind]
    found += check.check(settled)
    found += target.supports(settled)
    if has_errors(found):
        return Compiled(item.file, None, None, arrange(found))

    plan = lower.lower(settled, _provenance(item, space))
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
    bundle = seal(plan.name, files, _facts(settled, plan, layers, sets, space))
    return Compiled(item.file, bundle, plan, arrange(found))


def _load(item: Input, space: Workspace, read: Read) -> _Layers:
    """The recipe and its bases, parsed, bases first."""
    layers = _Layers()
    node, found = syntax.parse_bytes(item.file, item.data)
    layers.found += found
    if node is not None:
        _add_bases(node, item.path, (item.path,), layers, space, read)
        layers.nodes.append(node)
        layers.digests[item.file] = hashlib.sha256(item.data).hexdigest()
    return layers


def _add_bases(
    node: Node, path: PurePath, chain: tuple[PurePath, ...], layers: _Layers, space: Workspace, read: Read
) -> None:
    named, found = compose.bases(node)
    layers.found += found
    for text, span in named:
        base = _joined(path.parent, text)
        finding = _base_trouble(base, span, chain, space, layers)
        if finding is not None:
            layers.found.append(finding)
            return
        tree, digest = _parsed(base, span, layers, space, read)
        if tree is None:
            return
        _add_bases(tree, base, (*chain, base), layers, space, read)
        layers.nodes.append(tree)
        layers.digests[_shown(base, space)] = digest


def _joined(folder: PurePath, text: str) -> PurePath:
    """`text` from `folder`, with `.` and `..` worked out."""
    parts: list[str] = []
    for part in (folder / text).parts:
        if part == "..":
            parts[-1:] = []
        elif part != ".":
            parts.append(part)
    return PurePath(*parts)


def _shown(path: PurePath, space: Workspace) -> str:
    """The path as every machine names it: relative to the project."""
    return path.relative_to(space.root).as_posix() if path.is_relative_to(space.root) else path.name


def _base_trouble(
    base: PurePath, span: Span, chain: tuple[PurePath, ...], space: Workspace, layers: _Layers
) -> Diagnostic | None:
    if not base.is_relative_to(space.root) or PurePath(span.text.strip("\"'")).is_absolute():
        message = f"the base `{visible(span.text, 80)}` is outside the project"
        return Diagnostic(
            "RCP602", message, Label(span), help="name a file below the folder of `recipec.yaml`, relative to this one"
        )
    if base in chain:
        shown = " → ".join(_shown(step, space) for step in (*chain[chain.index(base) :], base))
        return Diagnostic(
            "RCP504", f"the bases go in a circle: {shown}", Label(span), help="remove one of these `extends`"
        )
    if len(chain) + len(layers.nodes) > MAX_LAYERS:
        return Diagnostic("RCP504", f"more than {MAX_LAYERS} layers", Label(span), help="extend fewer bases")
    return None


def _parsed(base: PurePath, span: Span, layers: _Layers, space: Workspace, read: Read) -> tuple[Node | None, str]:
    if base in space.layers:
        return space.layers[base]
    data, found = read(base, space.root)
    if data is None:
        reason = found[0].message if found else "cannot read it"
        code = "RCP505" if found and found[0].code == "RCP001" else found[0].code
        layers.found.append(
            Diagnostic(
                code, f"the base `{visible(span.text, 80)}`: {reason}", Label(span), help="name a file that is there"
            )
        )
        return None, ""
    node, found = syntax.parse_bytes(_shown(base, space), data)
    layers.found += found
    result = (node, hashlib.sha256(data).hexdigest())
    if not found:
        space.layers[base] = result
    return result


def _override(tree: Node, sets: Sequence[str]) -> tuple[Node, Diagnostics]:
    found: list[Diagnostic] = []
    for text in sets:
        parsed, wrong = override.parse(text)
        found += wrong
        if parsed is not None:
            changed, wrong = override.apply(tree, parsed, FIELDS)
            found += wrong
            tree = changed or tree
    return tree, tuple(found)


def _provenance(item: Input, space: Workspace) -> Provenance:
    return Provenance(item.file, space.profile.cluster.name, VERSION)


def _facts(settled: Settled, plan: JobPlan, layers: _Layers, sets: Sequence[str], space: Workspace) -> dict[str, Any]:
    """The manifest, less its files: what the job is, what went in, and where each value came from."""
    texts = space.templates.texts
    image = plan.step.image
    return {
        "recipec": VERSION,
        "cluster": {
            "name": settled.cluster.name,
            "target": settled.cluster.target.kind,
            "sha256": space.profile.sha256,
        },
        "job": {
            "function": plan.function,
            "nodes": plan.topology.nodes,
            "gpus_per_node": plan.topology.gpus_per_node,
            "nproc_per_node": plan.nproc_per_node,
            "world_size": plan.world_size,
            "walltime_s": plan.walltime_s,
            "partition": plan.queue.partition,
            "account": plan.queue.account,
            "launcher": plan.launcher,
            "container": plan.container,
            "image": {"name": settled.image.value, "path": image.path, "sha256": image.sha256} if image else None,
            "runs_dir": plan.runs_dir,
        },
        "inputs": {
            "recipe": layers.digests,
            "project": space.project_sha256,
            "overrides": list(sets),
            "templates": {
                name: _template_digest(text)
                for name, text in sorted(texts.items())
                if name.startswith(_families(space))
            },
        },
        "values": _values(settled.tree),
    }


def _families(space: Workspace) -> tuple[str, ...]:
    others = tuple(f"{name}/" for name in TARGETS if name != space.profile.cluster.target.kind)
    return tuple(name for name in space.templates.texts if not name.startswith(others))


_digests: dict[str, str] = {}


def _template_digest(text: str) -> str:
    if text not in _digests:
        _digests[text] = hashlib.sha256(text.encode()).hexdigest()
    return _digests[text]


def _values(tree: Node) -> dict[str, str]:
    """`file:line` of who set each leaf."""
    places: dict[str, str] = {}
    for route, node in syntax.walk(tree):
        if not isinstance(node.value, (dict, list)) or not node.value:
            line, _ = node.source.position(node.start)
            places[route_text(route)] = f"{node.source.file}:{line}"
    return places


def load_project(data: bytes | None, file: str) -> tuple[project.Project | None, Diagnostics]:
    """The project file's content, or the defaults where there is none."""
    if data is None:
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


def json_schema() -> str:
    """The JSON Schema of a recipe, for editors."""
    data = schema.Recipe.model_json_schema()
    data["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    data["title"] = "recipec recipe"
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def digest(data: bytes) -> str:
    """The hex sha256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()
