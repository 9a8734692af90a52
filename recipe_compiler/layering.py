"""A recipe's layers: the recipe, its bases and theirs, read through the host and parsed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath

from recipe_compiler import compose, patches, syntax
from recipe_compiler.diag import Diagnostic, Diagnostics, Label, Span, visible
from recipe_compiler.schema import Recipe
from recipe_compiler.syntax import Node, find, label
from recipe_compiler.workspace import Input, Workspace

Read = Callable[[PurePath, PurePath, str], tuple[bytes | None, Diagnostics]]
"""Reads a file below a root, by the name it has in messages: the host's part."""
MAX_LAYERS = 64
MAX_CHARS = 4 << 20
"""Of all layers of one recipe: 64 of the largest files would take seconds and a gigabyte."""


@dataclass(slots=True)
class Layers:
    """The layers of one recipe in merge order, and the digest of each file."""

    nodes: list[Node] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    extends: list[tuple[str, str]] = field(default_factory=list)
    """Which file extends which."""
    chars: int = 0


def layers_of(item: Input, space: Workspace, read: Read) -> Layers:
    """The recipe and its bases, parsed, bases first."""
    layers = Layers()
    node, found = syntax.parse_bytes(item.file, item.data)
    layers.found += found
    if node is not None:
        node, found = patches.read_markers(node)
        layers.found += found
        _add_bases(node, item.path, (item.path,), layers, space, read)
        layers.nodes.append(node)
        layers.digests[item.file] = hashlib.sha256(item.data).hexdigest()
    return layers


def _add_bases(
    node: Node, path: PurePath, chain: tuple[PurePath, ...], layers: Layers, space: Workspace, read: Read
) -> None:
    named, found = compose.bases(node)
    layers.found += found
    for text, span in named:
        base = joined(path.parent, text)
        finding = _base_trouble(base, span, chain, space, layers)
        if finding is not None:
            layers.found.append(finding)
            return
        tree, digest = _parsed(base, span, layers, space, read)
        if tree is None:
            return
        layers.chars += len(tree.source.text)
        if layers.chars > MAX_CHARS:
            message = f"the bases of this recipe are larger than {MAX_CHARS >> 20} MiB together"
            layers.found.append(Diagnostic("RCP106", message, Label(span), help="extend fewer or smaller bases"))
            return
        layers.extends.append((shown_path(path, space), shown_path(base, space)))
        _add_bases(tree, base, (*chain, base), layers, space, read)
        layers.nodes.append(tree)
        layers.digests[shown_path(base, space)] = digest


def script_text(
    recipe: Recipe, tree: Node, item: Input, space: Workspace, read: Read
) -> tuple[str | None, Diagnostics]:
    """The text of the file that `script.path` names, below the project. Emits: RCP507, RCP602, RCP611, RCP100."""
    if recipe.script is None or recipe.script.path is None:
        return None, ()
    full = ("script", "path")
    where = label(tree, full if find(tree, full)[1] == full else ("script",))
    shown = visible(recipe.script.path, 80)
    path = joined(item.path.parent, recipe.script.path)
    if not path.is_relative_to(space.root) or PurePath(recipe.script.path).is_absolute():
        message = f"the script `{shown}` is outside the project"
        help_ = "name a file below the project, relative to the recipe"
        return None, (Diagnostic("RCP602", message, where, help=help_),)
    data, found = read(path, space.root, shown_path(path, space))
    if data is None:
        code = "RCP507" if found[0].code == "RCP001" else found[0].code
        return None, (
            Diagnostic(code, f"the script `{shown}`: {found[0].message}", where, help="name a file that is there"),
        )
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or "\r" in text:
        message = f"the script `{shown}` is not UTF-8 text with LF line ends"
        return None, (Diagnostic("RCP100", message, where, help="save it as UTF-8 with LF"),)
    return text, ()


def joined(folder: PurePath, text: str) -> PurePath:
    """`text` from `folder`, with `.` and `..` worked out."""
    parts: list[str] = []
    for part in (folder / text).parts:
        if part == "..":
            parts[-1:] = []
        elif part != ".":
            parts.append(part)
    return PurePath(*parts)


def shown_path(path: PurePath, space: Workspace) -> str:
    """The path as every machine names it: relative to the project."""
    return path.relative_to(space.root).as_posix() if path.is_relative_to(space.root) else path.name


def _base_trouble(
    base: PurePath, span: Span, chain: tuple[PurePath, ...], space: Workspace, layers: Layers
) -> Diagnostic | None:
    if not base.is_relative_to(space.root) or PurePath(span.text.strip("\"'")).is_absolute():
        message = f"the base `{visible(span.text, 80)}` is outside the project"
        return Diagnostic(
            "RCP602", message, Label(span), help="name a file below the folder of `recipec.yaml`, relative to this one"
        )
    if base in chain:
        shown = " → ".join(shown_path(step, space) for step in (*chain[chain.index(base) :], base))
        return Diagnostic(
            "RCP505", f"the bases go in a circle: {shown}", Label(span), help="remove one of these `extends`"
        )
    if len(chain) + len(layers.nodes) > MAX_LAYERS:
        return Diagnostic("RCP505", f"more than {MAX_LAYERS} layers", Label(span), help="extend fewer bases")
    return None


def _parsed(base: PurePath, span: Span, layers: Layers, space: Workspace, read: Read) -> tuple[Node | None, str]:
    if base in space.layers:
        return space.layers[base]
    data, found = read(base, space.root, shown_path(base, space))
    if data is None:
        code = "RCP507" if found[0].code == "RCP001" else found[0].code
        message = f"the base `{visible(span.text, 80)}`: {found[0].message}"
        layers.found.append(Diagnostic(code, message, Label(span), help="name a file that is there"))
        return None, ""
    node, found = syntax.parse_bytes(shown_path(base, space), data)
    if node is not None:
        node, wrong = patches.read_markers(node)
        found += wrong
    layers.found += found
    result = (node, hashlib.sha256(data).hexdigest())
    if not found:
        space.layers[base] = result
    return result
