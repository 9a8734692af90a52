"""Phase two of a parse: YAML events become a tree of nodes, within a budget.

Everything is counted on events, before any value is built: a 600-byte document can stand for
gigabytes. The parser is libyaml's event parser, which has no recursion to exhaust.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from recipe_compiler.diag import Diagnostic, Fix, Label, Source, Span, visible
from recipe_compiler.syntax.node import Node
from recipe_compiler.syntax.scalars import Trouble, resolve
from recipe_compiler.syntax.text import control, odd_key

MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_ALIASES = 100
MAX_KEY = 1024
"""In characters: where the key of `key: value` ends for every YAML parser."""


class PurePython(yaml.SafeLoader):
    """PyYAML's own parser, with the one mistake mended that is not a YAMLError."""

    def get_event(self) -> Any:  # noqa: ANN401
        """The next event."""
        try:
            return super().get_event()  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError):  # chr(0xFFFFFFFF)
            problem = "found invalid Unicode character escape code"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark()) from None


# The C parser where PyYAML was built with libyaml; both give the same events and places.
PARSER: Any = getattr(yaml, "CSafeLoader", PurePython)
_TAG = re.compile(r"!<[^\s>]*>|![^\s,\[\]{}]*")
_PROPERTIES = re.compile(rf"(?:(?:&[A-Za-z0-9_-]+|{_TAG.pattern})(?:\s|#.*)*)*")


class _Stop(Exception):  # noqa: N818  control flow inside this module
    """The rest of the document cannot be read."""


