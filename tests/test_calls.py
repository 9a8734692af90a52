"""Calls against signatures: one mistake a row, the whole finding asserted; and what is no mistake."""

from __future__ import annotations

import pytest

from tests.catalogs import CLUSTER, found_in

SOURCES = {
    "acme/__init__.py": "",
    "acme/parts.py": """
        import enum
        from abc import ABC
        from dataclasses import dataclass, field
        from pathlib import Path
        from typing import Any, Callable, Literal, Optional, Protocol, TypedDict, Union

        class Color(enum.Enum):
            RED = 1
            GREEN = 2

        class Data: ...

        class Text(Data):
            def __init__(self, path: str) -> None: ...

        class Model(ABC): ...

        @dataclass
        class Small(Model):
            size: int = 1
            colors: list[Color] = field(default_factory=list)

        class Odd(unknown.Base): ...

        class Runs(Protocol):
            def run(self) -> None: ...

        class Options(TypedDict, total=False):
            hf_path: str
            steps: int

        @dataclass
        class Optim:
            lr: float = 1e-3
            kind: Literal["adam", "sgd"] = "adam"

        @dataclass
        class Config:
            optim: Optim
            model: Model
            names: dict[str, int] = field(default_factory=dict)
            extra: Any = None

        def config(**options: Unpack[Options]) -> Config: ...

        def small() -> Small: ...

        def text() -> str: ...
    """,
    "acme/train.py": """
        from datetime import timedelta
        from pathlib import Path
        from typing import Any, Callable, List, Literal, Optional, Tuple, Type, Union
        from acme.parts import Color, Config, Data, Model, Runs, Text

        def main(
            *,
            steps: int = 1,
            lr: float = 1e-3,
            name: str = "n",
            flag: bool = False,
            opt: Optional[int] = None,
            implicit: int = None,
            mode: Literal["fast", "slow"] = "fast",
            color: Color = Color.RED,
            sizes: List[int] = [8],
            betas: Tuple[float, float] = (0.9, 0.99),
            table: dict[str, float] = {},
            out: Path = Path("."),
            either: Union[Path, str] = "",
            wait: timedelta = timedelta(0),
            hook: Callable[[int], None] = print,
            kind: Type[Model] = Model,
            data: Data = None,
            runs: Runs = None,
            config: Config = None,
            far: "far.Thing" = None,
            anything=None,
            datas: list[Data] = [],
        ) -> None: ...

        def needs(source: str, target: str, limit: int = 1) -> None: ...

        def places(a: int, /, b: int, *, c: int = 1) -> None: ...

        def loose(overwrite: bool = False, **kwargs: Any) -> None: ...
    """,
}


def given(args: str) -> str:
    return f"function: acme.train.main\nargs: {{{args}}}"


