"""What the Python files of packages define, read with `ast`: nothing is imported, nothing is run.

`recipec catalog` calls `modules` on the files of a wheel or a folder. For an image it copies this
file in and runs it there, `python3 -I -S extract.py --package NAME`, so that new syntax is read by
the Python that will run it. Standard library only, Python 3.9 or newer.

The answer is one plain mapping a module, names in the order of the file:
`{"module", "file", "sha256", "stars", "names"}`. A name is `{"kind": "import", "of": PATH}`, a
`function`, a `class`, or a `value`. Every annotation and base is written with full names, so that it
can be understood away from its module; `typing`, `collections.abc` and builtins stay bare.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

FORMAT = 1
MAX_FILE_BYTES = 8 << 20
MAX_DEFAULT = 120
MAX_DOC = 160
_BARE = ("typing.", "typing_extensions.", "collections.abc.", "builtins.")
_BUILTINS = frozenset(dir(builtins))
_LOADING = frozenset(
    {
        "__import__",
        "cloudpickle.load",
        "cloudpickle.loads",
        "ctypes.CDLL",
        "eval",
        "exec",
        "importlib.import_module",
        "os.popen",
        "os.system",
        "pickle.load",
        "pickle.loads",
        "runpy.run_module",
        "runpy.run_path",
        "subprocess.Popen",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.run",
        "torch.hub.load",
    }
)
"""Calls that start programs or load code named by data: what a wildcard of a profile does not cover."""
_GONE = frozenset({"__pycache__", "node_modules"})


class UnreadableError(Exception):
    """A file that cannot be read as Python; its text says why."""


def modules(files: Iterable[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    """The facts of each `.py` and `.pyi` file. `files`: path below the root, with `/`, and its bytes.

    A file that cannot be read gives `{"file", "unreadable"}`.
    """
    for file, data in files:
        try:
            yield module(file, data)
        except UnreadableError as error:
            yield {"file": file, "unreadable": str(error)}


def module(file: str, data: bytes) -> dict[str, Any]:
    """The facts of one file. Raises: UnreadableError."""
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError(f"it is larger than {MAX_FILE_BYTES >> 20} MiB")
    try:
        tree = ast.parse(data)
        reader = _Module(file)
        reader.body(tree.body)
    except (SyntaxError, ValueError) as error:
        raise UnreadableError(str(error).partition("(")[0].strip().lower() or "it is not Python") from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableError("it is nested too deep") from error
    return {
        "module": reader.name,
        "file": file,
        "sha256": hashlib.sha256(data).hexdigest(),
        "stars": reader.stars,
        "open": any(_is_dynamic(item) for item in tree.body),
        "names": reader.described(),
    }


def module_name(file: str) -> str:
    """`a.b` for `a/b.py` and for `a/b/__init__.py`."""
    parts = file.rsplit(".", 1)[0].split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class _Module:
    """One file: first what each name is, then the definitions with their annotations resolved."""

    def __init__(self, file: str) -> None:
        self.name = module_name(file)
        self.package = self.name if file.rsplit("/", 1)[-1].startswith("__init__.") else self.name.rpartition(".")[0]
        self.stars: list[str] = []
        self.names: dict[str, Any] = {}
        self.exported: list[str] = []
        """What is added to `__all__` after it was set."""

    def body(self, body: list[ast.stmt]) -> None:
        """Take in statements, in `if`, `try` and `with` too: of two definitions the first counts."""
        for item in body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self._define(item.name, item)
            elif isinstance(item, (ast.Assign, ast.AnnAssign)):
                for target in item.targets if isinstance(item, ast.Assign) else [item.target]:
                    if isinstance(target, ast.Name):
                        self._define(target.id, item)
            elif isinstance(item, ast.Import):
                for alias in item.names:
                    top = alias.name.partition(".")[0]
                    self._import(alias.asname or top, alias.name if alias.asname else top)
            elif isinstance(item, ast.ImportFrom):
                self._import_from(item)
            elif isinstance(item, (ast.If, ast.Try, ast.With)):
                self._inside(item)
            else:
                self.exported += _added_to_all(item)

    def _inside(self, item: ast.If | ast.Try | ast.With) -> None:
        """The statements of each branch."""
        self.body(item.body)
        for handler in getattr(item, "handlers", ()):
            self.body(handler.body)
        self.body([*getattr(item, "orelse", ()), *getattr(item, "finalbody", ())])

    def _define(self, name: str, item: ast.stmt) -> None:
        old = self.names.get(name)
        if old is None or (isinstance(old, (ast.Assign, ast.AnnAssign)) and _is_none(old.value)):
            self.names[name] = item
        elif isinstance(old, (ast.FunctionDef, ast.ClassDef)) and type(old) is type(item):
            if _is_overload(old) and not _is_overload(item):
                self.names[name] = item  # what runs, after the overloads, which say more of the types
                vars(item)["untyped"] = True
            else:
                vars(old)["varies"] = True  # overloads, or one of two branches: which one holds is not known

    def _import(self, name: str, target: str) -> None:
        self.names.setdefault(name, {"kind": "import", "of": target})

    def _import_from(self, item: ast.ImportFrom) -> None:
        base = item.module or ""
        if item.level:
            above = self.package.split(".")[: len(self.package.split(".")) - item.level + 1]
            base = ".".join([*above, base] if base else above)
        for alias in item.names:
            if alias.name == "*":
                self.stars.append(base)
            else:
                self._import(alias.asname or alias.name, f"{base}.{alias.name}")

    def described(self) -> dict[str, Any]:
        """Each name as plain data. `__all__` is a list of texts."""
        result: dict[str, Any] = {}
        for name, item in self.names.items():
            if isinstance(item, dict):
                result[name] = item
            elif isinstance(item, ast.ClassDef):
                result[name] = self._class(item)
            elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                result[name] = self._function(item)
            elif name == "__all__":
                listed = _texts(item.value)
                result[name] = {"kind": "all", "names": None if listed is None else listed + self.exported}
            else:
                result[name] = self._value(item)
        return result

    def _value(self, item: ast.Assign | ast.AnnAssign) -> dict[str, Any]:
        """A module's variable: its annotation, and what it is where that can be a type or another name."""
        fact: dict[str, Any] = {"kind": "value", "line": item.lineno}
        if isinstance(item, ast.AnnAssign):
            fact["type"] = self.text(item.annotation)
        if isinstance(item.value, (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp)):
            fact["is"] = self.text(item.value)
        return fact

    def _function(self, item: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Any]:
        docs = _docs(item)
        return _full(
            kind="function",
            line=item.lineno,
            doc=docs.get("", ""),
            params=self._params(item, docs),
            returns=self.text(item.returns) if item.returns else "",
            decorators=[self.text(one) for one in item.decorator_list],
            loads=self._loads(item.body),
            varies=getattr(item, "varies", False),
            passes=_passes(item),
        )

    def _loads(self, body: list[ast.stmt]) -> str:
        """The first call in a body that starts a program or loads code, by its full name; else empty."""
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Call):
                    name = self._called(node.func)
                    if name in _LOADING:
                        return name
                    if any(one.arg == "trust_remote_code" and not _is_false(one.value) for one in node.keywords):
                        return f"{name}(trust_remote_code)"
        return ""

    def _called(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._called(node.value)}.{node.attr}"
        return self.resolved(node.id) if isinstance(node, ast.Name) else "?"

    def _params(self, item: ast.FunctionDef | ast.AsyncFunctionDef, docs: dict[str, str]) -> list[dict[str, Any]]:
        args, typed = item.args, not getattr(item, "untyped", False)
        positional = [*args.posonlyargs, *args.args]
        defaults: list[Any] = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        rows = [
            ("positional-only" if index < len(args.posonlyargs) else "", arg, default)
            for index, (arg, default) in enumerate(zip(positional, defaults))  # noqa: B905  3.9 has no strict
        ]
        rows += [("*", args.vararg, None)] if args.vararg else []
        rows += [("keyword-only", arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults)]  # noqa: B905
        rows += [("**", args.kwarg, None)] if args.kwarg else []
        return [
            _full(
                name=arg.arg,
                kind=kind,
                type=self.text(arg.annotation) if arg.annotation and typed else "",
                default=_source(default) if default is not None else None,
                doc=docs.get(arg.arg, ""),
            )
            for kind, arg, default in rows
        ]

    def _class(self, item: ast.ClassDef) -> dict[str, Any]:
        docs = _docs(item)
        methods = {one.name: one for one in item.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
        overloaded = any(_is_overload(methods[name]) for name in ("__init__", "__new__") if name in methods)
        for one in item.body:
            if isinstance(one, ast.FunctionDef) and _is_overload(one) and methods[one.name] is not one:
                vars(methods[one.name])["untyped"] = True
        fact = _full(
            kind="class",
            line=item.lineno,
            doc=docs.get("", ""),
            bases=[self.text(one) for one in item.bases],
            decorators=[self.text(one) for one in item.decorator_list],
            keywords={one.arg or "**": self.text(one.value) for one in item.keywords},
            fields=list(self._fields(item.body, docs)),
            varies=getattr(item, "varies", False) or overloaded,
        )
        for name in ("__init__", "__new__", "__call__"):
            if name in methods:
                fact[name] = self._params(methods[name], {**docs, **_docs(methods[name])})[1:]
        if "__init__" in methods:
            fact.update(_full(loads=self._loads(methods["__init__"].body)))
        fact.update(_full(methods={name: self._method(one) for name, one in methods.items() if _is_free(one)}))
        fact.update(_full(attributes=sorted(_attributes(methods.values()))))
        return fact

    def _method(self, item: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Any]:
        fact = self._function(item)
        if any(name in {"classmethod", "staticmethod"} for name in fact["decorators"]):
            fact["decorators"] = [name for name in fact["decorators"] if name not in {"classmethod", "staticmethod"}]
            if "staticmethod" not in map(_name, item.decorator_list):
                fact["params"] = fact.get("params", [])[1:]
        return fact

    def _fields(self, body: list[ast.stmt], docs: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Annotated names are fields; plain ones are members of an enum or attributes of the class."""
        for index, item in enumerate(body):
            after = body[index + 1] if index + 1 < len(body) else None
            below = ast.get_docstring(ast.Module([after], [])) if isinstance(after, ast.Expr) else None
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                name = item.target.id
                yield _full(
                    name=name,
                    type=self.text(item.annotation),
                    default=self._default(item.value),
                    doc=_first(below or "") or docs.get(name, ""),
                    options=self._options(item.value),
                )
            elif isinstance(item, ast.Assign):
                for target in item.targets:
                    if isinstance(target, ast.Name) and not target.id.startswith("__"):
                        yield _full(name=target.id, default=_source(item.value))

    def _default(self, value: ast.expr | None) -> str | None:
        if isinstance(value, ast.Call) and _name(value.func).rpartition(".")[2] in {"field", "Field"}:
            given = {one.arg: one.value for one in value.keywords}
            if value.args and not (isinstance(value.args[0], ast.Constant) and value.args[0].value is ...):
                return _source(value.args[0])
            for name in ("default", "default_factory", "factory"):
                if name in given:
                    return _source(given[name]) if name == "default" else f"{_source(given[name])}()"
            return None
        return None if value is None else _source(value)

    def _options(self, value: ast.expr | None) -> dict[str, Any]:
        """What `field(…)` says beside the default: `init`, `kw_only`, `alias`."""
        if not isinstance(value, ast.Call):
            return {}
        return {
            one.arg: one.value.value
            for one in value.keywords
            if one.arg in {"init", "kw_only", "alias"} and isinstance(one.value, ast.Constant)
        }

    def text(self, node: ast.expr) -> str:
        """An annotation, a base or a decorator with its names resolved."""
        try:
            return _unparse(_Resolve(self).visit(_copied(node)))
        except RecursionError:
            return "?"

    def resolved(self, name: str) -> str:
        """The full name of `name` in this module; itself when it is a builtin or comes from a `*`."""
        item = self.names.get(name)
        if item is None:
            return name if name in _BUILTINS or not self.stars else f"{self.stars[-1]}.{name}"
        return item["of"] if isinstance(item, dict) else f"{self.name}.{name}"


class _Resolve(ast.NodeTransformer):
    """Names to full names; texts that are annotations are read as such, those of a Literal are not."""

    def __init__(self, scope: _Module) -> None:
        self.scope = scope

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(_bare(self.scope.resolved(node.id)), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        value = self.visit(node.value)
        return ast.Name(_bare(f"{value.id}.{node.attr}"), ast.Load()) if isinstance(value, ast.Name) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        value = self.visit(node.value)
        if isinstance(value, ast.Name) and value.id in {"Literal", "Annotated"}:
            inner = node.slice
            if value.id == "Annotated" and isinstance(inner, ast.Tuple):
                return cast("ast.AST", self.visit(inner.elts[0]))
            return ast.Subscript(value, inner, ast.Load())
        return ast.Subscript(value, self.visit(node.slice), ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str):
            return node
        try:
            return cast("ast.AST", self.visit(ast.parse(node.value, mode="eval").body))
        except (SyntaxError, ValueError):
            return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return cast("ast.AST", self.visit(node.func))


def _bare(name: str) -> str:
    for prefix in _BARE:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


def _unparse(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _source(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= MAX_DEFAULT else text[: MAX_DEFAULT - 1] + "…"


def _name(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _passes(item: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator leaves the parameters as they are: it returns the function, or hands all on to it."""
    inner = [one for one in ast.walk(item) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return any(_hands_on(one) for one in inner if one is not item) or any(_returns_its_own(one) for one in inner)


def _returns_its_own(item: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if len(item.args.args) != 1 or item.args.vararg or item.args.kwarg or item.args.kwonlyargs:
        return False
    returned = [one.value for one in ast.walk(item) if isinstance(one, ast.Return)]
    return bool(returned) and all(isinstance(one, ast.Name) and one.id == item.args.args[0].arg for one in returned)


def _hands_on(wrapper: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    args = wrapper.args
    if args.vararg is None or args.kwarg is None or args.args or args.posonlyargs or args.kwonlyargs:
        return False
    wanted = f"(*{args.vararg.arg}, **{args.kwarg.arg})"
    calls = [one for one in ast.walk(wrapper) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
    return any(ast.unparse(one) == f"{_name(one)}{wanted}" for one in calls)


def _is_overload(item: ast.stmt) -> bool:
    """Whether a function is one of several signatures and not what runs."""
    return any(
        _name(one).rpartition(".")[2] in {"overload", "_overload"} for one in getattr(item, "decorator_list", ())
    )


def _is_free(item: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method can be called on the class: a public class or static method."""
    return item.name[0] != "_" and any(_name(one) in {"classmethod", "staticmethod"} for one in item.decorator_list)


def _attributes(methods: Iterable[ast.FunctionDef | ast.AsyncFunctionDef]) -> set[str]:
    """What methods set on `self`, and properties."""
    names = set()
    for item in methods:
        if item.decorator_list:
            names.add(item.name)
        for node in ast.walk(item):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == "self"
                ):
                    names.add(target.attr)
    return names


def _is_dynamic(item: ast.stmt) -> bool:
    """Whether a statement of a module makes names that only running it would show."""
    if isinstance(item, ast.FunctionDef):
        return item.name == "__getattr__"
    if isinstance(item, (ast.ClassDef, ast.AsyncFunctionDef)):
        return False
    calls = (_name(node) for node in ast.walk(item) if isinstance(node, ast.Call))
    return any(name in {"globals", "setattr", "exec"} for name in calls) or "sys.modules" in ast.unparse(item)


def _added_to_all(item: ast.stmt) -> list[str]:
    """The names of `__all__ += […]`, `__all__.append(…)` and `__all__.extend([…])`."""
    if isinstance(item, ast.AugAssign) and _name(item.target) == "__all__":
        return _texts(item.value) or []
    if not isinstance(item, ast.Expr) or not isinstance(item.value, ast.Call) or not item.value.args:
        return []
    called, given = _name(item.value), item.value.args[0]
    if called == "__all__.extend":
        return _texts(given) or []
    return _texts(ast.List([given], ast.Load())) or [] if called == "__all__.append" else []


def _texts(node: ast.expr | None) -> list[str] | None:
    if isinstance(node, (ast.List, ast.Tuple)) and all(isinstance(one, ast.Constant) for one in node.elts):
        return [str(one.value) for one in node.elts if isinstance(one, ast.Constant)]
    return None


def _docs(item: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> dict[str, str]:
    """The first line of a docstring under `""`, and of each parameter's part, in Google's or Sphinx's form."""
    text = ast.get_docstring(item) or ""
    docs = {"": _first(text)}
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith(":param "):
            name, _, rest = stripped[len(":param ") :].partition(":")
        else:
            name, _, rest = stripped.partition(":")
            name = name.partition("(")[0].strip()
        name = name.split(" ")[-1].lstrip("*")
        if name.isidentifier() and rest.strip():
            docs.setdefault(name, _first(rest))
    return docs


def _first(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = "".join(char for char in line if char.isprintable())
    return line if len(line) <= MAX_DOC else line[: MAX_DOC - 1] + "…"


def _full(**facts: object) -> dict[str, Any]:
    """The facts that say something."""
    return {name: value for name, value in facts.items() if value not in ("", None, [], {}, False)}


def files_below(root: Path, packages: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The Python files of packages below a folder such as `site-packages`, in order; a link is not followed."""
    for package in packages:
        start = root.joinpath(*package.split("."))
        single = start.with_name(f"{start.name}.py")
        if single.is_file():
            yield single.relative_to(root).as_posix(), single.read_bytes()
        for folder, folders, names in os.walk(start):
            folders[:] = sorted(name for name in folders if name not in _GONE and name.isidentifier())
            for name in sorted(names):
                path = Path(folder, name)
                if is_source(name) and path.is_file() and not path.is_symlink():
                    yield path.relative_to(root).as_posix(), path.read_bytes()


def is_source(name: str) -> bool:
    """Whether a file's name is that of a module or a stub."""
    stem, _, ending = name.rpartition(".")
    return ending in {"py", "pyi"} and stem.isidentifier()


def main() -> int:
    """Print the facts of the packages of this Python as JSON, one module a line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", action="append", required=True)
    parser.add_argument("--root", action="append", default=[])
    options = parser.parse_args()
    roots = [Path(root) for root in options.root] or [Path(prefix) for prefix in _site_folders()]
    for package in options.package:
        top = package.partition(".")[0]
        for root in roots:
            if (root / top).is_dir() or (root / f"{top}.py").is_file():
                for fact in modules(files_below(root, [package])):
                    print(json.dumps(fact, ensure_ascii=True, separators=(",", ":")))
    return 0


def _site_folders() -> Iterator[str]:
    """Where this Python's packages lie, found by name: `site` itself would run `.pth` files."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for prefix in dict.fromkeys((sys.prefix, "/usr/local", "/usr", "/opt/venv")):
        for lib in ("lib", "lib64"):
            yield f"{prefix}/{lib}/{version}/site-packages"
            yield f"{prefix}/{lib}/{version}/dist-packages"
        yield f"{prefix}/lib/python3/dist-packages"
    yield from os.environ.get("PYTHONPATH", "").split(":")


if __name__ == "__main__":
    sys.exit(main())
