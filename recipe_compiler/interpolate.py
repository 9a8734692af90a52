"""`${route}`: a value that is another value of the same recipe, or text with such values in it.

`${vars.x}` and `${args.lr}` name a route from the top of the composed recipe; a name that is no
top-level key means an argument, as in an override. A value that is nothing but a reference keeps
the type of what it names. `$${` is the text `${`. A `_raw_: true` subtree is left as it is.
There is no `${env:…}`: what a bundle depends on is in the files.
"""

from __future__ import annotations

import re
from operator import is_
from typing import NamedTuple

from recipe_compiler.diag import (
    MAX_PER_FILE,
    Diagnostic,
    Diagnostics,
    Label,
    Route,
    Span,
    did_you_mean,
    route_text,
    visible,
)
from recipe_compiler.override import indexed, route_of
from recipe_compiler.syntax import Node, find

MAX_VALUES = 50_000
MAX_TEXT = 1 << 20
MAX_DEPTH = 64
_MAX_WAY = 128
"""Levels and references between the place of a reference and a value: each is a call of Python's."""
_NESTED = re.compile(r"(?<!\$)\$\{[^{}$]*\$\{[^{}]*\}[^{}]*\}?")
_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")


def interpolate(root: Node, fields: frozenset[str]) -> tuple[Node, Diagnostics]:
    """The tree with every reference replaced. `fields` are the top-level keys of the language.

    Emits: RCP501 undefined or malformed, RCP502 circular, RCP503 too large, RCP504 nested.
    """
    work = _Work(root, fields)
    result = work.node(root, ())
    if result is not root and all(item.code != "RCP503" for item in work.found):
        work.check_size(result)
    return result, tuple(work.found)