@pytest.mark.parametrize(
    ("args", "finding"),
    [
        pytest.param("stpes: 1", "RCP303 [stpes] `acme.train.main` has no argument `stpes` | did you mean `steps`? accepted: steps, lr, name, flag, opt, implicit, mode, color, sizes, betas, table, out and 10 more", id="typo"),
        pytest.param("learning_rate: 1", "RCP303 [learning_rate] `acme.train.main` has no argument `learning_rate` | did you mean `lr`? accepted: steps, lr, name, flag, opt, implicit, mode, color, sizes, betas, table, out and 10 more", id="initials"),
        pytest.param('steps: "8"', 'RCP202 ["8"] `args.steps` must be an integer | remove the quotes', id="quoted-number"),
        pytest.param("steps: 1.5", "RCP202 [1.5] `args.steps` must be an integer | write an integer", id="float-for-int"),
        pytest.param("steps: true", "RCP202 [true] `args.steps` must be an integer | write 1 or 0", id="bool-for-int"),
        pytest.param("steps: null", "RCP202 [null] `args.steps` must be an integer | write an integer", id="null"),
        pytest.param("lr: fast", "RCP202 [fast] `args.lr` must be a number | write a number", id="text-for-float"),
        pytest.param("flag: 1", "RCP202 [1] `args.flag` must be true or false | write true or false", id="int-for-bool"),
        pytest.param("name: 8", 'RCP202 [8] `args.name` must be text | write "8", in quotes', id="int-for-text"),
        pytest.param("name: [a]", "RCP202 [[a]] `args.name` must be text | write text", id="list-for-text"),
        pytest.param("opt: x", "RCP202 [x] `args.opt` must be an integer or null | write an integer or null", id="optional"),
        pytest.param("mode: fsat", "RCP202 [fsat] `args.mode` must be one of 'fast', 'slow' | did you mean `fast`?", id="literal"),
        pytest.param("color: RED", "RCP202 [RED] `args.color` must be a `Color` | write `{_enum_: acme.parts.Color.RED}`", id="enum-as-text"),
        pytest.param("sizes: 8", "RCP202 [8] `args.sizes` must be a list | write a list", id="scalar-for-list"),
        pytest.param("sizes: [1, b]", "RCP202 [b] `args.sizes[1]` must be an integer | write an integer", id="item-of-a-list"),
        pytest.param("betas: [0.9]", "RCP202 [[0.9]] `args.betas` must be a list of 2 | write 2 values", id="length-of-a-tuple"),
        pytest.param("table: {a: x}", "RCP202 [x] `args.table.a` must be a number | write a number", id="value-of-a-mapping"),
        pytest.param("table: [a]", "RCP202 [[a]] `args.table` must be a mapping | write a mapping", id="list-for-mapping"),
        pytest.param("out: /tmp/x", "RCP308 [/tmp/x] `args.out` is a path in the function's signature | write `{_path_: /tmp/x}`, which is a path in the job", id="text-for-path"),
        pytest.param("wait: 90m", "RCP202 [90m] `args.wait` must be a duration | write `{_timedelta_: 90m}`", id="text-for-timedelta"),
        pytest.param("hook: print", "RCP202 [print] `args.hook` must be a function | write `{_target_: package.function, _call_: false}`", id="text-for-function"),
        pytest.param("data: {path: x}", "RCP202 [{path: x}] `args.data` must be a `Data` or null | write `_target_: acme.parts.Data` in it", id="mapping-for-object"),
        pytest.param("data: text", "RCP202 [text] `args.data` must be a `Data` or null | write `{_target_: acme.parts.Data, …}`", id="text-for-object"),
        pytest.param("data: {_target_: acme.parts.small}", "RCP202 [acme.parts.small] `args.data` must be a `Data` or null | write a `Data` or null", id="function-makes-another"),
        pytest.param("data: {_target_: acme.parts.Small}", "RCP202 [acme.parts.Small] `args.data` must be a `Data` or null | write a `Data` or null", id="class-is-another"),
        pytest.param("steps: {_target_: acme.parts.text}", "RCP202 [acme.parts.text] `args.steps` must be an integer | write an integer", id="function-makes-text"),
        pytest.param("data: {_target_: acme.parts.Text, _call_: false}", "RCP202 [acme.parts.Text] `args.data` must be a `Data` or null | remove `_call_: false`", id="class-for-its-object"),
        pytest.param("kind: {_target_: acme.parts.Data, _call_: false}", "RCP202 [acme.parts.Data] `args.kind` must be a class | write a class", id="another-class"),
        pytest.param("datas: [{_target_: acme.parts.Text, pth: x}]", "RCP303 [pth] `acme.parts.Text` has no argument `pth` | did you mean `path`? accepted: path", id="call-in-a-list"),
        pytest.param("config: {_target_: acme.parts.config, hf_paht: x}", "RCP303 [hf_paht] `acme.parts.config` has no argument `hf_paht` | did you mean `hf_path`? accepted: hf_path, steps", id="typed-kwargs"),
        pytest.param("config: {_target_: acme.parts.config, steps: x}", "RCP202 [x] `args.config.steps` must be an integer | write an integer", id="type-of-typed-kwargs"),
        pytest.param("config: {_target_: acme.parts.config, _overrides_: {optim.rl: 1}}", "RCP307 [rl] an `Optim` has no field `rl` | did you mean `optim.lr`?", id="field"),
        pytest.param("config: {_target_: acme.parts.config, _overrides_: {optm.lr: 1}}", "RCP307 [optm] a `Config` has no field `optm` | did you mean `optim`?", id="first-field"),
        pytest.param("config: {_target_: acme.parts.config, _overrides_: {optim: {kind: adm}}}", "RCP202 [adm] `args.config._overrides_.optim.kind` must be one of 'adam', 'sgd' | did you mean `adam`?", id="value-of-a-field"),
        pytest.param("config: {_target_: acme.parts.config, _overrides_: {names.a: x}}", 'RCP202 [x] `args.config._overrides_["names.a"]` must be an integer | write an integer', id="field-through-a-mapping"),
    ],
)  # fmt: skip
def test_mistake(args: str, finding: str) -> None:
    said = [one for one in found_in(given(args), SOURCES) if "RCP302" not in one]
    assert said == [finding]


