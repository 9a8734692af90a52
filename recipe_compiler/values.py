"""Values of Python's source as recipes write them: a default, in YAML's flow style."""

from __future__ import annotations

import ast
import json
import math
import re
from typing import NamedTuple

from recipe_compiler.catalog import Catalogs
from recipe_compiler.catalog.signature import is_enum
from recipe_compiler.diag import visible
from recipe_compiler.syntax import Json

_PLAIN = re.compile(r"[\w./][\w./:@+-]*(?: [\w./][\w./@+-]*)*")
_EMPTY: dict[str, Json] = {"dict": {}, "list": [], "set": {"_set_": []}, "tuple": {"_tuple_": []}}


def of_default(text: str, catalogs: Catalogs, module: str = "") -> tuple[Json, bool]:
    """The value that a default's source, in `module`, stands for, and whether a recipe can write it."""
    try:
        return _Reader(catalogs, module).read(ast.parse(text, mode="eval").body), True
    except (SyntaxError, ValueError, RecursionError):
        return None, False


class _Reader(NamedTuple):
    catalogs: Catalogs
    module: str

    def read(self, node: ast.expr) -> Json:
        """Raises: ValueError for what is no value of a recipe."""
        if isinstance(node, ast.Name) and node.id in _EMPTY:  # of `list()`
            return _EMPTY[node.id]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not (node.args or node.keywords):
            return self.read(node.func)
        if isinstance(node, ast.Lambda) and isinstance(node.body, ast.Call):  # the factory of a field, called
            return self.read(node.body.func)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._member(ast.unparse(node))
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            items = [self.read(item) for item in node.elts]
            form = {ast.Tuple: "_tuple_", ast.Set: "_set_"}.get(type(node))
            return {form: items} if form else items
        if isinstance(node, ast.Dict) and all(
            isinstance(key, ast.Constant) and isinstance(key.value, str) for key in node.keys
        ):
            return {key.value: self.read(value) for key, value in zip(node.keys, node.values, strict=True)}  # type: ignore[union-attr]
        value = ast.literal_eval(node)
        if not (value is None or isinstance(value, (bool, int, float, str))):
            raise ValueError(ast.unparse(node))
        return value if not isinstance(value, float) or math.isfinite(value) else {"_float_": str(value)}

    def _member(self, path: str) -> Json:
        for whole in (path, f"{self.module}.{path}"):
            owner = self.catalogs.resolve(whole.rpartition(".")[0]) if "." in path else None
            if owner is not None and is_enum(owner, self.catalogs):
                return {"_enum_": f"{owner.path}.{path.rpartition('.')[2]}"}
        raise ValueError(path)


def flow(value: Json) -> str:
    """A value as YAML's flow style has it, text without quotes where it is text without them."""
    from recipe_compiler.syntax.scalars import resolve  # noqa: PLC0415  loaded with the parser

    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and resolve(value) == (value, None):
        return value
    if isinstance(value, float):
        return re.sub(r"^(-?[0-9]+)e", r"\1.0e", repr(value))  # what YAML 1.1 takes for a number too
    return json.dumps(value, ensure_ascii=not (isinstance(value, str) and visible(value) == value))
