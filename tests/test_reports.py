"""The outputs of one run: each is what its reader takes, all say the same, and no text of a recipe comes to life."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from recipe_compiler.diag import Diagnostic, Diagnostics, Fix, Label, Source, Span, arrange, visible
from recipe_compiler.report import FORMATS, github, gitlab, json_v1, junit, markdown, rdjson, sarif, text
from recipe_compiler.report.run import Run, Section, Verdict, counts, fingerprints, worst_first
from recipe_compiler.syntax import parse
from tests import judges
from tests.project import REPO, Project
from tests.runner import commands

DATA = REPO / "tests/data"
SCHEMA = REPO / "docs/findings-1.1.schema.json"
EVIL = "x\n::stop-commands::t\n::error file=a::owned\x1b]52;c;eA==\x07 <img src=x> @octocat #1 https://e.example |`a`| ##[add-mask]a"
"""C001, C004 and C005 of the hostile inputs, and what Markdown makes of a text."""
RECIPES = {
    "recipes/a.yaml": 'name: a\nfunction: app.main\nargs: {lr: 1e-4, "ü日本": 1e-5, v: no}\nresources:\n  nodess: 4\n',
    "recipes/b.yaml": f"name: b\nfunction: app.main\n{json.dumps(EVIL)}: 1\ndescription: {json.dumps(EVIL)}\n",
    "recipes/c.yaml": "name: c\nfunction: app.main\nresources:\n\tnodes: 1\n",
    "recipes/d.yaml": "name: d\nfunction: app.main\n",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every format of one run, in a project that is a folder of its repository."""
    top = tmp_path_factory.mktemp("repository")
    (top / ".git").mkdir()
    project = Project(top / "team")
    project.write("recipec.yaml", "recipec: 1\n")
    for name, content in RECIPES.items():
        project.write(name, content)
    wanted = [word for name in FORMATS for word in ("--output", f"{name}=out.{name}")]
    assert project.run("validate", "recipes", *wanted).code == 1
    return {name: (project.root / f"out.{name}").read_text(encoding="utf-8") for name in FORMATS}


def test_every_format_is_one_module_and_one_line() -> None:
    modules = (REPO / "recipe_compiler/report").glob("*.py")
    renders = {path.stem for path in modules if "\ndef render(run: Run) -> str:" in path.read_text(encoding="utf-8")}
    assert renders == set(FORMATS.values())


def test_all_formats_say_the_same(outputs: dict[str, str]) -> None:
    wire = json.loads(outputs["json"])
    codes = sorted(item["code"] for item in wire["diagnostics"])
    assert (wire["error_count"], wire["warning_count"]) == (4, 3)
    assert sorted(item["ruleId"] for item in json.loads(outputs["sarif"])["runs"][0]["results"]) == codes
    assert sorted(item["check_name"][:6] for item in json.loads(outputs["gitlab"])) == codes
    assert sorted(item["code"]["value"] for item in json.loads(outputs["rdjson"])["diagnostics"]) == codes
    assert sorted(item.properties["title"][:6] for item in commands(outputs["github"])) == codes
    assert sorted(re.findall(r"^(?:error|warning)\[(RCP\d+)\]", outputs["text"], re.MULTILINE)) == codes
    assert sorted(re.findall(r"\| `(RCP\d+)` \|", outputs["markdown"])) == codes
    assert sorted(re.findall(r"(?:error|warning)\[(RCP\d+)\]", outputs["junit"])) == codes


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_printed_is_what_is_written(outputs: dict[str, str], tmp_path: Path, name: str) -> None:
    project = Project(tmp_path / "team")
    (tmp_path / ".git").mkdir()
    project.write("recipec.yaml", "recipec: 1\n")
    for file, content in RECIPES.items():
        project.write(file, content)
    assert project.run("validate", "recipes", "--format", name).out == outputs[name]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_hidden_and_no_line_is_a_command_but_githubs(outputs: dict[str, str], name: str) -> None:
    lines = outputs[name].split("\n")
    assert [visible(line) for line in lines] == lines
    if name != "github":
        assert not any(line.lstrip().startswith("::") and commands(line) for line in lines)


