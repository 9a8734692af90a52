"""Values and objects: what a recipe writes, what is found before the job, and what the job builds of it.

Each row of `BUILT` goes the whole way: YAML, compiler, `call.json`, and `runtime.py` on every Python.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_compiler import forms, runtime
from recipe_compiler.schema.fields import duration_text
from tests.test_check import compiled, findings
from tests.test_runtime import VERSIONS, Job, interpreter, job_in

CLUSTER = """\
name: c1
target: local
functions: ["garage.*", signal.Signals]
"""

GARAGE = """
import dataclasses, enum, signal, typing

class Mode(enum.Enum):
    FAST = 1
    SLOW = 2
    QUICK = 1

class Bits(enum.Flag):
    A = 1
    B = 2

@dataclasses.dataclass
class Train:
    iters: int = 10
    lr: float = 0.1
    blend: list = dataclasses.field(default_factory=lambda: [1, [2, 3]])
    extra: typing.Optional[dict] = None

@dataclasses.dataclass
class Box:
    train: Train = dataclasses.field(default_factory=Train)
    tags: dict = dataclasses.field(default_factory=lambda: {"team": "a", 7: "seven"})
    mode: Mode = Mode.FAST
    hook: typing.Callable = print
    kind: type = Train

@dataclasses.dataclass(frozen=True)
class Ice:
    a: int = 1

class Slots:
    __slots__ = ("a", "b")
    def __repr__(self):
        return f"Slots({self.a!r})"

class Hidden:
    def __init__(self):
        self._far = Train()
    def __getattr__(self, name):
        if name == "far":
            return self._far
        raise AttributeError(name)
    def __repr__(self):
        return f"Hidden({self.far.iters})"

class Strict:
    def __init__(self):
        self.limit = 1
    @property
    def twice(self):
        return self.limit * 2
    @property
    def broken(self):
        raise RuntimeError("no sensor")

class Opt:
    made = 0
    def __init__(self, lr=0.1, *, name="opt"):
        type(self).made += 1
        self.lr, self.name = lr, name
    def __repr__(self):
        return f"Opt({self.lr!r}, {self.name!r})"

module = signal

def pair():
    return Train(), {"lr": 1}

def numbers():
    return {7: 1, 8: 2}

def first(train):
    return train.extra[0]

def show(*args, **kwargs):
    print(*[f"{key}={text(value)}" for key, value in kwargs.items()])

def text(value):
    return f"{{{', '.join(sorted(map(repr, value)))}}}" if isinstance(value, set) else repr(value)

def same(**kwargs):
    first = next(iter(kwargs.values()))
    print(*[f"{key}={value is first}" for key, value in kwargs.items()], Opt.made)

def deep(model, teacher, pipes):
    print(model["opt"] is teacher, pipes[0] is pipes[1]["again"], pipes[1]["pair"][0] is teacher, Opt.made)

def call(function):
    print(function())
