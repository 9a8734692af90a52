"""The harness for hostile inputs: a payload to a project, and the real command under watch.

`expand` makes bytes of a payload and never evaluates one. `watched` runs `recipec` in a process of
its own that this file starts as a script: an audit hook there notes each program started, socket
opened, module imported and file touched; the limits are the kernel's. Input file: `tests/data/hostile_inputs.yaml`.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data") / "hostile_inputs.yaml"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "hostile_inputs.yaml"
CPU_S, MEMORY_KIB = 2.0, 300 << 10
CANARY_FILE = Path("/tmp/PWNED")
CANARY_VALUE = "zz9zz9-canary"

NAMES = {"entrypoint": "function", "image": "container", "base": "extends"}
"""Keys of the input file that have another name in our language."""
CLUSTER = """\
name: hpc
target: slurm
container: apptainer
runs_dir: /shared/runs
partitions: {gpu-long: {max_time: 2-00:00:00, max_nodes: 16, gpus_per_node: 8}}
images: {train: {path: /shared/t.sif, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}}
defaults: {partition: gpu-long}
functions: [acme.*]
policy: {limits: {gpu_hours: 100000}}
env_allow: [TAG, "A*", BASH_ENV, "BASH_FUNC*", "SLURM_*", MASTER_ADDR]
"""
IMPORTED = "IMPORTED"
MODULE = f"open({IMPORTED!r}, 'w').close()\n"
"""Any module of the project leaves a file behind when it is imported."""


def entries() -> dict[str, dict[str, Any]]:
    """The input file's entries by id."""
    import yaml

    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {item["id"]: item for item in data["inputs"]}


def expand(payload: Any) -> bytes:
    """The bytes that a payload stands for."""
    if isinstance(payload, str):
        return payload.encode("utf-8", "surrogatepass")
    if "repeat" in payload:
        text = payload.get("head", "") + payload["repeat"] * payload["times"] + payload.get("tail", "")
        return text.encode()
    if "base64" in payload:
        return base64.b64decode(str(payload["base64"]))
    if "lines" in payload:
        return "".join(f"{line}\n" for line in payload["lines"]).encode()
    if "keys" in payload:
        return "".join(f"k{number}: {number}\n" for number in range(payload["keys"])).encode()
    if "alias_bomb" in payload:
        return _bomb(payload["alias_bomb"], "[{}]")
    if "merge_bomb" in payload:
        return _bomb(payload["merge_bomb"], "{{<<: [{}]}}")
    msg = f"no such payload: {sorted(payload)}"
    raise ValueError(msg)


