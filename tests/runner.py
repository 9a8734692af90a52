"""How GitHub's runner reads a step's output: the grammar of its commands, written anew.

Source: actions/runner, `ActionCommand.cs` (both grammars) and `ActionCommandManager.cs` (stop-commands).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

COMMANDS = frozenset(
    [
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "internal-set-repo-path",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    ]
)
_V2 = (("%0D", "\r"), ("%0A", "\n"))
_V2_PROPERTY = (*_V2, ("%3A", ":"), ("%2C", ","))
_V1 = (("%3B", ";"), *_V2, ("%5D", "]"))


class Command(NamedTuple):
    """One command that the runner obeys."""

    name: str
    properties: dict[str, str]
    data: str


def commands(output: str) -> list[Command]:
    """Every command in a step's output, those between stop-commands and its token left out."""
    return list(_obeyed(output))


def _obeyed(output: str) -> Iterator[Command]:
    token = ""
    for line in re.split(r"\r\n|\r|\n", output):
        if token:
            if _parsed(line, {token.lower()}) is not None:
                token = ""
            continue
        parsed = _parsed(line, COMMANDS)
        if parsed is None:
            continue
        if parsed.name == "stop-commands":
            token = parsed.data
        yield parsed


def _parsed(line: str, known: set[str] | frozenset[str]) -> Command | None:
    return _second(line, known) or _first(line, known)


def _second(line: str, known: set[str] | frozenset[str]) -> Command | None:
    """`::name key=value,key=value::data`, at the start of a line but for blanks."""
    text = line.lstrip()
    end = text.find("::", 2)
    if not text.startswith("::") or end < 0:
        return None
    name, _, rest = text[2:end].partition(" ")
    if name.lower() not in known:
        return None
    return Command(name.lower(), _properties(rest.strip(), ",", _V2_PROPERTY), _plain(text[end + 2 :], _V2))


def _first(line: str, known: set[str] | frozenset[str]) -> Command | None:
    """`##[name key=value;key=value]data`, anywhere in a line."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, rest = line[start + 3 : end].partition(" ")
    if name.lower() not in known:
        return None
    return Command(name.lower(), _properties(rest, ";", _V1), _plain(line[end + 1 :], _V1))


def _properties(text: str, separator: str, table: tuple[tuple[str, str], ...]) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(separator) if part)
    return {key: _plain(value, table) for key, _, value in pairs if key and value}


def _plain(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for escape, char in table:
        text = text.replace(escape, char)
    return text.replace("%25", "%")