"""

# ---- what the job builds --------------------------------------------------------------

BUILT: list[tuple[str, str, str]] = [
    ("tuple", "{x: {_tuple_: [1, [2], {_tuple_: []}]}}", "x=(1, [2], ())"),
    ("tuple-of-calls", "{x: {_tuple_: [{_target_: garage.Opt, lr: 2}, a]}}", "x=(Opt(2, 'opt'), 'a')"),
    ("set", "{x: {_set_: [b, a, {_tuple_: [1, 2]}, a]}}", "x={'a', 'b', (1, 2)}"),
    ("set-of-forms", "{x: {_set_: [{_enum_: garage.Mode.FAST}, {_bytes_: ''}]}}", "x={<Mode.FAST: 1>, b''}"),
    ("bytes", "{x: {_bytes_: AP8=}, y: {_bytes_: ''}}", "x=b'\\x00\\xff' y=b''"),
    ("path", "{x: {_path_: /a/b c}, y: {_path_: .}}", "x=PosixPath('/a/b c') y=PosixPath('.')"),
    (
        "timedelta",
        "{x: {_timedelta_: 1h30m}, y: {_timedelta_: '1-02:03:04'}, z: {_timedelta_: 0s}}",
        "x=datetime.timedelta(seconds=5400) y=datetime.timedelta(days=1, seconds=7384) z=datetime.timedelta(0)",
    ),
    ("float", "{x: {_float_: nan}, y: {_float_: inf}, z: [{_float_: -inf}]}", "x=nan y=inf z=[-inf]"),
    ("enum", "{x: {_enum_: garage.Mode.SLOW}, y: {_enum_: 'garage:Bits.B'}}", "x=<Mode.SLOW: 2> y=<Bits.B: 2>"),
    ("enum-alias-by-its-other-name", "{x: {_enum_: garage.Mode.QUICK}}", "x=<Mode.FAST: 1>"),
    (
        "form-as-an-argument-of-a-call",
        "{x: {_target_: garage.Opt, _args_: [{_float_: inf}], name: {_tuple_: [1]}}}",
        "x=Opt(inf, (1,))",
    ),
    (
        "form-in-a-partial",
        "{x: [{_target_: garage.Opt, _partial_: true, lr: {_path_: a}}]}",
        "x=[functools.partial(<class 'garage.Opt'>, lr=PosixPath('a'))]",
    ),
    (
        "calls-in-lists-and-dicts",
        "{x: [{a: {_target_: garage.Opt}}, [{_target_: garage.Opt, lr: 2}]]}",
        "x=[{'a': Opt(0.1, 'opt')}, [Opt(2, 'opt')]]",
    ),
    ("raw-form-is-data", "{x: {_raw_: true, _tuple_: [1], _float_: nan}}", "x={'_tuple_': [1], '_float_': 'nan'}"),
    ("raw-keeps-anchors-as-data", "{x: {_raw_: true, a: &a [1], b: *a}}", "x={'a': [1], 'b': [1]}"),
    (
        "override",
        "{x: {_target_: garage.Train, _overrides_: {iters: 5, lr: 0.5}}}",
        "x=Train(iters=5, lr=0.5, blend=[1, [2, 3]], extra=None)",
    ),
    (
        "override-dotted-and-nested-are-one",
        "{x: {_target_: garage.Box, _overrides_: {train.iters: 5, train: {lr: 2.0, extra: {}}, tags.team: b}}}",
        (
            "x=Box(train=Train(iters=5, lr=2.0, blend=[1, [2, 3]], extra={}), tags={'team': 'b', 7: 'seven'},"
            " mode=<Mode.FAST: 1>, hook=<built-in function print>, kind=<class 'garage.Train'>)"
        ),
    ),
    (
        "override-of-items",
        "{x: {_target_: garage.Train, _overrides_: {'blend[1][0]': x, blend.0: y, blend: {'1.1': z}}}}",
        "x=Train(iters=10, lr=0.1, blend=['y', ['x', 'z']], extra=None)",
    ),
    (
        "override-of-a-key-that-is-a-number",
        "{x: {_target_: garage.numbers, _overrides_: {'7': a, '[8]': b}}}",
        "x={7: 'a', 8: 'b'}",
    ),
    (
        "override-with-calls-and-forms",
        "{x: {_target_: garage.Train, _overrides_: {lr: {_float_: inf}, extra: {_raw_: true, a: 1}, blend: [{_target_: garage.Opt}]}}}",
        "x=Train(iters=10, lr=inf, blend=[Opt(0.1, 'opt')], extra={'a': 1})",
    ),
    (
        "override-in-file-order-through-what-was-set-before",
        "{x: {_target_: garage.Box, _overrides_: {train: {_target_: garage.Train, iters: 1}, train.lr: 3, mode: {_enum_: garage.Mode.SLOW}, tags: {team: c}}}}",
        (
            "x=Box(train=Train(iters=1, lr=3, blend=[1, [2, 3]], extra=None), tags={'team': 'c', 7: 'seven'},"
            " mode=<Mode.SLOW: 2>, hook=<built-in function print>, kind=<class 'garage.Train'>)"
        ),
    ),
    (
        "override-below-a-tuple",
        "{x: {_target_: garage.pair, _overrides_: {0.iters: 1, '[1].lr': 2}}}",
        "x=(Train(iters=1, lr=0.1, blend=[1, [2, 3]], extra=None), {'lr': 2})",
    ),
    (
        "override-of-what-only-getattr-gives",
        "{x: {_target_: garage.Hidden, _overrides_: {far.iters: 1}}}",
        "x=Hidden(1)",
    ),
    ("override-of-an-unset-slot", "{x: {_target_: garage.Slots, _overrides_: {a: 1}}}", "x=Slots(1)"),
    (
        "override-inside-another",
        "{x: {_target_: garage.Opt, _overrides_: {lr: {_target_: garage.Opt, _overrides_: {lr: 7}}}}}",
        "x=Opt(Opt(7, 'opt'), 'opt')",
    ),
    ("no-overrides", "{x: {_target_: garage.Opt, _overrides_: {}}}", "x=Opt(0.1, 'opt')"),
    (
        "override-beside-explicit-defaults",
        "{x: {_target_: garage.Opt, _call_: true, _partial_: false, _overrides_: {lr: 2}}}",
        "x=Opt(2, 'opt')",
    ),
]
SHARED: list[tuple[str, str, str, str]] = [
    (
        "an-anchored-call-is-built-once",
        "same",
        "{a: &m {_target_: garage.Opt}, b: *m, c: *m}",
        "a=True b=True c=True 1",
    ),
    (
        "two-calls-that-look-alike-are-two",
        "same",
        "{a: {_target_: garage.Opt}, b: {_target_: garage.Opt}}",
        "a=True b=False 2",
    ),
    ("an-anchored-list-is-one-list", "same", "{a: &m [1], b: *m}", "a=True b=True 0"),
    ("an-anchored-form-is-one-object", "same", "{a: &m {_set_: [1]}, b: *m}", "a=True b=True 0"),
    ("an-anchored-raw-mapping-is-one-object", "same", "{a: &m {_raw_: true, x: 1}, b: *m}", "a=True b=True 0"),
    (
        "overrides-of-a-shared-object-happen-once",
        "same",
        "{a: &m {_target_: garage.Opt, _overrides_: {lr: {_target_: garage.Opt}}}, b: *m}",
        "a=True b=True 2",
    ),
    (
        "at-every-depth",
        "deep",
        "{model: {opt: &o {_target_: garage.Opt}}, teacher: *o, pipes: [&p {x: *o}, {again: *p, pair: {_tuple_: [*o, *p]}}]}",
        "True True True 1",
    ),
    (
        "inside-a-form-inside-an-override",
        "same",
        "{a: &o {_target_: garage.Opt}, b: {_target_: garage.first, _args_: [{_target_: garage.Train, _overrides_: {extra: {_tuple_: [*o]}}}]}}",
        "a=True b=True 1",
    ),
]


def call_of(function: str, args: str) -> dict[str, Any]:
    """What the compiler writes for these arguments."""
    done = compiled(f"name: r\nfunction: garage.{function}\nargs: {args}\n", cluster=CLUSTER)
    assert done.found == ()
    assert done.bundle is not None
    call: dict[str, Any] = json.loads(done.bundle.files["call.json"])
    return call


def garage_in(folder: Path, python: str) -> Job:
    job = job_in(folder, python)
    job.module("garage.py", GARAGE)
    return job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return garage_in(tmp_path, sys.executable)


@pytest.fixture(params=VERSIONS)
def any_job(request: pytest.FixtureRequest, tmp_path: Path) -> Job:
    python = interpreter(request.param)
    if python is None:
        pytest.skip(f"python{request.param} is not on this machine")
    return garage_in(tmp_path, python)


@pytest.mark.parametrize(("args", "stdout"), [pytest.param(*row, id=name) for name, *row in BUILT])
def test_built(any_job: Job, args: str, stdout: str) -> None:
    done = any_job.run(call_of("show", args))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{stdout}\n", "")


@pytest.mark.parametrize(("function", "args", "stdout"), [pytest.param(*row, id=name) for name, *row in SHARED])
def test_shared(any_job: Job, function: str, args: str, stdout: str) -> None:
    done = any_job.run(call_of(function, args))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{stdout}\n", "")


def test_what_an_anchor_shares_stays_shared_with_references_and_resolvers_inside() -> None:
    project = "resolvers: {model_ref: {argument: model, value: {_target_: 'garage.${ref}'}}}\n"
    args = "{a: &a {_target_: garage.Opt, lr: '${vars.lr}', x: [{_target_: garage.Opt, name: 1, model_ref: Box}]}, b: [*a, *a]}"
    done = compiled(
        f"name: r\nfunction: garage.show\nvars: {{lr: 3}}\nargs: {args}\n", cluster=CLUSTER, project=project
    )
    assert done.found == ()
    assert done.bundle is not None
    call = json.loads(done.bundle.files["call.json"])
    assert call["args"] == {"a": {"_shared_": 0}, "b": [{"_shared_": 0}, {"_shared_": 0}]}
    inner = {"_target_": "garage.Opt", "name": 1, "model": {"_target_": "garage.Box"}}
    assert call["shared"] == [{"_target_": "garage.Opt", "lr": 3, "x": [inner]}]


def test_a_reference_to_a_call_is_another_call() -> None:
    call = call_of("same", "{a: &a {_target_: garage.Opt}, b: '${args.a}', c: *a}")
    assert call["args"] == {"a": {"_shared_": 0}, "b": {"_target_": "garage.Opt"}, "c": {"_shared_": 0}}


def test_raw_data_has_no_short_arguments() -> None:
    project = "resolvers: {model_ref: {argument: model, value: 1}}\n"
    done = compiled(
        "name: r\nfunction: garage.show\nargs: {x: {_raw_: true, _target_: a, model_ref: b}}\n",
        cluster=CLUSTER,
        project=project,
    )
    assert done.bundle is not None
    assert json.loads(done.bundle.files["call.json"])["args"]["x"] == {"_raw_": True, "_target_": "a", "model_ref": "b"}


def test_call_json_says_what_a_reviewer_reads() -> None:
    args = "{x: {_timedelta_: 90m}, y: {_target_: garage.Box, _overrides_: {train: {lr: 1, 'blend[0]': 2}}}, z: {_float_: inf}}"
    assert call_of("show", args)["args"] == {
        "x": {"_timedelta_": "90m"},
        "y": {"_target_": "garage.Box", "_overrides_": {"train": {"lr": 1, "blend[0]": 2}}},
        "z": {"_float_": "inf"},
    }


# ---- what only the job can know -------------------------------------------------------

BOX = "{_target_: garage.Box, _overrides_: {%s: 1}}"
REFUSED: list[tuple[str, str, str]] = [
    (
        "no-attribute",
        BOX % "train.iterz",
        "args.x._overrides_.train.iterz: a Train has no `iterz`; did you mean `iters`?",
    ),
    (
        "no-attribute-on-the-way",
        BOX % "trian.iters",
        "args.x._overrides_.trian.iters: a Box has no `trian`; did you mean `train`?",
    ),
    (
        "nothing-similar",
        BOX % "zzz",
        "args.x._overrides_.zzz: a Box has no `zzz`; it has hook, kind, mode, tags, train",
    ),
    ("no-key", BOX % "tags.taem", "args.x._overrides_.tags.taem: a dict has no `taem`; did you mean `team`?"),
    ("no-method-of-a-dict", BOX % "tags.keys", "args.x._overrides_.tags.keys: a dict has no `keys`; it has team, 7"),
    ("no-index", BOX % "'train.blend[2]'", "args.x._overrides_.train.blend[2]: a list has no `2`; it has 0, 1"),
    (
        "no-name-in-a-list",
        BOX % "train.blend.append",
        "args.x._overrides_.train.blend.append: a list has no `append`; it has 0, 1",
    ),
    (
        "through-nothing",
        BOX % "train.extra.a",
        "args.x._overrides_.train.extra.a: a NoneType has no `a`; it has nothing",
    ),
    (
        "through-a-function",
        BOX % "hook.name",
        "args.x._overrides_.hook.name: `name` of a builtin_function_or_method is not for a recipe to set",
    ),
    (
        "through-a-class",
        BOX % "kind.iters",
        "args.x._overrides_.kind.iters: `iters` of a type is not for a recipe to set",
    ),
    (
        "of-a-frozen-object",
        "{_target_: garage.Ice, _overrides_: {a: 1}}",
        "args.x._overrides_.a: cannot be set: dataclasses.FrozenInstanceError: cannot assign to field 'a'",
    ),
    (
        "of-a-tuple",
        "{_target_: garage.pair, _overrides_: {'[0]': 1}}",
        "args.x._overrides_.[0]: cannot be set: TypeError: 'tuple' object does not support item assignment",
    ),
    (
        "value-that-cannot-be-built",
        "[{_target_: garage.Box, _overrides_: {train: {lr: [{_target_: garage.Opx}]}}}]",
        "args.x[0]._overrides_.train.lr[0]: cannot import `garage.Opx`: `garage` has no `Opx`",
    ),
    ("no-member", "{_enum_: garage.Mode.FASST}", "args.x: `garage.Mode` has no member `FASST`; did you mean `FAST`?"),
    ("no-enum", "{_enum_: garage.Train.iters}", "args.x: `garage.Train` has no member `iters`; it has nothing"),
    ("no-enum-class", "{_enum_: garage.Mood.FAST}", "args.x: cannot import `garage.Mood`: `garage` has no `Mood`"),
    (
        "call-in-a-set-that-cannot-be-hashed",
        "{_set_: [{_target_: garage.numbers}]}",
        "args.x: `_set_` cannot be built: TypeError: unhashable type: 'dict'",
    ),
    (
        "call-in-a-tuple",
        "{_tuple_: [1, {_target_: garage.Opx}]}",
        "args.x._tuple_[1]: cannot import `garage.Opx`: `garage` has no `Opx`",
    ),
]


@pytest.mark.parametrize(("value", "message"), [pytest.param(*row, id=name) for name, *row in REFUSED])
def test_refused_in_the_job(job: Job, value: str, message: str) -> None:
    done = job.run(call_of("show", f"{{x: {value}}}"))
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.splitlines()[0] == f"recipec: error: {message}"


def test_what_a_property_raises_keeps_its_traceback(job: Job) -> None:
    done = job.run(call_of("show", "{x: {_target_: garage.Strict, _overrides_: {broken.a: 1}}}"))
    assert done.stderr.startswith(
        "recipec: error: args.x._overrides_.broken.a: cannot be set: RuntimeError: no sensor\nTraceback "
    )
    assert "in broken\n" in done.stderr
    done = job.run(call_of("show", "{x: {_target_: garage.Strict, _overrides_: {twice: 1}}}"))
    assert done.stderr.startswith("recipec: error: args.x._overrides_.twice: cannot be set: AttributeError: ")


def test_a_point_of_a_sweep_sets_forms_and_overrides(job: Job) -> None:
    recipe = """\
