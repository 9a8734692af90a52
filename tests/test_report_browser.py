"""The page in a real headless Chromium: opened, clicked, filtered, with and without its script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.jobs import RECIPE, SWEEP, commit, project_at
from tests.project import Project
from tests.test_report import EVIL

WIDE, NARROW = 1280, 380


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a change, with text in it that would like to be a script."""
    project = project_at(tmp_path_factory.mktemp("change"), sweep=True)
    commit(project.root)
    quoted = EVIL.replace("'", "''")
    project.write(
        "recipes/sft.yaml",
        f"{RECIPE}  evil: '{quoted}'\n{SWEEP.replace('2000]', '2000, 4000]')}resources: {{nodes: 8}}\n",
    )
    assert project.run("report", "recipes/sft.yaml", "--against", "HEAD", "--out", "page.html").code == 0
    return project.root / "page.html"


class Opened:
    """A page that is open, and what it complained of."""

    def __init__(
        self,
        browser: Browser,
        path: Path,
        *,
        width: int = WIDE,
        scheme: Literal["light", "dark"] = "light",
        script: bool = True,
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.refused: list[tuple[str, str | None]] = []
        self.page.on("requestfailed", lambda request: self.refused.append((request.url, request.failure)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self) -> Opened:  # noqa: PYI034  `Self` is not in Python 3.10
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the page."""
        self.context.close()


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(colour: tuple[float, ...]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def rgb(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in re.findall(r"[\d.]+", text)[:3])


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_a_complaint_or_a_request(
    browser: Browser, change: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    with Opened(browser, change, width=width, scheme=scheme) as opened:
        assert opened.said == []
        assert opened.asked == [change.as_uri()]
        assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert opened.page.locator("section").count() == 7
        looks = "(q) => { const s = getComputedStyle(document.querySelector(q)); return [s.color, s.backgroundColor]; }"
        ground = rgb(opened.page.evaluate(looks, "body")[1])
        assert (sum(ground) > 600) is (scheme == "light")
        for query in ("h1", ".place", ".quiet", "nav a", ".was"):
            assert contrast(rgb(opened.page.evaluate(looks, query)[0]), ground) >= 4.5, query
        for query in ("pre .added", "pre .removed", "pre .hunk"):
            ink, under = (rgb(text) for text in opened.page.evaluate(looks, query))
            raised = rgb(opened.page.evaluate(looks, "pre")[1])
            assert contrast(ink, raised if query.endswith("hunk") else under) >= 4.5, query


def test_text_that_would_like_to_be_a_script_is_text(browser: Browser, change: Path) -> None:
    """C004."""
    with Opened(browser, change) as opened:
        assert opened.page.locator("script").count() == 1
        assert opened.page.locator("img").count() == 0
        shown: Any = opened.page.locator("#changes tr.added", has_text="args.evil").locator("td").nth(2).inner_text()
        assert "</script><script>alert(1)</script><img src=x onerror=alert(1)>" in shown
        assert opened.said == []


def test_markup_that_got_in_could_run_nothing(browser: Browser, change: Path, tmp_path: Path) -> None:
    """The second wall: even an injected script, handler, style or image is refused by the policy."""
    page = change.read_text(encoding="utf-8")
    injected = "<script>window.ran=1</script><img src='https://example.com/x.png' onerror='window.ran=1'><style>body{opacity:0}</style>"
    path = tmp_path / "injected.html"
    path.write_text(page.replace("<main", f"{injected}<main"), encoding="utf-8")
    with Opened(browser, path) as opened:
        assert opened.page.evaluate("window.ran") is None
        assert opened.page.evaluate("getComputedStyle(document.body).opacity") == "1"
        assert len([text for text in opened.said if "Content Security Policy" in text]) >= 3
        assert opened.refused == [("https://example.com/x.png", "csp")]


def test_the_filter_hides_what_it_does_not_name(browser: Browser, change: Path) -> None:
    with Opened(browser, change) as opened:
        page = opened.page
        total = page.locator(".leaf").count()
        page.fill("#filter", "optim bases/sft.yaml")
        assert page.locator(".leaf:visible").count() == 4
        assert page.inner_text("#filter-said") == f"4 of {total}"
        page.fill("#filter", "")
        assert page.locator(".leaf:visible").count() == total
        page.click("#close-all")
        assert page.locator(".leaf:visible").count() < total
        page.click("#open-all")
        assert page.locator(".leaf:visible").count() == total


def test_a_heading_sorts_the_points_as_numbers(browser: Browser, change: Path) -> None:
    with Opened(browser, change) as opened:
        page = opened.page
        column = page.locator("table.sortable tbody tr td:nth-child(3)")
        head = page.locator("table.sortable thead th").nth(2)
        head.locator("button").click()
        assert column.all_inner_texts() == ["1000", "1000", "2000", "2000", "4000", "4000"]
        head.locator("button").click()
        assert column.all_inner_texts() == ["4000", "4000", "2000", "2000", "1000", "1000"]
        assert head.get_attribute("aria-sort") == "descending"


def test_the_keyboard_reaches_everything(browser: Browser, change: Path) -> None:
    with Opened(browser, change) as opened:
        page = opened.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["width"] > 50  # type: ignore[index]  shown once it has the focus
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        reached = set()
        for _ in range(80):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert {"filter", "open-all", "SUMMARY", "PRE", "DIV", "BUTTON"} <= reached
        page.focus("#parameters summary >> nth=0")
        before = page.locator(".leaf:visible").count()
        page.keyboard.press("Enter")
        assert page.locator(".leaf:visible").count() < before
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"


def test_without_its_script_everything_is_there(browser: Browser, change: Path) -> None:
    with Opened(browser, change, script=False) as opened:
        page = opened.page
        assert not page.locator("#filter").is_visible()
        leaves = page.locator(".leaf:visible").count()
        page.locator("#parameters summary").first.click()
        assert page.locator(".leaf:visible").count() < leaves
        assert page.locator("#points tbody tr").count() == 6


def test_names_and_roles_are_there_for_those_who_listen(browser: Browser, change: Path) -> None:
    with Opened(browser, change) as opened:
        page = opened.page
        assert page.get_by_role("navigation", name="parts of this page").get_by_role("link").all_inner_texts() == [
            "Job", "What changes", "Parameters", "Points", "Where it comes from", "Scripts", "Inputs",
        ]  # fmt: skip
        assert page.get_by_role("main").count() == 1
        assert page.get_by_role("heading", level=2).count() == 7
        assert page.get_by_role("searchbox", name="Filter").count() == 1
        assert page.get_by_role("img", name=re.compile("^6 points: args.optim.lr across")).count() == 1
        assert page.get_by_role("region", name="changes", exact=True).count() == 1
        unnamed = "[...document.querySelectorAll('button, input, [role=region], [role=img]')].filter((one) => !one.textContent.trim() && !one.ariaLabel && !(one.labels || []).length).length"
        assert page.evaluate(unnamed) == 0


def test_a_thousand_points_open_and_sort_at_once(browser: Browser, tmp_path: Path) -> None:
    project = project_at(tmp_path)
    values = ", ".join(f"{at / 7:.6f}" for at in range(1, 1001))
    project.write("recipes/wide.yaml", f"{RECIPE}sweep: {{grid: {{args.optim.lr: [{values}]}}}}\n")
    assert project.run("report", "recipes/wide.yaml", "--out", "page.html").code == 0
    with Opened(browser, project.root / "page.html") as opened:
        assert opened.said == []
        assert opened.page.locator("#points circle").count() == 1000
        opened.page.locator("table.sortable thead button").first.click()
        opened.page.locator("table.sortable thead button").first.click()
        assert opened.page.locator("table.sortable tbody td").first.inner_text() == "999"


def test_the_picture_alone_follows_the_scheme(browser: Browser, tmp_path: Path) -> None:
    project = project_at(tmp_path, sweep=True)
    svg = project.write("graph.svg", project.run("graph", "recipes/sft.yaml", "--format", "svg").out)
    grounds = []
    for scheme in ("light", "dark"):
        with Opened(browser, svg, scheme=scheme) as opened:  # type: ignore[arg-type]
            assert opened.said == []
            grounds.append(rgb(opened.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")))
    assert grounds == [(255.0, 255.0, 255.0), (20.0, 24.0, 29.0)]


def test_the_page_of_init_is_readable(browser: Browser, tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert project.run("init").code == 0
    assert project.run("report", "recipes/hello.yaml", "--out", "page.html").code == 0
    with Opened(browser, project.root / "page.html") as opened:
        assert opened.said == []
        assert "hello.main" in opened.page.text_content("#graph svg")
