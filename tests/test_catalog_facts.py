"""What a source's own text says of its calls: one kind of definition a row, in a package of one module."""

from __future__ import annotations

import ast
import json
import math

import pytest

from recipe_compiler import extract
from recipe_compiler.catalog import Catalog, Catalogs, signature
from recipe_compiler.catalog.conform import Conform
from recipe_compiler.catalog.make import make
from recipe_compiler.catalog.nearest import best_of, is_slip
from recipe_compiler.check.calls import argument
from recipe_compiler.syntax import parse_bytes
from tests.project import REPO

NAMES = ("nemo-2.5.3", "megatron-bridge-0.3.1", "megatron-core-0.16.1", "torch-2.13.0")
MIN_DEFAULTS = 100_000


def catalogs(files: dict[str, str]) -> Catalogs:
    text, _, found = make("c", {"c": list(extract.modules((name, text.encode()) for name, text in files.items()))})
    assert not found
    return Catalogs([Catalog("c", text.encode())])


def shown(source: str, path: str = "m.f") -> str:
    """The parameters of a call, `?` after them where they are not known."""
    all_ = catalogs({"m.py": source})
    found = all_.resolve(path)
    made = signature(found, all_) if found else None
    return "no call" if made is None else ", ".join(param.shown for param in made.params) + ("" if made.known else "?")


WRAPS = "def deco(fn):\n    @functools.wraps(fn)\n    def inner(*args, **kwargs):\n        return fn({})\n    return inner\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(WRAPS.format("*args, **kwargs") + "@deco\ndef f(a: int): ...\n", "a: int", id="wrapper-hands-on"),
        pytest.param(WRAPS.format("1, *args, **kwargs") + "@deco\ndef f(a: int): ...\n", "a: int?", id="wrapper-adds"),
        pytest.param("def deco(fn):\n    return fn\n@deco\ndef f(a: int): ...\n", "a: int", id="decorator-returns-it"),
        pytest.param(
            "def deco(fn):\n    return g\n@deco\ndef f(a: int): ...\n", "a: int?", id="decorator-returns-other"
        ),
        pytest.param("@overload\ndef f(a: int): ...\ndef f(a, b=1): ...\n", "a, b = 1", id="overload-then-what-runs"),
        pytest.param("@overload\ndef f(a: int): ...\ndef f(a: int): ...\n", "a", id="overloads-say-more-of-types"),
        pytest.param("@overload\ndef f(a): ...\n@overload\ndef f(b): ...\n", "?", id="overloads-alone"),
        pytest.param("f = g(1)\n", "no call", id="value-is-a-name"),
        pytest.param(
            "from pydantic import BaseModel, Field\nclass Base(BaseModel):\n    a: int\n"
            "class f(Base):\n    model_config = {}\n    b: str = 'x'\n    c: int = Field(default=3, alias='cc')\n",
            "a: int, b: str = 'x', cc: int = 3",
            id="pydantic-fields-through-inheritance",
        ),
        pytest.param(
            "from pydantic import BaseModel\nclass f(BaseModel):\n    model_config = dict(extra='allow')\n    a: int\n",
            "a: int?",
            id="pydantic-that-takes-more",
        ),
        pytest.param(
            "from typing import TypedDict\nclass f(TypedDict):\n    a: int\n",
            "a: int = …",
            id="typed-dict-requires-nothing",
        ),
    ],
)
def test_parameters(source: str, expected: str) -> None:
    assert shown(source) == expected