name: r
function: garage.show
args:
  x: {_target_: garage.Box, _overrides_: {train: {lr: 1, iters: 1}, tags.team: a, kind: null, hook: null}}
  y: 1
sweep:
  points:
    - {x._overrides_.train.lr: {_float_: inf}, y: {_timedelta_: 1d1m}}
    - {x._overrides_.train: {_target_: garage.Train}, y: {_target_: garage.Opt, _overrides_: {lr: {_path_: a}}}}
"""
    cluster = CLUSTER.replace("target: local", "target: slurm\nruns_dir: /runs\npartitions: {p: {}}")
    done = compiled(recipe, cluster=cluster)
    assert done.found == ()
    assert done.bundle is not None
    points = job.bundle / "points.jsonl"
    points.write_text(done.bundle.files["points.jsonl"])
    box = "tags={'team': 'a', 7: 'seven'}, mode=<Mode.FAST: 1>, hook=None, kind=None)"
    for number, stdout in [
        (
            0,
            f"x=Box(train=Train(iters=1, lr=inf, blend=[1, [2, 3]], extra=None), {box} y=datetime.timedelta(days=1, seconds=60)\n",
        ),
        (
            1,
            f"x=Box(train=Train(iters=10, lr=0.1, blend=[1, [2, 3]], extra=None), {box} y=Opt(PosixPath('a'), 'opt')\n",
        ),
    ]:
        said = job.run(done.bundle.files["call.json"], f"--points={points}", f"--point={number}")
        assert (said.stdout, said.stderr) == (stdout, "")


@pytest.mark.parametrize(
    ("axis", "finding"),
    [
        pytest.param(
            "x._target_: [garage.Opt, os.system]",
            "RCP530 r.yaml:5:9 [x._target_] a sweep cannot change the marker `x._target_` | sweep over `args.x`, with whole values",
            id="function",
        ),
        pytest.param(
            "y: [{_float_: many}, 1]",
            "RCP209 r.yaml:5:23 [many] `_float_` cannot be `many` | one of: nan, inf, -inf; a finite number is written as it is",
            id="form",
        ),
        pytest.param(
            "y: [{_enum_: os.Mode.FAST}, 1]",
            "RCP710 r.yaml:5:22 [os.Mode.FAST] cluster `c1` does not permit the enum `os.Mode` | name another enum",
            id="enum",
        ),
    ],
)
def test_found_in_a_sweep(axis: str, finding: str) -> None:
    cluster = CLUSTER.replace("target: local", "target: slurm\nruns_dir: /runs\npartitions: {p: {}}")
    recipe = f"name: r\nfunction: garage.show\nargs: {{x: {{_target_: garage.Opt}}, y: 1}}\nsweep:\n grid: {{{axis}}}\n"
    assert findings(recipe, cluster) == [finding]


def test_a_call_json_of_another_hand_is_refused_too(job: Job) -> None:
    for tree, message in [
        (
            {"_target_": "garage.Box", "_partial_": True, "_overrides_": {"a": 1}},
            "`_overrides_` needs an object, and `_partial_: true` makes none",
        ),
        ({"_target_": "garage.Box", "_overrides_": [1]}, "`_args_` must be a list, and `_overrides_` a mapping"),
        (
            {"_target_": "garage.Box", "_call_": False, "_overrides_": {}},
            "`_call_: false` passes `garage.Box` itself, so it takes no arguments",
        ),
        ({"_tuple_": [], "x": 1}, f"`_tuple_` cannot stand here; the markers are {', '.join(runtime.MARKERS)}"),
        (
            {"_enum_": "garage.Mode.FAST", "x": 1},
            f"`_enum_` cannot stand here; the markers are {', '.join(runtime.MARKERS)}",
        ),
        ({"_float_": "many"}, "`_float_` cannot be built: ValueError: could not convert string to float: 'many'"),
        ({"_timedelta_": "1:x"}, "`_timedelta_` cannot be built: ValueError: `1:x` is not a duration"),
    ]:
        done = job.run({"function": "garage.show", "args": {"x": tree}})
        assert (done.returncode, done.stderr.splitlines()[0]) == (78, f"recipec: error: args.x: {message}")


def test_compiler_and_runtime_know_the_same_markers() -> None:
    assert {*runtime.MARKERS} - {"_shared_"} == forms.MARKERS


# ---- Fiddle ---------------------------------------------------------------------------


@pytest.fixture
def fiddle_job(job: Job) -> Job:
    pytest.importorskip("fiddle", reason="fiddle is not installed")
    job.module(
        "garage.py",
        GARAGE
        + """