def test_paths_count_from_the_repository_for_hosts_and_from_the_project_for_people(outputs: dict[str, str]) -> None:
    assert {item["file"] for item in json.loads(outputs["json"])["diagnostics"]} <= RECIPES.keys()
    hosted = {f"team/{name}" for name in RECIPES}
    assert {item.properties["file"] for item in commands(outputs["github"])} <= hosted
    assert {item["location"]["path"] for item in json.loads(outputs["gitlab"])} <= hosted
    assert {item["location"]["path"] for item in json.loads(outputs["rdjson"])["diagnostics"]} <= hosted


# ---------------------------------------------------------------- JSON


def test_json_is_as_its_frozen_schema_says(outputs: dict[str, str]) -> None:
    assert judges.schema_errors(json.loads(outputs["json"]), SCHEMA) == []


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("compile", "recipes/d.yaml", "--out", "b"), id="compile"),
        pytest.param(("validate", "recipes/d.yaml", "--set", "x"), id="a-finding-in-an-override"),
        pytest.param(("validate", "recipes/d.yaml", "--cluster", "nope"), id="no-file"),
        pytest.param(("validate", "-"), id="stdin"),
        pytest.param(("params", "recipes/d.yaml"), id="params"),
        pytest.param(("status",), id="status"),
    ],
)
def test_json_of_every_command_is_as_the_schema_says(tmp_path: Path, args: tuple[str, ...]) -> None:
    project = Project(tmp_path)
    project.write("recipes/d.yaml", RECIPES["recipes/d.yaml"])
    said = project.run(*args, "--format", "json", stdin="name: x\n")
    assert judges.schema_errors(said.json, SCHEMA) == []


def test_the_schema_is_of_the_version_that_is_written() -> None:
    assert SCHEMA.name == f"findings-{json_v1.FORMAT_VERSION}.schema.json"
    assert (
        json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["format_version"]["const"]
        == json_v1.FORMAT_VERSION
    )


# ---------------------------------------------------------------- GitHub


def test_github_escapes_properties_and_data() -> None:
    source = Source("a,b:c%.yaml", "x: 1\n")
    found = (Diagnostic("RCP201", "100% `a`", Label(Span(source, 0, 1), "b"), help="c"),)
    assert github.render(Run(found)) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endColumn=2,title=RCP201 unknown-key::100%25 `a` — b%0Ahelp: c\n"
    )
    command = commands(github.render(Run(found)))[0]
    assert command.properties["file"] == "a,b:c%.yaml"
    assert command.data == "100% `a` — b\nhelp: c"


@given(st.text(), st.text(), st.text())
def test_github_prints_one_command_for_any_text(file: str, message: str, help_: str) -> None:
    found = (Diagnostic("RCP201", message, file=file, help=help_),)
    printed = github.render(Run(found))
    (command,) = commands(printed)
    assert printed.count("\n") == 1
    assert command.name == "error"
    assert command.properties.keys() <= {"file", "title"}
    assert command.properties["title"] == "RCP201 unknown-key"


def many(files: int, each: int, code: str = "RCP201") -> list[Diagnostic]:
    found = []
    for file in range(files):
        source = Source(f"recipes/{file:03}.yaml", "".join(f"k{line}: 1\n" for line in range(each)))
        for line in range(each):
            at = source.starts[line]
            found.append(Diagnostic(code, f"key k{line}", Label(Span(source, at, at + 2)), route=(f"k{line}",)))
    return found


