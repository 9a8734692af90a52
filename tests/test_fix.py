"""`recipec fix`: what is surely wrong is mended, in place, and nothing else changes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_compiler.diag import Diagnostic, Fix, Label, Source, Span
from recipe_compiler.mend import mend
from recipe_compiler.syntax import parse, plain
from tests.project import Project

RECIPE = "name: a  # the name\nfunction: app.main\n\nargs:   {lr: 1e-4,   n: no }  # é\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("recipec.yaml", "recipec: 1\n")
    made.write("recipes/a.yaml", RECIPE)
    return made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(RECIPE, RECIPE.replace("1e-4", "1.0e-4"), id="comments-and-layout-stay"),
        pytest.param(RECIPE.replace("\n", "\r\n"), RECIPE.replace("1e-4", "1.0e-4").replace("\n", "\r\n"), id="crlf"),
        pytest.param("\ufeff" + RECIPE, "\ufeff" + RECIPE.replace("1e-4", "1.0e-4"), id="byte-order-mark"),
        pytest.param(
            "name: a\nfunction: app.main\nresources:\n\tnodes: 1\n\ttime: 12:30:00 # t\n",
            'name: a\nfunction: app.main\nresources:\n  nodes: 1\n  time: "12:30:00" # t\n',
            id="tabs-then-what-stands-behind-them",
        ),
        pytest.param(
            "name: a\nfunction: app.main\nargs:\n" + "".join(f"  k{n}: 1e-{n + 1}\n" for n in range(200)),
            "name: a\nfunction: app.main\nargs:\n" + "".join(f"  k{n}: 1.0e-{n + 1}\n" for n in range(200)),
            id="more-than-a-report-shows",
        ),
        pytest.param(
            "name: a\nfunction: app.main\nargs: {no: 1, on: 2}\n",
            'name: a\nfunction: app.main\nargs: {"no": 1, "on": 2}\n',
            id="keys",
        ),
    ],
)
def test_safe_fixes(project: Project, before: str, after: str) -> None:
    path = project.root / "recipes/a.yaml"
    path.write_bytes(before.encode())
    said = project.run("fix", "recipes")
    assert said.code == 0, said.err
    assert path.read_bytes().decode() == after
    assert project.run("fix", "recipes").out == ""


def test_what_is_left_is_said(project: Project) -> None:
    project.write("recipes/a.yaml", RECIPE + "nodess: 1\nresources: {nodess: 2}\n")
    said = project.run("fix", "recipes")
    assert said.code == 1
    assert said.out == "recipes/a.yaml: 1 fix\n"
    assert "unknown key `nodess`" in said.err
    assert project.run("fix", "recipes", "--unsafe").out == "recipes/a.yaml: 1 fix\n"
    assert "resources: {nodes: 2}" in (project.root / "recipes/a.yaml").read_text()


def test_diff_and_check_write_nothing(project: Project) -> None:
    path = project.root / "recipes/a.yaml"
    said = project.run("fix", "recipes", "--diff")
    assert (said.code, path.read_text(encoding="utf-8")) == (0, RECIPE)
    assert "-args:   {lr: 1e-4,   n: no }  # é\n+args:   {lr: 1.0e-4,   n: no }  # é\n" in said.out
    checked = project.run("fix", "recipes", "--check")
    assert (checked.code, checked.out, path.read_text(encoding="utf-8")) == (1, "recipes/a.yaml: 1 fix\n", RECIPE)
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], cwd=project.root, input=said.out, text=True, check=True)
    assert project.run("fix", "recipes", "--check").code == 0


def test_json(project: Project) -> None:
    wire = project.run("fix", "recipes", "--format", "json").json
    assert (wire["fixed"], wire["written"], wire["error_count"]) == ([{"file": "recipes/a.yaml", "fixes": 1}], True, 0)


def test_a_base_inside_the_project_is_mended_and_one_outside_is_not(project: Project) -> None:
    project.write("bases/b.yaml", "args: {rate: 1e-3}\n")
    project.write("recipes/a.yaml", "extends: [../bases/b.yaml]\nname: a\nfunction: app.main\n")
    project.write("recipes/b.yaml", "extends: [../bases/b.yaml]\nname: b\nfunction: app.main\n")
    assert project.run("fix", "recipes").out == "bases/b.yaml: 1 fix\n"
    assert (project.root / "bases/b.yaml").read_text() == "args: {rate: 1.0e-3}\n"
    outside = project.root.parent / f"{project.root.name}-outside.yaml"
    outside.write_text("args: {rate: 1e-3}\n")
    project.write("recipes/a.yaml", f"extends: [../../{outside.name}]\nname: a\nfunction: app.main\n")
    assert project.run("fix", "recipes/a.yaml").code == 1
    assert outside.read_text() == "args: {rate: 1e-3}\n"


def test_recipes_outside_the_project_are_left_alone(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "a.yaml"
    outside.write_text(RECIPE)
    assert project.run("fix", "recipes/a.yaml", str(outside)).out == "recipes/a.yaml: 1 fix\n"
    assert outside.read_text() == RECIPE


def test_standard_input_and_profiles_are_left_alone(project: Project) -> None:
    profile = "name: gpu\ntarget: local\nsite_options: {rate: 1e-3}\n"
    project.write("clusters/gpu.yaml", profile)
    assert project.run("fix", "-", stdin=RECIPE).out == ""
    project.run("fix", "recipes", "--cluster", "gpu", "--unsafe")
    assert (project.root / "clusters/gpu.yaml").read_text() == profile


def test_mode_and_link_stay(project: Project) -> None:
    path = project.root / "recipes/a.yaml"
    path.chmod(0o640)
    link = project.root / "recipes/link.yaml"
    link.symlink_to("a.yaml")
    assert project.run("fix", "recipes/link.yaml").code == 0
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert "1.0e-4" in path.read_text(encoding="utf-8")
    assert [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(".")] == []


def test_a_link_out_of_the_project_is_not_followed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "a.yaml"
    outside.write_text(RECIPE)
    (project.root / "recipes/link.yaml").symlink_to(outside)
    said = project.run("fix", "recipes/link.yaml")
    assert (said.code, outside.read_text()) == (1, RECIPE)
    assert "RCP611" in said.err


def fixes_of(text: str, *fixes: tuple[int, int, str, str]) -> tuple[Source, list[Diagnostic]]:
    source = Source("a.yaml", text)
    found = []
    for start, end, replacement, kind in fixes:
        span = Span(source, start, end)
        found.append(Diagnostic("RCP201", "x", Label(span), fix=Fix(span, replacement, kind)))  # type: ignore[arg-type]
    return source, found


@pytest.mark.parametrize(
    ("text", "fixes", "after"),
    [
        pytest.param("a: 1\nb: 2\n", [(0, 1, "b", "unsafe")], "a: 1\nb: 2\n", id="a-key-that-is-there-already"),
        pytest.param("a: 1\nb: 2\n", [(0, 1, "c", "unsafe")], "c: 1\nb: 2\n", id="a-key"),
        pytest.param("a: 1\nb: 2\n", [(3, 4, "3", "safe")], "a: 1\nb: 2\n", id="safe-and-not-the-same-value"),
        pytest.param("a: 1\nb: 2\n", [(3, 4, "{x: 1}", "unsafe")], "a: {x: 1}\nb: 2\n", id="a-value"),
        pytest.param("a: 1\nb: 2\n", [(3, 4, "{", "unsafe")], "a: 1\nb: 2\n", id="broken"),
        pytest.param("a: 1\nb: 2\n", [(3, 4, "1 #", "unsafe")], "a: 1 #\nb: 2\n", id="a-comment-changes-nothing"),
        pytest.param("a: [1, 2]\n", [(4, 5, "1, 3", "unsafe")], "a: [1, 2]\n", id="one-item-becomes-two"),
        pytest.param(
            "a: 1\nb: 2\n", [(0, 1, "c", "unsafe"), (0, 1, "d", "unsafe")], "a: 1\nb: 2\n", id="two-want-two-things"
        ),
        pytest.param("ab: 1\n", [(0, 2, "c", "unsafe"), (1, 2, "d", "unsafe")], "c: 1\n", id="overlapping"),
    ],
)
def test_a_fix_that_changes_another_key_is_left_out(
    text: str, fixes: list[tuple[int, int, str, str]], after: str
) -> None:
    source, found = fixes_of(text, *fixes)
    assert mend(source, found, unsafe=True).text == after


def test_tabs_that_could_mean_two_things_are_left_out() -> None:
    """With two columns for the tab, `c` would leave `b`."""
    source = Source("a.yaml", "a:\n b:\n\t\tc: 1\n\t\td: 2\nx:\n  \ty: 1\n")
    for _ in range(3):
        done = mend(source, parse(source)[1], unsafe=False)
        before, after = parse(source)[0], parse(Source("a.yaml", done.text))[0]
        assert before is not None
        assert after is not None
        assert plain(before) == plain(after)


TRAPS = [
    "1e-4",
    "no",
    "On",
    "12:30",
    "1_000",
    "0o17",
    "1",
    "text",
    "[1e5, no]",
    "{on: 1e3, k: yes}",
    '"1e-4"',
    "1e-4 # 1e-4",
]
KEYS = ["a", "b", "no", "on", "1e3", "'q'", "y", "12:30"]
INDENTS = ["  ", "\t", "    ", " \t"]


@st.composite
def texts(draw: st.DrawFn, depth: int = 0, indent: str = "") -> str:
    """A recipe-like text with YAML 1.1's traps, comments and tabs."""
    step = draw(st.sampled_from(INDENTS)) if depth else ""
    inner = indent + step
    out = ""
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True)):
        if draw(st.booleans()):
            out += inner + draw(st.sampled_from(["# 1e-4 no\n", "\n", ""]))
        if depth < 2 and draw(st.integers(0, 3)) == 0:
            out += f"{inner}{key}:\n{draw(texts(depth=depth + 1, indent=inner))}"
        elif draw(st.integers(0, 5)) == 0:
            out += f"{inner}{key}: |\n{inner}   1e-4\n{inner}   \tno\n"
        else:
            out += f"{inner}{key}:  {draw(st.sampled_from(TRAPS))}\n"
    return out