@pytest.mark.parametrize(
    "args",
    [
        "steps: 8, lr: 1, name: x, flag: true",
        "opt: null, implicit: null, data: null, config: null",
        "lr: {_float_: inf}",
        "mode: slow, color: {_enum_: acme.parts.Color.GREEN}",
        "color: {_target_: acme.parts.Color.GREEN, _call_: false}",
        "sizes: [], betas: [1, 0.5], table: {a: 1}",
        "betas: {_tuple_: [1, 0.5]}",
        "out: {_path_: /tmp/x}, either: /tmp/x",
        "wait: {_timedelta_: 90m}",
        "hook: {_target_: acme.parts.text, _call_: false}",
        "hook: {_target_: acme.parts.text, _partial_: true}",
        "hook: {_target_: acme.parts.Text, _call_: false}",
        "kind: {_target_: acme.parts.Small, _call_: false}",
        "data: {_target_: acme.parts.Text, path: x}",
        "data: {_target_: acme.parts.Odd, what: ever}",
        "runs: {_target_: acme.parts.Odd}, far: 8, anything: [{a: 1}]",
        "runs: {_target_: acme.parts.small}",
        "datas: [{_target_: acme.parts.Data}, {_target_: acme.parts.Text, _args_: [x]}]",
        "config: {_target_: acme.parts.config, _overrides_: {optim.lr: 1, model.size: 3, extra: {a: 1}, extra.x: 1}}",
        "config: {_target_: acme.parts.config, _overrides_: {model: {_target_: acme.parts.Small}, names: {a: 1}}}",
        "table: {_raw_: true, a: 1}, anything: {_raw_: true, b: {_target_: acme.parts.nothing}}",
    ],
)
def test_no_mistake(args: str) -> None:
    assert found_in(given(args), SOURCES) == []