def test_ten_thousand_findings_fit_every_limit() -> None:
    """C006: ten annotations of each level, one file each, and a count of the rest; SARIF and the summary are cut."""
    found = tuple(many(150, 50) + many(150, 20, "RCP110"))
    run = Run(found, verdicts=tuple(Verdict(f"recipes/{n:03}.yaml", 50, 20) for n in range(150)))
    shown = commands(github.render(run))
    assert [item.name for item in shown] == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert len({item.properties["file"] for item in shown[:10]}) == 10
    assert shown[-1].data == "10480 findings more are in the summary"
    results = json.loads(sarif.render(run))["runs"][0]["results"]
    assert len(results) == 5000
    assert results[-1]["message"]["text"].startswith("5501 findings more: a run shows 5000.")
    assert {item["level"] for item in results[:-1]} == {"error"}
    page = markdown.render(run)
    assert len(page.encode()) <= 1 << 20
    assert len(junit.render(run)) < 4 << 20


def test_a_summary_is_cut_on_a_row() -> None:
    rows = [Diagnostic("RCP201", "m" * 400, file=f"f{n}.yaml") for n in range(9000)]
    page = markdown.render(Run(tuple(rows), verdicts=(Verdict("f0.yaml", 1, 0),), sections=(Section("s", "x"),)))
    assert len(page.encode()) <= 1 << 20
    lines = page.rstrip("\n").split("\n")
    assert re.fullmatch(r"\| \d+ more findings \|( +\|)+", lines[-1])
    assert all(line.count(" | ") == 3 for line in lines[-100:-1])


@pytest.mark.parametrize("limit", [600, 1000, 3000])
def test_a_section_is_cut_on_a_line_and_closed(limit: int) -> None:
    section = Section("script of `a`", "\n".join(f"+ line {n}" for n in range(500)), "diff")
    page = markdown.summarize(markdown.Summary(0, 0, None, (), (), (section,)), limit)
    assert len(page.encode()) <= limit
    assert page.endswith("more lines\n```\n\n</details>\n")


def test_worst_first_takes_errors_then_one_of_each_file() -> None:
    found = arrange(many(2, 2) + many(1, 1, "RCP110"))
    assert [(item.severity, item.where, item.message) for item in worst_first(found)] == [
        ("error", "recipes/000.yaml", "key k0"),
        ("error", "recipes/001.yaml", "key k0"),
        ("error", "recipes/000.yaml", "key k1"),
        ("error", "recipes/001.yaml", "key k1"),
        ("warning", "recipes/000.yaml", "key k0"),
    ]


# ---------------------------------------------------------------- SARIF


@pytest.mark.xdist_group("judges")
def test_microsofts_validator_has_no_message(outputs: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "run.sarif"
    path.write_text(outputs["sarif"], encoding="utf-8")
    assert judges.sarif_messages(path) == []


@pytest.mark.xdist_group("judges")
def test_microsofts_validator_has_no_message_on_odd_places(tmp_path: Path) -> None:
    """An override, no file, a URL, an absolute path, an empty file, a link out of the page, and the most results."""
    odd = Source("<--set x>", "x")
    empty = Source("recipes/a b#?%é.yaml", "")
    found = [
        Diagnostic("RCP510", "cannot read `x`", Label(Span(odd, 0, 1)), fix=Fix(Span(odd, 0, 1), "y", "unsafe")),
        Diagnostic("RCP003", "there is no cluster `x`"),
        Diagnostic("RCP001", "cannot read it: [a](b) {0} \\", file="s3://bucket/a.yaml"),
        Diagnostic("RCP001", "cannot read it", file="/etc/a b.yaml"),
        Diagnostic("RCP200", "the file is empty", Label(Span(empty, 0, 1)), related=(Label(Span(odd, 0, 1), "here"),)),
        *many(120, 50),
    ]
    path = tmp_path / "run.sarif"
    path.write_text(sarif.render(Run(tuple(found))), encoding="utf-8")
    assert judges.sarif_messages(path) == []


def test_sarif_fixes_mend_the_file(outputs: dict[str, str]) -> None:
    """Columns count code points: the fix after `ü日本` hits the number."""
    lines = RECIPES["recipes/a.yaml"].split("\n")
    results = json.loads(outputs["sarif"])["runs"][0]["results"]
    fixes = [item["fixes"][0]["artifactChanges"][0] for item in results if item["ruleId"] == "RCP111"]
    deleted = []
    for change in fixes:
        assert change["artifactLocation"]["uri"] == "team/recipes/a.yaml"
        region = change["replacements"][0]["deletedRegion"]
        deleted.append(lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1])
    assert deleted == ["1e-4", "1e-5"]


