"""`validate --changed-since`: what a change affects, in real git repositories; never less than what fails."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recipe_compiler.cli.selection import _text, select
from recipe_compiler.cli.session import compile_all, open_workspace
from recipe_compiler.driver import collisions
from tests.project import Project

FILES = {
    "recipec.yaml": "recipec: 1\ndefault_cluster: c\n",
    "clusters/c.yaml": "name: c\ntarget: slurm\nruns_dir: /shared/runs\nfunctions: [acme.*]\ncatalogs: [acme]\nraw_jobs: true\n",
    "catalogs/acme.json": '{\n "catalog": 1,\n "entries": {\n"acme":{"kind":"module","at":"acme.py"},\n"acme.f":{"kind":"function","at":"acme.py:1","params":[{"name":"a","type":"int","default":"1"}]}\n}}\n',
    "bases/common.yaml": "args: {a: 1}\n",
    "bases/middle.yaml": "extends: common.yaml\n",
    "recipes/deep.yaml": "name: deep\nfunction: acme.f\nextends: ../bases/middle.yaml\n",
    "recipes/escaped.yaml": 'name: escaped\nfunction: acme.f\nextends: "../bases/c\\x6fmmon.yaml"\n',
    "recipes/plain.yaml": "name: plain\nfunction: acme.f\nargs: {a: 2}\n",
    "recipes/job.yaml": "name: job\nscript: {path: ../scripts/run.sh}\n",
    "scripts/run.sh": "echo hello\n",
    "README.md": "recipes/plain.yaml\n",
}


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e", *words],
        cwd=root,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout


def written(root: Path) -> Project:
    project = Project(root)
    for name, text in FILES.items():
        project.write(name, text)
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "start")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return written(tmp_path)


def affected(project: Project, ref: str = "main") -> dict[str, str]:
    said = project.run("validate", "recipes", "--changed-since", ref, "--format", "json")
    return {row["recipe"]: row["why"] for row in said.json["affected"]}


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        pytest.param("README.md", "x", {}, id="not-an-input"),
        pytest.param("recipes/plain.yaml", FILES["recipes/plain.yaml"], {}, id="written-again-as-it-was"),
        pytest.param("recipes/plain.yaml", "name: plain\nfunction: acme.f\n", {"recipes/plain.yaml": "edited"}, id="edited"),
        pytest.param("recipes/n.yaml", "name: n\nfunction: acme.f\n", {"recipes/n.yaml": "new"}, id="new"),
        pytest.param(
            "bases/common.yaml",
            "args: {a: 3}\n",
            {"recipes/deep.yaml": "through bases/common.yaml", "recipes/escaped.yaml": "through bases/common.yaml"},
            id="base-of-a-base-and-an-escaped-name",
        ),
        pytest.param("bases/middle.yaml", None, {"recipes/deep.yaml": "through bases/middle.yaml"}, id="base-gone"),
        pytest.param("scripts/run.sh", "echo x\n", {"recipes/job.yaml": "through scripts/run.sh"}, id="script"),
        pytest.param(
            "clusters/c.yaml",
            FILES["clusters/c.yaml"] + "description: d\n",
            {f"recipes/{name}.yaml": "clusters/c.yaml changed" for name in ("deep", "escaped", "job", "plain")},
            id="profile",
        ),
        pytest.param(
            "catalogs/acme.constraints.yaml",
            "constraints: []\n",
            {f"recipes/{n}.yaml": "catalogs/acme.constraints.yaml changed" for n in ("deep", "escaped", "job", "plain")},
            id="constraints-new",
        ),
    ],
)  # fmt: skip
def test_what_a_change_affects(project: Project, file: str, text: str | None, expected: dict[str, str]) -> None:
    if text is None:
        (project.root / file).unlink()
    else:
        project.write(file, text)
    assert affected(project) == expected


def test_committed_staged_and_loose_changes_count_alike(project: Project) -> None:
    git(project.root, "switch", "--quiet", "--create", "topic")
    project.write("recipes/plain.yaml", "name: plain\nfunction: acme.f\n")
    git(project.root, "commit", "--quiet", "--all", "--message", "edit")
    project.write("recipes/new.yaml", "name: new\nfunction: acme.f\n")
    git(project.root, "add", "recipes/new.yaml")
    project.write("scripts/run.sh", "echo x\n")
    git(project.root, "branch", "--force", "moved", "main")
    expected = {"recipes/job.yaml": "through scripts/run.sh", "recipes/new.yaml": "new", "recipes/plain.yaml": "edited"}
    assert affected(project) == expected


def test_a_renamed_base_is_gone_for_those_that_name_it(project: Project) -> None:
    git(project.root, "mv", "bases/common.yaml", "bases/other.yaml")
    assert affected(project).keys() == {"recipes/deep.yaml", "recipes/escaped.yaml"}


def test_policy_and_recipe_in_one_change_is_said(project: Project) -> None:
    """R010: and what the base's profile says is what `RECIPEC_CLUSTERS` names."""
    project.write("recipes/plain.yaml", "name: plain\nfunction: other.f\n")
    project.write("clusters/c.yaml", FILES["clusters/c.yaml"].replace("acme.*", "other.*, acme.*"))
    said = project.run("validate", "recipes", "--changed-since", "main", "--format", "json")
    assert "RCP730" in said.codes
    base = project.root.parent / "base"
    git(project.root, "worktree", "add", "--quiet", "--detach", str(base), "main")
    trusted = {"RECIPEC_CLUSTERS": str(base / "clusters")}
    said = project.run("validate", "recipes", "--changed-since", "main", "--format", "json", **trusted)
    assert (said.code, said.codes) == (4, ["RCP710"])


