"""`runtime.py` as the job runs it: a copy in a bundle, real interpreters, real processes."""

import functools
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recipe_compiler import runtime

HERE = Path(__file__).parent
VERSIONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
MARKERS = (
    "the markers are _target_, _args_, _partial_, _call_, _overrides_, _raw_, _shared_, _enum_,"
    " _tuple_, _set_, _bytes_, _path_, _timedelta_, _float_"
)

SHOP = """
import enum, functools, os, signal, sys, time

class Color(enum.Enum):
    RED = "red"

class Opt:
    made = 0
    def __init__(self, lr=0.1, steps=1):
        type(self).made += 1
        self.lr, self.steps = lr, steps
    def __repr__(self):
        return f"Opt({self.lr!r}, {self.steps!r})"
    class Sub:
        @staticmethod
        def make(n=0):
            return f"Sub{n}"

LIMIT = 3

def show(*args, **kwargs):
    print(*[repr(arg) for arg in args], *[f"{key}={value!r}" for key, value in kwargs.items()])

def say(word, then=None):
    print("say", word)
    return word

def one(lr, steps=1):
    return (lr, steps)

def same(a, b, **more):
    print(a is b, a, Opt.made, more)

def now(function):
    print(function())

def accepts_anything(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function("injected", **kwargs)
    return wrapper

@accepts_anything
def decorated(given, lr):
    return (given, lr)

def fail(text="no"):
    raise ValueError(text)

def leave(code=None):
    sys.exit(code)

def interrupt():
    raise KeyboardInterrupt

def inner_type_error():
    return len(5)
"""


# ---- interpreters and bundles ---------------------------------------------------------


