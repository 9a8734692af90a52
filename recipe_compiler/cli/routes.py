"""The routes of a recipe's own keys, read by their indentation: a Tab cannot wait for a YAML parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

RESOURCES = ("nodes", "gpus_per_node", "cpus_per_node", "mem_per_node", "time", "partition", "account", "qos")
"""What can be asked of a cluster, said by the recipe or not; as in `schema.Resources`."""
_MAX_BYTES = 1 << 18
_MAX_FILES = 20
_MAX_DEPTH = 32
_KEY = re.compile(r"(?:\"([^\"]*)\"|'([^']*)'|([^\s#\"'\[\]{},&*!|>%@`][^#{}\[\],]*?))\s*:(?:\s+|$)")
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_FLOW = re.compile(r"\"(?:[^\"\\]|\\.)*\"\s*:?|'(?:[^']|'')*'\s*:?|\s#.*|[{}\[\],]|[^\s{}\[\],\"'][^{}\[\],\n]*")
_EXTENDS = re.compile(r"^extends:\s*(.*(?:\n\s*-.*)*)", re.MULTILINE)
_ELSEWHERE = frozenset({"extends", "recipec"})


def of_recipe(file: Path) -> list[str]:
    """The routes of a recipe and of the bases that it names, in the order of the files, then `resources`."""
    routes: dict[str, None] = {}
    todo, seen = [file], set[Path]()
    while todo and len(seen) < _MAX_FILES:
        one = todo.pop(0)
        text = _text(one)
        if text is None or one in seen:
            continue
        seen.add(one)
        routes.update(dict.fromkeys(route for route in of_text(text) if route.partition(".")[0] not in _ELSEWHERE))
        todo += [one.parent / base for base in _bases(text)]
    return list(routes | dict.fromkeys(f"resources.{name}" for name in RESOURCES)) if routes else []


def _text(file: Path) -> str | None:
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _bases(text: str) -> list[str]:
    found = _EXTENDS.search(text)
    return re.findall(r"[^\s\[\],\"'#]+\.ya?ml", found[1]) if found else []


def of_text(text: str) -> Iterator[str]:
    """Each route of a text that is YAML, above those below it."""
    above: list[tuple[int, str]] = []  # the indentation of each key around, and its route
    count: dict[tuple[int, str], int] = {}  # items so far of the list at this place
    block = -1  # a text block goes on while lines are indented more than this
    lines = iter(text.split("\n"))
    for line in lines:
        rest = line.lstrip(" ")
        indent = len(line) - len(rest)
        if not rest or rest[0] == "#" or rest[:3] in {"---", "..."} or -1 < block < indent:
            continue
        block = -1
        while rest[:2] == "- ":
            indent, rest = _item(indent, rest, above, count)
        while above and above[-1][0] >= indent:
            above.pop()
        key = _KEY.match(rest)
        if key is None or len(above) > _MAX_DEPTH:
            continue
        route = _below(above[-1][1] if above else "", _name(key))
        above.append((indent, route))
        yield route
        value = rest[key.end() :]
        block = indent if _BLOCK.match(value) else -1
        if value[:1] in {"{", "["}:
            yield from _of_flow(_whole(value, lines), route)


def _item(indent: int, rest: str, above: list[tuple[int, str]], count: dict[tuple[int, str], int]) -> tuple[int, str]:
    """Step into an item of a list; a list may stand as far left as its own key."""
    while above and (above[-1][0] > indent or (above[-1][0] == indent and above[-1][1].endswith("]"))):
        above.pop()
    owner = above[-1][1] if above else ""
    index = count.get((indent, owner), 0)
    count[indent, owner] = index + 1
    above.append((indent, f"{owner}[{index}]"))
    inner = rest[2:].lstrip(" ")
    return indent + len(rest) - len(inner), inner


def _whole(value: str, lines: Iterator[str]) -> str:
    """A value in brackets up to the last of them."""
    while value.count("{") + value.count("[") > value.count("}") + value.count("]"):
        more = next(lines, None)
        if more is None:
            break
        value += f"\n{more}"
    return value


def _of_flow(text: str, route: str) -> Iterator[str]:
    """The routes inside `{a: 1, b: [{c: 2}]}`."""
    above: list[tuple[str, int]] = []  # where each bracket around is, and how many items it has; -1: a mapping
    here = route
    for found in _FLOW.finditer(text):
        part = found[0].strip()
        if part[:1] in {"{", "["}:
            above.append((here, 0 if part == "[" else -1))
            here = f"{here}[0]" if part == "[" else here
        elif part[:1] in {"}", "]", ","}:
            if not above or len(above) > _MAX_DEPTH:
                return
            owner, items = above.pop()
            here = owner
            if part == ",":
                above.append((owner, items if items < 0 else items + 1))
                here = owner if items < 0 else f"{owner}[{items + 1}]"
        elif above and above[-1][1] < 0 and (key := _KEY.match(part)) is not None:
            here = _below(above[-1][0], _name(key))
            yield here


def _name(key: re.Match[str]) -> str:
    return next(part for part in key.groups() if part is not None)


def _below(route: str, key: str) -> str:
    return f"{route}.{key}" if route else key
