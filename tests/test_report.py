"""`recipec report`: the page as text. `test_report_browser.py` opens it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from recipe_compiler.difference import difference
from recipe_compiler.graph import graph_of
from recipe_compiler.host.files import page_assets
from recipe_compiler.report.html import Html, element, joined, text
from recipe_compiler.report.page import Subject, render
from recipe_compiler.report.page_tree import Leaf, Step
from recipe_compiler.side import side_of
from tests.jobs import RECIPE, commit, project_at
from tests.project import REPO, Project
from tests.test_diff import stranger

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_at(tmp_path, sweep=True)


def page_of(project: Project, *args: str) -> str:
    said = project.run("report", *args, "--out", "page.html")
    assert (said.code, said.out) == (0, "page.html\n"), said.err
    return (project.root / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("made", "markup"),
    [
        pytest.param(lambda: element("p", "<b>"), "<p>&lt;b&gt;</p>", id="text-is-escaped"),
        pytest.param(lambda: element("p", element("code", "a")), "<p><code>a</code></p>", id="markup-is-not"),
        pytest.param(
            lambda: element("p", title="\"><b '"), '<p title="&quot;&gt;&lt;b &#x27;"></p>', id="attributes-are"
        ),
        pytest.param(lambda: element("a", "x", href="#job"), '<a href="#job">x</a>', id="a-place-of-the-page"),
        pytest.param(lambda: element("input", for_="a", hidden=True, open=False), '<input for="a" hidden>', id="void"),
        pytest.param(
            lambda: element("circle", cx=1.5, cy=2.0, r=3), '<circle cx="1.5" cy="2" r="3"></circle>', id="numbers"
        ),
        pytest.param(lambda: text("\u202e\x1b[0m\ta\nb"), "\\u202e\\x1b[0m\ta\nb", id="invisible-characters-are-shown"),
        pytest.param(lambda: joined(["<", element("p")]), "&lt;<p></p>", id="joined"),
    ],
)
def test_markup(made: object, markup: str) -> None:
    assert str(made()) == markup  # type: ignore[operator]


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: Html(None, "<b>"), id="markup-of-ones-own"),
        pytest.param(lambda: element("script", "x"), id="a-script"),
        pytest.param(lambda: element("p onclick=x"), id="a-tag-with-more"),
        pytest.param(lambda: element("p", onclick="x"), id="a-handler"),
        pytest.param(lambda: element("p", style="x"), id="a-style"),
        pytest.param(lambda: element("a", href="javascript:x"), id="a-script-as-an-address"),
        pytest.param(lambda: element("a", href="https://x"), id="an-address"),
        pytest.param(lambda: element("a", href="#a b"), id="a-place-with-a-blank"),
        pytest.param(lambda: element("input", src="x"), id="a-source"),
    ],
)
def test_what_cannot_be_written(made: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        made()  # type: ignore[operator]


def test_only_the_builder_and_the_page_write_markup() -> None:
    """A tag in any other module's text would be markup that nothing escapes."""
    allowed = {"html.py", "page.py", "graph_svg.py", "graph_text.py", "diff_markdown.py"}
    for path in (REPO / "recipe_compiler/report").glob("*.py"):
        if path.name not in allowed:
            assert not re.search(r"[\"'](?:[^\"'\n]*)</?(?:b|p|div|span|svg|script|td|a)[ >]", path.read_text()), path


