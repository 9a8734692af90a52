"""Builds the call that `call.json` describes and runs it, inside the job.

Copied unchanged into every bundle: one file, standard library only, Python 3.8 and later,
so an image needs nothing of recipec.

Exit codes: 0 done; 1 the function raised; n the function called `sys.exit(n)`; 2 usage;
65 call.json is not the file that was compiled; 78 the call cannot be built; 130 interrupted;
128 + n a rank was killed by signal n.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # Before all other imports: no file beside this one shadows a module, not even `json`.
    BUNDLE = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != BUNDLE]

import argparse
import base64
import contextlib
import datetime as dt
import difflib
import functools
import hashlib
import importlib
import inspect
import json
import operator
import re
import runpy
import secrets
import signal
import socket
import subprocess
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType, TracebackType
    from typing import IO, Any

FORMAT = 1
RAW = ("command", "module", "script")
CALL = ("_target_", "_args_", "_partial_", "_call_", "_overrides_", "_raw_")
FORMS: dict[str, Callable[..., object]] = {  # of `{marker: value}`, what becomes of the built value
    "_tuple_": tuple,
    "_set_": set,
    "_bytes_": base64.b64decode,
    "_path_": Path,
    "_timedelta_": lambda text: duration(text),  # noqa: PLW0108  it stands below
    "_float_": float,
}
MARKERS = (*CALL, "_shared_", "_enum_", *FORMS)
MARKER_SHAPE = re.compile(r"_(?!_).*(?<!_)_")  # `_x_`, and not `__x__`
DURATION = re.compile(r"(?:(\d+)[-d])?(?:(\d+)[:h])?(?:(\d+)[:m])?(?:(\d+)s?)?")  # what passed the compiler
PATH_SHAPE = re.compile(r"\w+(\.\w+)*(:\w+(\.\w+)*)?")
EX_DATAERR, EX_CONFIG = 65, 78  # sysexits.h


class CallError(Exception):
    """What is wrong and where; its `__cause__` is the user's own exception, if there is one."""

    def __init__(self, route: str, message: str, code: int = EX_CONFIG) -> None:
        """`route` is a place in the recipe: `function`, `args.callbacks[0].lr`."""
        super().__init__(f"{route}: {message}")
        self.code = code


def to_partial(call: Mapping[str, object]) -> functools.partial[object]:
    """The function of `call` with its arguments built and bound, not yet called."""
    function = locate(call.get("function"), "function")
    if not callable(function):
        raise CallError("function", f"`{call['function']}` is not callable")
    builder = Builder(call.get("shared", []))
    positional = builder.build(call.get("positional", []), "positional")
    args = builder.build(call.get("args", {}), "args")
    if not isinstance(positional, list) or not isinstance(args, dict):
        raise CallError("args", "must be a mapping of argument names, and `positional` a list")
    return functools.partial(function, *positional, **args)