@pytest.mark.parametrize(
    ("param", "value", "expected"),
    [
        pytest.param("a: int = 0.02", "0.01", None, id="the-default-is-right"),
        pytest.param("a: int = 0.02", "text", "an integer or a number", id="and-no-more-than-that"),
        pytest.param("a: tuple = 512", "[1, 2]", None, id="the-annotation-holds-too"),
        pytest.param("a: int = None", "null", None, id="none-by-default"),
        pytest.param("a: int = 1", "null", "an integer", id="none-is-not-a-default-else"),
        pytest.param("a: 'Tuple[str]' = ()", "[x, y]", None, id="tuple-of-one-is-of-many"),
        pytest.param("a: Color", "RED", "a `Color`", id="text-for-an-enum"),
        pytest.param("a: Word", "b", None, id="text-that-equals-a-member"),
        pytest.param("a: Word", "c", "a `Word`", id="text-that-equals-none"),
        pytest.param("a: Step", "m.g", "a function", id="text-for-a-callable-protocol"),
        pytest.param("a: Step", "{_target_: m.g, _call_: false}", None, id="function-for-a-protocol"),
        pytest.param("a: Color", "{_enum_: m.Word.A}", "a `Color`", id="member-of-another-enum"),
        pytest.param("a: LightningDataModule", "squad", None, id="class-of-a-package-that-is-not-catalogued"),
        pytest.param("a: Trainer", "{_target_: m.Mine}", None, id="unknown-base-may-be-anything"),
        pytest.param("a: Box", "{_target_: m.make}", None, id="a-factory-may-return-what-is-below"),
        pytest.param("a: 'Union[Path, str]'", "/data", None, id="text-where-text-or-path"),
    ],
)
def test_values(param: str, value: str, expected: str | None) -> None:
    source = f"""\
from enum import Enum
from pathlib import Path
from typing import Protocol, Tuple, Union
from lightning.pytorch import LightningDataModule
import lightning.pytorch as pl
import other
class Color(Enum):
    RED = 1
class Word(str, Enum):
    A = "b"
class Step(Protocol):
    def __call__(self, x): ...
class Trainer(pl.Trainer):
    pass
class Mine(other.Base):
    pass
class Base: ...
class Box(Base): ...
def make() -> Base: ...
def g(): ...
def f({param}): ...
"""
    all_ = catalogs({"m.py": source})
    found = all_.resolve("m.f")
    assert found is not None
    made = signature(found, all_)
    node, _ = parse_bytes("r", f"x: {value}\n".encode())
    assert made is not None
    assert node is not None
    finding = argument(made, made.params[0], node.value["x"], ("a",), Conform(all_))
    assert (finding and finding.message) == (expected and f"`a` must be {expected}")


def test_a_value_without_a_type_is_a_name_of_its_module_and_of_whoever_imports_it() -> None:
    all_ = catalogs({"p/m.py": "gelu = add(1)\n", "p/__init__.py": "from p.m import gelu\n"})
    assert [found.path for path in ("p.m.gelu", "p.gelu") if (found := all_.resolve(path))] == ["p.m.gelu", "p.m.gelu"]


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        pytest.param("ckpt_dir", ("dir", "name"), "dir", id="a-word-of-it"),
        pytest.param("epsilon", ("eps", "elementwise_affine"), "eps", id="begins-with-it"),
        pytest.param("perf_mode", ("performance_mode", "num_gpus_per_node"), "performance_mode", id="stem"),
        pytest.param("timing_loglevel", ("timing_log_option", "timing_log_level"), "timing_log_level", id="slip-first"),
        pytest.param("rank", ("dim", "alpha"), None, id="nothing-near"),
    ],
)
def test_best_of(name: str, options: tuple[str, ...], expected: str | None) -> None:
    assert best_of(name, options) == expected


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        pytest.param("overwite", "overwrite", True, id="dropped"),
        pytest.param("shuffel", "shuffle", True, id="swapped"),
        pytest.param("numNodes", "num_nodes", True, id="case-and-underscore"),
        pytest.param("dropatt", "dropout", False, id="two-letters-of-seven"),
        pytest.param("ckpt_include_optimizer", "ckpt_load_optimizer", False, id="another-word"),
    ],
)
def test_is_slip(one: str, two: str, *, expected: bool) -> None:
    assert is_slip(one, two) is expected


def test_no_default_of_the_sources_is_a_mistake() -> None:
    """A default that is a literal is a correct value by construction, whatever its annotation says."""
    all_ = Catalogs([Catalog(name, (REPO / "catalogs" / f"{name}.json").read_bytes()) for name in NAMES])
    conform, count, alarms = Conform(all_), 0, []
    for catalog in all_.catalogs:
        for path in catalog.paths():
            found = all_.resolve(path)
            made = signature(found, all_) if found is not None and found.path == path else None
            for param in made.params if made else ():
                text = literal(param.default)
                if not param.type or text is None:
                    continue
                node, _ = parse_bytes("default", f"x: {text}\n".encode())
                if node is None:
                    continue
                count += 1
                finding = argument(made, param, node.value["x"], ("args", param.name), conform)
                if finding is not None:
                    alarms.append(f"{path}: {param.shown}: {finding.message}")
    assert alarms == []
    assert count > MIN_DEFAULTS


def literal(default: str | None) -> str | None:
    """A default as a recipe writes it; None where it is no literal that a recipe has."""
    try:
        value = ast.literal_eval(default or "?")
        return json.dumps(written(value), allow_nan=False)
    except (ValueError, SyntaxError, TypeError):
        return None


def written(value: object) -> object:
    if isinstance(value, tuple):
        return {"_tuple_": [written(one) for one in value]}
    if isinstance(value, list):
        return [written(one) for one in value]
    if isinstance(value, dict):
        if any(not isinstance(key, str) or not key or key[0] == "_" for key in value):
            raise TypeError
        return {key: written(one) for key, one in value.items()}
    if value is ... or (isinstance(value, float) and not math.isfinite(value)):
        raise TypeError
    return value