def _bomb(levels: int, form: str) -> bytes:
    lines = ["x0: &x0 {k: v}"]
    lines += [
        f"x{level}: &x{level} " + form.format(", ".join([f"*x{level - 1}"] * 9)) for level in range(1, levels + 1)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def recipe(where: str, payload: Any) -> bytes:
    """A recipe that is valid but for `payload`, written as it is at the place that `where` names."""
    data = expand(payload)
    if where == "recipe.bytes":
        return data
    keys = [NAMES.get(key, key) for key in where.split(".")[1:]]
    before = {"name": b"good", "function": b"acme.train.main"}
    before.pop(keys[0], None)
    text = b"".join(b"%s: %s\n" % (key.encode(), value) for key, value in before.items())
    indent = b""
    for key in keys[:-1]:
        text += indent + key.encode() + b":\n"
        indent += b"  "
    text += indent + keys[-1].encode() + b":"
    if b"\n" in data:
        return text + b"".join(b"\n  " + indent + line for line in data.split(b"\n")) + b"\n"
    return text + b" " + data + b"\n"


@dataclass(frozen=True)
class Seen:
    """What one run of the command said and did. `cpu_s` is of this run, `memory_kib` the process's peak."""

    code: int
    out: str
    err: str
    cpu_s: float
    memory_kib: int
    processes: list[str]
    sockets: list[str]
    imports: list[str]
    read: list[str]
    written: list[str]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of a JSON document."""
        found: list[dict[str, Any]] = json.loads(self.out)["diagnostics"]
        return found

    def places(self, root: Path) -> list[tuple[Any, ...]]:
        """`(code, line, column, text under the caret)` of each finding; no line for one without a place."""
        rows: list[tuple[Any, ...]] = []
        for item in self.findings:
            if item["range"] is None:
                rows.append((item["code"], None))
                continue
            start, end = item["range"]["start"], item["range"]["end"]
            text = (root / item["file"]).read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
            lines = text.split("\n")
            first, last = lines[start["line"] - 1], start["line"] == end["line"]
            under = first[start["column"] - 1 : end["column"] - 1 if last else None]
            rows.append((item["code"], start["line"], start["column"], under))
        return rows


@dataclass
class Yard:
    """A project folder with a cluster profile, and modules that must not be imported."""

    root: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write what every recipe needs."""
        self.write("recipec.yaml", b"default_cluster: hpc\n")
        self.write("clusters/hpc.yaml", CLUSTER.encode())
        for name in ("acme/__init__.py", "acme/train.py", "acme/utils.py", "acme/hub.py"):
            self.write(name, MODULE.encode())

    def write(self, name: str, data: bytes) -> Path:
        """A file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def watched(self, *commands: Iterable[str], allow: tuple[str, ...] = ()) -> list[Seen]:
        """Each command in turn, in one process; the invariants hold for all. `allow`: files it may read."""
        spec = self.root.parent / f"{self.root.name}.json"
        report = self.root.parent / f"{self.root.name}.report"
        spec.write_text(json.dumps([list(command) for command in commands]), encoding="utf-8")
        before = snapshot(self.root)
        done = subprocess.run(
            [
                sys.executable,
                "-B",
                "-P" if sys.version_info >= (3, 11) else "-s",
                str(Path(__file__).resolve()),
                str(spec),
                str(report),
            ],
            cwd=self.root,
            capture_output=True,
            timeout=600,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "CANARY_SECRET": CANARY_VALUE, **self.env},
        )
        assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
        seen = [Seen(**item) for item in json.loads(report.read_text(encoding="utf-8"))]
        for one in seen:
            self.check(one, allow)
        after = snapshot(self.root)
        assert {name: data for name, data in after.items() if not name.startswith("out/")} == before
        return seen

    def check(self, seen: Seen, allow: tuple[str, ...] = ()) -> None:
        """The invariants I1 to I7 of the input file's header."""
        assert seen.processes == []
        assert seen.sockets == []
        assert [name for name in seen.imports if name.split(".")[0] in {"acme", "evil"}] == []
        assert not (self.root / IMPORTED).exists()
        assert [path for path in seen.written if not path.startswith(f"{self.root}/out")] == []
        assert [path for path in seen.read if not path.startswith((str(self.root), *MACHINE, *allow))] == []
        for stream in (seen.out, seen.err):
            assert "Traceback" not in stream
            assert "internal error" not in stream
            assert CANARY_VALUE not in stream
            assert [char for char in stream if hidden(char)] == []
        assert seen.code in {0, 1, 4, 5}
        assert seen.cpu_s < CPU_S
        assert seen.memory_kib < MEMORY_KIB
        assert not CANARY_FILE.exists()
        if seen.out.startswith("{"):
            per_file: dict[str, int] = {}
            for item in seen.findings:
                per_file[item["file"]] = per_file.get(item["file"], 0) + (item["code"] != "RCP004")
                texts = [item["summary"], item["label"], item["help"] or "", *item["notes"]]
                assert all(len(text.encode()) <= 4096 for text in texts)
                assert item["code"].startswith("RCP")
            assert all(count <= 50 for count in per_file.values())


def hidden(char: str) -> bool:
    """Whether a terminal or a reviewer would not show the character."""
    return char != "\n" and (unicodedata.category(char)[0] == "C" or unicodedata.category(char) in {"Zl", "Zp"})


MACHINE = tuple(
    {
        sys.prefix,
        sys.base_prefix,
        str(Path(__file__).resolve().parents[1] / "recipe_compiler"),
        str(Path(__file__).resolve().parents[1] / "templates"),
        "/usr/lib",
        "/usr/local/lib",
        "/proc/self/",
        "/usr/share/zoneinfo",
        "/etc/localtime",
        "/dev/null",
    }
)
"""Where Python and the package itself lie."""


def snapshot(root: Path) -> dict[str, bytes]:
    """Every regular file below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


# ---------------------------------------------------------------- the watched process
_STARTS = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.")
_CHANGES = (
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.chown",
    "os.truncate",
    "os.utime",
    "os.setxattr",
    "shutil.",
    "tempfile.",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """The audit hook: what happened since `reset`."""

    def __init__(self) -> None:
        self.on = False
        self.reset()
        sys.addaudithook(self.note)

    def reset(self) -> None:
        self.log: dict[str, list[str]] = {name: [] for name in ("processes", "sockets", "imports", "read", "written")}

    def note(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event.startswith(_STARTS):
            self.log["processes"].append(f"{event} {args!r:.200}")
        elif event.startswith("socket."):
            self.log["sockets"].append(f"{event} {args!r:.200}")
        elif event == "import":
            self.log["imports"].append(str(args[0]))
        elif event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
            kind = "written" if args[2] & _WRITES else "read"
            self.log[kind].append(_absolute(args[0]))
        elif event.startswith(_CHANGES):
            self.log["written"].append(_absolute(args[0]))


def _absolute(path: str | bytes | os.PathLike[str]) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100  links are not followed


def _peak_kib() -> int:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _run(arguments: list[str], watch: Watch) -> dict[str, Any]:
    from recipe_compiler.cli.main import run

    sys.argv = ["recipec", *arguments]
    streams = [
        TextIOWrapper(BytesIO(), encoding="utf-8", errors="surrogateescape", write_through=True) for _ in range(2)
    ]
    sys.stdout, sys.stderr = streams
    started = time.process_time()
    watch.reset()
    watch.on = True
    code: Any = 0
    try:
        run()
    except SystemExit as stop:
        code = stop.code
    finally:
        watch.on = False
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    said = [stream.buffer.getvalue().decode("utf-8", "surrogateescape") for stream in streams]
    return {
        "code": code or 0,
        "out": said[0],
        "err": said[1],
        "cpu_s": time.process_time() - started,
        "memory_kib": _peak_kib(),
        **watch.log,
    }


def _child(spec: str, report: str) -> None:
    commands = json.loads(Path(spec).read_text(encoding="utf-8"))
    cpu_s = 20 + len(commands)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    watch = Watch()
    Path(report).write_text(json.dumps([_run(command, watch) for command in commands]), encoding="utf-8")


if __name__ == "__main__":
    _child(*sys.argv[1:])