class Builder:
    """Builds values depth first, in file order; an entry of `shared` once, at its first use."""

    def __init__(self, shared: object) -> None:
        """`shared` is the list that `_shared_: N` refers to."""
        self.shared = shared if isinstance(shared, list) else []
        self.built: dict[int, object] = {}
        self.building: list[int] = []

    def build(self, tree: object, route: str) -> object:
        """The value that `tree` stands for."""
        if isinstance(tree, list):
            return [self.build(item, f"{route}[{index}]") for index, item in enumerate(tree)]
        if not isinstance(tree, dict):
            return tree
        if tree.get("_raw_") is True:
            return {key: value for key, value in tree.items() if key != "_raw_"}
        if "_target_" in tree:
            return self.call(tree, route)
        if "_shared_" in tree:
            return self.share(tree, route)
        marker, value = next(iter(tree.items()), ("", None))
        if marker == "_enum_" and len(tree) == 1:
            return member(f"{value}", route)
        if marker in FORMS and len(tree) == 1:
            return self.form(marker, value, route)
        return self.entries(tree, route, markers=["_raw_"])

    def entries(self, tree: dict[str, object], route: str, *, markers: Sequence[str]) -> dict[str, object]:
        """The entries of `tree` and its `_args_`, built; no marker may be there but `markers`."""
        for key in tree:
            if MARKER_SHAPE.fullmatch(key) and key not in markers:
                wrong = "cannot stand here" if key in MARKERS else "is not a marker"
                raise CallError(route, f"`{key}` {wrong}; the markers are {', '.join(MARKERS)}")
        return {
            key: self.build(value, f"{route}.{key}")
            for key, value in tree.items()
            if key == "_args_" or key not in markers
        }

    def share(self, tree: dict[str, object], route: str) -> object:
        """The one object of an entry of `shared`; an error inside it names the first route to it."""
        index = tree["_shared_"]
        if not isinstance(index, int) or not 0 <= index < len(self.shared) or len(tree) > 1:
            raise CallError(route, f"`_shared_` must stand alone and be less than {len(self.shared)}")
        if index in self.building:
            loop = [*self.building[self.building.index(index) :], index]
            raise CallError(route, f"shared objects contain each other: {' -> '.join(map(str, loop))}")
        if index not in self.built:
            self.building.append(index)
            self.built[index] = self.build(self.shared[index], route)
            self.building.pop()
        return self.built[index]

    def form(self, marker: str, value: object, route: str) -> object:
        """What a written form stands for: a tuple, a set, a path."""
        built = self.build(value, f"{route}.{marker}")
        try:
            return FORMS[marker](built)
        except Exception as error:
            raise CallError(route, f"`{marker}` cannot be built: {summary(error)}") from error

    def call(self, tree: dict[str, object], route: str) -> object:
        """What `_target_` returns for the other entries, a partial of it, or the object itself."""
        path = f"{tree['_target_']}"
        target = locate(path, route)
        if tree.get("_call_") is False:
            if len(tree) > len({"_target_", "_call_"}):
                raise CallError(route, f"`_call_: false` passes `{path}` itself, so it takes no arguments")
            return target
        if not callable(target):
            raise CallError(route, f"`{path}` is not callable; `_call_: false` passes it as it is")
        keywords = self.entries(tree, route, markers=CALL)
        positional, overrides = keywords.pop("_args_", []), tree.get("_overrides_", {})
        if not isinstance(positional, list) or not isinstance(overrides, dict):
            raise CallError(route, "`_args_` must be a list, and `_overrides_` a mapping")
        bound = functools.partial(target, *positional, **keywords)
        if tree.get("_partial_") is True:
            if overrides:
                raise CallError(route, "`_overrides_` needs an object, and `_partial_: true` makes none")
            return checked(bound, path, route)
        made = invoked(bound, path, route)
        for way, value in ways(overrides):
            where = f"{route}._overrides_.{way}"
            assign(made, way, self.build(value, where), where)
        return invoked(functools.partial(configured, made), path, route)


def locate(path: object, route: str) -> object:
    """The object that `pkg.mod.name` or `pkg.mod:name.sub` names.

    The longest prefix that can be imported is the module. The last name is looked up as
    `from pkg.mod import name` does it: an attribute first, then a submodule.
    """
    if not isinstance(path, str) or not PATH_SHAPE.fullmatch(path):
        raise CallError(route, f"`{path}` is not a path such as `pkg.mod.name` or `pkg.mod:name`")
    dotted, colon, attributes = path.partition(":")
    names = dotted.split(".")
    found: object = None
    count = 0  # of the names that are modules
    while count < len(names) and (colon or count < len(names) - 1 or not hasattr(found, names[-1])):
        module = module_or_none(".".join(names[: count + 1]), path, route)
        if module is None:
            break
        found, count = module, count + 1
    if count == 0 or (colon and count < len(names)):
        raise CallError(route, f"cannot import `{path}`: there is no module `{'.'.join(names[: count + 1])}`")
    where = ".".join(names[:count])
    for name in names[count:] + (attributes.split(".") if colon else []):
        if not hasattr(found, name):
            raise CallError(route, f"cannot import `{path}`: `{where}` has no `{name}`")
        found, where = getattr(found, name), f"{where}.{name}"
    return found