@functools.cache
def interpreter(version: str) -> str | None:
    """The path of a Python of this version: on PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in (shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python"))):
        if candidate is None:
            continue
        code = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"  # not a shim's path
        found = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
        if found.returncode == 0 and found.stdout.startswith(f"{version} "):
            return found.stdout.split(maxsplit=1)[1].strip()
    return None


@dataclass
class Job:
    """A bundle, the folder with the user's modules, and the interpreter that runs them."""

    python: str
    bundle: Path
    work: Path
    run_dir: Path

    def module(self, name: str, text: str) -> Path:
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        return path

    def argv(self, call: Any, *options: str) -> list[str]:
        file = self.bundle / "call.json"
        file.write_text(call if isinstance(call, str) else json.dumps({"format": 1, **call}), encoding="utf-8")
        return [self.python, str(self.bundle / "runtime.py"), *options, str(file)]

    def env(self, env: Mapping[str, str]) -> dict[str, str]:
        names = {"RECIPEC_WORKDIR": str(self.work), "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]}
        return {**names, **env}

    def run(self, call: Any, *options: str, timeout: float = 30, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(call, *options),
            env=self.env(env),
            cwd=self.run_dir,
            timeout=timeout,
            encoding="utf-8",
            capture_output=True,
            check=False,
        )

    def start(self, call: Any, *options: str, **env: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.argv(call, *options),
            env=self.env(env),
            cwd=self.run_dir,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def job_in(folder: Path, python: str) -> Job:
    job = Job(python, folder / "bundle", folder / "work", folder / "run")
    for path in (job.bundle, job.work, job.run_dir):
        path.mkdir()
    shutil.copy(str(runtime.__file__), job.bundle / "runtime.py")
    job.module("shop.py", SHOP)
    return job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return job_in(tmp_path, sys.executable)


FOUND = {version: python for version in VERSIONS if (python := interpreter(version)) is not None}
"""The Pythons of this machine: each test with `any_job` runs on every one of them."""


@pytest.mark.parametrize("version", VERSIONS)
def test_this_python_is_covered(version: str) -> None:
    """One skip for each Python that is not here, so that nothing is left out in silence."""
    if version not in FOUND:
        pytest.skip(f"python{version} is not on this machine: the runner is not tested on it")


@pytest.fixture(params=FOUND.values(), ids=FOUND.keys())
def any_job(request: pytest.FixtureRequest, tmp_path: Path) -> Job:
    return job_in(tmp_path, request.param)


@pytest.fixture(params=[0, -1], ids=["oldest", "newest"])
def edge_job(request: pytest.FixtureRequest, tmp_path: Path) -> Job:
    return job_in(tmp_path, list(FOUND.values())[request.param])


def without_carets(text: str) -> str:
    """The traceback without the marks that newer Pythons put under a part of a line."""
    return "".join(line for line in text.splitlines(keepends=True) if line.strip(" ~^\n") or line == "\n")


def show(**args: Any) -> dict[str, Any]:
    return {"function": "shop.show", "args": args}


# ---- values ---------------------------------------------------------------------------

BUILT: list[tuple[str, dict[str, Any], str]] = [
    (
        "every-type-arrives-exactly",
        show(
            text='$(x) `y` "z" \\ ü 模型 \u2028',
            small=1e-4,
            big=2**80,
            null=None,
            yes=True,
            nested={"a b": [1, [2.5, {}], []], "": ""},
        ),
        (
            "text='$(x) `y` \"z\" \\\\ ü 模型 \\u2028' small=0.0001 big=1208925819614629174706176 null=None yes=True"
            " nested={'a b': [1, [2.5, {}], []], '': ''}\n"
        ),
    ),
    ("positional-comes-first", {"function": "shop.show", "positional": [1, "b"], "args": {"x": 2}}, "1 'b' x=2\n"),
    ("call", show(x={"_target_": "shop.Opt", "lr": 1, "steps": 5}), "x=Opt(1, 5)\n"),
    ("call-in-call", show(x={"_target_": "shop.Opt", "lr": {"_target_": "shop.Opt"}}), "x=Opt(Opt(0.1, 1), 1)\n"),
    ("call-in-list-and-dict", show(x=[{"y": [{"_target_": "shop.Opt"}]}]), "x=[{'y': [Opt(0.1, 1)]}]\n"),
    (
        "call-positional",
        show(x={"_target_": "shop.one", "_args_": [1, {"_target_": "shop.Opt"}]}),
        "x=(1, Opt(0.1, 1))\n",
    ),
    (
        "call-with-explicit-defaults",
        show(x={"_target_": "shop.Opt", "_call_": True, "_partial_": False}),
        "x=Opt(0.1, 1)\n",
    ),
    (
        "partial-is-called-later",
        {
            "function": "shop.now",
            "args": {"function": {"_target_": "shop.one", "_partial_": True, "_args_": [2], "steps": 7}},
        },
        "(2, 7)\n",
    ),
    (
        "partial-of-a-builtin",
        {"function": "shop.now", "args": {"function": {"_target_": "builtins.dict", "_partial_": True, "a": 1}}},
        "{'a': 1}\n",
    ),
    (
        "partial-of-a-wrapper-takes-what-the-wrapper-takes",
        {"function": "shop.now", "args": {"function": {"_target_": "shop.decorated", "_partial_": True, "lr": 1}}},
        "('injected', 1)\n",
    ),
    (
        "call-of-a-wrapper-takes-what-the-wrapper-takes",
        show(x={"_target_": "shop.decorated", "lr": 1}),
        "x=('injected', 1)\n",
    ),
    ("object-itself", show(x={"_target_": "shop.Opt", "_call_": False}), "x=<class 'shop.Opt'>\n"),
    ("constant-itself", show(x={"_target_": "shop.LIMIT", "_call_": False}), "x=3\n"),
    ("enum-member", show(x={"_target_": "shop:Color.RED", "_call_": False}), "x=<Color.RED: 'red'>\n"),
    ("colon-path", show(x={"_target_": "shop:Opt.Sub.make", "n": 2}), "x='Sub2'\n"),
    ("dotted-path-into-a-class", show(x={"_target_": "shop.Opt.Sub.make"}), "x='Sub0'\n"),
    (
        "standard-library-types",
        show(
            a={"_target_": "builtins.tuple", "_args_": [[1, 2]]},
            b={"_target_": "builtins.bytes.fromhex", "_args_": ["00ff"]},
            c={"_target_": "datetime.timedelta", "hours": 4},
            d={"_target_": "pathlib.PurePosixPath", "_args_": ["/a b"]},
        ),
        "a=(1, 2) b=b'\\x00\\xff' c=datetime.timedelta(seconds=14400) d=PurePosixPath('/a b')\n",
    ),
    (
        "raw-is-not-read",
        show(x={"_raw_": True, "_target_": "a.b", "_x_": [{"_shared_": 9}]}),
        "x={'_target_': 'a.b', '_x_': [{'_shared_': 9}]}\n",
    ),
    ("raw-in-a-list", show(x=[{"_raw_": True, "_target_": "a.b"}]), "x=[{'_target_': 'a.b'}]\n"),
    ("raw-false-is-not-raw", show(x={"_raw_": False, "y": {"_target_": "shop.Opt"}}), "x={'y': Opt(0.1, 1)}\n"),
    ("other-underscores-are-names", show(__x__=1, _x=2, x_=3, _=4, __=5), "__x__=1 _x=2 x_=3 _=4 __=5\n"),
    (
        "order-of-the-file",
        show(
            z={"_target_": "shop.say", "then": {"_target_": "shop.say", "word": "inner"}, "word": "z"},
            a=[{"_target_": "shop.say", "word": "a0"}, {"_target_": "shop.say", "_args_": ["a1"]}],
        ),
        "say inner\nsay z\nsay a0\nsay a1\nz='z' a=['a0', 'a1']\n",
    ),
    (
        "shared-call-is-one-object",
        {
            "function": "shop.same",
            "args": {"a": {"_shared_": 0}, "b": {"_shared_": 0}},
            "shared": [{"_target_": "shop.Opt"}],
        },
        "True Opt(0.1, 1) 1 {}\n",
    ),
    (
        "shared-list-is-one-object",
        {"function": "shop.same", "args": {"a": {"_shared_": 0}, "b": {"_shared_": 0}}, "shared": [[1]]},
        "True [1] 0 {}\n",
    ),
    (
        "shared-in-shared-in-any-order",
        {
            "function": "shop.same",
            "args": {"a": {"_shared_": 1}, "b": {"_target_": "operator.getitem", "_args_": [{"_shared_": 0}, "x"]}},
            "shared": [{"x": {"_shared_": 1}}, {"_target_": "shop.Opt"}],
        },
        "True Opt(0.1, 1) 1 {}\n",
    ),
]


@pytest.mark.parametrize(("call", "stdout"), [pytest.param(*row, id=name) for name, *row in BUILT])
def test_built(any_job: Job, call: dict[str, Any], stdout: str) -> None:
    done = any_job.run(call)
    assert (done.returncode, done.stdout, done.stderr) == (0, stdout, "")


def test_to_partial_calls_nothing() -> None:
    partial = runtime.to_partial({"function": "os.path.join", "positional": ["a"], "args": {}})
    assert (partial.func, partial.args, partial.keywords) == (os.path.join, ("a",), {})


def test_attribute_wins_over_submodule_at_the_end_and_loses_before(job: Job) -> None:
    job.module("pkg/__init__.py", "from pkg.train import train\nfrom pkg import other as alias\n")
    job.module("pkg/train.py", "def train():\n    print('train')\ndef main():\n    print('main')\n")
    job.module("pkg/other.py", "def f():\n    print('other')\n")
    paths = ["pkg.train", "pkg.train.main", "pkg.alias.f", "pkg.other.f", "pkg:alias.f"]
    assert [job.run({"function": path}).stdout for path in paths] == [
        "train\n",
        "main\n",
        "other\n",
        "other\n",
        "other\n",
    ]


def test_module_is_passed_as_it_is(job: Job) -> None:
    module = {"_target_": "xml.dom", "_call_": False}
    assert job.run(show(x=module)).stdout.startswith("x=<module 'xml.dom' from ")


# ---- mistakes -------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("no-module", {"function": "nope.f"}, "function: cannot import `nope.f`: there is no module `nope`"),
    (
        "no-module-before-colon",
        {"function": "shop.x:f"},
        "function: cannot import `shop.x:f`: there is no module `shop.x`",
    ),
    ("no-attribute", {"function": "shop.x"}, "function: cannot import `shop.x`: `shop` has no `x`"),
    (
        "no-inner-attribute",
        show(a=[{"_target_": "shop.Opt.x"}]),
        "args.a[0]: cannot import `shop.Opt.x`: `shop.Opt` has no `x`",
    ),
    (
        "no-path",
        {"function": "__import__('os')"},
        "function: `__import__('os')` is not a path such as `pkg.mod.name` or `pkg.mod:name`",
    ),
    ("no-function", {}, "function: `None` is not a path such as `pkg.mod.name` or `pkg.mod:name`"),
    ("function-is-a-value", {"function": "shop.LIMIT"}, "function: `shop.LIMIT` is not callable"),
    (
        "target-is-a-value",
        show(a={"_target_": "shop.LIMIT"}),
        "args.a: `shop.LIMIT` is not callable; `_call_: false` passes it as it is",
    ),
    ("unknown-marker", show(a=[{"b": {"_traget_": "x"}}]), f"args.a[0].b: `_traget_` is not a marker; {MARKERS}"),
    (
        "unknown-marker-in-a-call",
        show(a={"_target_": "shop.Opt", "_x_": 1}),
        f"args.a: `_x_` is not a marker; {MARKERS}",
    ),
    ("marker-without-target", show(a={"_partial_": True}), f"args.a: `_partial_` cannot stand here; {MARKERS}"),
    (
        "object-with-arguments",
        show(a={"_target_": "shop.Opt", "_call_": False, "lr": 1}),
        "args.a: `_call_: false` passes `shop.Opt` itself, so it takes no arguments",
    ),
    (
        "args-no-list",
        show(a={"_target_": "shop.Opt", "_args_": 1}),
        "args.a: `_args_` must be a list, and `_overrides_` a mapping",
    ),
    (
        "shared-number",
        {**show(a={"_shared_": 1}), "shared": [1]},
        "args.a: `_shared_` must stand alone and be less than 1",
    ),
    (
        "shared-cycle",
        {**show(a={"b": {"_shared_": 0}}), "shared": [[{"_shared_": 1}], {"c": {"_shared_": 0}}]},
        "args.a.b[0].c: shared objects contain each other: 0 -> 1 -> 0",
    ),
    (
        "shared-error-names-where-it-is-used",
        {**show(a={"b": {"_shared_": 0}}), "shared": [{"_target_": "shop.one", "lr": {"_target_": "nope.f"}}]},
        "args.a.b.lr: cannot import `nope.f`: there is no module `nope`",
    ),
    (
        "missing-argument",
        show(a={"_target_": "shop.one"}),
        "args.a: wrong arguments for `shop.one`: one() missing 1 required positional argument: 'lr'",
    ),
    (
        "missing-at-the-top",
        {"function": "shop.one"},
        "args: wrong arguments for `shop.one`: one() missing 1 required positional argument: 'lr'",
    ),
    (
        "unknown-in-a-partial",
        show(a={"_target_": "shop.one", "_partial_": True, "zzz": 1}),
        "args.a: wrong arguments for `shop.one`: got an unexpected keyword argument 'zzz'",
    ),
    (
        "too-many-in-a-partial",
        show(a={"_target_": "shop.one", "_partial_": True, "_args_": [1, 2, 3]}),
        "args.a: wrong arguments for `shop.one`: too many positional arguments",
    ),
    (
        "builtin-raises",
        show(a={"_target_": "builtins.int", "_args_": ["x"]}),
        "args.a: `builtins.int` raised ValueError: invalid literal for int() with base 10: 'x'",
    ),
    (
        "positional-route",
        {"function": "shop.show", "positional": [0, {"_target_": "nope.f"}]},
        "positional[1]: cannot import `nope.f`: there is no module `nope`",
    ),
    (
        "args-no-mapping",
        {"function": "shop.show", "args": []},
        "args: must be a mapping of argument names, and `positional` a list",
    ),
]


@pytest.mark.parametrize(("call", "message"), [pytest.param(*row, id=name) for name, *row in REFUSED])
def test_refused(job: Job, call: dict[str, Any], message: str) -> None:
    done = job.run(call)
    assert (done.returncode, done.stdout, done.stderr) == (78, "", f"recipec: error: {message}\n")


@pytest.mark.parametrize(
    ("call", "route"),
    [
        pytest.param({"function": "shop.one", "args": {"lr": 1, "stepz": 2}}, "args", id="top"),
        pytest.param(show(a={"_target_": "shop.one", "lr": 1, "stepz": 2}), "args.a", id="inner"),
    ],
)
def test_name_that_does_not_bind(any_job: Job, call: dict[str, Any], route: str) -> None:
    done = any_job.run(call)
    start = f"recipec: error: {route}: wrong arguments for `shop.one`: one() got an unexpected keyword argument 'stepz'"
    assert (done.returncode, done.stderr.count("\n")) == (78, 1)
    assert done.stderr.startswith(start)  # newer Pythons add a suggestion


def test_missing_dependency_of_a_module_is_shown_as_it_is(any_job: Job) -> None:
    file = any_job.module("pkg/broken.py", "import absent.dependency\n")
    any_job.module("pkg/__init__.py", "")
    done = any_job.run(show(model={"_target_": "pkg.broken.make"}))
    assert done.stderr == (
        "recipec: error: args.model: cannot import `pkg.broken.make`: ModuleNotFoundError: No module named 'absent'\n"
        "Traceback (most recent call last):\n"
        f'  File "{file}", line 1, in <module>\n'
        "    import absent.dependency\n"
        "ModuleNotFoundError: No module named 'absent'\n"
    )
    assert done.returncode == 78


def test_package_that_fails_is_imported_once(job: Job) -> None:
    job.module("pkg/__init__.py", "print('imported')\nimport pkg.absent\n")
    done = job.run({"function": "pkg.absent.f"})
    assert done.stdout == "imported\n"
    assert done.stderr.startswith(
        "recipec: error: function: cannot import `pkg.absent.f`: ModuleNotFoundError: No module named 'pkg.absent'\nTraceback"
    )


def test_syntax_error_of_a_module_is_shown_with_its_line(any_job: Job) -> None:
    file = any_job.module("broken.py", "x = = 1\n")
    done = any_job.run({"function": "broken.f"})
    first, *shown = done.stderr.splitlines()
    assert first == "recipec: error: function: cannot import `broken.f`: SyntaxError: invalid syntax"
    assert shown[0].strip() in {f'File "{file}", line 1', "Traceback (most recent call last):"}
    assert shown[-1] == "SyntaxError: invalid syntax"


def test_factory_that_raises_keeps_its_traceback_from_its_own_first_frame(any_job: Job) -> None:
    file = any_job.module(
        "user.py",
        """
        def make():
            inner()
        def inner():
            raise ValueError("bad\\nvalue")
        """,
    )
    done = any_job.run(show(opt=[{"_target_": "user.make"}]))
    assert done.returncode == 78
    assert without_carets(done.stderr) == (
        "recipec: error: args.opt[0]: `user.make` raised ValueError: bad\n"
        "Traceback (most recent call last):\n"
        f'  File "{file}", line 2, in make\n'
        "    inner()\n"
        f'  File "{file}", line 4, in inner\n'
        '    raise ValueError("bad\\nvalue")\n'
        "ValueError: bad\n"
        "value\n"
    )


def test_function_that_raises_is_shown_without_frames_of_the_runtime(any_job: Job) -> None:
    file = any_job.module(
        "user.py",
        """
        def main():
            try:
                raise KeyError("first")
            except KeyError as error:
                raise RuntimeError("second") from error
        """,
    )
    done = any_job.run({"function": "user.main"})
    assert done.returncode == 1
    assert done.stderr == (
        "Traceback (most recent call last):\n"
        f'  File "{file}", line 3, in main\n'
        '    raise KeyError("first")\n'
        "KeyError: 'first'\n"
        "\nThe above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\n"
        f'  File "{file}", line 5, in main\n'
        '    raise RuntimeError("second") from error\n'
        "RuntimeError: second\n"
    )


def test_type_error_inside_the_function_is_not_taken_for_wrong_arguments(job: Job) -> None:
    done = job.run({"function": "shop.inner_type_error"})
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.endswith("TypeError: object of type 'int' has no len()\n")


@pytest.mark.parametrize(
    ("function", "args", "code", "stderr"),
    [
        pytest.param("leave", {"code": 7}, 7, "", id="number"),
        pytest.param("leave", {"code": 0}, 0, "", id="zero"),
        pytest.param("leave", {}, 0, "", id="none"),
        pytest.param("leave", {"code": "text"}, 1, "text\n", id="text"),
        pytest.param("leave", {"code": -1}, 255, "", id="negative"),
    ],
)
def test_exit_code(any_job: Job, function: str, args: dict[str, Any], code: int, stderr: str) -> None:
    done = any_job.run({"function": f"shop.{function}", "args": args})
    assert (done.returncode, done.stderr) == (code, stderr)


def test_exit_in_a_factory_keeps_its_code(job: Job) -> None:
    assert job.run(show(a={"_target_": "shop.leave", "code": 5})).returncode == 5


def test_interrupt(job: Job) -> None:
    done = job.run({"function": "shop.interrupt"})
    assert (done.returncode, done.stderr.splitlines()[-1]) == (130, "KeyboardInterrupt")


# ---- what is verified is what runs ----------------------------------------------------


def test_hash_of_call_json(any_job: Job) -> None:
    data = json.dumps({"format": 1, **show(x=1)}).encode()
    right, wrong = hashlib.sha256(data).hexdigest(), "0" * 64
    assert any_job.run(show(x=1), "--sha256", right.upper()).stdout == "x=1\n"
    done = any_job.run(show(x=1), "--sha256", wrong)
    path = any_job.bundle / "call.json"
    message = f"recipec: error: {path}: is not the file that was compiled: sha256 is {right}, not {wrong}\n"
    assert (done.returncode, done.stdout, done.stderr) == (65, "", message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"format": 2}', "is not a call of format 1", id="format"),
        pytest.param("[]", "is not a call of format 1", id="list"),
        pytest.param(
            "{",
            "cannot be read: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            id="json",
        ),
    ],
)
def test_call_json_that_is_none(job: Job, text: str, message: str) -> None:
    done = job.run(text)
    assert done.returncode == 65
    assert done.stderr == f"recipec: error: {job.bundle / 'call.json'}: {message}\n"


