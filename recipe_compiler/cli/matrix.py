"""`recipec validate --all-clusters`: which clusters of a project take which recipes, and why not the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from recipe_compiler.cli.options import exit_code
from recipe_compiler.cli.session import cluster_names, compile_all, open_cluster, open_project, read_stdin
from recipe_compiler.diag import Diagnostic, Diagnostics, arrange, has_errors, visible
from recipe_compiler.driver import collisions
from recipe_compiler.override import Text
from recipe_compiler.report.json_v1 import diagnostic
from recipe_compiler.report.json_v1 import document as json_document
from recipe_compiler.report.text import findings

_CELL = 60


@dataclass(slots=True)
class Matrix:
    """What each cluster says of each recipe, by file."""

    clusters: list[str] = field(default_factory=list)
    cells: dict[str, dict[str, Diagnostics]] = field(default_factory=dict)
    broken: dict[str, Diagnostics] = field(default_factory=dict)
    """What is wrong with the project, by ``, and with profiles, by name."""

    @property
    def exit_code(self) -> int:
        """0 if each recipe is taken by a cluster, and every profile can be read."""
        if code := exit_code([item for found in self.broken.values() for item in found]):
            return code
        untaken = [row for row in self.cells.values() if all(has_errors(found) for found in row.values())]
        return exit_code([item for row in untaken for found in row.values() for item in found])

    def groups(self) -> list[tuple[str, Diagnostics]]:
        """The findings by the clusters that have them, each once: a mistake is not repeated for every cluster."""
        where: dict[str, tuple[Diagnostic, list[str]]] = {}
        for cluster in ("", *self.clusters):
            found = [
                *self.broken.get(cluster, ()),
                *(one for row in self.cells.values() for one in row.get(cluster, ())),
            ]
            for item in found:
                _, clusters = where.setdefault(json.dumps(diagnostic(item)), (item, []))
                if cluster not in clusters:
                    clusters.append(cluster)
        grouped: dict[tuple[str, ...], list[Diagnostic]] = {}
        for item, clusters in where.values():
            grouped.setdefault(tuple(clusters), []).append(item)
        ordered = sorted(grouped.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        return [(self._title(clusters), arrange(found)) for clusters, found in ordered]

    def _title(self, clusters: tuple[str, ...]) -> str:
        if clusters == ("",):
            return "the project"
        if len(clusters) == len(self.clusters) > 1:
            return "every cluster"
        return f"cluster{'s' if len(clusters) > 1 else ''} {', '.join(clusters)}"


def matrix(paths: Sequence[str], sets: Sequence[str | Text]) -> Matrix:
    """Each recipe compiled for each cluster; one cluster at a time is held."""
    opened, wrong = open_project(paths)
    made = Matrix(broken={"": wrong} if wrong else {})
    if opened is None:
        return made
    made.clusters = cluster_names(opened)
    stdin = read_stdin() if "-" in paths else None
    for name in made.clusters:
        space, wrong = open_cluster(opened, name)
        if wrong:
            made.broken[name] = wrong
        if space is None:
            continue
        named = []
        for done in compile_all(paths, sets, space, stdin):
            named.append(done.named)
            made.cells.setdefault(done.file, {})[name] = done.found
        for item in collisions(named):
            row = made.cells[str(item.file)]
            row[name] = (*row[name], item)
    return made


def text(made: Matrix, *, color: bool) -> str:
    """The table, then the findings, by cluster."""
    from recipe_compiler.cli.status_command import table

    rows = [
        {"": visible(file, 80), **{name: _cell(row, name) for name in made.clusters}}
        for file, row in made.cells.items()
    ]
    parts = [f"{table(rows, {key: key or 'RECIPE' for key in rows[0]})}\n"] if rows else []
    parts += [f"{title}:\n{findings(found, color=color)}" for title, found in made.groups()]
    return "\n".join(parts)


def _cell(row: dict[str, Diagnostics], name: str) -> str:
    if name not in row:
        return "its profile cannot be read"
    errors = [item for item in row[name] if item.severity == "error"]
    if not errors:
        return "ok"
    more = f" (+{len(errors) - 1})" if len(errors) > 1 else ""
    return f"{errors[0].code} {visible(errors[0].message, _CELL)}{more}"


def document(made: Matrix) -> dict[str, Any]:
    """The JSON document: each finding once, and which recipe and cluster it is of by its number."""
    found = [item for _, group in made.groups() for item in group]
    numbers = {json.dumps(diagnostic(item)): number for number, item in enumerate(found)}
    rows = [
        {
            "recipe": file,
            "clusters": {
                name: {
                    "taken": name in row and not has_errors(row[name]),
                    "diagnostics": sorted(
                        {
                            numbers[key]
                            for item in row.get(name, made.broken.get(name, ()))
                            if (key := json.dumps(diagnostic(item))) in numbers
                        }
                    ),
                }
                for name in made.clusters
            },
        }
        for file, row in made.cells.items()
    ]
    return json_document(found, valid=made.exit_code == 0, recipes=list(made.cells), matrix=rows)