class _Work:
    def __init__(self, root: Node, fields: frozenset[str]) -> None:
        self.found: list[Diagnostic] = []
        self._root = root
        self._fields = fields
        self._active: list[Route] = []
        self._done: dict[Route, Node] = {}
        self._anchored: dict[int, Node] = {}
        self._sizes: dict[int, int] = {}
        self._text = 0
        self._depth = 0
        self._heights: dict[int, int] = {}

    def node(self, node: Node, route: Route) -> Node:
        """The node itself if it holds no reference, else a copy without them; what an anchor shares stays shared."""
        if not node.anchor:
            return self._copy(node, route)
        if id(node.value) not in self._anchored:
            self._anchored[id(node.value)] = self._copy(node, route)
        new = self._anchored[id(node.value)]
        if new.value is node.value:
            return node
        return Node(node.source, node.start, node.end, new.value, new.keys, node.anchor, over=node.over)

    def _copy(self, node: Node, route: Route) -> Node:
        value = node.value
        if isinstance(value, str):
            return self._string(node, route) if "${" in value else node
        if not isinstance(value, (dict, list)):
            return node
        self._depth += 1
        result = self._box(node, route)
        self._depth -= 1
        return result

    def _box(self, node: Node, route: Route) -> Node:
        value = node.value
        if isinstance(value, dict):
            raw = value.get("_raw_")
            if raw is not None and raw.value is True:
                return node
            children = {key: self.node(child, (*route, key)) for key, child in value.items()}
            if all(map(is_, children.values(), value.values())):
                return node
            return Node(node.source, node.start, node.end, children, node.keys, over=node.over)
        items = [self.node(child, (*route, index)) for index, child in enumerate(value)]
        if all(map(is_, items, value)):
            return node
        return Node(node.source, node.start, node.end, items, over=node.over)

    def _string(self, node: Node, route: Route) -> Node:
        text: str = node.value
        nested = _NESTED.search(text)
        if nested is not None:
            help_ = "write the name itself"
            self._report(
                "RCP504", "a reference cannot be built from another one", _Use(nested.group(), "", node, route), help_
            )
            return Node(node.source, node.start, node.end, None, over=node.over)
        whole = _REFERENCE.fullmatch(text)
        if whole is not None and whole.group(1) is not None:
            target = self._target(_Use(text, whole.group(1), node, route))
            if target is None:
                return Node(node.source, node.start, node.end, None, over=node)
            return Node(node.source, node.start, node.end, target.value, target.keys, over=node)
        parts: list[str] = []
        at = 0
        for match in _REFERENCE.finditer(text):
            parts += (text[at : match.start()], self._replaced(match, node, route))
            at = match.end()
        joined = "".join((*parts, text[at:]))
        self._text += len(joined)
        if self._text > MAX_TEXT:
            use = _Use(text, "", node, route)
            self._report("RCP503", f"the interpolated text is over {MAX_TEXT >> 10} KiB", use, "write shorter values")
            joined = ""
        return Node(node.source, node.start, node.end, joined, over=node)

    def _replaced(self, match: re.Match[str], node: Node, route: Route) -> str:
        """What stands for one reference, or one escape, inside a text: values as YAML writes them."""
        if match.group() == "$${":
            return "${"
        use = _Use(match.group(), match.group(1) or "", node, route)
        if match.group(1) is None:
            self._report("RCP501", "`${` without its `}`", use, "close it, or write `$${` for the text `${`")
            return ""
        target = self._target(use)
        if target is None:
            return ""
        value = target.value
        if isinstance(value, (dict, list)):
            what = "a list" if isinstance(value, list) else "a mapping"
            message = f"`{use.shown}` is {what}, which cannot stand inside a text"
            self._report("RCP501", message, use, "make it the whole value")
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return "null" if value is None else str(value)

    def _target(self, use: _Use) -> Node | None:
        """What a reference names, itself without references."""
        wanted = route_of(use.name)
        if wanted is None:
            help_ = "write `${vars.name}` or `${args.name}`"
            self._report("RCP501", f"`{use.shown}` names no value", use, help_)
            return None
        if wanted[0] not in self._fields:
            wanted = ("args", *wanted)
        wanted = indexed(self._root, wanted)
        if wanted in self._active:
            circle = (*self._active[self._active.index(wanted) :], wanted)
            message = f"the references go in a circle: {' → '.join(map(route_text, circle))}"
            self._report("RCP502", message, use, "write one of the values out")
            return None
        if self._depth > _MAX_WAY:
            self._report("RCP503", f"references on the way to `{use.shown}` go too deep", use, "refer to it directly")
            return None
        if wanted not in self._done:
            there, found = find(self._root, wanted)
            if found != wanted:
                self._undefined(use, wanted, there, found)
                return None
            self._active.append(wanted)
            self._depth += 1
            self._done[wanted] = self.node(there, wanted)
            self._depth -= 1
            self._active.pop()
        target = self._done[wanted]
        if self._size(target) > MAX_VALUES:
            self._report("RCP503", f"`{use.shown}` stands for more than {MAX_VALUES} values", use, "refer to less")
            return None
        if len(use.route) + self._height(target) > MAX_DEPTH:
            message = f"with `{use.shown}`, values nest deeper than {MAX_DEPTH} levels"
            self._report("RCP503", message, use, "write a flatter structure")
            return None
        return target

    def _undefined(self, use: _Use, wanted: Route, there: Node, found: Route) -> None:
        if len(self.found) >= MAX_PER_FILE:  # no more are shown, and looking takes its time
            self._report("RCP501", f"`{use.shown}` is not defined", use, "name a value of this recipe")
            return
        near = did_you_mean(str(wanted[len(found)]), there.value if isinstance(there.value, dict) else ())
        close = route_text((*found, near)) if near else None
        variables = self._root.value.get("vars")
        if close is None and found in ((), ("args",)) and variables is not None:
            near = did_you_mean(str(wanted[-1]), variables.value)
            close = f"vars.{near}" if near else None
        help_ = f"did you mean `${{{close}}}`?" if close else "name a value of this recipe"
        self._report("RCP501", f"`{use.shown}` is not defined", use, f"{help_}; the text `${{` is written `$${{`")

    def check_size(self, root: Node) -> None:
        """The whole result has a budget too: many references may each be small."""
        key = max(root.value, key=lambda name: self._size(root.value[name]))
        if self._size(root.value[key]) > MAX_VALUES:
            message = f"with its references, `{key}` stands for more than {MAX_VALUES} values"
            self.found.append(
                Diagnostic("RCP503", message, Label(root.key_span(key)), help="refer to less", route=(key,))
            )

    def _size(self, node: Node) -> int:
        value = node.value
        if not isinstance(value, (dict, list)):
            return 1
        if id(value) not in self._sizes:
            children = value.values() if isinstance(value, dict) else value
            self._sizes[id(value)] = min(1 + sum(self._size(child) for child in children), MAX_VALUES + 1)
        return self._sizes[id(value)]

    def _height(self, node: Node) -> int:
        """How many levels of lists and mappings a value has."""
        value = node.value
        if not isinstance(value, (dict, list)):
            return 0
        if id(value) not in self._heights:
            children = value.values() if isinstance(value, dict) else value
            self._heights[id(value)] = 1 + max((self._height(child) for child in children), default=0)
        return self._heights[id(value)]

    def _report(self, code: str, message: str, use: _Use, help_: str) -> None:
        self.found.append(Diagnostic(code, message, Label(use.span), help=help_, route=use.route))


class _Use(NamedTuple):
    """A reference where it is written: its whole text, the name inside it, and the value it is part of."""

    text: str
    name: str
    node: Node
    route: Route

    @property
    def shown(self) -> str:
        return visible(self.text, 60)

    @property
    def span(self) -> Span:
        """The reference itself, where the source spells it as the value has it."""
        node = self.node
        at = node.source.text.find(self.text, node.start, node.end)
        return node.span if at < 0 else Span(node.source, at, at + len(self.text))