def test_no_call_json(job: Job) -> None:
    argv = [job.python, str(job.bundle / "runtime.py"), "absent.json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    message = "recipec: error: absent.json: cannot be read: [Errno 2] No such file or directory: 'absent.json'\n"
    assert (done.returncode, done.stderr) == (65, message)


# ---- sys.path -------------------------------------------------------------------------


def test_a_file_in_the_bundle_shadows_nothing(any_job: Job) -> None:
    for name in ("json.py", "argparse.py", "traceback.py", "shop.py", "typing.py"):
        (any_job.bundle / name).write_text("raise SystemExit('shadowed')\n")
    done = any_job.run(show(x=1))
    assert (done.returncode, done.stdout, done.stderr) == (0, "x=1\n", "")


def test_a_module_that_is_only_in_the_bundle_is_not_found(any_job: Job) -> None:
    (any_job.bundle / "extra.py").write_text("def f():\n    pass\n")
    done = any_job.run({"function": "extra.f"}, RECIPEC_WORKDIR="", PYTHONPATH=str(any_job.bundle))
    assert done.stderr == "recipec: error: function: cannot import `extra.f`: there is no module `extra`\n"


def test_the_workdir_comes_before_pythonpath(any_job: Job) -> None:
    other = any_job.run_dir / "other"
    other.mkdir()
    (other / "shop.py").write_text("def show(x):\n    print('other')\n")
    assert any_job.run(show(x=1), PYTHONPATH=str(other)).stdout == "x=1\n"
    assert any_job.run(show(x=1), PYTHONPATH=str(other), RECIPEC_WORKDIR="").stdout == "other\n"


# ---- the record of a failure ----------------------------------------------------------


def failure(job: Job, restart: int = 0) -> dict[str, Any]:
    code = (job.run_dir / f"exit-code-{restart}").read_text()
    found: dict[str, Any] = json.loads((job.run_dir / f"failure-{restart}.json").read_text())
    assert code == f"{found['exit_code']}\n"
    return found


def test_failure_is_recorded(any_job: Job) -> None:
    env = {"RECIPEC_RUN_DIR": str(any_job.run_dir), "RANK": "5", "LOCAL_RANK": "1", "TORCHELASTIC_RESTART_COUNT": "2"}
    done = any_job.run({"function": "shop.fail", "args": {"text": "one\ntwo"}}, **env)
    found = failure(any_job, 2)
    assert done.stderr == found.pop("traceback")
    assert found.pop("host")
    assert found == {"exit_code": 1, "rank": 5, "local_rank": 1, "error": "ValueError: one"}
    assert sorted(path.name for path in any_job.run_dir.iterdir()) == ["exit-code-2", "failure-2.json"]


@pytest.mark.parametrize(
    ("call", "code", "error"),
    [
        pytest.param({"function": "shop.leave", "args": {"code": 3}}, 3, "SystemExit: 3", id="exit"),
        pytest.param({"function": "shop.leave", "args": {"code": "text"}}, 1, "text", id="exit-text"),
        pytest.param(
            {"function": "nope.f"}, 78, "function: cannot import `nope.f`: there is no module `nope`", id="build"
        ),
    ],
)
def test_every_kind_of_failure_is_recorded(job: Job, call: dict[str, Any], code: int, error: str) -> None:
    job.run(call, RECIPEC_RUN_DIR=str(job.run_dir))
    found = failure(job)
    assert (found["exit_code"], found["error"], found["rank"]) == (code, error, None)


def test_success_is_not_recorded(job: Job) -> None:
    job.run({"function": "shop.leave"}, RECIPEC_RUN_DIR=str(job.run_dir))
    assert list(job.run_dir.iterdir()) == []


def test_a_record_that_cannot_be_written_hides_nothing(job: Job) -> None:
    plain = job.run({"function": "shop.fail"})
    absent = str(job.run_dir / "absent")
    done = job.run({"function": "shop.fail"}, RECIPEC_RUN_DIR=absent)
    assert done.returncode == plain.returncode == 1
    assert done.stderr.startswith(plain.stderr + "recipec: note: the failure is not recorded: [Errno 2] ")


def test_eight_ranks_fail_at_once_and_one_record_is_whole(job: Job) -> None:
    job.module(
        "user.py",
        """
        import os, sys, time
        def main(at):
            time.sleep(max(0, at - time.time()))
            sys.exit(10 + int(os.environ["RANK"]))
        """,
    )
    env = {"RECIPEC_RUN_DIR": str(job.run_dir)}
    call = {"function": "user.main", "args": {"at": time.time() + 1.0}}
    ranks = [job.start(call, RANK=str(rank), **env) for rank in range(8)]
    seen: set[str] = set()
    while any(rank.poll() is None for rank in ranks):
        for path in job.run_dir.glob("failure-*.json"):
            seen.add(path.read_text())
    for rank in ranks:
        rank.communicate()
    assert [rank.returncode for rank in ranks] == [10, 11, 12, 13, 14, 15, 16, 17]
    found = failure(job)
    assert found["exit_code"] == 10 + found["rank"]
    assert [json.loads(text) for text in seen] in ([found], [])
    assert sorted(path.name for path in job.run_dir.iterdir()) == ["exit-code-0", "failure-0.json"]


def test_torchelastic_error_file(job: Job) -> None:
    file = job.run_dir / "error.json"
    done = job.run({"function": "shop.fail"}, TORCHELASTIC_ERROR_FILE=str(file))
    message = json.loads(file.read_text())["message"]
    assert message["message"] == "ValueError: no"
    assert message["extraInfo"]["py_callstack"] == done.stderr
    assert abs(int(message["extraInfo"]["timestamp"]) - time.time()) < 60
    file.write_text("the user's own")
    job.run({"function": "shop.fail"}, TORCHELASTIC_ERROR_FILE=str(file))
    assert file.read_text() == "the user's own"


# ---- ranks ----------------------------------------------------------------------------

RANKS = """
import json, os, signal, subprocess, sys, time

NAMES = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR")
RANK = int(os.environ.get("RANK", -1))

def env():
    assert 0 < int(os.environ["MASTER_PORT"]) < 65536
    print(*[os.environ[name] for name in NAMES])

def pid(parent):
    print(os.getpid() == parent or os.getppid() == parent)

def touch(name):
    open(name, "w").close()

def wait_for(*names):
    while not all(os.path.exists(name) for name in names):
        time.sleep(0.01)

def everyone_is_there():
    touch(f"here-{RANK}")
    wait_for(*[f"here-{rank}" for rank in range(int(os.environ["WORLD_SIZE"]))])

def one_fails(rank, code=None, number=None, stubborn=False, hard=False):
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    everyone_is_there()
    if RANK == rank:
        if number:
            os.kill(os.getpid(), number)
        if hard:
            os._exit(code)
        sys.exit(code)
    time.sleep(60)

def follows():
    everyone_is_there()
    if RANK == 1:
        sys.exit(5)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(6))
    time.sleep(60)

def lines():
    for number in range(200):
        for part in ("a", "b", "c"):
            sys.stdout.write(part * 3000)
            sys.stderr.write(part * 10)
            sys.stderr.flush()
        print(number)
        print(number, file=sys.stderr)
    sys.stdout.write("no newline")

def sleep_with_worker():
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(f"pids-{RANK}.tmp", "w") as file:
        json.dump([os.getpid(), worker.pid], file)
    os.rename(f"pids-{RANK}.tmp", f"pids-{RANK}")
    worker.wait()

def leaves_worker():
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("done")

def saves_on_sigterm():
    def save(*_):
        print("saved")
        sys.exit(0)
    signal.signal(signal.SIGTERM, save)
    everyone_is_there()
    touch("ready")
    time.sleep(60)

def counts_usr1():
    def seen(*_):
        touch(f"seen-{RANK}")
    signal.signal(signal.SIGUSR1, seen)
    everyone_is_there()
    touch("ready")
    wait_for("seen-0", "seen-1")
"""


@pytest.fixture
def ranks(edge_job: Job) -> Job:
    edge_job.module("ranks.py", RANKS)
    return edge_job


def wait_for(condition: Callable[[], object], timeout: float = 10) -> None:
    give_up = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < give_up, "nothing happened"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_environment_of_one_node(ranks: Job) -> None:
    done = ranks.run({"function": "ranks.env"}, "--nproc-per-node=3")
    lines = [f"[rank {rank}] {rank} {rank} 3 3 0 127.0.0.1" for rank in range(3)]
    assert (done.returncode, sorted(done.stdout.splitlines()), done.stderr) == (0, lines, "")


def test_environment_of_the_second_node(ranks: Job) -> None:
    node = ["--nnodes=2", "--node-rank=1", "--master-addr=head", "--master-port=1234"]
    done = ranks.run({"function": "ranks.env"}, "--nproc-per-node=2", *node)
    assert sorted(done.stdout.splitlines()) == ["[rank 2] 2 0 4 2 1 head", "[rank 3] 3 1 4 2 1 head"]


def test_one_rank_runs_in_this_process_without_a_prefix(ranks: Job) -> None:
    assert ranks.run({"function": "ranks.env"}, "--nproc-per-node=1").stdout == "0 0 1 1 0 127.0.0.1\n"
    process = ranks.start({"function": "ranks.sleep_with_worker"}, "--nproc-per-node=1")
    wait_for((ranks.run_dir / "pids-0").exists)
    pids = json.loads((ranks.run_dir / "pids-0").read_text())
    assert pids[0] == process.pid
    for pid in reversed(pids):
        os.kill(pid, signal.SIGKILL)
    process.communicate()


def test_without_the_option_the_launchers_environment_is_left_alone(job: Job) -> None:
    job.module("ranks.py", RANKS)
    env = {"RANK": "9", "LOCAL_RANK": "1", "WORLD_SIZE": "16", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "4"}
    done = job.run({"function": "ranks.env"}, MASTER_ADDR="h", MASTER_PORT="1", **env)
    assert done.stdout == "9 1 16 2 4 h\n"


def test_lines_of_ranks_stay_whole(ranks: Job) -> None:
    done = ranks.run({"function": "ranks.lines"}, "--nproc-per-node=3")
    for output, times in ((done.stdout, 3000), (done.stderr, 10)):
        body = "a" * times + "b" * times + "c" * times
        for rank in range(3):
            mine = [line for line in output.splitlines() if line.startswith(f"[rank {rank}] ")]
            expected = [f"[rank {rank}] {body}{number}" for number in range(200)]
            assert mine == expected + ([f"[rank {rank}] no newline"] if output is done.stdout else [])
        assert output.count("\n") == 600 + (3 if output is done.stdout else 0)


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        pytest.param({"code": 3}, 3, "rank 1 exited with 3", id="exit-code"),
        pytest.param({"code": 4, "hard": True}, 4, "rank 1 exited with 4", id="without-python"),
        pytest.param({"number": 9}, 137, "rank 1 was killed by signal 9", id="signal"),
        pytest.param({"code": 3, "stubborn": True}, 3, "rank 1 exited with 3", id="others-ignore-sigterm"),
    ],
)
def test_one_rank_fails_and_the_others_end(ranks: Job, args: dict[str, Any], code: int, line: str) -> None:
    began = time.monotonic()
    call = {"function": "ranks.one_fails", "args": {"rank": 1, **args}}
    done = ranks.run(call, "--nproc-per-node=3", "--grace-s=0.5", RECIPEC_RUN_DIR=str(ranks.run_dir))
    assert (done.returncode, done.stderr) == (code, f"recipec: error: {line}\n")
    assert time.monotonic() - began < 10
    found = failure(ranks)
    assert (found["exit_code"], found["rank"], found["local_rank"]) == (code, 1, 1)