import fiddle as fdl

class RunConfig(fdl.Config):  # as nemo_run.Config is one
    pass

def ice():
    return RunConfig(Ice)

def box():
    return RunConfig(Box, train=RunConfig(Train, iters=1), mode=Mode.SLOW)

def later():
    return fdl.Partial(Opt, name="later")
""",
    )
    return job


FIDDLE: list[tuple[str, str, str]] = [
    ("built", "{x: {_target_: garage.ice}}", "x=Ice(a=1)"),
    ("built-in-a-tuple", "{x: {_tuple_: [{_target_: garage.ice}]}}", "x=(Ice(a=1),)"),
    ("overrides-come-before-it-is-built", "{x: {_target_: garage.ice, _overrides_: {a: 5}}}", "x=Ice(a=5)"),
    (
        "override-of-what-is-not-set-yet",
        "{x: {_target_: garage.box, _overrides_: {train.blend: [9], train.lr: 3, tags: {_raw_: true}}}}",
        "x=Box(train=Train(iters=1, lr=3, blend=[9], extra=None), tags={}, mode=<Mode.SLOW: 2>, hook=<built-in function print>, kind=<class 'garage.Train'>)",
    ),
    (
        "override-with-an-object",
        "{x: {_target_: garage.box, _overrides_: {train: {_target_: garage.ice}, kind: null}}}",
        "x=Box(train=Ice(a=1), tags={'team': 'a', 7: 'seven'}, mode=<Mode.SLOW: 2>, hook=<built-in function print>, kind=None)",
    ),
]


@pytest.mark.parametrize(("args", "stdout"), [pytest.param(*row, id=name) for name, *row in FIDDLE])
def test_a_config_is_built(fiddle_job: Job, args: str, stdout: str) -> None:
    done = fiddle_job.run(call_of("show", args))
    assert (done.stdout, done.stderr) == (f"{stdout}\n", "")


def test_a_fiddle_partial_takes_overrides(fiddle_job: Job) -> None:
    done = fiddle_job.run(call_of("call", "{function: {_target_: garage.later, _overrides_: {lr: 4}}}"))
    assert (done.stdout, done.stderr) == ("Opt(4, 'later')\n", "")


def test_a_config_has_the_parameters_of_what_it_builds(fiddle_job: Job) -> None:
    done = fiddle_job.run(call_of("show", "{x: {_target_: garage.box, _overrides_: {train.iterz: 5}}}"))
    assert (
        done.stderr
        == "recipec: error: args.x._overrides_.train.iterz: a RunConfig has no `iterz`; did you mean `iters`?\n"
    )


# ---- what is found before the job -----------------------------------------------------

FOUND: list[tuple[str, str, str]] = [
    ("tuple", "{_tuple_: 1}", "RCP202 r.yaml:3:21 [1] `_tuple_` must be a list | write `{_tuple_: [1, 2]}`"),
    (
        "tuple-of-a-mapping",
        "{_tuple_: {a: 1}}",
        "RCP202 r.yaml:3:21 [{a: 1}] `_tuple_` must be a list | write `{_tuple_: [1, 2]}`",
    ),
    ("set", "{_set_: abc}", "RCP202 r.yaml:3:19 [abc] `_set_` must be a list | write `{_set_: [1, 2]}`"),
    (
        "set-of-a-list",
        "{_set_: [1, [2]]}",
        "RCP202 r.yaml:3:23 [[2]] an item of `_set_` cannot be a list | write `{_tuple_: […]}`",
    ),
    (
        "set-of-a-mapping",
        "{_set_: [{a: 1}]}",
        "RCP202 r.yaml:3:20 [{a: 1}] an item of `_set_` cannot be a mapping | use numbers, texts, tuples or calls",
    ),
    (
        "set-of-a-set",
        "{_set_: [{_set_: []}]}",
        "RCP202 r.yaml:3:20 [{_set_: []}] an item of `_set_` cannot be a set | use numbers, texts, tuples or calls",
    ),
    (
        "set-of-raw-data",
        "{_set_: [{_raw_: true, _path_: a}]}",
        "RCP202 r.yaml:3:20 [{_raw_: true, _path_: a}] an item of `_set_` cannot be a mapping | use numbers, texts, tuples or calls",
    ),
    (
        "set-of-a-tuple-of-a-list",
        "{_set_: [{_tuple_: [1, []]}]}",
        "RCP202 r.yaml:3:34 [[]] an item of `_set_` cannot be a list | write `{_tuple_: […]}`",
    ),
    (
        "bytes",
        "{_bytes_: 12}",
        "RCP202 r.yaml:3:21 [12] `_bytes_` must be text in base64 | write what `base64 -w0 FILE` prints, in quotes",
    ),
    (
        "bytes-alphabet",
        "{_bytes_: 'a b='}",
        "RCP202 r.yaml:3:21 ['a b='] `a b=` is not base64 | write what `base64 -w0 FILE` prints, in quotes",
    ),
    (
        "bytes-padding",
        "{_bytes_: AAA}",
        "RCP202 r.yaml:3:21 [AAA] `AAA` is not base64 | write what `base64 -w0 FILE` prints, in quotes",
    ),
    (
        "bytes-have-one-form",
        "{_bytes_: AP9=}",
        "RCP202 r.yaml:3:21 [AP9=] `AP9=` is not base64 | write what `base64 -w0 FILE` prints, in quotes",
    ),
    ("path", "{_path_: 1}", "RCP202 r.yaml:3:20 [1] `_path_` must be a path | write `{_path_: /folder/name}`"),
    ("path-empty", "{_path_: ''}", "RCP202 r.yaml:3:20 [''] `_path_` must be a path | write `{_path_: /folder/name}`"),
    (
        "timedelta-without-a-unit",
        "{_timedelta_: 90}",
        "RCP204 r.yaml:3:25 [90] `90` has no unit | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
    ),
    (
        "timedelta-two-parts",
        "{_timedelta_: '1:30'}",
        "RCP204 r.yaml:3:25 ['1:30'] `1:30` is not a clear duration | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
    ),
    (
        "timedelta-bool",
        "{_timedelta_: true}",
        "RCP202 r.yaml:3:25 [true] `_timedelta_` must be a duration | write H:MM:SS, D-HH:MM:SS, or a unit such as `90m`",
    ),
    (
        "float",
        "{_float_: Infinity}",
        "RCP209 r.yaml:3:21 [Infinity] `_float_` cannot be `Infinity` | one of: nan, inf, -inf; a finite number is written as it is",
    ),
    (
        "float-finite",
        "{_float_: 1.5}",
        "RCP209 r.yaml:3:21 [1.5] `_float_` cannot be `1.5` | one of: nan, inf, -inf; a finite number is written as it is",
    ),
    (
        "float-list",
        "{_float_: [nan]}",
        "RCP209 r.yaml:3:21 [[nan]] `_float_` cannot be `a list` | one of: nan, inf, -inf; a finite number is written as it is",
    ),
    (
        "enum",
        "{_enum_: [a]}",
        "RCP202 r.yaml:3:20 [[a]] `_enum_` must be the path of a member | write `{_enum_: package.module.Class.MEMBER}`",
    ),
    (
        "enum-path",
        "{_enum_: Mode.FAST}",
        "RCP704 r.yaml:3:20 [Mode.FAST] `Mode.FAST` cannot be a member of an enum: it is not a dotted path of identifiers | write `{_enum_: package.module.Class.MEMBER}`",
    ),
    (
        "enum-dunder",
        "{_enum_: garage.Mode.__class__}",
        "RCP704 r.yaml:3:20 [garage.Mode.__class__] `garage.Mode.__class__` cannot be a member of an enum: names with two leading underscores are not allowed | write `{_enum_: package.module.Class.MEMBER}`",
    ),
    (
        "enum-class-is-not-permitted",
        "{_enum_: shop.Mode.FAST}",
        "RCP710 r.yaml:3:20 [shop.Mode.FAST] cluster `c1` does not permit the enum `shop.Mode` | name a permitted function, or ask the owners of the cluster profile",
    ),
    (
        "enum-of-the-standard-library",
        "{_enum_: socket.AddressFamily.AF_INET}",
        "RCP710 r.yaml:3:20 [socket.AddressFamily.AF_INET] cluster `c1` does not permit the enum `socket.AddressFamily` | name another enum",
    ),
    (
        "form-with-company",
        "{_tuple_: [1], y: 2}",
        "RCP210 r.yaml:3:12 [_tuple_] `_tuple_` must be the only key of its mapping | give what stands beside it a key of its own",
    ),
    (
        "form-in-a-call",
        "{_target_: garage.Opt, _path_: a}",
        "RCP210 r.yaml:3:34 [_path_] `_path_` must be the only key of its mapping | give what stands beside it a key of its own",
    ),
    (
        "form-typo",
        "{_tupel_: [1]}",
        "RCP210 r.yaml:3:12 [_tupel_] `_tupel_` is not a marker of the recipe language | did you mean `_tuple_`? the markers are "
        + ", ".join(sorted(forms.MARKERS)),
    ),
    (
        "shared-is-not-for-people",
        "{_shared_: 0}",
        "RCP210 r.yaml:3:12 [_shared_] `_shared_` is not a marker of the recipe language | the markers are "
        + ", ".join(sorted(forms.MARKERS)),
    ),
    (
        "inside-a-form",
        "{_tuple_: [{_float_: 1}]}",
        "RCP209 r.yaml:3:32 [1] `_float_` cannot be `1` | one of: nan, inf, -inf; a finite number is written as it is",
    ),
    (
        "function-inside-a-form",
        "{_set_: [{_target_: os.system}]}",
        "RCP710 r.yaml:3:31 [os.system] cluster `c1` does not permit the function `os.system` | name another function",
    ),
    (
        "function-inside-an-override",
        "{_target_: garage.Opt, _overrides_: {a: {b: [{_target_: os.system}]}}}",
        "RCP710 r.yaml:3:67 [os.system] cluster `c1` does not permit the function `os.system` | name another function",
    ),
    (
        "partial",
        "{_target_: garage.Opt, _partial_: 1}",
        "RCP202 r.yaml:3:45 [1] `_partial_` must be true or false | write `true` or `false`",
    ),
    (
        "args",
        "{_target_: garage.Opt, _args_: 1}",
        "RCP202 r.yaml:3:42 [1] `_args_` must be a list | write `[first, second]`",
    ),
    (
        "object-with-an-argument",
        "{_target_: garage.Opt, _call_: false, lr: 1}",
        "RCP210 r.yaml:3:49 [lr] `_call_: false` passes the object itself, so it takes no `lr` | remove one of the two",
    ),
    (
        "object-as-a-partial",
        "{_target_: garage.Opt, _call_: false, _partial_: true}",
        "RCP210 r.yaml:3:49 [_partial_] `_call_: false` passes the object itself, so it takes no `_partial_` | remove one of the two",
    ),
    (
        "override-of-the-object-itself",
        "{_target_: garage.Opt, _overrides_: {a: 1}, _call_: false}",
        "RCP210 r.yaml:3:34 [_overrides_] `_call_: false` passes the object itself, so it takes no `_overrides_` | remove one of the two",
    ),
    (
        "override-of-a-partial",
        "{_target_: garage.Opt, _partial_: true, _overrides_: {lr: 1}}",
        "RCP210 r.yaml:3:51 [_overrides_] `_overrides_` needs an object, and `_partial_: true` makes none | remove one of the two",
    ),
    (
        "override-without-a-call",
        "{_overrides_: {lr: 1}}",
        "RCP210 r.yaml:3:12 [_overrides_] `_overrides_` stands without `_target_` | add `_target_: package.function`, or remove it",
    ),
    (
        "overrides-are-a-mapping",
        "{_target_: garage.Opt, _overrides_: [lr]}",
        "RCP202 r.yaml:3:47 [[lr]] `_overrides_` must be a mapping | write `{train.train_iters: 100}`",
    ),
    (
        "overrides-are-no-call",
        "{_target_: garage.Opt, _overrides_: {_target_: garage.Opt}}",
        "RCP210 r.yaml:3:34 [_overrides_] `_overrides_` is a mapping of paths, not a value | name a path",
    ),
    (
        "override-path",
        "{_target_: garage.Opt, _overrides_: {a..b: 1}}",
        "RCP510 r.yaml:3:48 [a..b] `a..b` cannot be a path to override | write `train.train_iters`, or `blend[0]` for an item",
    ),
    (
        "override-path-index",
        "{_target_: garage.Opt, _overrides_: {'a[x]': 1}}",
        "RCP510 r.yaml:3:48 ['a[x]'] `a[x]` cannot be a path to override | write `train.train_iters`, or `blend[0]` for an item",
    ),
    (
        "override-path-empty",
        "{_target_: garage.Opt, _overrides_: {'': 1}}",
        "RCP510 r.yaml:3:48 [''] `` cannot be a path to override | write `train.train_iters`, or `blend[0]` for an item",
    ),
    (
        "override-dunder",
        "{_target_: garage.Opt, _overrides_: {a: {__class__: 1}}}",
        "RCP510 r.yaml:3:52 [__class__] `__class__` cannot be a path to override: names with two leading underscores are not allowed | write `train.train_iters`, or `blend[0]` for an item",
    ),
    (
        "override-twice",
        "{_target_: garage.Opt, _overrides_: {a.b: 1, a: {b: 2}}}",
        "RCP102 r.yaml:3:60 [b] `a.b` is set twice | remove one of the two",
    ),
    (
        "override-of-an-item-twice",
        "{_target_: garage.Opt, _overrides_: {a.0: 1, 'a[0]': 2}}",
        "RCP102 r.yaml:3:56 ['a[0]'] `a.0` is set twice | remove one of the two",
    ),
]


@pytest.mark.parametrize(("value", "finding"), [pytest.param(*row, id=name) for name, *row in FOUND])
def test_found(value: str, finding: str) -> None:
    assert findings(f"name: r\nfunction: garage.show\nargs: {{x: {value}}}\n", CLUSTER) == [finding]


@pytest.mark.parametrize("marker", ["_target_: garage.Opt", "_partial_: true", "_overrides_: {a: 1}", "_tuple_: [1]"])
def test_args_themselves_are_no_value(marker: str) -> None:
    name = marker.partition(":")[0]
    assert findings(f"name: r\nfunction: garage.show\nargs: {{{marker}}}\n", CLUSTER) == [
        f"RCP210 r.yaml:3:8 [{name}] `{name}` cannot stand in `args` itself | put it into an argument"
    ]


def test_an_enum_of_the_standard_library_by_its_exact_name() -> None:
    assert call_of("show", "{x: {_enum_: signal.Signals.SIGTERM}}")["args"] == {
        "x": {"_enum_": "signal.Signals.SIGTERM"}
    }


@pytest.mark.parametrize("text", [".nan", ".inf", "-.INF"])
def test_a_number_that_json_has_not_names_its_form(text: str) -> None:
    (finding,) = findings(f"name: r\nfunction: garage.show\nargs: {{x: {text}}}\n", CLUSTER)
    form = text.replace(".", "").lower()
    assert (
        finding
        == f'RCP205 r.yaml:3:11 [{text}] `{text}` is not a finite number | write a number, for an argument `{{_float_: {form}}}`, or `"{text}"` for the text'
    )


# ---- laws -----------------------------------------------------------------------------


def built(form: str) -> Any:
    """The value that the job has for a form written in a recipe."""
    return runtime.to_partial({**call_of("show", f"{{x: {form}}}"), "function": "builtins.dict"}).keywords["x"]


@given(st.binary(max_size=64))
def test_any_bytes_arrive(data: bytes) -> None:
    assert built(f"{{_bytes_: '{base64.b64encode(data).decode()}'}}") == data


@given(st.integers(min_value=0, max_value=86400 * 999))
def test_any_duration_arrives(total_s: int) -> None:
    assert built(f"{{_timedelta_: '{duration_text(total_s)}'}}") == dt.timedelta(seconds=total_s)
    hours, rest = divmod(total_s, 3600)
    assert built(f"{{_timedelta_: {hours}h{rest // 60}m{rest % 60}s}}") == dt.timedelta(seconds=total_s)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=32))
def test_any_path_arrives(text: str) -> None:
    assert built(f"{{_path_: {json.dumps(text, ensure_ascii=False)}}}") == Path(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_each_float_that_is_no_number_arrives(text: str) -> None:
    value = built(f"{{_float_: {text}}}")
    assert value == float(text) or math.isnan(value)
