"""From what single files define to the entries of a catalog: each public path, and what it leads to.

A definition has its entry where it is written. A re-export inside the catalogued packages is an
alias, one line that names the definition; one from outside is not an entry, only a name that the
module's entry lists under `imports`, so that a message can say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

Fact: TypeAlias = dict[str, Any]
Entry: TypeAlias = "Fact | str"
"""An alias is a text: the path it leads to."""
_MAX_HOPS = 20
_DEFINITIONS = ("class", "function")


def entries(facts: Iterable[Fact]) -> dict[str, Entry]:
    """Every entry by its path, sorted. `facts`: what `extract.modules` gives for readable files."""
    modules: dict[str, Fact] = {}
    for fact in facts:
        old = modules.get(fact["module"])
        if old is None or old["file"].endswith(".pyi"):  # a stub counts where there is no source
            modules[fact["module"]] = fact
    linker = _Linker(modules)
    found: dict[str, Entry] = {}
    for name, fact in sorted(modules.items(), reverse=True):  # a package after its modules
        found.update(linker.of_module(name, fact))
    return dict(sorted(found.items()))


class _Linker:
    def __init__(self, modules: Mapping[str, Fact]) -> None:
        self.modules = modules
        self._scopes: dict[str, dict[str, Fact]] = {}
        self._parents = {name[:index] for name in modules for index, char in enumerate(name) if char == "."}

    def of_module(self, module: str, fact: Fact) -> Iterator[tuple[str, Entry]]:
        """The entries of one module: itself, its definitions, and what it re-exports."""
        entry: Fact = {"kind": "module", "at": fact["file"]}
        yield module, entry  # first: a name that a package gives another meaning hides the module
        loose: dict[str, list[str]] = {"import": [], "value": []}
        for name, item in self.scope(module).items():
            path = f"{module}.{name}"
            if item["kind"] in _DEFINITIONS:
                if name[0] != "_" or item["kind"] == "class" or item.get("passes"):
                    yield from self._definition(path, item, fact["file"])
                continue
            target = self.target(module, name)
            if target is not None and target != path:
                yield path, target
                yield from self._private(target)
            elif item["kind"] == "value" and ("type" in item or "is" in item):
                yield path, _placed(item, fact["file"])
            elif item["kind"] == "value" or target is None:
                loose[item["kind"]].append(name)
        entry |= {f"{kind}s": sorted(names) for kind, names in loose.items() if names}
        if fact["open"] or any(star not in self.modules for star in fact["stars"]):
            entry["open"] = True

    def _definition(self, path: str, item: Fact, file: str) -> Iterator[tuple[str, Entry]]:
        entry = _placed(item, file)
        for name, method in entry.pop("methods", {}).items():
            yield f"{path}.{name}", _placed(method, file)
        yield path, entry

    def _private(self, target: str) -> Iterator[tuple[str, Entry]]:
        """A private function that a public name leads to is an entry too."""
        module, _, name = target.rpartition(".")
        item = self.scope(module).get(name) if module in self.modules else None
        if item is not None and name[0] == "_" and item["kind"] == "function":
            yield from self._definition(target, item, self.modules[module]["file"])

    def scope(self, module: str) -> dict[str, Fact]:
        """The names of a module, those of its `import *` too."""
        if module in self._scopes:
            return self._scopes[module]
        fact = self.modules[module]
        scope = self._scopes[module] = {name: item for name, item in fact["names"].items() if name != "__all__"}
        for star in reversed(fact["stars"]):
            if star in self.modules:
                for name in self._public(star):
                    scope.setdefault(name, {"kind": "import", "of": f"{star}.{name}"})
        return scope

    def _public(self, module: str) -> list[str]:
        listed = self.modules[module]["names"].get("__all__", {}).get("names")
        return listed if listed is not None else [name for name in self.scope(module) if name[0] != "_"]

    def target(self, module: str, name: str) -> str | None:
        """The path of the definition or module that a name of a module leads to; None where it leads out."""
        path = f"{module}.{name}"
        for _ in range(_MAX_HOPS):
            module, _, name = path.rpartition(".")
            item = self.scope(module).get(name) if module in self.modules else None
            if item is None or item.get("of") == path:  # a name of a package hides its submodule of that name
                return path if path in self.modules or path in self._parents else None
            following = item.get("of") or item.get("is", "")
            if item["kind"] in _DEFINITIONS or (item["kind"] == "value" and not following):
                return path  # of a value it is known that it is there, and its type if the source says so
            if not following or not following.replace(".", "").replace("_", "").isalnum():
                return None
            path = following
        return None


def _placed(item: Fact, file: str) -> Fact:
    """An entry with `at`, its file and line."""
    return {"kind": item["kind"], "at": f"{file}:{item['line']}"} | {
        key: value for key, value in item.items() if key not in {"kind", "line"}
    }