def test_the_first_failure_gives_the_exit_code(ranks: Job) -> None:
    assert ranks.run({"function": "ranks.follows"}, "--nproc-per-node=2").returncode == 5


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGTERM, 143, id="term"),
        pytest.param(signal.SIGINT, 130, id="int"),
        pytest.param(signal.SIGKILL, -9, id="kill"),
    ],
)
def test_ranks_and_their_workers_do_not_outlive_the_launcher(ranks: Job, number: int, code: int) -> None:
    process = ranks.start({"function": "ranks.sleep_with_worker"}, "--nproc-per-node=2")
    files = [ranks.run_dir / "pids-0", ranks.run_dir / "pids-1"]
    wait_for(lambda: all(file.exists() for file in files))
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == code
    pids = [pid for file in files for pid in json.loads(file.read_text())]
    wait_for(lambda: all(map(gone, pids)), timeout=5)


def test_ranks_may_end_well_after_sigterm(ranks: Job) -> None:
    process = ranks.start(
        {"function": "ranks.saves_on_sigterm"}, "--nproc-per-node=2", RECIPEC_RUN_DIR=str(ranks.run_dir)
    )
    wait_for((ranks.run_dir / "ready").exists)
    process.terminate()
    stdout, stderr = process.communicate(timeout=10)
    assert (process.returncode, sorted(stdout.splitlines()), stderr) == (0, ["[rank 0] saved", "[rank 1] saved"], "")
    assert not list(ranks.run_dir.glob("failure-*"))


