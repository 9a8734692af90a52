"""The action, the workflows and the hooks: judged by the tools of their hosts, and run as the hosts run them.

The steps of the composite actions run as bash, exactly as they are written, against made-up events; what
they print is read by the grammar of the runner's commands. `gh` is a stand-in that answers from a folder.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests import judges
from tests.project import REPO, Project
from tests.runner import commands
from tests.test_reports import EVIL

ACTIONS = [REPO / "action.yml", REPO / "comment/action.yml"]
WORKFLOWS = sorted((REPO / "docs/ci").glob("github-*.yml"))
GITLAB = REPO / "docs/ci/gitlab-ci.yml"
HOOKS = REPO / ".pre-commit-hooks.yaml"
SHA = "c0ffee" * 6 + "beef"


def steps(path: Path) -> list[dict[str, Any]]:
    """The steps of an action or of every job of a workflow."""
    data = judges.yaml_of(path)
    if "runs" in data:
        found: list[dict[str, Any]] = data["runs"]["steps"]
        return found
    return [step for job in data["jobs"].values() for step in job["steps"]]


# ---------------------------------------------------------------- judged


def test_zizmor_finds_nothing() -> None:
    argv = ["--offline", "--persona", "auditor", "--no-progress", "--quiet"]
    done = judges.run(judges.beside("zizmor"), *argv, *map(str, [*ACTIONS, *WORKFLOWS]))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        pytest.param("vendor.github-actions", ACTIONS, id="actions"),
        pytest.param("vendor.github-workflows", WORKFLOWS, id="workflows"),
        pytest.param("vendor.gitlab-ci", [GITLAB], id="gitlab"),
    ],
)
def test_files_are_as_their_hosts_schemas_say(schema: str, files: list[Path]) -> None:
    done = judges.run(judges.beside("check-jsonschema"), "--builtin-schema", schema, *map(str, files))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shellcheck_finds_nothing_in_a_run_block(path: Path, tmp_path: Path) -> None:
    for index, step in enumerate(one for one in steps(path) if "run" in one):
        script = tmp_path / f"{index}.sh"
        script.write_text("#!/usr/bin/env bash\nset -eo pipefail\n" + step["run"], encoding="utf-8")
        done = judges.run(judges.beside("shellcheck"), "--severity=style", str(script))
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_no_expression_stands_in_a_run_block(path: Path) -> None:
    """C008: what an event says reaches the shell as a variable."""
    assert [step["name"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_safe_for_forks(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    data = judges.yaml_of(path)
    assert "pull_request_target" not in text
    assert data["permissions"] == {}
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    if "workflow_run:" in text:
        assert not any("checkout" in step.get("uses", "") for step in steps(path))
    else:
        writes = {
            name for job in data["jobs"].values() for name, level in job["permissions"].items() if level == "write"
        }
        assert writes <= ({"security-events"} if "pull_request" not in text else set())


def test_the_lock_has_every_dependency() -> None:
    lock = (REPO / "ci/requirements.txt").read_text(encoding="utf-8")
    locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    project = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[(.*?)\]", project, re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert {name.lower() for name in re.findall(r'"([\w.-]+)', listed.group(1))} <= locked
    assert len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE)) <= lock.count("--hash=sha256:")


# ---------------------------------------------------------------- the action, step by step


class Runner:
    """A runner's files and variables, and one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temp = root / "temp"
        self.workspace = root / "workspace"
        self.temp.mkdir()
        self.workspace.mkdir()
        self.files = {
            name: root / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GITHUB_ENV")
        }
        for path in self.files.values():
            path.touch()

    def step(self, action: Path, name: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """One step of an action as the runner starts it: `bash --noprofile --norc -eo pipefail FILE`."""
        (step,) = [one for one in steps(action) if one["name"].startswith(name)]
        assert set(env) >= step["env"].keys() - {"GH_TOKEN"}
        script = self.root / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        bin_ = Path(sys.executable).parent
        return subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=cwd or self.workspace,
            env={
                **os.environ,
                "PATH": f"{self.root / 'bin'}:{bin_}:{os.environ['PATH']}",
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_REPOSITORY": "team/recipes",
                **{key: str(path) for key, path in self.files.items()},
                **env,
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        """The step's outputs."""
        return dict(line.split("=", 1) for line in self.files["GITHUB_OUTPUT"].read_text().splitlines())


PROFILE = "name: gpu\ntarget: local\nfunctions: [app.*]\n"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    made = Runner(tmp_path)
    request, base = Project(made.workspace / "request"), Project(made.workspace / "base")
    for project in (request, base):
        (project.root / ".git").mkdir(parents=True)
        project.write("recipec.yaml", "default_cluster: local\n")
        project.write("clusters/gpu.yaml", PROFILE)
        project.write("recipes/a.yaml", "name: a\nfunction: app.main\n")
    return made


def validate(runner: Runner, **env: str) -> subprocess.CompletedProcess[str]:
    values = {"CLUSTER": "gpu", "RECIPES": "recipes", "SINCE": "", "TRUSTED": "base", **env}
    return runner.step(ACTIONS[0], "Validate", runner.workspace / "request", **values)


def test_a_valid_request(runner: Runner) -> None:
    done = validate(runner)
    assert (done.returncode, [item.name for item in commands(done.stdout)]) == (0, ["stop-commands"])
    assert runner.outputs()["exit-code"] == "0"
    assert runner.files["GITHUB_STEP_SUMMARY"].read_text() == "### recipec: no findings in 1 recipe for cluster `gpu`\n"
    assert "1 recipe is valid for cluster gpu" in done.stdout


def test_only_what_a_request_changes(runner: Runner) -> None:
    """C012: a recipe that was wrong before is not this request's; one whose base changed is."""
    request = Project(runner.workspace / "request")
    request.write("recipes/old.yaml", "name: old\nfunction: other.main\n")
    request.write("bases/b.yaml", "description: b\n")
    request.write("recipes/child.yaml", "name: child\nfunction: app.main\nextends: ../bases/b.yaml\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "base"]):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *words], cwd=request.root, check=True)
    assert validate(runner).returncode == 4
    done = validate(runner, SINCE="main")
    assert (done.returncode, "affected since main: 0 of 3 recipes" in done.stderr) == (0, True)
    request.write("bases/b.yaml", "description: [b]\n")
    done = validate(runner, SINCE="main")
    assert (done.returncode, done.stdout.count("::error ")) == (1, 1)
    assert "(1 through bases/b.yaml)" in done.stderr
    assert validate(runner, SINCE="--help").returncode == 1


def test_a_hostile_request_gives_annotations_and_nothing_else(runner: Runner) -> None:
    """C001, C002, C004, C005: no text of a recipe is a command, an output or a variable."""
    request = Project(runner.workspace / "request")
    evil = "::set-env name=LD_PRELOAD::/tmp/e.so ##[add-mask]a"
    request.write(
        "recipes/b.yaml", f"name: {json.dumps(EVIL)}\nfunction: app.main\n{json.dumps(evil)}: 1\n# ::error::x\n"
    )
    request.write("recipes/c.yaml", "name: c\nfunction: app.main\nnodess: 1 ##[error]owned\n")
    done = validate(runner)
    assert done.returncode == 1
    obeyed = commands(done.stdout)
    assert {item.name for item in obeyed} == {"error", "stop-commands"}
    errors = [item for item in obeyed if item.name == "error"]
    assert {item.properties["file"] for item in errors} == {"recipes/b.yaml", "recipes/c.yaml"}
    assert all(re.match(r"RCP\d{3} [a-z0-9-]+$", item.properties["title"]) for item in errors)
    assert sorted(runner.outputs()) == ["exit-code", "findings", "sarif"]
    assert runner.files["GITHUB_ENV"].read_text() == runner.files["GITHUB_PATH"].read_text() == ""


def test_profile_and_catalogs_are_the_bases(runner: Runner) -> None:
    """A request that loosens the profile, or the default cluster, is checked by what it found."""
    request = Project(runner.workspace / "request")
    request.write("clusters/gpu.yaml", PROFILE.replace("app.*", "other.*"))
    request.write("recipes/a.yaml", "name: a\nfunction: other.main\n")
    done = validate(runner)
    assert done.returncode == 4
    assert "RCP710 function-not-allowed" in done.stdout
    assert validate(runner, TRUSTED="").returncode == 0


def test_several_paths_one_a_line_and_names_with_shell_in_them(runner: Runner) -> None:
    """C008."""
    request = Project(runner.workspace / "request")
    name = 'x";touch PWNED;#$(touch PWNED).yaml'
    request.write(f"more/{name}", "name: m\nfunction: app.main\n")
    done = validate(runner, RECIPES=f"recipes\n\nmore/{name}\n")
    assert "2 recipes are valid" in done.stdout
    assert list(runner.root.rglob("PWNED")) == []


def test_wrong_usage_is_said_and_nothing_is_made_up(runner: Runner) -> None:
    done = validate(runner, CLUSTER="nope")
    assert done.returncode == 1
    assert "RCP003" in done.stdout
    assert runner.outputs()["exit-code"] == "1"


def test_the_action_installs_what_it_says(runner: Runner, tmp_path: Path) -> None:
    """From hashes alone, with a trap in the workspace for `python -m pip`."""
    (runner.workspace / "pip.py").write_text("raise SystemExit('the checkout was imported')\n")
    source = tmp_path / "action"
    kept = ["recipe_compiler", "templates", "ci", "pyproject.toml", "README.md"]
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *kept], cwd=REPO, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((REPO / name).read_bytes())
    done = runner.step(ACTIONS[0], "Install", ACTION_PATH=str(source))
    if done.returncode != 0 and "No matching distribution" in done.stderr:
        judges.missing(f"the lock cannot be installed: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    said = judges.run(str(runner.temp / "recipec/bin/recipec"), "--version", cwd=tmp_path)
    assert said.stdout.startswith("recipec, version ")


# ---------------------------------------------------------------- the comment

GH = """#!/usr/bin/env bash
# A stand-in for gh: answers `gh api` from files, filtered by the real jq, and keeps what it is asked.
printf '%s\\n' "$*" >> "$GH_HOME/asked"
jq= method=GET path=
shift
while (($#)); do
  case $1 in
    --jq) jq=$2; shift ;;
    --method) method=$2; shift ;;
    -f) shift ;;
    -F) cp -- "${2#body=@}" "$GH_HOME/body"; shift ;;
    --*) ;;
    *) path=$1 ;;
  esac
  shift
done
[[ $method == GET ]] || exit 0
answer="$GH_HOME/${path//\\//_}"
if [[ -n $jq ]]; then jq -r "$jq" "$answer"; else cat -- "$answer"; fi
"""


class Host:
    """What the stand-in for `gh` answers."""

    def __init__(self, runner: Runner) -> None:
        self.home = runner.root / "gh"
        self.home.mkdir()
        program = runner.root / "bin/gh"
        program.parent.mkdir()
        program.write_text(GH)
        program.chmod(0o755)
        self.runner = runner
        self.answer("pulls", [{"number": 6, "head": {"sha": "0" * 40}}, {"number": 7, "head": {"sha": SHA}}])
        self.answer("issues/7/comments", [])

    def answer(self, path: str, data: Any) -> None:
        name = f"repos/team/recipes/{path}".replace("/", "_")
        (self.home / name).write_text(json.dumps(data))

    def artifact(self, document: bytes, size: int | None = None, **more: bytes) -> None:
        path = self.home / "repos_team_recipes_actions_artifacts_5_zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in {"findings.json": document, **more}.items():
                archive.writestr(name, data)
        row = {"id": 5, "name": "recipec-findings", "size_in_bytes": size or path.stat().st_size}
        self.answer("actions/runs/9/artifacts", {"artifacts": [row]})

    def comment(self, head: str = "stranger:patch-1") -> subprocess.CompletedProcess[str]:
        if judges.shutil.which("jq") is None:
            judges.missing("jq is not installed")
        env = {"GH_HOME": str(self.home), "ARTIFACT": "recipec-findings", "RUN_ID": "9", "HEAD_SHA": SHA, "HEAD": head}
        return self.runner.step(ACTIONS[1], "Comment", **env)

    @property
    def body(self) -> str:
        path = self.home / "body"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def asked(self) -> list[str]:
        return (self.home / "asked").read_text().splitlines()


@pytest.fixture
def host(runner: Runner) -> Host:
    return Host(runner)


def findings(runner: Runner) -> bytes:
    Project(runner.workspace / "request").write(
        "recipes/b.yaml", f"name: b\nfunction: app.main\n{json.dumps(EVIL)}: 1\n"
    )
    validate(runner)
    return (runner.temp / "recipec-report/findings.json").read_bytes()


def test_a_comment_is_written_on_the_request_that_the_event_names(runner: Runner, host: Host) -> None:
    host.artifact(findings(runner))
    done = host.comment(head='x";touch PWNED;#:b')
    assert done.returncode == 0, done.stderr
    assert host.body.startswith("<!-- recipec -->\n### recipec: 1 error in 2 recipes for cluster `gpu`\n")
    assert host.asked[-1].startswith("api --silent --method POST repos/team/recipes/issues/7/comments")
    assert list(runner.root.rglob("PWNED")) == []


def test_the_comment_of_an_earlier_run_is_replaced(runner: Runner, host: Host) -> None:
    host.artifact(findings(runner))
    rows = [
        {"id": 1, "user": {"type": "User"}, "body": "<!-- recipec -->"},
        {"id": 2, "user": {"type": "Bot"}, "body": "other"},
        {"id": 3, "user": {"type": "Bot"}, "body": "<!-- recipec -->\nold"},
    ]
    host.answer("issues/7/comments", rows)
    assert host.comment().returncode == 0
    assert host.asked[-1].startswith("api --silent --method PATCH repos/team/recipes/issues/comments/3")


def test_nothing_is_said_where_there_is_nothing_to_say(runner: Runner, host: Host) -> None:
    validate(runner)
    host.artifact((runner.temp / "recipec-report/findings.json").read_bytes())
    assert host.comment().returncode == 0
    assert host.body == ""


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"not json", id="no-json"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"format_version": "1.1", "diagnostics": [{"code": "<img>"}]}', id="no-code"),
        pytest.param(b'{"format_version": "1.1", "diagnostics": "x"}', id="no-list"),
        pytest.param(b'{"format_version": "2.0", "diagnostics": []}', id="version"),
        pytest.param(b" " * (5 << 20), id="five-mebibytes-in-five-kilobytes"),
    ],
)
def test_a_hostile_artefact_writes_no_comment(runner: Runner, host: Host, document: bytes) -> None:
    """C009."""
    host.artifact(document, **{"../../escape": b"x", "pr-number": b"1"})
    done = host.comment()
    assert done.returncode != 0
    assert "RCP001" in done.stderr
    assert "Traceback" not in done.stderr
    assert host.body == ""
    assert list(runner.root.rglob("escape")) == []


