"""Every choice that a recipe leaves open, settled from the cluster's defaults.

Each settled value keeps where it was decided, in the recipe or in the profile, so that a later
rule points at the line that a person must change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from recipe_compiler.catalog import Catalogs
from recipe_compiler.cluster import Cluster, Image
from recipe_compiler.containers import CONTAINERS, Container
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Route, did_you_mean, visible
from recipe_compiler.launchers import LAUNCHERS, Launcher
from recipe_compiler.schema import Model, Recipe, Section, validate
from recipe_compiler.syntax import Node, find, label

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """A value and the place that decided it: `route` in the tree `root`."""

    value: T
    root: Node
    route: Route

    def label(self, text: str = "") -> Label:
        """The place to show for this value."""
        return label(self.root, self.route, text)


class Settled(NamedTuple):
    """A recipe on a cluster, with nothing left open. Times in seconds, memory in MiB."""

    recipe: Recipe
    tree: Node
    cluster: Cluster
    profile: Node
    nodes: Choice[int]
    gpus_per_node: Choice[int]
    cpus_per_node: Choice[int | None]
    mem_per_node: Choice[int | None]
    time_s: Choice[int]
    partition: Choice[str | None]
    account: Choice[str | None]
    qos: Choice[str | None]
    image: Choice[str]
    image_file: Image | None
    launcher: Launcher[Any]
    launcher_options: Model
    container: Container[Any]
    container_options: Model
    container_section: Choice[str]
    catalogs: Catalogs | None
    """What the job finds, as signatures; None where the profile names no catalog."""
    script: str | None = None
    """The text of the file that `script.path` names."""

    def policy(self, key: str) -> tuple[Label, ...]:
        """Where the profile says what it permits, for a finding that shows it; nowhere if it does not say."""
        return (label(self.profile, (key,), "the policy", key=True),) if key in self.profile.value else ()


def settle(
    recipe: Recipe,
    tree: Node,
    cluster: Cluster,
    profile: Node,
    catalogs: Callable[[tuple[str, ...]], Catalogs],
    *,
    script: str | None = None,
) -> tuple[Settled | None, Diagnostics]:
    """The recipe with the cluster's defaults, and its plugins chosen and configured.

    Emits: RCP209 and RCP2xx for plugins and their options, RCP608 for images.
    """
    found: list[Diagnostic] = []

    def pick(field: str, *, section: str = "resources") -> Choice[Any]:
        value = getattr(recipe.resources, field) if section == "resources" else getattr(recipe, field)
        route: Route = ("resources", field) if section == "resources" else (field,)
        if value is not None:
            return Choice(value, tree, route)
        return Choice(getattr(cluster.defaults, field), profile, ("defaults", field))

    partition = pick("partition")
    if partition.value is None and len(cluster.partitions) == 1:
        partition = Choice(next(iter(cluster.partitions)), profile, ("partitions",))
    launcher_choice = pick("launcher", section="recipe")
    section: Section = launcher_choice.value or Section(kind="python")
    launcher, launcher_options = _plugin(LAUNCHERS, section, launcher_choice, "launcher", found)
    image = pick("container", section="recipe")
    image_file = _image(image, cluster, found)
    runtime: Choice[Any] = Choice(cluster.container, profile, ("container",))
    wanted = Section(kind="none") if image.value == "none" else runtime.value
    if wanted is None and not found:
        found.append(
            Diagnostic(
                "RCP608",
                f"cluster `{cluster.name}` has no container runtime, so it cannot run `{visible(image.value, 60)}`",
                image.label(),
                help="write `container: none`, or compile for a cluster that has one",
            )
        )
    wanted = wanted or Section(kind="none")
    container, container_options = _plugin(CONTAINERS, wanted, runtime, "container", found)
    if launcher is None or container is None or launcher_options is None or container_options is None or found:
        return None, tuple(found)
    return Settled(
        recipe=recipe,
        tree=tree,
        cluster=cluster,
        profile=profile,
        nodes=pick("nodes"),
        gpus_per_node=pick("gpus_per_node"),
        cpus_per_node=pick("cpus_per_node"),
        mem_per_node=pick("mem_per_node"),
        time_s=pick("time"),
        partition=partition,
        account=pick("account"),
        qos=pick("qos"),
        image=image,
        image_file=image_file,
        launcher=launcher,
        launcher_options=launcher_options,
        container=container,
        container_options=container_options,
        container_section=Choice(wanted.kind, runtime.root, runtime.route),
        catalogs=_catalogs(cluster, image_file, catalogs),
        script=script,
    ), ()


def _catalogs(cluster: Cluster, image: Image | None, opened: Callable[[tuple[str, ...]], Catalogs]) -> Catalogs | None:
    names = cluster.catalogs if image is None or image.catalogs is None else image.catalogs
    return None if names is None else opened(names)


class _Plugin(Protocol):
    @property
    def Options(self) -> type[Model]:  # noqa: N802  a module's constant
        """The model of its options."""


P = TypeVar("P", bound=_Plugin)


def _plugin(
    family: Mapping[str, P], section: Section, choice: Choice[Any], what: str, found: list[Diagnostic]
) -> tuple[P | None, Model | None]:
    """The plugin that a section names, and its options by that plugin's own model."""
    options, wrong = choose(family, section, choice.root, choice.route, what)
    found.extend(wrong)
    return family.get(section.kind), options


def choose(
    family: Mapping[str, P], section: Section, root: Node, route: Route, what: str
) -> tuple[Model | None, Diagnostics]:
    """The options of the plugin that `section`, at `route` of `root`, names.

    Emits: RCP209, and RCP2xx for its options.
    """
    plugin = family.get(section.kind)
    if plugin is not None:
        return validate(plugin.Options, root, route, section.options)
    kind = (*route, "kind")
    at = label(root, kind if find(root, kind)[1] == kind else route)
    near = did_you_mean(section.kind, family)
    help_ = (f"did you mean `{near}`? " if near else "") + f"one of: {', '.join(sorted(family))}"
    return None, (
        Diagnostic("RCP209", f"there is no {what} `{visible(section.kind, 60)}`", at, help=help_, route=route),
    )


def _image(image: Choice[str], cluster: Cluster, found: list[Diagnostic]) -> Image | None:
    if image.value == "none":
        return None
    if image.value not in cluster.images:
        near = did_you_mean(image.value, cluster.images)
        known = ", ".join(sorted(cluster.images)) or "none"
        message = f"cluster `{cluster.name}` has no image `{visible(image.value, 80)}`"
        help_ = (f"did you mean `{near}`? " if near else "") + f"images of this cluster: {known}"
        found.append(Diagnostic("RCP608", message, image.label(), help=help_, route=image.route))
        return None
    return cluster.images[image.value]
