"""The command line as its users meet it: examples, formats, exit codes, and no traceback."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from recipe_compiler.cli.main import COMMANDS
from tests.project import Project

RECIPEC = Path(sys.executable).with_name("recipec")


@pytest.fixture
def hello(tmp_path: Path) -> Project:
    """What `recipec init` makes."""
    project = Project(tmp_path)
    assert project.run("init").code == 0
    return project


def help_of(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "recipe_compiler", *command.split(), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("command", [*sorted(COMMANDS.keys() - {"catalog"}), "catalog make", "catalog diff"])
def test_help_has_examples_that_run(hello: Project, command: str) -> None:
    text = help_of(command)
    assert re.search(r"--format \[[a-z|]*\bjson\b[a-z|]*\]", text)
    hello.write(
        "sweeps/lr.yaml", "name: lr\nfunction: hello.main\nargs: {name: x}\nsweep: {grid: {args.name: [a, b]}}\n"
    )
    examples = re.findall(r"^ +(recipec .+)$", text.partition("Examples:")[2], re.MULTILINE)
    assert len(examples) >= 2
    env = {**os.environ, "PATH": f"{RECIPEC.parent}{os.pathsep}{os.environ['PATH']}"}
    prepare = "recipec submit recipes/hello.yaml --wait && recipec compile recipes --out bundles"
    prepare += " && git init --quiet . && git add . && git -c user.name=a -c user.email=a@b.c commit --quiet -m first"
    subprocess.run(["/bin/bash", "-c", prepare], cwd=hello.root, env=env, check=True, capture_output=True)
    for example in examples:
        done = subprocess.run(
            ["/bin/bash", "-c", example], cwd=hello.root, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{example}: {done.stderr}"


def test_init_twice_keeps_what_is_there(hello: Project) -> None:
    hello.write("hello.py", "changed")
    said = hello.run("init", "--format", "json")
    assert said.json["written"] == []
    assert (hello.root / "hello.py").read_text() == "changed"


def test_a_first_recipe_runs_and_shows_its_log(hello: Project) -> None:
    said = hello.run("submit", "recipes/hello.yaml", "--wait")
    assert said.code == 0
    assert re.fullmatch(r"hello\.1  submitted hello-[0-9a-f]{12} to local\nhello\.1  COMPLETED 0:0\n", said.out)
    assert hello.run("logs", "hello").out == "hello, world\nhello, world\n"
    rows = hello.run("status", "--format", "json").json["jobs"]
    assert [(row["job_id"], row["state"], row["exit_code"]) for row in rows] == [("hello.1", "COMPLETED", "0:0")]


def test_the_same_bundle_twice_is_one_job(hello: Project) -> None:
    first = hello.run("submit", "recipes/hello.yaml", "--wait")
    again = hello.run("submit", "recipes/hello.yaml")
    assert (first.code, again.code) == (0, 0)
    assert re.fullmatch(r"hello\.1  already submitted hello-[0-9a-f]{12} to local\n", again.out)
    rerun = hello.run("submit", "recipes/hello.yaml", "--rerun", "--wait", "--format", "json")
    assert [(row["job_id"], row["attempt"]) for row in rerun.json["jobs"]] == [("hello.2", 2)]


def test_a_failing_job_keeps_its_exit_code_and_its_traceback(hello: Project) -> None:
    hello.write("hello.py", "import sys\ndef main(name, repeat=1):\n    sys.exit(7)\n")
    said = hello.run("submit", "recipes/hello.yaml", "--wait")
    assert said.code == 1
    assert "hello.1  FAILED 7:0" in said.out
    hello.write("hello.py", "def main(name, repeat=1):\n    raise RuntimeError(name)\n")
    assert hello.run("submit", "recipes/hello.yaml", "--wait", "--rerun").code == 1
    log = hello.run("logs", "hello").out
    assert "RuntimeError: world" in log
    assert "runtime.py" not in log


def test_cancel_ends_a_running_job_and_its_children(hello: Project) -> None:
    hello.write(
        "hello.py", "import time\ndef main(name, repeat=1):\n    print('up', flush=True)\n    time.sleep(600)\n"
    )
    assert hello.run("submit", "recipes/hello.yaml").code == 0
    subprocess.run(
        ["/bin/bash", "-c", f"until grep -q up {hello.root}/state/runs/hello/1.log; do sleep 0.1; done"],
        check=True,
        timeout=30,
    )
    assert hello.run("status", "--format", "json").json["jobs"][0]["state"] == "RUNNING"
    assert hello.run("cancel", "hello").out == "hello.1  cancelled\n"
    said = hello.run("status", "--format", "json").json["jobs"][0]
    assert said["state"] != "RUNNING"
    left = subprocess.run(["pgrep", "-f", f"{hello.root}/.*call.json"], capture_output=True, text=True, check=False)
    assert left.stdout == ""
    assert hello.run("cancel", "hello").out.startswith("hello.1  is over: ")


def test_follow_prints_until_the_job_is_over(hello: Project) -> None:
    body = "import time\ndef main(name, repeat=1):\n    for n in range(4):\n        print(n, flush=True)\n        time.sleep(0.2)\n"
    hello.write("hello.py", body)
    assert hello.run("submit", "recipes/hello.yaml").code == 0
    assert hello.run("logs", "hello", "--follow").out == "0\n1\n2\n3\n"


def test_every_finding_of_every_recipe_is_in_one_run(hello: Project) -> None:
    hello.write("recipes/a.yaml", "name: A\nfunction: os.system\nresources: {nodes: true}\n")
    hello.write("recipes/b.yaml", "name: b\nfunctoin: hello.main\n")
    said = hello.run("validate", "recipes", "--format", "json")
    assert said.code == 1
    found = [(item["file"], item["code"]) for item in said.json["diagnostics"]]
    assert set(found) == {("recipes/a.yaml", "RCP701"), ("recipes/a.yaml", "RCP202"), ("recipes/b.yaml", "RCP201")}


def test_a_wrong_recipe_does_not_stop_the_others(hello: Project) -> None:
    hello.write("recipes/a.yaml", "name: a\n")
    said = hello.run("compile", "recipes", "--out", "bundles")
    assert said.code == 1
    assert said.out.startswith("bundles/hello-")
    assert "the recipe does not say what to run" in said.err


def test_submit_of_several_recipes_submits_none_if_one_is_wrong(hello: Project) -> None:
    hello.write("recipes/a.yaml", "name: a\n")
    said = hello.run("submit", "recipes/a.yaml", "recipes/hello.yaml")
    assert said.code == 1
    assert said.out == ""
    assert hello.run("status").out == "no jobs are recorded; `recipec submit` makes one\n"


def test_two_recipes_of_one_name_are_refused(hello: Project) -> None:
    hello.write("recipes/copy.yaml", (hello.root / "recipes/hello.yaml").read_text())
    said = hello.run("validate", "recipes", "--format", "json")
    assert (said.code, said.codes) == (1, ["RCP705"])
    assert (
        said.json["diagnostics"][0]["summary"] == "recipes/copy.yaml and recipes/hello.yaml have the same name `hello`"
    )


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        pytest.param(
            ("validate", "nowhere.yaml"),
            1,
            "error[RCP001]: cannot read nowhere.yaml: no such file or directory",
            id="no-such-file",
        ),
        pytest.param(("validate", "empty"), 1, "error[RCP002]: no recipe is named by empty", id="empty-folder"),
        pytest.param(("validate", "/dev/zero"), 1, "error[RCP108]: /dev/zero is not a regular file", id="device"),
        pytest.param(
            ("validate", "recipes", "--cluster", "exampel"),
            1,
            "did you mean `example`? clusters of this project: example, local",
            id="cluster-typo",
        ),
        pytest.param(("validate",), 2, "Missing argument 'PATH...'", id="no-argument"),
        pytest.param(("validate", "recipes", "--fromat", "json"), 2, "Did you mean", id="unknown-option"),
        pytest.param(("vaildate",), 2, "No such command 'vaildate'", id="unknown-command"),
        pytest.param(("submit", "empty"), 5, "error[RCP824]", id="not-a-bundle"),
        pytest.param(("status", "4711"), 1, "error[RCP905]: no submission is recorded for `4711`", id="unknown-job"),
        pytest.param(("explain", "RCP20"), 1, "there is no code `RCP20`; did you mean", id="unknown-code"),
        pytest.param(
            ("validate", "s3://bucket/r.yaml"),
            1,
            "the scheme `s3` is not in `schemes` of the cluster profile",
            id="scheme",
        ),
        pytest.param(
            ("validate", "file://host/etc/passwd"),
            1,
            "`file:` takes an absolute path and no host",
            id="file-url-with-host",
        ),
        pytest.param(
            ("validate", "https://u:p@host/r.yaml"),
            1,
            "the URL https://***@host/r.yaml is not allowed: it carries a name",
            id="credentials-are-masked",
        ),
    ],
)
def test_wrong_use_says_what_to_do(hello: Project, args: tuple[str, ...], code: int, text: str) -> None:
    (hello.root / "empty").mkdir()
    said = hello.run(*args)
    assert said.code == code, said
    assert text in said.out + said.err


def test_stdin_is_a_recipe(hello: Project) -> None:
    text = (hello.root / "recipes/hello.yaml").read_text()
    assert hello.run("validate", "-", stdin=text).out == "1 recipe is valid for cluster local\n"
    said = hello.run("validate", "-", "--format", "json", stdin="name: x\n")
    assert [item["file"] for item in said.json["diagnostics"]] == ["<stdin>"]


def test_file_urls_are_paths(hello: Project) -> None:
    url = (hello.root / "recipes/hello.yaml").as_uri()
    assert hello.run("validate", url).code == 0


def test_bundles_go_to_a_scheme_the_profile_allows(hello: Project) -> None:
    """`memory:` lives in one process, so the command runs inside this test's."""
    hello.write("clusters/mem.yaml", "name: mem\ntarget: local\nfunctions: ['*']\nschemes: [memory]\n")
    program = (
        "import fsspec, sys\n"
        "from recipe_compiler.cli.main import main\n"
        "from recipe_compiler.host import urls\n"
        "from recipe_compiler.bundle import open_bundle\n"
        "fs = fsspec.filesystem('memory')\n"
        "fs.pipe_file('/recipes/r.yaml', open('recipes/hello.yaml', 'rb').read())\n"
        "try:\n    main(['compile', 'memory://recipes/r.yaml', '--out', 'memory://out', '--cluster', 'mem'])\n"
        "except SystemExit as stop:\n    assert stop.code == 0\n"
        "folder = fs.ls('/out', detail=False)[0]\n"
        "members, found = urls.read_bundle('memory:/' + folder)\n"
        "print(open_bundle(folder.rpartition('/')[2], members)[1])\n"
        "main(['submit', 'memory:/' + folder, '--cluster', 'mem', '--wait'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=hello.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1] == "()"
    assert lines[-1] == "hello.1  COMPLETED 0:0"


def test_a_closed_pipe_is_no_traceback(hello: Project) -> None:
    for number in range(400):
        hello.write(f"recipes/r{number}.yaml", "name: A\nfunction: a\n")
    command = f"set -o pipefail; {sys.executable} -m recipe_compiler validate recipes | head -1"
    done = subprocess.run(["/bin/bash", "-c", command], cwd=hello.root, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode in {1, 141}


def test_no_home_and_no_state(hello: Project) -> None:
    env = {
        name: value for name, value in os.environ.items() if name not in {"HOME", "RECIPEC_STATE_DIR", "XDG_STATE_HOME"}
    }
    argv = [sys.executable, "-m", "recipe_compiler"]
    done = subprocess.run(
        [*argv, "compile", "recipes", "--out", "b"],
        cwd=hello.root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    done = subprocess.run(
        [*argv, "submit", f"b/{done.stdout.strip()[2:]}"],
        cwd=hello.root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 73
    assert "error[RCP912]" in done.stderr


def test_a_damaged_record_is_said_and_the_others_are_shown(hello: Project) -> None:
    assert hello.run("submit", "recipes/hello.yaml", "--wait").code == 0
    assert hello.run("submit", "recipes/hello.yaml", "--wait", "--rerun").code == 0
    record = next((hello.root / "state").glob("hello-*/submitted.1.json"))
    record.write_text(record.read_text()[:40])
    said = hello.run("status")
    assert said.code == 1
    assert "hello.2" in said.out
    assert "error[RCP914]: the record" in said.err


def test_progress_is_on_a_terminal_only(hello: Project) -> None:
    for number in range(1500):
        hello.write(f"recipes/r{number}.yaml", f"name: r{number}\nfunction: hello.main\nargs: {{name: x}}\n")
    argv = [sys.executable, "-m", "recipe_compiler", "validate", "recipes"]
    piped = subprocess.run(argv, cwd=hello.root, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "RECIPEC_PROGRESS_AFTER_S": "0"}
    process = subprocess.Popen(argv, cwd=hello.root, stdout=subprocess.DEVNULL, stderr=follower, env=env)
    os.close(follower)
    seen = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:
            break
        seen += chunk
    assert process.wait() == 0
    assert b"recipes, now recipes/r" in seen
    assert seen.endswith(b"\r\x1b[K")


def test_json_is_the_only_thing_on_stdout(hello: Project) -> None:
    for args in (
        ("validate", "recipes"),
        ("compile", "recipes", "--out", "b"),
        ("submit", "recipes", "--wait"),
        ("status",),
        ("logs", "hello"),
        ("cancel", "hello"),
        ("explain", "RCP201"),
        ("schema",),
        ("graph", "recipes/hello.yaml"),
        ("report", "recipes/hello.yaml", "--out", "hello.html"),
        ("diff", "recipes/hello.yaml", "recipes/hello.yaml"),
    ):
        said = hello.run(*args, "--format", "json")
        assert said.code == 0, said
        json.loads(said.out)
        assert said.err == ""


def test_the_schema_takes_the_example_and_refuses_a_typo(hello: Project) -> None:
    schema = hello.run("schema").json
    assert schema["then"]["required"] == ["name"]
    assert {"required": ["function"]} in schema["then"]["oneOf"]
    assert schema["additionalProperties"] is False