def test_what_is_not_affected_is_not_checked_and_the_line_says_why(project: Project) -> None:
    project.write("recipes/plain.yaml", "name: plain\nfunction: acme.f\nargs: {b: 1}\n")
    said = project.run("validate", "recipes", "--changed-since", "main")
    assert said.code == 1
    assert said.err == "affected since main: 1 of 4 recipes (1 edited)\n"
    assert said.out.count("error[") == 1


def test_a_name_that_an_unchanged_recipe_has_is_found(project: Project) -> None:
    project.write("recipes/new.yaml", "name: deep\nfunction: acme.f\n")
    said = project.run("validate", "recipes", "--changed-since", "main", "--format", "json")
    assert said.codes == ["RCP705"]


@pytest.mark.parametrize("ref", ["nowhere", "--upload-pack=x", "main^{tree}", "HEAD~9"])
def test_an_unknown_revision_checks_all_and_says_so(project: Project, ref: str) -> None:
    said = project.run("validate", "recipes", f"--changed-since={ref}", "--format", "json")
    assert (said.code, said.codes, len(said.json["recipes"])) == (0, ["RCP007"], 4)
    assert said.err == "every recipe is checked\n"


def test_a_shallow_clone_without_the_base_checks_all(project: Project, tmp_path: Path) -> None:
    """C011."""
    project.write("README.md", "two\n")
    git(project.root, "commit", "--quiet", "--all", "--message", "two")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{project.root}", str(clone))
    said = Project(clone).run("validate", "recipes", "--changed-since", "origin/main~1", "--format", "json")
    assert (said.code, said.codes, len(said.json["recipes"])) == (0, ["RCP007"], 4)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One repository for all examples of the law."""
    root = tmp_path_factory.mktemp("law") / "project"
    root.mkdir()
    written(root)
    yield root
    shutil.rmtree(root)


INPUTS = sorted(set(FILES) - {"README.md"})
EDITS = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 400), st.integers(1, 255)),
    st.tuples(st.just("cut"), st.integers(0, 400), st.just(0)),
    st.tuples(st.just("gone"), st.just(0), st.just(0)),
    st.tuples(st.just("moved"), st.just(0), st.just(0)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(file=st.sampled_from(INPUTS), edit=EDITS)
def test_no_recipe_that_a_full_run_fails_is_left_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, file: str, edit: tuple[str, int, int]
) -> None:
    """The law: change any byte of any input."""
    monkeypatch.chdir(home)
    git(home, "checkout", "--quiet", "--force", "main")
    git(home, "clean", "--quiet", "-fd")
    path, (kind, at, bits) = home / file, edit
    data = path.read_bytes()
    if kind == "flip":
        at %= len(data)
        path.write_bytes(data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :])
    elif kind == "cut":
        path.write_bytes(data[: at % len(data)])
    elif kind == "gone":
        path.unlink()
    else:
        path.rename(path.with_name(f"moved-{path.name}"))
    _text.cache_clear()
    space, wrong = open_workspace(("recipes",), None)
    if space is None:
        assert wrong  # the project itself cannot be read: every command says so
        return
    done = list(compile_all(("recipes",), (), space))
    failing = {item.file for item in done if item.bundle is None}
    failing |= {one.file for one in collisions(item.named for item in done) if one.file}
    chosen = select(("recipes",), space, "main")
    assert failing <= {chosen.recipes[one] for one in chosen.chosen} or chosen.found