class Elements(HTMLParser):
    """The tags and attributes of a page, as a parser reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_policy_allows_the_pages_own_style_and_script_alone(project: Project) -> None:
    page = page_of(project, "recipes/sft.yaml")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    digests = {}
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert body is not None
        digests[tag] = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    elements = Elements()
    elements.feed(page)
    assert (elements.tags.count("script"), elements.tags.count("style")) == (1, 1)
    assert not elements.attributes & {"src", "style", "action", "srcset", "formaction"}
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_text_of_a_recipe_is_text_wherever_it_stands(project: Project) -> None:
    """C004."""
    quoted = EVIL.replace("'", "''")
    project.write(
        "recipes/evil.yaml",
        f"name: evil\ndescription: '{quoted}'\nfunction: acme.train.main\nargs:\n  '{quoted}': '{quoted}'\n"
        f"  call: {{_target_: acme.f, '{quoted}': {{_target_: acme.g}}}}\n  x: 1\n  y: 2\n"
        f"env: {{A: '{quoted}'}}\nsweep: {{grid: {{args.x: [1, '{quoted}'], args.y: ['{quoted}', 2]}}}}\n",
    )
    project.write("recipes/script.yaml", f"name: script\nscript: {{inline: '{quoted}'}}\n")
    for recipe in ("recipes/evil.yaml", "recipes/script.yaml"):
        page = page_of(project, recipe)
        assert EVIL not in page
        assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page
        elements = Elements()
        elements.feed(page)
        assert elements.tags.count("script") == 1
        assert "img" not in elements.tags
        assert "onerror" not in elements.attributes


def test_same_input_same_bytes(project: Project, tmp_path: Path) -> None:
    first = page_of(project, "recipes/sft.yaml")
    other = project_at(tmp_path / "elsewhere", sweep=True)
    assert page_of(other, "recipes/sft.yaml") == first


def test_a_sweep_of_a_thousand_points_is_under_one_mebibyte(project: Project) -> None:
    values = ", ".join(f"{at / 7:.6f}" for at in range(1, 1001))
    project.write("recipes/wide.yaml", f"{RECIPE}sweep: {{grid: {{args.optim.lr: [{values}]}}}}\n")
    page = page_of(project, "recipes/wide.yaml")
    assert len(page.encode()) < 1 << 20
    assert page.count("<circle") == 1000
    assert ">1000 points<" in page


def test_what_does_not_fit_is_cut_with_a_count(project: Project) -> None:
    values = ", ".join(f"'{at:04} {'&' * 70}'" for at in range(1000))
    project.write(
        "recipes/wide.yaml", f"{RECIPE}sweep: {{grid: {{args.optim.lr: [{values}]}}}}\nvars: {{x: [{values}]}}\n"
    )
    page = page_of(project, "recipes/wide.yaml")
    assert len(page.encode()) < 1 << 20
    assert re.search(r">1000 points; the first \d+ are shown<", page)


def test_whatever_is_in_a_bundle_the_page_fits() -> None:
    long = "<" * 20_000
    call = {"format": 1, "args": {f"{long}{at}": {"_target_": f"{long}{at}"} for at in range(130)}}
    files = {f"f{at}": f"{long}\n" * 20 for at in range(40)}
    points = [json.dumps({"index": at, "digest": str(at), "set": [[[f"{long}{at}"], long]]}) for at in range(30)]
    files |= {"call.json": json.dumps(call), "points.jsonl": "\n".join(points)}
    side, found = side_of("x", stranger(files=files))
    assert side is not None, found
    leaves = [Leaf((route,), Step(value.value, "")) for route, value in side.parameters.items()]
    page = render(Subject(side, leaves, graph_of(side, "x", ()), difference(None, side)), page_assets())
    assert len(page.encode()) < 1 << 20


def test_a_change_a_bundle_and_a_recipe_have_the_parts_that_they_have(project: Project) -> None:
    def parts(page: str) -> list[str]:
        return re.findall(r'<section id="([a-z]+)"', page)

    bundle = project.compile("recipes/sft.yaml")
    both = ["job", "parameters", "points", "graph", "scripts", "inputs"]
    assert parts(page_of(project, "recipes/sft.yaml")) == both
    assert parts(page_of(project, str(bundle))) == both
    commit(project.root)
    project.write("recipes/sft.yaml", RECIPE)
    change = page_of(project, "recipes/sft.yaml", "--against", "HEAD")
    assert parts(change) == ["job", "changes", "parameters", "graph", "scripts", "inputs"]
    assert "4 → 0 points: 4 removed" in change


def test_errors_write_no_page(project: Project) -> None:
    project.write("recipes/bad.yaml", "name: B\n")
    said = project.run("report", "recipes/bad.yaml", "--out", "page.html", "--format", "json")
    assert (said.code, said.json["report"]) == (1, None)
    assert not (project.root / "page.html").exists()


def test_a_page_that_cannot_be_written(project: Project) -> None:
    said = project.run("report", "recipes/sft.yaml", "--out", "recipes")
    assert said.code == 73
    assert "error[RCP913]: cannot write recipes" in said.err