TEXT = "name: x\nfunction: app.main\nargs: {lr: 1e-4, b: [1e-4, 1e-4]}\nmore: no\nmore: on\n"


@given(st.lists(st.sampled_from(["# a comment\n", "\n", "#\n"]), min_size=1, max_size=5), st.integers(0, 4))
def test_fingerprints_stay_when_lines_move(added: list[str], at: int) -> None:
    lines = TEXT.splitlines(keepends=True)
    moved = "".join([*lines[:at], *added, *lines[at:]])
    before, after = (arrange(parse(Source("a.yaml", one))[1]) for one in (TEXT, moved))
    marks = list(fingerprints(before))
    assert marks == list(fingerprints(after))
    assert len(set(marks)) == len(marks) == 6


# ---------------------------------------------------------------- JUnit, GitLab, reviewdog


def test_junit_is_as_jenkins_schema_says(outputs: dict[str, str]) -> None:
    xmlschema.XMLSchema(str(DATA / "junit-10.xsd")).validate(outputs["junit"])
    suite = ET.fromstring(outputs["junit"]).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("4", "3")
    failed = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
    assert failed == ["team/recipes/a.yaml", "team/recipes/b.yaml", "team/recipes/c.yaml"]


@given(st.text())
def test_junit_is_xml_whatever_a_message_says(said: str) -> None:
    found = (Diagnostic("RCP201", said, file=said or None, help=said),)
    root = ET.fromstring(junit.render(Run(found, cluster=said)))
    assert len(root.findall("testsuite/testcase")) == 1


@pytest.mark.parametrize("name", ["gitlab", "rdjson"])
def test_documents_are_as_their_schemas_say(outputs: dict[str, str], name: str) -> None:
    schema = {"gitlab": "gitlab_code_quality.schema.json", "rdjson": "rdjson.schema.json"}[name]
    assert judges.schema_errors(json.loads(outputs[name]), DATA / schema) == []


def test_gitlab_fingerprints_are_unique() -> None:
    issues = json.loads(gitlab.render(Run(tuple(many(3, 20) * 2))))
    assert len({item["fingerprint"] for item in issues}) == len(issues) == 120


def test_rdjson_columns_count_bytes(outputs: dict[str, str]) -> None:
    line = RECIPES["recipes/a.yaml"].split("\n")[2].encode()
    ranges = [
        item["suggestions"][0]["range"]
        for item in json.loads(outputs["rdjson"])["diagnostics"]
        if item["code"]["value"] == "RCP111"
    ]
    assert [line[one["start"]["column"] - 1 : one["end"]["column"] - 1] for one in ranges] == [b"1e-4", b"1e-5"]


# ---------------------------------------------------------------- Markdown


class Page(HTMLParser):
    """A page's tags, its text outside of code, and the columns of each row."""

    def __init__(self, markdown_text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside = ""
        self.rows: list[int] = []
        self._code = 0
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown_text))

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002  the parser's signature
        self.tags.append(tag)
        self._code += tag == "code"
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.outside += data


SAFE_TAGS = {
    "h3",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "strong",
    "br",
    "details",
    "summary",
    "pre",
}


def test_a_summary_has_tables_and_nothing_of_a_recipe_outside_code(outputs: dict[str, str]) -> None:
    page = Page(outputs["markdown"])
    assert set(page.tags) <= SAFE_TAGS
    assert page.rows == [2] * 5 + [4] * 8
    assert not re.search(r"@|octocat|https?:|stop-commands|recipes/", page.outside)
    assert outputs["markdown"].startswith("### recipec: 4 errors, 3 warnings in 4 recipes for cluster `local`\n")