@pytest.mark.parametrize(
    ("recipe", "finding"),
    [
        pytest.param("function: acme.train.needs\nargs: {target: x}", "RCP302 [args] missing required argument `source` of `acme.train.needs` | add `source: …` under `args`: text", id="missing"),
        pytest.param("function: acme.train.needs", "RCP302 [acme.train.needs] missing required arguments `source`, `target` of `acme.train.needs` | add `source: …` under `args`: text", id="no-args-at-all"),
        pytest.param("function: acme.train.loose\nargs: {x: {_target_: acme.train.places, _args_: [1]}}", "RCP302 [acme.train.places] missing required argument `b` of `acme.train.places` | add `b: …` under `args.x`: an integer", id="missing-inside"),
        pytest.param("function: acme.train.loose\nargs: {x: {_target_: acme.train.places, _args_: [1, 2], b: 3}}", "RCP304 [b] `b` of `acme.train.places` is given twice, by name and in `_args_` | remove one of the two", id="given-twice"),
        pytest.param("function: acme.train.loose\nargs: {x: {_target_: acme.train.places, _args_: [1, 2, 3]}}", "RCP304 [[1, 2, 3]] `acme.train.places` takes 2 arguments by place, `_args_` has 3 | give the rest by name", id="too-many"),
        pytest.param("function: acme.train.loose\nargs: {x: {_target_: acme.train.places, _args_: [z, 2]}}", "RCP202 [z] `args.x._args_[0]` must be an integer | write an integer", id="type-by-place"),
        pytest.param("function: acme.train.loose\nargs: {overwite: true}", "RCP306 [overwite] `acme.train.loose` has no argument `overwite`; its `**kwargs` takes it in silence | did you mean `overwrite`?", id="swallowed"),
        pytest.param("function: acme.train.lose", "RCP301 [acme.train.lose] there is no function `acme.train.lose` | did you mean `acme.train.loose`?", id="unknown-function"),
        pytest.param("function: acme.trian.loose", "RCP301 [acme.trian.loose] there is no function `acme.trian.loose` | did you mean `acme.train.loose`?", id="unknown-module"),
        pytest.param("function: acme.train", "RCP301 [acme.train] `acme.train` is a module, not a function | did you mean `acme.train.loose` or `acme.train.main` or `acme.train.needs`?", id="module"),
        pytest.param("function: acme.train.timedelta", "RCP711 [acme.train.timedelta] `timedelta` is not defined in `acme.train`, which imports it from elsewhere | name the function where it is defined", id="T005-re-export"),
        pytest.param("function: acme.train:Path.home", "RCP711 [acme.train:Path.home] `Path` is not defined in `acme.train`, which imports it from elsewhere | name the function where it is defined", id="T004-attribute-walk"),
        pytest.param("function: acme.train.loose\nargs: {a: 1}\nsweep: {grid: {a: [1, 2]}}", None, id="sweep-into-kwargs"),
        pytest.param("function: acme.train.main\nargs: {steps: 1}\nsweep: {grid: {steps: [1, x]}}", "RCP202 [steps] `args.steps` must be an integer | write an integer", id="sweep"),
        pytest.param("function: acme.train.main\nargs: {steps: 1}\nsweep: {points: [{steps: 1}, {steps: 1.5}]}", "RCP202 [{points: [{steps: 1}, {steps: 1.5}]}] `args.steps` must be an integer | write an integer", id="point"),
        pytest.param("function: acme.train.main\nargs: {config: {_target_: acme.parts.config, _overrides_: {optim.lr: 1}}}\nsweep: {grid: {'config._overrides_[\"optim.lr\"]': [1, x]}}", None, id="sweep-of-a-field"),
    ],
)  # fmt: skip
def test_recipe(recipe: str, finding: str | None) -> None:
    said = found_in(recipe, SOURCES)
    if finding is not None:
        assert said == [finding]
    elif "optim" in recipe:
        assert [one[:8] for one in said] == ["RCP202 ["]
    else:
        assert said == []


LOADERS = {
    "acme/hub.py": """
        import importlib
        import subprocess as sp
        from torch import hub
        def recipe_entrypoint(function): return function
        def load_any(name: str) -> object:
            return hub.load(name)
        def imports(name: str) -> object:
            if name:
                return importlib.import_module(name)
        def runs(name: str) -> None:
            sp.run([name])
        def remote(name: str) -> object:
            return AutoModel.from_pretrained(name, trust_remote_code=True)
        def careful(name: str) -> object:
            return AutoModel.from_pretrained(name, trust_remote_code=False)
        @recipe_entrypoint
        def marked(name: str) -> object:
            return importlib.import_module(name)
    """
}


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("load_any", "torch.hub.load"),
        ("imports", "importlib.import_module"),
        ("runs", "subprocess.run"),
        ("remote", "AutoModel.from_pretrained(trust_remote_code)"),
        ("careful", None),
        ("marked", None),
    ],
)
def test_a_wildcard_does_not_cover_what_loads_code(name: str, calls: str | None) -> None:
    """T006."""
    recipe = f"function: acme.hub:{name}\nargs: {{name: x}}"
    wildcard = found_in(recipe, LOADERS, cluster=CLUSTER.replace('"*"', "acme.*"))
    exact = found_in(recipe, LOADERS, cluster=CLUSTER.replace('"*"', f"acme.hub.{name}"))
    said = f"RCP712 [acme.hub:{name}] `acme.hub:{name}` starts programs or loads code: it calls `{calls}` | name another, or ask the owners of the cluster profile for its exact name"
    assert wildcard == ([said] if calls else [])
    assert exact == []


