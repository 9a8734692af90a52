"""Reading a revision from a repository that wants to run something: nothing of it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from recipe_compiler.host import git as host_git
from recipe_compiler.syntax.text import MAX_BYTES
from tests.jobs import BASE, RECIPE, commit, git, project_at
from tests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = project_at(tmp_path / "project")
    commit(made.root)
    return made


def test_nothing_of_a_hostile_repository_runs(project: Project, tmp_path: Path) -> None:
    """C010: filters, hooks, pagers, monitors, text conversions and transports are programs."""
    marker = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 >> {marker}\ncat\n")
    program.chmod(0o755)
    project.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
    commit(project.root)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy"),
        *("filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.external"),
        *("credential.helper", "pager.ls-tree", "pager.cat-file", "pager.rev-parse", "alias.ls-tree", "gpg.program"),
    ):
        git(project.root, "config", key, str(program))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).symlink_to(program)
    git(project.root, "config", "core.hooksPath", str(hooks))
    project.write("bases/sft.yaml", BASE.replace("nodes: 4", "nodes: 8"))
    said = project.run(
        "diff", "recipes/sft.yaml", "--against", "HEAD", GIT_PAGER=str(program), GIT_EXTERNAL_DIFF=str(program)
    )
    assert said.code == 1
    assert "nodes       4 → 8" in said.out
    assert not marker.exists()


def test_a_missing_object_is_not_fetched(project: Project, tmp_path: Path) -> None:
    """A partial clone fetches what it lacks, from an address that may be a command."""
    marker = tmp_path / "ran"
    blob = git(project.root, "rev-parse", "HEAD:bases/sft.yaml")
    (project.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    git(project.root, "config", "core.repositoryFormatVersion", "1")
    git(project.root, "config", "extensions.partialClone", "origin")
    git(project.root, "config", "remote.origin.url", f"ext::sh -c 'touch {marker}'")
    git(project.root, "config", "remote.origin.promisor", "true")
    git(project.root, "config", "protocol.ext.allow", "always")
    said = project.run("diff", "recipes/sft.yaml", "--against", "HEAD")
    assert said.code == 1
    assert "error[RCP507]: the base `../bases/sft.yaml`: cannot read bases/sft.yaml at HEAD" in said.err
    assert not marker.exists()


def test_a_replacement_does_not_stand_for_what_was_committed(project: Project) -> None:
    old = git(project.root, "rev-parse", "HEAD:recipes/sft.yaml")
    project.write("recipes/sft.yaml", RECIPE.replace("1000", "6"))
    new = git(project.root, "hash-object", "-w", "recipes/sft.yaml")
    git(project.root, "replace", old, new)
    assert "args.steps  1000 → 6" in project.run("diff", "recipes/sft.yaml", "--against", "HEAD").out


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        pytest.param("--output=x", "`--output=x` is not the name of a revision", id="an-option"),
        pytest.param("", "`` is not the name of a revision", id="empty"),
        pytest.param("a b", "`a b` is not the name of a revision", id="blank"),
        pytest.param("a\nb", "`a\\nb` is not the name of a revision", id="line-break"),
        pytest.param("x" * 300, f"`{'x' * 80}…` is not the name of a revision", id="long"),
        pytest.param("nowhere", "there is no revision `nowhere`", id="unknown"),
        pytest.param("HEAD:recipes", "there is no revision `HEAD:recipes`", id="a-folder"),
    ],
)
def test_a_name_that_is_no_revision(project: Project, ref: str, message: str) -> None:
    tree, found = host_git.open_tree(project.root, ref)
    assert tree is None
    assert [(item.code, item.message) for item in found] == [("RCP006", message)]


def test_a_folder_without_a_repository(tmp_path: Path) -> None:
    _, found = host_git.open_tree(tmp_path, "HEAD")
    assert found[0].code == "RCP006"
    assert found[0].message.startswith("no git repository: not a git repository")


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        pytest.param("bases", "RCP108", "bases is not a regular file at HEAD", id="folder"),
        pytest.param("link.yaml", "RCP611", "link.yaml is a link at HEAD; links are not followed there", id="link"),
        pytest.param(
            "linked/sft.yaml", "RCP001", "cannot read linked/sft.yaml at HEAD: no such file or directory", id="through"
        ),
        pytest.param(
            ":(glob)bases/*", "RCP001", "cannot read :(glob)bases/* at HEAD: no such file or directory", id="magic"
        ),
        pytest.param("big.yaml", "RCP106", "big.yaml is larger than 1024 KiB at HEAD", id="large"),
        pytest.param("../../etc/passwd", "RCP001", "cannot read ../../etc/passwd: it is outside the project", id="up"),
        pytest.param("/etc/passwd", "RCP001", "cannot read /etc/passwd: it is outside the project", id="absolute"),
    ],
)
def test_what_is_not_read(project: Project, name: str, code: str, message: str) -> None:
    (project.root / "link.yaml").symlink_to("/etc/passwd")
    (project.root / "linked").symlink_to("bases")
    project.write("big.yaml", "x" * (MAX_BYTES + 1))
    commit(project.root)
    tree, _ = host_git.open_tree(project.root, "HEAD")
    assert tree is not None
    data, found = tree.read(project.root / name, project.root, name)
    assert data is None
    assert [(item.code, item.message) for item in found] == [(code, message)]


def test_a_name_with_odd_characters_is_read(project: Project) -> None:
    project.write('odd/a "b" ü\\.yaml', "x: 1\n")
    commit(project.root)
    tree, _ = host_git.open_tree(project.root, "HEAD")
    assert tree is not None
    assert tree.read(project.root / 'odd/a "b" ü\\.yaml', project.root) == (b"x: 1\n", ())
