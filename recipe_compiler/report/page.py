"""One HTML page that needs nothing else: no address, no script but its own, under 1 MiB.

The policy in its head allows exactly the style and the script it holds, by their digests, so that
even markup which got past the escaping could run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from recipe_compiler.diag import Diagnostic
from recipe_compiler.difference import Difference
from recipe_compiler.graph import Graph
from recipe_compiler.report import page_change, page_job, page_points, page_tree
from recipe_compiler.report.graph_svg import drawn
from recipe_compiler.report.html import Html, element, text
from recipe_compiler.report.page_tree import Leaf
from recipe_compiler.side import Side
from recipe_compiler.version import VERSION

MAX_BYTES = 1 << 20
_SMALLEST = 1 / 64


class Subject(NamedTuple):
    """What a page is about."""

    side: Side
    leaves: Sequence[Leaf]
    graph: Graph
    difference: Difference | None = None
    note: str = ""
    warnings: Sequence[Diagnostic] = ()


class Section(NamedTuple):
    """A part of the page: its place, its heading, and what makes it, cut to a share of the full size."""

    place: str
    title: str
    body: Callable[[float], Html]


def render(subject: Subject, assets: Mapping[str, str]) -> str:
    """The page. `assets` are its `page.css` and `page.js`. Long parts are cut, with a count, until it fits."""
    share = 1.0
    while True:
        page = _page(subject, assets, share)
        if len(page.encode()) <= MAX_BYTES or share < _SMALLEST:
            return page
        share /= 2


def _page(subject: Subject, assets: Mapping[str, str], share: float) -> str:
    style, script = assets["page.css"], assets["page.js"]
    allowed = f"style-src '{_sha(style)}'; script-src '{_sha(script)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    title = text(f"{subject.side.name}: {'change' if subject.difference else 'recipe'}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n"
        f"{_body(subject, share)}\n<script>{script}</script>\n</html>\n"
    )


def _sha(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _body(subject: Subject, share: float) -> Html:
    side = subject.side
    sections = list(_sections(subject))
    links = [element("li", element("a", part.title, href=f"#{part.place}")) for part in sections]
    return element(
        "body",
        element("a", "skip to the content", class_="skip", href="#content"),
        element(
            "header",
            element("h1", side.name),
            element("p", element("code", side.title), " · digest ", element("code", side.digest[:12]), class_="quiet"),
            element("p", subject.note, class_="quiet") if subject.note else None,
            element("nav", element("ul", *links), aria_label="parts of this page"),
        ),
        element("main", *(_section(part, share) for part in sections), id="content", tabindex="-1"),
        element("footer", f"made by recipec {VERSION}", class_="quiet"),
    )


def _section(part: Section, share: float) -> Html:
    heading = element("h2", part.title, id=f"{part.place}-title")
    return element("section", heading, part.body(share), id=part.place, aria_labelledby=f"{part.place}-title")


def _sections(subject: Subject) -> Iterator[Section]:
    side, change, warnings = subject.side, subject.difference, subject.warnings
    yield Section("job", "Job", lambda _: page_job.facts(side, change))
    if warnings:
        yield Section("warnings", "Warnings", lambda share: page_job.warnings(warnings, share))
    if change is not None:
        yield Section("changes", "What changes", lambda share: page_change.change(change, share))
    yield Section("parameters", "Parameters", lambda share: page_tree.tree(subject.leaves, share))
    if side.points:
        yield Section("points", "Points", lambda share: page_points.points(side.points, share))
    picture = element("div", drawn(subject.graph), class_="scroll", tabindex="0", role="region", aria_label="graph")
    yield Section("graph", "Where it comes from", lambda _: picture)
    yield Section("scripts", "Scripts", lambda share: page_job.scripts(side, share))
    yield Section("inputs", "Inputs", lambda share: page_job.inputs(side, share))
