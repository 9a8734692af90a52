"""`recipec graph`."""

from __future__ import annotations

import sys

import click

from recipe_compiler.cli.complete import recipes
from recipe_compiler.cli.options import cluster_option, exit_code, print_json, say, set_option


@click.command(name="graph")
@click.argument("path", metavar="RECIPE|BUNDLE", shell_complete=recipes)
@cluster_option
@set_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["mermaid", "dot", "svg", "json"]),
    default="mermaid",
    help="How to print.",
    show_default=True,
)
def command(path: str, cluster: str | None, sets: tuple[str, ...], format_: str) -> None:
    """Draw what a job comes from: layers, calls and inputs.

    The SVG is drawn by recipec itself; Mermaid and dot are text for other tools.

    \b
    Examples:
      recipec graph recipes/hello.yaml
      recipec graph recipes/hello.yaml --format svg > hello.svg
      recipec graph bundles/hello-* --format dot
    """
    from recipe_compiler.cli.sides import open_side
    from recipe_compiler.diag import arrange
    from recipe_compiler.graph import graph_of

    opened, wrong = open_side(path, cluster, sets)
    arranged = arrange(wrong)
    graph = None if opened is None else graph_of(opened.side, opened.file, opened.extends)
    if format_ == "json":
        from recipe_compiler.report.json_v1 import document

        nodes = [] if graph is None else [node._asdict() for node in graph.nodes]
        edges = [] if graph is None else [edge._asdict() for edge in graph.edges]
        print_json(document(arranged, nodes=nodes, edges=edges))
    else:
        if graph is not None:
            from recipe_compiler.report.graph_svg import svg
            from recipe_compiler.report.graph_text import dot, mermaid

            click.echo({"mermaid": mermaid, "dot": dot, "svg": svg}[format_](graph), nl=False)
        say(arranged)
    sys.exit(exit_code(arranged))
