"""The HTML page of what the commands opened."""

from __future__ import annotations

from collections.abc import Iterator

from recipe_compiler.cli.sides import Opened
from recipe_compiler.difference import Difference
from recipe_compiler.driver import FIELDS
from recipe_compiler.graph import Graph, graph_of
from recipe_compiler.host.files import page_assets
from recipe_compiler.override import route_of
from recipe_compiler.parameters import Change, Parameter, history, listed
from recipe_compiler.report.page import Subject, render
from recipe_compiler.report.page_tree import Leaf, Step
from recipe_compiler.syntax import plain

_FILE_STAGES = frozenset({"recipe", "base", "override"})


def page(opened: Opened, difference: Difference | None, note: str) -> str:
    """The page of one side, and of its difference from another."""
    leaves = list(_of_recipe(opened) if opened.stages else _of_bundle(opened))
    subject = Subject(opened.side, leaves, graph(opened), difference, note, opened.found)
    return render(subject, page_assets())


def graph(opened: Opened) -> Graph:
    """What the side comes from."""
    return graph_of(opened.side, opened.file, opened.extends)


def _of_recipe(opened: Opened) -> Iterator[Leaf]:
    for row in listed(opened.stages, opened.file, opened.profile, FIELDS):
        before = () if row.set_by.by == "cluster" else history(opened.stages, row.route, opened.file)[1:]
        steps = [Step(plain(one.node), _place(one)) for one in before]
        yield Leaf(row.route, Step(plain(row.node), _place(row.set_by)), steps, _note(row))


def _place(change: Change) -> str:
    return change.place if change.by in _FILE_STAGES else f"{change.place} ({change.by})"


def _note(row: Parameter) -> str:
    if not row.overridable:
        return f"no override: {row.why}"
    return f"override as {row.via}" if row.via else ""


def _of_bundle(opened: Opened) -> Iterator[Leaf]:
    """A bundle knows the values of the call and the job, and who set each."""
    for route, value in opened.side.parameters.items():
        yield Leaf(route_of(route) or (route,), Step(value.value, value.place or ""))