def test_a_huge_artefact_is_not_fetched(host: Host) -> None:
    host.artifact(b"{}", size=1 << 30)
    assert host.comment().returncode == 0
    assert not any("zip" in line for line in host.asked)


def test_a_request_that_has_moved_on_gets_no_comment(runner: Runner, host: Host) -> None:
    host.artifact(findings(runner))
    host.answer("pulls", [{"number": 6, "head": {"sha": "0" * 40}}])
    assert host.comment().returncode == 0
    assert host.body == ""


def test_text_of_an_artefact_is_escaped_and_cut(runner: Runner, host: Host) -> None:
    document = json.loads(findings(runner))
    first = document["diagnostics"][0]
    document["diagnostics"] = [{**first, "summary": "`|<img src=x> @octocat\n\n# x", "file": "@a"}] * 3000
    host.artifact(json.dumps(document).encode())
    assert host.comment().returncode == 0
    assert len(host.body) <= 60_100
    assert re.search(r"^\| \d+ more findings \|", host.body, re.MULTILINE)
    assert "``" in host.body
    outside = re.sub(r"(`+) ?.*?\1", "", host.body)
    assert "<img" not in outside
    assert "@" not in outside


# ---------------------------------------------------------------- pre-commit


def test_the_hooks_manifest_and_the_example_are_valid() -> None:
    program = judges.beside("pre-commit")
    assert judges.run(program, "validate-manifest", str(HOOKS)).returncode == 0
    assert judges.run(program, "validate-config", str(REPO / "docs/ci/pre-commit-config.yaml")).returncode == 0