def test_usr1_is_passed_on_and_ends_nothing(ranks: Job) -> None:
    process = ranks.start({"function": "ranks.counts_usr1"}, "--nproc-per-node=2")
    wait_for((ranks.run_dir / "ready").exists)
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_worker_left_behind_does_not_keep_the_launcher(ranks: Job) -> None:
    began = time.monotonic()
    done = ranks.run({"function": "ranks.leaves_worker"}, "--nproc-per-node=2")
    assert (done.returncode, done.stdout.count("done\n")) == (0, 2)
    assert time.monotonic() - began < 10


def test_ranks_finish_when_nobody_reads_their_output(ranks: Job) -> None:
    process = ranks.start({"function": "ranks.lines"}, "--nproc-per-node=2")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_the_launcher_checks_the_call_before_it_starts_ranks(job: Job) -> None:
    done = job.run(show(x=1), "--nproc-per-node=2", "--sha256", "0")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (65, "", 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--nnodes=2"], "--nnodes needs --nproc-per-node, --master-addr and --master-port", id="nnodes"),
        pytest.param(
            ["--nproc-per-node=2", "--node-rank=1"],
            "--nproc-per-node must be positive, and --node-rank less than --nnodes",
            id="node-rank",
        ),
        pytest.param(["--nproc=2"], "unrecognized arguments: --nproc=2", id="no-abbreviations"),
    ],
)
def test_usage(job: Job, options: list[str], message: str) -> None:
    done = job.run(show(x=1), *options)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"runtime.py: error: {message}")