def test_what_the_profile_names_may_lie_in_no_catalog() -> None:
    recipe = "function: other.place.run\nargs: {any: thing}"
    assert found_in(recipe, SOURCES, cluster=CLUSTER.replace('"*"', "other.place.run")) == []
    refused = found_in(recipe, SOURCES, cluster=CLUSTER.replace('"*"', "other.*"))
    assert [one.partition(" |")[0] for one in refused] == [
        "RCP301 [other.place.run] there is no function `other.place.run`"
    ]


def test_a_name_in_the_profile_does_not_make_a_function() -> None:
    """The profile names it, but its module is catalogued and has no such function."""
    recipe = "function: acme.train.gone"
    assert [one[:6] for one in found_in(recipe, SOURCES, cluster=CLUSTER.replace('"*"', "acme.train.gone"))] == [
        "RCP301"
    ]


CONSTRAINTS = """
    constraints:
      - functions: [acme.train.*]
        let: {tp: [tp, config.optim.tp], pp: [pp]}
        divides: [tp, pp]
        into: [gpus]
        about: parallelism
        why: w
      - functions: [acme.train.*]
        let: {a: [micro]}
        at_most: [a, gpus_per_node]
        about: batch
        why: w
"""
PARALLEL = {"acme/train.py": "def main(tp: int = 1, pp: int = 2, micro: int = 1, config: object = None) -> None: ...\n"}


@pytest.mark.parametrize(
    ("args", "finding"),
    [
        pytest.param("tp: 8", None, id="holds"),
        pytest.param("tp: 3", "RCP402 [3] `tp` × `pp` is 3 × 2 = 6, which does not divide `gpus` = 16 | w: change one of `args.tp`, `pp`, `gpus`", id="with-a-default"),
        pytest.param("tp: 16", "RCP402 [16] `tp` × `pp` is 16 × 2 = 32, which does not divide `gpus` = 16 | w: change one of `args.tp`, `pp`, `gpus`", id="too-many"),
        pytest.param("micro: 9", "RCP411 [9] `a` is 9, and must be at most `gpus_per_node`, 8 | w: change one of `args.micro`, `gpus_per_node`", id="at-most"),
        pytest.param("micro: 8", None, id="at-most-holds"),
    ],
)  # fmt: skip
def test_constraint(args: str, finding: str | None) -> None:
    recipe = f"function: acme.train.main\nargs: {{{args}}}"
    assert found_in(recipe, PARALLEL, constraints=CONSTRAINTS) == ([finding] if finding else [])


def test_the_first_point_that_breaks_a_constraint_is_named() -> None:
    recipe = "function: acme.train.main\nargs: {tp: 1}\nsweep: {grid: {tp: [1, 2, 3, 5]}}"
    (said,) = found_in(recipe, PARALLEL, constraints=CONSTRAINTS)
    assert said.startswith("RCP402 [1] `tp` × `pp` is 3 × 2 = 6, which does not divide `gpus` = 16 at point 2 |")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("constraints: [{functions: [a.b], about: batch, why: w}]", "a constraint says one of `divides` with `into`, `equal`, `at_most`"),
        ("constraints: [{functions: [a.b], about: batch, why: w, divides: [x], into: [gpus]}]", "`x` is not under `let`"),
    ],
)  # fmt: skip
def test_a_constraint_that_says_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message.replace("[", r"\[")):
        found_in("function: acme.train.main", PARALLEL, constraints=text)


def test_a_signature_is_of_the_layer_that_set_it() -> None:
    """An override in the command line is shown where it is written."""
    said = found_in(given("steps: 1"), SOURCES, sets=("args.steps=x",))
    assert said == ["RCP202 [x] `args.steps` must be an integer | write an integer"]
