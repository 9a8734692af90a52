"""What NeMo-Run finds of the corpus: `make mistakes-peers` runs this in an environment that has nemo_run.

Each recipe is written as a NeMo-Run user writes it: `run.Partial` of the function, `run.Config` of every
call in it, and a `SlurmExecutor` with the recipe's resources; then `exp.dryrun()`. The functions and
classes are stand-ins with the real names and parameters, made from the same catalogs that recipec reads.
NeMo-Run has no `_overrides_`, sweeps, references, broadcast, resolvers, bases and secrets: the fields of
what a factory of Megatron Bridge returns cannot be given to it; the rest is given as PyYAML reads it,
with the overrides of `--set` and the bases applied. A mistake is found if anything raises.
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import io
import json
import os
import pathlib
import re
import sys
import tempfile
import types
from importlib.metadata import version
from typing import Any

import nemo_run as run

from recipe_compiler.catalog import Catalog, Catalogs, signature
from tests.mistakes import rows

REPO = pathlib.Path(__file__).resolve().parent.parent.parent
NAMES = ("nemo-2.5.3", "megatron-bridge-0.3.1", "megatron-core-0.16.1", "torch-2.13.0")
TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict}
KEYS = {"nodes", "gpus_per_node", "cpus_per_node", "mem_per_node", "time", "partition", "account", "qos"}
FIELDS = {"name", "description", "function", "args", "resources", "launcher", "container", "env", "secrets"}
GIVEN_BY_RECIPEC = {"extends", "vars", "sweep", "broadcast", "walk"}


class StandIns:
    """Callables with real names and parameters."""

    def __init__(self) -> None:
        self.catalogs = Catalogs([Catalog(name, (REPO / "catalogs" / f"{name}.json").read_bytes()) for name in NAMES])
        self._made: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """What an import of `path` gives. Raises: ImportError."""
        if path not in self._made:
            found = self.catalogs.resolve(path)
            if found is None or found.kind == "module":
                raise ImportError(f"cannot import {path}")
            made = signature(found, self.catalogs)
            if found.path not in self._made:  # a value, such as torch.bfloat16, is its name
                self._made[found.path] = path if made is None else self._callable(found.path, found.kind, made)
            self._made[path] = self._made[found.path]
        return self._made[path]

    def _callable(self, path: str, kind: str, made: Any) -> Any:
        module, _, name = path.rpartition(".")
        parts: list[str] = []
        rows_ = list(made.params) if made.known else []
        types_ = {param.name: TYPES[param.type] for param in rows_ if param.type in TYPES}
        star = False
        rows_.sort(key=lambda param: param.kind == "" and param.default is not None)  # required ones before
        rows_.sort(key=lambda param: ("positional-only", "", "*", "keyword-only", "**").index(param.kind))
        for param in rows_:
            if param.kind == "keyword-only" and not star:
                parts.append("*")
                star = True
            star = star or param.kind == "*"
            text = f"{param.kind if param.kind[:1] == '*' else ''}{param.name}"
            if param.kind[:1] != "*" and param.default is not None:
                text += f"={_literal(param.default)}"
            parts.append(text)
        if not made.known:
            parts = ["*args", "**kwargs"]
        scope: dict[str, Any] = {}
        if kind == "class":
            exec(f"class {name}:\n    def __init__(self, {', '.join(parts)}): pass", scope)
            scope[name].__init__.__annotations__ = types_
        else:
            exec(f"def {name}({', '.join(parts)}): pass", scope)
            scope[name].__annotations__ = types_
        made_module = sys.modules.setdefault(module, types.ModuleType(module))
        scope[name].__module__ = module
        setattr(made_module, name, scope[name])
        return scope[name]


def _literal(text: str) -> str:
    try:
        return repr(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return "None"


def built(value: Any, stand_ins: StandIns, top: bool = False) -> Any:
    """A call tree as NeMo-Run's configs."""
    if isinstance(value, list):
        return [built(one, stand_ins) for one in value]
    if not isinstance(value, dict):
        return value
    if "_target_" not in value:
        forms = {
            "_tuple_": lambda one: tuple(built(one, stand_ins)),
            "_path_": lambda one: run.Config(pathlib.Path, one),
            "_timedelta_": lambda _: run.Config(dt.timedelta, minutes=30),
            "_enum_": stand_ins.get,
            "_float_": float,
        }
        if len(value) == 1 and (key := next(iter(value))) in forms:
            return forms[key](value[key])
        return {key: built(one, stand_ins) for key, one in value.items() if key != "_raw_"}
    target = stand_ins.get(value["_target_"])
    if value.get("_call_") is False:
        return target
    kind = run.Partial if top or value.get("_partial_") else run.Config
    given = {key: built(one, stand_ins) for key, one in value.items() if key not in rows.MARKERS}
    return kind(target, *built(value.get("_args_", []), stand_ins), **given)


def dry_run(recipe: dict[str, Any], stand_ins: StandIns, folder: str) -> None:
    """Everything up to NeMo-Run's submission. Raises: whatever it raises."""
    if unknown := set(recipe) - FIELDS - GIVEN_BY_RECIPEC:  # a keyword of nothing that a user would call
        raise TypeError(f"unexpected keyword {unknown}")
    task = built({"_target_": recipe["function"], **recipe.get("args", {})}, stand_ins, top=True)
    resources = recipe.get("resources", {})
    if unknown := set(resources) - KEYS:
        raise TypeError(f"unexpected keyword {unknown}")
    executor = run.SlurmExecutor(
        account=resources.get("account", "research"),
        partition=resources.get("partition", "gpu"),
        nodes=resources.get("nodes", 1),
        ntasks_per_node=resources.get("gpus_per_node", 8),
        gpus_per_node=resources.get("gpus_per_node", 8),
        mem=resources.get("mem_per_node"),
        time=str(resources.get("time", "4:00:00")),
        container_image=recipe.get("container", "nemo-25.11"),
        env_vars=recipe.get("env", {}),
        tunnel=run.LocalTunnel(job_dir=folder),
        packager=run.Packager(),
        launcher="torchrun",
    )
    with run.Experiment(recipe["name"], base_dir=folder) as experiment:
        experiment.add(task, executor=executor, name=recipe["name"])
        experiment.dryrun(delete_exp_dir=True)


def main() -> None:
    """Write what is found, as JSON."""
    stand_ins, found, refused, why = StandIns(), [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NEMORUN_HOME"] = folder
        os.chdir(folder)  # it writes where it stands
        for name, text, sets, is_correct in rows.every():
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    dry_run(rows.composed(text, sets), stand_ins, folder)
            except Exception as error:  # noqa: BLE001  whatever it says, it found it
                (refused if is_correct else found).append(name)
                said = f"{type(error).__name__}: {error}".splitlines()[0].replace(f"{REPO}/", "")
                why[name] = re.sub(r" at 0x[0-9a-f]+", "", said)[:120]
        os.chdir(REPO)
    result = {"nemo_run": version("nemo_run"), "found": found, "refused": refused, "why": why}
    (rows.HERE / "nemo_run.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