def member(path: str, route: str) -> object:
    """The member of an enum that `pkg.mod.Color.RED` names."""
    enum, _, name = path.rpartition(".")
    members = getattr(locate(enum, route), "__members__", {})
    if name not in members:
        raise CallError(route, f"`{enum}` has no member `{name}`{near(name, members)}")
    return members[name]


def duration(text: str) -> dt.timedelta:
    """`1-02:30:00`, `90m`, `1d12h`."""
    match = DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is not a duration")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def ways(overrides: dict[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """The paths that `_overrides_` sets and their values; a mapping without a marker is a longer path."""
    for key, value in overrides.items():
        if isinstance(value, dict) and value and not value.keys() & MARKERS:
            yield from ways(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def assign(owner: object, way: str, value: object, where: str) -> None:
    """Sets the attribute, key or index at the end of `way`; all of it must be there already."""
    *names, last = way.replace("[", ".").replace("]", "").strip(".").split(".")
    try:
        for name in names:
            get, _, key = access(owner, name, where)
            owner = get(owner, key)
        _, put, key = access(owner, last, where)
        put(owner, key, value)
    except CallError:
        raise
    except Exception as error:
        raise CallError(where, f"cannot be set: {summary(error)}") from error


def access(owner: object, name: str, where: str) -> tuple[Callable[..., object], Callable[..., object], object]:
    """How to get and to set `name` of `owner`, and the key, index or attribute that it stands for."""
    kind = type(owner).__name__
    if inspect.ismodule(owner) or inspect.isclass(owner) or inspect.isroutine(owner) or name.startswith("__"):
        raise CallError(where, f"`{name}` of a {kind} is not for a recipe to set")
    get: Callable[..., object] = operator.getitem
    put: Callable[..., object] = operator.setitem
    if isinstance(owner, Mapping):
        keys = {f"{key}": key for key in owner}
    elif isinstance(owner, (list, tuple)):
        keys = {f"{index}": index for index in range(len(owner))}
    else:
        get, put, keys = getattr, setattr, {key: key for key in dir(owner)}
        if name not in keys and hasattr(owner, name):  # what `__getattr__` gives and `__dir__` hides
            keys[name] = name
    if name not in keys:
        raise CallError(where, f"a {kind} has no `{name}`{near(name, keys)}")
    return get, put, keys[name]


def near(name: str, names: Iterable[str]) -> str:
    """What was probably meant by `name`, or what there is, as the end of a message."""
    names = [each for each in names if not each.startswith("_")]
    close = difflib.get_close_matches(name, names, n=1)
    there = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return f"; did you mean `{close[0]}`?" if close else f"; it has {there or 'nothing'}"


def module_or_none(name: str, path: str, route: str) -> ModuleType | None:
    """The module, or None if none has that name; what fails inside a module is the user's error."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name == name:
            return None
        raise CallError(route, f"cannot import `{path}`: {summary(error)}") from error


def invoked(bound: functools.partial[object], path: str, route: str) -> object:
    """What the call returns; `path` is who is blamed if it raises."""
    try:
        return bound()
    except Exception as error:
        if isinstance(error, TypeError) and not user_frames(error):
            raise CallError(route, f"wrong arguments for `{path}`: {error}") from None
        raise CallError(route, f"`{path}` raised {summary(error)}") from error


def checked(bound: functools.partial[object], path: str, route: str) -> functools.partial[object]:
    """The same partial: an argument that it will not take is an error now, not when it is called."""
    with contextlib.suppress(ValueError):  # a builtin that does not tell
        signature = inspect.signature(bound.func, follow_wrapped=False)
        try:
            signature.bind_partial(*bound.args, **bound.keywords)
        except TypeError as error:
            raise CallError(route, f"wrong arguments for `{path}`: {error}") from None
    return bound


def configured(value: object) -> object:
    """`value`, or what Fiddle builds of it if it is a Config, a Partial, or a list or dict of them."""
    fiddle = sys.modules.get("fiddle")  # whatever made a Config has imported it
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
    if fiddle and any(isinstance(part, fiddle.Buildable) for part in parts):
        return fiddle.build(value)
    return value