class Builder:
    """One pass over the events of a source.

    After `run`, `root` is the tree, `top` the tree as far as it was read, `found` what is wrong,
    and `broken_at` where the text stops being YAML.
    """

    def __init__(self, source: Source, text: str) -> None:
        """Prepare to read `text`: that of `source`, or one that differs in white space only."""
        self.source = source
        self.text = text
        self.found: list[Diagnostic] = []
        self.root: Node | None = None
        self.top: Node | None = None
        self.broken_at: int | None = None
        self._stack: list[Node] = []
        self._key: tuple[str, int, int] | None = None
        self._odd_keys: list[Node] = []
        self._nodes = 0
        self._aliases = 0
        self._anchors: dict[str, Node] = {}
        self._anchored = 0

    def run(self) -> None:
        """Read every event."""
        steps = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        parser = PARSER(self.text)
        try:
            while type(event := parser.get_event()) is not yaml.StreamEndEvent:
                if (step := steps.get(type(event))) is not None:
                    step(event)
            self.root = self.top
        except yaml.YAMLError as error:
            from recipe_compiler.syntax.problems import explain  # noqa: PLC0415  only needed when something is wrong

            item, at = explain(error, self.source)
            if self._nodes or not self.text.startswith("...", at):  # else it ends before it begins: it is empty
                self.found.append(item)
                self.broken_at = at
        except _Stop:
            pass
        finally:
            parser.dispose()

    def _report(self, code: str, message: str, start: int, end: int, help_: str) -> None:
        span = Span(self.source, start, max(end, start + 1))
        self.found.append(Diagnostic(code, message, Label(span), help=help_))

    def _refuse(self, code: str, message: str, event: Any, help_: str) -> _Stop:  # noqa: ANN401  yaml has no types
        start, end = event.start_mark.index, event.end_mark.index
        line_end = self.text.find("\n", start, end)
        self._report(code, message, start, end if line_end < 0 else line_end, help_)
        return _Stop()

    def _document(self, event: Any) -> None:  # noqa: ANN401
        if self._nodes:
            raise self._refuse("RCP109", "a second document starts here", event, "keep one document in a file")
        if event.version or event.tags:
            help_ = "remove the line that starts with `%`"
            raise self._refuse("RCP107", "YAML directives are not allowed", event, help_)

    def _too_many(self, event: Any) -> _Stop:  # noqa: ANN401
        return self._refuse("RCP106", f"more than {MAX_NODES} values in one file", event, "split the file")

    def _behind_properties(self, event: Any) -> int:  # noqa: ANN401
        """Where the value of an event with an anchor or a tag starts. A tag is an error."""
        start, end = event.start_mark.index, event.end_mark.index
        if event.tag is not None:
            match = _TAG.search(self.text, start)
            tag = visible(event.tag.replace("tag:yaml.org,2002:", "!!"), 60)
            message = f"the tag `{tag}` is not allowed: recipes are plain data"
            help_ = "remove the tag; a call is written `_target_: package.function`"
            first, last = match.span() if match else (start, start + 1)
            self._report("RCP107", message, first, last, help_)
        match = _PROPERTIES.match(self.text, start, end)
        return match.end() if match else start

    def _mapping(self, event: Any) -> None:  # noqa: ANN401
        self._open(event, {}, {})

    def _sequence(self, event: Any) -> None:  # noqa: ANN401
        self._open(event, [], None)

    def _open(self, event: Any, value: Any, keys: dict[str, tuple[int, int]] | None) -> None:  # noqa: ANN401
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._too_many(event)
        stack = self._stack
        if len(stack) >= MAX_DEPTH:
            raise self._refuse("RCP103", f"nested deeper than {MAX_DEPTH} levels", event, "write a flatter structure")
        node = Node(self.source, event.start_mark.index, event.end_mark.index, value, keys)
        if event.anchor is not None or event.tag is not None:
            node.start = self._behind_properties(event)
            if event.anchor is not None:
                self._anchored += 1
                node.anchor = self._anchored
                self._anchors[event.anchor] = node
        if self._key is None and stack and stack[-1].keys is not None:
            if not self._odd_keys:  # one finding for all that is in it
                braces = self.text.startswith("{", node.start - 1) and self.text.startswith("{", node.start)
                help_ = "put text with `{{ }}` in quotes" if braces else "write the key as text"
                self._report("RCP207", "a list or mapping cannot be a key", node.start, node.end, help_)
            self._odd_keys.append(node)
        else:
            self._attach(node)
        stack.append(node)

    def _close(self, event: Any) -> None:  # noqa: ANN401
        node = self._stack.pop()
        end: int = event.end_mark.index
        if event.start_mark.index == end:  # a block collection ends where the next token starts
            children = node.value if node.keys is None else node.value.values()
            end = max([child.end for child in children], default=node.end)
        node.end = end
        if self._odd_keys and self._odd_keys[-1] is node:
            self._odd_keys.pop()
            self._key = (f"\0{node.start}", node.start, end)  # a key of its own, so that reading goes on

    def _scalar(self, event: Any) -> None:  # noqa: ANN401
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._too_many(event)
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            start = self._behind_properties(event)
        text: str = event.value
        value: Any = text
        trouble = None
        if not event.style:  # plain
            value, trouble = resolve(text)
        elif (char := control(text)) is not None:
            self._report("RCP206", f"control character {visible(char)} in a value", start, end, "remove the escape")
        if event.anchor is not None:
            self._anchors[event.anchor] = Node(self.source, start, end, value)
        if self._key is None and self._stack and self._stack[-1].keys is not None:
            self._take_key(event, value, trouble, start, end)
            return
        if trouble is not None:
            fix = None
            span = Span(self.source, start, end)
            if trouble.replacement:
                fix = Fix(span, trouble.replacement, "safe" if trouble.safe else "unsafe")
            self.found.append(Diagnostic(trouble.code, trouble.message, Label(span), help=trouble.help, fix=fix))
        self._attach(Node(self.source, start, end, value))

    def _take_key(self, event: Any, value: Any, trouble: Trouble | None, start: int, end: int) -> None:  # noqa: ANN401
        if event.value == "<<" and not event.style:
            message = "merge keys (`<<`) are not part of the recipe language"
            raise self._refuse("RCP105", message, event, "write the keys out, or share them with `extends`")
        if not isinstance(value, str):
            if start == end and self.text.startswith("?", start - 1):
                start -= 1
            shown = visible(event.value, 40)
            quoted = f'"{shown}"' if shown else '""'
            message = f"the key `{shown}` is not text" if shown else "a key is missing before `:`"
            self._report("RCP207", message, start, end, f"write `{quoted}` for a text key")
            value = f"\0{start}"
        elif len(value) > MAX_KEY:
            self._report("RCP106", f"a key of more than {MAX_KEY} characters", start, end, "shorten the key")
            value = f"\0{start}"
        elif trouble is not None:
            span = Span(self.source, start, end)
            quoted = f'"{value}"'
            help_, fix = f"write `{quoted}`, which every loader reads as text", Fix(span, quoted, "safe")
            self.found.append(Diagnostic(trouble.code, trouble.message, Label(span), help=help_, fix=fix))
        elif not value.isascii() and (odd := odd_key(value)):
            self._report("RCP703", f"the key `{visible(value, 60)}` {odd}", start, end, "type the key anew")
        self._key = (value, start, end)

    def _attach(self, node: Node) -> None:
        if not self._stack:
            self.top = node
            return
        parent = self._stack[-1]
        if parent.keys is None:
            parent.value.append(node)
            return
        key, start, end = self._key or ("", node.start, node.end)
        self._key = None
        if key in parent.value:
            first = Label(Span(self.source, *parent.keys[key]), "first value")
            second = Label(Span(self.source, start, end), "second value; YAML 1.1 loaders would silently keep this one")
            message = f"duplicate key `{visible(key, 60)}`"
            self.found.append(Diagnostic("RCP102", message, second, (first,), help="remove one of the two"))
            return
        parent.value[key] = node
        parent.keys[key] = (start, end)

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        start, end = event.start_mark.index, event.end_mark.index
        name = visible(event.anchor, 60)
        target = self._anchors.get(event.anchor)
        if target is None:
            help_ = f"write `&{name}` before it, or put text that starts with `*` in quotes"
            self._report("RCP104", f"no anchor `&{name}` stands before this alias", start, end, help_)
            target = Node(self.source, start, end, None)
        elif any(target is parent for parent in self._stack):
            self._report("RCP104", f"the alias `*{name}` is inside its own anchor", start, end, "write the value out")
            target = Node(self.source, start, end, None)
        self._aliases += 1
        size, height = _measure(target, MAX_NODES - self._nodes) if self._aliases <= MAX_ALIASES else (MAX_NODES, 0)
        self._nodes += size
        if self._nodes > MAX_NODES:
            message = f"too many aliases: at most {MAX_ALIASES}, and {MAX_NODES} values after expansion"
            raise self._refuse("RCP104", message, event, "write the values out, or use `extends`")
        if len(self._stack) + height > MAX_DEPTH:
            raise self._refuse("RCP103", f"nested deeper than {MAX_DEPTH} levels", event, "write a flatter structure")
        if self._key is None and self._stack and self._stack[-1].keys is not None:
            self._report("RCP207", "an alias cannot be a key", start, end, "write the key as text")
            self._key = (f"\0{start}", start, end)
            return
        self._attach(Node(self.source, start, end, target.value, target.keys, target.anchor))


def _measure(node: Node, limit: int) -> tuple[int, int]:
    """How many values `node` stands for, aliases expanded, and how many levels; it stops above `limit`."""
    size, height = 0, 0
    level = [node]
    while level and size <= limit:
        size += len(level)
        boxes = [item.value for item in level if isinstance(item.value, (dict, list))]
        height += bool(boxes)
        level = [child for box in boxes for child in (box.values() if isinstance(box, dict) else box)]
    return size, height