# ---- Fiddle, NeMo's example and the all-reduce ----------------------------------------


@pytest.fixture
def fiddle_job(job: Job) -> Iterator[Job]:
    pytest.importorskip("fiddle", reason="fiddle is not installed")
    job.module(
        "recipes.py",
        """
        import fiddle as fdl
        from shop import Opt, show

        class RunConfig(fdl.Config):  # as nemo_run.Config is one
            pass

        def model():
            return RunConfig(Opt, lr=fdl.Config(Opt, lr=2))

        def callbacks():
            return [fdl.Config(Opt, lr=1), "plain"]

        def later():
            return fdl.Partial(Opt, lr=3)

        def bad():
            return fdl.Config(int, "x")

        def pretrain_recipe(steps):
            return fdl.Partial(show, model=model(), steps=steps)

        def config():
            return fdl.Config(Opt)
        """,
    )
    return job


def test_a_config_that_a_factory_returns_is_built(fiddle_job: Job) -> None:
    args = {name: {"_target_": f"recipes.{name}"} for name in ("model", "callbacks")}
    done = fiddle_job.run(show(**args))
    assert (done.stdout, done.stderr) == ("model=Opt(Opt(2, 1), 1) callbacks=[Opt(1, 1), 'plain']\n", "")


def test_a_fiddle_partial_becomes_a_functools_partial(fiddle_job: Job) -> None:
    done = fiddle_job.run({"function": "shop.now", "args": {"function": {"_target_": "recipes.later"}}})
    assert done.stdout == "Opt(3, 1)\n"


