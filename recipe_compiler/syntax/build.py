"""Phase two of a parse: YAML events become a tree of nodes, within a budget.

Everything is counted on events, before any value is built: a 600-byte document can stand for
gigabytes. The parser is libyaml's event parser, which has no recursion to exhaust.
"""

from __future__ import annotations

from typing import Any

import yaml

from recipe_compiler.diag import Diagnostic, Fix, Label, Source, Span, visible
from recipe_compiler.syntax.node import Node
from recipe_compiler.syntax.scalars import resolve
from recipe_compiler.syntax.text import control

MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_ALIASES = 100

# The C parser where PyYAML was built with libyaml; both give the same events and places.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Stop(Exception):  # noqa: N818  control flow inside this module
    """The rest of the document cannot be read."""


class Builder:
    """One pass over the events of a source; `root` and `found` are the outcome."""

    def __init__(self, source: Source, text: str | None = None) -> None:
        """Prepare to read `source`, or `text` in its place (same offsets, other spaces)."""
        self.source = source
        self.text = source.text if text is None else text
        self.found: list[Diagnostic] = []
        self.root: Node | None = None
        self.syntax_error = False
        self._stack: list[tuple[Node, int]] = []
        self._key: tuple[str, int, int] | None = None
        self._nodes = 0
        self._aliases = 0
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._sizes: dict[int, int] = {}

    def run(self) -> None:
        """Read every event."""
        parser = _Parser(self.text)
        try:
            while True:
                event = parser.get_event()
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    self._scalar(event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    self._open(event, {} if kind is yaml.MappingStartEvent else [])
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    self._close(event)
                elif kind is yaml.AliasEvent:
                    self._alias(event)
                elif kind is yaml.DocumentStartEvent:
                    self._document(event)
                elif kind is yaml.StreamEndEvent or event is None:
                    return
        except yaml.YAMLError as error:
            self.syntax_error = True
            self._yaml_error(error)
            self.root = None
        except _Stop:
            self.root = None
        finally:
            parser.dispose()

    def _report(self, code: str, message: str, start: int, end: int, help_: str, label: str = "") -> None:
        span = Span(self.source, start, max(end, start + 1))
        self.found.append(Diagnostic(code, message, Label(span, label), help=help_))

    def _refuse(self, code: str, message: str, event: Any, help_: str) -> _Stop:  # noqa: ANN401  yaml has no types
        self._report(code, message, event.start_mark.index, event.start_mark.index + 1, help_)
        return _Stop()

    def _yaml_error(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or "not valid YAML"
        context = getattr(error, "context", None)
        at = min(mark.index if mark else 0, max(len(self.source.text) - 1, 0))
        if "document start" in problem:
            self._report("RCP109", "text after the end of the document", at, at + 1, "keep one document in a file")
            return
        message = f"not valid YAML: {problem}" + (f" {context}" if context else "")
        self._report("RCP115", visible(message, 200), at, at + 1, "mend the indentation, quotes or brackets here")

    def _document(self, event: Any) -> None:  # noqa: ANN401
        if self.root is not None or self._nodes:
            raise self._refuse("RCP109", "a second document starts here", event, "keep one document in a file")
        if event.version or event.tags:
            raise self._refuse(
                "RCP107", "YAML directives are not allowed", event, "remove the line that starts with `%`"
            )

    def _count(self, event: Any) -> None:  # noqa: ANN401
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._refuse("RCP106", f"more than {MAX_NODES} values in one file", event, "split the file")
        if event.tag is not None:
            tag = visible(event.tag.replace("tag:yaml.org,2002:", "!!"), 60)
            self._report(
                "RCP107",
                f"the tag `{tag}` is not allowed: recipes are plain data",
                event.start_mark.index,
                event.start_mark.index + 1,
                "remove the tag; a call is written `_target_: package.function`",
            )

    def _open(self, event: Any, value: Any) -> None:  # noqa: ANN401
        self._count(event)
        start = event.start_mark.index
        if len(self._stack) >= MAX_DEPTH:
            raise self._refuse("RCP103", f"nested deeper than {MAX_DEPTH} levels", event, "write a flatter structure")
        keys: dict[str, tuple[int, int]] | None = {} if isinstance(value, dict) else None
        node = Node(self.source, start, event.end_mark.index, value, keys)
        if event.anchor is not None:
            node.anchor = len(self._anchors) + 1
            self._anchors[event.anchor] = (node, self._nodes)
        self._attach(node)
        self._stack.append((node, self._nodes))

    def _close(self, event: Any) -> None:  # noqa: ANN401
        node, before = self._stack.pop()
        self._sizes[id(node.value)] = self._nodes - before + 1
        end = event.end_mark.index
        if event.start_mark.index == end:  # a block collection ends where the next token starts
            children = node.value.values() if isinstance(node.value, dict) else node.value
            end = max((child.end for child in children), default=node.end)
            if node.keys:
                end = max(end, *(stop for _, stop in node.keys.values()))
        node.end = end

    def _scalar(self, event: Any) -> None:  # noqa: ANN401
        self._count(event)
        start, end = event.start_mark.index, event.end_mark.index
        text: str = event.value
        value: Any = text
        if not event.style:  # plain
            value, trouble = resolve(text)
            if trouble is not None:
                span = Span(self.source, start, end)
                fix = None
                if trouble.replacement:
                    fix = Fix(span, trouble.replacement, "safe" if trouble.safe else "unsafe")
                self.found.append(Diagnostic(trouble.code, trouble.message, Label(span), help=trouble.help, fix=fix))
        elif (char := control(text)) is not None:
            self._report("RCP206", f"control character {visible(char)} in a value", start, end, "remove the escape")
        if self._stack and self._key is None and isinstance(self._stack[-1][0].value, dict):
            self._take_key(event, value, start, end)
            return
        if event.anchor is not None:
            self._anchors[event.anchor] = (Node(self.source, start, end, value), self._nodes)
        self._attach(Node(self.source, start, end, value))

    def _take_key(self, event: Any, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        if event.value == "<<" and not event.style:
            raise self._refuse(
                "RCP105", "merge keys (`<<`) are not part of the recipe language", event, "use `extends`"
            )
        if not isinstance(value, str):
            shown = visible(event.value, 40) or "null"
            self._report("RCP207", f"the key `{shown}` is not text", start, end, f'write `"{shown}"` for a text key')
            value = f"\0{len(self.found)}"  # a key of its own, so that reading goes on
        elif "\u200c" in value or "\u200d" in value:  # joiners: text in a value, a trap in a key
            self._report("RCP703", f"hidden character in the key `{visible(value, 60)}`", start, end, "remove it")
        self._key = (value, start, end)

    def _attach(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1][0]
        if not isinstance(parent.value, dict):
            parent.value.append(node)
            return
        if self._key is None:
            # A collection in the place of a key.
            self._report("RCP207", "a list or mapping cannot be a key", node.start, node.end, "write the key as text")
            raise _Stop
        key, start, end = self._key
        self._key = None
        if key in parent.value:
            first = (parent.keys or {})[key]
            self.found.append(
                Diagnostic(
                    "RCP102",
                    f"duplicate key `{visible(key, 60)}`",
                    Label(Span(self.source, start, end), "second value; YAML 1.1 loaders would silently keep this one"),
                    (Label(Span(self.source, *first), "first value"),),
                    help="remove one of the two",
                )
            )
            return
        parent.value[key] = node
        if parent.keys is not None:
            parent.keys[key] = (start, end)

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        start, end = event.start_mark.index, event.end_mark.index
        self._aliases += 1
        name = visible(event.anchor, 60)
        target, _ = self._anchors.get(event.anchor, (None, 0))
        if target is None:
            self._report(
                "RCP104", f"no anchor `&{name}` stands before this alias", start, end, f"write `&{name}` first"
            )
            raise _Stop
        if isinstance(target.value, (dict, list)) and id(target.value) not in self._sizes:
            self._report("RCP104", f"the alias `*{name}` is inside its own anchor", start, end, "write the value out")
            raise _Stop
        size = self._sizes.get(id(target.value), 1)
        self._nodes += size
        if self._aliases > MAX_ALIASES or self._nodes > MAX_NODES:
            limits = f"at most {MAX_ALIASES} aliases and {MAX_NODES} values after expansion"
            self._report("RCP104", f"too many aliases: {limits}", start, end, "write the values out, or use `extends`")
            raise _Stop
        if self._stack and self._key is None and isinstance(self._stack[-1][0].value, dict):
            self._report("RCP207", "an alias cannot be a key", start, end, "write the key as text")
            raise _Stop
        self._attach(Node(self.source, start, end, target.value, target.keys, target.anchor))
