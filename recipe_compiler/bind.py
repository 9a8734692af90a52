"""Binds every call of a recipe to the functions that are really there: imports them, calls none of them.

Runs where the job would run, beside `runtime.py`, whose file is its one argument: standard library
only, Python 3.8 and later. The request comes as JSON on standard input; the answer is one JSON
document on standard output, and what the imported packages print goes to standard error.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # Before all other imports: no file beside this one shadows a module.
    HERE = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != HERE]

import copy
import importlib.util
import inspect
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    Route = tuple[Any, ...]


class Binder:
    """Collects what is wrong, each place once."""

    def __init__(self, runtime: ModuleType) -> None:
        """`runtime` knows how a job finds a function."""
        self.runtime = runtime
        self.rows: dict[str, dict[str, Any]] = {}
        self.count = 0
        self.shared: list[Any] = []
        self.seen: set[int] = set()

    def recipe(self, call: dict[str, Any]) -> None:
        """The call of a recipe, and all calls inside it."""
        self.shared, self.seen = call.get("shared", []), set()
        args = call.get("args", {})
        self.one(call["function"], ("function",), list(call.get("positional", [])), args, partial=False)
        self.inside(args, ("args",))

    def inside(self, tree: Any, route: Route) -> None:  # noqa: ANN401  JSON
        """The calls inside a value."""
        if isinstance(tree, list):
            for index, item in enumerate(tree):
                self.inside(item, (*route, index))
        if not isinstance(tree, dict) or tree.get("_raw_") is True:
            return
        if "_shared_" in tree:
            index = tree["_shared_"]
            if index not in self.seen:
                self.seen.add(index)
                self.inside(self.shared[index], route)
            return
        if "_target_" in tree:
            self.nested(tree, route)
        elif set(tree) == {"_enum_"}:
            self.found(lambda: self.runtime.member(tree["_enum_"], ""), tree["_enum_"], (*route, "_enum_"))
        for key, value in tree.items():
            self.inside(value, (*route, key))

    def nested(self, tree: dict[str, Any], route: Route) -> None:
        """One call inside the arguments; what is passed as it is must be there."""
        path, at = tree["_target_"], (*route, "_target_")
        if tree.get("_call_") is False:
            self.found(lambda: self.runtime.locate(path, ""), path, at)
            return
        keywords = {key: None for key in tree if key not in self.runtime.CALL}
        self.one(path, at, tree.get("_args_", []), keywords, partial=tree.get("_partial_") is True)

    def found(self, look: Any, path: str, route: Route) -> Any:  # noqa: ANN401  any object
        """What `look` finds, or None and a finding."""
        self.count += 1
        try:
            return look()
        except self.runtime.CallError as error:
            text = str(error).partition(": ")[2]
        except BaseException as error:  # noqa: BLE001  a package may end the process as it is imported
            text = f"importing it raised {type(error).__name__}: {error}"
        self.finding("import", text, path, route)
        return None

    def one(self, path: str, route: Route, positional: list[Any], keywords: dict[str, Any], *, partial: bool) -> None:
        """A function by its path, and what it is given."""
        function = self.found(lambda: self.runtime.locate(path, ""), path, route)
        if function is None:
            return
        if not callable(function):
            self.finding("import", f"`{path}` is not callable", path, route)
            return
        for kind, follow in (("bind", False), ("wrapped", True)):
            try:
                signature = inspect.signature(function, follow_wrapped=follow)
            except (TypeError, ValueError):
                continue  # a builtin that does not tell
            try:
                (signature.bind_partial if partial else signature.bind)(*positional, **keywords)
            except TypeError as error:
                self.finding(kind, f"{error}", path, route, f"{path}{signature}"[:2000])
                return

    def finding(self, kind: str, message: str, path: str, route: Route, signature: str = "") -> None:
        """Keep a finding."""
        row = {"kind": kind, "message": message[:2000], "path": path, "route": list(route), "signature": signature}
        self.rows[json.dumps(row)] = row


def with_point(call: dict[str, Any], settings: list[Any]) -> dict[str, Any]:
    """The call with what one point of a sweep sets."""
    call = copy.deepcopy(call)
    for route, value in settings:
        place: Any = call
        for part in route[:-1]:
            place = place[part]
            while isinstance(place, dict) and "_shared_" in place:
                place = call["shared"][place["_shared_"]]
        place[route[-1]] = value
    return call


def main() -> None:
    """Answer one request."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    spec = importlib.util.spec_from_file_location("recipec_runtime", sys.argv[1])
    if spec is None or spec.loader is None:
        sys.exit(2)
    runtime = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runtime)
    if os.environ.get("RECIPEC_WORKDIR"):
        sys.path.insert(0, os.environ["RECIPEC_WORKDIR"])
    binder = Binder(runtime)
    for settings in request["points"] or [[]]:
        binder.recipe(with_point(request["call"], settings))
    json.dump({"python": sys.version.split()[0], "looked_up": binder.count, "rows": list(binder.rows.values())}, answer)
    answer.flush()
    os._exit(0)  # threads and exit handlers of the packages are theirs


if __name__ == "__main__":
    main()