HOSTILE = st.text(st.sampled_from("a`|\\<>&[]()!*_~#@:/.-+= \n\t\r\x1b\u202eé")) | st.text()


@given(HOSTILE)
def test_no_text_comes_to_life_in_a_summary(said: str) -> None:
    run = Run(
        (Diagnostic("RCP201", said, file=said, help=said),),
        verdicts=(Verdict(said, 1, 0, said, more={said or "x": said}), Verdict("b", 0, 0)),
        cluster=said or None,
        sections=(Section(said, said, said),),
    )
    page = Page(markdown.render(run))
    assert set(page.tags) <= SAFE_TAGS
    assert page.rows == [3, 3, 3, 4, 4]
    words = "recipec error in recipes for cluster recipe verdict other ok level code finding where help"
    assert set(re.findall(r"[a-zé@]+", page.outside)) <= {*words.split(), "errors"}


def test_a_clean_run_says_so() -> None:
    run = Run((), recipes=("a", "b"), verdicts=(Verdict("a", 0, 0), Verdict("b", 0, 0)), cluster="gpu")
    assert markdown.render(run) == "### recipec: no findings in 2 recipes for cluster `gpu`\n"
    assert text.render(run) == "2 recipes are valid for cluster gpu\n"
    assert github.render(run) == ""
    assert json.loads(rdjson.render(run))["diagnostics"] == []


def test_sections_and_columns_have_their_place() -> None:
    """What other commands know of a recipe goes into `more` and `sections`."""
    verdict = Verdict("a.yaml", 0, 0, more={"GPU h": "768 → 1536", "what changes": "nodes 4 → 8"})
    page = markdown.render(Run((), verdicts=(verdict,), sections=(Section("script: a", "-x\n+y\n", "diff"),)))
    assert page == (
        "### recipec: no findings in 1 recipe\n\n"
        "| recipe | verdict | `GPU h` | `what changes` |\n| --- | --- | --- | --- |\n"
        "| `a.yaml` | ok | `768 → 1536` | `nodes 4 → 8` |\n\n"
        "<details><summary><code>script: a</code></summary>\n\n```diff\n-x\n+y\n```\n\n</details>\n"
    )


# ---------------------------------------------------------------- the options


def test_output_of_an_unknown_format_is_wrong_usage(tmp_path: Path) -> None:
    said = Project(tmp_path).run("validate", "x.yaml", "--output", "pdf=x")
    assert said.code == 2
    assert "'pdf=x' is not FORMAT=FILE; formats: text, json, github, sarif, junit, gitlab, rdjson, markdown" in said.err


def test_an_output_that_cannot_be_written_is_73(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPES["recipes/d.yaml"])
    said = project.run("validate", "r.yaml", "--output", "json=r.yaml/x.json")
    assert said.code == 73
    assert "RCP913" in said.err


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPES["recipes/d.yaml"])
    said = project.run("validate", "r.yaml", "--output", "markdown=/dev/stderr")
    assert said.err == "### recipec: no findings in 1 recipe for cluster `local`\n"
    assert Path("/dev/stderr").is_symlink()


def test_two_recipes_of_one_name_are_an_error_of_the_second(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r/a.yaml", RECIPES["recipes/d.yaml"])
    project.write("r/b.yaml", RECIPES["recipes/d.yaml"])
    verdicts = project.run("validate", "r", "--format", "json").json["verdicts"]
    assert [item["outcome"] for item in verdicts] == ["ok", "error"]


def test_compile_writes_reports_too(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("r.yaml", RECIPES["recipes/d.yaml"])
    said = project.run("compile", "r.yaml", "--out", "b", "--output", "json=run.json")
    wire = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert said.out.strip() == wire["bundles"][0]["bundle"]
    assert wire["verdicts"][0]["digest"] == wire["bundles"][0]["digest"]


def found_of(text_: str) -> Diagnostics:
    return arrange(parse(Source("a.yaml", text_))[1])


def test_counts() -> None:
    assert counts(found_of("a: no\na: on\n")) == (1, 2)