def run_raw(call: Mapping[str, Any], folder: str) -> None:
    """Runs a command, a module as `python -m` does, or a script of the bundle, whose folder is `folder`."""
    script = os.path.join(folder, call.get("script", ""))
    if "module" in call or script.endswith(".py"):
        sys.argv[:] = [script, *call["argv"]]
        if "module" in call:
            runpy.run_module(call["module"], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(script, run_name="__main__")
        return
    argv = call["command"] if "command" in call else ["/bin/bash", script, *call["argv"]]
    try:
        code = subprocess.call(argv)
    except OSError as error:
        raise CallError("command[0]", f"cannot run `{argv[0]}`: {error.strerror}") from None
    sys.exit(128 - code if code < 0 else code)


def run(call: Mapping[str, object]) -> None:
    """Calls the function; if it returns a Fiddle or NeMo-Run Partial, calls what that builds."""
    bound = to_partial(call)
    try:
        result = bound()
    except TypeError as error:
        if user_frames(error):
            raise
        raise CallError("args", f"wrong arguments for `{call['function']}`: {error}") from None
    final = configured(result)
    if final is not result and isinstance(final, functools.partial):
        final()


def user_frames(error: BaseException) -> TracebackType | None:
    """The traceback from the user's first frame on: without this file's and importlib's."""
    trace = error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file not in (__file__, importlib.__file__) and not file.startswith("<frozen importlib"):
            break
        trace = trace.tb_next
    return trace


def full_text(error: BaseException) -> str:
    """The user's traceback as Python prints it."""
    return "".join(traceback.format_exception(type(error), error, user_frames(error)))


def summary(error: BaseException) -> str:
    """`ValueError: text`, with the first line of the text."""
    lines = "".join(traceback.format_exception_only(type(error), error)).splitlines()
    return next(line for line in lines if line[:1].strip())  # a SyntaxError begins with its place


def verdict(error: BaseException) -> tuple[int, str, str]:
    """The exit code for `error`, one line about it, and what to print."""
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF, summary(error), ""
        return 1, f"{error.code}", f"{error.code}\n"
    if isinstance(error, CallError):
        cause = full_text(error.__cause__) if error.__cause__ else ""
        shown = cause if cause.count("\n") > 1 else ""  # one line says no more than the summary
        return error.code, f"{error}", f"recipec: error: {error}\n{shown}"
    return 130 if isinstance(error, KeyboardInterrupt) else 1, summary(error), full_text(error)


def record(code: int, error: str, trace: str, env: Mapping[str, str]) -> None:
    """Leaves word of a failure, unless another rank was first. Never raises.

    For the job script `failure-R.json`, then `exit-code-R`, R counting restarts: torchrun turns
    the exit code of every rank into 1. For torchrun, the file that its `ErrorHandler` would write.
    """
    if env.get("TORCHELASTIC_ERROR_FILE"):
        extra = {"py_callstack": trace, "timestamp": f"{int(time.time())}"}
        publish(Path(env["TORCHELASTIC_ERROR_FILE"]), {"message": {"message": error, "extraInfo": extra}})
    if env.get("RECIPEC_RUN_DIR"):
        folder, restart = Path(env["RECIPEC_RUN_DIR"]), env.get("TORCHELASTIC_RESTART_COUNT", "0")
        rank, local_rank = (int(env[name]) if env.get(name, "").isdigit() else None for name in ("RANK", "LOCAL_RANK"))
        failure = {"exit_code": code, "rank": rank, "local_rank": local_rank, "host": socket.gethostname()}
        if publish(folder / f"failure-{restart}.json", {**failure, "error": error, "traceback": trace}):
            publish(folder / f"exit-code-{restart}", code)


def publish(path: Path, data: object) -> bool:
    """Whether this process wrote `path`: only the first one does, and no reader sees half of it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        temporary.write_text(f"{json.dumps(data)}\n", encoding="utf-8")
        os.link(temporary, path)  # a rename would replace what the first one wrote
    except FileExistsError:
        return False
    except OSError as problem:  # a full disk must not hide the user's error
        sys.stderr.write(f"recipec: note: the failure is not recorded: {problem}\n")
        return False
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return True


def rank_variables(options: argparse.Namespace) -> list[dict[str, str]]:
    """The variables of every rank on this node, as torchrun names them."""
    count, address, port = options.nproc_per_node, options.master_addr or "127.0.0.1", options.master_port
    if port is None:
        with socket.socket() as probe:
            probe.bind((address, 0))
            port = probe.getsockname()[1]
    common = {"MASTER_ADDR": address, "MASTER_PORT": f"{port}", "WORLD_SIZE": f"{options.nnodes * count}"}
    common.update({"LOCAL_WORLD_SIZE": f"{count}", "GROUP_RANK": f"{options.node_rank}"})
    first = options.node_rank * count
    return [{**common, "RANK": f"{first + local}", "LOCAL_RANK": f"{local}"} for local in range(count)]


class Ranks:
    """The processes of this node. If one fails, the others get SIGTERM and, `grace_s` later, SIGKILL."""

    def __init__(self, grace_s: float) -> None:
        """Takes over the signals of this process, to pass them on."""
        self.grace_s = grace_s
        self.running: dict[int, tuple[subprocess.Popen[bytes], Mapping[str, str]]] = {}
        self.pumps: list[threading.Thread] = []
        self.lock = threading.Lock()  # of the output, so that lines stay whole
        self.stopping = False
        self.lifeline, _held = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, lambda received, _frame: self.send(received))
        signal.signal(signal.SIGALRM, lambda _number, _frame: self.send(signal.SIGKILL))

    def start(self, environment: Mapping[str, str]) -> None:
        """Starts a rank: this program again, with the same arguments."""
        process = subprocess.Popen(
            [sys.executable, "-u", *sys.argv, f"--lifeline={self.lifeline}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[self.lifeline],
            start_new_session=True,  # so that a signal reaches its workers too
        )
        self.running[process.pid] = process, environment
        for source, sink in ((process.stdout, 1), (process.stderr, 2)):
            self.pumps.append(threading.Thread(target=self.pump, args=(source, sink, environment["RANK"]), daemon=True))
            self.pumps[-1].start()

    def pump(self, source: IO[bytes], sink: int, rank: str) -> None:
        """Copies whole lines, and reads on if nobody takes them, so that the rank never blocks."""
        for line in source:
            rest = b"[rank %s] %s\n" % (rank.encode(), line.rstrip(b"\n"))
            with self.lock, contextlib.suppress(OSError):
                while rest:
                    rest = rest[os.write(sink, rest) :]

    def send(self, number: int) -> None:
        """Passes a signal to the ranks and their workers."""
        for pid in self.running:
            kill_group(pid, number)
        if number in (signal.SIGTERM, signal.SIGINT) and not self.stopping:
            self.stopping = True
            signal.setitimer(signal.ITIMER_REAL, max(self.grace_s, 0.001))

    def wait(self) -> int:
        """The exit code of the first rank that failed, 128 + n for signal n, or 0."""
        first_code = 0
        while self.running:
            pid, status = os.wait()
            if pid not in self.running:
                continue  # an orphan: this process may be number 1 of a container
            process, environment = self.running.pop(pid)
            kill_group(pid, signal.SIGKILL)  # workers that it left behind
            killed = os.WIFSIGNALED(status)
            code = process.returncode = 128 + os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
            first_code = first_code or code
            if code and not self.stopping:
                how = f"was killed by signal {code - 128}" if killed else f"exited with {code}"
                line = f"rank {environment['RANK']} {how}"
                sys.stderr.write(f"recipec: error: {line}\n")
                record(code, line, "", environment)
                self.send(signal.SIGTERM)
        for pump in self.pumps:
            pump.join(timeout=2)
        return first_code


def kill_group(pid: int, number: int) -> None:
    """Sends a signal to the process group that `pid` leads, if it is still there."""
    with contextlib.suppress(OSError):
        os.killpg(pid, number)


def end_with(lifeline: int) -> None:
    """Ends this rank and its workers when the launcher is gone: then its end of the pipe closes."""
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def at_point(call: dict[str, object], path: str, number: int) -> dict[str, object]:
    """The call with what point `number` of the sweep sets, by the table at `path`."""
    try:
        with open(path, encoding="utf-8") as lines:
            row = next(row for row in map(json.loads, lines) if row["index"] == number)
        for route, value in row["set"]:
            place: Any = call
            for part in route[:-1]:
                place = place[part]
                while isinstance(place, dict) and "_shared_" in place:
                    place = call["shared"][place["_shared_"]]  # type: ignore[index]
            place[route[-1]] = value
    except (OSError, ValueError, LookupError, TypeError, StopIteration) as error:
        raise CallError(path, f"has no usable point {number}: {error!r}", EX_DATAERR) from None
    return call


def read_call(path: str, sha256: str | None) -> dict[str, object]:
    """The call; its bytes are read once, so what is hashed is what is parsed."""
    try:
        data = Path(path).read_bytes()
        actual = hashlib.sha256(data).hexdigest()
        if sha256 and sha256.lower() != actual:
            raise CallError(path, f"is not the file that was compiled: sha256 is {actual}, not {sha256}", EX_DATAERR)
        call = json.loads(data.decode())
    except (OSError, ValueError) as error:
        raise CallError(path, f"cannot be read: {error}", EX_DATAERR) from None
    if not isinstance(call, dict) or call.get("format") != FORMAT:
        raise CallError(path, f"is not a call of format {FORMAT}", EX_DATAERR)
    return call


def parse() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description="Build the call in call.json and run it.", allow_abbrev=False)
    parser.add_argument("call", metavar="call.json")
    parser.add_argument("--sha256", metavar="HEX", help="refuse a call.json with another hash")
    parser.add_argument("--points", metavar="FILE", help="the table of a sweep")
    parser.add_argument("--point", type=int, metavar="N", help="the line of the table to run")
    parser.add_argument("--nproc-per-node", type=int, default=0, metavar="N", help="start N ranks on this node")
    parser.add_argument("--nnodes", type=int, default=1, metavar="M")
    parser.add_argument("--node-rank", type=int, default=0, metavar="R")
    parser.add_argument("--master-addr", metavar="H", help="default on one node: 127.0.0.1")
    parser.add_argument("--master-port", type=int, metavar="P", help="default on one node: a free port")
    parser.add_argument("--grace-s", type=float, default=10.0, metavar="S", help="seconds from SIGTERM to SIGKILL")
    parser.add_argument("--lifeline", type=int, help=argparse.SUPPRESS)  # given to the ranks
    options = parser.parse_args()
    if options.nnodes > 1 and not (options.nproc_per_node and options.master_addr and options.master_port):
        parser.error("--nnodes needs --nproc-per-node, --master-addr and --master-port")
    if options.nproc_per_node < 0 or not 0 <= options.node_rank < options.nnodes:
        parser.error("--nproc-per-node must be positive, and --node-rank less than --nnodes")
    return options


def main() -> int:
    """The exit code of the call, or of the first rank that failed."""
    options = parse()
    if os.environ.get("RECIPEC_WORKDIR"):
        sys.path.insert(0, os.environ["RECIPEC_WORKDIR"])
    try:
        call = read_call(options.call, options.sha256)
        if options.points is not None:
            call = at_point(call, options.points, options.point)
        if options.lifeline is not None:
            threading.Thread(target=end_with, args=(options.lifeline,), daemon=True).start()
        elif options.nproc_per_node > 1:
            ranks = Ranks(options.grace_s)
            for variables in rank_variables(options):
                ranks.start({**os.environ, **variables})
            return ranks.wait()
        elif options.nproc_per_node == 1:
            os.environ.update(*rank_variables(options))
        if any(kind in call for kind in RAW):
            run_raw(call, os.path.dirname(os.path.realpath(options.call)))
        else:
            run(call)
    except BaseException as error:  # noqa: BLE001  SystemExit and KeyboardInterrupt have exit codes too
        code, line, text = verdict(error)
        sys.stderr.write(text)
        if code:
            record(code, line, text or full_text(error), os.environ)
        return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