@given(texts())
def test_no_safe_fix_changes_what_a_text_means_and_three_rounds_are_enough(text: str) -> None:
    source = Source("a.yaml", text)
    before, wrong = parse(source)
    made = []
    for _ in range(4):
        done = mend(source, parse(source)[1], unsafe=False)
        made.append(done.made)
        source = Source("a.yaml", done.text)
    after, still = parse(source)
    assert made[3] == 0
    assert sum(item.severity == "error" for item in still) <= sum(item.severity == "error" for item in wrong)
    if before is None:
        assert source.text == text
    else:
        assert after is not None
        assert plain(after) == plain(before)
    squeezed = "".join(source.text.split())
    assert squeezed.count("#") == "".join(text.split()).count("#")


@given(texts(), st.data())
def test_no_guess_changes_another_key(text: str, data: st.DataObject) -> None:
    source = Source("a.yaml", text)
    before, _ = parse(source)
    if before is None or not isinstance(before.value, dict):
        return
    key = data.draw(st.sampled_from(sorted(before.value)))
    name = data.draw(st.sampled_from(["a", "b", "fresh", "x: 1", "no", "{", "- x"]))
    span = before.key_span(key)
    done = mend(source, [Diagnostic("RCP201", "x", Label(span), fix=Fix(span, name, "unsafe"))], unsafe=True)
    after, _ = parse(Source("a.yaml", done.text))
    assert after is not None
    others = [plain(child) for name, child in before.value.items() if name != key]
    changed = dict(zip(before.value, after.value, strict=True))[key]
    assert [plain(child) for name, child in after.value.items() if name != changed] == others
