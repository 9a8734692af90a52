"""A catalog as text, and one entry out of it without reading the rest.

The file is one JSON object, so anything can read it; its entries stand one a line, sorted by path,
so a review shows what changed, and an entry is found by halving the file. Of twenty thousand
entries, a recipe reads the ten that it names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

FORMAT = 1
_KEY = re.compile(rb'^"([A-Za-z0-9_.]+)":', re.MULTILINE)
_MAX_HEADER = 1 << 20


class Buffer(Protocol):
    """Bytes, or a file that is mapped into memory."""

    def __len__(self) -> int:
        """How many bytes there are."""

    def __getitem__(self, index: slice, /) -> bytes:
        """Some of them."""

    def find(self, sub: bytes, start: int = ..., end: int = ..., /) -> int:
        """The first place of `sub`, or -1."""

    def rfind(self, sub: bytes, start: int = ..., end: int = ..., /) -> int:
        """The last place of `sub`, or -1."""


def text(header: Mapping[str, Any], entries: Mapping[str, Any]) -> str:
    """The file of a catalog. `entries` are sorted by path."""
    head = json.dumps({"catalog": FORMAT, **header}, ensure_ascii=True, indent=1).removesuffix("\n}")
    lines = (f"{json.dumps(path)}:{json.dumps(entry, separators=(',', ':'))}" for path, entry in entries.items())
    return f'{head},\n "entries": {{\n' + ",\n".join(lines) + "\n}}\n"


class DamagedError(ValueError):
    """An entry that is not what `recipec catalog` writes."""


class Catalog:
    """One catalog that was read. Raises: ValueError if `data` is not one."""

    def __init__(self, name: str, data: Buffer) -> None:
        """Read the header only."""
        self.name = name
        self._data = data
        mark = b'"entries": {\n'
        at = data.find(mark, 0, _MAX_HEADER)
        if at < 0:
            msg = "it has no entries"
            raise ValueError(msg)
        header = json.loads(bytes(data[:at]).rstrip().removesuffix(b",") + b"}")
        if header.get("catalog") != FORMAT:
            msg = f"its format is {header.get('catalog')!r}, this recipec reads {FORMAT}"
            raise ValueError(msg)
        self.header: dict[str, Any] = header
        self._start = at + len(mark)
        self._end = data.rfind(b"\n}}")
        if self._end < self._start - 1:
            msg = "it is cut short"
            raise ValueError(msg)
        self._found: dict[str, tuple[Any, str]] = {}
        self._paths: Sequence[str] | None = None

    def get(self, path: str) -> tuple[Any, str]:
        """The entry of `path` as it stands, an alias as text, and the digest of its line.

        Nothing and no digest where there is none. Raises: DamagedError.
        """
        if path not in self._found:
            line = self._search(path)
            self._found[path] = (None, "") if line is None else (self._entry(path, line), _sha256(line))
        return self._found[path]

    def _entry(self, path: str, line: bytes) -> Any:  # noqa: ANN401  JSON
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if not _is_sound(entry):
            msg = f"the catalog `{self.name}` is damaged at `{path}`"
            raise DamagedError(msg)
        return entry

    def _search(self, path: str) -> bytes | None:
        wanted = path.encode()
        low, high = self._start, self._end
        while low < high:
            middle = (low + high) // 2
            start = max(self._data.rfind(b"\n", self._start, middle) + 1, self._start)
            end = self._data.find(b"\n", middle, self._end)
            end = self._end if end < 0 else end
            quote = self._data.find(b'":', start, end)
            key = bytes(self._data[start + 1 : quote])
            if key == wanted:
                return bytes(self._data[quote + 2 : end]).rstrip().removesuffix(b",")
            if key < wanted:
                low = end + 1
            else:
                high = start - 1 if start > self._start else low
        return None

    def classes_naming(self, field: str) -> Iterator[str]:
        """The paths of the classes whose entry names a field, attribute or parameter `field`."""
        wanted = json.dumps(field).encode()
        at = self._data.find(wanted, self._start, self._end)
        while at >= 0:
            start = max(self._data.rfind(b"\n", self._start, at) + 1, self._start)
            end = self._data.find(b"\n", at, self._end)
            end = self._end if end < 0 else end
            path, _, entry = bytes(self._data[start:end]).partition(b":")
            if entry.startswith(b'{"kind":"class"'):
                yield path.strip(b'"').decode()
            at = self._data.find(wanted, end, self._end)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Every path with its entry, sorted; an alias as text. Raises: ValueError."""
        for line in bytes(self._data[self._start : self._end]).splitlines():
            path, _, entry = line.partition(b":")
            yield path.strip(b'"').decode(), json.loads(entry.rstrip().removesuffix(b","))

    def paths(self) -> Sequence[str]:
        """Every path, sorted: for suggestions and for comparing two catalogs."""
        if self._paths is None:
            self._paths = [one.decode() for one in _KEY.findall(bytes(self._data[self._start : self._end]))]
        return self._paths


def _sha256(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _is_sound(entry: object) -> bool:
    """Whether an entry has the types that readers count on: an alias, or facts of the right shape."""
    if isinstance(entry, str):
        return True
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str) or not isinstance(entry.get("at"), str):
        return False
    return all(_SHAPES.get(key, _anything)(value) for key, value in entry.items())


def _anything(_value: object) -> bool:
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_rows(value: object) -> bool:
    return isinstance(value, list) and all(_is_row(one) for one in value)


def _is_row(row: object) -> bool:
    if not isinstance(row, dict) or not row.keys() <= _ROW or "name" not in row:
        return False
    return all(isinstance(value, dict if key == "options" else str) for key, value in row.items())


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


_ROW = {"name", "kind", "type", "default", "doc", "options"}
_SHAPES = {
    **dict.fromkeys(("at", "doc", "is", "kind", "loads", "of", "returns", "type"), _is_text),
    **dict.fromkeys(("attributes", "bases", "decorators", "imports", "values"), _are_texts),
    **dict.fromkeys(("__call__", "__init__", "__new__", "fields", "params"), _are_rows),
    "keywords": _is_table,
}