def test_a_config_that_does_not_build_is_refused(fiddle_job: Job) -> None:
    done = fiddle_job.run(show(a={"_target_": "recipes.bad"}))
    assert done.returncode == 78
    assert done.stderr.startswith("recipec: error: args.a: `recipes.bad` raised ValueError: invalid literal for int()")


def test_a_function_that_returns_a_partial_runs_it(fiddle_job: Job) -> None:
    done = fiddle_job.run({"function": "recipes.pretrain_recipe", "args": {"steps": 4}})
    assert (done.returncode, done.stdout) == (0, "model=Opt(Opt(2, 1), 1) steps=4\n")


def test_a_function_that_returns_a_config_is_done(fiddle_job: Job) -> None:
    done = fiddle_job.run({"function": "recipes.config"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_import_ckpt(any_job: Job) -> None:
    call = {
        "function": "nemo.collections.llm.import_ckpt",
        "args": {
            "model": {"_target_": "nemo.collections.llm.llama3_8b.model"},
            "source": "hf://meta-llama/Meta-Llama-3-8B",
            "overwrite": False,
        },
    }
    env = {"RECIPEC_RUN_DIR": str(any_job.run_dir), "RECIPEC_WORKDIR": str(HERE / "standins")}
    done = any_job.run(call, **env)
    line = "stand-in for import_ckpt: hf://meta-llama/Meta-Llama-3-8B -> models/meta-llama/Meta-Llama-3-8B\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, line, "")
    received = json.loads((any_job.run_dir / "received.json").read_text())
    model = received.pop("model")
    assert received == {
        "source": {"type": "str", "value": "hf://meta-llama/Meta-Llama-3-8B"},
        "output_path": {"type": "NoneType", "value": None},
        "overwrite": {"type": "bool", "value": False},
    }
    assert (model["type"], model["config"]["type"]) == ("LlamaModel", "Llama3Config8B")
    assert model["config"]["value"]["ffn_hidden_size"] == 14336


def allreduce(**args: Any) -> dict[str, Any]:
    return {"function": "recipes.functions.allreduce.main", "args": args}


def test_allreduce_on_two_nodes(edge_job: Job) -> None:
    env = {"RECIPEC_RUN_DIR": str(edge_job.run_dir), "RECIPEC_WORKDIR": str(HERE.parent)}
    node = ["--nproc-per-node=2", "--nnodes=2", "--master-addr=127.0.0.1", "--master-port=29999"]
    nodes = [edge_job.start(allreduce(value=2.5), *node, f"--node-rank={rank}", **env) for rank in range(2)]
    outputs = [process.communicate(timeout=60) for process in nodes]
    assert [process.returncode for process in nodes] == [0, 0], outputs
    result = json.loads((edge_job.run_dir / "result.json").read_text())
    hosts = [rank.pop("host") for rank in result["ranks"]]
    assert len(hosts) == 4
    assert result["ranks"] == [{"rank": rank, "local_rank": rank % 2} for rank in range(4)]
    assert (result["world_size"], result["sum"]) == (4, 25.0)
    assert result["backend"] in {"plain", "gloo"}


def test_allreduce_with_a_rank_that_fails(edge_job: Job) -> None:
    env = {"RECIPEC_RUN_DIR": str(edge_job.run_dir), "RECIPEC_WORKDIR": str(HERE.parent)}
    done = edge_job.run(allreduce(fail_rank=1, exit_code=9), "--nproc-per-node=3", "--grace-s=1", **env)
    assert done.returncode == 9
    assert failure(edge_job)["rank"] == 1
    assert not (edge_job.run_dir / "result.json").exists()


def test_torchrun_names_the_root_cause(job: Job) -> None:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    env = {"RECIPEC_RUN_DIR": str(job.run_dir), "RECIPEC_WORKDIR": str(HERE.parent), "OMP_NUM_THREADS": "1"}
    _, *script = job.argv(allreduce(fail_rank=1))
    torchrun = [
        job.python,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node=2",
        "--redirects=3",
        f"--log-dir={job.work}",
    ]
    done = subprocess.run([*torchrun, *script], env=job.env(env), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert failure(job)["exit_code"] == 3
    cause = done.stderr.partition("Root Cause")[2]
    assert "SystemExit: 3" in cause
    assert "allreduce.py" in cause
