"""Tab: what bash, zsh and fish themselves offer, in a terminal, and the routes that are read for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recipe_compiler.cli.routes import RESOURCES, of_text
from recipe_compiler.schema.recipe import Resources
from recipe_compiler.syntax import Node, parse_bytes
from tests.judges import missing
from tests.project import REPO, Project
from tests.rig import InstallError, packages, settings
from tests.rig.shell import lock
from tests.terminal import Terminal, terminal

HOW = {
    "bash": (["bash", "--norc", "-i"], 'eval "$(recipec completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit && compinit -u -d none && eval "$(recipec completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "recipec completion fish | source"),
}
BASE = "args:\n  optim:\n    lr: 3e-4\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "clusters: sites\n")
    made.write("sites/alpha.yaml", "name: alpha\n")
    made.write("sites/omega.yaml", "name: omega\n")
    made.write("bases/base.yaml", BASE)
    made.write("recipes/train.yaml", "name: train\nextends: ../bases/base.yaml\nargs: {width: 1}\n")
    made.write("recipes/notes.txt", "no recipe\n")
    return made


def shell(name: str) -> str:
    """A shell of this machine; zsh and fish are installed where that can be done."""
    found = shutil.which(name)
    if found is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            missing(f"there is no `{name}`, and only root on Debian can install it")
        handle = lock(settings.INSTALL_LOCK_FILE, timeout_s=1800)
        try:
            packages.install((name,))
        except InstallError as error:
            missing(str(error))
        finally:
            os.close(handle)
        found = shutil.which(name)
    return found or missing(f"the package `{name}` brought no `{name}`")


def tab(name: str, project: Project, line: str, wanted: str) -> str:
    """The screen after the line and Tab, once it shows `wanted`."""
    argv, install = HOW[name]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {"PATH": path, "TERM": "xterm", "HOME": str(project.root), "LC_ALL": "C.UTF-8", "PS1": "$ "}
    with terminal([shell(name), *argv[1:]], project.root, env) as screen:
        ready(screen, install)
        screen.type(f"{line}\t")
        if name != "fish":  # bash and zsh complete what all have in common, then list
            screen.type("\t")
        return screen.wait(wanted)


def ready(screen: Terminal, install: str) -> None:
    """Type the line that the help names; what follows is asked of a shell that has done it."""
    screen.type(f"{install}; echo re''ady\r")
    screen.wait("\nready")


@pytest.mark.parametrize("name", HOW)
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        pytest.param("recipec val", "recipec validate", id="a-command"),
        pytest.param("recipec validate rec", "recipec validate recipes/", id="a-folder"),
        pytest.param(
            "recipec validate recipes/", "recipec validate recipes/train.yaml", id="a-recipe-and-no-other-file"
        ),
        pytest.param("recipec compile --cluster om", "--cluster omega", id="a-cluster-of-the-projects-folder"),
        pytest.param("recipec validate recipes/train.yaml --set args.o", "--set args.optim", id="a-route-of-a-base"),
        pytest.param("recipec params recipes/train.yaml --filter args.w", "--filter args.width", id="a-route-to-list"),
        pytest.param("recipec explain --value args.w", "--value args.width", id="a-route-is-of-a-recipe-that-is-named"),
        pytest.param("recipec explain RCP21", "RCP211", id="a-code"),
    ],
)
def test_a_shell_completes(project: Project, name: str, line: str, wanted: str) -> None:
    if wanted == "--value args.width":
        line = line.replace("explain ", "explain recipes/train.yaml ")
    tab(name, project, line, wanted)


@pytest.mark.parametrize("name", HOW)
def test_an_override_goes_on_with_its_value(project: Project, name: str) -> None:
    tab(name, project, "recipec validate recipes/train.yaml --set args.wid\t5", "--set args.width=5")


def answer(project: Project, words: str) -> list[str]:
    """What `recipec` answers a shell."""
    env = {"_RECIPEC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    said = subprocess.run(
        [str(Path(sys.executable).with_name("recipec"))],
        cwd=project.root,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == ""
    return [line for line in said.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        pytest.param("recipec compile --cluster ", ["plain,alpha", "plain,local", "plain,omega"], id="clusters"),
        pytest.param("recipec validate recipes/", ["path,recipes/train.yaml"], id="recipes"),
        pytest.param(
            "recipec validate recipes/train.yaml --set args.",
            ["plain,args.width=", "plain,args.optim=", "plain,args.optim.lr="],
            id="the-recipe-first-then-its-bases",
        ),
        pytest.param(
            "recipec validate recipes/train.yaml --set ~args.w", ["plain,~args.width"], id="a-deletion-has-no-value"
        ),
        pytest.param(
            "recipec validate recipes/train.yaml --set resources.q", ["plain,resources.qos="], id="resources-not-said"
        ),
        pytest.param("recipec validate recipes/none.yaml --set args.", [], id="a-recipe-that-is-not-there"),
        pytest.param("recipec validate --set args.", [], id="no-recipe"),
        pytest.param("recipec explain unknown-ke", ["plain,unknown-key"], id="the-name-of-a-code"),
        pytest.param("recipec completion ", ["plain,bash", "plain,zsh", "plain,fish"], id="shells"),
    ],
)
def test_an_answer(project: Project, words: str, offered: list[str]) -> None:
    assert answer(project, words) == offered


def test_a_recipe_after_the_cursor_counts(project: Project) -> None:
    env = {
        "_RECIPEC_COMPLETE": "bash_complete",
        "COMP_WORDS": "recipec explain --value args.w recipes/train.yaml",
        "COMP_CWORD": "3",
    }
    assert project.run("--help").code == 0
    said = subprocess.run(
        [str(Path(sys.executable).with_name("recipec"))],
        cwd=project.root, env={**os.environ, **env}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "plain,args.width\n"


def of_node(node: Node, route: str = "") -> list[str]:
    """The routes as the real parser sees them."""
    found: list[str] = []
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            here = f"{route}.{key}" if route else key
            found += [here, *of_node(child, here)]
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            found += of_node(child, f"{route}[{index}]")
    return found


@pytest.mark.parametrize(
    "text",
    [
        *[
            pytest.param(path.read_text(encoding="utf-8"), id=path.name)
            for path in sorted([*(REPO / "recipes").glob("*.yaml"), *(REPO / "clusters").glob("*.yaml")])
        ],
        pytest.param("a:\n- b: 1\n  c:\n  - d: 2\n- e: 3\nf: 1\n", id="lists-as-far-left-as-their-key"),
        pytest.param("a:\n  - - b: 1\n    - c: 1\n  - d: 1\n", id="lists-in-lists"),
        pytest.param("a: {b: {c: 1}, d: [1, {e: 2}],\n  f: 3}\ng: 1\n", id="brackets"),
        pytest.param("a: |\n  b: 1\n\n  c: 2\nd: 1\n", id="a-text-block-has-no-keys"),
        pytest.param("# a: 1\nb: 1 # c: 2\n\"d e\": 1\n'f': 2\n", id="comments-and-quotes"),
        pytest.param("a: 'x: {y'\nb: \"c: d\"\nurl: http://x/y\n", id="values-that-look-like-keys"),
    ],
)
def test_routes_are_those_of_the_parser(text: str) -> None:
    node, wrong = parse_bytes("r.yaml", text.encode())
    assert node is not None, wrong
    assert list(of_text(text)) == of_node(node)


@pytest.mark.parametrize(
    "text", ["{", "a: [", "a: {{{{", "- - - -", "\t: :", "a: }", "a:\n - b\n  c: {d", "\0", "]" * 99]
)
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(list(of_text(text)), list)


def test_resources_are_those_of_the_schema() -> None:
    assert set(RESOURCES) == set(Resources.model_fields)