@pytest.mark.xdist_group("judges")
def test_real_pre_commit_fixes_and_validates_what_is_staged(tmp_path: Path) -> None:
    """From a clone of what git has here, in an environment that pre-commit makes."""
    program = judges.beside("pre-commit")
    env = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]

    def run(*argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return judges.run(*argv, cwd=cwd, env=env)

    source = tmp_path / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPO, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if name.startswith(("recipe_compiler/", "templates/", ".pre-commit-hooks", "pyproject", "README")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((REPO / name).read_bytes())
    for argv in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        assert run(*git, *argv, cwd=source).returncode == 0
    rev = run("git", "rev-parse", "HEAD", cwd=source).stdout.strip()

    project = Project(tmp_path / "project")
    project.write("recipec.yaml", "recipec: 1\n")
    project.write("recipes/a.yaml", "name: a\nfunction: app.main\nargs: {lr: 1e-4}\n")
    project.write("other/b.yaml", "lr: 1e-4\n")
    hooks = [{"id": "recipec-fix"}, {"id": "recipec-validate"}]
    project.write(".pre-commit-config.yaml", json.dumps({"repos": [{"repo": str(source), "rev": rev, "hooks": hooks}]}))
    for argv in (["init", "-q"], ["add", "."]):
        assert run(*git, *argv, cwd=project.root).returncode == 0
    first = run(program, "run", "--color", "never", cwd=project.root)
    if "InstallationError" in first.stdout or ("pip" in first.stdout and "error" in first.stdout.lower()):
        judges.missing(f"pre-commit cannot install the hooks: {first.stdout[-300:]}")
    assert first.returncode == 1, first.stdout + first.stderr
    assert "files were modified by this hook" in first.stdout
    assert (project.root / "recipes/a.yaml").read_text() == "name: a\nfunction: app.main\nargs: {lr: 1.0e-4}\n"
    assert (project.root / "other/b.yaml").read_text() == "lr: 1e-4\n"
    run(*git, "add", ".", cwd=project.root)
    again = run(program, "run", "--color", "never", cwd=project.root)
    assert again.returncode == 0, again.stdout
    assert again.stdout.count("Passed") == 2
